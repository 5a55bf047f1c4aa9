import type { Settings } from '../../src/api/schema'
import { EventEmitter } from 'node:events'
import { ApiError } from '../../src/api/client'
import type { OpenedSession, Via } from '../../src/api/leadsApi'
import { AgentPhone } from '../../src/phone/agentPhone'
import type { ReadyDevices } from '../../src/phone/devices'
import { lineOf } from '../../src/phone/line'
import { type LoadSdk, Softphone, type VoiceSdk } from '../../src/phone/softphone'
import type { TabLock, TabLockEvents } from '../../src/phone/tabLock'
import type { AgentSession } from '../../src/socket'
import { FakeClock, FakeStorage, settle } from '../fakes'

/** In a later turn than the answer of `connect`. */
export const later = (happens: () => unknown) => void settle().then(happens)

/** A call as @twilio/voice-sdk hands it out, answered by the test. */
export class FakeCall extends EventEmitter {
  readonly pressed: string[] = []
  readonly params: Record<string, string>
  over = false

  constructor(params: Record<string, string>) {
    super()
    this.params = params
  }

  disconnect(): void {
    if (this.over) return
    this.over = true
    this.emit('disconnect')
  }

  mute = (on: boolean) => this.emit('mute', on)
  sendDigits = (keys: string) => this.pressed.push(keys)
}

/** The module @twilio/voice-sdk, without a network. */
export class FakeSdk {
  readonly calls: FakeCall[] = []
  readonly tokens: string[] = []
  readonly options: Record<string, unknown>[] = []
  /** how a call goes on once it is made; by itself it is accepted */
  onConnect: (call: FakeCall) => void = (call) => later(() => call.emit('accept'))
  /** whether `connect` never settles, as with an expired token */
  hangs = false

  load: LoadSdk = async () => ({ Device: deviceOf(this) })

  get last(): FakeCall {
    const call = this.calls.at(-1)
    if (!call) throw new Error('no call was made')
    return call
  }
}

function deviceOf(sdk: FakeSdk): VoiceSdk['Device'] {
  class Device extends EventEmitter {
    audio = null
    constructor(token: string, options: Record<string, unknown>) {
      super()
      sdk.tokens.push(token)
      sdk.options.push(options)
    }
    connect({ params }: { params: Record<string, string> }) {
      if (sdk.hangs) return new Promise(() => {})
      const call = new FakeCall(params)
      sdk.calls.push(call)
      sdk.onConnect(call)
      return Promise.resolve(call)
    }
    destroy() {}
  }
  return Device as unknown as VoiceSdk['Device']
}

/** The locks of one browser: who has the phone, and who waits. */
export class FakeLocks implements TabLock {
  private holder: TabLockEvents | null = null
  private waiting: TabLockEvents[] = []

  ask = (_name: string, steal: boolean, told: TabLockEvents) => {
    if (steal && this.holder) {
      const robbed = this.holder
      this.holder = told
      robbed.lost()
      told.held()
    } else if (this.holder) {
      this.waiting.push(told)
      told.waits()
    } else {
      this.holder = told
      told.held()
    }
    return () => {
      this.waiting = this.waiting.filter((each) => each !== told)
      if (this.holder !== told) return
      this.holder = this.waiting.shift() ?? null
      this.holder?.held()
    }
  }
}

export const NO_SESSION: AgentSession = {
  session_id: null,
  via: null,
  phase: 'ended',
  reason: null,
  asked_at: null,
  live_since: null,
  wrap_up_s: null,
  call: null,
  wrap_up: null,
  version: 0,
  at: '2026-01-05T09:00:00.000Z',
}

/** The server's half: one session an agent, of which the newest counts; it tells every page. */
export class PhoneServer {
  session = NO_SESSION
  opened: Via[] = []
  ended = 0
  refuses: ApiError | null = null
  down = false
  readonly pages: AgentPhone[] = []

  phone = async () => {
    if (this.down) throw new ApiError(0, 'unreachable', '')
    return this.session
  }

  openPhone = async (via: Via): Promise<OpenedSession> => {
    if (this.down) throw new ApiError(0, 'unreachable', '')
    if (this.refuses) throw this.refuses
    this.opened.push(via)
    this.change({ session_id: `s${this.opened.length}`, via, phase: 'ringing', reason: null })
    return { ...this.session, ...(via === 'browser' ? { token: `token ${this.opened.length}` } : {}) }
  }

  hangUpPhone = async () => {
    this.ended += 1
    this.change({ phase: 'ended', reason: 'signed out' })
    return this.session
  }

  change(part: Partial<AgentSession>): void {
    this.session = { ...this.session, ...part, version: this.session.version + 1 }
    for (const page of this.pages) page.heard(this.session)
  }
}

/** One browser: its tabs share locks and what the ready check has settled. */
export class Browser {
  locks = new FakeLocks()
  ready: ReadyDevices | null = { microphone: null, speaker: null }
}

/** One tab with the agent's phone in it. */
export class Tab {
  readonly sdk = new FakeSdk()
  readonly held: (string | null)[] = []
  readonly phone: AgentPhone

  constructor(
    server: PhoneServer,
    clock: FakeClock,
    browser = new Browser(),
    memory: Pick<Storage, 'getItem' | 'setItem'> = new FakeStorage(),
  ) {
    this.phone = new AgentPhone({
      api: server,
      clock,
      lock: browser.locks,
      softphone: (told) => new Softphone(this.sdk.load, clock, told),
      ready: () => browser.ready,
      memory,
      user: 'ada',
      holds: () => this.held.push(this.phone.session),
    })
    server.pages.push(this.phone)
  }

  /** The page is opened, and its connection stands. */
  async opens(settings: Record<string, unknown> = {}): Promise<this> {
    this.phone.open()
    this.phone.tookSettings({ installation: { audio: 'agent' }, ...settings } as unknown as Settings)
    this.phone.connected(true)
    await quiet()
    return this
  }

  line = (now: number) => lineOf(this.phone.current, now)

  get hold() {
    return this.phone.current.hold.kind
  }
}

/** Lets everything that waits only for promises happen. */
export async function quiet(): Promise<void> {
  for (let turn = 0; turn < 8; turn += 1) await settle()
}
