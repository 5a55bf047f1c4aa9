/** Time as the socket sees it; tests hand in their own. */
export interface Clock {
  now(): number
  after(ms: number, run: () => void): Cancel
  /** Gives back what ticks; the next alarm starts it again. */
  stop?(): void
}

export type Cancel = () => void

const LONGEST_MS = 2 ** 31 - 1

const clamp = (ms: number) => Math.min(Math.max(0, ms), LONGEST_MS)

/** The window's own timers: good enough while the tab is in front. */
export const windowClock: Clock = {
  now: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, clamp(ms))
    return () => clearTimeout(timer)
  },
}

interface Alarm {
  at: number
  run: () => void
}

/**
 * Timers that run in a Worker, because those of a hidden tab are slowed down to one a minute or less. Should the Worker
 * break, or never load, the window's own timers take its alarms over.
 */
export function workerClock(worker: Worker, spare: Clock = windowClock): Clock {
  const waiting = new Map<number, Alarm>()
  let [last, broken] = [0, false]
  const ring = (id: number) => {
    const alarm = waiting.get(id)
    waiting.delete(id)
    alarm?.run()
  }
  const set = (id: number, ms: number) =>
    broken ? void spare.after(ms, () => ring(id)) : worker.postMessage({ id, ms: clamp(ms) })
  worker.addEventListener('message', (message: MessageEvent<number>) => ring(message.data))
  worker.addEventListener('error', () => {
    broken = true
    for (const [id, { at }] of waiting) set(id, at - spare.now())
  })
  return {
    now: spare.now,
    after(ms, run) {
      const id = ++last
      waiting.set(id, { at: spare.now() + ms, run })
      set(id, ms)
      return () => {
        if (waiting.delete(id) && !broken) worker.postMessage({ id })
      }
    },
  }
}

/** The clock of a browser tab: a Worker's while it is needed, or the window's where Workers are not to be had. */
export function tabClock(): Clock {
  let worker: Worker | null = null
  let ticking: Clock | null = null
  const start = () => {
    try {
      worker = new Worker(new URL('./clock.worker.ts', import.meta.url), { type: 'module', name: 'clock' })
      return workerClock(worker)
    } catch {
      return windowClock
    }
  }
  return {
    now: windowClock.now,
    after: (ms, run) => (ticking ??= start()).after(ms, run),
    stop() {
      worker?.terminate()
      worker = ticking = null
    },
  }
}
