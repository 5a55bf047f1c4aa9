import { createContext, startTransition, useContext, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react'
import type { Desk, DeskState } from '../desk'
import type { Lead } from '../leads/lead'
import type { LeadStore } from '../leads/store'
import { count, type Totals, view, type Wanted } from '../leads/view'

export const DeskContext = createContext<Desk | null>(null)

export function useDesk(): Desk {
  const desk = useContext(DeskContext)
  if (!desk) throw new Error('useDesk is for components inside a DeskContext')
  return desk
}

export function useDeskState(): DeskState {
  const desk = useDesk()
  return useSyncExternalStore(desk.subscribe, () => desk.current)
}

/** One lead, as it changes; only this row renders again. */
export function useLead(id: string): Lead | undefined {
  const { store } = useDesk()
  return useSyncExternalStore(
    (changed) => store.subscribeRow(id, changed),
    () => store.get(id),
  )
}

const SETTLE_MS = 400
const HANDS_OFF_MS = 1_500
const LONGEST_HOLD_MS = 6_000

/** Rises at most every `SETTLE_MS` while the list changes, and at once when it gets its first rows. */
function useRevision(store: LeadStore): number {
  const [revision, setRevision] = useState(store.revision)
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | null = null
    const settle = () => {
      timer = null
      startTransition(() => setRevision(store.revision))
    }
    let empty = store.size === 0
    const changed = () => {
      timer ??= setTimeout(settle, empty ? 0 : SETTLE_MS)
      empty = store.size === 0
    }
    settle()
    const stop = store.subscribe(changed)
    return () => {
      stop()
      if (timer) clearTimeout(timer)
    }
  }, [store])
  return revision
}

/** Counts of everything, kept up to date. */
export function useTotals(): Totals {
  const { store } = useDesk()
  const revision = useRevision(store)
  // biome-ignore lint: the revision stands for the store's content
  return useMemo(() => count(store.all(), Date.now()), [store, revision])
}

/**
 * The ids to show. What the person asks for is done at once; what the calls change waits while the pointer moves over
 * the rows, so that nobody clicks the row that has just slipped under the pointer.
 */
export function useVisibleIds(wanted: Wanted, lastTouch: { readonly current: number }): string[] {
  const { store } = useDesk()
  const revision = useRevision(store)
  const shown = useRef<{ wanted: Wanted; ids: string[]; size: number; since: number } | null>(null)
  const [, look] = useState(0)
  const last = shown.current
  const now = performance.now()
  const asked = last?.wanted !== wanted || last.size === 0
  const busy = now - lastTouch.current < HANDS_OFF_MS && now - (last?.since ?? 0) < LONGEST_HOLD_MS
  const hold = !asked && busy
  const ids = useMemo(() => (hold && last ? last.ids : view(store.all(), wanted)), [store, wanted, revision, hold])
  const steady = last && sameIds(last.ids, ids) ? last.ids : ids
  useEffect(() => {
    if (!hold) shown.current = { wanted, ids: steady, size: steady.length, since: performance.now() }
  })
  useEffect(() => {
    if (!hold) return
    const timer = setTimeout(() => look((n) => n + 1), HANDS_OFF_MS)
    return () => clearTimeout(timer)
  })
  return steady
}

function sameIds(a: string[], b: string[]): boolean {
  return a.length === b.length && a.every((id, place) => id === b[place])
}

/** The time, once every *ms*, while *on*. */
export function useNow(ms: number, on = true): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    if (!on) return
    setNow(Date.now())
    const timer = setInterval(() => setNow(Date.now()), ms)
    return () => clearInterval(timer)
  }, [ms, on])
  return now
}

export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (changed) => {
      const media = matchMedia(query)
      media.addEventListener('change', changed)
      return () => media.removeEventListener('change', changed)
    },
    () => matchMedia(query).matches,
  )
}
