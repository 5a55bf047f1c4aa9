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

/** What the server says. */
export interface ServerEvents {
  'call:started': CallUpdate
  'call:status_updated': CallUpdate
  'call:completed': CallUpdate
  'autocall:started': RunStarted
  'autocall:finished': RunFinished
  'autocall:paused': Paused
  'autocall:resumed': Paused
  error: { code: string; message: string }
  pong: null
}

/** What the page says. */
export interface ClientEvents {
  'leads:fetched': undefined
  ping: undefined
  'autocall:pause': undefined
  'autocall:resume': undefined
}

export const KNOWN: ReadonlySet<string> = new Set<keyof ServerEvents>([
  'call:started',
  'call:status_updated',
  'call:completed',
  'autocall:started',
  'autocall:finished',
  'autocall:paused',
  'autocall:resumed',
  'error',
  'pong',
])

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
