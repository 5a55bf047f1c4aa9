import { describe, expect, test } from 'vitest'
import { ApiError } from '../../src/api/client'
import type { ImportLeadsResponse, NewLead } from '../../src/api/leadsApi'
import { NOTHING, send, type Sent } from '../../src/import/send'
import type { Piece } from '../../src/import/sheet'

type Answer = Omit<ImportLeadsResponse, 'warnings'>

/** A file of three pieces with two rows each, on lines 2 to 7, and a server that does as it is told. */
function world(...answers: (Answer | Error)[]) {
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
      const answer: Answer | Error = answers.shift() ?? { created: 2, merged: 0, refused: [] }
      if (answer instanceof Error) throw answer
      return { ...answer, warnings: [] }
    },
    progress: (sent: Sent) => void told.push(sent),
    wait: async (ms: number) => void waits.push(ms),
    stopped: () => means.stop,
  }
  return { means, posted, behind, waits, told }
}

const busy = () => new ApiError(503, 'busy', '')
const bad = (line: number, retry = false) => ({
  line,
  code: retry ? 'not_stored' : 'bad_phone',
  reason: 'rubbish',
  retry,
})

describe('sending a file in pieces', () => {
  test('adds up what the server says and tells after each piece', async () => {
    const { means, posted, told } = world({ created: 1, merged: 1, refused: [] })
    const sent = await send(NOTHING, means)
    expect(sent).toEqual({
      next: null,
      left: null,
      rows: 6,
      created: 5,
      merged: 1,
      marked: [],
      refused: [],
      warnings: new Map(),
    })
    expect(posted).toEqual([
      [0, 1],
      [2, 3],
      [4, 5],
    ])
    expect(told.map(({ rows }) => rows)).toEqual([2, 4, 6])
  })

  test('gives refused rows the lines they have in the file', async () => {
    const { means } = world({ created: 2, merged: 0, refused: [] }, { created: 1, merged: 0, refused: [bad(2)] })
    expect((await send(NOTHING, means)).refused).toEqual([
      { line: 5, code: 'bad_phone', detail: null, reason: 'rubbish' },
    ])
  })

  test('says with each piece how many rows come after it, so that pieces are called one behind the other', async () => {
    const { means, behind } = world()
    await send(NOTHING, means)
    expect(behind).toEqual([4, 2, 0])
  })

  test('names the rows that it did not send among those the server refused, by their lines', async () => {
    const { means } = world({ created: 1, merged: 0, refused: [bad(2)] })
    means.refused = [
      { line: 9, flaw: 'missing' },
      { line: 1, flaw: 'several' },
    ]
    expect((await send(NOTHING, means)).refused).toEqual([
      { line: 1, flaw: 'several' },
      { line: 3, code: 'bad_phone', detail: null, reason: 'rubbish' },
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

  test('sends rows that the server had no time for again, and only those, until all are stored', async () => {
    const { means, posted, behind, told } = world(
      { created: 0, merged: 0, refused: [bad(1, true), bad(2, true)] },
      { created: 1, merged: 0, refused: [bad(2, true)] },
      { created: 0, merged: 1, refused: [] },
    )
    expect(await send(NOTHING, means)).toMatchObject({
      next: null,
      left: null,
      rows: 6,
      created: 5,
      merged: 1,
      refused: [],
    })
    expect(posted).toEqual([[0, 1], [0, 1], [1], [2, 3], [4, 5]])
    expect(behind).toEqual([4, 4, 4, 2, 0]) // before the rows that come after them
    expect(told.map(({ rows, left }) => [rows, left?.lines])).toEqual([
      [0, [2, 3]],
      [1, [3]],
      [2, undefined],
      [4, undefined],
      [6, undefined],
    ])
  })

  test('names what a person must mend of rows that are sent again by the lines of the file', async () => {
    const { means } = world(
      { created: 1, merged: 0, refused: [bad(2, true)] },
      { created: 0, merged: 0, refused: [bad(1)] },
    )
    expect((await send(NOTHING, means)).refused).toMatchObject([{ line: 3, code: 'bad_phone' }])
  })

  test('tells a person when the server takes none of the rest several times in a row, and goes on from there', async () => {
    const nothing = { created: 0, merged: 0, refused: [bad(1, true), bad(2, true)] }
    const { means, told, posted } = world(nothing, nothing, nothing, nothing)
    await expect(send(NOTHING, means)).rejects.toMatchObject({ status: 503 })
    expect(told.at(-1)).toMatchObject({ rows: 0, refused: [], left: { lines: [2, 3] } })
    expect(await send(told.at(-1) as Sent, means)).toMatchObject({ next: null, left: null, rows: 6, created: 6 })
    expect(posted.slice(4)).toEqual([
      [0, 1],
      [2, 3],
      [4, 5],
    ])
  })

  test('counts a mark that is stored as no refusal, and one that is not as none that is stored', async () => {
    const { means } = world({
      created: 0,
      merged: 0,
      refused: [{ line: 1, code: 'marked', reason: '', retry: false }, bad(2)],
    })
    const piece = means.piece
    means.piece = async (from) => ({
      ...(await piece(from)),
      leads: [
        { phone: '1', do_not_call: 'yes' },
        { phone: '2', do_not_call: 'yes' },
      ],
      next: null,
    })
    expect(await send(NOTHING, means)).toMatchObject({ marked: [2], refused: [{ line: 3, code: 'bad_phone' }] })
  })
})
