import { describe, expect, test } from 'vitest'
import { Cognito, cognitoEndpoint, LoginRefused } from '../../src/auth/cognito'
import { LoginEnded } from '../../src/auth/tokens'
import type { Config } from '../../src/config'
import { BROKEN_NETWORKS, fakeFetch, jwt } from '../fakes'

const config: Config = {
  websocket_url: 'wss://w',
  http_url: 'https://h',
  issuer: 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_abc',
  client_id: 'client',
}

const token = jwt({ sub: 'u', username: 'ada', iat: 0, exp: 3600 })
const result = { AuthenticationResult: { AccessToken: token, RefreshToken: 'r1', ExpiresIn: 3600 } }

function cognito(...answers: [number, unknown][]) {
  const { fetch, asked } = fakeFetch(() => answers.shift() ?? [500, {}])
  return { cognito: new Cognito(config, fetch, () => 7), asked }
}

const body = (asked: { init: RequestInit }[], index = 0) =>
  JSON.parse(String(asked[index]?.init.body)) as Record<string, unknown>

test('speaks to the region of its issuer, unless configured otherwise', () => {
  expect(cognitoEndpoint(config)).toBe('https://cognito-idp.eu-central-1.amazonaws.com')
  expect(cognitoEndpoint({ ...config, cognito_endpoint: 'http://localhost:4566' })).toBe('http://localhost:4566')
})

describe('signing in', () => {
  test('gives tokens for user name and password', async () => {
    const { cognito: service, asked } = cognito([200, result])
    const answer = await service.signIn('ada', 'secret')
    expect(answer).toEqual({
      kind: 'in',
      tokens: { token, refresh: 'r1', user: 'ada', issuedAt: 7, expiresAt: 3_600_007 },
    })
    expect(asked[0]?.init.headers).toMatchObject({ 'X-Amz-Target': 'AWSCognitoIdentityProviderService.InitiateAuth' })
    expect(body(asked)).toMatchObject({ AuthFlow: 'USER_PASSWORD_AUTH', ClientId: 'client' })
  })

  test('a wrong password is told by its name', async () => {
    const { cognito: service } = cognito([400, { __type: 'com.amazonaws#NotAuthorizedException', message: 'no' }])
    await expect(service.signIn('ada', 'x')).rejects.toMatchObject({
      name: 'LoginRefused',
      code: 'NotAuthorizedException',
    })
  })

  test('a first password leads to the question for a new one, and that to tokens', async () => {
    const challenge = {
      ChallengeName: 'NEW_PASSWORD_REQUIRED',
      Session: 's',
      ChallengeParameters: { USER_ID_FOR_SRP: 'id-of-ada' },
    }
    const { cognito: service, asked } = cognito([200, challenge], [200, result])
    const first = await service.signIn('ada', 'first')
    expect(first).toEqual({ kind: 'new-password', session: 's', username: 'id-of-ada' })
    expect(await service.newPassword('id-of-ada', 'own', 's')).toMatchObject({ kind: 'in' })
    expect(body(asked, 1)).toMatchObject({
      Session: 's',
      ChallengeResponses: { USERNAME: 'id-of-ada', NEW_PASSWORD: 'own' },
    })
  })

  test('a step this page does not know is a refusal, not a blank page', async () => {
    const { cognito: service } = cognito([200, { ChallengeName: 'SMS_MFA', Session: 's' }])
    await expect(service.signIn('ada', 'x')).rejects.toBeInstanceOf(LoginRefused)
  })

  test('a service in trouble is no refusal', async () => {
    const { cognito: service } = cognito([503, {}])
    await expect(service.signIn('ada', 'x')).rejects.not.toBeInstanceOf(LoginRefused)
  })
})

describe('a forgotten password', () => {
  test('a code is mailed, and it and a new password are enough', async () => {
    const { cognito: service, asked } = cognito([200, { CodeDeliveryDetails: { Destination: 'a***@b***' } }], [200, {}])
    expect(await service.forgotPassword('ada')).toBe('a***@b***')
    await service.confirmForgotPassword('ada', '123456', 'New-horse-2026')
    expect(asked.map(({ init }) => new Headers(init.headers).get('X-Amz-Target')?.split('.')[1])).toEqual([
      'ForgotPassword',
      'ConfirmForgotPassword',
    ])
    expect(body(asked, 1)).toEqual({
      ClientId: 'client',
      Username: 'ada',
      ConfirmationCode: '123456',
      Password: 'New-horse-2026',
    })
  })

  test('a wrong code is told by its name', async () => {
    const { cognito: service } = cognito([
      400,
      { __type: 'CodeMismatchException', message: 'Invalid verification code provided' },
    ])
    await expect(service.confirmForgotPassword('ada', '1', 'x')).rejects.toMatchObject({
      code: 'CodeMismatchException',
    })
  })
})

describe('renewing', () => {
  test('keeps the refresh token when the answer brings no other', async () => {
    const { cognito: service } = cognito([200, { AuthenticationResult: { AccessToken: token } }])
    expect((await service.refresh('r1')).refresh).toBe('r1')
  })

  test('a refresh token that is not taken any more ends the login', async () => {
    const { cognito: service } = cognito([
      400,
      { __type: 'NotAuthorizedException', message: 'Refresh Token has expired' },
    ])
    await expect(service.refresh('r1')).rejects.toBeInstanceOf(LoginEnded)
  })

  test('too many requests do not', async () => {
    const { cognito: service } = cognito([400, { __type: 'TooManyRequestsException', message: 'slow down' }])
    await expect(service.refresh('r1')).rejects.not.toBeInstanceOf(LoginEnded)
  })

  test.each(['InternalErrorException', 'LimitExceededException', 'InvalidParameterException'])(
    '%s does not',
    async (code) => {
      const { cognito: service } = cognito([400, { __type: code, message: 'no' }])
      await expect(service.refresh('r1')).rejects.not.toBeInstanceOf(LoginEnded)
    },
  )

  test.each(Object.entries(BROKEN_NETWORKS))(
    '%s neither ends a login nor is taken for a refusal of one',
    async (_, answer) => {
      const service = new Cognito(config, fakeFetch(answer).fetch)
      await expect(service.refresh('r1')).rejects.not.toBeInstanceOf(LoginEnded)
      await expect(service.signIn('ada', 'secret')).rejects.not.toBeInstanceOf(LoginRefused)
    },
  )

  test('revoking never fails', async () => {
    const { cognito: service } = cognito([500, {}])
    await service.revoke({ token, refresh: 'r1', user: '', issuedAt: 0, expiresAt: 0 })
  })
})
