import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual'
import {
  type CSSProperties,
  type KeyboardEvent,
  type ReactNode,
  type RefObject,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react'
import { type ColumnId, largestFirst, leastWidth, sortable, tracks } from '../leads/columns'
import { marker } from '../leads/search'
import { DEFAULT_SORT, type Sort, type TableQuery } from '../leads/view'
import { columnName, table } from '../texts'
import { useMedia, useToday } from './hooks'
import { Icon } from './icons'
import { LeadRow } from './LeadRow'
import { SearchContext } from './Marked'
import { useScrollAnchor } from './useScrollAnchor'
import type { Place } from './viewMemory'

interface Props {
  ids: string[]
  columns: readonly ColumnId[]
  /** how wide the list is, in rem */
  width?: number
  /** rows are higher than they need be */
  roomy?: boolean
  sort: Sort
  setSort: (sort: Sort) => void
  /** the lead whose panel is open */
  shown: string | null
  open: (id: string) => void
  /** puts the panel's lead away; where there is none, nothing happens */
  close?: () => void
  lastTouch: RefObject<number>
  wanted: TableQuery
  loading: boolean
  none: ReactNode
  /** where the list was before a reload, and where it is told about when the page goes */
  start?: Place | null
  leave?: (at: Place | null) => void
}

const ROW = 36
const ROOMY_ROW = 46
const NARROW_ROW = 64
/** Where something was found takes the room of a note. */
const FOUND_IN: ColumnId = 'note'
const NARROW_COLUMNS: readonly ColumnId[] = ['name', 'phone', 'status', 'reason', 'duration', 'when']

/** The leads: ten thousand rows, of which only those in sight exist. */
export function LeadsTable(props: Props) {
  const { ids, sort, setSort, shown, open, close, lastTouch, wanted, loading, none } = props
  const scroller = useRef<HTMLDivElement>(null)
  const today = useToday()
  const narrow = useMedia('(max-width: 720px)')
  const height = narrow ? NARROW_ROW : props.roomy ? ROOMY_ROW : ROW
  const columns = narrow ? NARROW_COLUMNS : props.columns
  const search = useMemo(() => marker(wanted.search), [wanted.search])
  const [active, setActive] = useState<string | null>(null)
  const place = active === null ? -1 : ids.indexOf(active)
  const { hovered, room, left } = useScrollAnchor(scroller, ids, height, wanted)
  const rows = useVirtualizer({
    count: ids.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    getItemKey: useCallback((index: number) => ids[index] ?? index, [ids]), // another one measures every row anew
    paddingStart: room.above,
    paddingEnd: room.below,
    overscan: 12,
    // the row that Tab gets to is there however far away one scrolls, and keeps the focus if it has it
    rangeExtractor: (range) => {
      const inSight = defaultRangeExtractor(range)
      return place < 0 || inSight.includes(place) ? inSight : [...inSight, place].sort((a, b) => a - b)
    },
  })
  useLayoutEffect(() => rows.measure(), [rows, height])
  useStart(scroller, ids, height, loading, props.start ?? null, shown)
  useLeave(scroller, ids, height, props.leave)

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
    else if (event.key === 'Escape' && shown !== null) close?.()
    else return
    event.preventDefault()
  }
  const first = rows.range?.startIndex ?? 0
  const tracksOf = search ? [...columns, FOUND_IN] : columns
  const least = leastWidth(tracksOf)
  const grid = {
    '--tracks': tracks(tracksOf),
    '--least': `${least}rem`,
    '--row': `${height}px`,
  } as CSSProperties
  return (
    <div
      className="table"
      role="grid"
      aria-label={table.label}
      aria-rowcount={ids.length + 1}
      aria-colcount={columns.length + (search ? 2 : 1)}
      aria-busy={loading}
      data-searching={search !== null}
      data-wide={!narrow && least > (props.width ?? least)}
      style={grid}
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
        onPointerLeave={left}
      >
        <Head {...{ columns, sort, setSort }} fixed={narrow} searching={search !== null} />
        {ids.length === 0 && !loading && (
          <div role="rowgroup">
            <div role="row">
              <div role="gridcell">{none}</div>
            </div>
          </div>
        )}
        {ids.length === 0 && loading && <Skeleton />}
        <SearchContext value={search}>
          <div className="rows" role="rowgroup" style={{ height: rows.getTotalSize() }}>
            {rows.getVirtualItems().map(({ index, start }) => {
              const id = ids[index] as string
              const reachable = place < 0 ? index === first : id === active
              return (
                <LeadRow
                  key={id}
                  {...{ id, index, start, columns, today, open, reachable }}
                  selected={id === shown}
                  touch={setActive}
                />
              )
            })}
          </div>
        </SearchContext>
      </div>
    </div>
  )
}

const HANDS = ['wheel', 'pointerdown', 'touchmove', 'keydown'] as const

/**
 * After a reload the list is where it was; with the address of a lead, at that lead. It stays there while further rows
 * come above it, till all are there or a person takes hold of the list.
 */
function useStart(
  scroller: RefObject<HTMLDivElement | null>,
  ids: string[],
  height: number,
  loading: boolean,
  start: Place | null,
  shown: string | null,
) {
  const wanted = useRef<Place | null>(start ?? (shown === null ? null : { id: shown, by: -height }))
  useEffect(() => {
    const element = scroller.current
    if (!element || wanted.current === null) return undefined
    const stop = new AbortController()
    const taken = () => {
      wanted.current = null
      stop.abort()
    }
    for (const event of HANDS) element.addEventListener(event, taken, { signal: stop.signal, passive: true })
    return () => stop.abort()
  }, [scroller])
  useLayoutEffect(() => {
    const element = scroller.current
    if (!element || wanted.current === null) return undefined
    const { id, by } = wanted.current
    const place = ids.indexOf(id)
    const complete = !loading && ids.length > 0
    if (place < 0) {
      if (complete) wanted.current = null
      return undefined
    }
    const frame = requestAnimationFrame(() => {
      element.scrollTop = Math.max(0, place * height + by)
      if (complete) wanted.current = null // not before: a change of the list cancels what was to happen
    })
    return () => cancelAnimationFrame(frame)
  }, [scroller, ids, height, loading])
}

/** Tells where the list is when the page goes. */
function useLeave(
  scroller: RefObject<HTMLDivElement | null>,
  ids: string[],
  height: number,
  leave: ((at: Place | null) => void) | undefined,
) {
  const latest = useRef({ ids, height, leave })
  latest.current = { ids, height, leave }
  useEffect(() => {
    const goes = () => {
      const { ids, height, leave } = latest.current
      const top = scroller.current?.scrollTop ?? 0
      const id = ids[Math.floor(top / height)]
      leave?.(top > 0 && id !== undefined ? { id, by: top % height } : null)
    }
    window.addEventListener('pagehide', goes)
    return () => window.removeEventListener('pagehide', goes)
  }, [scroller])
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

interface HeadProps {
  columns: readonly ColumnId[]
  sort: Sort
  setSort: (sort: Sort) => void
  fixed: boolean
  searching: boolean
}

/** The columns' names; where there is no room to show them, nothing that could be pressed. */
function Head({ columns, sort, setSort, fixed, searching }: HeadProps) {
  return (
    <div className="head" role="rowgroup">
      <div className="row head-row" role="row" aria-rowindex={1}>
        {columns.map((name) =>
          sortable(name) ? (
            <Header key={name} {...{ name, sort, setSort, fixed }} />
          ) : (
            <span key={name} role="columnheader" data-column={name}>
              {columnName(name)}
            </span>
          ),
        )}
        {searching && <span role="columnheader">{table.foundIn}</span>}
        <span role="columnheader" className="sr-only">
          {table.actions}
        </span>
      </div>
    </div>
  )
}

/** One press sorts, the next turns it round, the third goes back to the usual order. */
function Header({ name, sort, setSort, fixed }: Omit<HeadProps, 'columns' | 'searching'> & { name: ColumnId }) {
  const mine = sort.key === name
  const first = largestFirst(name)
  const next: Sort = !mine
    ? { key: name, down: first }
    : sort.down === first
      ? { key: name, down: !first }
      : DEFAULT_SORT
  return (
    <span role="columnheader" data-column={name} aria-sort={mine ? (sort.down ? 'descending' : 'ascending') : 'none'}>
      {fixed ? (
        columnName(name)
      ) : (
        <button type="button" className="sort" title={columnName(name)} onClick={() => setSort(next)}>
          <span>{columnName(name)}</span>
          {mine && <Icon name={sort.down ? 'down' : 'up'} size={12} />}
        </button>
      )}
    </span>
  )
}

function Skeleton() {
  return (
    <div className="skeleton" aria-hidden="true">
      {Array.from({ length: 12 }, (_, index) => (
        <span key={index} />
      ))}
    </div>
  )
}
