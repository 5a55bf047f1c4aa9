import { describe, expect, test } from 'vitest'
import { challenge, Oidc } from '../../src/auth/oidc'
import { LoginEnded } from '../../src/auth/tokens'
import type { Config } from '../../src/config'
import { FakeStorage, fakeFetch, jwt } from '../fakes'

const config: Config = { websocket_url: 'wss://w', http_url: 'https://h', issuer: 'https://id.example.com/', client_id: 'page', oidc: {} }
const found = {
  authorization_endpoint: 'https://id.example.com/authorize',
  token_endpoint: 'https://id.example.com/token',
  end_session_endpoint: 'https://id.example.com/logout',
}
const here = 'https://page.example.com/'
const access = jwt({ sub: 'u', iat: 0, exp: 60 })

function provider(tokenAnswer: [number, unknown] = [200, { access_token: access, refresh_token: 'r' }], options: Config['oidc'] = {}) {
  const { fetch, asked } = fakeFetch((url) => (url.endsWith('openid-configuration') ? [200, found] : tokenAnswer))
  return { oidc: new Oidc({ ...config, oidc: options }, fetch), asked, storage: new FakeStorage() }
}

test('the challenge is the one of RFC 7636, appendix B', async () => {
  expect(await challenge('dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk')).toBe('E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM')
})

describe('login by redirect', () => {
  test('sends the browser off with a challenge, and trades the code for tokens when it comes back', async () => {
    const { oidc, asked, storage } = provider()
    const away = new URL(await oidc.begin(here, storage))
    expect(away.origin + away.pathname).toBe(found.authorization_endpoint)
    const sent = Object.fromEntries(away.searchParams)
    expect(sent).toMatchObject({ response_type: 'code', client_id: 'page', redirect_uri: here, code_challenge_method: 'S256' })
    const back = new URL(`${here}?code=c&state=${sent.state}`)
    expect(await oidc.finish(back, storage)).toMatchObject({ token: access, refresh: 'r' })
    const form = asked.at(-1)?.init.body as URLSearchParams
    expect(await challenge(form.get('code_verifier') ?? '')).toBe(sent.code_challenge)
    expect(form.get('redirect_uri')).toBe(here)
  })

  test('an address without a code is no answer at all', async () => {
    const { oidc, storage } = provider()
    expect(await oidc.finish(new URL(here), storage)).toBeNull()
  })

  test('an answer to a question this tab never asked is refused', async () => {
    const { oidc, storage } = provider()
    await oidc.begin(here, storage)
    await expect(oidc.finish(new URL(`${here}?code=c&state=forged`), storage)).rejects.toBeInstanceOf(LoginEnded)
  })

  test('the same answer does not work twice', async () => {
    const { oidc, storage } = provider()
    const state = new URL(await oidc.begin(here, storage)).searchParams.get('state')
    const back = new URL(`${here}?code=c&state=${state}`)
    await oidc.finish(back, storage)
    await expect(oidc.finish(back, storage)).rejects.toBeInstanceOf(LoginEnded)
  })

  test('a server that wants the ID token gets it', async () => {
    const id = jwt({ sub: 'u', email: 'a@b.c' })
    const { oidc } = provider([200, { access_token: 'opaque', id_token: id }], { token: 'id' })
    expect(await oidc.refresh('r')).toMatchObject({ token: id, refresh: 'r', user: 'a@b.c' })
  })

  test('a refused renewal ends the login, a broken one does not', async () => {
    await expect(provider([400, { error: 'invalid_grant' }]).oidc.refresh('r')).rejects.toBeInstanceOf(LoginEnded)
    await expect(provider([502, {}]).oidc.refresh('r')).rejects.not.toBeInstanceOf(LoginEnded)
  })

  test('sign-out goes by the provider too', async () => {
    const farewell = new URL((await provider().oidc.farewell(here)) ?? '')
    expect(farewell.searchParams.get('post_logout_redirect_uri')).toBe(here)
  })
})
