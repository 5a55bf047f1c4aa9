import type { Lead, LeadWithHistory } from '../leads/lead'
import type { Paused } from '../socket'
import type { Client } from './client'

export interface Settings {
  paused?: boolean
  resume_at?: string | null
  lines?: number | null
  agent_phone?: string | null
  window?: unknown
  version?: number
  /** whether this person may change what holds for the whole installation */
  admin?: boolean
  /** what the server's clock says */
  at?: string
  installation?: Record<string, unknown>
}

/** A row that the server did not store: with `retry` it was right, and can be sent again as it is. */
export interface RefusedRow {
  line: number
  code: string
  detail?: string | null
  reason: string
  retry: boolean
}

/** Something in rows that were taken was left out, or not understood. */
export interface Warning {
  line: number
  code: string
  detail?: { column?: string; rows?: number }
  reason: string
}

export interface Imported {
  created: number
  merged: number
  refused: RefusedRow[]
  warnings?: Warning[]
}

/** Whether a lead may be called, and the rules behind the answer, each with its source. */
export interface MayCall {
  may: boolean
  reason: string | null
  until: string | null
  rules: { place: string; cite: string | null; url: string | null; read_on: string | null; confidence: string | null; note: string | null }[]
}

/** A lead by the documented columns; its own stand under `extra.<name>`. */
export type NewLead = Record<string, string>

interface Page {
  items: Lead[]
  next: string | null
}

const PAGE = 1000

/** The routes of the HTTP API, one method each. */
export class LeadsApi {
  private readonly client: Client

  constructor(client: Client) {
    this.client = client
  }

  async page(cursor: string | null): Promise<Page> {
    const query = new URLSearchParams({ limit: String(PAGE), ...(cursor ? { cursor } : {}) })
    const { items, next } = await this.client.json<Page>(`/api/leads?${query}`)
    return { items: items ?? [], next: next ?? null }
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

  async mayCall(id: string): Promise<MayCall> {
    return this.client.json<MayCall>(`/api/may-call?${new URLSearchParams({ lead: id })}`)
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
  async import(leads: NewLead[], after: number): Promise<Imported> {
    const columns = Object.fromEntries(ownColumns(leads).map((name) => [name, 'keep']))
    return this.client.json<Imported>('/api/leads', { method: 'POST', json: { leads, columns, first_line: 1, rows_after: after } })
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
    return (await this.client.json<Settings>('/api/settings')) ?? {}
  }

  async saveSettings(settings: Settings): Promise<Settings> {
    return (await this.client.json<Settings>('/api/settings', { method: 'PUT', json: settings })) ?? settings
  }

  async pause(cancelRinging: boolean): Promise<Paused> {
    return this.client.json<Paused>('/api/autocall/pause', { method: 'POST', json: { cancel_ringing: cancelRinging } })
  }

  async resume(): Promise<Paused> {
    return this.client.json<Paused>('/api/autocall/resume', { method: 'POST', json: {} })
  }

  /** Has the server forget every open page of this user. */
  async disconnect(): Promise<void> {
    await this.client.json('/api/connections', { method: 'DELETE', keepalive: true })
  }
}

const ownColumns = (leads: NewLead[]) => [...new Set(leads.flatMap(Object.keys))].filter((name) => name.startsWith('extra.'))

const at = (id: string) => `/api/leads/${encodeURIComponent(id)}`
