/** What the browser knows about the network and the tab. */
export interface BrowserEvents {
  online(): boolean
  watch(heard: (signal: BrowserEvent) => void): () => void
}

export type BrowserEvent = 'online' | 'offline' | 'visible'

/** The signals of the tab this runs in. */
export const tabEvents: BrowserEvents = {
  online: () => navigator.onLine,
  watch(heard) {
    const stop = new AbortController()
    const { signal } = stop
    window.addEventListener('online', () => heard('online'), { signal })
    window.addEventListener('offline', () => heard('offline'), { signal })
    window.addEventListener('pageshow', () => heard('visible'), { signal })
    document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && heard('visible'), {
      signal,
    })
    return () => stop.abort()
  },
}
