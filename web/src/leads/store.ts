import type { CallUpdate } from '../socket'
import type { EarlierCall, Lead } from './lead'
import { currentCall } from './today'

export type Applied = 'applied' | 'older' | 'unknown'

/**
 * The leads this page knows, in calling order. A row, from wherever it comes, is applied unless its version is
 * older than the one shown. Rows tell their own listeners at once; `subscribe` hears of any change.
 */
export class LeadStore {
  private readonly now: () => number
  private readonly rows = new Map<string, Lead>()
  /** the newest event about each lead whose row has not come yet */
  private readonly pendingUpdates = new Map<string, CallUpdate>()
  private readonly lastHeardAt = new Map<string, number>()
  private readonly rowListeners = new Map<string, Set<() => void>>()
  private readonly listeners = new Set<() => void>()
  private order: string[] | null = null
  /** the answer of `all()`, for whoever asks again before anything changes */
  private listed: { at: number; leads: readonly Lead[] } | null = null
  private changes = 0
  private listChanges = 0

  constructor(now: () => number = Date.now) {
    this.now = now
  }

  get size(): number {
    return this.rows.size
  }

  /** Grows with every change: cheap to compare. */
  get revision(): number {
    return this.changes
  }

  /** Grows where leads come or go, or are described otherwise; what only becomes of their calls leaves it as it is. */
  get listRevision(): number {
    return this.listChanges
  }

  get(id: string): Lead | undefined {
    return this.rows.get(id)
  }

  /** When the server last said anything about a lead, by this machine's clock. */
  newsOf(id: string): number {
    return this.lastHeardAt.get(id) ?? Number.NEGATIVE_INFINITY
  }

  /** All leads in calling order. */
  all(): readonly Lead[] {
    if (this.listed?.at === this.changes && this.order) return this.listed.leads
    this.order ??= inCallingOrder(this.rows)
    const leads = this.order.map((id) => this.rows.get(id) as Lead)
    this.listed = { at: this.changes, leads }
    return leads
  }

  /**
   * A call event: merged into the row shown, which keeps its number and name. One about a lead that is not shown yet is
   * kept until its row comes, which may well be older.
   */
  update(update: CallUpdate): Applied {
    const shown = this.rows.get(update.lead_id)
    if (!shown) {
      const known = this.pendingUpdates.get(update.lead_id)
      if (!known || update.version >= known.version) this.pendingUpdates.set(update.lead_id, update)
      return 'unknown'
    }
    this.lastHeardAt.set(update.lead_id, this.now())
    if (update.version < shown.version) return 'older'
    this.write(withFormerCall(shown, { ...shown, ...update }), true)
    this.tell()
    return 'applied'
  }

  /** A whole row, as the HTTP API answers it. */
  set(lead: Lead): Applied {
    const shown = this.rows.get(lead.lead_id)
    this.lastHeardAt.set(lead.lead_id, this.now())
    return shown && lead.version < shown.version ? 'older' : this.put(lead)
  }

  /** Takes a page of rows in, telling listeners once. */
  setAll(leads: readonly Lead[]): void {
    for (const lead of leads) {
      const shown = this.rows.get(lead.lead_id)
      this.lastHeardAt.set(lead.lead_id, this.now())
      if (shown && lead.version <= shown.version && same(shown, lead)) continue
      if (shown && lead.version < shown.version) continue
      this.write(lead)
    }
    this.tell()
  }

  /** After a complete snapshot: what it did not name, and was there before it began, is gone. */
  keepOnly(named: ReadonlySet<string>, before: ReadonlySet<string>): void {
    for (const id of before) if (!named.has(id)) this.drop(id)
    this.tell()
  }

  remove(id: string): void {
    this.drop(id)
    this.tell()
  }

  clear(): void {
    for (const id of this.ids()) this.drop(id)
    this.tell()
  }

  /** Leads that are heard of, but not shown. */
  unknownIds(): string[] {
    return [...this.pendingUpdates.keys()]
  }

  /** All leads that are shown, and those that are only heard of. */
  ids(): Set<string> {
    return new Set([...this.rows.keys(), ...this.pendingUpdates.keys()])
  }

  subscribe = (changed: () => void): (() => void) => {
    this.listeners.add(changed)
    return () => this.listeners.delete(changed)
  }

  subscribeRow(id: string, changed: () => void): () => void {
    const known = this.rowListeners.get(id) ?? new Set()
    this.rowListeners.set(id, known.add(changed))
    return () => {
      known.delete(changed)
      if (known.size === 0 && this.rowListeners.get(id) === known) this.rowListeners.delete(id)
    }
  }

  private put(lead: Lead): Applied {
    this.write(lead)
    this.tell()
    return 'applied'
  }

  private write(lead: Lead, sameDescription = false): void {
    if (!sameDescription) this.listChanges += 1
    if (this.rows.get(lead.lead_id)?.imported_at !== lead.imported_at || !this.rows.has(lead.lead_id)) this.order = null
    const ahead = this.pendingUpdates.get(lead.lead_id)
    this.pendingUpdates.delete(lead.lead_id)
    const isAhead = ahead && ahead.version > lead.version
    this.rows.set(lead.lead_id, isAhead ? withFormerCall(lead, { ...lead, ...ahead }) : lead)
    this.tellRow(lead.lead_id)
  }

  private drop(id: string): void {
    this.pendingUpdates.delete(id)
    this.lastHeardAt.delete(id)
    if (!this.rows.delete(id)) return
    this.listChanges += 1
    this.order = null
    this.tellRow(id)
  }

  private tellRow(id: string): void {
    for (const changed of [...(this.rowListeners.get(id) ?? [])]) changed()
  }

  private tell(): void {
    this.changes += 1
    for (const changed of [...this.listeners]) changed()
  }
}

/** A lead that is called again: the call that its row told of until now is not forgotten. */
function withFormerCall(before: Lead, after: Lead): Lead {
  const former = currentCall(before)
  if (!former?.ended_at || currentCall(after)?.attempt_id === former.attempt_id) return after
  const others = (before.earlier_calls ?? []).filter(({ attempt_id }: EarlierCall) => attempt_id !== former.attempt_id)
  return { ...after, earlier_calls: [...others, former] }
}

const same = (a: Lead, b: Lead) => JSON.stringify(a) === JSON.stringify(b)

/** A file is called top to bottom: every row got its own moment at import. Rows without one keep the server's order. */
function inCallingOrder(rows: ReadonlyMap<string, Lead>): string[] {
  const leads = [...rows.values()].map(({ lead_id, imported_at }, index) => ({ lead_id, at: imported_at ?? '', index }))
  leads.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.index - b.index))
  return leads.map(({ lead_id }) => lead_id)
}
