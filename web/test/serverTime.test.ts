import { beforeEach, describe, expect, test } from 'vitest'
import { ServerTime } from '../src/serverTime'
import { FakeClock } from './fakes'

let clock: FakeClock
let time: ServerTime

beforeEach(() => {
  clock = new FakeClock()
  time = new ServerTime(clock.now)
})

describe('the server’s time', () => {
  test.each([2, -2])('is told apart from a clock that is %i hours off', (hours) => {
    const ms = hours * 3_600_000
    expect(time.hear(clock.at(ms))).toBe(true)
    expect(time.now()).toBe(clock.now() + ms)
  })

  test('is that of the word that took least time to arrive', () => {
    time.hear(clock.at(-800))
    time.hear(clock.at(-50))
    expect(time.hear(clock.at(-4_000))).toBe(false)
    expect(time.now()).toBe(clock.now() - 50)
  })

  test('is learnt anew when the clock of this machine has been set', () => {
    time.hear(clock.at(0))
    clock.set(clock.now() + 7_200_000)
    time.hear(clock.at(-7_200_000))
    expect(time.now()).toBe(clock.now() - 7_200_000)
  })

  test('is never behind a moment the server speaks of, which may be long past', () => {
    expect(time.hearOf(clock.at(-7_200_000))).toBe(false)
    expect(time.now()).toBe(clock.now())
    expect(time.hearOf(clock.at(7_200_000))).toBe(true)
    expect(time.now()).toBe(clock.now() + 7_200_000)
  })

  test('is not learnt from what is no moment', () => {
    for (const nothing of [undefined, null, '', 'soon']) expect(time.hear(nothing)).toBe(false)
    expect(time.now()).toBe(clock.now())
  })
})
