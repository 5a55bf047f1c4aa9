import { describe, expect, test } from 'vitest'
import { ApiError } from '../../src/api/client'
import type { Imported, NewLead } from '../../src/api/leadsApi'
import { NOTHING, send, type Sent } from '../../src/import/send'
import type { Piece } from '../../src/import/sheet'

/** A file of three pieces with two rows each, on lines 2 to 7, and a server that does as it is told. */
function world(...answers: (Imported | Error)[]) {
  const posted: number[][] = []
  const behind: number[] = []
  const waits: number[] = []
  const told: Sent[] = []
  const means = {
    stop: false,
    refused: [] as Piece['refused'],
    piece: async (from: number): Promise<Piece> => ({
      leads: [{ phone: `${from}` }, { phone: `${from + 1}` }],
      lines: [from + 2, from + 3],
      refused: from === 0 ? means.refused : [],
      next: from < 4 ? from + 2 : null,
      after: 4 - from,
    }),
    post: async (leads: NewLead[], after: number) => {
      posted.push(leads.map(({ phone }) => Number(phone)))
      behind.push(after)
      const answer = answers.shift() ?? { created: 2, merged: 0, refused: [] }
      if (answer instanceof Error) throw answer
      return answer
    },
    progress: (sent: Sent) => void told.push(sent),
    wait: async (ms: number) => void waits.push(ms),
    stopped: () => means.stop,
  }
  return { means, posted, behind, waits, told }
}

const busy = () => new ApiError(503, 'busy', '')

describe('sending a file in pieces', () => {
  test('adds up what the server says and tells after each piece', async () => {
    const { means, posted, told } = world({ created: 1, merged: 1, refused: [] })
    const sent = await send(NOTHING, means)
    expect(sent).toEqual({ next: null, rows: 6, created: 5, merged: 1, refused: [] })
    expect(posted).toEqual([[0, 1], [2, 3], [4, 5]])
    expect(told.map(({ rows }) => rows)).toEqual([2, 4, 6])
  })

  test('gives refused rows the lines they have in the file', async () => {
    const { means } = world({ created: 2, merged: 0, refused: [] }, { created: 1, merged: 0, refused: [{ line: 2, reason: 'rubbish' }] })
    expect((await send(NOTHING, means)).refused).toEqual([{ line: 5, reason: 'rubbish' }])
  })

  test('says with each piece how many rows come after it, so that pieces are called one behind the other', async () => {
    const { means, behind } = world()
    await send(NOTHING, means)
    expect(behind).toEqual([4, 2, 0])
  })

  test('names the rows that it did not send among those the server refused, by their lines', async () => {
    const { means } = world({ created: 1, merged: 0, refused: [{ line: 2, reason: 'rubbish' }] })
    means.refused = [{ line: 9, flaw: 'missing' }, { line: 1, flaw: 'opted-out' }]
    expect((await send(NOTHING, means)).refused).toEqual([
      { line: 1, flaw: 'opted-out' },
      { line: 3, reason: 'rubbish' },
      { line: 9, flaw: 'missing' },
    ])
  })

  test('tries a piece again when the trouble may pass', async () => {
    const { means, posted, waits } = world(busy(), busy())
    expect((await send(NOTHING, means)).rows).toBe(6)
    expect(posted[0]).toEqual(posted[2])
    expect(waits).toHaveLength(2)
  })

  test('gives up on trouble that lasts, and goes on later from where it was', async () => {
    const { means, told, posted } = world({ created: 2, merged: 0, refused: [] }, busy(), busy(), busy(), busy())
    await expect(send(NOTHING, means)).rejects.toMatchObject({ status: 503 })
    expect(told).toHaveLength(1)
    const sent = await send(told[0] as Sent, means)
    expect(sent).toMatchObject({ next: null, rows: 6, created: 6 })
    expect(posted.at(-1)).toEqual([4, 5])
  })

  test('does not repeat what the server will never take', async () => {
    const { means, posted } = world(new ApiError(413, 'too_large', ''))
    await expect(send(NOTHING, means)).rejects.toMatchObject({ status: 413 })
    expect(posted).toHaveLength(1)
  })

  test('stops when told to, after the piece that is on its way', async () => {
    const { means } = world()
    const progress = means.progress
    means.progress = (sent) => {
      progress(sent)
      means.stop = true
    }
    expect(await send(NOTHING, means)).toMatchObject({ next: 2, rows: 2 })
  })
})
