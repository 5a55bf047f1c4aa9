import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { type WebSocket, WebSocketServer } from 'ws'
import type { RefusedRow } from '../../src/api/leadsApi.ts'
import { USUAL_OUTCOMES } from '../usualOutcomes.ts'
import { madeUpLeads, type Row } from './leads.ts'

const DAY_S = 86_400

const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

const soon = (ms: number) => new Date(Date.now() + ms).toISOString()

/** A server without a memory beyond its process: leads that are called as one watches. For work on the page only. */
export class DemoServer {
  private rows = new Map<string, Row>()
  private sockets = new Set<WebSocket>()
  private settings = {
    paused: false,
    resume_at: null as string | null,
    lines: 3,
    agent_phone: '+12025550143',
    window: null,
    version: 1,
    via: 'phone',
    installation: {
      audio: process.env.DEMO_AUDIO ?? 'message',
      wrap_up_s: 30,
      lines: 3,
      most_lines: 20,
      calls_per_second: 1,
      ring_timeout_s: 25,
      calling_hours: 'default',
      default_region: 'US',
    },
  }
  /** what agents choose from after a call */
  private outcomes = { outcomes: USUAL_OUTCOMES, again_per_week: 3, version: 0 }
  /** the agent's own call, with DEMO_AUDIO=agent by a phone that is always picked up */
  private line = { ...NO_LINE, version: 1 }
  private calls = 0
  private pace = Number(process.env.DEMO_PACE_MS ?? 900)
  private failing: Record<string, number> = {}
  private refuseSockets = false
  private locked = false
  private noTime = Number(process.env.DEMO_NO_TIME ?? 0)
  private thunder: ReturnType<typeof setInterval> | undefined
  /** the leads that somebody has in sight: every other change of a storm is one of theirs */
  private near: string[] = []

  constructor() {
    this.fill(Number(process.env.DEMO_LEADS ?? 318))
    setInterval(() => this.step(), this.pace).unref()
  }

  attach(server: Server): void {
    const accept = new WebSocketServer({ noServer: true })
    server.on('upgrade', (request, socket, head) => {
      if (!request.url?.startsWith('/live')) return
      if (this.refuseSockets) return void socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
      accept.handleUpgrade(request, socket, head, (client) => this.join(client))
    })
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const url = new URL(request.url ?? '/', 'http://demo')
    const send = (status: number, body: unknown, type = 'application/json') => {
      response.writeHead(status, { 'Content-Type': type }).end(typeof body === 'string' ? body : JSON.stringify(body))
      return true
    }
    if (url.pathname === '/config.json') return send(200, this.config(request))
    if (url.pathname === '/cognito/')
      return send(...this.cognito(JSON.parse(await text(request)), String(request.headers['x-amz-target'])))
    if (url.pathname === '/_demo') return send(200, this.script(JSON.parse(await text(request))))
    if (!url.pathname.startsWith('/api/')) return false
    if (!request.headers.authorization || this.locked) return send(401, { message: 'Unauthorized' })
    const failing = this.failing[`${request.method} ${url.pathname}`]
    if (failing) return send(failing, { error: { code: 'internal', message: 'Internal Server Error' } })
    if (url.pathname === '/api/leads.csv') return send(200, this.csv(), 'text/csv')
    return send(...this.api(request.method ?? 'GET', url, await text(request)))
  }

  private config(request: IncomingMessage) {
    const host = request.headers.host
    return {
      websocket_url: `ws://${host}/live`,
      http_url: `http://${host}`,
      issuer: 'https://cognito-idp.us-east-1.amazonaws.com/us-east-1_demo',
      client_id: 'demo',
      cognito_endpoint: `http://${host}/cognito`,
    }
  }

  private cognito(
    body: { AuthParameters?: Record<string, string>; ChallengeResponses?: Record<string, string> },
    target: string,
  ): [number, unknown] {
    const name = body.AuthParameters?.USERNAME ?? body.ChallengeResponses?.USERNAME ?? 'ada@example.com'
    if (body.AuthParameters?.PASSWORD === 'wrong')
      return [400, { __type: 'NotAuthorizedException', message: 'Incorrect username or password.' }]
    if (body.AuthParameters?.PASSWORD === 'first')
      return [
        200,
        { ChallengeName: 'NEW_PASSWORD_REQUIRED', Session: 's', ChallengeParameters: { USER_ID_FOR_SRP: name } },
      ]
    if (target.endsWith('RevokeToken') || target.endsWith('ConfirmForgotPassword')) return [200, {}]
    if (target.endsWith('ForgotPassword')) return [200, { CodeDeliveryDetails: { Destination: 'a***@e***' } }]
    const now = Math.floor(Date.now() / 1000)
    const token = `${base64url({ alg: 'none' })}.${base64url({ sub: 'demo', email: name, iat: now, exp: now + DAY_S })}.x`
    return [
      200,
      { AuthenticationResult: { AccessToken: token, IdToken: token, RefreshToken: 'refresh', ExpiresIn: DAY_S } },
    ]
  }

  /** What a person at the keyboard, or a script, makes happen. */
  private script(wish: {
    fill?: number
    fail?: Record<string, number>
    say?: unknown
    kick?: boolean
    refuse?: boolean
    lock?: boolean
    burst?: number
    calls?: number
    storm?: number
    near?: string[]
    end?: boolean
  }) {
    if (wish.fill !== undefined) this.fill(wish.fill)
    if (wish.fail) this.failing = wish.fail
    if (wish.say) this.say(wish.say as { event: string; data: unknown })
    if (wish.refuse !== undefined) this.refuseSockets = wish.refuse
    if (wish.lock !== undefined) this.locked = this.refuseSockets = wish.lock
    if (wish.kick) {
      for (const socket of this.sockets) socket.terminate()
      this.sockets.clear() // at once, not only once they say so
    }
    if (wish.burst) for (let i = 0; i < wish.burst; i += 1) this.step()
    if (wish.calls) for (let i = 0; i < wish.calls; i += 1) this.call()
    if (wish.near) this.near = wish.near
    if (wish.storm !== undefined) this.storm(wish.storm)
    if (wish.end) for (const row of this.rows.values()) if (row.call_status === 'pending') this.rows.delete(row.lead_id)
    return { rows: this.rows.size, sockets: this.sockets.size }
  }

  private api(method: string, url: URL, body: string): [number, unknown] {
    const [, , , id, action] = url.pathname.split('/')
    const row = id ? this.rows.get(id) : undefined
    const route = `${method} /${url.pathname.split('/')[2]}${id ? (url.pathname.startsWith('/api/leads') ? '/{id}' : `/${id}`) : ''}${action ? `/${action}` : ''}`
    switch (route) {
      case 'GET /leads':
        return this.page(url)
      case 'POST /leads':
        return this.import(JSON.parse(body))
      case 'GET /leads/{id}':
        return row
          ? [
              200,
              {
                ...row,
                history: row.past,
                strays: [],
                dnc: row.do_not_call ? { since: row.at } : null,
                dnc_removed: null,
              },
            ]
          : [404, { error: { code: 'not_found', message: 'no such lead' } }]
      case 'DELETE /leads/{id}':
        if (row) this.rows.delete(row.lead_id)
        return [204, '']
      case 'POST /leads/{id}/release':
        if (row) this.put(row, { call_status: 'pending', can_release: false, reason: null }, 'released')
        return [200, row]
      case 'POST /leads/{id}/settle':
        if (row)
          this.put(row, { call_status: 'completed', can_release: false, reason: 'settled by a person' }, 'settled')
        return [200, row]
      case 'PUT /leads/{id}/do-not-call':
      case 'DELETE /leads/{id}/do-not-call':
        if (row)
          this.put(row, {
            do_not_call: method === 'PUT',
            held: method === 'PUT' ? { reason: 'dnc', until: null } : null,
          })
        return [200, row]
      case 'GET /settings':
        return [200, { ...this.settings, admin: true, at: soon(0) }]
      case 'PUT /settings':
        this.settings = {
          ...this.settings,
          ...JSON.parse(body),
          version: this.settings.version + 1,
          installation: this.settings.installation,
        }
        return [200, this.settings]
      case 'GET /phone':
      case 'POST /phone':
        return [200, this.session()]
      case 'GET /installation':
        return [200, this.outcomes]
      case 'PUT /installation':
        this.outcomes = { ...this.outcomes, ...JSON.parse(body), version: this.outcomes.version + 1 }
        return [200, this.outcomes]
      case 'POST /leads/{id}/hang-up':
        if (row) this.go(row, 'completed')
        return [200, { hung_up: true }]
      case 'POST /leads/{id}/hold': {
        const { held } = JSON.parse(body) as { held: boolean }
        if (this.line.call) this.lineIs({ call: { ...this.line.call, held: held ? soon(0) : null } })
        return [200, this.session()]
      }
      case 'POST /leads/{id}/voicemail':
        if (row) this.go({ ...row, answered_by: 'machine_end_beep' }, 'completed')
        return [200, row]
      case 'POST /leads/{id}/again':
        if (row) this.put(row, { call_status: 'pending', outcome: null, ring_back_done_at: soon(0) }, 'again')
        return [200, row]
      case 'PUT /leads/{id}/ring-back':
        if (row) {
          const { seen, done } = JSON.parse(body) as { seen: string; done: boolean }
          this.put(row, { ring_back_done_at: done ? seen : null })
        }
        return [200, row]
      case 'PUT /leads/{id}/note':
        return this.note(row, JSON.parse(body))
      case 'POST /leads/{id}/outcome':
        return this.outcome(row, JSON.parse(body))
      case 'POST /autocall/pause':
      case 'POST /autocall/resume':
        this.pause(action === 'pause' || id === 'pause')
        return [200, this.settings]
      case 'DELETE /connections':
        for (const socket of this.sockets) socket.close()
        return [200, {}]
      default:
        return [404, { error: { code: 'not_found', message: route } }]
    }
  }

  private session() {
    const { call, wrap_up } = this.line
    const over = wrap_up !== null && Date.parse(wrap_up.until) < Date.now()
    if (over) this.line = { ...this.line, wrap_up: null, version: this.line.version + 1 }
    return { ...this.line, call, wrap_up: over ? null : wrap_up, at: soon(0) }
  }

  private lineIs(part: Partial<typeof this.line>): void {
    this.line = { ...this.line, ...part, version: this.line.version + 1 }
    this.say({ event: 'agent:session', data: this.session() })
  }

  private note(row: Row | undefined, { text, seen = 0 }: { text: string; seen?: number }): [number, unknown] {
    if (!row) return [404, { error: { code: 'not_found', message: 'no such lead' } }]
    const standing = row.agent_note ?? null
    if ((standing?.version ?? 0) !== seen)
      return [409, { error: { code: 'note_changed', message: 'changed', details: { agent_note: standing } } }]
    const agent_note = { text, at: soon(0), by: 'ada', version: seen + 1 }
    this.put(row, { agent_note })
    return [200, agent_note]
  }

  private outcome(
    row: Row | undefined,
    told: { code: string; attempt_id: string; ready?: boolean },
  ): [number, unknown] {
    if (!row) return [404, { error: { code: 'not_found', message: 'no such lead' } }]
    this.put(row, { outcome: { code: told.code, at: soon(0), by: 'ada' }, do_not_call: told.code === 'do_not_call' })
    if (told.ready) this.lineIs({ wrap_up: null })
    return [200, this.rows.get(row.lead_id)]
  }

  private page(url: URL): [number, unknown] {
    const [limit, from] = [Number(url.searchParams.get('limit') ?? 100), Number(url.searchParams.get('cursor') ?? 0)]
    const all = [...this.rows.values()]
    const items = all.slice(from, from + limit).map(({ past: _, ...lead }) => lead)
    return [200, { items, next: from + limit < all.length ? String(from + limit) : null }]
  }

  /** As docs/lists.md says; what DEMO_NO_TIME says of rows the server has no time for at first. */
  private import({
    leads,
    first_line = 1,
  }: {
    leads: Record<string, string>[]
    first_line?: number
  }): [number, unknown] {
    const result = { created: 0, merged: 0, refused: [] as RefusedRow[], warnings: [] }
    const known = new Set([...this.rows.values()].map(({ phone }) => phone))
    leads.forEach((lead, index) => {
      const phone = lead.phone ?? ''
      const refuse = (code: string, reason: string, retry = false) =>
        result.refused.push({ line: first_line + index, code, reason, retry })
      if (this.noTime > 0 && index % 2)
        return refuse('no_time', 'not stored, because the time was up: send this row again', true)
      if (lead.do_not_call) return refuse('marked', 'is marked do-not-call in the list: this number is never called')
      if (!/^\+\d{8,15}$/.test(phone)) return refuse('phone_invalid', 'the phone number is not a number that is in use')
      if (known.has(phone)) return (result.merged += 1)
      known.add(phone)
      const [row] = madeUpLeads(1, this.rows.size)
      if (row)
        this.rows.set(row.lead_id, {
          ...row,
          phone,
          name: lead.name ?? '',
          call_status: 'pending',
          held: null,
          reason: null,
        })
      return (result.created += 1)
    })
    this.noTime -= 1
    return [200, result]
  }

  private csv(): string {
    return [
      'phone,name,call_status',
      ...[...this.rows.values()].map((row) => `${row.phone},${row.name},${row.call_status}`),
    ].join('\r\n')
  }

  private fill(count: number): void {
    this.rows = new Map(madeUpLeads(count).map((row) => [row.lead_id, row]))
  }

  private join(client: WebSocket): void {
    this.sockets.add(client)
    client.on('close', () => this.sockets.delete(client))
    client.on('message', (raw) => this.heard(client, JSON.parse(String(raw))))
  }

  private heard(client: WebSocket, { event }: { event: string }): void {
    if (event === 'agent:ready') return this.lineIs({ wrap_up: null })
    if (event === 'agent:typing' && this.line.wrap_up)
      return this.lineIs({ wrap_up: { ...this.line.wrap_up, until: soon(60_000) } })
    if (event === 'ping') client.send(JSON.stringify({ event: 'pong', data: null }))
    else if (event === 'leads:fetched') this.run()
    else if (event === 'autocall:pause' || event === 'autocall:resume') this.pause(event === 'autocall:pause')
    else
      client.send(
        JSON.stringify({ event: 'error', data: { code: 'unknown_event', message: `there is no event ${event}` } }),
      )
  }

  private pause(paused: boolean): void {
    this.settings = { ...this.settings, paused, version: this.settings.version + 1 }
    const in_flight = [...this.rows.values()]
      .filter((row) => FLYING.includes(row.call_status))
      .map((row) => row.lead_id)
    this.say({
      event: paused ? 'autocall:paused' : 'autocall:resumed',
      data: { version: this.settings.version, in_flight },
    })
  }

  private run(): void {
    const waiting = [...this.rows.values()].filter((row) => row.call_status === 'pending')
    this.say({
      event: 'autocall:started',
      data: {
        pending: waiting.filter((row) => !row.held).length,
        held: { hours: waiting.filter((row) => row.held).length },
        more: false,
      },
    })
    this.say({
      event: 'autocall:finished',
      data: { called: 0, held: 0, failed: 0, next_at: soon(30_000), reason: null },
    })
  }

  /** One thing happens: a call goes a stage further, or the next one begins. */
  private step(): void {
    const flying = [...this.rows.values()].filter((row) => FLYING.includes(row.call_status))
    const byAgent = this.settings.installation.audio === 'agent'
    if (byAgent && this.session().wrap_up) return
    const lines = byAgent ? 1 : this.settings.lines
    const room = flying.length < lines && !this.settings.paused
    const next = room ? [...this.rows.values()].find((row) => row.call_status === 'pending' && !row.held) : undefined
    if (next && this.sockets.size > 0) return this.go(next, 'queued')
    const row = flying[Math.floor(Math.random() * flying.length)]
    if (row) this.go(row, AFTER[row.call_status]?.[Math.floor(Math.random() * 4)] ?? 'completed')
  }

  /** One call from its beginning to its end, each time to the next lead of the list. */
  private call(): void {
    const rows = [...this.rows.keys()]
    const lead = rows[this.calls % rows.length] as string
    this.calls += 1
    for (const status of ['queued', 'ringing', 'in-progress', 'completed']) {
      const row = this.rows.get(lead)
      if (row) this.go({ ...row, past: row.past.slice(-20) }, status)
    }
  }

  private go(row: Row, status: string): void {
    const ended = ENDED.includes(status)
    const duration_s = status === 'completed' ? Math.floor(Math.random() * 400) : ended ? 0 : null
    this.put(
      row,
      {
        call_status: status,
        duration_s,
        reason: null,
        call_sid: row.call_sid ?? `CA${'0'.repeat(32)}`,
        attempt_id: 'demo',
      },
      status === 'queued' ? 'placed' : status,
    )
    const { phone: _p, name: _n, zones: _z, note: _o, extra: _e, past: _h, ...data } = this.rows.get(row.lead_id) as Row
    this.follow(this.rows.get(row.lead_id) as Row, status, ended)
    this.say({ event: status === 'queued' ? 'call:started' : ended ? 'call:completed' : 'call:status_updated', data })
  }

  /** The agent's own call goes along with the lead's. */
  private follow({ lead_id }: Row, status: string, ended: boolean): void {
    if (this.settings.installation.audio !== 'agent') return
    const call = { lead_id, attempt_id: 'demo', until: soon(600_000), joined: null as string | null }
    if (status === 'queued') return this.lineIs({ call })
    if (status === 'in-progress') return this.lineIs({ call: { ...call, joined: soon(0) } })
    const wrap_up = this.line.call?.joined ? { lead_id, attempt_id: 'demo', until: soon(30_000) } : null
    if (ended) this.lineIs({ call: null, wrap_up })
  }

  /** So many changes a second: half of them in sight, the others anywhere in the list. */
  private storm(perSecond: number): void {
    clearInterval(this.thunder)
    if (perSecond === 0) return
    const rows = [...this.rows.keys()]
    const statuses = [...FLYING, ...ENDED]
    let turn = 0
    this.thunder = setInterval(() => {
      turn += 1
      const from = turn % 2 && this.near.length ? this.near : rows
      const row = this.rows.get(from[Math.floor(Math.random() * from.length)] as string)
      if (row) this.go(row, statuses[Math.floor(Math.random() * statuses.length)] as string)
    }, 1000 / perSecond)
    this.thunder.unref()
  }

  private put(row: Row, change: Partial<Row>, event?: string): void {
    const at = new Date().toISOString()
    const past = event ? [...row.past, { at, event, attempt_id: 'demo' }] : row.past
    this.rows.set(row.lead_id, { ...row, ...change, version: row.version + 1, at, past })
  }

  private say(frame: { event: string; data: unknown }): void {
    for (const socket of this.sockets) socket.send(JSON.stringify(frame))
  }
}

interface DemoCall {
  lead_id: string
  attempt_id: string
  until: string
  joined: string | null
  /** since when the lead is on hold */
  held?: string | null
}

const NO_LINE = {
  session_id: 's',
  via: 'phone',
  phase: 'live',
  reason: null,
  asked_at: null,
  live_since: null,
  wrap_up_s: 30,
  call: null as DemoCall | null,
  wrap_up: null as Omit<DemoCall, 'joined'> | null,
}

const FLYING = ['queued', 'initiated', 'ringing', 'in-progress']
const ENDED = ['completed', 'busy', 'no-answer', 'failed', 'canceled']
const AFTER: Record<string, string[]> = {
  queued: ['initiated', 'initiated', 'initiated', 'initiated'],
  initiated: ['ringing', 'ringing', 'ringing', 'ringing'],
  ringing: ['in-progress', 'in-progress', 'no-answer', 'busy'],
  'in-progress': ['completed', 'completed', 'completed', 'completed'],
}

async function text(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts).toString() || '{}'
}
