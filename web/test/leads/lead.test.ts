import { describe, expect, test } from 'vitest'
import { entriesOf, displayStatus, momentOf, runningSince, zoneName } from '../../src/leads/lead'
import { lead } from './made'

test('a history is everything that happened, newest first', () => {
  const entries = entriesOf({
    ...lead({ imported_at: '1' }),
    history: [
      { at: '2', event: 'placed' },
      { at: '4', event: 'completed' },
    ],
    strays: [{ at: '5', status: 'completed' }],
    dnc: { since: '6' },
    dnc_removed: { at: '3' },
  })
  expect(entries.map(({ event }) => event)).toEqual(['dnc', 'stray', 'completed', 'undnc', 'placed', 'imported'])
})

test('a lead that is not to be called is not offered to be called again', () => {
  const lost = { call_status: 'unknown', can_release: true }
  expect(displayStatus(lead(lost))).toBe('review')
  expect(displayStatus(lead({ ...lost, do_not_call: true }))).toBe('dnc')
  expect(displayStatus(lead({ ...lost, do_not_call: true, can_release: false }))).toBe('checking')
})

test('a lead without a past has none', () => {
  expect(entriesOf(lead())).toEqual([])
})

describe('the moment of a call', () => {
  const stamps = { placed_at: '1', answered_at: '2', ended_at: '3', at: '9' }

  test.each([
    ['queued', '1'],
    ['ringing', '1'],
    ['in-progress', '2'],
    ['completed', '3'],
    ['pending', '9'],
  ])('of one that is %s does not move when its note is changed', (call_status, moment) => {
    expect(
      momentOf(lead({ ...stamps, call_status, ...(call_status === 'ringing' ? { answered_at: null } : {}) })),
    ).toBe(moment)
  })

  test('is when the row changed, where the server says nothing better', () => {
    for (const call_status of ['ringing', 'in-progress', 'completed'])
      expect(momentOf(lead({ call_status, at: '9' }))).toBe('9')
  })

  test('two talk since the answer, and nobody talks before', () => {
    expect(runningSince(lead({ ...stamps, call_status: 'in-progress' }))).toBe('2')
    expect(runningSince(lead({ call_status: 'in-progress', at: '9' }))).toBe('9')
    expect(runningSince(lead({ ...stamps, call_status: 'ringing' }))).toBeNull()
  })
})

test('the zone is what stands behind the place', () => {
  expect(zoneName('US-FL/America/New_York')).toBe('America/New_York')
  expect(zoneName('DE/Europe/Berlin')).toBe('Europe/Berlin')
  expect(zoneName('Europe/Berlin')).toBe('Europe/Berlin')
})
