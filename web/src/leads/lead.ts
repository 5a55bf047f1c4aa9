import type { CallUpdate, Held } from '../socket'
import type { Outcome } from '../socket/frames'

/** Why the machine itself holds a lead before its call: the gates of a lead. */
export const GATES: readonly string[] = ['hours', 'zone', 'window']

/** Grows whenever a lead changes but for its agent's note, of which no history tells: each note counts in both. */
export const historyVersion = ({ version, agent_note_version }: Pick<Lead, 'version' | 'agent_note_version'>): number =>
  version - (agent_note_version ?? 0)

/** What the agent has written about a lead; the list's own note stands beside it. */
export interface AgentNote {
  text: string
  at: string
  by: string
  version: number
}

/** A lead as the server shows it to its owner. */
export interface Lead extends CallUpdate {
  phone: string
  /** the number as people of its country write it */
  phone_display?: string | null
  name?: string | null
  zones?: string[] | null
  state?: string | null
  timezone?: string | null
  note?: string | null
  external_id?: string | null
  basis?: string | null
  consent_at?: string | null
  consent_source?: string | null
  consent_until?: string | null
  /** the lead's place in the calling order */
  imported_at?: string | null
  extra?: Record<string, unknown> | null
  held?: Held | null
  /** how often this lead was called; none: it is not known */
  calls?: number | null
  agent_note?: AgentNote | null
  /** when a person said that this lead is called again; until it has been */
  appointment_at?: string | null
  /** the calls before the one that the row tells of, where a person had the lead called again */
  earlier_calls?: readonly EarlierCall[] | null
}

/** A call that is over, of a lead that has been called again since. */
export interface EarlierCall {
  attempt_id: string
  call_status?: string
  claimed_at?: string | null
  placed_at?: string | null
  answered_at?: string | null
  joined_at?: string | null
  ended_at?: string | null
  outcome?: Outcome | null
}

export interface HistoryEntry {
  at?: string
  event?: string
  [detail: string]: unknown
}

export interface LeadWithHistory extends Lead {
  history?: HistoryEntry[]
  /** reports about calls this lead knows nothing of */
  strays?: HistoryEntry[]
  dnc?: { since?: string } | null
  dnc_removed?: { at?: string } | null
}

/** Everything that is known to have happened to a lead, newest first. */
export function entriesOf({
  history = [],
  strays = [],
  dnc,
  dnc_removed,
  imported_at,
}: LeadWithHistory): HistoryEntry[] {
  const entries = [...history, ...strays.map((stray) => ({ ...stray, event: 'stray' }))]
  if (dnc?.since) entries.push({ at: dnc.since, event: 'dnc' })
  if (dnc_removed?.at) entries.push({ at: dnc_removed.at, event: 'undnc' })
  if (imported_at) entries.push({ at: imported_at, event: 'imported' })
  return entries.sort((a, b) => ((a.at ?? '') < (b.at ?? '') ? 1 : -1))
}

const STEPS: ReadonlySet<string> = new Set(['placed', 'queued', 'initiated', 'ringing', 'in-progress', 'joined'])

/** Of what happened, newest first, each call by its last step alone. */
export function inBrief(entries: readonly HistoryEntry[]): HistoryEntry[] {
  const later = new Set<unknown>()
  return entries.filter(({ event = '', attempt_id }) => {
    const isPassed = STEPS.has(event) && later.has(attempt_id)
    later.add(attempt_id)
    return !isPassed
  })
}

/** `US-FL/America/New_York` is a place and a time zone; this is the zone. */
export const zoneName = (zone: string) =>
  /^[A-Z]{2}(-[A-Z0-9]{1,3})?\//.test(zone) ? zone.slice(zone.indexOf('/') + 1) : zone

/** What the page makes of a lead's status: the kinds a person tells apart. */
export type DisplayStatus =
  | 'waiting'
  | 'held'
  | 'calling'
  | 'ringing'
  | 'connected'
  | 'checking'
  | 'review'
  | 'completed'
  | 'busy'
  | 'no-answer'
  | 'failed'
  | 'canceled'
  | 'dnc'
  | 'other'

const KINDS: Record<string, DisplayStatus> = {
  claimed: 'calling',
  queued: 'calling',
  initiated: 'calling',
  ringing: 'ringing',
  'in-progress': 'connected',
  completed: 'completed',
  busy: 'busy',
  'no-answer': 'no-answer',
  failed: 'failed',
  canceled: 'canceled',
}

/** The kind of a lead; one that is not to be called, and would be otherwise, is shown as that, whatever else holds it. */
export function displayStatus(lead: Pick<Lead, 'call_status' | 'held' | 'can_release' | 'do_not_call'>): DisplayStatus {
  if (lead.call_status === 'unknown' && !lead.can_release) return 'checking'
  if (lead.call_status === 'unknown') return lead.do_not_call ? 'dnc' : 'review'
  if (lead.call_status && lead.call_status !== 'pending') return KINDS[lead.call_status] ?? 'other'
  if (lead.do_not_call || lead.held?.reason === 'dnc') return 'dnc'
  return lead.held ? 'held' : 'waiting'
}

const IN_FLIGHT: ReadonlySet<DisplayStatus> = new Set(['calling', 'ringing', 'connected', 'checking'])
const ON_A_LINE: ReadonlySet<DisplayStatus> = new Set(['calling', 'ringing', 'connected'])
const ENDED: ReadonlySet<DisplayStatus> = new Set(['completed', 'busy', 'no-answer', 'failed', 'canceled'])

export const inFlight = (kind: DisplayStatus) => IN_FLIGHT.has(kind)
/** Whether somebody is being called now, and not only a call asked after. */
export const onALine = (kind: DisplayStatus) => ON_A_LINE.has(kind)
export const ended = (kind: DisplayStatus) => ENDED.has(kind)

/**
 * When the lead's call ended, was answered or was placed. `at` moves with every change of the row, a new note or a
 * do-not-call among them, and stands in only where the server says nothing better.
 */
export function momentOf(lead: Lead): string | null | undefined {
  const kind = displayStatus(lead)
  if (ended(kind)) return lead.ended_at ?? lead.at
  return inFlight(kind) ? (runningSince(lead) ?? lead.placed_at ?? lead.at) : lead.at
}

/** Since when the two have been talking; null before that. */
export const runningSince = ({ call_status, answered_at, at }: Lead): string | null =>
  call_status === 'in-progress' ? (answered_at ?? at ?? null) : null

/** The number as people write it; one that the server has not put so is shown as it is dialled. */
export const numberOf = ({ phone_display, phone }: Pick<Lead, 'phone_display' | 'phone'>): string =>
  phone_display || phone || ''
