import type { Cancel, Clock } from './clock'
import type { AgentSession, RunFinished } from './frames'

const PATIENCE_MS = 120_000
const MOST_PATIENCE_MS = 960_000
const SOONEST_MS = 1_000
const SLOWEST_FLOOR_MS = 16_000

/**
 * When to say `leads:fetched`: the page is the dialer's clock. Said after every opening, again when the run said
 * something is due (`next_at`), and again, ever more rarely, while a run that was asked for does not report its end:
 * whatever is broken there, calling goes on when it is mended. And said when the agent's wrap-up has run out, for which no
 * run was asked before.
 */
export class FetchSchedule {
  private readonly clock: Clock
  private readonly sendLeadsFetched: () => void
  private timer: Cancel = () => {}
  private wrapUp: Cancel = () => {}
  private floor = SOONEST_MS

  constructor(clock: Clock, say: () => void) {
    this.clock = clock
    this.sendLeadsFetched = say
  }

  opened(): void {
    this.ask(PATIENCE_MS)
  }

  finished(run: RunFinished | null): void {
    this.rest()
    const next = Date.parse(run?.next_at ?? '')
    if (Number.isNaN(next)) return
    const wait = next - (Date.parse(run?.at ?? '') || this.clock.now())
    this.floor = run?.called ? SOONEST_MS : Math.min(this.floor * 2, SLOWEST_FLOOR_MS)
    this.timer = this.clock.after(Math.max(wait, this.floor), () => this.ask(PATIENCE_MS))
  }

  /** The agent writes up a conversation until then: the next call is due at that moment. */
  session(session: AgentSession | null): void {
    this.wrapUp()
    const until = Date.parse(session?.wrap_up?.until ?? '')
    if (Number.isNaN(until)) return
    const wait = until - (Date.parse(session?.at ?? '') || this.clock.now())
    this.wrapUp = this.clock.after(Math.max(wait, SOONEST_MS), () => this.ask(PATIENCE_MS))
  }

  stop(): void {
    this.wrapUp()
    this.rest()
  }

  private rest(): void {
    this.timer()
    this.timer = () => {}
  }

  private ask(patience: number): void {
    this.rest()
    this.timer = this.clock.after(patience, () => this.ask(Math.min(patience * 2, MOST_PATIENCE_MS)))
    this.sendLeadsFetched()
  }
}
