import type { Config } from '../config'
import { toTokens, LoginEnded, type Provider, type Tokens } from './tokens'

export type SignIn = { kind: 'in'; tokens: Tokens } | { kind: 'new-password'; session: string; username: string }

/** Cognito said no; `code` is its exception's name, for the page to put into words. */
export class LoginRefused extends Error {
  override name = 'LoginRefused'
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

/** By these Cognito itself refuses a refresh token; whatever else goes wrong may pass. */
const ENDS_LOGIN: ReadonlySet<string> = new Set([
  'NotAuthorizedException',
  'UserNotFoundException',
  'UserNotConfirmedException',
  'PasswordResetRequiredException',
  'RefreshTokenReuseException',
])

interface Answer {
  AuthenticationResult?: { AccessToken: string; IdToken?: string; RefreshToken?: string; ExpiresIn?: number }
  ChallengeName?: string
  Session?: string
  ChallengeParameters?: Record<string, string>
  CodeDeliveryDetails?: { Destination?: string }
}

/** Where the JSON API of a user pool listens: its issuer's origin, unless the configuration says otherwise. */
export function cognitoEndpoint(config: Config): string {
  return config.cognito_endpoint ?? new URL(config.issuer).origin
}

/** Cognito's own login, spoken as plain JSON over HTTPS. */
export class Cognito implements Provider {
  private readonly endpoint: string
  private readonly client: string
  private readonly fetch: typeof globalThis.fetch
  private readonly now: () => number

  constructor(config: Config, fetch: typeof globalThis.fetch = globalThis.fetch.bind(globalThis), now = Date.now) {
    this.endpoint = `${cognitoEndpoint(config).replace(/\/+$/, '')}/`
    this.client = config.client_id
    this.fetch = fetch
    this.now = now
  }

  async signIn(username: string, password: string): Promise<SignIn> {
    const answer = await this.call('InitiateAuth', {
      AuthFlow: 'USER_PASSWORD_AUTH',
      ClientId: this.client,
      AuthParameters: { USERNAME: username, PASSWORD: password },
    })
    return this.read(answer, username)
  }

  async newPassword(username: string, password: string, session: string): Promise<SignIn> {
    const answer = await this.call('RespondToAuthChallenge', {
      ChallengeName: 'NEW_PASSWORD_REQUIRED',
      ClientId: this.client,
      Session: session,
      ChallengeResponses: { USERNAME: username, NEW_PASSWORD: password },
    })
    return this.read(answer, username)
  }

  /** Has Cognito mail a code; answers where to, as far as Cognito says it. */
  async forgotPassword(username: string): Promise<string | null> {
    const answer = await this.call('ForgotPassword', { ClientId: this.client, Username: username })
    return answer.CodeDeliveryDetails?.Destination ?? null
  }

  async confirmForgotPassword(username: string, code: string, password: string): Promise<void> {
    await this.call('ConfirmForgotPassword', {
      ClientId: this.client,
      Username: username,
      ConfirmationCode: code,
      Password: password,
    })
  }

  async refresh(refresh: string): Promise<Tokens> {
    try {
      const answer = await this.call('InitiateAuth', {
        AuthFlow: 'REFRESH_TOKEN_AUTH',
        ClientId: this.client,
        AuthParameters: { REFRESH_TOKEN: refresh },
      })
      return this.tokens(answer, refresh)
    } catch (error) {
      if (error instanceof LoginRefused && ENDS_LOGIN.has(error.code)) throw new LoginEnded(error.code)
      throw error
    }
  }

  async revoke(tokens: Tokens): Promise<void> {
    if (!tokens.refresh) return
    await this.call('RevokeToken', { ClientId: this.client, Token: tokens.refresh }).catch(() => undefined)
  }

  private read(answer: Answer, username: string): SignIn {
    if (answer.AuthenticationResult) return { kind: 'in', tokens: this.tokens(answer, null) }
    if (answer.ChallengeName === 'NEW_PASSWORD_REQUIRED' && answer.Session) {
      const known = answer.ChallengeParameters?.USER_ID_FOR_SRP ?? username
      return { kind: 'new-password', session: answer.Session, username: known }
    }
    if (answer.ChallengeName) throw new LoginRefused('UnsupportedChallenge', answer.ChallengeName)
    throw new Error('the answer has no tokens: it is not the login service’s')
  }

  private tokens(answer: Answer, refresh: string | null): Tokens {
    const result = answer.AuthenticationResult
    if (!result?.AccessToken) throw new Error('the answer has no tokens: it is not the login service’s')
    return toTokens(this.now(), result.AccessToken, result.RefreshToken ?? refresh, result.IdToken, result.ExpiresIn)
  }

  private async call(action: string, body: unknown): Promise<Answer> {
    const answer = await this.fetch(this.endpoint, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/x-amz-json-1.1',
        'X-Amz-Target': `AWSCognitoIdentityProviderService.${action}`,
      },
      body: JSON.stringify(body),
    })
    const said = await readAnswer(answer)
    if (answer.ok && said) return said
    const code = said?.__type?.split('#').pop()
    if (!code || answer.status >= 500) throw new Error(`the login service answered ${answer.status}`)
    throw new LoginRefused(code, said?.message ?? code)
  }
}

type Said = Answer & { __type?: string; message?: string }

/** Cognito answers every action with a JSON object, an empty one at least; a page of a proxy or a portal is no answer. */
async function readAnswer(answer: Response): Promise<Said | null> {
  const said: unknown = await answer.json().catch(() => null)
  return said !== null && typeof said === 'object' ? said : null
}
