import type { Config, OidcConfig } from '../config'
import { keep, LoginEnded, type Provider, type Tokens } from './tokens'

interface Endpoints {
  authorization_endpoint: string
  token_endpoint: string
  end_session_endpoint?: string
}

interface Begun {
  state: string
  verifier: string
}

const BEGUN = 'autocall.oidc'

const base64url = (bytes: Uint8Array) =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')

const random = () => base64url(crypto.getRandomValues(new Uint8Array(32)))

/** The challenge that belongs to a PKCE verifier. */
export async function challenge(verifier: string): Promise<string> {
  return base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))))
}

/** Login by redirect at any OpenID Connect provider: code flow with PKCE, no secret in the page. */
export class Oidc implements Provider {
  private readonly config: Config
  private readonly options: OidcConfig
  private readonly fetch: typeof globalThis.fetch
  private known: Promise<Endpoints> | null = null

  constructor(config: Config, fetch: typeof globalThis.fetch = globalThis.fetch.bind(globalThis)) {
    this.config = config
    this.options = config.oidc ?? {}
    this.fetch = fetch
  }

  /** Where to send the browser to log in; remembers what its answer must match. */
  async begin(here: string, storage: Storage = sessionStorage): Promise<string> {
    const begun: Begun = { state: random(), verifier: random() }
    storage.setItem(BEGUN, JSON.stringify(begun))
    const address = new URL((await this.endpoints()).authorization_endpoint)
    const query = {
      response_type: 'code',
      client_id: this.config.client_id,
      redirect_uri: here,
      scope: this.options.scope ?? 'openid profile email offline_access',
      state: begun.state,
      code_challenge: await challenge(begun.verifier),
      code_challenge_method: 'S256',
      ...(this.options.audience ? { audience: this.options.audience } : {}),
    }
    for (const [name, value] of Object.entries(query)) address.searchParams.set(name, value)
    return address.href
  }

  /** The tokens for the code the provider sent the browser back with; null if this address carries none. */
  async finish(address: URL, storage: Storage = sessionStorage): Promise<Tokens | null> {
    const [code, state] = [address.searchParams.get('code'), address.searchParams.get('state')]
    const refused = address.searchParams.get('error')
    if (!state || !(code || refused)) return null
    const begun = JSON.parse(storage.getItem(BEGUN) ?? 'null') as Begun | null
    storage.removeItem(BEGUN)
    if (refused || !code || begun?.state !== state) throw new LoginEnded(refused ?? 'state')
    return this.exchange({
      grant_type: 'authorization_code',
      code,
      redirect_uri: address.origin + address.pathname,
      code_verifier: begun.verifier,
    })
  }

  async refresh(refresh: string): Promise<Tokens> {
    const tokens = await this.exchange({ grant_type: 'refresh_token', refresh_token: refresh })
    return { ...tokens, refresh: tokens.refresh ?? refresh }
  }

  async revoke(): Promise<void> {}

  /** Where to send the browser so that the provider forgets the login too, if it has such a place. */
  async farewell(here: string): Promise<string | null> {
    const address = (await this.endpoints().catch(() => null))?.end_session_endpoint
    if (!address) return null
    const url = new URL(address)
    url.searchParams.set('client_id', this.config.client_id)
    url.searchParams.set('post_logout_redirect_uri', here)
    return url.href
  }

  private async exchange(form: Record<string, string>): Promise<Tokens> {
    const answer = await this.fetch((await this.endpoints()).token_endpoint, {
      method: 'POST',
      body: new URLSearchParams({ client_id: this.config.client_id, ...form }),
    })
    const said = (await answer.json().catch(() => ({}))) as Record<string, string & number>
    if (answer.status >= 400 && answer.status < 500 && answer.status !== 429) throw new LoginEnded(said.error ?? 'refused')
    const token = this.options.token === 'id' ? said.id_token : said.access_token
    if (!answer.ok || !token) throw new Error(`the login service answered ${answer.status}`)
    return keep(Date.now(), token, said.refresh_token ?? null, said.id_token, said.expires_in)
  }

  private endpoints(): Promise<Endpoints> {
    this.known ??= this.discover().catch((error: unknown) => {
      this.known = null
      throw error
    })
    return this.known
  }

  private async discover(): Promise<Endpoints> {
    const { authorization_endpoint, token_endpoint } = this.options
    if (authorization_endpoint && token_endpoint) return this.options as Endpoints
    const address = `${this.config.issuer.replace(/\/+$/, '')}/.well-known/openid-configuration`
    const answer = await this.fetch(address)
    if (!answer.ok) throw new Error(`the login service answered ${answer.status}`)
    return { ...((await answer.json()) as Endpoints), ...this.options }
  }
}
