import { columns, filters, table } from '../texts'
import { type Filter, FILTERS, filterCount, type Sort, type SortKey, type Totals } from '../leads/view'
import { Icon } from './icons'

interface Props {
  filter: Filter
  setFilter: (filter: Filter) => void
  search: string
  setSearch: (search: string) => void
  sort: Sort
  setSort: (sort: Sort) => void
  totals: Totals
  shown: number
}

const ALWAYS: ReadonlySet<Filter> = new Set(['all', 'waiting', 'calls', 'completed'])

/** Search, the chips with their totals, and how many rows that leaves. */
export function Toolbar({ filter, setFilter, search, setSearch, sort, setSort, totals, shown }: Props) {
  const chips = (Object.keys(FILTERS) as Filter[]).filter(
    (name) => ALWAYS.has(name) || name === filter || filterCount(totals, name) > 0,
  )
  return (
    <div className="toolbar">
      <Search value={search} set={setSearch} />
      <div className="chips" role="group" aria-label={table.filter}>
        {chips.map((name) => (
          <button key={name} type="button" className="chip" data-filter={name} aria-pressed={filter === name} onClick={() => setFilter(name)}>
            {filters[name]} <span className="count">{filterCount(totals, name).toLocaleString()}</span>
          </button>
        ))}
      </div>
      <label className="sort-choice narrow-only">
        <span className="sr-only">{table.sortBy}</span>
        <select value={sort.key} onChange={(event) => setSort({ key: event.target.value as SortKey, down: event.target.value === 'when' })}>
          {(Object.keys(columns) as SortKey[]).map((key) => (
            <option key={key} value={key}>
              {columns[key]}
            </option>
          ))}
        </select>
      </label>
      <p className="shown quiet" role="status">
        {table.shown(shown, totals.all)}
      </p>
    </div>
  )
}

function Search({ value, set }: { value: string; set: (value: string) => void }) {
  return (
    <div className="search">
      <Icon name="search" />
      <input
        type="search"
        aria-label={table.search}
        placeholder={table.search}
        value={value}
        onChange={(event) => set(event.target.value)}
        onKeyDown={(event) => event.key === 'Escape' && set('')}
      />
      {value && (
        <button type="button" className="bare" aria-label={table.clear} onClick={() => set('')}>
          <Icon name="close" size={14} />
        </button>
      )}
    </div>
  )
}
