import type * as OAuth from 'oauth4webapi'
import type { Config, OidcConfig } from '../config'
import { claims, toTokens, LoginEnded, type Provider, type Tokens } from './tokens'

/** What the answer to a login must match. */
interface Begun {
  state: string
  verifier: string
  nonce: string
}

const BEGUN = 'autocall.oidc'
const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]'])

/** No part of the page's first load; but loaded with the page where people log in by redirect, for the network may go. */
const load = () => import('oauth4webapi')

/** By which a provider may sign ID tokens whose document, which would say, is not read. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'Ed25519', 'EdDSA']

/** What all requests need: the library, the provider, this page as its client, and how to ask. */
interface Parts {
  oauth: typeof OAuth
  server: OAuth.AuthorizationServer
  client: OAuth.Client
  options: OAuth.TokenEndpointRequestOptions
}

/** Login by redirect at any OpenID Connect provider: code flow with PKCE and nonce, no secret in the page. */
export class Oidc implements Provider {
  private readonly config: Config
  private readonly options: OidcConfig
  private readonly fetch: typeof globalThis.fetch
  private readonly now: () => number
  private readonly library = load()
  private known: Promise<Parts> | null = null

  constructor(config: Config, fetch: typeof globalThis.fetch = globalThis.fetch.bind(globalThis), now = Date.now) {
    this.config = config
    this.options = config.oidc ?? {}
    this.fetch = fetch
    this.now = now
    this.library.catch((error: unknown) => console.error('the login’s code could not be loaded', error))
  }

  /** Where to send the browser to log in; remembers what its answer must match. */
  async authorizeUrl(here: string, storage: Storage = sessionStorage): Promise<string> {
    const { oauth, server } = await this.parts()
    const begun: Begun = {
      state: oauth.generateRandomState(),
      verifier: oauth.generateRandomCodeVerifier(),
      nonce: oauth.generateRandomNonce(),
    }
    storage.setItem(BEGUN, JSON.stringify(begun))
    const address = new URL(String(server.authorization_endpoint))
    const query = {
      response_type: 'code',
      client_id: this.config.client_id,
      redirect_uri: here,
      scope: this.scope,
      state: begun.state,
      ...(this.isOpenId ? { nonce: begun.nonce } : {}),
      code_challenge: await oauth.calculatePKCECodeChallenge(begun.verifier),
      code_challenge_method: 'S256',
      ...(this.options.audience ? { audience: this.options.audience } : {}),
    }
    for (const [name, value] of Object.entries(query)) address.searchParams.set(name, value)
    return address.href
  }

  /** The tokens for the code the provider sent the browser back with; null if this address carries none. */
  async handleRedirect(address: URL, storage: Storage = sessionStorage): Promise<Tokens | null> {
    const asked = address.searchParams
    if (!asked.has('state') || !(asked.has('code') || asked.has('error'))) return null
    const begun = JSON.parse(storage.getItem(BEGUN) ?? 'null') as Begun | null
    storage.removeItem(BEGUN)
    if (!begun || asked.has('error')) throw new LoginEnded(asked.get('error') ?? 'state')
    const parts = await this.parts()
    const { oauth, server, client, options } = parts
    try {
      const answer = oauth.validateAuthResponse(server, client, asked, begun.state)
      const here = address.origin + address.pathname
      const response = await oauth.authorizationCodeGrantRequest(
        server,
        client,
        oauth.None(),
        answer,
        here,
        begun.verifier,
        options,
      )
      const expected = this.isOpenId ? { expectedNonce: begun.nonce, requireIdToken: true } : {}
      return await this.read(parts, response, (dated, lasting) =>
        oauth.processAuthorizationCodeResponse(server, dated, lasting, expected),
      )
    } catch (error) {
      throw isVerdict(oauth, error) ? new LoginEnded(String(error)) : error
    }
  }

  /** The next tokens. Only the provider's own refusal of this refresh token ends the login: a portal's page does not. */
  async refresh(refresh: string): Promise<Tokens> {
    const parts = await this.parts()
    const { oauth, server, client, options } = parts
    const response = await oauth.refreshTokenGrantRequest(server, client, oauth.None(), refresh, options)
    try {
      const tokens = await this.read(parts, response, (dated, lasting) =>
        oauth.processRefreshTokenResponse(server, dated, lasting),
      )
      return { ...tokens, refresh: tokens.refresh ?? refresh }
    } catch (error) {
      const refused = error instanceof oauth.ResponseBodyError && error.error === 'invalid_grant'
      throw refused ? new LoginEnded(error.error) : error
    }
  }

  async revoke({ refresh }: Tokens): Promise<void> {
    try {
      const { oauth, server, client, options } = await this.parts()
      if (!refresh || !server.revocation_endpoint) return
      const about = { ...options, additionalParameters: { token_type_hint: 'refresh_token' } }
      await oauth.processRevocationResponse(await oauth.revocationRequest(server, client, oauth.None(), refresh, about))
    } catch (error) {
      console.info('the refresh token could not be revoked', error)
    }
  }

  /** Where to send the browser so that the provider forgets the login too, if it has such a place. */
  async logoutUrl(here: string): Promise<string | null> {
    const address = (await this.parts().catch(() => null))?.server.end_session_endpoint
    if (!address) return null
    const url = new URL(address)
    url.searchParams.set('client_id', this.config.client_id)
    url.searchParams.set('post_logout_redirect_uri', here)
    return url.href
  }

  private get scope(): string {
    return this.options.scope ?? 'openid profile email offline_access'
  }

  private get isOpenId(): boolean {
    return this.scope.split(' ').includes('openid')
  }

  /**
   * Tokens out of an answer, its ID token checked: issuer, audience, times. It was issued just now, so its own `iat`
   * tells how far this machine's clock is off; the nonce, not the clock, says that it is no old one.
   */
  private async read(
    { client, oauth }: Parts,
    response: Response,
    check: (client: OAuth.Client, response: Response) => Promise<OAuth.TokenEndpointResponse>,
  ): Promise<Tokens> {
    const raw = (await response
      .clone()
      .json()
      .catch(() => null)) as { id_token?: unknown } | null
    const issuedAt = issuedAtS(raw?.id_token)
    const skew = issuedAt === null ? 0 : Math.round(issuedAt - Date.now() / 1000)
    const said = await check({ ...client, [oauth.clockSkew]: skew }, response)
    const token = this.options.token === 'id' ? said.id_token : said.access_token
    if (!token) throw new Error('the answer lacks the token that the server wants')
    return toTokens(this.now(), token, said.refresh_token ?? null, said.id_token, said.expires_in)
  }

  private parts(): Promise<Parts> {
    this.known ??= this.prepare().catch((error: unknown) => {
      this.known = null
      throw error
    })
    return this.known
  }

  private async prepare(): Promise<Parts> {
    const oauth = await this.library.catch(load)
    const issuer = new URL(this.config.issuer)
    const options = {
      [oauth.customFetch]: (url: string, init: object) => this.fetch(url, init as RequestInit),
      [oauth.allowInsecureRequests]: issuer.protocol === 'http:' && LOOPBACK.has(issuer.hostname),
    }
    const client: OAuth.Client = { client_id: this.config.client_id, [oauth.clockTolerance]: 60 }
    return { oauth, client, options, server: await this.discover(oauth, issuer, options) }
  }

  private async discover(oauth: typeof OAuth, issuer: URL, options: object): Promise<OAuth.AuthorizationServer> {
    const { authorization_endpoint, token_endpoint, end_session_endpoint, revocation_endpoint } = this.options
    const given = { authorization_endpoint, token_endpoint, end_session_endpoint, revocation_endpoint }
    const own = Object.fromEntries(Object.entries(given).filter(([, value]) => value))
    if (authorization_endpoint && token_endpoint)
      return { issuer: this.config.issuer, id_token_signing_alg_values_supported: ALGORITHMS, ...own }
    const response = await oauth.discoveryRequest(issuer, options)
    return { ...(await oauth.processDiscoveryResponse(issuer, response)), ...own }
  }
}

/** Whether the provider has answered a login, and the answer does not hold: trying the same once more is no use. */
function isVerdict(oauth: typeof OAuth, error: unknown): boolean {
  if (error instanceof oauth.ResponseBodyError || error instanceof oauth.AuthorizationResponseError) return true
  return error instanceof oauth.OperationProcessingError && VERDICTS.has(error.code ?? '')
}

const VERDICTS: ReadonlySet<string> = new Set([
  'OAUTH_INVALID_RESPONSE',
  'OAUTH_JWT_CLAIM_COMPARISON_FAILED',
  'OAUTH_JWT_TIMESTAMP_CHECK_FAILED',
])

function issuedAtS(token: unknown): number | null {
  const { iat } = typeof token === 'string' ? claims(token) : {}
  return typeof iat === 'number' ? iat : null
}
