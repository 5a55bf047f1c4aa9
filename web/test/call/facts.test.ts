import { expect, test } from 'vitest'
import { linkOf, subtitleOf } from '../../src/call/facts'
import { inBrief } from '../../src/leads/lead'

test.each([
  ['aiko@example.com', 'mailto:aiko@example.com'],
  ['https://example.com/a?b=1', 'https://example.com/a?b=1'],
  ['+49 (30) 1234-567', 'tel:+49301234567'],
])('an address or a number of a list is a link: %s', (value, href) => {
  expect(linkOf(value)?.href).toBe(href)
})

test.each(['Larsson Textiles', 'javascript:alert(1)', 'data:text/html,x', 'a@b', '12345', '40 seats @ 12'])(
  'anything else is no link, least of all a script: %s',
  (value) => {
    expect(linkOf(value)).toBeNull()
  },
)

test('below a name stands what they do and for whom, by the usual names of such columns', () => {
  expect(subtitleOf({ extra: { Company: 'Larsson', 'Job title': 'IT Director', City: 'Berlin' } })).toBe(
    'IT Director, Larsson',
  )
  expect(subtitleOf({ extra: { Firma: 'Weber GmbH' } })).toBe('Weber GmbH')
  expect(subtitleOf({ extra: { City: 'Berlin' } })).toBe('')
  expect(subtitleOf({})).toBe('')
})

test('in brief, a call is told by its last step, and all else stays', () => {
  const entries = [
    { event: 'outcome', attempt_id: 'b' },
    { event: 'completed', attempt_id: 'b' },
    { event: 'in-progress', attempt_id: 'b' },
    { event: 'placed', attempt_id: 'b' },
    { event: 'again', attempt_id: 'a' },
    { event: 'no-answer', attempt_id: 'a' },
    { event: 'ringing', attempt_id: 'a' },
    { event: 'imported' },
  ]
  expect(inBrief(entries).map(({ event }) => event)).toEqual(['outcome', 'completed', 'again', 'no-answer', 'imported'])
  expect(
    inBrief([
      { event: 'ringing', attempt_id: 'b' },
      { event: 'placed', attempt_id: 'b' },
    ]),
  ).toHaveLength(1)
})
