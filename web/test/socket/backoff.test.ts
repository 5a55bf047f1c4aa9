import { expect, test } from 'vitest'
import { backoff } from '../../src/socket'

const longest = (failures: number) => backoff(failures, () => 1)

test('the bound doubles with every failure, up to half a minute', () => {
  expect([0, 1, 2, 3, 4, 5, 20].map(longest)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
})

test('the wait is spread over the whole range from nothing to the bound', () => {
  expect(backoff(3, () => 0)).toBe(0)
  expect(backoff(3, () => 0.25)).toBe(2_000)
  const waits = Array.from({ length: 2_000 }, () => backoff(4))
  expect(Math.min(...waits)).toBeLessThan(800)
  expect(Math.max(...waits)).toBeGreaterThan(15_200)
})
