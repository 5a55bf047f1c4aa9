import type { Held, RunStarted } from '../socket'
import { ended, type DisplayStatus, displayStatus, type Lead, momentOf, onALine } from './lead'

export type SortKey = 'order' | 'name' | 'phone' | 'status' | 'duration' | 'when'

export interface Sort {
  key: SortKey
  down: boolean
}

/** The chips above the table: each is a set of kinds. */
export type Filter =
  'all' | 'waiting' | 'calls' | 'checking' | 'look' | 'held' | 'completed' | 'no-answer' | 'busy' | 'failed' | 'dnc'

export const FILTERS: Record<Filter, readonly DisplayStatus[] | null> = {
  all: null,
  waiting: ['waiting'],
  calls: ['calling', 'ringing', 'connected'],
  checking: ['checking'],
  look: ['look'],
  held: ['held'],
  completed: ['completed'],
  'no-answer': ['no-answer'],
  busy: ['busy'],
  failed: ['failed', 'canceled', 'other'],
  dnc: ['dnc'],
}

export interface TableQuery {
  filter: Filter
  search: string
  sort: Sort
}

const haystacks = new WeakMap<Lead, string>()

/** Without case and accents: who types `jurgen` looks for Jürgen. */
const fold = (text: string) => text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase()

/** Everything of a lead that search looks at, as one text. */
function searchText(lead: Lead): string {
  const known = haystacks.get(lead)
  if (known !== undefined) return known
  const extra = Object.values(lead.extra ?? {}).filter((value) => typeof value === 'string')
  const text = fold([lead.name, lead.phone, lead.note, lead.external_id, lead.state, ...extra].join('\n'))
  haystacks.set(lead, text)
  return text
}

/** Whether a lead answers to all words of a search; a number is found however it is spaced. */
export function matcher(search: string): (lead: Lead) => boolean {
  const words = fold(search).split(/\s+/).filter(Boolean)
  if (words.length === 0) return () => true
  const digits = /^[\s\d()+./-]+$/.test(search) ? search.replace(/(?<=\d\s*)\(0\)/, '').replaceAll(/\D/g, '') : ''
  return (lead) =>
    (digits.length > 1 && (lead.phone?.includes(digits) || abroad(lead.phone, digits))) ||
    words.every((word) => searchText(lead).includes(word))
}

/** A number as it is dialled, 0171 or 0049 171, is +49171 in the list. */
function abroad(phone: string | undefined, digits: string): boolean {
  const [, zeros = '', bare = ''] = /^(0+)(\d{2,})$/.exec(digits) ?? []
  if (!phone || !bare) return false
  return zeros.length > 1 ? phone.startsWith(bare, 1) : [2, 3, 4].some((code) => phone.startsWith(bare, code))
}

const STATUS_RANK: Record<DisplayStatus, number> = {
  look: 0,
  connected: 1,
  ringing: 2,
  calling: 3,
  checking: 4,
  waiting: 5,
  held: 6,
  completed: 7,
  'no-answer': 8,
  busy: 9,
  failed: 10,
  canceled: 11,
  other: 12,
  dnc: 13,
}

type Key = string | number | null

const KEYS: Record<Exclude<SortKey, 'order'>, (lead: Lead) => Key> = {
  name: (lead) => lead.name?.toLocaleLowerCase() || null,
  phone: (lead) => lead.phone,
  status: (lead) => STATUS_RANK[displayStatus(lead)],
  duration: (lead) => lead.duration_s ?? null,
  when: (lead) => momentOf(lead) ?? null,
}

const compare = (a: string | number, b: string | number) => (a < b ? -1 : a > b ? 1 : 0)

/** The ids to show, in order. Rows with nothing to sort by stay at the end, whichever way the rest is turned. */
export function view(leads: Iterable<Lead>, { filter, search, sort }: TableQuery): string[] {
  const kinds = FILTERS[filter]
  const matches = matcher(search)
  const shown: Lead[] = []
  for (const lead of leads) {
    if ((kinds === null || kinds.includes(displayStatus(lead))) && matches(lead)) shown.push(lead)
  }
  if (sort.key !== 'order') return sorted(shown, KEYS[sort.key], sort.down)
  const ids = shown.map((lead) => lead.lead_id)
  return sort.down ? ids.reverse() : ids
}

function sorted(leads: Lead[], keyOf: (lead: Lead) => Key, down: boolean): string[] {
  const turn = down ? -1 : 1
  const keyed = leads.map((lead, place) => ({ id: lead.lead_id, key: keyOf(lead), place }))
  keyed.sort((a, b) => {
    if (a.key === null || b.key === null) return Number(a.key === null) - Number(b.key === null) || a.place - b.place
    return turn * compare(a.key, b.key) || a.place - b.place
  })
  return keyed.map(({ id }) => id)
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
  /** the soonest moment anything held comes back by itself */
  /** of the held ones, those that only a person can help */
  stuck: number
  heldUntil: string | null
}

export const PACE_MS = 20 * 60_000

const none = (): Record<DisplayStatus, number> => ({
  waiting: 0, held: 0, calling: 0, ringing: 0, connected: 0, checking: 0, look: 0, completed: 0,
  busy: 0, 'no-answer': 0, failed: 0, canceled: 0, dnc: 0, other: 0,
}) // prettier-ignore

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
    stuck: 0,
    heldUntil: null,
  }
  for (const lead of leads) {
    const kind = displayStatus(lead)
    totals.all += 1
    totals.kinds[kind] += 1
    if (kind === 'connected') talking.push(lead.lead_id)
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
  const told = Object.values(held ?? {}).reduce((sum, some) => sum + some, pending)
  const [least, most] = [kinds.waiting + kinds.held, kinds.waiting + kinds.held + kinds.dnc]
  return told > most || (!more && told < least)
}

/** How many leads a chip stands for. */
export function filterCount(totals: Totals, filter: Filter): number {
  return FILTERS[filter]?.reduce((sum, kind) => sum + totals.kinds[kind], 0) ?? totals.all
}
