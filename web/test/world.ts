import { Session } from '../src/auth/session'
import { AgentApp } from '../src/agentApp'
import type { InstallationSettings } from '../src/call/outcomes'
import type { Lead } from '../src/leads/lead'
import { Softphone } from '../src/phone/softphone'
import type { AgentSession } from '../src/socket'
import { FakeLocks, FakeSdk, NO_SESSION } from './phone/phoneWorld'
import { FakeClock, FakeSignals, FakeSockets, FakeStorage, fakeFetch, settle } from './fakes'
import { USUAL_OUTCOMES } from './usualOutcomes'

const DAY_MS = 24 * 60 * 60_000
export const CONFIG = {
  websocket_url: 'wss://example.com/live',
  http_url: 'https://api',
  issuer: 'https://issuer',
  client_id: 'page',
}

/** A desk, and the server behind it: its leads, its settings, and what it was asked. */
export class World {
  clock = new FakeClock()
  sockets = new FakeSockets()
  signals = new FakeSignals()
  leads = new Map<string, Lead>()
  settings: Record<string, unknown> = { paused: false, version: 1, installation: { ring_timeout_s: 25, rest: null } }
  asked: string[] = []
  failing = new Set<string>()
  /** whether the settings were changed by somebody else */
  conflicts = false
  /** what is wrong with the settings, by field */
  wrong: Record<string, string> | null = null
  saved: Record<string, unknown>[] = []
  hold: Promise<void> | null = null
  /** the list in pages, instead of all at once, and what each of them waits for */
  pages: (Lead[] | 'fails')[] = []
  pageHolds: (Promise<void> | undefined)[] = []
  /** whose calls a pause hangs up */
  canceled: string[] = []
  onResume = () => {}
  /** the agent's own call */
  line: AgentSession = NO_SESSION
  sdk = new FakeSdk()
  /** what this browser keeps */
  storage = new FakeStorage()
  /** the outcomes that may be chosen */
  installation: InstallationSettings = { outcomes: USUAL_OUTCOMES, again_per_week: 3, version: 0 }
  /** what was sent with each request that has a body */
  bodies: [string, unknown][] = []
  /** who called a number last, as administrators are told */
  called: unknown = {}
  /** the answered calls of the last 30 days, in parts */
  answered: { joined: number; abandoned: number }[] = []
  mayCall: unknown = { may: false, reason: null, until: null, rules: [] }
  session = new Session({
    provider: { refresh: async () => Promise.reject(new Error('no network')), revoke: async () => {} },
    storage: new FakeStorage(),
    lock: (run) => run(),
    now: this.clock.now,
  })
  desk: AgentApp

  constructor() {
    const now = this.clock.now()
    this.session.begin({ token: 'token', refresh: 'r', user: 'ada', issuedAt: now, expiresAt: now + DAY_MS })
    const { fetch } = fakeFetch(async (url, init) => {
      const wish = `${init.method} ${new URL(url).pathname}`
      this.asked.push(wish)
      if (wish === 'GET /api/leads' && this.pages.length > 0) return this.page(new URL(url))
      if (wish === 'GET /api/abandoned') return this.answeredPart(Number(new URL(url).searchParams.get('cursor') ?? 0))
      if (init.body) this.bodies.push([wish, JSON.parse(String(init.body))])
      const answer = this.answer(wish, init.body)
      await this.hold
      return answer
    })
    const phone = {
      lock: new FakeLocks(),
      softphone: (told: ConstructorParameters<typeof Softphone>[2]) => new Softphone(this.sdk.load, this.clock, told),
      ready: () => ({ microphone: null, speaker: null }),
      memory: new FakeStorage(),
    }
    this.desk = new AgentApp(CONFIG, this.session, {
      fetch,
      phone,
      storage: this.storage,
      clock: this.clock,
      signals: this.signals,
      random: () => 0.5,
      openSocket: this.sockets.open,
    })
  }

  private async page(url: URL): Promise<[number, unknown]> {
    const index = Number(url.searchParams.get('cursor') ?? 0)
    await this.pageHolds[index]
    const items = this.pages[index]
    if (items === 'fails') return [500, { error: { code: 'internal', message: 'broken' } }]
    return [200, { items, next: index + 1 < this.pages.length ? String(index + 1) : null }]
  }

  private answeredPart(index: number): [number, unknown] {
    if (this.failing.has('GET /api/abandoned')) return [500, { error: { code: 'internal', message: 'broken' } }]
    const next = index + 1 < this.answered.length ? String(index + 1) : null
    return [200, { since: this.clock.at(-30 * DAY_MS), ...this.answered[index], next }]
  }

  private answer(wish: string, body: unknown): [number, unknown] {
    if ([...this.failing].some((path) => wish.startsWith(path)))
      return [500, { error: { code: 'internal', message: 'broken' } }]
    if (wish === 'GET /api/leads') return [200, { items: [...this.leads.values()], next: null }]
    if (wish === 'GET /api/settings') return [200, this.settings]
    if (wish === 'PUT /api/settings') return this.save(JSON.parse(String(body)) as Record<string, unknown>)
    if (wish === 'GET /api/installation') return [200, this.installation]
    if (wish === 'PUT /api/installation') return this.saveInstallation(JSON.parse(String(body)) as object)
    if (wish.endsWith('/note')) return this.note(wish, JSON.parse(String(body)) as { text: string; seen?: number })
    if (wish.endsWith(' /api/called')) return [200, this.called]
    if (wish === 'GET /api/may-call') return [200, this.mayCall]
    if (wish === 'POST /api/autocall/resume') this.onResume()
    if (wish === 'POST /api/autocall/pause') return [200, { canceled: this.canceled }]
    if (wish.endsWith(' /api/phone')) return this.phone(wish)
    const id = /^\w+ \/api\/leads\/([^/]+)/.exec(wish)?.[1]
    if (!id) return [200, {}]
    const found = this.leads.get(id)
    return found ? [200, { history: [], ...found }] : [404, { error: { code: 'not_found', message: 'no such lead' } }]
  }

  private saveInstallation(told: object): [number, unknown] {
    this.installation = { ...this.installation, ...told, version: this.installation.version + 1 }
    return [200, this.installation]
  }

  private note(wish: string, { text, seen = 0 }: { text: string; seen?: number }): [number, unknown] {
    const id = wish.split('/')[3] ?? ''
    const found = this.leads.get(id)
    if (!found) return [404, { error: { code: 'not_found', message: 'no such lead' } }]
    const standing = found.agent_note ?? null
    if (seen !== (standing?.version ?? 0))
      return [409, { error: { code: 'note_changed', message: 'changed', details: { agent_note: standing } } }]
    const agent_note = { text, at: this.clock.at(0), by: 'ada', version: seen + 1 }
    this.leads.set(id, { ...found, agent_note, version: found.version })
    return [200, agent_note]
  }

  private phone(wish: string): [number, unknown] {
    if (wish.startsWith('POST'))
      this.line = {
        ...this.line,
        session_id: `s${this.line.version}`,
        via: 'browser',
        phase: 'ringing',
        version: this.line.version + 1,
      }
    if (wish.startsWith('DELETE'))
      this.line = { ...this.line, phase: 'ended', reason: 'signed out', version: this.line.version + 1 }
    return [200, { ...this.line, token: 'voice' }]
  }

  /** The server tells what has become of the agent's own call. */
  async lineIs(part: Partial<AgentSession>): Promise<void> {
    this.line = { ...this.line, at: this.clock.at(0), ...part, version: this.line.version + 1 }
    await this.say('agent:session', this.line)
  }

  has(...rows: Lead[]): this {
    for (const row of rows) this.leads.set(row.lead_id, row)
    return this
  }

  private save(told: Record<string, unknown>): [number, unknown] {
    this.saved.push(told)
    if (this.conflicts)
      return [409, { error: { code: 'changed_meanwhile', message: 'the settings were changed meanwhile' } }]
    if (this.wrong)
      return [400, { error: { code: 'bad_settings', message: 'agent_phone: has letters in it', details: this.wrong } }]
    return [200, { ...this.settings, ...told }]
  }

  async live(): Promise<this> {
    this.desk.socket.open()
    await turns()
    await this.sockets.last.accept()
    await turns()
    if (!this.desk.socket.connected) throw new Error(`the page is ${this.desk.socket.state}`)
    this.asked = []
    return this
  }

  async say(event: string, data: unknown = null): Promise<void> {
    this.sockets.last.say(event, data)
    await turns()
  }

  count = (wish: string) => this.asked.filter((each) => each === wish).length
}

/** Reading an answer takes real turns of the event loop, if no time. */
export async function turns(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) {
    await settle()
    await new Promise<void>((next) => setImmediate(next))
  }
}

/** Lets time pass, and what it sets off happen. */
export const pass = async (world: World, ms: number) => {
  await world.clock.pass(ms)
  await turns()
}
