import {
  createContext,
  type RefObject,
  startTransition,
  useCallback,
  useContext,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react'
import type { AgentApp, AgentAppState } from '../agentApp'
import type { Lead } from '../leads/lead'
import type { LeadStore } from '../leads/store'
import { type InstallationSettings, kindOf } from '../call/outcomes'
import { factsOf, type ListFacts } from '../leads/columns'
import { type Today, todayOf } from '../leads/today'
import type { PhoneState } from '../phone/agentPhone'
import { computeTotals, type Totals, view, type TableQuery } from '../leads/view'

export const AgentAppContext = createContext<AgentApp | null>(null)

export function useAgentApp(): AgentApp {
  const desk = useContext(AgentAppContext)
  if (!desk) throw new Error('useDesk is for components inside a DeskContext')
  return desk
}

export function useAgentAppState(): AgentAppState {
  const desk = useAgentApp()
  return useSyncExternalStore(desk.subscribe, () => desk.current)
}

/** What administrators have set for everybody; null until it is known. */
export function useInstallation(): InstallationSettings | null {
  const desk = useAgentApp()
  return useSyncExternalStore(desk.subscribe, () => desk.current.installation)
}

/** The agent's own line, as it changes. */
export function usePhone(): PhoneState {
  const { phone } = useAgentApp()
  return useSyncExternalStore(phone.subscribe, () => phone.current)
}

/** One lead, as it changes; only this row renders again. */
export function useLead(id: string): Lead | undefined {
  const { store } = useAgentApp()
  return useSyncExternalStore(
    (changed) => store.subscribeRow(id, changed),
    () => store.get(id),
  )
}

const SETTLE_MS = 400
const HANDS_OFF_MS = 1_500
const LONGEST_HOLD_MS = 6_000

/** What follows from a change of a long list takes time: it is done so rarely that the page spends a quarter on it. */
const LONGEST_SETTLE_MS = 4_000
const SHARE = 3

/**
 * Rises while the list changes: at once when it gets its first rows, then at most every `SETTLE_MS` (more rarely where
 * the list is so long that this takes long), and later (though not for ever) while *busy* says that somebody's hand is
 * on it.
 */
function useRevision(store: LeadStore, busy: () => boolean = never): number {
  const [revision, setRevision] = useState(store.revision)
  const cost = useRef({ began: 0, took: 0 })
  useEffect(() => {
    if (cost.current.began > 0) cost.current = { began: 0, took: performance.now() - cost.current.began }
  }, [revision])
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | null = null
    let [since, empty] = [0, store.size === 0]
    const settle = () => {
      const hold = busy() && performance.now() - since < LONGEST_HOLD_MS
      timer = hold ? setTimeout(settle, SETTLE_MS) : null
      if (hold) return
      cost.current.began = performance.now()
      startTransition(() => setRevision(store.revision))
    }
    const changed = () => {
      if (timer) return
      since = performance.now()
      const wait = Math.min(Math.max(SETTLE_MS, SHARE * cost.current.took), LONGEST_SETTLE_MS)
      timer = setTimeout(settle, empty ? 0 : wait)
      empty = store.size === 0
    }
    setRevision(store.revision)
    const stop = store.subscribe(changed)
    return () => {
      stop()
      if (timer) clearTimeout(timer)
    }
  }, [store, busy])
  return revision
}

const never = () => false

/** Renders again as the list changes, at most every `SETTLE_MS`. */
export function useStoreRevision(): number {
  return useRevision(useAgentApp().store)
}

/** Counts of everything, kept up to date. */
export function useTotals(): Totals {
  const { store, now } = useAgentApp()
  const { loaded } = useAgentAppState()
  const revision = useRevision(store)
  const today = useToday()
  return useMemo(() => computeTotals(store.all(), now()), [store, now, revision, loaded, today])
}

/** What the agent has done today; while somebody talks, second by second. */
export function useTodayCounts(): Today {
  const { store, now } = useAgentApp()
  const { settings } = useAgentAppState()
  const agentOnLine = settings?.installation?.audio === 'agent'
  const revision = useRevision(store)
  const today = useToday()
  const [seconds, tick] = useState(0)
  const choices = useInstallation()?.outcomes
  const counts = useMemo(
    () => todayOf(store.all(), now(), agentOnLine, (code) => kindOf(choices ?? [], code) === 'voicemail'),
    [store, now, agentOnLine, choices, revision, today, seconds],
  )
  useEffect(() => {
    const timer = counts.talking ? setInterval(() => tick((ticks) => ticks + 1), SECOND_MS) : undefined
    return () => clearInterval(timer)
  }, [counts.talking])
  return counts
}

/** What the list has, for its columns: looked at again when leads come, go or are described otherwise. */
export function useListFacts(): ListFacts {
  const { store } = useAgentApp()
  useRevision(store)
  return useMemo(() => factsOf(store.all()), [store, store.listRevision])
}

/**
 * The ids to show. What the person asks for is done at once; what the calls change waits while the pointer moves over
 * the rows, so that nobody clicks the row that has just slipped under the pointer.
 */
export function useVisibleIds(wanted: TableQuery, lastTouch: { readonly current: number }): string[] {
  const { store } = useAgentApp()
  const { loaded } = useAgentAppState()
  const shown = useRef<string[]>([])
  const busy = useCallback(
    () => shown.current.length > 0 && performance.now() - lastTouch.current < HANDS_OFF_MS,
    [lastTouch],
  )
  const revision = useRevision(store, busy)
  return useMemo(() => {
    const ids = view(store.all(), wanted)
    if (!sameIds(shown.current, ids)) shown.current = ids
    return shown.current
  }, [store, wanted, revision, loaded])
}

function sameIds(a: string[], b: string[]): boolean {
  return a.length === b.length && a.every((id, place) => id === b[place])
}

/** The server's time: at every rendering, and once every *ms* at least. */
export function useNow(ms: number): number {
  const desk = useAgentApp()
  const [, tick] = useState(0)
  useEffect(() => {
    const timer = setInterval(() => tick((ticks) => ticks + 1), ms)
    return () => clearInterval(timer)
  }, [ms])
  return desk.now()
}

/** When today began, by the server's clock; whoever uses it renders again when that is another day, and not before. */
export function useToday(): number {
  const desk = useAgentApp()
  const [today, setToday] = useState(() => midnight(desk.now()))
  useEffect(() => {
    const update = () => setToday(midnight(desk.now()))
    const timer = setInterval(update, MINUTE_MS)
    const stop = desk.subscribe(update)
    return () => {
      clearInterval(timer)
      stop()
    }
  }, [desk])
  return today
}

const SECOND_MS = 1_000
const MINUTE_MS = 60_000

const midnight = (now: number) => new Date(now).setHours(0, 0, 0, 0)

/** A window of usual size, till the element has been measured. */
const USUAL_REM = 75

/** How wide an element is, in rem. */
export function useWidth(element: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(USUAL_REM)
  useLayoutEffect(() => {
    const it = element.current
    if (!it) return undefined
    const measure = () => {
      const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16
      if (it.clientWidth > 0) setWidth(Math.floor(it.clientWidth / rem))
    }
    measure()
    const watch = new ResizeObserver(measure)
    watch.observe(it)
    return () => watch.disconnect()
  }, [element])
  return width
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
