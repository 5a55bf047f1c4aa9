import { describe, expect, test } from 'vitest'
import { displayStatus } from '../../src/leads/lead'
import { computeTotals, disagrees, type Filter, filterCount, type Sort, view } from '../../src/leads/view'
import { matcher } from '../../src/leads/search'
import { lead } from './made'

const order: Sort = { key: 'order', down: false }

describe('what a status is called', () => {
  test.each([
    [{ call_status: 'pending' }, 'waiting'],
    [{ call_status: 'pending', held: { reason: 'hours', until: null } }, 'held'],
    [{ call_status: 'pending', held: { reason: 'dnc', until: null } }, 'dnc'],
    [{ call_status: 'pending', do_not_call: true }, 'dnc'],
    [{ call_status: 'claimed' }, 'calling'],
    [{ call_status: 'queued' }, 'calling'],
    [{ call_status: 'initiated' }, 'calling'],
    [{ call_status: 'ringing' }, 'ringing'],
    [{ call_status: 'in-progress' }, 'connected'],
    [{ call_status: 'unknown' }, 'checking'],
    [{ call_status: 'unknown', can_release: true }, 'review'],
    [{ call_status: 'completed', do_not_call: true }, 'completed'],
    [{ call_status: 'no-answer' }, 'no-answer'],
    [{ call_status: 'a status of tomorrow' }, 'other'],
  ])('%j is %s', (about, kind) => {
    expect(displayStatus(lead(about))).toBe(kind)
  })

  test('a stub on the do-not-call list that was never a lead is that', () => {
    expect(displayStatus({ call_status: null as unknown as string, do_not_call: true })).toBe('dnc')
  })
})

describe('search', () => {
  const one = lead({ name: 'Zoë Müller', phone: '+442079460018', note: 'after the fair', extra: { company: 'Acme' } })
  test.each(['zoë', 'MÜLLER', 'fair', 'acme', 'zoë acme', '+44 20 7946', '020 7946 0018'.slice(1), '0018', ''])(
    'finds by %j',
    (words) => {
      expect(matcher(words)(one)).toBe(true)
    },
  )
  test.each([
    '0171 2345678',
    '0171',
    '0049 171',
    '+49 (0)171 2345678',
    '(0171) 2345678',
    'jurgen',
    'Jürgen',
    'JÜRGEN grosse',
  ])('finds a number as it is dialled, and a name without its accents: %j', (words) => {
    expect(matcher(words)(lead({ name: 'Jürgen Grosse', phone: '+491712345678' }))).toBe(true)
  })
  test.each(['0234', '0491', '00171', '00'])('a number that is dialled begins with its zeros: not %j', (words) => {
    expect(matcher(words)(lead({ name: 'Jürgen', phone: '+491712345678' }))).toBe(false)
  })
  test.each(['nobody', 'zoë nobody', '555'])('does not find by %j', (words) => {
    expect(matcher(words)(one)).toBe(false)
  })
})

describe('order and filter', () => {
  const leads = [
    lead({ name: 'Chi', call_status: 'completed', duration_s: 30, at: '3' }),
    lead({ name: null, call_status: 'pending', at: null }),
    lead({ name: 'ada', call_status: 'busy', duration_s: 0, at: '1' }),
    lead({ name: 'Bob', call_status: 'completed', duration_s: 90, at: '2' }),
  ]
  const names = (sort: Sort, filter: Filter = 'all') =>
    view(leads, { filter, search: '', sort }).map((id) => leads.find((one) => one.lead_id === id)?.name)

  test('calling order is as the leads come, and can be turned', () => {
    expect(names(order)).toEqual(['Chi', null, 'ada', 'Bob'])
    expect(names({ ...order, down: true })).toEqual(['Bob', 'ada', null, 'Chi'])
  })

  test('what has nothing to sort by stays at the end, both ways', () => {
    expect(names({ key: 'name', down: false })).toEqual(['ada', 'Bob', 'Chi', null])
    expect(names({ key: 'name', down: true })).toEqual(['Chi', 'Bob', 'ada', null])
    expect(names({ key: 'when', down: true })).toEqual(['Chi', 'Bob', 'ada', null])
  })

  test('equal rows keep the calling order', () => {
    expect(names({ key: 'status', down: false })).toEqual([null, 'Chi', 'Bob', 'ada'])
  })

  test('a filter shows only its kinds, and its count is what it shows', () => {
    expect(names(order, 'completed')).toEqual(['Chi', 'Bob'])
    expect(filterCount(computeTotals(leads, 0), 'completed')).toBe(2)
    expect(filterCount(computeTotals(leads, 0), 'all')).toBe(4)
  })
})

describe('totals', () => {
  const now = Date.parse('2026-01-05T15:00:00.000Z')
  const ago = (minutes: number) => new Date(now - minutes * 60_000).toISOString()

  test('people who are being called, calls that ended today and lately, and what is held until when', () => {
    const totals = computeTotals(
      [
        lead({ call_status: 'ringing' }),
        lead({ call_status: 'unknown' }),
        lead({ call_status: 'unknown', can_release: true }),
        lead({ call_status: 'completed', at: ago(5) }),
        lead({ call_status: 'failed', at: ago(30) }),
        lead({ call_status: 'busy', at: ago(3 * 24 * 60) }),
        lead({ held: { reason: 'hours', until: '2026-01-06T08:00:00.000Z' } }),
        lead({ held: { reason: 'hours', until: '2026-01-05T18:00:00.000Z' } }),
      ],
      now,
    )
    expect(totals).toMatchObject({ all: 8, lines: 1, endedToday: 2, endedLately: 1, held: { hours: 2 } })
    expect(totals.heldUntil).toBe('2026-01-05T18:00:00.000Z')
    expect(totals.kinds).toMatchObject({ review: 1, checking: 1, held: 2, ringing: 1 })
  })
})

describe('what a run counts and what the page shows', () => {
  const shown = computeTotals(
    [
      lead(),
      lead(),
      lead({ held: { reason: 'hours', until: null } }),
      lead({ do_not_call: true }),
      lead({ call_status: 'busy' }),
    ],
    Date.now(),
  )

  test.each([
    ['the same', 2, { hours: 1 }, false, false],
    ['one that is not to be called and is not put aside yet', 3, { hours: 1 }, false, false],
    ['held ones that are due now', 3, {}, false, false],
    ['leads that this page does not have', 4, { hours: 1 }, false, true],
    ['fewer leads than this page has', 1, { hours: 1 }, false, true],
    ['the first part of a long list', 1, {}, true, false],
    ['a first part that is longer than this page’s list', 1_000, {}, true, true],
  ])('differ or not: %s', (_, pending, held, more, expected) => {
    expect(disagrees({ pending, held, more }, shown)).toBe(expected)
  })
})

test('leads are found by what the conversation has come to, and those to be called back by their appointment', () => {
  const [met, none, back] = [
    lead({ call_status: 'completed', outcome: { code: 'meeting' } }),
    lead({ call_status: 'completed' }),
    lead({ appointment_at: '2026-01-06T09:00:00.000Z' }),
  ]
  const ids = (filter: Filter) => view([met, none, back], { filter, search: '', sort: { key: 'order', down: false } })
  expect(ids('outcome:meeting')).toEqual([met.lead_id])
  expect(ids('call-backs')).toEqual([back.lead_id])
  const totals = computeTotals([met, none, back], 0)
  expect([
    filterCount(totals, 'outcome:meeting'),
    filterCount(totals, 'call-backs'),
    filterCount(totals, 'outcome:x'),
  ]).toEqual([1, 1, 0])
})
