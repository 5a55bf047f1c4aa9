import { expect, test } from 'vitest'
import { ApiError, Client } from '../../src/api/client'
import { LeadsApi } from '../../src/api/leadsApi'

const credentials = { forRequest: async () => 'token', renew: async () => ({ token: 'new' }) }

/** A server whose list comes in these pieces, each of which names the next. */
function listed(pieces: Record<string, [text: string, next: string | null] | number>) {
  const answer = async (url: RequestInfo | URL) => {
    const { searchParams } = new URL(String(url))
    const piece = pieces[searchParams.get('cursor') ?? ''] ?? 404
    if (searchParams.get('pieces') !== 'true') return new Response('THIS IS ONLY A PART') // for who reads each of them
    if (typeof piece === 'number') return new Response('{}', { status: piece })
    return new Response(piece[0], { headers: piece[1] === null ? {} : { 'x-next-cursor': piece[1] } })
  }
  return new LeadsApi(new Client('https://api', credentials, answer))
}

test('a list that comes in pieces is one file with one header', async () => {
  const api = listed({ '': ['\ufeffphone\r\n+1\r\n', 'a&b='], 'a&b=': ['+2\r\n', 'c'], c: ['+3\r\n', null] })
  const bytes = new Uint8Array(await (await api.csv()).arrayBuffer())
  expect(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)).toBe('\ufeffphone\r\n+1\r\n+2\r\n+3\r\n')
})

test('a list of which a piece is missing is none', async () => {
  await expect(listed({ '': ['phone\r\n', 'a'], a: 500 }).csv()).rejects.toBeInstanceOf(ApiError)
})
