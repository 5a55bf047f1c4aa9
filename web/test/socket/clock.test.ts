import { expect, test } from 'vitest'
import { workerClock } from '../../src/socket/clock'

/** A Worker whose alarms go off when the test says so. */
class FakeWorker {
  asked: { id: number; ms?: number }[] = []
  private heard: (message: MessageEvent<number>) => void = () => {}
  addEventListener = (_: string, heard: (message: MessageEvent<number>) => void) => (this.heard = heard)
  postMessage = (wish: { id: number; ms?: number }) => this.asked.push(wish)
  ring = (id: number) => this.heard({ data: id } as MessageEvent<number>)
}

test('an alarm is set in the Worker, runs once when it rings, and can be called off', () => {
  const worker = new FakeWorker()
  const clock = workerClock(worker as unknown as Worker)
  const rung: string[] = []
  clock.after(60_000, () => rung.push('first'))
  const cancel = clock.after(1_000, () => rung.push('second'))
  cancel()
  worker.ring(1)
  worker.ring(1)
  worker.ring(2)
  expect(rung).toEqual(['first'])
  expect(worker.asked).toEqual([{ id: 1, ms: 60_000 }, { id: 2, ms: 1_000 }, { id: 2 }])
})

test('an alarm weeks ahead does not ring at once, as plain timers do', () => {
  const worker = new FakeWorker()
  workerClock(worker as unknown as Worker).after(90 * 86_400_000, () => {})
  expect(worker.asked[0]?.ms).toBe(2 ** 31 - 1)
})
