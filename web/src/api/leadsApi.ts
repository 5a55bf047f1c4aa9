import type { InstallationSettings } from '../call/outcomes'
import type { OutcomeRequest } from '../call/outcomeDrafts'
import type { AgentNote, LeadWithHistory } from '../leads/lead'
import type { AgentSession, Paused } from '../socket'
import type { Client } from './client'
import type {
  Called,
  CountAbandonedResponse,
  ImportLeadsResponse,
  ListLeadsResponse,
  MayCall,
  RefusedLines,
  Settings,
  SettingsChange,
} from './schema'

export type { Called, ImportLeadsResponse, MayCall, Settings }
export type RefusedRow = RefusedLines[number]

export type Via = 'browser' | 'phone'

/** A session that has just been opened; by browser, with what the call is made with. */
export interface OpenedSession extends AgentSession {
  token?: string
}

/** A lead by the documented columns; its own stand under `extra.<name>`. */
export type NewLead = Record<string, string>

const PAGE = 1000
/** The first page is a short one: the screen is full sooner. */
const FIRST_PAGE = 200

/** The routes of the HTTP API, one method each. */
export class LeadsApi {
  private readonly client: Client

  constructor(client: Client) {
    this.client = client
  }

  async page(cursor: string | null): Promise<ListLeadsResponse> {
    const query = new URLSearchParams({ limit: String(cursor ? PAGE : FIRST_PAGE), ...(cursor ? { cursor } : {}) })
    return this.client.json<ListLeadsResponse>(`/api/leads?${query}`)
  }

  async lead(id: string): Promise<LeadWithHistory> {
    const answer = await this.client.json<LeadWithHistory | { lead: LeadWithHistory }>(at(id))
    return 'lead' in answer ? answer.lead : answer
  }

  async release(id: string, attempt: string | null | undefined): Promise<unknown> {
    return this.client.json(`${at(id)}/release`, { method: 'POST', json: { attempt_id: attempt } })
  }

  async settle(id: string, attempt: string | null | undefined): Promise<unknown> {
    return this.client.json(`${at(id)}/settle`, { method: 'POST', json: { attempt_id: attempt } })
  }

  /** A person starts the call of a lead whose place asks for one. */
  async confirm(id: string): Promise<unknown> {
    return this.client.json(`${at(id)}/confirm`, { method: 'POST', json: {} })
  }

  /** Whether a lead may be called now, or at a moment. */
  async mayCall(id: string, at: string | null = null): Promise<MayCall> {
    const query = new URLSearchParams({ lead: id, ...(at ? { at } : {}) })
    return this.client.json<MayCall>(`/api/may-call?${query}`)
  }

  /** For administrators: which agent called this number last. */
  async whoCalled(phone: string): Promise<Called> {
    return this.client.json<Called>('/api/called', { method: 'POST', json: { phone } })
  }

  /** For administrators: every agent may call this number, until one of them has. */
  async letColleaguesCall(phone: string): Promise<Called> {
    return this.client.json<Called>('/api/called', { method: 'DELETE', json: { phone } })
  }

  /** For administrators: the answered calls of 30 days, added up part by part; *tell* hears how many so far. */
  async countAbandoned(
    tell: (answered: number) => void,
  ): Promise<Pick<CountAbandonedResponse, 'joined' | 'abandoned'>> {
    const sum = { joined: 0, abandoned: 0 }
    let next: string | null = ''
    while (next !== null) {
      const query: string = next ? `?${new URLSearchParams({ cursor: next })}` : ''
      const part: CountAbandonedResponse = await this.client.json(`/api/abandoned${query}`)
      sum.joined += part.joined
      sum.abandoned += part.abandoned
      next = part.next
      tell(sum.joined + sum.abandoned)
    }
    return sum
  }

  async doNotCall(id: string, on: boolean): Promise<unknown> {
    return this.client.json(`${at(id)}/do-not-call`, { method: on ? 'PUT' : 'DELETE' })
  }

  async remove(id: string): Promise<void> {
    await this.client.json(at(id), { method: 'DELETE' })
  }

  /**
   * Leads of a file in the order of their rows, of which *after* more are still to come; refused ones are counted from 1.
   * A person has said what each column is, so the server need not look for marks in those that are only kept.
   */
  async import(leads: NewLead[], after: number): Promise<ImportLeadsResponse> {
    const columns = Object.fromEntries(ownColumns(leads).map((name) => [name, 'keep']))
    return this.client.json<ImportLeadsResponse>('/api/leads', {
      method: 'POST',
      json: { leads, columns, first_line: 1, rows_after: after },
    })
  }

  /** The whole list as one file; a long one comes in pieces to put one behind the other, each of which says where the next begins. */
  async csv(): Promise<Blob> {
    const pieces: Blob[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const wanted = new URLSearchParams({ pieces: 'true', ...(cursor && { cursor }) })
      const answer: Response = await this.client.csv(`/api/leads.csv?${wanted}`)
      pieces.push(await answer.blob())
      cursor = answer.headers.get('x-next-cursor')
    }
    return new Blob(pieces, { type: 'text/csv;charset=utf-8' })
  }

  async settings(): Promise<Settings> {
    return this.client.json<Settings>('/api/settings')
  }

  async saveSettings(change: SettingsChange): Promise<Settings> {
    return this.client.json<Settings>('/api/settings', { method: 'PUT', json: change })
  }

  async pause(cancelRinging: boolean): Promise<Paused> {
    return this.client.json<Paused>('/api/autocall/pause', { method: 'POST', json: { cancel_ringing: cancelRinging } })
  }

  async resume(): Promise<Paused> {
    return this.client.json<Paused>('/api/autocall/resume', { method: 'POST', json: {} })
  }

  /** The agent's own call as it stands. */
  async phone(): Promise<AgentSession> {
    return this.client.json<AgentSession>('/api/phone')
  }

  /** Opens the agent's own call, in the place of any other: the browser connects then, or their phone is rung. */
  async openPhone(via: Via): Promise<OpenedSession> {
    return this.client.json<OpenedSession>('/api/phone', { method: 'POST', json: { via } })
  }

  async hangUpPhone(): Promise<AgentSession> {
    return this.client.json<AgentSession>('/api/phone', { method: 'DELETE' })
  }

  /** Ends the lead's call; the agent's own goes on. */
  async hangUpLead(id: string, attempt: string): Promise<unknown> {
    return this.client.json(`${at(id)}/hang-up`, { method: 'POST', json: { attempt_id: attempt } })
  }

  /** Puts the lead on hold, or goes on with the conversation. */
  async holdLead(id: string, attempt: string, held: boolean): Promise<AgentSession> {
    return this.client.json<AgentSession>(`${at(id)}/hold`, { method: 'POST', json: { attempt_id: attempt, held } })
  }

  /** Says how the conversation of this attempt went; with *ready*, the next call may start. */
  async giveOutcome(id: string, request: OutcomeRequest): Promise<unknown> {
    return this.client.json(`${at(id)}/outcome`, { method: 'POST', json: request })
  }

  /** Writes the agent's note over the one of version *seen*. */
  async writeNote(id: string, text: string, seen: number): Promise<AgentNote> {
    return this.client.json<AgentNote>(`${at(id)}/note`, { method: 'PUT', json: { text, seen } })
  }

  /** A person has a lead called again that was called before: now, or at a time. */
  async callAgain(id: string, request: { attempt_id: string; at?: string; why?: string }): Promise<unknown> {
    return this.client.json(`${at(id)}/again`, { method: 'POST', json: request })
  }

  /** Says whether the call of a lead's at the moment that was *seen*, which nobody answered, is dealt with. */
  async ringBack(id: string, seen: string, done: boolean): Promise<unknown> {
    return this.client.json(`${at(id)}/ring-back`, { method: 'PUT', json: { seen, done } })
  }

  /** Plays the message to the mailbox that has answered; the agent is free at once. */
  async dropVoicemail(id: string, attempt: string): Promise<unknown> {
    return this.client.json(`${at(id)}/voicemail`, { method: 'POST', json: { attempt_id: attempt } })
  }

  /** What administrators have set for everybody. */
  async installation(): Promise<InstallationSettings> {
    return this.client.json<InstallationSettings>('/api/installation')
  }

  async saveInstallation(change: Partial<InstallationSettings>): Promise<InstallationSettings> {
    return this.client.json<InstallationSettings>('/api/installation', { method: 'PUT', json: change })
  }

  /** Has the server forget every open page of this user. */
  async disconnect(): Promise<void> {
    await this.client.json('/api/connections', { method: 'DELETE', keepalive: true })
  }
}

const ownColumns = (leads: NewLead[]) =>
  [...new Set(leads.flatMap(Object.keys))].filter((name) => name.startsWith('extra.'))

const at = (id: string) => `/api/leads/${encodeURIComponent(id)}`
