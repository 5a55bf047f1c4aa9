import { ApiError } from '../api/client'
import type { AgentNote } from '../leads/lead'
import type { Cancel, Clock } from '../socket'
import { StoredDrafts } from './storedDrafts'

interface Draft {
  text: string
  /** the version of the note that it was written over; 0 where there was none */
  seen: number
}

export type NoteState =
  | { kind: 'saved' }
  /** typed, and sent in a moment */
  | { kind: 'typed' }
  | { kind: 'sending' }
  /** kept in this browser, and sent once the server can be reached */
  | { kind: 'kept' }
  /** somebody else has written meanwhile */
  | { kind: 'conflict'; standing: AgentNote }
  | { kind: 'refused'; error: unknown }

export interface NotesParts {
  storage: Storage
  clock: Clock
  user: string
  put: (lead: string, text: string, seen: number) => Promise<AgentNote>
  /** the server has this note now */
  saved: (lead: string, note: AgentNote) => void
  /** the lead is gone, and its note with it */
  gone: (lead: string) => void
}

const PAUSE_MS = 800
const RETRY_MS = 15_000
const SAVED: NoteState = { kind: 'saved' }

/** The agents' notes as they are typed: kept in the browser at once, then sent; nothing typed is lost by a reload. */
export class Notes {
  private readonly parts: NotesParts
  private readonly drafts: StoredDrafts<Draft>
  private readonly states = new Map<string, NoteState>()
  private readonly known = new Map<string, AgentNote>()
  private readonly timers = new Map<string, Cancel>()
  private readonly sending = new Map<string, Promise<void>>()
  private readonly listeners = new Set<() => void>()
  private changes = 0

  constructor(parts: NotesParts) {
    this.parts = parts
    this.drafts = new StoredDrafts(parts.storage, 'note', parts.user)
    for (const [lead] of this.drafts.entries()) this.states.set(lead, { kind: 'kept' })
  }

  subscribe = (changed: () => void): Cancel => {
    this.listeners.add(changed)
    return () => this.listeners.delete(changed)
  }

  get revision(): number {
    return this.changes
  }

  state(lead: string): NoteState {
    return this.states.get(lead) ?? SAVED
  }

  /** What the field shows: what was typed, else the newest note that is known. */
  text(lead: string, standing: AgentNote | null | undefined): string {
    return this.drafts.get(lead)?.text ?? this.newest(lead, standing)?.text ?? ''
  }

  /** Whether the server has a newer note than is known here; one that this tab is sending is known in a moment. */
  isBehind(lead: string, version: number | null | undefined, standing: AgentNote | null | undefined): boolean {
    return (version ?? 0) > (this.newest(lead, standing)?.version ?? 0) && !this.sending.has(lead)
  }

  /** Somebody types. */
  type(lead: string, text: string, standing: AgentNote | null | undefined): void {
    const seen = this.drafts.get(lead)?.seen ?? this.newest(lead, standing)?.version ?? 0
    this.drafts.set(lead, { text, seen })
    if (this.state(lead).kind === 'conflict') return this.tell()
    this.become(lead, { kind: 'typed' })
    this.later(lead, PAUSE_MS)
  }

  /** Sends what was typed about a lead, now; resolves once that is done or cannot be done now. */
  async flush(lead: string): Promise<void> {
    await this.sending.get(lead)
    if (this.drafts.get(lead) && this.state(lead).kind !== 'conflict') await this.send(lead)
  }

  /** The server can be reached again, or the page was opened: what is kept is sent. */
  resume(): void {
    for (const [lead] of this.drafts.entries()) if (this.state(lead).kind === 'kept') void this.send(lead)
  }

  /** What becomes of a note that somebody else has written over: theirs, or both, one below the other. */
  settle(lead: string, keep: 'theirs' | 'both'): void {
    const state = this.state(lead)
    const draft = this.drafts.get(lead)
    if (state.kind !== 'conflict' || !draft) return
    const { standing } = state
    this.known.set(lead, standing)
    if (keep === 'theirs') return this.done(lead)
    this.drafts.set(lead, { text: `${standing.text}\n${draft.text}`, seen: standing.version })
    this.become(lead, { kind: 'typed' })
    void this.flush(lead)
  }

  /** Another tab of this browser has typed, or has saved. */
  storageChanged(key: string | null): void {
    const changed = this.drafts.changedElsewhere(key)
    if (!changed) return
    const { id, before } = changed
    const draft = this.drafts.get(id)
    this.timers.get(id)?.() // that tab sends it
    if (!draft && before) this.know(id, { text: before.text, version: before.seen + 1, at: '', by: '' })
    this.become(id, draft ? { kind: 'typed' } : SAVED)
  }

  /** The page is left; what was not sent is kept. */
  close(): void {
    for (const cancel of this.timers.values()) cancel()
  }

  private later(lead: string, ms: number): void {
    this.timers.get(lead)?.()
    this.timers.set(
      lead,
      this.parts.clock.after(ms, () => void this.send(lead)),
    )
  }

  private send(lead: string): Promise<void> {
    const under = this.sending.get(lead)
    if (under) return under.then(() => this.flush(lead))
    this.timers.get(lead)?.()
    const sent = this.put(lead).finally(() => this.sending.delete(lead))
    this.sending.set(lead, sent)
    return sent
  }

  private async put(lead: string): Promise<void> {
    const draft = this.drafts.get(lead)
    if (!draft) return
    this.become(lead, { kind: 'sending' })
    try {
      this.took(lead, draft, await this.parts.put(lead, draft.text, draft.seen))
    } catch (error) {
      this.failed(lead, draft, error)
    }
  }

  /** The server has it; what was typed meanwhile was written over it, and goes next. */
  private took(lead: string, sent: Draft, note: AgentNote): void {
    this.know(lead, note)
    this.parts.saved(lead, note)
    const now = this.drafts.get(lead)
    if (!now || now.text === sent.text) return this.done(lead)
    this.drafts.set(lead, { text: now.text, seen: note.version })
    this.become(lead, { kind: 'typed' })
    this.later(lead, PAUSE_MS)
  }

  private failed(lead: string, draft: Draft, error: unknown): void {
    const standing = standingIn(error)
    if (standing?.text === draft.text) return this.took(lead, draft, standing) // an earlier try, or another tab, has won
    if (standing) return this.become(lead, { kind: 'conflict', standing })
    if (error instanceof ApiError && error.status === 404) {
      this.done(lead)
      return this.parts.gone(lead)
    }
    if (error instanceof ApiError && !error.passing) return this.become(lead, { kind: 'refused', error })
    this.become(lead, { kind: 'kept' })
    this.later(lead, RETRY_MS)
  }

  private done(lead: string): void {
    this.timers.get(lead)?.()
    this.drafts.remove(lead)
    this.become(lead, SAVED)
  }

  private know(lead: string, note: AgentNote): void {
    this.known.set(lead, this.newest(lead, note) ?? note)
  }

  private newest(lead: string, standing: AgentNote | null | undefined): AgentNote | null {
    const known = this.known.get(lead) ?? null
    return standing && (!known || standing.version >= known.version) ? standing : known
  }

  private become(lead: string, state: NoteState): void {
    this.states.set(lead, state)
    this.tell()
  }

  private tell(): void {
    this.changes += 1
    for (const listener of [...this.listeners]) listener()
  }
}

/** The note that stands, in a refusal that says so. */
function standingIn(error: unknown): AgentNote | null {
  if (!(error instanceof ApiError) || error.status !== 409) return null
  const details = error.details as { agent_note?: AgentNote } | null | undefined
  return details?.agent_note ?? null
}
