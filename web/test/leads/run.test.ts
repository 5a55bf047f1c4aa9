import { describe, expect, test } from 'vitest'
import { estimate, IDLE, progress, reduce, type RunEvent, summarise } from '../../src/leads/run'
import { count } from '../../src/leads/view'
import { lead } from './made'

const now = Date.parse('2026-01-05T15:00:00.000Z')
const at = (minutes: number) => new Date(now + minutes * 60_000).toISOString()
const after = (...events: RunEvent[]) => events.reduce(reduce, IDLE)
const many = (number: number, about: Parameters<typeof lead>[0] = {}) => Array.from({ length: number }, () => lead(about))
const say = (leads: ReturnType<typeof lead>[], ...events: RunEvent[]) => summarise(count(leads, now), after(...events), now)

describe('the one thing the run bar says', () => {
  test('an empty list', () => {
    expect(say([])).toEqual({ kind: 'empty' })
  })

  test('an empty list while paused: an import would not be called', () => {
    expect(say([], { kind: 'paused', data: { version: 1, in_flight: [] } })).toMatchObject({ kind: 'paused' })
  })

  test('calls that go on', () => {
    expect(say([...many(3), lead({ call_status: 'ringing' })])).toMatchObject({ kind: 'calling' })
  })

  test('a pause comes before everything else', () => {
    const paused: RunEvent = { kind: 'paused', data: { version: 4, in_flight: ['x'] } }
    expect(say([...many(3), lead({ call_status: 'ringing' })], paused)).toEqual({ kind: 'paused', waiting: 3, lines: 1 })
  })

  test('an account that Twilio refuses, and when it is tried again', () => {
    const refused: RunEvent = { kind: 'finished', data: { called: 0, held: 1, failed: 0, next_at: at(15), reason: 'account refused (20003)' } }
    expect(say(many(2), refused)).toEqual({ kind: 'stopped', reason: 'account refused (20003)', until: at(15), waiting: 2 })
  })

  test('a rest that is over is over', () => {
    const refused: RunEvent = { kind: 'finished', data: { called: 0, held: 1, failed: 0, next_at: at(-1), reason: 'unknown' } }
    expect(say(many(2), refused)).toMatchObject({ kind: 'waiting' })
  })

  test('leads that wait for a slower pace, and when it goes on', () => {
    const slow: RunEvent = { kind: 'finished', data: { called: 0, held: 0, failed: 0, next_at: at(1), reason: 'rate' } }
    expect(say(many(2), slow)).toEqual({ kind: 'waiting', waiting: 2, reason: 'rate', next: at(1) })
  })

  test('everything left is outside calling hours', () => {
    const held = many(5, { held: { reason: 'hours', until: at(120) } })
    expect(say([...held, lead({ call_status: 'completed' })])).toEqual({ kind: 'held', count: 5, reason: 'hours', until: at(120) })
  })

  test('nothing is waiting', () => {
    expect(say([lead({ call_status: 'completed' }), lead({ do_not_call: true })])).toEqual({ kind: 'finished' })
  })
})

describe('pause and resume', () => {
  test('an older version changes nothing, whatever order the network delivers', () => {
    const state = after({ kind: 'resumed', data: { version: 5 } }, { kind: 'paused', data: { version: 4 } })
    expect(state.paused).toBe(false)
  })

  test('the profile read after a reload says it too', () => {
    expect(after({ kind: 'profile', data: { paused: true, version: 3 } }).paused).toBe(true)
    expect(after({ kind: 'profile', data: {} }).paused).toBe(false)
  })

  test('a rest of the installation is not a pause of the agent', () => {
    const state = after({ kind: 'paused', data: { version: 1, resume_at: at(15), reason: 'account' } })
    expect(state).toMatchObject({ paused: false, resumeAt: at(15), reason: 'account' })
  })

  test('a frame without data does no harm', () => {
    const nothing = null as never
    expect(after({ kind: 'paused', data: nothing }, { kind: 'resumed', data: nothing }).paused).toBe(false)
  })
})

describe('how far it is', () => {
  const leads = [
    ...[-10, -8, -6, -4, -2, 0].map((minutes) => lead({ call_status: 'completed', at: at(minutes) })),
    ...many(2, { call_status: 'ringing' }),
    ...many(10),
    ...many(4, { held: { reason: 'hours', until: null } }),
  ]

  test('counts what was called today and what waits, not what is held', () => {
    expect(progress(count(leads, now))).toEqual({ done: 8, of: 18 })
  })

  test('the end is estimated from the pace of the last minutes', () => {
    expect(estimate(count(leads, now), now)).toBe(now + 24 * 60_000)
  })

  test('and not guessed from next to nothing', () => {
    expect(estimate(count(many(5), now), now)).toBeNull()
    const [first, second] = [many(3, { call_status: 'busy', at: at(-5) }), many(9, { call_status: 'busy', at: at(-0.1) })]
    expect(estimate(count(first, now), now)).toBeNull()
    expect(estimate(count(second, now), now)).toBeNull()
  })
})
