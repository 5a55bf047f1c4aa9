import { ApiError } from '../api/client'
import type { AgentSession, Cancel, Clock } from '../socket'
import { StoredDrafts } from './storedDrafts'

/** What an agent has chosen for a conversation, until the server has it. */
export interface OutcomeDraft {
  lead: string
  code: string | null
  /** when to call back, as the server writes moments */
  callBackAt: string | null
  /** whether it is to be sent as soon as the server can be reached, and whether the next call may start then */
  wanted: 'ready' | 'later' | null
  /** when it was chosen, by this machine's clock */
  at: number
}

export interface OutcomeRequest {
  attempt_id: string
  code: string
  call_back_at?: string
  ready?: boolean
}

export interface OutcomeDraftsParts {
  storage: Storage
  clock: Clock
  user: string
  post: (lead: string, request: OutcomeRequest) => Promise<unknown>
  /** the server has the outcome of this lead */
  saved: (lead: string) => void
  /** the server has said no */
  refused: (lead: string, error: unknown) => void
}

const RETRY_MS = 15_000
const FORGET_MS = 3 * 24 * 60 * 60_000

/** The outcomes that are chosen and not saved yet, by attempt: kept over a reload, and the same in all tabs. */
export class OutcomeDrafts {
  private readonly parts: OutcomeDraftsParts
  private readonly drafts: StoredDrafts<OutcomeDraft>
  /** attempts whose outcome was chosen in this tab, which sends it if nobody presses *save* */
  private readonly mine = new Set<string>()
  private readonly sending = new Map<string, Promise<boolean>>()
  private readonly listeners = new Set<() => void>()
  private retry: Cancel = () => {}
  private end: Cancel = () => {}
  private hasHeard = false
  private changes = 0

  constructor(parts: OutcomeDraftsParts) {
    this.parts = parts
    this.drafts = new StoredDrafts(parts.storage, 'outcome', parts.user)
    const old = parts.clock.now() - FORGET_MS
    for (const [attempt, { at }] of this.drafts.entries()) if (!(at > old)) this.drafts.remove(attempt)
  }

  subscribe = (changed: () => void): Cancel => {
    this.listeners.add(changed)
    return () => this.listeners.delete(changed)
  }

  get revision(): number {
    return this.changes
  }

  get(attempt: string): OutcomeDraft | undefined {
    return this.drafts.get(attempt)
  }

  /** Whether it was saved, but the server does not have it yet. */
  isKept(attempt: string): boolean {
    return Boolean(this.drafts.get(attempt)?.wanted) && !this.sending.has(attempt)
  }

  isSending(attempt: string): boolean {
    return this.sending.has(attempt)
  }

  choose(lead: string, attempt: string, part: Partial<Pick<OutcomeDraft, 'code' | 'callBackAt'>>): void {
    const before = this.drafts.get(attempt) ?? { lead, code: null, callBackAt: null, wanted: null, at: 0 }
    this.mine.add(attempt)
    this.drafts.set(attempt, { ...before, ...part, at: this.parts.clock.now() })
    this.tell()
  }

  /** Sends the outcome; true once the server has it, false if it is kept for later or was refused. */
  save(attempt: string, ready: boolean): Promise<boolean> {
    const draft = this.drafts.get(attempt)
    if (!draft?.code) return Promise.resolve(false)
    this.drafts.set(attempt, { ...draft, wanted: ready ? 'ready' : 'later' })
    return this.send(attempt)
  }

  /** The server can be reached again. */
  resume(): void {
    for (const [attempt, { wanted }] of this.drafts.entries()) if (wanted) void this.send(attempt)
  }

  /** The session as it is: what was chosen for a conversation that is over, and not saved, counts as chosen. */
  heard(session: AgentSession, now: number): void {
    this.end()
    const { wrap_up, call } = session
    const ends = wrap_up?.until ? Date.parse(wrap_up.until) - now : null
    const current = [ends === null || ends > 0 ? wrap_up?.attempt_id : null, call?.attempt_id]
    for (const [attempt, { code, wanted }] of this.drafts.entries())
      if (code && !wanted && !current.includes(attempt) && (this.mine.has(attempt) || !this.hasHeard))
        void this.save(attempt, false)
    this.hasHeard = true
    if (ends !== null && ends > 0) this.end = this.parts.clock.after(ends, () => this.heard(session, now + ends)) // the server says nothing then
  }

  /** Another tab of this browser has chosen, or saved. */
  storageChanged(key: string | null): void {
    if (this.drafts.changedElsewhere(key)) this.tell()
  }

  /** The page is left. */
  close(): void {
    this.end()
    this.retry()
  }

  private send(attempt: string): Promise<boolean> {
    const under = this.sending.get(attempt)
    if (under) return under
    const sent = this.post(attempt).finally(() => {
      this.sending.delete(attempt)
      this.tell()
    })
    this.sending.set(attempt, sent)
    this.tell()
    return sent
  }

  private async post(attempt: string): Promise<boolean> {
    const draft = this.drafts.get(attempt)
    if (!draft?.code) return false
    const { lead, code, callBackAt, wanted } = draft
    try {
      await this.parts.post(lead, {
        attempt_id: attempt,
        code,
        ...(callBackAt ? { call_back_at: callBackAt } : {}),
        ...(wanted === 'ready' ? { ready: true } : {}),
      })
      this.drafts.remove(attempt)
      this.parts.saved(lead)
      return true
    } catch (error) {
      this.failed(attempt, draft, error)
      return false
    }
  }

  private failed(attempt: string, draft: OutcomeDraft, error: unknown): void {
    if (!(error instanceof ApiError) || error.passing) {
      this.retry()
      this.retry = this.parts.clock.after(RETRY_MS, () => this.resume())
      return
    }
    if (error.status === 404) this.drafts.remove(attempt)
    else this.drafts.set(attempt, { ...draft, wanted: null })
    this.parts.refused(draft.lead, error)
  }

  private tell(): void {
    this.changes += 1
    for (const listener of [...this.listeners]) listener()
  }
}
