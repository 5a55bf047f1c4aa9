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

  constructor(
    base: string,
    credentials: Credentials,
    fetch: typeof globalThis.fetch = globalThis.fetch.bind(globalThis),
  ) {
    this.base = base
    this.credentials = credentials
    this.fetch = fetch
  }

  /** The answer's JSON; undefined if it has none. */
  async json<T>(path: string, request: Request = {}): Promise<T> {
    const answer = await this.send(path, request)
    const text = await answer.text()
    if (!text && answer.status !== 204) throw notOurs(answer)
    try {
      return (text ? JSON.parse(text) : undefined) as T
    } catch {
      throw notOurs(answer)
    }
  }

  /** A CSV answer as it came, with its headers. */
  async csv(path: string): Promise<Response> {
    const answer = await this.send(path, {})
    if (answer.headers.get('Content-Type')?.startsWith('text/html')) throw notOurs(answer)
    return answer
  }

  /** Whether the server takes this very token. */
  async check(token: string): Promise<'good' | 'refused' | 'unreachable'> {
    try {
      const answer = await this.ask('/api/leads?limit=1', {}, token)
      if (await turnsTokenAway(answer)) return 'refused'
      return (await isOurs(answer)) ? 'good' : 'unreachable'
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

  private async ask(
    path: string,
    { method, json, body, type, signal, keepalive }: Request,
    token: string,
  ): Promise<Response> {
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

interface ErrorBody {
  message?: unknown
  error?: { code?: string; message?: string; details?: unknown }
}

/** What a refusal says, if it is the API's or the gateway's: both answer JSON. A portal or a proxy answers a page. */
async function readErrorBody(answer: Response): Promise<ErrorBody | null> {
  const read: unknown = await answer
    .clone()
    .json()
    .catch(() => null)
  return read !== null && typeof read === 'object' ? read : null
}

const isOurs = async (answer: Response) => answer.status >= 500 || (await readErrorBody(answer)) !== null

/** The gateway's 401; or, with an issuer of one's own, its 403, which unlike the API's says no error of ours. */
async function turnsTokenAway(answer: Response): Promise<boolean> {
  if (answer.status !== 401 && answer.status !== 403) return false
  const said = await readErrorBody(answer)
  return said !== null && (answer.status === 401 || !said.error)
}

/** Something between this page and the server has answered in its place, so the server was not reached. */
const notOurs = (answer: Response) =>
  new ApiError(0, 'unreachable', `something else than the server answered ${answer.status}`)

async function refusal(answer: Response): Promise<ApiError> {
  const said = await readErrorBody(answer)
  if (!said && answer.status < 500 && answer.status !== 429) return notOurs(answer)
  const error = said?.error
  return new ApiError(
    answer.status,
    error?.code ?? String(answer.status),
    error?.message ?? answer.statusText,
    error?.details,
  )
}
