import type { Cancel, Clock } from './clock'
import { decode, encode, type Frame, PING_MS } from './frames'

/** The part of WebSocket a link uses. */
export type SocketLike = Pick<
  WebSocket,
  'readyState' | 'send' | 'close' | 'onopen' | 'onclose' | 'onerror' | 'onmessage'
>
export type OpenSocket = (address: string) => SocketLike

export interface HeartbeatEvents {
  opened(): void
  frame(frame: Frame): void
  /** what each ping says beside that somebody is there */
  pingData?(): unknown
  ended(): void
}

const OPEN_MS = 15_000
const ANSWER_MS = 5_000
const MISSED = 2
const OPEN = 1

/** One WebSocket with a heartbeat; it ends exactly once, also when the other side has only gone silent. */
export class HeartbeatSocket {
  private readonly socket: SocketLike
  private readonly clock: Clock
  private readonly events: HeartbeatEvents
  private timer: Cancel
  private unanswered = 0
  private over = false

  constructor(address: string, open: OpenSocket, clock: Clock, events: HeartbeatEvents) {
    this.clock = clock
    this.events = events
    this.socket = open(address)
    this.timer = clock.after(OPEN_MS, () => this.end())
    this.socket.onopen = () => this.begin()
    this.socket.onclose = () => this.end()
    this.socket.onerror = null
    this.socket.onmessage = (message) => this.read(message.data)
  }

  /** Whether the handshake is done and nothing has ended it since. */
  get open(): boolean {
    return !this.over && this.socket.readyState === OPEN
  }

  send(event: string, data?: unknown): boolean {
    if (!this.open) return false
    this.socket.send(encode(event, data))
    return true
  }

  /** Asks for a sign of life now: after sleep or a change of network a dead connection still looks open. */
  checkAlive(): void {
    if (!this.open) return
    this.timer()
    this.ping()
    this.timer = this.clock.after(ANSWER_MS, () => (this.unanswered > 0 ? this.end() : this.heartbeat()))
  }

  /** Pings beside the heartbeat, since what a ping tells has changed; whether it is answered says nothing. */
  pingNow(): void {
    this.send('ping', this.events.pingData?.())
  }

  close(): void {
    this.over = true
    this.detach()
  }

  private begin(): void {
    this.heartbeat()
    this.events.opened()
  }

  private heartbeat(): void {
    this.timer()
    if (this.unanswered >= MISSED) return this.end()
    this.ping()
    this.timer = this.clock.after(PING_MS, () => this.heartbeat())
  }

  private ping(): void {
    this.unanswered += 1
    this.send('ping', this.events.pingData?.())
  }

  private read(text: unknown): void {
    if (this.over) return
    const frame = decode(text)
    if (frame) {
      this.unanswered = 0
      this.events.frame(frame)
    } else console.info('a frame that cannot be read was left out') // a gateway's own, say: no sign of life behind it
  }

  private end(): void {
    if (this.over) return
    this.over = true
    this.detach()
    this.events.ended()
  }

  private detach(): void {
    this.timer()
    this.socket.onopen = this.socket.onclose = this.socket.onmessage = null
    this.socket.close(1000)
  }
}
