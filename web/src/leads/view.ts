import type { Held, RunStarted } from '../socket'
import { type ColumnId, type Key, keyOf } from './columns'
import { ended, inFlight, type DisplayStatus, displayStatus, type Lead, momentOf, onALine } from './lead'
import { matcher } from './search'

/** `now`: who is being called, then who comes next, then the past. `order`: as the list was imported. */
export type SortKey = 'now' | 'order' | ColumnId

export interface Sort {
  key: SortKey
  down: boolean
}

/** A set of kinds. */
export type StatusFilter =
  | 'all'
  | 'waiting'
  | 'calls'
  | 'checking'
  | 'review'
  | 'held'
  | 'completed'
  | 'no-answer'
  | 'busy'
  | 'failed'
  | 'dnc'

/** The chips above the table: a set of kinds, who is to be called back, or what a conversation has come to. */
export type Filter = StatusFilter | 'call-backs' | OutcomeFilter
export type OutcomeFilter = `outcome:${string}`

export const FILTERS: Record<StatusFilter, readonly DisplayStatus[] | null> = {
  all: null,
  waiting: ['waiting'],
  calls: ['calling', 'ringing', 'connected'],
  checking: ['checking'],
  review: ['review'],
  held: ['held'],
  completed: ['completed'],
  'no-answer': ['no-answer'],
  busy: ['busy'],
  failed: ['failed', 'canceled', 'other'],
  dnc: ['dnc'],
}

const OUTCOME = 'outcome:'

/** The code of the outcome that is wanted; null if it is another filter. */
export const outcomeIn = (filter: Filter): string | null =>
  filter.startsWith(OUTCOME) ? filter.slice(OUTCOME.length) : null

export const isFilter = (text: unknown): text is Filter =>
  typeof text === 'string' && (text in FILTERS || text === 'call-backs' || text.startsWith(OUTCOME))

const isCalledBack = (lead: Lead) => Boolean(lead.appointment_at) && lead.call_status === 'pending'

/** Whether a lead is among those that a chip stands for. */
function admits(filter: Filter): (lead: Lead) => boolean {
  if (filter === 'call-backs') return isCalledBack
  const code = outcomeIn(filter)
  if (code !== null) return (lead) => lead.outcome?.code === code
  const kinds = FILTERS[filter as StatusFilter]
  return (lead) => kinds === null || kinds.includes(displayStatus(lead))
}

export const DEFAULT_SORT: Sort = { key: 'now', down: false }

export interface TableQuery {
  filter: Filter
  search: string
  sort: Sort
}

const compare = (a: string | number, b: string | number) => (a < b ? -1 : a > b ? 1 : 0)

/** The ids to show, in order. Rows with nothing to sort by stay at the end, whichever way the rest is turned. */
export function view(leads: Iterable<Lead>, { filter, search, sort }: TableQuery): string[] {
  const isWanted = admits(filter)
  const matches = matcher(search)
  const shown: Lead[] = []
  for (const lead of leads) {
    if (isWanted(lead) && matches(lead)) shown.push(lead)
  }
  if (sort.key === 'now') return nowFirst(shown, sort.down)
  if (sort.key !== 'order') return sorted(shown, sort.key, sort.down)
  const ids = shown.map((lead) => lead.lead_id)
  return sort.down ? ids.reverse() : ids
}

/** Who is being called, who waits, who is held, the past with its newest call first, and who is not to be called. */
function nowFirst(leads: Lead[], down: boolean): string[] {
  const [live, waiting, held, past, forbidden]: Lead[][] = [[], [], [], [], []]
  for (const lead of leads) {
    const kind = displayStatus(lead)
    if (inFlight(kind)) live?.push(lead)
    else if (kind === 'waiting') waiting?.push(lead)
    else if (kind === 'held') held?.push(lead)
    else if (kind === 'dnc') forbidden?.push(lead)
    else past?.push(lead)
  }
  const ids = [live, waiting].flatMap((some = []) => some.map(({ lead_id }) => lead_id))
  ids.push(...sorted(held ?? [], 'when', false), ...sorted(past ?? [], 'when', true))
  ids.push(...(forbidden ?? []).map(({ lead_id }) => lead_id))
  return down ? ids.reverse() : ids
}

function sorted(leads: Lead[], column: ColumnId, down: boolean): string[] {
  const turn = down ? -1 : 1
  const keyed = leads.map((lead, index) => ({ id: lead.lead_id, key: keyOf(lead, column), index }))
  numbersWhereAllAre(keyed)
  keyed.sort((a, b) => {
    if (a.key === null || b.key === null) return Number(a.key === null) - Number(b.key === null) || a.index - b.index
    return turn * compare(a.key, b.key) || a.index - b.index
  })
  return keyed.map(({ id }) => id)
}

/** A column of numbers that came as texts is sorted as numbers: 9 before 10. */
function numbersWhereAllAre(keyed: { key: Key }[]): void {
  const isNumber = ({ key }: { key: Key }) =>
    key === null || (typeof key === 'string' && /^-?\d{1,15}(\.\d+)?$/.test(key))
  if (!keyed.every(isNumber)) return
  for (const each of keyed) each.key = each.key === null ? null : Number(each.key)
}

export interface Totals {
  all: number
  kinds: Record<DisplayStatus, number>
  /** people who are being called now; a call that is only asked after is none of these */
  lines: number
  /** those of them whose call is certain to be placed */
  placed: number
  /** the leads somebody talks with now */
  talking: readonly string[]
  /** calls that ended since midnight */
  endedToday: number
  /** calls that ended within the last `PACE_MS`, and when the first of them did */
  endedLately: number
  endedSince: string | null
  /** when the last call ended */
  endedLast: string | null
  /** waiting and held back, by reason */
  held: Record<string, number>
  /** what conversations have come to, by code */
  outcomes: Record<string, number>
  /** who is to be called back */
  callBacks: number
  /** of the held ones, those that only a person can help */
  stuck: number
  /** the soonest moment anything held comes back by itself */
  heldUntil: string | null
}

export const PACE_MS = 20 * 60_000

const none = (): Record<DisplayStatus, number> => ({
  waiting: 0, held: 0, calling: 0, ringing: 0, connected: 0, checking: 0, review: 0, completed: 0,
  busy: 0, 'no-answer': 0, failed: 0, canceled: 0, dnc: 0, other: 0,
}) // oxfmt-ignore

/** Counts everything the page says in numbers, in one pass. */
export function computeTotals(leads: Iterable<Lead>, now: number): Totals {
  const midnight = new Date(new Date(now).setHours(0, 0, 0, 0)).toISOString()
  const lately = new Date(now - PACE_MS).toISOString()
  const talking: string[] = []
  const ends = { endedToday: 0, endedLately: 0, endedSince: null, endedLast: null }
  const totals: Totals = {
    all: 0,
    kinds: none(),
    lines: 0,
    placed: 0,
    talking,
    ...ends,
    held: {},
    outcomes: {},
    callBacks: 0,
    stuck: 0,
    heldUntil: null,
  }
  for (const lead of leads) {
    const kind = displayStatus(lead)
    totals.all += 1
    totals.kinds[kind] += 1
    if (kind === 'connected') talking.push(lead.lead_id)
    if (lead.outcome) totals.outcomes[lead.outcome.code] = (totals.outcomes[lead.outcome.code] ?? 0) + 1
    if (isCalledBack(lead)) totals.callBacks += 1
    if (onALine(kind)) countOnALine(totals, lead)
    else if (ended(kind)) countEnded(totals, momentOf(lead) ?? '', midnight, lately)
    else if (kind === 'held' && lead.held) countHeld(totals, lead.held)
  }
  return totals
}

function countOnALine(totals: Totals, { call_status }: Lead): void {
  totals.lines += 1
  if (call_status !== 'claimed') totals.placed += 1
}

function countEnded(totals: Totals, at: string, midnight: string, lately: string): void {
  if (at >= midnight) totals.endedToday += 1
  if (totals.endedLast === null || at > totals.endedLast) totals.endedLast = at
  if (at < lately) return
  totals.endedLately += 1
  if (totals.endedSince === null || at < totals.endedSince) totals.endedSince = at
}

function countHeld(totals: Totals, { reason, until, needs_person }: Held): void {
  totals.held[reason] = (totals.held[reason] ?? 0) + 1
  if (needs_person) totals.stuck += 1
  else if (until && (totals.heldUntil === null || until < totals.heldUntil)) totals.heldUntil = until
}

/**
 * Whether a run that begins with these numbers knows of other waiting leads than the page. Of those not to be called,
 * the run counts the ones it has not put aside yet; of a long list, only the first part.
 */
export function disagrees({ pending, held, more }: RunStarted, { kinds }: Totals): boolean {
  const announced = Object.values(held ?? {}).reduce((sum, some) => sum + some, pending)
  const [least, most] = [kinds.waiting + kinds.held, kinds.waiting + kinds.held + kinds.dnc]
  return announced > most || (!more && announced < least)
}

/** How many leads a chip stands for. */
export function filterCount(totals: Totals, filter: Filter): number {
  if (filter === 'call-backs') return totals.callBacks
  const code = outcomeIn(filter)
  if (code !== null) return totals.outcomes[code] ?? 0
  return FILTERS[filter as StatusFilter]?.reduce((sum, kind) => sum + totals.kinds[kind], 0) ?? totals.all
}
