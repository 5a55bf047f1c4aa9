import { LoginNeeded } from '../socket'

/** The server said no, or nothing; `status` 0 means it could not be reached. */
export class ApiError extends Error {
  override name = 'ApiError'
  readonly status: number
  readonly code: string
  readonly details: unknown

  constructor(status: number, code: string, message: string, details?: unknown) {
    super(message)
    this.status = status
    this.code = code
    this.details = details
  }

  /** Whether the same request may well succeed a little later. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500
  }
}

/** Who the page is, as far as requests need to know. */
export interface Credentials {
  forRequest(): Promise<string>
  renew(): Promise<{ token: string }>
}

interface Request {
  method?: string
  json?: unknown
  body?: BodyInit
  type?: string
  signal?: AbortSignal
  /** goes out even if the tab is closed right after */
  keepalive?: boolean
}

const LONGEST_MS = 35_000

/** The HTTP API with the login's token; a refused token is renewed once, then only a login helps. */
export class Client {
  private readonly base: string
  private readonly credentials: Credentials
  private readonly fetch: typeof globalThis.fetch

  constructor(base: string, credentials: Credentials, fetch: typeof globalThis.fetch = globalThis.fetch.bind(globalThis)) {
    this.base = base
    this.credentials = credentials
    this.fetch = fetch
  }

  /** The answer's JSON; undefined if it has none. */
  async json<T>(path: string, request: Request = {}): Promise<T> {
    const answer = await this.send(path, request)
    const text = await answer.text()
    try {
      return (text ? JSON.parse(text) : undefined) as T
    } catch {
      throw new ApiError(answer.status, 'unreadable', 'the answer is not JSON')
    }
  }

  /** An answer as it came, for whoever reads more than JSON from it. */
  async raw(path: string): Promise<Response> {
    return this.send(path, {})
  }

  /** Whether the server takes this very token. */
  async check(token: string): Promise<'good' | 'refused' | 'unreachable'> {
    try {
      const answer = await this.ask('/api/leads?limit=1', {}, token)
      return answer.status === 401 || answer.status === 403 ? 'refused' : 'good'
    } catch {
      return 'unreachable'
    }
  }

  private async send(path: string, request: Request): Promise<Response> {
    const token = await this.token()
    let answer = await this.ask(path, request, token)
    if (await turnsTokenAway(answer)) {
      answer = await this.ask(path, request, (await this.credentials.renew()).token)
      if (await turnsTokenAway(answer)) throw new LoginNeeded()
    }
    if (!answer.ok) throw await refusal(answer)
    return answer
  }

  private async token(): Promise<string> {
    try {
      return await this.credentials.forRequest()
    } catch (error) {
      throw error instanceof LoginNeeded ? error : new ApiError(0, 'unreachable', String(error))
    }
  }

  private async ask(path: string, { method, json, body, type, signal, keepalive }: Request, token: string): Promise<Response> {
    const timeout = AbortSignal.timeout(LONGEST_MS)
    const headers: Record<string, string> = { Authorization: `Bearer ${token}` }
    if (json !== undefined) headers['Content-Type'] = 'application/json'
    if (type) headers['Content-Type'] = type
    try {
      return await this.fetch(this.base + path, {
        method: method ?? 'GET',
        headers,
        body: json === undefined ? (body ?? null) : JSON.stringify(json),
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
        cache: 'no-store',
        keepalive: keepalive ?? false,
      })
    } catch (error) {
      throw new ApiError(0, 'unreachable', String(error))
    }
  }
}

/** The gateway's 401; or, with an issuer of one's own, its 403, which unlike the API's says no error of ours. */
async function turnsTokenAway(answer: Response): Promise<boolean> {
  if (answer.status !== 403) return answer.status === 401
  const said = (await answer.clone().json().catch(() => null)) as { error?: unknown } | null
  return !said?.error
}

async function refusal(answer: Response): Promise<ApiError> {
  const said = (await answer.json().catch(() => null)) as { error?: { code?: string; message?: string; details?: unknown } } | null
  const error = said?.error
  return new ApiError(answer.status, error?.code ?? String(answer.status), error?.message ?? answer.statusText, error?.details)
}
