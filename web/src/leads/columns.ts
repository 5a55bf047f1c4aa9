import { displayStatus, type DisplayStatus, type Lead, momentOf, numberOf } from './lead'

/** A column of the table: one that every list has, or one of the list's own. */
export type ColumnId =
  | 'name'
  | 'phone'
  | 'local'
  | 'status'
  | 'outcome'
  | 'reason'
  | 'note'
  | 'state'
  | 'external_id'
  | 'basis'
  | 'calls'
  | 'duration'
  | 'when'
  | `extra.${string}`

export const ownColumn = (name: string): ColumnId => `extra.${name}`
/** The name that the list itself gives to a column of its own; null for any other column. */
export const ownName = (id: ColumnId): string | null => (id.startsWith('extra.') ? id.slice('extra.'.length) : null)

interface Measure {
  /** the least width, in rem */
  least: number
  /** what it takes of the room that is left */
  grows: number
}

const MEASURES: Record<Exclude<ColumnId, `extra.${string}`>, Measure> = {
  name: { least: 9, grows: 1.5 },
  phone: { least: 9.5, grows: 0.6 },
  local: { least: 6, grows: 0.2 },
  status: { least: 10.25, grows: 0.4 }, // Held until 11:00 AM
  outcome: { least: 6.75, grows: 0.6 },
  reason: { least: 7, grows: 1.6 },
  note: { least: 10, grows: 2 },
  state: { least: 4.5, grows: 0.2 },
  external_id: { least: 7, grows: 0.4 },
  basis: { least: 6, grows: 0.3 },
  calls: { least: 3.5, grows: 0 },
  duration: { least: 5.75, grows: 0 },
  when: { least: 6, grows: 0.2 },
}
const OWN: Measure = { least: 7.5, grows: 1 }

export const measureOf = (id: ColumnId): Measure => MEASURES[id as keyof typeof MEASURES] ?? OWN

/** What the leads of a list have: how many they are, and in how many each column says something. */
export interface ListFacts {
  leads: number
  filled: ReadonlyMap<ColumnId, number>
  /** whether anybody was called more than once */
  calledAgain: boolean
}

export const NO_FACTS: ListFacts = { leads: 0, filled: new Map(), calledAgain: false }

/** Reads the columns off the leads, in one pass; own ones stand in the order in which the list has them. */
export function factsOf(leads: Iterable<Lead>): ListFacts {
  const filled = new Map<ColumnId, number>()
  const count = (id: ColumnId) => filled.set(id, (filled.get(id) ?? 0) + 1)
  let [all, calledAgain] = [0, false]
  for (const lead of leads) {
    all += 1
    for (const name in lead.extra ?? {}) if (lead.extra?.[name]) count(ownColumn(name))
    if (noteOf(lead)) count('note')
    if (lead.outcome) count('outcome')
    if (lead.state) count('state')
    if (lead.external_id) count('external_id')
    if (lead.basis) count('basis')
    if (lead.timezone || lead.zones?.length) count('local')
    calledAgain ||= (lead.calls ?? 0) > 1
  }
  return { leads: all, filled, calledAgain }
}

/** What a person has said of columns; of all others, the list decides. */
export interface ColumnChoice {
  on: readonly ColumnId[]
  off: readonly ColumnId[]
}

export const AS_PROPOSED: ColumnChoice = { on: [], off: [] }

/** The columns there is a choice of, in the order in which they stand. */
export function choosable({ filled }: ListFacts): ColumnId[] {
  const own = [...filled.keys()].filter((id) => ownName(id) !== null)
  const given = (id: ColumnId) => (filled.has(id) ? [id] : [])
  const [first, ...others] = own
  return [
    ...(first ? [first] : []),
    'phone',
    'status',
    'outcome',
    'reason',
    ...given('note'),
    ...others,
    ...(['external_id', 'state', 'basis', 'local'] as const).flatMap(given),
    'calls',
    'duration',
    'when',
  ]
}

const OFTEN = 0.3
const NOW_AND_THEN = 0.05

/** What the list proposes, the most useful first: each is shown while there is room. */
function proposed({ leads, filled, calledAgain }: ListFacts, outcomes: boolean): ColumnId[] {
  const least = (id: ColumnId, share: number) => ((filled.get(id) ?? 0) >= Math.max(1, share * leads) ? [id] : [])
  const own = [...filled.keys()].filter((id) => ownName(id) !== null).flatMap((id) => least(id, OFTEN))
  const [first, second, ...others] = own
  return [
    ...(['phone', 'status', 'when', 'duration'] as const),
    ...(outcomes || filled.has('outcome') ? (['outcome'] as const) : []),
    ...(first ? [first] : []),
    'reason',
    ...least('note', NOW_AND_THEN),
    ...(calledAgain ? (['calls'] as const) : []),
    ...least('local', OFTEN),
    ...(second ? [second] : []),
    ...least('external_id', OFTEN),
    ...others,
  ]
}

/** Beside the columns: the edges of a row, and its buttons. */
const EDGES = 7
const GAP = 0.75
const ALWAYS: ReadonlySet<ColumnId> = new Set(['phone', 'status'])

/**
 * The columns to show in a table of this width (in rem): what a person has chosen, and of what the list proposes as
 * much as there is room for. The name always comes first.
 */
export function columnsToShow(facts: ListFacts, choice: ColumnChoice, width: number, outcomes: boolean): ColumnId[] {
  const off = new Set(choice.off)
  const all = choosable(facts)
  const shown = new Set<ColumnId>(['name', ...choice.on.filter((id) => all.includes(id))])
  let room = width - EDGES
  for (const id of shown) room -= measureOf(id).least + GAP
  for (const id of proposed(facts, outcomes)) {
    if (off.has(id) || shown.has(id)) continue
    const needed = measureOf(id).least + GAP
    if (needed > room && !ALWAYS.has(id)) break
    shown.add(id)
    room -= needed
  }
  return ['name', ...all.filter((id) => shown.has(id))]
}

/** The width (in rem) below which these columns scroll sideways. */
export const leastWidth = (columns: readonly ColumnId[]) =>
  columns.reduce((sum, id) => sum + measureOf(id).least + GAP, EDGES)

/** The tracks of the grid that a row is, with one for its buttons. */
export const tracks = (columns: readonly ColumnId[]) =>
  [...columns.map((id) => `minmax(${measureOf(id).least}rem, ${measureOf(id).grows}fr)`), '4.5rem'].join(' ')

/** What is said of a column turned on or off; what the list proposes itself need not be remembered. */
export function choose(choice: ColumnChoice, id: ColumnId, on: boolean): ColumnChoice {
  const without = (ids: readonly ColumnId[]) => ids.filter((each) => each !== id)
  return {
    on: on ? [...without(choice.on), id] : without(choice.on),
    off: on ? without(choice.off) : [...without(choice.off), id],
  }
}

/** Columns that a table can be sorted by. */
export const sortable = (id: ColumnId) => id !== 'local' && id !== 'reason'
/** Whether the first press on a column's head sorts the largest to the top. */
export const largestFirst = (id: ColumnId) => id === 'when' || id === 'duration' || id === 'calls'

const STATUS_RANK: Record<DisplayStatus, number> = {
  review: 0,
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

/** What a lead is sorted by; null stands at the end. */
export type Key = string | number | null

/** The agent's own note, and what the list says of the lead. */
export const noteOf = ({ agent_note, note }: Lead): string => [agent_note?.text, note].filter(Boolean).join(' · ')

export const ownValue = (lead: Lead, name: string): string => String(lead.extra?.[name] ?? '')

/** When something happens or has happened to a lead: a held one comes back then, one that waits has no such moment. */
function whenOf(lead: Lead): string | null {
  const kind = displayStatus(lead)
  if (kind === 'held') return lead.held?.until ?? null
  return kind === 'waiting' ? null : (momentOf(lead) ?? null)
}

export function keyOf(lead: Lead, column: ColumnId): Key {
  const own = ownName(column)
  if (own !== null) return ownValue(lead, own).toLocaleLowerCase() || null
  switch (column) {
    case 'name':
      return lead.name?.toLocaleLowerCase() || null
    case 'phone':
      return lead.phone
    case 'status':
      return STATUS_RANK[displayStatus(lead)]
    case 'outcome':
      return lead.outcome?.code ?? null
    case 'note':
      return noteOf(lead).toLocaleLowerCase() || null
    case 'state':
      return lead.state || null
    case 'external_id':
      return lead.external_id?.toLocaleLowerCase() || null
    case 'basis':
      return lead.basis || null
    case 'calls':
      return lead.calls || null
    case 'duration':
      return lead.duration_s ?? null
    case 'when':
      return whenOf(lead)
    default:
      return null
  }
}

/** The texts of a lead that search looks at, by the column that shows them. */
export const searched = (lead: Lead): [ColumnId, string][] => [
  ['name', lead.name ?? ''],
  ['phone', numberOf(lead)],
  ['note', noteOf(lead)],
  ['external_id', lead.external_id ?? ''],
  ['state', lead.state ?? ''],
  ...Object.keys(lead.extra ?? {}).map((name): [ColumnId, string] => [ownColumn(name), ownValue(lead, name)]),
]
