import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, type ReactNode, type RefObject, useLayoutEffect, useRef, useState } from 'react'
import type { Sort, SortKey, Wanted } from '../leads/view'
import { columns, reasonColumn, table } from '../texts'
import { useMedia } from './hooks'
import { Icon } from './icons'
import { LeadRow } from './LeadRow'
import { useSteadyScroll } from './steady'

interface Props {
  ids: string[]
  sort: Sort
  setSort: (sort: Sort) => void
  /** the lead whose panel is open */
  shown: string | null
  open: (id: string) => void
  lastTouch: RefObject<number>
  wanted: Wanted
  loading: boolean
  none: ReactNode
}

const ROW = 46
const NARROW_ROW = 64
const HEADERS: (SortKey | null)[] = ['name', 'phone', 'status', 'duration', null, 'when']

/** The leads: ten thousand rows, of which only those in sight exist. */
export function LeadsTable({ ids, sort, setSort, shown, open, lastTouch, wanted, loading, none }: Props) {
  const scroller = useRef<HTMLDivElement>(null)
  const height = useMedia('(max-width: 720px)') ? NARROW_ROW : ROW
  const [active, setActive] = useState<string | null>(null)
  const rows = useVirtualizer({
    count: ids.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    getItemKey: (index) => ids[index] ?? index,
    overscan: 12,
  })
  useLayoutEffect(() => rows.measure(), [rows, height])
  const hovered = useSteadyScroll(scroller, ids, height, wanted)

  const place = active === null ? -1 : ids.indexOf(active)
  const go = (to: number) => {
    const target = Math.max(0, Math.min(ids.length - 1, to))
    const id = ids[target]
    if (id === undefined) return
    setActive(id)
    rows.scrollToIndex(target)
    requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[aria-rowindex="${target + 2}"]`)?.focus())
  }
  const key = (event: KeyboardEvent) => {
    if (!(event.target as HTMLElement).matches('[role="row"]')) return
    const page = Math.floor((scroller.current?.clientHeight ?? 0) / height) - 2
    const steps: Record<string, number> = { ArrowDown: place + 1, ArrowUp: place - 1, PageDown: place + page, PageUp: place - page, Home: 0, End: ids.length - 1 }
    const step = steps[event.key]
    if (step !== undefined) go(step)
    else if ((event.key === 'Enter' || event.key === ' ') && active !== null) open(active)
    else return
    event.preventDefault()
  }
  const first = rows.getVirtualItems()[0]?.index ?? 0
  return (
    <div className="table" role="grid" aria-label={table.label} aria-rowcount={ids.length + 1} aria-colcount={HEADERS.length + 1} aria-busy={loading}>
      <div
        className="scroller"
        ref={scroller}
        role="presentation"
        onKeyDown={key}
        onPointerMove={(event) => {
          lastTouch.current = performance.now()
          hovered.current = (event.target as HTMLElement).closest<HTMLElement>('[data-lead-id]')?.dataset.leadId ?? null
        }}
        onPointerLeave={() => (hovered.current = null)}
      >
        <Head sort={sort} setSort={setSort} />
        {ids.length === 0 && !loading && none}
        {ids.length === 0 && loading && <Skeleton />}
        <div className="rows" role="rowgroup" style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map(({ index, start }) => {
            const id = ids[index] as string
            const reachable = place < 0 ? index === first : id === active
            return <LeadRow key={id} {...{ id, index, start, open, reachable }} selected={id === shown} touch={setActive} />
          })}
        </div>
      </div>
    </div>
  )
}

function Head({ sort, setSort }: { sort: Sort; setSort: (sort: Sort) => void }) {
  return (
    <div className="head" role="rowgroup">
      <div className="row head-row" role="row" aria-rowindex={1}>
        {HEADERS.map((name) => (name === null ? <span key="reason" role="columnheader">{reasonColumn}</span> : <Header key={name} {...{ name, sort, setSort }} />))}
        <span role="columnheader" className="sr-only">
          {table.actions}
        </span>
      </div>
    </div>
  )
}

/** One press sorts, the next turns it round, the third goes back to the calling order. */
function Header({ name, sort, setSort }: { name: SortKey; sort: Sort; setSort: (sort: Sort) => void }) {
  const mine = sort.key === name
  const first = name === 'when' || name === 'duration'
  const next: Sort = !mine ? { key: name, down: first } : sort.down === first ? { key: name, down: !first } : { key: 'order', down: false }
  return (
    <span role="columnheader" data-column={name} aria-sort={mine ? (sort.down ? 'descending' : 'ascending') : 'none'}>
      <button type="button" className="sort" onClick={() => setSort(next)}>
        {columns[name]}
        {mine && <Icon name={sort.down ? 'down' : 'up'} size={12} />}
      </button>
    </span>
  )
}

function Skeleton() {
  return (
    <div className="skeleton" aria-hidden="true">
      {Array.from({ length: 12 }, (_, place) => (
        <span key={place} />
      ))}
    </div>
  )
}
