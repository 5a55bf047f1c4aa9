import { ApiError, Client, type Credentials } from './api/client'
import { LeadsApi, type MayCall, type Settings } from './api/leadsApi'
import type { Session } from './auth/session'
import { Notes } from './call/notes'
import { OutcomeDrafts } from './call/outcomeDrafts'
import type { InstallationSettings } from './call/outcomes'
import type { Config } from './config'
import { ended, inFlight, displayStatus, type Lead, type LeadWithHistory } from './leads/lead'
import { MAX_SINGLE, RefetchQueue } from './leads/refetchQueue'
import { IDLE, mayRest, reduce, type Rest, resting, type RunEvent, type RunState } from './run/state'
import { staleAfter, StaleCalls } from './leads/staleCalls'
import { LeadStore } from './leads/store'
import { computeTotals, disagrees } from './leads/view'
import { log } from './log'
import { AgentPhone, type AgentPhoneParts } from './phone/agentPhone'
import { DeviceChoice } from './phone/devices'
import { wrapUp } from './phone/line'
import { loadSdk, Softphone } from './phone/softphone'
import { browserTabLock } from './phone/tabLock'
import { ServerTime } from './serverTime'
import {
  type CallUpdate,
  type Cancel,
  type Clock,
  LeadsSocket,
  type LeadsSocketOptions,
  LoginNeeded,
  type Paused,
  type RunStarted,
} from './socket'
import { windowClock } from './socket/clock'
import { card as cardTexts, outdated } from './texts'

const ANSWER_MS = 4_000
/** The server prolongs a wrap-up by a minute at least. */
const TYPING_MS = 20_000

/** Errors that the socket answers by itself: with a new connection, or with a state that says what happened. */
const HANDLED: ReadonlySet<string> = new Set(['token_expired', 'connection_closed', 'too_many_connections'])

/** What a desk is made of, for tests that hand in their own. */
interface Deps extends Pick<LeadsSocketOptions, 'clock' | 'signals' | 'random' | 'openSocket'> {
  fetch?: typeof globalThis.fetch
  phone?: Partial<AgentPhoneParts>
  /** keeps what was typed and not sent yet */
  storage?: Storage
}

/** Everything behind one agent's page: the list, the connection and what the calling machine is doing. */
export class AgentApp {
  readonly store: LeadStore
  readonly api: LeadsApi
  readonly socket: LeadsSocket
  readonly phone: AgentPhone
  readonly notes: Notes
  readonly outcomes: OutcomeDrafts
  private readonly session: Session
  private readonly requests: (credentials: Credentials) => LeadsApi
  private readonly clock: Clock
  private readonly lookups: RefetchQueue
  private readonly silence = new StaleCalls()
  private readonly time: ServerTime
  private readonly listeners = new Set<() => void>()
  private state: AgentAppState = {
    run: IDLE,
    settings: null,
    installation: null,
    loaded: false,
    problem: null,
    notice: null,
  }
  private loading = 0
  /** counts the loads of the list; only the latest goes on */
  private load = 0
  private warned = false
  private compared = ''
  private typing = { attempt: '', at: 0 }
  private lastTyped = Number.NEGATIVE_INFINITY
  private heardSession = -1
  private later: Cancel = () => {}

  constructor(config: Config, session: Session, { fetch, phone, storage = localStorage, ...parts }: Deps = {}) {
    const client = new Client(config.http_url, session, fetch)
    this.requests = (credentials) => new LeadsApi(new Client(config.http_url, credentials, fetch))
    this.session = session
    this.api = new LeadsApi(client)
    this.clock = parts.clock ?? windowClock
    this.time = new ServerTime(this.clock.now)
    this.store = new LeadStore(this.clock.now)
    this.lookups = new RefetchQueue(
      { lead: (id) => this.read(id), list: () => this.reload() },
      this.clock,
      parts.random,
    )
    this.socket = new LeadsSocket({
      url: config.websocket_url,
      token: (fresh) => session.forSocket(fresh),
      check: (token) => client.check(token),
      snapshot: () => this.snapshot(),
      refused: () => session.end('refused'),
      pingData: () => (this.phone.session ? { session_id: this.phone.session } : undefined),
      ...parts,
    })
    this.phone = new AgentPhone({ ...this.phoneParts(), ...phone })
    const kept = { storage, clock: this.clock, user: session.tokens?.user ?? '' }
    this.notes = new Notes({
      ...kept,
      put: (lead, text, seen) => this.api.writeNote(lead, text, seen),
      saved: (lead, note) => this.changeLead(lead, { agent_note: note }),
      gone: (lead) => this.store.remove(lead),
    })
    this.outcomes = new OutcomeDrafts({
      ...kept,
      post: (lead, request) => this.api.giveOutcome(lead, request),
      saved: (lead) => void this.refetch(lead),
      refused: (lead, error) => this.outcomeRefused(lead, error),
    })
    this.listen()
  }

  /** The time, by the server's clock: this machine's may be wrong. */
  now = (): number => this.time.now()

  get current(): AgentAppState {
    return this.state
  }

  subscribe = (changed: () => void): (() => void) => {
    this.listeners.add(changed)
    return () => this.listeners.delete(changed)
  }

  /**
   * Loads all leads, page by page; rows show as they come, and what is gone is taken away only at the end. Done as soon
   * as somebody can be called, or all is there: the first call does not wait for the last page of a long list. Should
   * the rest fail, the list is loaded again later.
   */
  async snapshot(): Promise<void> {
    const load = ++this.load
    void this.loadSettings()
    if (!this.state.installation) void this.loadInstallation()
    let isEnough = false
    let enough = () => {}
    const somebody = new Promise<void>((resolve) => (enough = resolve))
    const all = this.loadLeads(load, () => {
      isEnough = true
      enough()
    })
    all.catch((error: unknown) => {
      if (load !== this.load) return
      this.change({ problem: error })
      if (error instanceof LoginNeeded) this.session.end('refused')
      else if (isEnough) this.lookups.list()
    })
    await Promise.race([somebody, all])
  }

  /** Loads the list again, later if not now. */
  lookAgain(): void {
    this.lookups.list()
  }

  private async reload(): Promise<void> {
    await this.snapshot().catch((error: unknown) => {
      if (!(error instanceof LoginNeeded)) throw error
      this.session.end('refused')
    })
  }

  async loadSettings(): Promise<Settings | null> {
    const settings = await this.api.settings().catch(() => null)
    if (settings) this.tookSettings(settings)
    return settings
  }

  tookSettings(settings: Settings): void {
    this.timeIs(settings.at)
    this.change({ settings })
    this.phone.tookSettings(settings)
    this.run({ kind: 'profile', data: { ...settings, rest: restIn(settings) } })
  }

  /** What administrators have set for everybody; what is known stays where the server does not answer. */
  async loadInstallation(): Promise<void> {
    const installation = await this.api.installation().catch(() => null)
    if (installation?.outcomes) this.change({ installation })
  }

  tookInstallation(installation: InstallationSettings): void {
    this.change({ installation })
  }

  /** The agent is ready for the next call; false where the server cannot hear it now. */
  ready(attempt: string): boolean {
    return this.socket.emit('agent:ready', { attempt_id: attempt })
  }

  /** Somebody types: the conversation that is written up may take longer. */
  typed(): void {
    const about = wrapUp(this.phone.current, this.now())
    if (about?.until) this.lastTyped = this.clock.now()
    if (about && !(this.typing.attempt === about.attempt_id && this.clock.now() - this.typing.at < TYPING_MS))
      this.moreTime()
  }

  /** How long ago somebody typed in the wrap-up that goes on, in ms. */
  typedAgo(): number {
    return this.clock.now() - this.lastTyped
  }

  /** The wrap-up may take longer; false where the server cannot hear it now. */
  moreTime(): boolean {
    const about = wrapUp(this.phone.current, this.now())
    if (!about?.until || !this.socket.emit('agent:typing', { attempt_id: about.attempt_id })) return false
    this.typing = { attempt: about.attempt_id, at: this.clock.now() }
    return true
  }

  /** One lead with all that has happened to it; the list shows the same row. */
  async details(id: string): Promise<LeadWithHistory> {
    const lead = await this.api.lead(id)
    this.store.set(rowOf(lead))
    return lead
  }

  /** What will hold a lead at the moment for which a person wants it called; null if nothing does, or it is not known. */
  async heldThen(id: string, at: string | null): Promise<MayCall | null> {
    const answer = await this.api.mayCall(id, at).catch(() => null) // the word stands; this is only said beside it
    return answer && !answer.may && answer.reason ? answer : null
  }

  /** Another tab of this browser has typed or saved. */
  storageChanged(key: string | null): void {
    this.notes.storageChanged(key)
    this.outcomes.storageChanged(key)
  }

  /** Reads one lead again, later if not now; one that is gone disappears from the list. */
  async refetch(id: string): Promise<void> {
    await this.read(id).catch(() => this.lookups.lead(id))
  }

  /** Whether a request about a lead failed since it has been deleted, on another page: then it leaves the list here too. */
  isGone(id: string, error: unknown): boolean {
    const gone = error instanceof ApiError && error.status === 404
    if (gone) this.store.remove(id)
    return gone
  }

  private async read(id: string): Promise<void> {
    try {
      await this.details(id)
    } catch (error) {
      if (this.isGone(id, error)) return
      if (error instanceof LoginNeeded) this.session.end('refused')
      else throw error
    }
  }

  /**
   * Pauses or resumes: by the socket while it is live, by HTTP otherwise, and where the whole installation rests, which
   * only an administrator's request ends. Answers the rest that stays all the same.
   */
  async setPaused(paused: boolean): Promise<Rest | null> {
    const rests = !paused && resting(this.state.run, this.now()) !== null
    if (!rests && (await this.hasHeard(paused))) return null
    if (paused) this.wasPaused(await this.api.pause(false))
    else this.run({ kind: 'resumed', data: await this.api.resume() })
    const settings = await this.loadSettings()
    return settings && !paused ? resting(this.state.run, this.now()) : null
  }

  /** A pause that ends by itself; false if the server takes that moment for one that is over. */
  async pauseUntil(moment: string): Promise<boolean> {
    const settings = await this.api.saveSettings({ resume_at: moment })
    this.tookSettings(settings)
    return Boolean(settings.resume_at)
  }

  /** Pauses, and ends the calls that only ring; answers how many. */
  async hangUp(): Promise<number> {
    const answer = await this.api.pause(true)
    this.wasPaused(answer)
    return answer.canceled?.length ?? 0
  }

  /** Whether the server has heard it by the socket and answered. */
  private async hasHeard(paused: boolean): Promise<boolean> {
    if (!this.socket.connected) return false
    const answer = this.next(paused ? 'autocall:paused' : 'autocall:resumed', ANSWER_MS)
    return this.socket.emit(paused ? 'autocall:pause' : 'autocall:resume') && (await answer)
  }

  /** Whether *event* arrives within *ms*. */
  private next(event: 'autocall:paused' | 'autocall:resumed', ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const stop = this.socket.on(event, () => resolve(true))
      this.clock.after(ms, () => {
        stop()
        resolve(false)
      })
    })
  }

  /**
   * Ends the login everywhere: the server is asked to forget and close every connection of this user, and the tabs of
   * this browser end before it answers, so that none of them comes back.
   */
  async signOut(): Promise<void> {
    const token = this.session.tokens?.token
    this.load += 1
    this.phone.close()
    this.notes.close()
    this.outcomes.close()
    const asked = token ? this.requests(lastWords(token)).disconnect() : Promise.resolve()
    this.socket.close()
    this.session.end('left')
    this.store.clear()
    await asked.catch(() => undefined)
  }

  clearNotice(): void {
    this.change({ notice: null })
  }

  /** Loads the pages, unless another load begins meanwhile; tells when the first lead is there that can be called. */
  private async loadLeads(load: number, enough: () => void): Promise<void> {
    const before = this.store.ids()
    const named = new Set<string>()
    let cursor: string | null = null
    this.loading += 1
    try {
      do {
        const { items, next }: { items: Lead[]; next: string | null } = await this.api.page(cursor)
        if (load !== this.load) return
        for (const { lead_id } of items) named.add(lead_id)
        this.store.setAll(items)
        if (items.some((lead) => displayStatus(lead) === 'waiting')) enough()
        cursor = next
      } while (cursor)
    } finally {
      this.loading -= 1
    }
    this.store.keepOnly(named, before)
    this.allLoaded()
  }

  private allLoaded(): void {
    log.info('leads loaded', { leads: this.store.size })
    this.change({ loaded: true, problem: null })
    this.run({ kind: 'shown', leads: this.state.run.inFlight })
    for (const id of this.store.unknownIds()) this.lookups.lead(id)
  }

  private listen(): void {
    const { socket } = this
    for (const event of ['call:started', 'call:status_updated', 'call:completed'] as const) {
      socket.on(event, (update) => this.heard(event, update))
    }
    socket.on('sent', (event) => log.info(`${event} sent`))
    socket.on('autocall:started', (data) => this.runStarted(data))
    socket.on('autocall:finished', (data) => {
      this.timeIs(data?.at)
      log.info('autocall:finished', { ...data })
      this.run({ kind: 'finished', data })
      this.runFinished()
    })
    socket.on('autocall:paused', (data) => {
      log.info('autocall:paused', { in_flight: data?.in_flight?.length, resume_at: data?.resume_at })
      this.wasPaused(data)
    })
    socket.on('autocall:resumed', (data) => {
      log.info('autocall:resumed')
      this.run({ kind: 'resumed', data })
    })
    socket.on('agent:session', (session) => {
      log.info('agent:session', {
        phase: session?.phase,
        via: session?.via,
        reason: session?.reason,
        version: session?.version,
      })
      this.timeIs(session?.at)
      this.phone.heard(session)
    })
    this.phone.subscribe(() => this.sessionChanged())
    socket.on('error', (notice) => HANDLED.has(notice?.code) || this.change({ notice }))
    socket.on('stranger', () => this.warn())
    socket.on('state', (state) => {
      log.info(state === 'live' ? 'socket connected' : `socket ${state}`)
      if (state !== 'live') this.rest()
      this.phone.connected(state === 'live')
      if (state !== 'live') return
      this.notes.resume()
      this.outcomes.resume()
    })
  }

  private phoneParts(): AgentPhoneParts {
    return {
      api: this.api,
      clock: this.clock,
      lock: browserTabLock,
      softphone: (events) => new Softphone(loadSdk, this.clock, events),
      ready: () => new DeviceChoice(localStorage).ready,
      memory: {
        getItem: (name) => sessionStorage.getItem(name),
        setItem: (name, value) => sessionStorage.setItem(name, value),
      },
      user: this.session.tokens?.user ?? '',
      holds: () => this.socket.ping(),
    }
  }

  private heard(event: string, update: CallUpdate): void {
    if (typeof update?.lead_id !== 'string') return
    const { lead_id, call_status, version, reason, held } = update
    log.info(event, { lead_id, call_status, version, reason, held: held?.reason })
    if (this.time.hearOf(update.at)) this.change({})
    this.run({ kind: 'shown', leads: [update.lead_id] })
    const isUnknown = this.store.update(update) === 'unknown'
    const hasNewNote = this.notes.isBehind(lead_id, update.agent_note_version, this.store.get(lead_id)?.agent_note)
    // whoever is called now is wanted at once; others come with the list that is being loaded
    const isWanted = this.loading === 0 || inFlight(displayStatus(update))
    if (isUnknown ? isWanted : hasNewNote) this.lookups.lead(lead_id)
  }

  /** A run begins with a count of what waits: where this page shows another, leads came or went in another tab. */
  private runStarted(data: RunStarted): void {
    log.info('autocall:started', { ...data })
    this.run({ kind: 'started', data })
    if (this.loading > 0) return
    const shown = computeTotals(this.store.all(), this.now())
    const compared = disagrees(data, shown) ? JSON.stringify([data, shown.kinds]) : ''
    if (compared && compared !== this.compared) this.lookups.list()
    this.compared = compared // where loading the list has changed nothing, it would not the next time
  }

  /** A call may have ended without a word reaching this page: that is looked for now, and once more when it is late. */
  private runFinished(): void {
    if (mayRest(this.state.run)) void this.loadSettings()
    const ms = staleAfter(this.state.settings?.installation?.ring_timeout_s)
    this.lookForEnds(ms)
    this.later()
    this.later = this.clock.after(ms, () => this.lookForEnds(ms))
  }

  private lookForEnds(ms: number): void {
    for (const id of this.silence.overdue(this.store, this.clock.now(), ms).slice(0, MAX_SINGLE)) this.lookups.lead(id)
  }

  private sessionChanged(): void {
    const { session } = this.phone.current
    if (!session || session.version === this.heardSession) return
    this.heardSession = session.version
    this.outcomes.heard(session, this.now())
  }

  private outcomeRefused(id: string, error: unknown): void {
    if (!this.isGone(id, error)) void this.refetch(id)
    void this.loadInstallation() // the list of outcomes may be another one now
    const message = error instanceof Error ? error.message : String(error)
    this.change({ notice: { code: 'outcome', message: cardTexts.outcomeRefused(message) } })
  }

  private changeLead(id: string, part: Partial<Lead>): void {
    const lead = this.store.get(id)
    if (lead) this.store.set({ ...lead, ...part })
  }

  private wasPaused(data: Paused): void {
    this.run({ kind: 'paused', data })
    const known = this.state.run.inFlight.filter((id) => {
      const lead = this.store.get(id)
      return lead && (inFlight(displayStatus(lead)) || ended(displayStatus(lead)))
    })
    this.run({ kind: 'shown', leads: known })
  }

  /** What the server says the time is; what is shown may be something else then. */
  private timeIs(moment: string | null | undefined): void {
    if (this.time.hear(moment)) this.change({})
  }

  private warn(): void {
    if (!this.warned) this.change({ notice: { code: 'outdated', message: outdated } })
    this.warned = true
  }

  /** Without a connection nothing is looked up: when it is back, the whole list comes first. */
  private rest(): void {
    this.later()
    this.lookups.forget()
  }

  private run(event: RunEvent): void {
    const run = reduce(this.state.run, event)
    if (run !== this.state.run) this.change({ run })
  }

  private change(part: Partial<AgentAppState>): void {
    this.state = { ...this.state, ...part }
    for (const listener of [...this.listeners]) listener()
  }
}

function rowOf({ history: _h, strays: _s, dnc: _d, dnc_removed: _r, ...lead }: LeadWithHistory): Lead {
  return lead
}

function restIn({ installation }: Settings): Rest | null {
  const rest = installation?.rest as Partial<Rest> | null | undefined
  return rest?.until ? { until: rest.until, reason: rest.reason ?? null } : null
}

/** A token for one more request after the login has ended here. */
const lastWords = (token: string) => ({
  forRequest: async () => token,
  renew: async () => {
    throw new LoginNeeded()
  },
})

export interface AgentAppState {
  run: RunState
  settings: Settings | null
  /** what administrators have set for everybody; null until it is known */
  installation: InstallationSettings | null
  /** whether the list was complete once */
  loaded: boolean
  /** why the list could not be loaded */
  problem: unknown
  /** what the server said went wrong with a frame */
  notice: { code: string; message: string } | null
}
