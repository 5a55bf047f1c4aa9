import type { Cancel, Clock } from './clock'
import type { RunFinished } from './frames'

const PATIENCE_MS = 120_000
const MOST_PATIENCE_MS = 960_000
const SOONEST_MS = 1_000
const SLOWEST_FLOOR_MS = 16_000

/**
 * When to say `leads:fetched`: the page is the dialer's clock. Said after every opening, again when the run said
 * something is due (`next_at`), and again, ever more rarely, while a run that was asked for does not report its end:
 * whatever is broken there, calling goes on when it is mended.
 */
export class FetchSchedule {
  private readonly clock: Clock
  private readonly sendLeadsFetched: () => void
  private timer: Cancel = () => {}
  private floor = SOONEST_MS

  constructor(clock: Clock, say: () => void) {
    this.clock = clock
    this.sendLeadsFetched = say
  }

  opened(): void {
    this.ask(PATIENCE_MS)
  }

  finished(run: RunFinished | null): void {
    this.stop()
    const next = Date.parse(run?.next_at ?? '')
    if (Number.isNaN(next)) return
    const wait = next - (Date.parse(run?.at ?? '') || this.clock.now())
    this.floor = run?.called ? SOONEST_MS : Math.min(this.floor * 2, SLOWEST_FLOOR_MS)
    this.timer = this.clock.after(Math.max(wait, this.floor), () => this.ask(PATIENCE_MS))
  }

  stop(): void {
    this.timer()
    this.timer = () => {}
  }

  private ask(patience: number): void {
    this.stop()
    this.timer = this.clock.after(patience, () => this.ask(Math.min(patience * 2, MOST_PATIENCE_MS)))
    this.sendLeadsFetched()
  }
}
