import { type RefObject, useCallback, useLayoutEffect, useRef, useState } from 'react'
import { flushSync } from 'react-dom'
import type { TableQuery } from '../leads/view'

/** Empty room above and below the rows, where the list alone could not be scrolled far enough. */
export interface Room {
  above: number
  below: number
}

const NO_ROOM: Room = { above: 0, below: 0 }

/**
 * Keeps the rows where they are on the screen: when others come and go above them, and, while a pointer is over them,
 * when something above the list grows or shrinks too.
 */
export function useScrollAnchor(
  scroller: RefObject<HTMLDivElement | null>,
  ids: string[],
  height: number,
  wanted: TableQuery,
) {
  const hovered = useRef<string | null>(null)
  const before = useRef({ ids, wanted })
  const [room, setRoom] = useState(NO_ROOM)
  const latest = useRef({ room, rows: ids.length * height })
  latest.current = { room, rows: ids.length * height }
  const goal = useRef<number | null>(null)

  /** Scrolls to *position*, where the first row begins at 0; while a pointer is there, past the ends too. */
  const scrollTo = useCallback(
    (position: number, bounded: boolean) => {
      const element = scroller.current
      if (!element) return
      const { rows } = latest.current
      const sight = element.clientHeight - HEAD
      const above = bounded ? 0 : Math.max(0, -position)
      const below = bounded ? 0 : Math.max(0, position + sight - Math.max(rows, sight))
      goal.current = Math.max(0, position + above)
      if (above === latest.current.room.above && below === latest.current.room.below) element.scrollTop = goal.current
      else setRoom({ above, below })
    },
    [scroller],
  )
  const position = useCallback(() => (scroller.current?.scrollTop ?? 0) - latest.current.room.above, [scroller])

  useLayoutEffect(() => {
    if (scroller.current && goal.current !== null) scroller.current.scrollTop = goal.current
    goal.current = null
  }, [scroller, room])

  useLayoutEffect(() => {
    const was = before.current
    before.current = { ids, wanted }
    if (was.ids === ids || !scroller.current) return
    const [now, held] = [position(), hovered.current !== null]
    if (was.wanted !== wanted) scrollTo(0, true)
    else if (now > 0 || held)
      scrollTo(now + height * shift(was.ids, ids, hovered.current, Math.max(0, Math.floor(now / height))), !held)
  })

  useLayoutEffect(() => {
    const element = scroller.current
    if (!element) return undefined
    const place = () => element.getBoundingClientRect().top + window.scrollY
    let top = place()
    const watch = new ResizeObserver(() => {
      const moved = place() - top
      top += moved
      if (moved !== 0 && hovered.current !== null) flushSync(() => scrollTo(position() + moved, false))
    })
    watch.observe(element)
    return () => watch.disconnect()
  }, [scroller, scrollTo, position])

  const left = () => {
    hovered.current = null
    if (latest.current.room !== NO_ROOM) scrollTo(position(), true)
  }
  return { hovered, room, left }
}

/** The columns' names stand above the rows. */
const HEAD = 36
const NEARBY = 25

/** Where an id is now that was at *place*: most have hardly moved, and a list may be long. */
function placeOf(id: string, ids: readonly string[], place: number): number {
  for (let away = 0; away < 4 * NEARBY; away += 1) {
    if (ids[place - away] === id) return place - away
    if (ids[place + away] === id) return place + away
  }
  return ids.indexOf(id)
}

/**
 * By how many rows those in sight have moved, from the one under the pointer on (or else the *first* in sight): most of
 * them, for a single one may have gone elsewhere on its own.
 */
export function shift(was: readonly string[], is: readonly string[], hovered: string | null, first: number): number {
  const start = hovered === null ? first : Math.max(first, was.indexOf(hovered))
  const votes = new Map<number, number>()
  for (let place = start, seen = 0; place < was.length && seen < NEARBY; place += 1) {
    const now = placeOf(was[place] as string, is, place)
    if (now < 0) continue
    seen += 1
    votes.set(now - place, (votes.get(now - place) ?? 0) + 1)
  }
  let [most, best] = [0, 0]
  for (const [moved, count] of votes) if (count > most) [most, best] = [count, moved]
  return best
}
