import { type ReactNode, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { outcomeLabel } from '../call/outcomes'
import { filters, sortName, table } from '../texts'
import { type ColumnId, largestFirst, sortable } from '../leads/columns'
import {
  type Filter,
  FILTERS,
  filterCount,
  outcomeIn,
  type Sort,
  type SortKey,
  type StatusFilter,
  type Totals,
} from '../leads/view'
import { useInstallation, useMedia } from './hooks'
import { Icon } from './icons'

interface Props {
  filter: Filter
  setFilter: (filter: Filter) => void
  search: string
  setSearch: (search: string) => void
  sort: Sort
  setSort: (sort: Sort) => void
  columns: readonly ColumnId[]
  totals: Totals
  shown: number
  /** the chooser of columns */
  children: ReactNode
}

const ALWAYS: ReadonlySet<Filter> = new Set(['all', 'waiting', 'calls', 'completed'])

/** Search, the chips with their totals, and how many rows that leaves. */
export function Toolbar({
  filter,
  setFilter,
  search,
  setSearch,
  sort,
  setSort,
  columns,
  totals,
  shown,
  children,
}: Props) {
  const choices = useInstallation()?.outcomes ?? []
  const outcomes = Object.keys(totals.outcomes).map((code): Filter => `outcome:${code}`)
  const [first, second, ...others] = Object.keys(FILTERS) as StatusFilter[]
  const every = [first, second, 'call-backs', ...others, ...outcomes] as Filter[]
  const chips = [...new Set([...every, filter])].filter(
    (name) => ALWAYS.has(name) || name === filter || filterCount(totals, name) > 0,
  )
  const nameOf = (name: Filter) => {
    const code = outcomeIn(name)
    return code === null ? filters[name as StatusFilter] : outcomeLabel(choices, code)
  }
  return (
    <div className="toolbar">
      <Search value={search} set={setSearch} />
      <Chips>
        {chips.map((name) => (
          <button
            key={name}
            type="button"
            className="chip"
            data-filter={name}
            aria-pressed={filter === name}
            onClick={() => setFilter(name)}
          >
            {nameOf(name)} <span className="count">{filterCount(totals, name).toLocaleString()}</span>
          </button>
        ))}
      </Chips>
      <label className="sort-choice narrow-only">
        <span className="sr-only">{table.sortBy}</span>
        <select
          value={sort.key}
          onChange={({ target }) => {
            const key = target.value as SortKey
            setSort({ key, down: key !== 'now' && key !== 'order' && largestFirst(key) })
          }}
        >
          {(['now', 'order', ...columns.filter(sortable)] satisfies SortKey[]).map((key) => (
            <option key={key} value={key}>
              {sortName(key)}
            </option>
          ))}
        </select>
      </label>
      <p className="shown quiet">{table.shown(shown, totals.all)}</p>
      {children}
      <Announced asked={`${filter} ${search}`} text={table.shown(shown, totals.all)} />
    </div>
  )
}

const SAID_AFTER_MS = 800

/** Says what a search or a filter has found, to who cannot see it; what the calls change meanwhile is not announced. */
function Announced({ asked, text }: { asked: string; text: string }) {
  const [said, setSaid] = useState('')
  const latest = useRef(text)
  const before = useRef(asked)
  latest.current = text
  useEffect(() => {
    if (before.current === asked) return
    before.current = asked
    const timer = setTimeout(() => setSaid(latest.current), SAID_AFTER_MS)
    return () => clearTimeout(timer)
  }, [asked])
  return (
    <p className="sr-only" role="status">
      {said}
    </p>
  )
}

/** One line of chips; where there are more than fit, its edges fade and a wheel moves it. */
function Chips({ children }: { children: ReactNode }) {
  const line = useRef<HTMLDivElement>(null)
  const [more, setMore] = useState({ before: false, after: false })
  const measure = useCallback(() => {
    const { scrollLeft = 0, scrollWidth = 0, clientWidth = 0 } = line.current ?? {}
    const now = { before: scrollLeft > 1, after: scrollLeft + clientWidth < scrollWidth - 1 }
    setMore((was) => (was.before === now.before && was.after === now.after ? was : now))
  }, [])
  useLayoutEffect(measure)
  useEffect(() => {
    const watch = new ResizeObserver(measure)
    if (line.current) watch.observe(line.current)
    return () => watch.disconnect()
  }, [measure])
  return (
    <div
      className="chips"
      ref={line}
      role="group"
      aria-label={table.filter}
      data-before={more.before}
      data-after={more.after}
      onScroll={measure}
      onWheel={({ currentTarget, deltaY }) => (currentTarget.scrollLeft += deltaY)}
    >
      {children}
    </div>
  )
}

function Search({ value, set }: { value: string; set: (value: string) => void }) {
  const short = useMedia('(max-width: 720px)')
  return (
    <div className="search">
      <Icon name="search" />
      <input
        type="search"
        aria-label={table.search}
        placeholder={short ? table.searchShort : table.search}
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
