import { expect, test } from 'vitest'
import { claims, toTokens, lifeMs } from '../../src/auth/tokens'
import { jwt } from '../fakes'

test('a token lives as long as its own two times say, whatever this machine believes', () => {
  const token = jwt({ iat: 1_000, exp: 4_600 })
  expect(lifeMs(token)).toBe(3_600_000)
  expect(toTokens(50, token, null)).toMatchObject({ issuedAt: 50, expiresAt: 3_600_050 })
})

test('without them, as long as the provider said, or five minutes', () => {
  expect(lifeMs('opaque', 900)).toBe(900_000)
  expect(lifeMs(jwt({ exp: 5 }))).toBe(300_000)
})

test('the person is shown by e-mail where there is one, from the token that names them', () => {
  const access = jwt({ sub: 'u1', username: 'u1' })
  const id = jwt({ sub: 'u1', email: 'zoë@example.com' })
  expect(toTokens(0, access, 'r', id).user).toBe('zoë@example.com')
  expect(toTokens(0, access, 'r').user).toBe('u1')
})

test('what is no token has no claims', () => {
  for (const rubbish of ['', 'a', 'a.b.c', 'a.%%.c']) expect(claims(rubbish)).toEqual({})
})
