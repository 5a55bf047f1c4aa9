/** Which of a browser's tabs holds the phone. */
export interface TabLock {
  /** Waits for it; *steal* takes it from the tab that has it. The returned function gives it back, or stops waiting. */
  ask(name: string, steal: boolean, events: TabLockEvents): () => void
}

export interface TabLockEvents {
  held(): void
  /** another tab has it; it is still waited for */
  waits(): void
  /** another tab has taken it */
  lost(): void
}

/** By Web Locks; where there are none, each tab holds the phone, and the newest session counts. */
export const browserTabLock: TabLock = {
  ask(name, steal, { held, waits, lost }) {
    const locks = navigator.locks as LockManager | undefined
    let [mine, over] = [false, false]
    let release = () => {}
    const keep = () => {
      if (over) return undefined
      mine = true
      held()
      return new Promise<void>((done) => (release = done))
    }
    const ended = () => {
      if (mine && !over) lost()
    }
    const waiting = new AbortController()
    const wait = () => locks?.request(name, { signal: waiting.signal }, keep)
    const first = async () => {
      if (!locks) return keep()
      if (steal) return locks.request(name, { steal: true }, keep)
      const free = await locks.request(name, { ifAvailable: true }, (lock) => (lock ? keep() : 'taken'))
      if (free !== 'taken' || over) return
      waits()
      await wait()
    }
    first().then(undefined, ended)
    return () => {
      over = true
      waiting.abort()
      release()
    }
  },
}
