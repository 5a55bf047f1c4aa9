import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type ConnectionState, LeadsSocket, LoginNeeded, type Token } from '../../src/socket'
import { FakeClock, FakeSignals, FakeSockets, settle } from '../fakes'

const HOUR = 3_600_000
const MINUTE = 60_000

/** A page around a socket: everything it is asked and told. */
class Page {
  clock = new FakeClock()
  sockets = new FakeSockets()
  signals = new FakeSignals()
  tokens = 0
  fresh: boolean[] = []
  snapshots = 0
  logins = 0
  lifeMs = 24 * HOUR
  random = 0.5
  verdict: 'good' | 'refused' | 'unreachable' = 'good'
  token: () => Promise<string> = async () => `token-${++this.tokens}`
  snapshot: () => Promise<void> = async () => void (this.snapshots += 1)
  states: ConnectionState[] = []
  pingData: () => unknown = () => undefined
  socket = new LeadsSocket({
    url: 'wss://example.com/live',
    token: async (fresh): Promise<Token> => {
      this.fresh.push(fresh)
      return { value: await this.token(), expiresAt: this.clock.now() + this.lifeMs }
    },
    check: async () => this.verdict,
    snapshot: () => this.snapshot(),
    refused: () => void (this.logins += 1),
    pingData: () => this.pingData(),
    clock: this.clock,
    signals: this.signals,
    random: () => this.random,
    openSocket: this.sockets.open,
  })

  constructor() {
    this.socket.on('state', (state) => this.states.push(state))
  }

  async live(): Promise<this> {
    this.socket.open()
    await settle()
    await this.sockets.last.accept()
    return this
  }
}

let page: Page

beforeEach(() => {
  page = new Page()
})

afterEach(() => {
  page.socket.close()
  vi.restoreAllMocks()
})

describe('opening', () => {
  test('a frame goes out at once, then the snapshot is taken, then the server hears that leads were fetched', async () => {
    let loaded = () => {}
    page.snapshot = () => new Promise((done) => (loaded = done))
    await page.live()
    expect(page.sockets.last.sent).toEqual(['ping'])
    expect(page.socket.state).toBe('connecting')
    loaded()
    await settle()
    expect(page.sockets.last.sent).toEqual(['ping', 'leads:fetched'])
    expect(page.socket.state).toBe('live')
  })

  test('the token is part of the address, and the name of the page, which stays the same', async () => {
    await page.live()
    const { searchParams } = page.sockets.last.address
    expect([...searchParams.keys()]).toEqual(['token', 'page'])
    expect(searchParams.get('token')).toBe('token-1')
    await page.sockets.last.drop()
    await page.clock.pass(500)
    expect(page.sockets.last.address.searchParams.get('token')).toBe('token-2')
    expect(page.sockets.last.address.searchParams.get('page')).toBe(searchParams.get('page'))
  })

  test('a snapshot that fails closes the connection and is tried again', async () => {
    page.snapshot = async () => {
      throw new Error('500')
    }
    await page.live()
    expect(page.sockets.last.readyState).toBe(3)
    expect(page.socket.state).toBe('reconnecting')
    page.snapshot = async () => {}
    await page.clock.pass(1_000)
    await page.sockets.last.accept()
    expect(page.socket.state).toBe('live')
  })

  test('a handshake nobody answers is given up after a while', async () => {
    page.socket.open()
    await page.clock.pass(16_000)
    expect(page.sockets.all[0]?.readyState).toBe(3)
    expect(page.sockets.all.length).toBeGreaterThan(1)
  })
})

describe('coming back', () => {
  test('after a loss: a new connection with a new token, a snapshot, leads:fetched', async () => {
    await page.live()
    await page.sockets.last.drop()
    expect(page.socket.state).toBe('reconnecting')
    await page.clock.pass(500)
    await page.sockets.last.accept()
    expect(page.sockets.all.map((socket) => socket.token)).toEqual(['token-1', 'token-2'])
    expect(page.snapshots).toBe(2)
    expect(page.sockets.last.sent).toEqual(['ping', 'leads:fetched'])
    expect(page.states).toEqual(['connecting', 'live', 'reconnecting', 'live'])
  })

  test('waits longer and longer between tries, and says that it is offline', async () => {
    page.random = 1
    await page.live()
    await page.sockets.last.drop()
    const gaps: number[] = []
    for (const expected of [1_000, 2_000, 4_000, 8_000]) {
      const known = page.sockets.all.length
      await page.clock.pass(expected - 1)
      expect(page.sockets.all).toHaveLength(known)
      await page.clock.pass(1)
      expect(page.sockets.all).toHaveLength(known + 1)
      await page.sockets.last.drop()
      gaps.push(expected)
    }
    expect(gaps).toHaveLength(4)
    expect(page.socket.state).toBe('offline')
  })

  test('a connection that is lost again at once does not reset the waiting', async () => {
    page.random = 1
    await page.live()
    await page.sockets.last.drop()
    await page.clock.pass(1_000)
    await page.sockets.last.accept()
    await page.clock.pass(1_000)
    await page.sockets.last.drop()
    await page.clock.pass(1_999)
    expect(page.sockets.all).toHaveLength(2)
    await page.clock.pass(1)
    expect(page.sockets.all).toHaveLength(3)
  })

  test('a connection that stood for five seconds does', async () => {
    page.random = 1
    await page.live()
    for (const _ of [1, 2, 3]) {
      await page.clock.pass(5_000)
      await page.sockets.last.drop()
      await page.clock.pass(1_000)
      await page.sockets.last.accept()
    }
    expect(page.sockets.all).toHaveLength(4)
    expect(page.socket.state).toBe('live')
  })

  test.each(['online', 'visible'] as const)('at once when the browser says %s', async (signal) => {
    page.random = 1
    await page.live()
    await page.sockets.last.drop()
    await page.signals.send(signal)
    expect(page.sockets.all).toHaveLength(2)
    await page.clock.pass(10_000)
    expect(page.sockets.all).toHaveLength(2)
  })

  test.each(['online', 'visible'] as const)(
    'a handshake that hangs is not waited for when the browser says %s',
    async (signal) => {
      page.socket.open()
      await page.clock.pass(3_000)
      await page.signals.send(signal)
      expect(page.sockets.all).toHaveLength(2)
      await page.sockets.last.accept()
      expect(page.socket.state).toBe('live')
    },
  )

  test('a handshake that has just begun gets its chance', async () => {
    page.socket.open()
    await page.clock.pass(500)
    await page.signals.send('visible')
    expect(page.sockets.all).toHaveLength(1)
  })

  test('a snapshot that hangs is taken anew when the network is back', async () => {
    page.snapshot = () => new Promise(() => {})
    await page.live()
    await page.clock.pass(3_000)
    page.snapshot = async () => {}
    await page.signals.send('online')
    await page.sockets.last.accept()
    expect(page.sockets.all).toHaveLength(2)
    expect(page.socket.state).toBe('live')
  })

  test('while a snapshot is taken, a tab that becomes visible only asks whether the connection is alive', async () => {
    page.snapshot = () => new Promise(() => {})
    await page.live()
    await page.clock.pass(3_000)
    page.sockets.last.answers = false
    await page.signals.send('visible')
    expect(page.sockets.all).toHaveLength(1)
    await page.clock.pass(5_000)
    expect(page.socket.state).toBe('reconnecting')
  })

  test('without a network nothing is tried until it is back', async () => {
    await page.live()
    await page.signals.send('offline')
    expect(page.socket.state).toBe('offline')
    expect(page.sockets.last.readyState).toBe(3)
    await page.clock.pass(30_000)
    expect(page.sockets.all).toHaveLength(1)
    await page.signals.send('online')
    await page.sockets.last.accept()
    expect(page.socket.state).toBe('live')
    expect(page.snapshots).toBe(2)
  })
})

describe('a refused handshake', () => {
  const refuse = async () => page.sockets.last.drop()

  test('is one refresh, then the login, and then nothing more', async () => {
    page.verdict = 'refused'
    page.socket.open()
    await settle()
    await refuse()
    expect(page.fresh).toEqual([false, true])
    await refuse()
    expect(page.logins).toBe(1)
    expect(page.socket.state).toBe('refused')
    await page.signals.send('online')
    await page.clock.pass(HOUR)
    expect(page.sockets.all).toHaveLength(2)
  })

  test('that a fresh token cures goes on as if nothing had been', async () => {
    page.verdict = 'refused'
    page.socket.open()
    await settle()
    await refuse()
    await page.sockets.last.accept()
    expect(page.socket.state).toBe('live')
    expect(page.logins).toBe(0)
  })

  test('that nobody explains asks for a fresh token once, and never for a login', async () => {
    page.verdict = 'unreachable'
    page.random = 0
    page.socket.open()
    await settle()
    for (let tries = 0; tries < 4; tries += 1) {
      await refuse()
      await page.clock.pass(100)
    }
    expect(page.fresh).toEqual([false, true, false, false, false])
    expect(page.logins).toBe(0)
    await page.sockets.last.accept()
    expect(page.socket.state).toBe('live')
  })

  test('while the server takes the token elsewhere is only a bad line: wait and try, no login', async () => {
    page.socket.open()
    await settle()
    await refuse()
    await page.clock.pass(500)
    await refuse()
    expect(page.fresh).toEqual([false, false])
    expect(page.logins).toBe(0)
  })

  test('without any token to be had leads to the login at once', async () => {
    page.token = async () => {
      throw new LoginNeeded()
    }
    page.socket.open()
    await settle()
    expect(page.logins).toBe(1)
    expect(page.sockets.all).toHaveLength(0)
  })

  test('a login service that cannot be reached is no reason to log out', async () => {
    page.token = async () => {
      throw new Error('no network')
    }
    page.socket.open()
    await page.clock.pass(5_000)
    expect(page.logins).toBe(0)
    expect(page.socket.state).not.toBe('refused')
  })

  test('a server that says the token has expired gets a fresh one next', async () => {
    await page.live()
    page.sockets.last.say('error', { code: 'token_expired', message: '' })
    await page.sockets.last.drop()
    await page.clock.pass(500)
    expect(page.fresh).toEqual([false, true])
  })
})

describe('rotation', () => {
  test('opens the new connection and takes its snapshot before it closes the old one', async () => {
    page.lifeMs = HOUR
    await page.live()
    const old = page.sockets.last
    await page.clock.pass(58 * MINUTE)
    expect(page.sockets.all).toHaveLength(2)
    expect(old.readyState).toBe(1)
    let loaded = () => {}
    page.snapshot = () => new Promise((done) => (loaded = done))
    await page.sockets.last.accept()
    expect(old.readyState).toBe(1)
    loaded()
    await settle()
    expect(old.readyState).toBe(3)
    expect(page.sockets.last.sent).toEqual(['ping', 'leads:fetched'])
    expect(page.states).toEqual(['connecting', 'live'])
  })

  test('loses no event on the way: both connections are heard until the old one is closed', async () => {
    page.lifeMs = HOUR
    const heard: unknown[] = []
    page.socket.on('call:started', (data) => heard.push(data.lead_id))
    await page.live()
    const old = page.sockets.last
    await page.clock.pass(58 * MINUTE)
    let loaded = () => {}
    page.snapshot = () => new Promise((done) => (loaded = done))
    await page.sockets.last.accept()
    old.say('call:started', { lead_id: 'by the old one' })
    page.sockets.last.say('call:started', { lead_id: 'by the new one' })
    loaded()
    await settle()
    old.say('call:started', { lead_id: 'too late' })
    expect(heard).toEqual(['by the old one', 'by the new one'])
  })

  test('happens before two hours are over, whatever the token allows', async () => {
    await page.live()
    await page.clock.pass(110 * MINUTE)
    expect(page.sockets.all).toHaveLength(2)
  })

  test('that fails leaves the old connection serving and is tried again', async () => {
    page.lifeMs = HOUR
    await page.live()
    const old = page.sockets.last
    await page.clock.pass(58 * MINUTE)
    await page.sockets.last.drop()
    expect(page.socket.state).toBe('live')
    expect(old.readyState).toBe(1)
    await page.clock.pass(500)
    await page.sockets.last.accept()
    expect(old.readyState).toBe(3)
    expect(page.socket.state).toBe('live')
  })

  test('goes on when the old connection is lost meanwhile', async () => {
    page.lifeMs = HOUR
    await page.live()
    const old = page.sockets.last
    await page.clock.pass(58 * MINUTE)
    await old.drop()
    expect(page.socket.state).toBe('reconnecting')
    await page.sockets.last.accept()
    expect(page.sockets.all).toHaveLength(2)
    expect(page.socket.state).toBe('live')
  })
})

describe('the heartbeat', () => {
  const pings = () => page.sockets.last.sent.filter((event) => event === 'ping').length

  test('pings every minute and is content with any answer', async () => {
    await page.live()
    await page.clock.pass(5 * MINUTE)
    expect(pings()).toBe(6)
    expect(page.sockets.all).toHaveLength(1)
  })

  const silence = () => {
    page.sockets.last.answers = false
  }

  test('two pings without an answer end the connection', async () => {
    await page.live()
    silence()
    await page.clock.pass(MINUTE)
    await page.clock.pass(2 * MINUTE - 1)
    expect(page.socket.state).toBe('live')
    await page.clock.pass(1)
    expect(page.socket.state).toBe('reconnecting')
    expect(page.sockets.all[0]?.readyState).toBe(3)
  })

  test('a gateway whose functions fail answers too, but that is no sign of life', async () => {
    await page.live()
    silence()
    for (let minute = 0; minute < 3; minute += 1) {
      page.sockets.last.raw('{"message":"Internal server error","connectionId":"a","requestId":"b"}')
      await page.clock.pass(MINUTE)
    }
    expect(page.socket.state).toBe('reconnecting')
  })

  test('a tab that becomes visible asks for a sign of life and does not wait long for it', async () => {
    await page.live()
    silence()
    await page.signals.send('visible')
    expect(pings()).toBe(2)
    await page.clock.pass(5_000)
    expect(page.socket.state).toBe('reconnecting')
  })

  test('and goes on quietly if it gets one', async () => {
    await page.live()
    await page.signals.send('visible')
    await page.clock.pass(5_000)
    expect(page.socket.state).toBe('live')
  })
})

describe('leads:fetched', () => {
  const said = () => page.sockets.last.sent.filter((event) => event === 'leads:fetched').length

  test('is said again when the run says something is due', async () => {
    await page.live()
    page.sockets.last.say('autocall:finished', { called: 1, next_at: page.clock.at(30_000) })
    await page.clock.pass(29_999)
    expect(said()).toBe(1)
    await page.clock.pass(1)
    expect(said()).toBe(2)
  })

  test.each([-HOUR, HOUR])(
    'is said again when the server means it, with a clock that is %i ms wrong',
    async (wrong) => {
      await page.live()
      const told = { next_at: page.clock.at(wrong + 30_000), at: page.clock.at(wrong) }
      page.sockets.last.say('autocall:finished', { called: 1, ...told })
      await page.clock.pass(29_999)
      expect(said()).toBe(1)
      await page.clock.pass(1)
      expect(said()).toBe(2)
    },
  )

  test('is not said again when only a person or the end of a call can change anything', async () => {
    await page.live()
    page.sockets.last.say('autocall:finished', { called: 0, next_at: null })
    await page.clock.pass(HOUR)
    expect(said()).toBe(1)
  })

  test('is said again after two minutes, and ever more rarely, while no run reports its end', async () => {
    await page.live()
    await page.clock.pass(2 * MINUTE)
    expect(said()).toBe(2)
    await page.clock.pass(12 * MINUTE)
    expect(said()).toBe(4)
    page.sockets.last.say('autocall:finished', { called: 0, next_at: null })
    await page.clock.pass(HOUR / 2)
    expect(said()).toBe(4)
  })

  test('does not become a storm when the clocks disagree and the next time is always past', async () => {
    await page.live()
    for (let round = 0; round < 60; round += 1) {
      page.sockets.last.say('autocall:finished', { called: 0, next_at: page.clock.at(-HOUR) })
      await page.clock.pass(1_000)
    }
    expect(said()).toBeLessThan(8)
  })

  test('is not said while the connection is gone', async () => {
    await page.live()
    page.sockets.last.say('autocall:finished', { called: 1, next_at: page.clock.at(10_000) })
    await page.signals.send('offline')
    await page.clock.pass(20_000)
    expect(said()).toBe(1)
  })
})

describe('the interface', () => {
  test('emit sends now or not at all', async () => {
    expect(page.socket.emit('autocall:pause')).toBe(false)
    await page.live()
    expect(page.socket.emit('autocall:pause')).toBe(true)
    expect(page.sockets.last.sent.filter((event) => event === 'autocall:pause')).toHaveLength(1)
    await page.sockets.last.drop()
    expect(page.socket.emit('autocall:pause')).toBe(false)
    await page.clock.pass(1_000)
    await page.sockets.last.accept()
    expect(page.sockets.last.sent).not.toContain('autocall:pause')
  })

  test('off ends what on began, for one listener or for all', async () => {
    vi.spyOn(console, 'info').mockImplementation(() => {})
    const heard: string[] = []
    const first = () => heard.push('first')
    page.socket.on('pong', first)
    page.socket.on('hello', first)
    page.socket.on('hello', () => heard.push('second'))
    const stop = page.socket.on('hello', () => heard.push('third'))
    await page.live()
    page.socket.off('hello', first)
    stop()
    page.sockets.last.say('hello')
    page.socket.off('hello')
    page.sockets.last.say('hello')
    expect(heard).toEqual(['second'])
  })

  test('a listener that fails keeps no other from hearing', async () => {
    const quiet = vi.spyOn(console, 'error').mockImplementation(() => {})
    const heard: number[] = []
    page.socket.on('hello', () => {
      throw new Error('mine')
    })
    page.socket.on('hello', () => heard.push(1))
    await page.live()
    page.sockets.last.say('hello')
    expect(heard).toEqual([1])
    expect(quiet).toHaveBeenCalledOnce()
  })

  test('events nobody knows and frames nobody can read are left out, and each kind is told once', async () => {
    const note = vi.spyOn(console, 'info').mockImplementation(() => {})
    const strangers: string[] = []
    page.socket.on('stranger', (event) => strangers.push(event))
    await page.live()
    page.sockets.last.say('call:teleported', {})
    page.sockets.last.say('call:teleported', {})
    page.sockets.last.say('state', 'refused')
    expect(note).toHaveBeenCalledTimes(2)
    expect(strangers).toEqual(['call:teleported', 'state'])
    expect(page.states).toEqual(['connecting', 'live'])
    for (const rubbish of ['', 'no', '[]', 'null', '7', '{}', '{"event":7}']) page.sockets.last.raw(rubbish)
    expect(page.socket.state).toBe('live')
  })

  test('close ends everything and open begins anew', async () => {
    await page.live()
    page.socket.close()
    expect(page.socket.state).toBe('closed')
    expect(page.signals.watched).toBe(false)
    await page.clock.pass(HOUR)
    expect(page.sockets.all).toHaveLength(1)
    await page.live()
    expect(page.socket.state).toBe('live')
  })

  test.each([
    ['an address that is none', 'nowhere', 't', 'impossible'],
    ['an address that the browser will not open from this page', 'ws://example.com/live', 't', 'impossible'],
    ['a token that makes the address too long', 'wss://example.com/live', 't'.repeat(4_090), 'too_long'],
  ])(
    '%s is a state of its own; the list is loaded all the same, and nothing is tried again',
    async (_, url, value, state) => {
      vi.spyOn(console, 'error').mockImplementation(() => {})
      const { clock, signals, sockets } = page
      let [snapshots, tries] = [0, 0]
      const socket = new LeadsSocket({
        url,
        token: async () => ({ value, expiresAt: null }),
        check: async () => 'good',
        snapshot: async () => void (snapshots += 1),
        refused: () => {},
        clock,
        signals,
        openSocket: (address) => {
          tries += 1
          if (address.startsWith('ws:'))
            throw new DOMException('An insecure connection may not be initiated', 'SecurityError')
          return sockets.open(address)
        },
      })
      socket.open()
      await clock.pass(HOUR)
      expect(socket.state).toBe(state)
      expect(snapshots).toBe(1)
      expect(tries).toBeLessThan(2)
      socket.close()
      expect(socket.state).toBe('closed')
    },
  )

  test('a page that was closed for a younger one stays away until a person connects it again', async () => {
    await page.live()
    page.sockets.last.say('error', { code: 'too_many_connections', message: '' })
    await page.sockets.last.drop()
    expect(page.socket.state).toBe('replaced')
    await page.signals.send('visible')
    await page.signals.send('online')
    await page.clock.pass(HOUR)
    expect(page.sockets.all).toHaveLength(1)
    await page.live()
    expect(page.states).toEqual(['connecting', 'live', 'replaced', 'connecting', 'live'])
  })

  test('a connection that was closed for the one that rotates it hands over as ever', async () => {
    page.lifeMs = HOUR
    await page.live()
    await page.clock.pass(58 * MINUTE)
    const [old, young] = page.sockets.all
    old?.say('error', { code: 'too_many_connections', message: '' })
    await old?.drop()
    expect(page.socket.state).toBe('reconnecting')
    await young?.accept()
    expect(page.socket.state).toBe('live')
  })

  test('what goes out is told, so that a page can write it into its log', async () => {
    const sent: string[] = []
    page.socket.on('sent', (event) => sent.push(event))
    await page.live()
    page.socket.emit('autocall:pause')
    expect(sent).toEqual(['leads:fetched', 'autocall:pause'])
  })

  test('the clock is given back when the connection is closed, and not before', async () => {
    let stops = 0
    Object.assign(page.clock, { stop: () => (stops += 1) })
    await page.live()
    await page.sockets.last.drop()
    expect(stops).toBe(0)
    page.socket.close()
    expect(stops).toBe(1)
  })

  test('connect and disconnect are told as Socket.IO tells them', async () => {
    const told: string[] = []
    page.socket.on('connect', () => told.push('connect'))
    page.socket.on('disconnect', () => told.push('disconnect'))
    await page.live()
    await page.sockets.last.drop()
    expect(told).toEqual(['connect', 'disconnect'])
  })
})

describe('the agent’s own call', () => {
  test('what the page says of it goes with each ping, and at once when it changes, which is no word that must be answered', async () => {
    let session: string | null = null
    page.pingData = () => (session ? { session_id: session } : undefined)
    await page.live()
    session = 's1'
    for (let time = 0; time < 3; time += 1) page.socket.ping()
    await page.clock.pass(MINUTE)
    const pings = page.sockets.last.data.filter((_, index) => page.sockets.last.sent[index] === 'ping')
    expect(pings).toEqual([undefined, ...Array.from({ length: 4 }, () => ({ session_id: 's1' }))])
    expect(page.socket.connected).toBe(true)
  })

  test('a run is asked for when a wrap-up is over, also by a clock that is wrong, and no sooner when it is prolonged', async () => {
    await page.live()
    const wrapsUp = (ms: number) => {
      const at = page.clock.at(HOUR)
      return { version: 2, at, wrap_up: { lead_id: 'l', attempt_id: 'a', until: page.clock.at(HOUR + ms) } }
    }
    const asked = () => page.sockets.last.sent.filter((event) => event === 'leads:fetched').length
    const before = asked()
    page.sockets.last.say('autocall:finished', { called: 1, next_at: page.clock.at(HOUR) })
    page.sockets.last.say('agent:session', wrapsUp(30_000))
    await page.clock.pass(20_000)
    page.sockets.last.say('agent:session', wrapsUp(60_000))
    await page.clock.pass(59_000)
    expect(asked()).toBe(before)
    await page.clock.pass(1_000)
    expect(asked()).toBe(before + 1)
  })

  test('a wrap-up that the agent has ended asks for nothing', async () => {
    await page.live()
    const before = page.sockets.last.sent.filter((event) => event === 'leads:fetched').length
    page.sockets.last.say('autocall:finished', { called: 1, next_at: page.clock.at(HOUR) })
    page.sockets.last.say('agent:session', {
      version: 2,
      at: page.clock.at(0),
      wrap_up: { until: page.clock.at(30_000) },
    })
    page.sockets.last.say('agent:session', { version: 3, at: page.clock.at(0), wrap_up: null })
    await page.clock.pass(MINUTE)
    expect(page.sockets.last.sent.filter((event) => event === 'leads:fetched')).toHaveLength(before)
  })
})
