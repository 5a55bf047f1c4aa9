import { AS_PROPOSED, type ColumnChoice, type ColumnId } from '../leads/columns'
import { DEFAULT_SORT, type Filter, isFilter, type Sort, type SortKey } from '../leads/view'

/** How an agent looks at the list: what a reload of this tab keeps. */
export interface View {
  filter: Filter
  search: string
  sort: Sort
  /** the lead at the top of what is in sight, and how much of its row is not */
  at: Place | null
}

export interface Place {
  id: string
  by: number
}

export const FIRST_VIEW: View = { filter: 'all', search: '', sort: DEFAULT_SORT, at: null }

/** What was chosen of the table for good, in this browser. */
export interface Layout {
  columns: ColumnChoice
  roomy: boolean
}

export const FIRST_LAYOUT: Layout = { columns: AS_PROPOSED, roomy: false }

const VIEW = 'autocall.view'
const LAYOUT = 'autocall.table'

/** A search may hold a name or a number: the tab alone keeps it, for this user, and no address shows it. */
export function readView(user: string, storage: Storage = sessionStorage): View {
  const { user: whose, filter, search, sort, at } = read<View & { user: string }>(storage, VIEW)
  if (whose !== user) return FIRST_VIEW
  return {
    filter: isFilter(filter) ? filter : FIRST_VIEW.filter,
    search: typeof search === 'string' ? search : FIRST_VIEW.search,
    sort: typeof sort?.key === 'string' ? { key: sort.key as SortKey, down: sort.down === true } : FIRST_VIEW.sort,
    at: typeof at?.id === 'string' ? { id: at.id, by: Number(at.by) || 0 } : null,
  }
}

export function keepView(user: string, view: View, storage: Storage = sessionStorage): void {
  storage.setItem(VIEW, JSON.stringify({ user, ...view }))
}

/** After a sign-out nothing remains of what was looked for. */
export function forgetView(storage: Storage = sessionStorage): void {
  storage.removeItem(VIEW)
}

export function readLayout(storage: Storage = localStorage): Layout {
  const { columns, roomy } = read<Layout>(storage, LAYOUT)
  return { columns: { on: idsIn(columns?.on), off: idsIn(columns?.off) }, roomy: roomy === true }
}

export function keepLayout(layout: Layout, storage: Storage = localStorage): void {
  storage.setItem(LAYOUT, JSON.stringify(layout))
}

const idsIn = (given: unknown): ColumnId[] =>
  Array.isArray(given) ? given.filter((id): id is ColumnId => typeof id === 'string') : []

function read<T>(storage: Storage, key: string): Partial<T> {
  try {
    const kept: unknown = JSON.parse(storage.getItem(key) ?? 'null')
    return kept !== null && typeof kept === 'object' ? kept : {}
  } catch {
    return {}
  }
}
