import { afterEach, describe, expect, test } from 'vitest'
import { Cognito } from '../src/auth/cognito'
import { Oidc } from '../src/auth/oidc'
import { Session } from '../src/auth/session'
import { AgentApp } from '../src/agentApp'
import { BROKEN_NETWORKS, FakeClock, FakeSignals, FakeSockets, FakeStorage, fakeFetch, jwt } from './fakes'
import { turns } from './world'

const CONFIG = {
  websocket_url: 'wss://example.com/live',
  http_url: 'https://api.example',
  issuer: 'https://id.example',
  client_id: 'page',
  oidc: {},
}
const OPENID = {
  issuer: CONFIG.issuer,
  authorization_endpoint: 'https://id.example/authorize',
  token_endpoint: 'https://id.example/token',
}
const MINUTE = 60_000
const STEP = 2_000

let desk: AgentApp | null = null
afterEach(() => desk?.socket.close())

/** An agent in mid-run with tokens of one minute, and a network that can be taken away. */
function agent(login: 'cognito' | 'oidc') {
  const [clock, sockets] = [new FakeClock(), new FakeSockets()]
  let portal: (() => Response) | null = null
  const token = () => jwt({ sub: 'u', iat: Math.floor(clock.now() / 1000), exp: Math.floor(clock.now() / 1000) + 60 })
  const { fetch, asked } = fakeFetch((url) => {
    if (portal) return portal()
    if (url.endsWith('openid-configuration')) return [200, OPENID]
    if (url === OPENID.token_endpoint) return [200, { access_token: token(), token_type: 'bearer', expires_in: 60 }]
    if (new URL(url).host === 'id.example')
      return [200, { AuthenticationResult: { AccessToken: token(), ExpiresIn: 60 } }]
    return [200, url.includes('/api/leads') ? { items: [], next: null } : {}]
  })
  const provider = login === 'oidc' ? new Oidc(CONFIG, fetch, clock.now) : new Cognito(CONFIG, fetch, clock.now)
  const session = new Session({ provider, storage: new FakeStorage(), lock: (run) => run(), now: clock.now })
  session.begin({ token: token(), refresh: 'r', user: 'ada', issuedAt: clock.now(), expiresAt: clock.now() + MINUTE })
  desk = new AgentApp(CONFIG, session, {
    fetch,
    clock,
    signals: new FakeSignals(),
    storage: new FakeStorage(),
    random: () => 0.5,
    openSocket: sockets.open,
  })
  const { socket } = desk
  /** Time passes; every handshake is answered by the server, or ended by what is in its way. */
  const pass = async (ms: number) => {
    for (let gone = 0; gone < ms; gone += STEP) {
      await clock.pass(STEP)
      await turns()
      const waiting = sockets.all.filter(({ readyState, onopen }) => readyState === 0 && onopen)
      for (const each of waiting) await (portal ? each.drop() : each.accept())
      await turns()
    }
  }
  const enter = async () => {
    socket.open()
    await turns()
    await pass(STEP)
  }
  return {
    session, socket, asked, enter, pass,
    async portalFor(ms: number, answer: () => Response) {
      portal = answer
      await sockets.last.drop()
      await pass(ms)
      portal = null
    },
  } // oxfmt-ignore
}

describe.each(['cognito', 'oidc'] as const)(
  'behind a captive portal for 80 s in mid-run, with a login by %s',
  (login) => {
    test.each(Object.entries(BROKEN_NETWORKS))(
      '%s logs nobody out, and the page is live again by itself',
      async (_, answer) => {
        const { session, socket, enter, pass, portalFor } = agent(login)
        await enter()
        expect(socket.state).toBe('live')
        await portalFor(80_000, answer)
        expect([session.ending, socket.state]).toEqual([null, 'offline'])
        await pass(40_000)
        expect([session.ending, socket.state]).toEqual([null, 'live'])
      },
    )
  },
)
