import { describe, expect, test } from 'vitest'
import {
  AS_PROPOSED,
  choosable,
  choose,
  type ColumnId,
  columnsToShow,
  factsOf,
  leastWidth,
  tracks,
} from '../../src/leads/columns'
import { view } from '../../src/leads/view'
import { lead } from './made'

const WIDE = 200
const some = [
  lead({ extra: { Company: 'Acme', Fax: '' }, note: 'prefers mornings' }),
  lead({ extra: { Company: 'Globex', Fax: '', City: 'Rome' } }),
  lead({ extra: { Company: 'Initech' } }),
  lead({ extra: { Company: 'Umbrella' } }),
]
const facts = factsOf(some)
const shown = (width: number, choice = AS_PROPOSED, outcomes = false) => columnsToShow(facts, choice, width, outcomes)

describe('the columns', () => {
  test('are those that the list fills: its own by their names, and none that is empty', () => {
    expect(choosable(facts)).toContain('extra.Company')
    expect(choosable(facts)).toContain('extra.City')
    expect(choosable(facts)).toContain('note')
    expect(choosable(facts)).not.toContain('extra.Fax')
    expect(choosable(facts)).not.toContain('state')
  })

  test('begin with the name; of its own the list proposes those that are mostly filled', () => {
    expect(shown(WIDE)[0]).toBe('name')
    expect(shown(WIDE)).toContain('extra.Company')
    expect(shown(WIDE)).not.toContain('extra.City')
  })

  test('are proposed as far as there is room, and number and status always', () => {
    expect(shown(20)).toEqual(['name', 'phone', 'status'])
    for (let width = 45; width < WIDE; width += 5) expect(leastWidth(shown(width))).toBeLessThanOrEqual(width)
    expect(shown(WIDE).length).toBeGreaterThan(shown(60).length)
  })

  test('that a person has chosen are shown whatever room there is, and those turned off are not', () => {
    const choice = choose(choose(AS_PROPOSED, 'extra.City', true), 'phone', false)
    expect(shown(20, choice)).toContain('extra.City')
    expect(shown(WIDE, choice)).not.toContain('phone')
    expect(shown(WIDE, choose(choice, 'phone', true))).toContain('phone')
  })

  test('of another list do not come back though they were chosen for that one', () => {
    expect(shown(WIDE, choose(AS_PROPOSED, 'extra.Shoe size', true))).not.toContain('extra.Shoe size')
  })

  test('have outcomes where agents talk, and the number of calls once somebody was called again', () => {
    expect(shown(WIDE)).not.toContain('outcome')
    expect(shown(WIDE, AS_PROPOSED, true)).toContain('outcome')
    expect(shown(WIDE)).not.toContain('calls')
    expect(columnsToShow(factsOf([lead({ calls: 2 })]), AS_PROPOSED, WIDE, false)).toContain('calls')
  })

  test('each have a track, and the buttons one more', () => {
    expect(tracks(['name', 'extra.Company']).match(/rem/g)).toHaveLength(3)
  })
})

describe('sorting', () => {
  const names = (column: ColumnId, leads: ReturnType<typeof lead>[], down = false) =>
    view(leads, { filter: 'all', search: '', sort: { key: column, down } }).map(
      (id) => leads.find((one) => one.lead_id === id)?.name,
    )

  test('by a column of the list’s own: numbers as numbers, and what is empty at the end', () => {
    const seats = ['10', '9', '', '40'].map((own) => lead({ name: own || 'none', extra: { Seats: own } }))
    expect(names('extra.Seats', seats)).toEqual(['9', '10', '40', 'none'])
    expect(names('extra.Seats', seats, true)).toEqual(['40', '10', '9', 'none'])
    const words = ['b10', 'a9'].map((own) => lead({ name: own, extra: { Seats: own } }))
    expect(names('extra.Seats', words)).toEqual(['a9', 'b10'])
  })

  test('by when: a held lead stands where it comes back, one that waits at the end', () => {
    const leads = [
      lead({ name: 'waits', at: '2026-01-05T09:00:00.000Z' }),
      lead({ name: 'late', held: { reason: 'hours', until: '2026-01-06T09:00:00.000Z' } }),
      lead({ name: 'soon', held: { reason: 'hours', until: '2026-01-05T12:00:00.000Z' } }),
    ]
    expect(names('when', leads)).toEqual(['soon', 'late', 'waits'])
  })

  test('otherwise shows who is being called, then who comes next, who is held, the past from its end, and who is not called', () => {
    const at = (hour: number) => `2026-01-05T${String(hour).padStart(2, '0')}:00:00.000Z`
    const leads = [
      lead({ name: 'early', call_status: 'completed', ended_at: at(8) }),
      lead({ name: 'forbidden', do_not_call: true }),
      lead({ name: 'next' }),
      lead({ name: 'recent', call_status: 'busy', ended_at: at(9) }),
      lead({ name: 'tomorrow', held: { reason: 'hours', until: at(20) } }),
      lead({ name: 'tonight', held: { reason: 'hours', until: at(18) } }),
      lead({ name: 'then' }),
      lead({ name: 'rings', call_status: 'ringing' }),
    ]
    const ids = view(leads, { filter: 'all', search: '', sort: { key: 'now', down: false } })
    expect(ids.map((id) => leads.find((one) => one.lead_id === id)?.name)).toEqual([
      'rings',
      'next',
      'then',
      'tonight',
      'tomorrow',
      'recent',
      'early',
      'forbidden',
    ])
  })
})
