import { ApiError, Client } from './api/client'
import { LeadsApi, type Settings } from './api/leadsApi'
import type { Session } from './auth/session'
import type { Config } from './config'
import type { Lead } from './leads/lead'
import { IDLE, reduce, type RunEvent, type RunState } from './leads/run'
import { LeadStore } from './leads/store'
import { type CallUpdate, LeadsSocket, LoginNeeded } from './socket'

const ANSWER_MS = 4_000

/** Errors that the socket answers by itself, with a new connection. */
const HANDLED: ReadonlySet<string> = new Set(['token_expired', 'connection_closed'])

/** Everything behind one agent's page: the list, the connection and what the calling machine is doing. */
export class Desk {
  readonly store = new LeadStore()
  readonly api: LeadsApi
  readonly socket: LeadsSocket
  private readonly session: Session
  private readonly http: string
  private readonly listeners = new Set<() => void>()
  private state: DeskState = { run: IDLE, settings: null, loaded: false, problem: null, notice: null }
  private asked = new Set<string>()

  constructor(config: Config, session: Session) {
    const client = new Client(config.http_url, session)
    this.http = config.http_url
    this.session = session
    this.api = new LeadsApi(client)
    this.socket = new LeadsSocket({
      url: config.websocket_url,
      token: (fresh) => session.forSocket(fresh),
      check: (token) => client.check(token),
      snapshot: () => this.snapshot(),
      refused: () => session.end('refused'),
    })
    this.listen()
  }

  get current(): DeskState {
    return this.state
  }

  subscribe = (changed: () => void): (() => void) => {
    this.listeners.add(changed)
    return () => this.listeners.delete(changed)
  }

  /** All leads, page by page; rows show as they come, and what is gone is taken away only at the end. */
  async snapshot(): Promise<void> {
    try {
      void this.loadSettings()
      await this.loadLeads()
      this.change({ loaded: true, problem: null })
    } catch (error) {
      this.change({ problem: error })
      throw error
    }
  }

  async loadSettings(): Promise<Settings | null> {
    const settings = await this.api.settings().catch(() => null)
    if (settings) this.tookSettings(settings)
    return settings
  }

  tookSettings(settings: Settings): void {
    this.change({ settings })
    this.run({ kind: 'profile', data: settings })
  }

  /** Reads one lead again; one that is gone disappears from the list. */
  async refetch(id: string): Promise<void> {
    try {
      const { history: _h, strays: _s, dnc: _d, dnc_removed: _r, ...lead } = await this.api.lead(id)
      this.store.set(lead)
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) this.store.remove(id)
      else if (error instanceof LoginNeeded) this.session.end('refused')
    }
  }

  /** Pauses or resumes: by the socket while it is live, by HTTP otherwise and to hang up what rings. */
  async setPaused(paused: boolean, cancelRinging = false): Promise<void> {
    const answer = this.next(paused ? 'autocall:paused' : 'autocall:resumed', ANSWER_MS)
    const sent = this.socket.connected && !cancelRinging && this.socket.emit(paused ? 'autocall:pause' : 'autocall:resume')
    if (sent && (await answer)) return
    await (paused ? this.api.pause(cancelRinging) : this.api.resume())
    await this.loadSettings()
  }

  /** Whether *event* arrives within *ms*. */
  private next(event: 'autocall:paused' | 'autocall:resumed', ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const stop = this.socket.on(event, () => resolve(true))
      setTimeout(() => {
        stop()
        resolve(false)
      }, ms)
    })
  }

  /**
   * Ends the login everywhere: first in the tabs of this browser, so that none of them comes back, then on the server,
   * which forgets and closes every connection of this user.
   */
  async signOut(): Promise<void> {
    const token = this.session.tokens?.token
    this.socket.close()
    this.session.end('left')
    this.store.clear()
    if (token) await new LeadsApi(new Client(this.http, lastWords(token))).disconnect().catch(() => undefined)
  }

  clearNotice(): void {
    this.change({ notice: null })
  }

  private async loadLeads(): Promise<void> {
    const before = this.store.ids()
    const named = new Set<string>()
    let cursor: string | null = null
    do {
      const { items, next }: { items: Lead[]; next: string | null } = await this.api.page(cursor)
      for (const { lead_id } of items) named.add(lead_id)
      this.store.setAll(items)
      cursor = next
    } while (cursor)
    this.store.keepOnly(named, before)
  }

  private listen(): void {
    const { socket } = this
    for (const event of ['call:started', 'call:status_updated', 'call:completed'] as const) {
      socket.on(event, (update) => this.heard(update))
    }
    socket.on('autocall:started', (data) => this.run({ kind: 'started', data }))
    socket.on('autocall:finished', (data) => this.run({ kind: 'finished', data }))
    socket.on('autocall:paused', (data) => this.run({ kind: 'paused', data }))
    socket.on('autocall:resumed', (data) => this.run({ kind: 'resumed', data }))
    socket.on('error', (notice) => HANDLED.has(notice?.code) || this.change({ notice }))
  }

  private heard(update: CallUpdate): void {
    if (typeof update?.lead_id !== 'string') return
    if (this.store.update(update) === 'unknown') void this.fetchUnknown(update.lead_id)
  }

  private async fetchUnknown(id: string): Promise<void> {
    if (this.asked.has(id)) return
    this.asked.add(id)
    await this.refetch(id)
    this.asked.delete(id)
  }

  private run(event: RunEvent): void {
    this.change({ run: reduce(this.state.run, event) })
  }

  private change(part: Partial<DeskState>): void {
    this.state = { ...this.state, ...part }
    for (const listener of [...this.listeners]) listener()
  }
}

/** A token for one more request after the login has ended here. */
const lastWords = (token: string) => ({
  forRequest: async () => token,
  renew: async () => {
    throw new LoginNeeded()
  },
})

export interface DeskState {
  run: RunState
  settings: Settings | null
  /** whether the list was complete once */
  loaded: boolean
  /** why the list could not be loaded */
  problem: unknown
  /** what the server said went wrong with a frame */
  notice: { code: string; message: string } | null
}
