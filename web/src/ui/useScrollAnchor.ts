import { type RefObject, useLayoutEffect, useRef } from 'react'
import type { TableQuery } from '../leads/view'

/** When rows come and go above, the row under the pointer (or else the first in sight) stays where it is. */
export function useScrollAnchor(
  scroller: RefObject<HTMLDivElement | null>,
  ids: string[],
  height: number,
  wanted: TableQuery,
) {
  const hovered = useRef<string | null>(null)
  const before = useRef({ ids, wanted })
  useLayoutEffect(() => {
    const was = before.current
    before.current = { ids, wanted }
    const element = scroller.current
    if (!element || was.ids === ids) return
    if (was.wanted !== wanted) element.scrollTop = 0
    else if (element.scrollTop > 0)
      element.scrollTop += height * shift(was.ids, ids, hovered.current, Math.floor(element.scrollTop / height))
  })
  return hovered
}

/** By how many rows the anchor has moved; the first row that is still there stands in for one that has gone. */
export function shift(was: readonly string[], is: readonly string[], hovered: string | null, first: number): number {
  const places = new Map(is.map((id, place) => [id, place]))
  const start = hovered === null ? first : Math.max(first, was.indexOf(hovered))
  for (let place = start; place < was.length; place += 1) {
    const now = places.get(was[place] as string)
    if (now !== undefined) return now - place
  }
  return 0
}
