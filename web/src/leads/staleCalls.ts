import { inFlight, displayStatus } from './lead'
import type { LeadStore } from './store'

const AGAIN_MS = 5 * 60_000

/** How long a call may go on without any news before it is worth a look: it has rung out by then, with a minute to spare. */
export const staleAfter = (ringTimeout: unknown): number => (Number(ringTimeout) || 60) * 1000 + 60_000

/** Finds calls without news for so long that the news of their end may have been lost; none twice within minutes. */
export class StaleCalls {
  private asked = new Map<string, { version: number; at: number }>()

  overdue(store: LeadStore, now: number, patienceMs: number): string[] {
    const asked = new Map<string, { version: number; at: number }>()
    const overdue: string[] = []
    for (const lead of store.all()) {
      const { lead_id: id, version } = lead
      if (!inFlight(displayStatus(lead))) continue
      const before = this.asked.get(id)
      const lately = before?.version === version && now - before.at < AGAIN_MS
      if (lately) asked.set(id, before)
      if (lately || now - store.newsOf(id) < patienceMs) continue
      asked.set(id, { version, at: now })
      overdue.push(id)
    }
    this.asked = asked
    return overdue
  }
}
