import { backoff } from './backoff'
import { type Cancel, type Clock, tabClock } from './clock'
import { Emitter, type Listener } from './emitter'
import { type AgentSession, type ClientEvents, type Frame, KNOWN, type RunFinished, type ServerEvents } from './frames'
import { lifetime } from './lifetime'
import { HeartbeatSocket, type OpenSocket } from './heartbeatSocket'
import { FetchSchedule } from './fetchSchedule'
import { type BrowserEvent, type BrowserEvents, tabEvents } from './browserEvents'

/**
 * `live`: what is shown is true now. Otherwise it may be old; `refused` (log in again), `impossible` (no browser would
 * open this address from this page), `too_long` (nor would the server read it, with this token), `replaced` (this agent has
 * opened too many pages, and this was the oldest: by itself it would push out the next) and `closed` do not come back by
 * themselves.
 */
export type ConnectionState =
  | 'connecting'
  | 'live'
  | 'reconnecting'
  | 'offline'
  | 'refused'
  | 'impossible'
  | 'too_long'
  | 'replaced'
  | 'closed'

/** What the socket itself tells, beside the server's events. */
export interface LocalEvents {
  state: ConnectionState
  connect: undefined
  disconnect: undefined
  /** an event went out */
  sent: string
  /** the server sent an event that neither the page nor this socket knows; told once for each */
  stranger: string
}

const OWN: ReadonlySet<string> = new Set<keyof LocalEvents>(['state', 'connect', 'disconnect', 'sent', 'stranger'])
const SILENT: ReadonlySet<ConnectionState> = new Set<ConnectionState>([
  'closed',
  'refused',
  'impossible',
  'too_long',
  'replaced',
])

export type Events = ServerEvents & LocalEvents

export interface Token {
  value: string
  /** in milliseconds since 1970; null if unknown */
  expiresAt: number | null
}

export interface LeadsSocketOptions {
  /** Where the WebSocket API listens: `wss://…/live`. */
  url: string
  /** A token for one attempt; with `fresh`, one that was not refused before. Rejects with `LoginNeeded` if only a login helps. */
  token(fresh: boolean): Promise<Token>
  /** Asks the HTTP API whether this token is good: a refused handshake looks like a broken network. */
  check(token: string): Promise<'good' | 'refused' | 'unreachable'>
  /** Loads all leads; called after every opening, before `leads:fetched` is said. */
  snapshot(): Promise<void>
  /** Only a login can help now. */
  refused(): void
  /** What each ping says beside that somebody is there, if anything. */
  pingData?: () => unknown
  clock?: Clock
  signals?: BrowserEvents
  random?: () => number
  openSocket?: OpenSocket
}

/** Thrown by `token` when there is no login any more, or the login has ended. */
export class LoginNeeded extends Error {
  override name = 'LoginNeeded'
}

/** API Gateway reads no longer address of a WebSocket, and the token is part of it. */
const LONGEST_ADDRESS = 4_096
const NAMES = 36 ** 8
const STABLE_MS = 5_000
const OFFLINE_AFTER = 3
/** Without a network `online` is waited for; now and then a try all the same, for browsers are not always right. */
const OFFLINE_RETRY_MS = 60_000
/** A handshake younger than this has not had its chance yet. */
const YOUNG_MS = 2_000

/** The live connection of one agent's page: see the README beside this folder for what it promises. */
export class LeadsSocket {
  private readonly options: LeadsSocketOptions
  private readonly clock: Clock
  private readonly signals: BrowserEvents
  private readonly random: () => number
  private readonly openSocket: OpenSocket
  private readonly emitter = new Emitter()
  private readonly schedule: FetchSchedule
  private readonly strangers = new Set<string>()

  /** This page's name: while it renews its connection, the server knows that both are the same page. */
  private readonly page: string
  private shownState: ConnectionState = 'closed'
  private current: HeartbeatSocket | null = null
  private pending: HeartbeatSocket | null = null
  private retry: Cancel = () => {}
  private rotation: Cancel = () => {}
  private stable: Cancel = () => {}
  private unwatch: Cancel = () => {}
  private failures = 0
  private refreshed = false
  private wantsFresh = false
  private attempt = 0
  private begun = 0

  constructor(options: LeadsSocketOptions) {
    this.options = options
    this.clock = options.clock ?? tabClock()
    this.signals = options.signals ?? tabEvents
    this.random = options.random ?? Math.random
    this.page = Math.floor(this.random() * NAMES).toString(36)
    this.openSocket = options.openSocket ?? ((address) => new WebSocket(address))
    this.schedule = new FetchSchedule(this.clock, () => void this.emit('leads:fetched'))
  }

  get state(): ConnectionState {
    return this.shownState
  }

  get connected(): boolean {
    return this.shownState === 'live'
  }

  /** Sends now or not at all: true if it was sent. Nothing is queued, for a repeated request could surprise. */
  emit<E extends keyof ClientEvents>(event: E, data?: ClientEvents[E]): boolean
  emit(event: string, data?: unknown): boolean
  emit(event: string, data?: unknown): boolean {
    const sent = (this.current ?? this.pending)?.send(event, data) ?? false
    if (sent) this.emitter.tell('sent', event)
    return sent
  }

  /** Calls *listener* with the data of each such event; the returned function ends that. */
  on<E extends keyof Events>(event: E, listener: Listener<Events[E]>): Cancel
  on(event: string, listener: Listener<unknown>): Cancel
  on(event: string, listener: Listener<never>): Cancel {
    this.emitter.on(event, listener)
    return () => this.emitter.off(event, listener)
  }

  /** Ends what `on` began; without a listener, for all listeners to that event. */
  off<E extends keyof Events>(event: E, listener?: Listener<Events[E]>): void
  off(event: string, listener?: Listener<unknown>): void
  off(event: string, listener?: Listener<never>): void {
    this.emitter.off(event, listener)
  }

  /** Pings now, on every connection there is: what `pingData` answers has changed. */
  ping(): void {
    this.current?.pingNow()
    this.pending?.pingNow()
  }

  open(): void {
    if (!SILENT.has(this.shownState)) return
    this.failures = 0
    this.refreshed = this.wantsFresh = false
    this.unwatch = this.signals.watch((signal) => this.onBrowserEvent(signal))
    this.show('connecting')
    void this.connect()
  }

  close(): void {
    this.halt()
    this.show('closed')
  }

  private halt(): void {
    this.attempt += 1
    for (const cancel of [this.retry, this.rotation, this.stable, this.unwatch]) cancel()
    this.schedule.stop()
    this.pending?.close()
    this.current?.close()
    this.pending = this.current = null
    this.clock.stop?.()
  }

  /** One attempt; beside a connection that still serves, it is a rotation. */
  private async connect(): Promise<void> {
    const attempt = this.startOver()
    const token = await this.getToken()
    if (attempt !== this.attempt) return
    if (token === 'none') return this.refuse()
    if (token === 'later') return this.retryLater()
    try {
      if (this.address(token.value).length > LONGEST_ADDRESS)
        return this.giveUp('too_long', 'its address, with this token, is too long')
      this.pending = this.dial(attempt, token)
    } catch (error) {
      this.giveUp('impossible', error)
    }
  }

  private dial(attempt: number, token: Token): HeartbeatSocket {
    let opened = false
    const link: HeartbeatSocket = new HeartbeatSocket(this.address(token.value), this.openSocket, this.clock, {
      opened: () => {
        opened = true
        void this.settle(link, token)
      },
      frame: (frame) => this.onFrame(link, frame),
      pingData: () => this.options.pingData?.(),
      ended: () => (opened ? this.onClosed(link) : void this.onOpenFailed(attempt, token)),
    })
    return link
  }

  /** The address is none, not one that this page may open (ws:// from an https page), or too long: trying again is no use. */
  private giveUp(state: 'impossible' | 'too_long', why: unknown): void {
    console.error('no connection can be opened', why)
    this.halt()
    this.show(state)
    void this.options.snapshot().catch(() => {})
  }

  private startOver(): number {
    this.retry()
    this.rotation()
    this.pending?.close()
    this.pending = null
    this.begun = this.clock.now()
    return ++this.attempt
  }

  private async getToken(): Promise<Token | 'none' | 'later'> {
    const fresh = this.wantsFresh
    try {
      const token = await this.options.token(fresh)
      this.wantsFresh = false
      return token
    } catch (error) {
      return error instanceof LoginNeeded ? 'none' : 'later'
    }
  }

  private address(token: string): string {
    const address = new URL(this.options.url)
    address.searchParams.set('token', token)
    address.searchParams.set('page', this.page)
    return address.href
  }

  /** A fresh link first gets the list, then says so, then takes over from the one it replaces. */
  private async settle(link: HeartbeatSocket, token: Token): Promise<void> {
    try {
      await this.options.snapshot()
    } catch (error) {
      if (this.pending !== link) return
      this.pending = null
      link.close()
      return error instanceof LoginNeeded ? this.refuse() : this.retryLater()
    }
    if (this.pending !== link) return
    this.current?.close()
    this.current = link
    this.pending = null
    this.refreshed = false
    this.stable()
    this.stable = this.clock.after(STABLE_MS, () => (this.failures = 0))
    const expiresIn = lifetime(this.clock.now(), token.expiresAt, this.random)
    this.rotation = this.clock.after(expiresIn, () => void this.connect())
    this.show('live')
    this.schedule.opened()
  }

  private onClosed(link: HeartbeatSocket): void {
    if (link === this.pending) this.pending = null
    else if (link === this.current) this.current = null
    else return
    if (this.pending) this.show('reconnecting')
    else this.retryLater()
  }

  /** Why did it not open? A refusal that the browser may not read looks like no answer: a fresh token is due then too. */
  private async onOpenFailed(attempt: number, token: Token): Promise<void> {
    this.pending = null
    const verdict = this.signals.online() ? await this.options.check(token.value) : 'unreachable'
    if (attempt !== this.attempt) return
    if (verdict === 'good') return this.retryLater()
    if (verdict === 'refused' && this.refreshed) return this.refuse()
    if (!this.refreshed && this.signals.online()) this.refreshed = this.wantsFresh = true
    if (verdict === 'refused') void this.connect()
    else this.retryLater()
  }

  private refuse(): void {
    this.halt()
    this.show('refused')
    this.options.refused()
  }

  private retryLater(): void {
    this.stable()
    if (!this.current) {
      this.schedule.stop()
      this.show(this.signals.online() && this.failures < OFFLINE_AFTER ? 'reconnecting' : 'offline')
    }
    this.retry()
    const wait = backoff(this.failures++, this.random)
    this.retry = this.clock.after(this.signals.online() ? wait : OFFLINE_RETRY_MS, () => void this.connect())
  }

  private onBrowserEvent(signal: BrowserEvent): void {
    if (signal === 'offline') return this.wentOffline()
    if (this.current) return this.current.checkAlive()
    if (signal === 'visible' && this.pending?.open) return this.pending.checkAlive()
    if (!this.pending || this.clock.now() - this.begun >= YOUNG_MS) void this.connect()
  }

  private wentOffline(): void {
    this.attempt += 1
    this.pending?.close()
    this.current?.close()
    this.pending = this.current = null
    this.rotation()
    this.retryLater()
  }

  private onFrame(link: HeartbeatSocket, { event, data }: Frame): void {
    if (event === 'pong') return
    if (event === 'autocall:finished') this.schedule.finished(data as RunFinished | null)
    const code = event === 'error' ? (data as { code?: unknown } | null)?.code : null
    if (code === 'token_expired') this.wantsFresh = true
    if (code === 'too_many_connections') this.wasReplaced(link)
    if (event === 'agent:session') this.schedule.session(data as AgentSession | null)
    const mine = OWN.has(event) // a server's event of that name is no word of this socket's
    if (mine || (!KNOWN.has(event) && !this.emitter.has(event))) this.noteStranger(event)
    if (!mine) this.emitter.tell(event, data)
  }

  /** The server closes this connection for a younger one: while it rotates, that is its own, and takes over as ever. */
  private wasReplaced(link: HeartbeatSocket): void {
    if (link === this.current && this.pending) return
    this.halt()
    this.show('replaced')
  }

  private noteStranger(event: string): void {
    if (this.strangers.has(event)) return
    this.strangers.add(event)
    console.info(`the server sent an event this page does not know: ${event}`)
    this.emitter.tell('stranger', event)
  }

  private show(state: ConnectionState): void {
    if (state === this.shownState) return
    const was = this.shownState
    this.shownState = state
    this.emitter.tell('state', state)
    if (state === 'live') this.emitter.tell('connect', undefined)
    else if (was === 'live') this.emitter.tell('disconnect', undefined)
  }
}
