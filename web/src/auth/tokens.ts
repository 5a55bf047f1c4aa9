/** What a login gives: a token for the server, one to get the next with, and until when, by this machine's clock. */
export interface Tokens {
  token: string
  refresh: string | null
  user: string
  issuedAt: number
  expiresAt: number
}

/** A way to log in and stay so. */
export interface Provider {
  /** The next tokens; `LoginEnded` when only a new login helps. */
  refresh(refresh: string): Promise<Tokens>
  /** Makes the refresh token worthless; never fails. */
  revoke(tokens: Tokens): Promise<void>
}

/** The provider will not renew this login. */
export class LoginEnded extends Error {
  override name = 'LoginEnded'
}

type Claims = Record<string, unknown>

/** The claims of a JWT, unverified: the page only reads them, the server checks them. */
export function claims(token: string): Claims {
  try {
    const part = (token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/')
    const bytes = Uint8Array.from(atob(part), (letter) => letter.charCodeAt(0))
    return JSON.parse(new TextDecoder().decode(bytes)) as Claims
  } catch {
    return {}
  }
}

const number = (value: unknown): number | null => (typeof value === 'number' && Number.isFinite(value) ? value : null)

/** How long a token is good, from its own two times, so that a wrong clock on this machine does no harm. */
export function lifeMs(token: string, expiresInS?: number): number {
  const { exp, iat } = claims(token)
  const [end, start] = [number(exp), number(iat)]
  if (end !== null && start !== null && end > start) return (end - start) * 1000
  return (expiresInS ?? 300) * 1000
}

/** Tokens as the page keeps them, from what a provider answered at *now*. */
export function toTokens(
  now: number,
  token: string,
  refresh: string | null,
  shown?: string,
  expiresInS?: number,
): Tokens {
  const said = claims(shown ?? token)
  const user = [said.email, said['cognito:username'], said.preferred_username, said.username, said.sub].find(
    (name) => typeof name === 'string' && name,
  )
  return { token, refresh, user: String(user ?? ''), issuedAt: now, expiresAt: now + lifeMs(token, expiresInS) }
}
