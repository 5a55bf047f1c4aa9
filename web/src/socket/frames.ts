/** A lead as a call event carries it: without its number and name. */
export interface CallUpdate {
  lead_id: string
  version: number
  call_status: string
  attempt_id?: string | null
  reason?: string | null
  held?: Held | null
  can_release?: boolean
  call_sid?: string | null
  at?: string | null
  placed_at?: string | null
  answered_at?: string | null
  ended_at?: string | null
  duration_s?: number | null
  do_not_call?: boolean
  /** since when lead and agent have heard each other */
  joined_at?: string | null
  /** who answered, as the phone provider takes it: `human`, `machine_start`, `fax` … */
  answered_by?: string | null
  outcome?: Outcome | null
  /** the last conversation, as an outcome names it; null: there was none since the last call was made */
  conversation_id?: string | null
  /** of the agent's note, which no event has */
  agent_note_version?: number | null
  /** when they last called the number that had called them, asked there to be called, and met their agent */
  rang_back_at?: string | null
  ring_back_asked_at?: string | null
  ring_back_heard_at?: string | null
  /** the last of these calls that the agent has dealt with */
  ring_back_done_at?: string | null
}

/** How a conversation went, by the agent's word; an event carries its code alone. */
export interface Outcome {
  code: string
  at?: string | null
  by?: string | null
}

export interface Held {
  reason: string
  until: string | null
  /** it will be held again each time, until a person changes something */
  needs_person?: boolean
}

export interface RunStarted {
  pending: number
  held: Record<string, number>
  more?: boolean
}

export interface RunFinished {
  called: number
  held: number
  failed: number
  next_at: string | null
  /** what the server's clock says: this one may be wrong */
  at?: string
  reason?: string | null
}

export interface Paused {
  version: number
  in_flight?: string[]
  /** when the pause ends by itself */
  resume_at?: string | null
  /** the leads whose calls were hung up, in the answer to who asked for that */
  canceled?: string[]
}

/** The lead that the agent is kept for, or talks with from `joined` on. */
export interface OnCall {
  lead_id: string
  attempt_id: string
  /** the lead calls back: `attempt_id` is that call */
  inbound?: boolean
  until: string
  taken?: string | null
  joined?: string | null
  /** since when the lead is on hold */
  held?: string | null
  /** the agent has said that they are ready as soon as it ends */
  done?: string | null
}

/** The conversation that the agent still writes up; without `until`, for as long as they like. */
export interface WrapUp {
  lead_id: string
  attempt_id: string
  /** the lead has called back: `attempt_id` is that call */
  inbound?: boolean
  until: string | null
}

/** The agent's own call, and what they are taken up with. */
export interface AgentSession {
  session_id: string | null
  via: 'browser' | 'phone' | null
  phase: 'ringing' | 'live' | 'ended'
  reason: string | null
  asked_at: string | null
  live_since: string | null
  wrap_up_s: number | null
  call: OnCall | null
  wrap_up: WrapUp | null
  version: number
  at: string
}

/** What the server says. */
export interface ServerEvents {
  'call:started': CallUpdate
  'call:status_updated': CallUpdate
  'call:completed': CallUpdate
  'autocall:started': RunStarted
  'autocall:finished': RunFinished
  'autocall:paused': Paused
  'autocall:resumed': Paused
  'agent:session': AgentSession
  error: { code: string; message: string }
  pong: null
}

/** What the page says. */
export interface ClientEvents {
  'leads:fetched': undefined
  ping: { session_id?: string } | undefined
  'autocall:pause': undefined
  'autocall:resume': undefined
  'agent:ready': { attempt_id: string }
  'agent:typing': { attempt_id: string }
}

export const KNOWN: ReadonlySet<string> = new Set<keyof ServerEvents>([
  'call:started',
  'call:status_updated',
  'call:completed',
  'autocall:started',
  'autocall:finished',
  'autocall:paused',
  'autocall:resumed',
  'agent:session',
  'error',
  'pong',
])

/** How often an open page shows that somebody is there, in ms. */
export const PING_MS = 60_000

export interface Frame {
  event: string
  data: unknown
}

/** One client frame, as it goes over the wire. */
export function encode(event: string, data?: unknown): string {
  return JSON.stringify(data === undefined ? { event } : { event, data })
}

/** One server frame, or null if it cannot be read. */
export function decode(text: unknown): Frame | null {
  if (typeof text !== 'string') return null
  try {
    const read: unknown = JSON.parse(text)
    if (read === null || typeof read !== 'object' || !('event' in read)) return null
    return typeof read.event === 'string' ? { event: read.event, data: 'data' in read ? read.data : null } : null
  } catch {
    return null
  }
}
