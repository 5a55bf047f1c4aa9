/** Time as the socket sees it; tests hand in their own. */
export interface Clock {
  now(): number
  after(ms: number, run: () => void): Cancel
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

/** Timers that run in a Worker, because those of a hidden tab are slowed down to one a minute or less. */
export function workerClock(worker: Worker): Clock {
  const waiting = new Map<number, () => void>()
  let last = 0
  worker.addEventListener('message', (message: MessageEvent<number>) => {
    const run = waiting.get(message.data)
    waiting.delete(message.data)
    run?.()
  })
  return {
    now: () => Date.now(),
    after(ms, run) {
      const id = ++last
      waiting.set(id, run)
      worker.postMessage({ id, ms: clamp(ms) })
      return () => {
        if (waiting.delete(id)) worker.postMessage({ id })
      }
    },
  }
}

/** The clock of a browser tab: a Worker's, or the window's where Workers are not to be had. */
export function tabClock(): Clock {
  try {
    return workerClock(new Worker(new URL('./clock.worker.ts', import.meta.url), { type: 'module', name: 'clock' }))
  } catch {
    return windowClock
  }
}
