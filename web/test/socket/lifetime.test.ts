import { describe, expect, test } from 'vitest'
import { lifetime } from '../../src/socket/lifetime'

const MINUTE = 60_000

describe('how long a connection serves before it is replaced', () => {
  test('always less than the two hours after which API Gateway cuts it', () => {
    expect(lifetime(0, null, () => 0)).toBe(115 * MINUTE)
    expect(lifetime(0, null, () => 1)).toBe(105 * MINUTE)
  })

  test('two minutes less than its token lives, if that is shorter', () => {
    expect(lifetime(0, 60 * MINUTE)).toBe(58 * MINUTE)
  })

  test('with a very short token, three quarters of its life', () => {
    expect(lifetime(0, MINUTE)).toBe(45_000)
  })

  test('never so short that it becomes a loop', () => {
    expect(lifetime(1_000, 0)).toBe(5_000)
  })
})
