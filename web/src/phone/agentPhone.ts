import { ApiError } from '../api/client'
import type { OpenedSession, Settings, Via } from '../api/leadsApi'
import { log } from '../log'
import type { AgentSession, Cancel, Clock } from '../socket'
import type { ReadyDevices } from './devices'
import type { Unreachable } from './microphone'
import { type CallQuality, FINE, NotConnected, type Softphone, type SoftphoneEvents } from './softphone'
import type { TabLock } from './tabLock'

/** What this page does about the agent's own call by browser. */
export type Hold =
  /** nothing: the agent is on the line by their phone, or it is not known yet */
  | { kind: 'none' }
  /** the microphone was never tried here */
  | { kind: 'check' }
  | { kind: 'unreachable'; why: Unreachable }
  /** another tab of this browser has the phone; this one takes it when that is closed */
  | { kind: 'elsewhere' }
  /** the agent is in a conversation on another machine, which opening a session here would end */
  | { kind: 'in_conversation' }
  /** another page has taken the line over: this one does not take it back by itself */
  | { kind: 'taken' }
  | { kind: 'opening'; session: string | null }
  | { kind: 'connected'; session: string }
  /** the call is over, or did not come about; *again* when it is tried by itself, by this machine's clock */
  | { kind: 'lost'; error: unknown; again: number | null }

export interface PhoneState {
  /** whether somebody has to be on the line in this installation; null until it is known */
  needed: boolean | null
  via: Via
  hasPhone: boolean
  session: AgentSession | null
  hold: Hold
  quality: CallQuality
  /** whether a request by a person is under way */
  busy: boolean
}

interface PhoneApi {
  phone(): Promise<AgentSession>
  openPhone(via: Via): Promise<OpenedSession>
  hangUpPhone(): Promise<AgentSession>
}

export interface AgentPhoneParts {
  api: PhoneApi
  clock: Clock
  lock: TabLock
  softphone: (events: SoftphoneEvents) => Pick<Softphone, 'connect' | 'hangUp' | 'mute' | 'press'>
  /** what the ready check has settled in this browser; null before */
  ready: () => ReadyDevices | null
  /** remembers over a reload of this tab which session was its own */
  memory: Pick<Storage, 'getItem' | 'setItem'>
  /** whose phone it is: two people of one browser have two */
  user: string
  /** the page holds another session now, which the server should hear at once */
  holds: () => void
}

/** After a call that has broken off, and after each of the tries that follow. */
const RETRIES_MS = [1_000, 5_000, 20_000]
/** A call that has stood for so long was none that is turned away again and again. */
const STOOD_MS = 60_000
const MEMORY = 'autocall.session'
const NONE: PhoneState = {
  needed: null,
  via: 'browser',
  hasPhone: false,
  session: null,
  hold: { kind: 'none' },
  quality: FINE,
  busy: false,
}

/** The agent's own call, as this page holds it or sees it. Opening the page opens it: there is no button to start. */
export class AgentPhone {
  private readonly parts: AgentPhoneParts
  private readonly softphone: Pick<Softphone, 'connect' | 'hangUp' | 'mute' | 'press'>
  private readonly listeners = new Set<() => void>()
  private state = NONE
  private isOpen = false
  private online = false
  private giveBack: Cancel | null = null
  private hasLock = false
  private retry: Cancel = () => {}
  private tries = 0
  private since = 0
  private attempt = 0

  constructor(parts: AgentPhoneParts) {
    this.parts = parts
    this.softphone = parts.softphone({
      changed: (quality) => this.change({ quality }),
      ended: (code) => void this.ended(code),
    })
  }

  get current(): PhoneState {
    return this.state
  }

  subscribe = (changed: () => void): Cancel => {
    this.listeners.add(changed)
    return () => this.listeners.delete(changed)
  }

  /** The session that this page holds, as its pings tell. */
  get session(): string | null {
    const { hold } = this.state
    return hold.kind === 'opening' || hold.kind === 'connected' ? hold.session : null
  }

  open(): void {
    this.isOpen = true
    this.settle()
  }

  /** The page is left, or the login has ended: the call of this browser ends with it. */
  close(): void {
    this.isOpen = false
    this.letGo()
  }

  /** The page's live connection stands, or stands no more; what has happened meanwhile is asked for. */
  connected(online: boolean): void {
    this.online = online
    if (!online || !this.state.needed) return
    void this.refresh()
    this.settle()
    const { hold } = this.state
    if (hold.kind !== 'lost' || hold.again !== null || !hold.error || !mayPass(hold.error)) return
    this.tries = 0 // the network that took the call away is back
    void this.begin()
  }

  tookSettings({ installation, via, agent_phone }: Settings): void {
    const needed = installation?.audio === 'agent'
    const first = needed && !this.state.needed
    this.change({ needed, via: via ?? 'browser', hasPhone: Boolean(agent_phone) })
    if (first && this.online) void this.refresh()
    this.settle()
  }

  heard(session: AgentSession | null): void {
    if (!session || session.version < (this.state.session?.version ?? 0)) return
    this.change({ session })
    const { hold } = this.state
    const mine = this.session
    if (mine && session.session_id !== mine) this.startOver({ kind: 'taken' })
    else if (hold.kind === 'in_conversation' && session.phase === 'ended') void this.begin()
  }

  /** The ready check was passed. */
  checked(): void {
    if (this.hasLock) void this.begin(true)
    else this.settle()
  }

  unreachable(why: Unreachable): void {
    if (this.state.hold.kind === 'check' || this.state.hold.kind === 'unreachable')
      this.change({ hold: { kind: 'unreachable', why } })
  }

  /** A person wants to be on the line, here or by their phone, whatever stands elsewhere. */
  async reconnect(): Promise<void> {
    if (this.state.via === 'phone') return this.asked(async () => this.heard(await this.parts.api.openPhone('phone')))
    this.tries = 0
    if (this.hasLock) return this.begin(true)
    this.takeLock(true)
  }

  /** A person leaves the line; nobody is called until they are back. */
  async hangUp(): Promise<void> {
    this.startOver({ kind: 'lost', error: null, again: null })
    await this.asked(async () => this.heard(await this.parts.api.hangUpPhone()))
  }

  mute(on: boolean): void {
    this.softphone.mute(on)
  }

  press(keys: string): void {
    this.softphone.press(keys)
  }

  /** Who shall hold the line of this browser: asked once for each page that is open. */
  private settle(): void {
    const wanted = this.isOpen && this.state.needed === true && this.state.via === 'browser'
    if (!wanted) return this.letGo()
    if (this.online && !this.giveBack && this.state.hold.kind === 'none') this.takeLock(false)
  }

  private takeLock(steal: boolean): void {
    this.giveBack?.()
    this.giveBack = this.parts.lock.ask(`autocall.phone ${this.parts.user}`, steal, {
      held: () => {
        this.hasLock = true
        void this.begin(steal)
      },
      waits: () => this.change({ hold: { kind: 'elsewhere' } }),
      lost: () => {
        this.giveBack = null
        this.hasLock = false
        this.startOver({ kind: 'taken' })
      },
    })
  }

  /** Opens a session and connects it; not by a person's word, only where that ends no conversation elsewhere. */
  private async begin(byPerson = false): Promise<void> {
    const devices = this.parts.ready()
    if (!devices) return this.change({ hold: { kind: 'check' } })
    const attempt = this.startOver({ kind: 'opening', session: null })
    const isOver = () => attempt !== this.attempt
    try {
      if (!byPerson && (await this.talksElsewhere()))
        return isOver() ? undefined : this.change({ hold: { kind: 'in_conversation' } })
      if (isOver()) return
      const { token = '', ...session } = await this.parts.api.openPhone('browser')
      if (isOver()) return
      const id = session.session_id ?? ''
      this.parts.memory.setItem(MEMORY, id)
      this.change({ hold: { kind: 'opening', session: id } })
      this.heard(session)
      this.parts.holds() // before Twilio says that the call stands: the run that this starts must find it held
      await this.softphone.connect(token, id, devices)
      if (isOver()) return
      log.info('the own call stands')
      this.since = this.parts.clock.now()
      this.change({ hold: { kind: 'connected', session: id } })
    } catch (error) {
      if (!isOver()) this.failed(error)
    }
  }

  /** Whether a conversation goes on at another machine; this tab's own, before it was loaded anew, is not elsewhere. */
  private async talksElsewhere(): Promise<boolean> {
    const session = await this.parts.api.phone()
    this.heard(session)
    const { phase, call, session_id } = session
    return phase === 'live' && Boolean(call?.taken) && session_id !== this.parts.memory.getItem(MEMORY)
  }

  /** The call broke off: by Twilio, by the network, or since somebody has opened another session. */
  private async ended(code: number | null): Promise<void> {
    const mine = this.session
    const stood = this.parts.clock.now() - this.since >= STOOD_MS
    if (stood) this.tries = 0
    log.info('the own call has ended', { code })
    const attempt = this.startOver({ kind: 'lost', error: code ? new NotConnected(code) : null, again: null })
    const session = await this.parts.api.phone().catch(() => null)
    if (attempt !== this.attempt) return
    this.heard(session)
    if (session && session.session_id !== mine) return void this.startOver({ kind: 'taken' })
    if (session?.reason !== 'signed out') this.failed(code ? new NotConnected(code) : null)
  }

  private failed(error: unknown): void {
    const why = error instanceof NotConnected ? DEVICES[error.code] : undefined
    const wait = RETRIES_MS[this.tries]
    const again = !why && mayPass(error) && wait !== undefined ? this.parts.clock.now() + wait : null
    const attempt = this.startOver(why ? { kind: 'unreachable', why } : { kind: 'lost', error, again })
    if (again === null || wait === undefined) return
    this.tries += 1
    this.retry = this.parts.clock.after(wait, () => void (attempt === this.attempt && this.begin()))
  }

  private async refresh(): Promise<void> {
    this.heard(await this.parts.api.phone().catch(() => null))
  }

  private async asked(act: () => Promise<void>): Promise<void> {
    this.change({ busy: true })
    try {
      await act()
    } finally {
      this.change({ busy: false })
    }
  }

  /** Whatever was under way is over; the call of this browser is ended. */
  private startOver(hold: Hold): number {
    this.retry()
    const held = this.session
    this.attempt += 1
    const { attempt } = this
    this.softphone.hangUp()
    this.change({ hold, quality: FINE })
    if (held && this.session !== held && attempt === this.attempt) this.parts.holds()
    return attempt
  }

  /** Another tab may hold the phone. Not while another machine does: a tab that waits here would take it from there. */
  private letGo(): void {
    if (this.state.hold.kind === 'none' && !this.giveBack) return
    this.startOver({ kind: 'none' })
    this.giveBack?.()
    this.giveBack = null
    this.hasLock = false
  }

  private change(part: Partial<PhoneState>): void {
    this.state = { ...this.state, ...part }
    for (const listener of [...this.listeners]) listener()
  }
}

/** Twilio's codes for a microphone that may not be used, and one that cannot be. */
const DEVICES: Record<number, Unreachable> = { 31401: 'denied', 31208: 'denied', 31402: 'missing', 31201: 'missing' }

/** Whether trying again may help: not where the server has said why not. */
const mayPass = (error: unknown) => !(error instanceof ApiError) || error.passing
