import type { Cancel, Clock } from '../socket/clock'
import { backoff } from '../socket/backoff'

const AT_ONCE = 3
/** More single leads than this are as good as a new list. */
export const MAX_SINGLE = 20
const TRIES = 3
/** The list is not loaded more often than this, however much is heard that it does not have. */
const APART_MS = 5_000

interface Deps {
  /** Reads one lead again; fails if that should be tried once more. */
  lead(id: string): Promise<void>
  /** Loads the whole list; fails if that should be tried once more. */
  list(): Promise<void>
}

/**
 * Looks again where the page may have missed something: at single leads, a few at a time, or at the whole list where
 * there are many. What fails is tried again, more and more rarely, until it is done or nobody needs it any more.
 */
export class RefetchQueue {
  private readonly ways: Deps
  private readonly clock: Clock
  private readonly random: () => number
  private readonly wanted = new Map<string, number>()
  private readonly asking = new Set<string>()
  private listWanted = false
  private listing = false
  private listFailures = 0
  private notBefore = Number.NEGATIVE_INFINITY
  private timers = new Set<Cancel>()
  private generation = 0
  private waiting = false

  constructor(ways: Deps, clock: Clock, random: () => number = Math.random) {
    this.ways = ways
    this.clock = clock
    this.random = random
  }

  lead(id: string): void {
    if (this.wanted.has(id) || this.asking.has(id)) return
    this.wanted.set(id, 0)
    this.go()
  }

  list(): void {
    this.listWanted = true
    this.go()
  }

  /** The connection is gone: whatever was missed comes with the list when it is back. */
  forget(): void {
    this.generation += 1
    for (const cancel of this.timers) cancel()
    this.timers.clear()
    this.wanted.clear()
    this.asking.clear()
    this.listWanted = this.listing = this.waiting = false
    this.listFailures = 0
    this.notBefore = Number.NEGATIVE_INFINITY
  }

  private go(): void {
    if (this.wanted.size > MAX_SINGLE) this.listWanted = true
    if (this.listWanted) return this.goList()
    for (const [id, failures] of this.wanted) {
      if (this.asking.size >= AT_ONCE || this.listing) return
      this.wanted.delete(id)
      void this.ask(id, failures)
    }
  }

  private async ask(id: string, failures: number): Promise<void> {
    const era = this.generation
    this.asking.add(id)
    const done = await this.ways.lead(id).then(yes, no)
    if (era !== this.generation) return
    this.asking.delete(id)
    if (!done && failures + 1 >= TRIES) this.listWanted = true
    else if (!done) this.after(backoff(failures, this.random), () => this.wanted.set(id, failures + 1))
    this.go()
  }

  private goList(): void {
    const wait = this.notBefore - this.clock.now()
    if (this.listing) return
    if (wait > 0) return this.soon(wait)
    void this.load()
  }

  /** What is wanted by now comes with the list; what is asked for while it loads may come too late for it. */
  private async load(): Promise<void> {
    const era = this.generation
    this.listing = true
    this.listWanted = false
    this.wanted.clear()
    const done = await this.ways.list().then(yes, no)
    if (era !== this.generation) return
    this.listing = false
    this.listFailures = done ? 0 : this.listFailures + 1
    this.notBefore = this.clock.now() + APART_MS + (done ? 0 : backoff(this.listFailures, this.random))
    if (!done) this.listWanted = true
    this.go()
  }

  private soon(ms: number): void {
    if (this.waiting) return
    this.waiting = true
    this.after(ms, () => (this.waiting = false))
  }

  private after(ms: number, then: () => void): void {
    const cancel = this.clock.after(ms, () => {
      this.timers.delete(cancel)
      then()
      this.go()
    })
    this.timers.add(cancel)
  }
}

const yes = () => true
const no = () => false
