/** What the page is told about its installation, at run time, by `config.json` beside it. */
export interface Config {
  websocket_url: string
  /** empty where the API answers at the page's own origin */
  http_url: string
  issuer: string
  client_id: string
  /** Cognito's JSON API, where it is not the issuer's region's own (an emulator). */
  cognito_endpoint?: string
  /** Present: log in by redirect at `issuer` instead of with Cognito's own form. */
  oidc?: OidcConfig
}

export interface OidcConfig {
  scope?: string
  audience?: string
  /** Which token the server expects; `access` unless said otherwise. */
  token?: 'access' | 'id'
  authorization_endpoint?: string
  token_endpoint?: string
  end_session_endpoint?: string
  revocation_endpoint?: string
}

/** `config.json` is missing, or not what the page needs; the message names what. */
export class BadConfig extends Error {
  override name = 'BadConfig'
}

const NEEDED = ['websocket_url', 'issuer', 'client_id'] as const

/** Checks what was read from `config.json`. */
export function readConfig(read: unknown): Config {
  if (read === null || typeof read !== 'object') throw new BadConfig('config.json is not an object')
  const given = read as Record<string, unknown>
  for (const name of NEEDED) {
    if (typeof given[name] !== 'string' || !given[name]) throw new BadConfig(`config.json has no ${name}`)
  }
  if (typeof given.http_url !== 'string') throw new BadConfig('config.json has no http_url')
  const config = given as unknown as Config
  return { ...config, http_url: config.http_url.replace(/\/+$/, '') }
}

/** Loads `config.json`, always anew. */
export async function loadConfig(): Promise<Config> {
  const answer = await fetch('config.json', { cache: 'no-store' })
  if (!answer.ok) throw new BadConfig(`config.json: ${answer.status}`)
  return readConfig(await answer.json().catch(() => null))
}
