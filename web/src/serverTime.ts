/** A word of the server that arrives later than this was not slow: this machine's clock has been set. */
const SLOWEST_MS = 30_000

/** The server's time, learnt from what it says: this machine's own clock may be hours off. */
export class ServerTime {
  private readonly local: () => number
  private offset = 0
  private heard = false

  constructor(local: () => number) {
    this.local = local
  }

  now = (): number => this.local() + this.offset

  /**
   * The server says that it is this moment now; whether that has moved the time by a second or more. A word can only
   * arrive late, so the one that puts the time furthest ahead is the best.
   */
  hear(moment: string | null | undefined): boolean {
    const heard = Date.parse(moment ?? '') - this.local()
    if (Number.isNaN(heard)) return false
    if (this.heard && heard <= this.offset && this.offset - heard < SLOWEST_MS) return false
    this.heard = true
    return this.set(heard)
  }

  /** The server speaks of this moment, which may be long past: its time is no earlier. */
  hearOf(moment: string | null | undefined): boolean {
    const heard = Date.parse(moment ?? '') - this.local()
    return heard > this.offset ? this.set(heard) : false
  }

  private set(offset: number): boolean {
    const moved = Math.abs(offset - this.offset) >= 1_000
    this.offset = offset
    return moved
  }
}
