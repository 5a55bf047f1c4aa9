import { describe, expect, test, vi } from 'vitest'
import { ApiError, Client } from '../../src/api/client'
import { LeadsApi } from '../../src/api/leadsApi'
import { LoginNeeded } from '../../src/socket'
import { errorMessage } from '../../src/ui/errorMessage'
import { BROKEN_NETWORKS, fakeFetch } from '../fakes'

function client(...answers: ([number, unknown] | Error)[]) {
  const { fetch, asked } = fakeFetch(() => {
    const answer = answers.shift() ?? [200, {}]
    if (answer instanceof Error) throw answer
    return answer
  })
  let renewals = 0
  const credentials = {
    forRequest: async () => 'old',
    renew: async () => ({ token: `new ${++renewals}` }),
  }
  const sent = () => asked.map(({ init }) => (init.headers as Record<string, string>).Authorization)
  return { client: new Client('https://api', credentials, fetch), asked, sent }
}

describe('a refused token', () => {
  test('is renewed once and the request made again', async () => {
    const { client: api, sent } = client([401, {}], [200, { fine: true }])
    expect(await api.json('/x')).toEqual({ fine: true })
    expect(sent()).toEqual(['Bearer old', 'Bearer new 1'])
  })

  test('is renewed as well where the gateway of an issuer of one’s own says Forbidden', async () => {
    const { client: api, sent } = client([403, { message: 'Forbidden' }], [200, { fine: true }])
    expect(await api.json('/x')).toEqual({ fine: true })
    expect(sent()).toHaveLength(2)
  })

  test('is not renewed for what only administrators may do', async () => {
    const { client: api, sent } = client([403, { error: { code: 'forbidden', message: 'only admins may' } }])
    await expect(api.json('/x')).rejects.toMatchObject({ status: 403, code: 'forbidden' })
    expect(sent()).toHaveLength(1)
  })

  test('that is refused again asks for a login, never a third time', async () => {
    const { client: api, sent } = client([401, {}], [401, {}])
    await expect(api.json('/x')).rejects.toBeInstanceOf(LoginNeeded)
    expect(sent()).toHaveLength(2)
  })
})

describe('whether the server takes this very token', () => {
  test.each([
    [200, 'good'],
    [401, 'refused'],
    [403, 'refused'],
    [500, 'good'],
  ])('%i says %s', async (status, verdict) => {
    expect(await client([status, {}]).client.check('t')).toBe(verdict)
  })

  test('silence says nothing', async () => {
    expect(await client(new TypeError('Failed to fetch')).client.check('t')).toBe('unreachable')
  })
})

describe('something between the page and the server that answers in its place', () => {
  const pages = Object.entries(BROKEN_NETWORKS).filter(([name]) => !name.includes('JSON')) // which could be the gateway's own
  test.each(pages)('%s is no refusal of the token, and is tried again later', async (_, answer) => {
    const { fetch } = fakeFetch(answer)
    const renew = vi.fn<() => Promise<{ token: string }>>()
    const api = new Client('https://api', { forRequest: async () => 'token', renew }, fetch)
    await expect(api.json('/x')).rejects.toMatchObject({ name: 'ApiError', passing: true })
    await expect(api.csv('/x')).rejects.toMatchObject({ passing: true })
    expect(await api.check('token')).not.toBe('refused')
    expect(renew).not.toHaveBeenCalled()
  })
})

describe('what went wrong, as a sentence', () => {
  const said = async (answer: [number, unknown] | Error) => {
    const failure = await client(answer)
      .client.json('/x')
      .catch((error: unknown) => error)
    return errorMessage(failure)
  }

  test('the server’s own words, where they are for a person', async () => {
    expect(await said([400, { error: { code: 'bad_phone', message: 'This is not a phone number.' } }])).toBe(
      'This is not a phone number.',
    )
  })

  test('ours for a server in trouble, an unreachable one and one that talks in codes', async () => {
    expect(await said([500, 'Traceback'])).toMatch(/server had a problem.*nothing is lost/i)
    expect(await said(new TypeError('Failed to fetch'))).toMatch(/cannot be reached/)
    expect(
      await said([503, { error: { code: 'twilio_unreachable', message: 'Twilio cannot be asked now: try later' } }]),
    ).toBe('Twilio cannot be asked now: try later.')
    expect(await said([404, { error: { code: 'not_found', message: 'not_found' } }])).toMatch(/no longer exists/)
    expect(await said([418, {}])).toMatch(/did not work/)
  })

  test('whether trying again may help', () => {
    const passing = [0, 429, 500, 503].map((status) => new ApiError(status, '', '').passing)
    const lasting = [400, 403, 404, 409, 413].map((status) => new ApiError(status, '', '').passing)
    expect([passing, lasting]).toEqual([Array(4).fill(true), Array(5).fill(false)])
  })
})

describe('the routes', () => {
  test('lead ids are escaped, bodies are JSON', async () => {
    const { client: http, asked } = client([200, {}])
    await new LeadsApi(http).release('a/b', 'attempt')
    expect(asked[0]?.url).toBe('https://api/api/leads/a%2Fb/release')
    expect(asked[0]?.init).toMatchObject({ method: 'POST', body: '{"attempt_id":"attempt"}' })
  })

  test('do-not-call is put and deleted, answers without a body are fine', async () => {
    const { client: http, asked } = client([204, null], [204, null])
    const api = new LeadsApi(http)
    await api.doNotCall('x', true)
    await api.doNotCall('x', false)
    expect(asked.map(({ init }) => init.method)).toEqual(['PUT', 'DELETE'])
  })
})
