import { describe, expect, test } from 'vitest'
import { chips, fromField, toField, zoneOf } from '../../src/call/callBack'

const at = Date.parse
const iso = (moment: number | null) => (moment === null ? null : new Date(moment).toISOString())
const NOON_MONDAY = at('2026-01-05T15:00:00Z')

describe('the zone that a call-back is planned in', () => {
  test('is the one of the lead, without the place that stands before it', () => {
    expect(zoneOf({ timezone: 'Europe/Berlin', zones: ['US-NY/America/New_York'] }, NOON_MONDAY)).toBe('Europe/Berlin')
    expect(zoneOf({ zones: ['US-NY/America/New_York'] }, NOON_MONDAY)).toBe('America/New_York')
  })

  test('is the one where the day begins last, if the number may be in several', () => {
    const zones = ['US-NY/America/New_York', 'US-CA/America/Los_Angeles', 'US-IL/America/Chicago']
    expect(zoneOf({ zones }, NOON_MONDAY)).toBe('America/Los_Angeles')
  })

  test('is none where none is known', () => {
    expect(zoneOf({ zones: ['Moon/Crater'] }, NOON_MONDAY)).toBeNull()
    expect(zoneOf({}, NOON_MONDAY)).toBeNull()
  })
})

describe('the moments that are offered', () => {
  test('are an hour from now, tomorrow at nine and the next working days at nine, all by their clocks', () => {
    const offered = chips('America/Sao_Paulo', NOON_MONDAY).map(({ kind, at }) => [kind, iso(at)])
    expect(offered).toEqual([
      ['hour', '2026-01-05T16:00:00.000Z'],
      ['tomorrow', '2026-01-06T12:00:00.000Z'],
      ['weekday', '2026-01-07T12:00:00.000Z'],
      ['weekday', '2026-01-08T12:00:00.000Z'],
    ])
  })

  test('leave the weekend out: on a Friday, nothing is offered for tomorrow', () => {
    const offered = chips('Europe/Berlin', at('2026-01-09T15:00:00Z'))
    expect(offered.map(({ kind }) => kind)).toEqual(['hour', 'weekday', 'weekday'])
    expect(iso(offered[1]?.at ?? null)).toBe('2026-01-12T08:00:00.000Z')
  })

  test('go by their day where it is another one than here', () => {
    const [, tomorrow] = chips('Asia/Tokyo', at('2026-01-05T20:00:00Z')) // Tuesday, five in the morning
    expect(iso(tomorrow?.at ?? null)).toBe('2026-01-07T00:00:00.000Z')
  })
})

describe('a field of date and time', () => {
  test.each([
    ['Europe/Berlin', '2026-01-05T16:00:00.000Z', '2026-01-05T17:00'],
    ['America/Los_Angeles', '2026-07-01T16:30:00.000Z', '2026-07-01T09:30'],
    ['Asia/Kolkata', '2026-01-05T16:00:00.000Z', '2026-01-05T21:30'],
  ])('shows and means the clock there: %s', (zone, moment, shown) => {
    expect(toField(at(moment), zone)).toBe(shown)
    expect(iso(fromField(shown, zone))).toBe(moment)
  })

  test('a time that their clocks skip in spring is an hour later, and one that comes twice is the first', () => {
    expect(iso(fromField('2026-03-29T02:30', 'Europe/Berlin'))).toBe('2026-03-29T01:30:00.000Z')
    expect(toField(fromField('2026-03-29T02:30', 'Europe/Berlin') ?? 0, 'Europe/Berlin')).toBe('2026-03-29T03:30')
    expect(iso(fromField('2026-10-25T02:30', 'Europe/Berlin'))).toBe('2026-10-25T00:30:00.000Z')
  })

  test('that is empty means nothing', () => {
    expect(fromField('', 'Europe/Berlin')).toBeNull()
    expect(fromField('rubbish', 'Europe/Berlin')).toBeNull()
  })
})
