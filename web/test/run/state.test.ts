import { describe, expect, test } from 'vitest'
import { estimate, IDLE, mayRest, progress, reduce, type Rest, type RunEvent, summarise } from '../../src/run/state'
import { computeTotals } from '../../src/leads/view'
import { lead } from '../leads/made'

const now = Date.parse('2026-01-05T15:00:00.000Z')
const at = (minutes: number) => new Date(now + minutes * 60_000).toISOString()
const after = (...events: RunEvent[]) => events.reduce(reduce, IDLE)
const many = (number: number, about: Parameters<typeof lead>[0] = {}) =>
  Array.from({ length: number }, () => lead(about))
const say = (leads: ReturnType<typeof lead>[], ...events: RunEvent[]) =>
  summarise(computeTotals(leads, now), after(...events), now)

const finished = (reason: string | null, minutes: number): RunEvent => ({
  kind: 'finished',
  data: { called: 0, held: 1, failed: 0, next_at: at(minutes), reason },
})
const refused = (minutes: number) => finished('account refused (20003)', minutes)
const rests = (rest: Rest | null): RunEvent => ({ kind: 'profile', data: { version: 1, rest } })

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
    expect(say([...many(3), lead({ call_status: 'ringing' })], paused)).toEqual({
      kind: 'paused',
      waiting: 3,
      lines: 1,
      until: null,
    })
  })

  test('an account that Twilio refuses, and when it is tried again', () => {
    expect(say(many(2), refused(15))).toEqual({
      kind: 'stopped',
      reason: 'account refused (20003)',
      until: at(15),
      waiting: 2,
    })
  })

  test('an account that Twilio refuses, even if the lead that found it out is the only one left and held for it', () => {
    const left = [lead({ held: { reason: 'Twilio refused the call (20003)', until: at(15) } })]
    expect(say(left, refused(15))).toMatchObject({ kind: 'stopped', until: at(15), waiting: 0 })
  })

  test('the end of the rest as the server tells it, not the first thing that is due', () => {
    expect(say(many(2), refused(1), rests({ until: at(15), reason: 'account refused (20003)' }))).toMatchObject({
      until: at(15),
    })
  })

  test('a rest that an administrator has ordered, before the settings tell of it', () => {
    expect(say(many(2), finished('stopped by an operator', 15))).toMatchObject({
      kind: 'stopped',
      reason: 'stopped by an operator',
    })
  })

  test('a rest that is over is over, by the clock or by the server’s word', () => {
    expect(say(many(2), refused(-1))).toMatchObject({ kind: 'waiting' })
    expect(say(many(2), refused(15), rests(null))).toMatchObject({ kind: 'waiting' })
    expect(say(many(2), rests({ until: at(-1), reason: 'unknown' }))).toMatchObject({ kind: 'waiting' })
  })

  test('one call without a clear answer stops nothing; only a rest does', () => {
    const unclear = finished('unknown', 1)
    expect(say(many(2), unclear)).toMatchObject({ kind: 'waiting', waiting: 2, reason: 'unknown', next: at(1) })
    expect(say(many(2), unclear, rests({ until: at(5), reason: 'unknown' }))).toMatchObject({
      kind: 'stopped',
      reason: 'unknown',
    })
  })

  test('the agent’s own pause that ends by itself is a pause, not trouble with Twilio', () => {
    const own: RunEvent = { kind: 'profile', data: { resume_at: at(30), version: 3 } }
    expect(say(many(2), own)).toEqual({ kind: 'paused', waiting: 2, lines: 0, until: at(30) })
    expect(say(many(2), { kind: 'profile', data: { resume_at: at(-1), version: 3 } })).toMatchObject({
      kind: 'waiting',
    })
  })

  test('leads that wait for a slower pace, and when it goes on', () => {
    const slow: RunEvent = { kind: 'finished', data: { called: 0, held: 0, failed: 0, next_at: at(1), reason: 'rate' } }
    expect(say(many(2), slow)).toMatchObject({ kind: 'waiting', waiting: 2, reason: 'rate', next: at(1) })
  })

  test('everything left is outside calling hours', () => {
    const held = many(5, { held: { reason: 'hours', until: at(120) } })
    expect(say([...held, lead({ call_status: 'completed' })])).toEqual({
      kind: 'held',
      count: 5,
      stuck: 0,
      reason: 'hours',
      until: at(120),
    })
  })

  test.each(['zone', 'window', 'Twilio refused the call (21215)'])(
    'what is held for %s needs a person, whenever the machine looks again',
    (reason) => {
      const [hours, stuck] = [
        lead({ held: { reason: 'hours', until: at(120) } }),
        lead({ held: { reason, until: at(60), needs_person: true } }),
      ]
      expect(say([stuck, stuck])).toEqual({ kind: 'held', count: 2, stuck: 2, reason, until: null })
      expect(say([hours, hours, stuck])).toEqual({ kind: 'held', count: 3, stuck: 1, reason: null, until: at(120) })
    },
  )

  test('after a pause nothing waits because of the pause, whether its run ended before or after it', () => {
    const [ended, pause, resume] = [
      finished('paused', 5),
      { kind: 'paused', data: { version: 1 } },
      { kind: 'resumed', data: { version: 2 } },
    ] as const
    const looks = { kind: 'waiting', waiting: 2, reason: null, next: null, checking: 0, soon: false }
    expect(say(many(2), pause, ended, resume)).toEqual(looks)
    expect(say(many(2), pause, resume, ended)).toEqual(looks)
    expect(say(many(2), pause, ended, { kind: 'profile', data: { paused: false, version: 2 } })).toEqual(looks)
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

  test('a rest of the installation is not a pause of the agent, and is heard whatever else is old', () => {
    const rest = { until: at(15), reason: 'account' }
    const state = after({ kind: 'resumed', data: { version: 5 } }, { kind: 'profile', data: { version: 4, rest } })
    expect(state).toMatchObject({ paused: false, rest })
  })

  test('a run’s end that may have to do with a rest asks for the settings, any other does not', () => {
    const may = (reason: string | null) => mayRest(after(finished(reason, 1)))
    expect(
      [
        'account',
        'account refused (20003)',
        'stopped by an operator',
        'resumed by an operator',
        'unknown',
        'probe',
      ].filter(may),
    ).toHaveLength(6)
    expect(['rate', 'throttled', 'unreachable', 'paused', 'absent', 'time', null].filter(may)).toEqual([])
    expect(mayRest(after(rests({ until: at(15), reason: 'account' }), finished(null, 1)))).toBe(true)
  })

  test('a call that the pause came too late for goes on until its row says what became of it', () => {
    const paused: RunEvent = { kind: 'paused', data: { version: 2, in_flight: ['one', 'two'] } }
    expect(after(paused, { kind: 'shown', leads: ['one'] }).inFlight).toEqual(['two'])
    expect(after(paused, { kind: 'resumed', data: { version: 3 } }).inFlight).toEqual([])
    expect(after(paused, { kind: 'profile', data: { version: 3, paused: false } }).inFlight).toEqual([])
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
    expect(progress(computeTotals(leads, now))).toEqual({ done: 8, of: 18 })
  })

  test('the end is a range, as wide as the pace of the last minutes is uncertain', () => {
    const ended = Array.from({ length: 17 }, (_, index) => lead({ call_status: 'completed', at: at(-8 + index / 2) }))
    const totals = computeTotals([...ended, ...many(2, { call_status: 'ringing' }), ...many(30)], now)
    // 16 paces of half a minute, 32 calls to come: 16 minutes, give or take a quarter, to the five minutes around
    expect(estimate(totals, now)).toEqual({ from: now + 10 * 60_000, to: now + 20 * 60_000 })
  })

  test('and is not guessed from next to nothing, nor for half a day', () => {
    expect(estimate(computeTotals(many(5), now), now)).toBeNull()
    const [few, fast] = [many(8, { call_status: 'busy', at: at(-5) }), many(20, { call_status: 'busy', at: at(-0.1) })]
    expect(estimate(computeTotals(few, now), now)).toBeNull()
    expect(estimate(computeTotals(fast, now), now)).toBeNull()
    const slow = Array.from({ length: 10 }, (_, index) => lead({ call_status: 'busy', at: at(-index) }))
    expect(estimate(computeTotals([...slow, ...many(900)], now), now)).toBeNull()
  })

  test('what a run is about to hold is not to be called now, before each row says so', () => {
    const run: RunEvent = {
      kind: 'started',
      data: { pending: 4, held: { hours: 6, 'Twilio refused the call (21215)': 1 } },
    }
    const list = (written: number) =>
      computeTotals([...many(10 - written), ...many(written, { held: { reason: 'hours', until: at(60) } })], now)
    for (const written of [0, 2, 6]) expect(progress(list(written), after(run))).toEqual({ done: 0, of: 4 })
    expect(progress(list(2), after(run, finished('time', 0)))).toEqual({ done: 0, of: 4 })
    expect(progress(list(6), after(run, finished(null, 60)))).toEqual({ done: 0, of: 4 })
  })

  test('where all that waits is about to be held, that is said at once', () => {
    const run: RunEvent = { kind: 'started', data: { pending: 0, held: { hours: 5 } } }
    expect(say(many(5), run)).toEqual({ kind: 'held', count: 5, stuck: 0, reason: 'hours', until: null })
  })
})

describe('a call that is only asked after', () => {
  const asked = lead({ call_status: 'unknown' })

  test('is nobody being called, and holds no line of the agent’s', () => {
    expect(computeTotals([asked], now)).toMatchObject({ lines: 0, placed: 0, talking: [] })
    expect(say([asked, ...many(3)])).toMatchObject({ kind: 'waiting', waiting: 3, checking: 1 })
    expect(say([asked], finished(null, 2))).toEqual({ kind: 'checking', checking: 1, next: at(2) })
  })

  test('counts as a call of today, so that nothing jumps when it is clear', () => {
    expect(progress(computeTotals([asked, ...many(3)], now))).toEqual({ done: 1, of: 4 })
  })

  test('beside a call that rings, it is still calling', () => {
    expect(say([asked, lead({ call_status: 'ringing' })])).toMatchObject({ kind: 'calling' })
  })
})

describe('between two calls', () => {
  const ran: RunEvent = {
    kind: 'finished',
    data: { called: 1, held: 0, failed: 0, next_at: at(5), at: at(-2), reason: null },
  }

  test('the next one starts in a moment: what the last run said comes next has been overtaken', () => {
    expect(say([...many(3), lead({ call_status: 'completed', ended_at: at(-0.1) })], ran)).toMatchObject({
      kind: 'waiting',
      soon: true,
      next: null,
    })
  })

  test('but not for ever', () => {
    expect(say([...many(3), lead({ call_status: 'completed', ended_at: at(-1) })], ran)).toMatchObject({
      soon: false,
      next: at(5),
    })
  })
})

describe('a pause that ends by itself', () => {
  const until = at(30)

  test('is shown from the moment the server tells of it, with the calls that go on', () => {
    const state = after({ kind: 'paused', data: { version: 2, in_flight: ['x'], resume_at: until } })
    expect(summarise(computeTotals(many(1), now), state, now)).toEqual({ kind: 'paused', waiting: 1, lines: 0, until })
    expect(reduce(state, { kind: 'profile', data: { version: 2, resume_at: until } }).inFlight).toEqual(['x'])
    expect(summarise(computeTotals(many(1), now), state, now + 31 * 60_000)).toMatchObject({ kind: 'waiting' })
  })

  test('does not end one that was to last', () => {
    const state = after(
      { kind: 'paused', data: { version: 1 } },
      { kind: 'paused', data: { version: 2, resume_at: until } },
    )
    expect(summarise(computeTotals([], now), state, now)).toMatchObject({ kind: 'paused', until: null })
  })
})
