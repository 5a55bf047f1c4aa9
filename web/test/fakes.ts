import type { Clock } from '../src/socket/clock'
import type { SocketLike } from '../src/socket/heartbeatSocket'
import type { BrowserEvent, BrowserEvents } from '../src/socket/browserEvents'

/** Lets everything that waits only for promises happen. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
}

/** Time that passes when it is told to. */
export class FakeClock implements Clock {
  private time = Date.parse('2026-01-05T09:00:00.000Z')
  private timers = new Map<number, { at: number; run: () => void }>()
  private last = 0

  now = () => this.time

  /** Sets the clock, as somebody with a wrong one has; no timer runs. */
  set(time: number): void {
    this.time = time
  }

  after = (ms: number, run: () => void) => {
    const id = ++this.last
    this.timers.set(id, { at: this.time + ms, run })
    return () => void this.timers.delete(id)
  }

  /** Lets *ms* pass, running what falls due in its order. */
  async pass(ms: number): Promise<void> {
    const end = this.time + ms
    await settle()
    for (;;) {
      const [id, next] = [...this.timers].sort(([, a], [, b]) => a.at - b.at)[0] ?? [0, null]
      if (!next || next.at > end) break
      this.timers.delete(id)
      this.time = Math.max(this.time, next.at)
      next.run()
      await settle()
    }
    this.time = end
  }

  /** The time *ms* ahead, as the server writes it. */
  at = (ms: number) => new Date(this.time + ms).toISOString()
}

/** A WebSocket whose other end is the test. */
export class FakeSocket implements SocketLike {
  readyState: SocketLike['readyState'] = 0
  onopen: SocketLike['onopen'] = null
  onclose: SocketLike['onclose'] = null
  onerror: SocketLike['onerror'] = null
  onmessage: SocketLike['onmessage'] = null
  readonly sent: string[] = []
  /** what was sent with it, frame by frame */
  readonly data: unknown[] = []
  readonly address: URL
  /** whether the other end answers pings */
  answers = true

  constructor(address: string) {
    this.address = new URL(address)
  }

  send(data: string): void {
    const { event, data: told } = JSON.parse(data) as { event: string; data?: unknown }
    this.sent.push(event)
    this.data.push(told)
    if (event === 'ping' && this.answers) this.say('pong')
  }

  close(): void {
    this.readyState = 3
  }

  get token(): string | null {
    return this.address.searchParams.get('token')
  }

  // -- what the other end does

  async accept(): Promise<void> {
    this.readyState = 1
    this.onopen?.call(this as unknown as WebSocket, new Event('open'))
    await settle()
  }

  async drop(): Promise<void> {
    this.readyState = 3
    this.onclose?.call(this as unknown as WebSocket, new Event('close') as CloseEvent)
    await settle()
  }

  say(event: string, data: unknown = null): void {
    this.raw(JSON.stringify({ event, data }))
  }

  raw(text: string): void {
    this.onmessage?.call(this as unknown as WebSocket, { data: text } as MessageEvent)
  }
}

/** Sockets as they are asked for. */
export class FakeSockets {
  readonly all: FakeSocket[] = []

  open = (address: string): FakeSocket => {
    const socket = new FakeSocket(address)
    this.all.push(socket)
    return socket
  }

  get last(): FakeSocket {
    const socket = this.all.at(-1)
    if (!socket) throw new Error('no socket was opened')
    return socket
  }
}

/** The network and the tab, as the test wants them. */
export class FakeSignals implements BrowserEvents {
  private heard: ((signal: BrowserEvent) => void) | null = null
  private up = true

  online = () => this.up

  watch = (heard: (signal: BrowserEvent) => void) => {
    this.heard = heard
    return () => {
      this.heard = null
    }
  }

  get watched(): boolean {
    return this.heard !== null
  }

  async send(signal: BrowserEvent): Promise<void> {
    if (signal !== 'visible') this.up = signal === 'online'
    this.heard?.(signal)
    await settle()
  }
}

/** A place to keep things that forgets them with the test. */
export class FakeStorage implements Storage {
  private readonly items = new Map<string, string>();
  [name: string]: unknown

  get length(): number {
    return this.items.size
  }

  clear = () => this.items.clear()
  getItem = (key: string) => this.items.get(key) ?? null
  key = (index: number) => [...this.items.keys()][index] ?? null
  removeItem = (key: string) => void this.items.delete(key)
  setItem = (key: string, value: string) => void this.items.set(key, value)
}

/** A token that says what a test wants, signed by nobody. */
export function jwt(claims: Record<string, unknown>, alg = 'none'): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg })}.${part(claims)}.x`
}

type Answer = [number, unknown] | Response
type Handler = (url: string, init: RequestInit) => Answer | Promise<Answer>

/** `fetch` answered by the test; keeps what it was asked. */
export function fakeFetch(handler: Handler) {
  const asked: { url: string; init: RequestInit }[] = []
  const fetch = async (url: string | URL | Request, init: RequestInit = {}) => {
    asked.push({ url: String(url), init })
    const answer = await handler(String(url), init)
    if (answer instanceof Response) return answer
    const [status, body] = answer
    return new Response(status === 204 ? null : JSON.stringify(body), {
      status,
      headers: { 'Content-Type': 'application/json' },
    })
  }
  return { fetch: fetch as typeof globalThis.fetch, asked }
}

const page = (status: number, body: BodyInit | null = '<html><body>Please accept our terms.</body></html>') =>
  new Response(body, { status, headers: { 'Content-Type': 'text/html' } })

/** What a captive portal or a proxy puts in the place of any answer, or a network that is gone. */
export const BROKEN_NETWORKS: Record<string, () => Response> = {
  '200 with HTML': () => page(200),
  '200, empty': () => page(200, ''),
  '302 to a page': () => Response.redirect('https://portal.example/login', 302),
  '302, as fetch shows one that it must not follow': () => Response.error(),
  '400 with HTML': () => page(400),
  '401 with HTML': () => page(401),
  '403 with HTML': () => page(403),
  '404 with HTML': () => page(404),
  '407 with HTML': () => page(407),
  '511 with HTML': () => page(511),
  '401 with a challenge': () =>
    new Response('', { status: 401, headers: { 'WWW-Authenticate': 'Basic realm="proxy"' } }),
  '400 with JSON of its own': () => Response.json({ message: 'blocked by policy' }, { status: 400 }),
  'no answer': () => {
    throw new TypeError('Failed to fetch')
  },
}
