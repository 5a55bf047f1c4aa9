import { calculatePKCECodeChallenge } from 'oauth4webapi'
import { describe, expect, test } from 'vitest'
import { Oidc } from '../../src/auth/oidc'
import { LoginEnded } from '../../src/auth/tokens'
import type { Config } from '../../src/config'
import { BROKEN_NETWORKS, FakeStorage, fakeFetch, jwt } from '../fakes'

const issuer = 'https://id.example.com/'
const config: Config = { websocket_url: 'wss://w', http_url: 'https://h', issuer, client_id: 'page', oidc: {} }
const found = {
  issuer,
  authorization_endpoint: 'https://id.example.com/authorize',
  token_endpoint: 'https://id.example.com/token',
  end_session_endpoint: 'https://id.example.com/logout',
  revocation_endpoint: 'https://id.example.com/revoke',
}
const here = 'https://page.example.com/'
const access = jwt({ sub: 'u', iat: 0, exp: 60 })
const bearer = { access_token: access, token_type: 'Bearer', refresh_token: 'r' }

/** An ID token as a provider makes it, signed by nobody: it comes straight from the provider. */
const idToken = (about: Record<string, unknown> = {}, now = Date.now() / 1000, alg = 'RS256') =>
  jwt(
    { iss: issuer, aud: 'page', sub: 'u', email: 'a@b.c', iat: Math.floor(now), exp: Math.floor(now) + 3600, ...about },
    alg,
  )

type Token = [number, unknown] | Response

/** A provider that puts the nonce of the login into its ID token, and whatever else a test wants. */
function provider(
  token: (nonce: string) => Token = () => [200, bearer],
  options: Config['oidc'] = {},
  document: object = found,
) {
  let nonce = ''
  const { fetch, asked } = fakeFetch((url) => {
    if (url.endsWith('openid-configuration')) return [200, document]
    return url.endsWith('/revoke') ? [200, {}] : token(nonce)
  })
  const oidc = new Oidc({ ...config, oidc: options }, fetch)
  const storage = new FakeStorage()
  const leave = async () => {
    const away = new URL(await oidc.authorizeUrl(here, storage))
    nonce = away.searchParams.get('nonce') ?? ''
    return away
  }
  const comeBack = (query: Record<string, string>) =>
    oidc.handleRedirect(new URL(`${here}?${new URLSearchParams(query)}`), storage)
  /** The whole way, as the provider sends the browser back. */
  const logIn = async (more: Record<string, string> = {}) => {
    const state = (await leave()).searchParams.get('state') ?? ''
    return comeBack({ code: 'c', state, ...more })
  }
  return { oidc, asked, storage, leave, comeBack, logIn }
}

const withId =
  (about: Record<string, unknown> = {}) =>
  (nonce: string): Token => [200, { ...bearer, id_token: idToken({ nonce, ...about }) }]

describe('login by redirect', () => {
  test('sends the browser off with a challenge and a nonce, and trades the code for tokens when it comes back', async () => {
    const { asked, leave, comeBack } = provider(withId())
    const away = await leave()
    expect(away.origin + away.pathname).toBe(found.authorization_endpoint)
    const sent = Object.fromEntries(away.searchParams)
    expect(sent).toMatchObject({
      response_type: 'code',
      client_id: 'page',
      redirect_uri: here,
      code_challenge_method: 'S256',
    })
    expect(sent.nonce?.length).toBeGreaterThan(20)
    expect(await comeBack({ code: 'c', state: sent.state ?? '' })).toMatchObject({
      token: access,
      refresh: 'r',
      user: 'a@b.c',
    })
    const form = asked.at(-1)?.init.body as URLSearchParams
    expect(await calculatePKCECodeChallenge(form.get('code_verifier') ?? '')).toBe(sent.code_challenge)
    expect(form.get('redirect_uri')).toBe(here)
  })

  test('an address without a code is no answer at all', async () => {
    expect(await provider().comeBack({})).toBeNull()
  })

  test('an answer to a question this tab never asked is refused', async () => {
    const { leave, comeBack } = provider(withId())
    await leave()
    await expect(comeBack({ code: 'c', state: 'forged' })).rejects.toBeInstanceOf(LoginEnded)
  })

  test('the same answer does not work twice', async () => {
    const { leave, comeBack } = provider(withId())
    const state = (await leave()).searchParams.get('state') ?? ''
    await comeBack({ code: 'c', state })
    await expect(comeBack({ code: 'c', state })).rejects.toBeInstanceOf(LoginEnded)
  })

  test('an answer of another issuer is refused, before its code is sent anywhere', async () => {
    const { asked, logIn } = provider(withId())
    await expect(logIn({ iss: 'https://evil.example/' })).rejects.toBeInstanceOf(LoginEnded)
    expect(asked.map(({ url }) => url)).not.toContain(found.token_endpoint)
  })

  test.each([
    ['of another login', { nonce: 'another' }],
    ['of another issuer', { iss: 'https://evil.example/' }],
    ['for another page', { aud: 'another' }],
    ['that has ended', { iat: 0, exp: -7200 }],
  ])('an ID token %s is refused', async (_, about) => {
    await expect(provider(withId(about)).logIn()).rejects.toBeInstanceOf(LoginEnded)
  })

  test('where no ID token was asked for, none is needed', async () => {
    expect(await provider(() => [200, bearer], { scope: 'api' }).logIn()).toMatchObject({ token: access })
  })

  test('a clock of this machine that is hours off keeps nobody out: the answer has just been issued', async () => {
    for (const hours of [-2, 2]) {
      const { logIn } = provider((nonce) => [
        200,
        { ...bearer, id_token: idToken({ nonce }, Date.now() / 1000 + hours * 3600) },
      ])
      expect(await logIn()).toMatchObject({ token: access })
    }
  })

  test('a server that wants the ID token gets it', async () => {
    const id = idToken()
    const { oidc } = provider(() => [200, { ...bearer, refresh_token: undefined, id_token: id }], { token: 'id' })
    expect(await oidc.refresh('r')).toMatchObject({ token: id, refresh: 'r', user: 'a@b.c' })
  })

  test('sign-out goes by the provider too, and makes the refresh token worthless', async () => {
    const { oidc, asked } = provider()
    const farewell = new URL((await oidc.logoutUrl(here)) ?? '')
    expect(farewell.searchParams.get('post_logout_redirect_uri')).toBe(here)
    await oidc.revoke({ token: access, refresh: 'r', user: '', issuedAt: 0, expiresAt: 0 })
    const last = asked.at(-1)
    expect([last?.url, String(last?.init.body)]).toEqual([
      found.revocation_endpoint,
      'token_type_hint=refresh_token&token=r&client_id=page',
    ])
  })

  test('a document of another issuer is not believed', async () => {
    await expect(provider(undefined, {}, { ...found, issuer: 'https://evil.example' }).leave()).rejects.toThrow(
      /issuer/,
    )
  })

  test('endpoints that are given need no document', async () => {
    const { asked, leave } = provider(undefined, {
      authorization_endpoint: found.authorization_endpoint,
      token_endpoint: found.token_endpoint,
    })
    await leave()
    expect(asked).toEqual([])
  })
})

test('with endpoints that are given, an ID token may be signed as the provider likes', async () => {
  const given = { authorization_endpoint: found.authorization_endpoint, token_endpoint: found.token_endpoint }
  const { logIn } = provider(
    (nonce) => [200, { ...bearer, id_token: idToken({ nonce }, Date.now() / 1000, 'ES256') }],
    given,
  )
  expect(await logIn()).toMatchObject({ token: access, user: 'a@b.c' })
})

describe('renewing', () => {
  test('a refresh token that the provider refuses ends the login', async () => {
    await expect(provider(() => [400, { error: 'invalid_grant' }]).oidc.refresh('r')).rejects.toBeInstanceOf(LoginEnded)
  })

  test.each(['temporarily_unavailable', 'server_error', 'invalid_request', 'slow_down'])(
    '%s does not',
    async (error) => {
      await expect(provider(() => [400, { error }]).oidc.refresh('r')).rejects.not.toBeInstanceOf(LoginEnded)
    },
  )

  test.each(Object.entries(BROKEN_NETWORKS))('%s is no refusal, at the token endpoint or before', async (_, answer) => {
    await expect(provider(answer).oidc.refresh('r')).rejects.not.toBeInstanceOf(LoginEnded)
    const { fetch } = fakeFetch(answer)
    await expect(new Oidc(config, fetch).refresh('r')).rejects.not.toBeInstanceOf(LoginEnded)
  })

  test('after a broken network the same refresh token serves', async () => {
    let broken = true
    const { oidc } = provider(() => (broken ? [502, {}] : [200, bearer]))
    await expect(oidc.refresh('r')).rejects.toThrow()
    broken = false
    expect(await oidc.refresh('r')).toMatchObject({ token: access })
  })
})
