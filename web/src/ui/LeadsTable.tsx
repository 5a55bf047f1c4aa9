import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, type ReactNode, type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { Sort, SortKey, TableQuery } from '../leads/view'
import { columns, reasonColumn, table } from '../texts'
import { useMedia, useToday } from './hooks'
import { Icon } from './icons'
import { LeadRow } from './LeadRow'
import { useScrollAnchor } from './useScrollAnchor'

interface Props {
  ids: string[]
  sort: Sort
  setSort: (sort: Sort) => void
  /** the lead whose panel is open */
  shown: string | null
  open: (id: string) => void
  lastTouch: RefObject<number>
  wanted: TableQuery
  loading: boolean
  none: ReactNode
}

const ROW = 46
const NARROW_ROW = 64
const HEADERS: (SortKey | null)[] = ['name', 'phone', 'status', 'duration', null, 'when']

/** The leads: ten thousand rows, of which only those in sight exist. */
export function LeadsTable({ ids, sort, setSort, shown, open, lastTouch, wanted, loading, none }: Props) {
  const scroller = useRef<HTMLDivElement>(null)
  const today = useToday()
  const narrow = useMedia('(max-width: 720px)')
  const height = narrow ? NARROW_ROW : ROW
  const [active, setActive] = useState<string | null>(null)
  const place = active === null ? -1 : ids.indexOf(active)
  const rows = useVirtualizer({
    count: ids.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    getItemKey: (index) => ids[index] ?? index,
    overscan: 12,
    // the row that Tab gets to is there however far away one scrolls, and keeps the focus if it has it
    rangeExtractor: (range) => {
      const inSight = defaultRangeExtractor(range)
      return place < 0 || inSight.includes(place) ? inSight : [...inSight, place].sort((a, b) => a - b)
    },
  })
  useLayoutEffect(() => rows.measure(), [rows, height])
  const hovered = useScrollAnchor(scroller, ids, height, wanted)

  const go = (to: number) => {
    const target = Math.max(0, Math.min(ids.length - 1, to))
    const id = ids[target]
    if (id === undefined) return
    setActive(id)
    rows.scrollToIndex(target)
    requestAnimationFrame(() =>
      scroller.current?.querySelector<HTMLElement>(`[aria-rowindex="${target + 2}"]`)?.focus(),
    )
  }
  const focused = useFocusKept(ids, scroller, go)
  const key = (event: KeyboardEvent) => {
    if (!(event.target as HTMLElement).matches('[role="row"]')) return
    const page = Math.floor((scroller.current?.clientHeight ?? 0) / height) - 2
    const steps: Record<string, number> = {
      ArrowDown: place + 1,
      ArrowUp: place - 1,
      PageDown: place + page,
      PageUp: place - page,
      Home: 0,
      End: ids.length - 1,
    }
    const step = steps[event.key]
    if (step !== undefined) go(step)
    else if ((event.key === 'Enter' || event.key === ' ') && active !== null) open(active)
    else return
    event.preventDefault()
  }
  const first = rows.range?.startIndex ?? 0
  return (
    <div
      className="table"
      role="grid"
      aria-label={table.label}
      aria-rowcount={ids.length + 1}
      aria-colcount={HEADERS.length + 1}
      aria-busy={loading}
    >
      <div
        className="scroller"
        data-scrolling={rows.isScrolling}
        ref={scroller}
        role="presentation"
        onKeyDown={key}
        onFocus={(event) => (focused.current = leadAt(event.target))}
        onBlur={() => (focused.current = null)}
        onPointerMove={(event) => {
          lastTouch.current = performance.now()
          hovered.current = leadAt(event.target)
        }}
        onPointerLeave={() => (hovered.current = null)}
      >
        <Head sort={sort} setSort={setSort} fixed={narrow} />
        {ids.length === 0 && !loading && (
          <div role="rowgroup">
            <div role="row">
              <div role="gridcell">{none}</div>
            </div>
          </div>
        )}
        {ids.length === 0 && loading && <Skeleton />}
        <div className="rows" role="rowgroup" style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map(({ index, start }) => {
            const id = ids[index] as string
            const reachable = place < 0 ? index === first : id === active
            return (
              <LeadRow
                key={id}
                {...{ id, index, start, today, open, reachable }}
                selected={id === shown}
                touch={setActive}
              />
            )
          })}
        </div>
      </div>
    </div>
  )
}

const leadAt = (target: EventTarget) =>
  (target as HTMLElement).closest<HTMLElement>('[data-lead-id]')?.dataset.leadId ?? null

/** When the lead that has the focus leaves the list, the one in its place gets it, or the way back to all; else the keyboard would start all over. */
function useFocusKept(ids: string[], scroller: RefObject<HTMLDivElement | null>, go: (to: number) => void) {
  const focused = useRef<string | null>(null)
  const before = useRef(ids)
  useEffect(() => {
    const [was, lost] = [before.current, focused.current]
    before.current = ids
    if (lost === null || ids.includes(lost) || document.activeElement !== document.body) return
    if (ids.length === 0) scroller.current?.querySelector<HTMLElement>('.empty button')?.focus()
    else go(was.indexOf(lost))
  }, [ids])
  return focused
}

/** The columns' names; where there is no room to show them, nothing that could be pressed. */
function Head({ sort, setSort, fixed }: { sort: Sort; setSort: (sort: Sort) => void; fixed: boolean }) {
  return (
    <div className="head" role="rowgroup">
      <div className="row head-row" role="row" aria-rowindex={1}>
        {HEADERS.map((name) =>
          name === null ? (
            <span key="reason" role="columnheader">
              {reasonColumn}
            </span>
          ) : (
            <Header key={name} {...{ name, sort, setSort, fixed }} />
          ),
        )}
        <span role="columnheader" className="sr-only">
          {table.actions}
        </span>
      </div>
    </div>
  )
}

/** One press sorts, the next turns it round, the third goes back to the calling order. */
function Header({
  name,
  sort,
  setSort,
  fixed,
}: {
  name: SortKey
  sort: Sort
  setSort: (sort: Sort) => void
  fixed: boolean
}) {
  const mine = sort.key === name
  const first = name === 'when' || name === 'duration'
  const next: Sort = !mine
    ? { key: name, down: first }
    : sort.down === first
      ? { key: name, down: !first }
      : { key: 'order', down: false }
  return (
    <span role="columnheader" data-column={name} aria-sort={mine ? (sort.down ? 'descending' : 'ascending') : 'none'}>
      {fixed ? (
        columns[name]
      ) : (
        <button type="button" className="sort" onClick={() => setSort(next)}>
          {columns[name]}
          {mine && <Icon name={sort.down ? 'down' : 'up'} size={12} />}
        </button>
      )}
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
