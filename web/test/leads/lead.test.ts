import { expect, test } from 'vitest'
import { entriesOf, zoneName } from '../../src/leads/lead'
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

test('a lead without a past has none', () => {
  expect(entriesOf(lead())).toEqual([])
})

test('the zone is what stands behind the place', () => {
  expect(zoneName('US-FL/America/New_York')).toBe('America/New_York')
  expect(zoneName('DE/Europe/Berlin')).toBe('Europe/Berlin')
  expect(zoneName('Europe/Berlin')).toBe('Europe/Berlin')
})
