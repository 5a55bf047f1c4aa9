import { afterEach, expect, test, vi } from 'vitest'
import { tabClock, workerClock } from '../../src/socket/clock'
import { FakeClock } from '../fakes'

/** A Worker whose alarms go off when the test says so. */
class FakeWorker {
  asked: { id: number; ms?: number }[] = []
  private heard = new Map<string, (message: MessageEvent<number>) => void>()
  addEventListener = (event: string, heard: (message: MessageEvent<number>) => void) => this.heard.set(event, heard)
  postMessage = (wish: { id: number; ms?: number }) => this.asked.push(wish)
  ring = (id: number) => this.heard.get('message')?.({ data: id } as MessageEvent<number>)
  ended = false
  terminate = () => (this.ended = true)
  break = () => this.heard.get('error')?.({} as MessageEvent<number>)
}

afterEach(() => vi.unstubAllGlobals())

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

test('when the Worker breaks, alarms set before and after it ring all the same, on time', async () => {
  const [worker, spare] = [new FakeWorker(), new FakeClock()]
  const clock = workerClock(worker as unknown as Worker, spare)
  const rung: string[] = []
  clock.after(60_000, () => rung.push('before'))
  const cancel = clock.after(60_000, () => rung.push('canceled'))
  await spare.pass(20_000)
  worker.break()
  clock.after(10_000, () => rung.push('after'))
  cancel()
  await spare.pass(39_999)
  expect(rung).toEqual(['after'])
  await spare.pass(1)
  expect(rung).toEqual(['after', 'before'])
})

/** What a tab's clock asks for, where Workers are to be had. */
function workers() {
  const made: FakeWorker[] = []
  vi.stubGlobal(
    'Worker',
    class extends FakeWorker {
      constructor(address: URL) {
        super()
        expect(address.pathname).toMatch(/clock\.worker\.ts$/)
        made.push(this)
      }
    },
  )
  return made
}

test('the alarms of a tab are set in a Worker, for those of a hidden window sleep', () => {
  const made = workers()
  const rung: string[] = []
  tabClock().after(60_000, () => rung.push('ping'))
  expect(made).toHaveLength(1)
  expect(made[0]?.asked).toEqual([{ id: 1, ms: 60_000 }])
  made[0]?.ring(1)
  expect(rung).toEqual(['ping'])
})

test('a tab’s clock that is not needed any more leaves no Worker behind, and starts again when it is', () => {
  const made = workers()
  const clock = tabClock()
  clock.after(1_000, () => {})
  clock.stop?.()
  expect(made.map(({ ended }) => ended)).toEqual([true])
  clock.after(1_000, () => {})
  clock.after(1_000, () => {})
  expect(made.map(({ ended }) => ended)).toEqual([true, false])
})

test('without Workers the window’s own timers serve', async () => {
  vi.stubGlobal('Worker', undefined)
  await new Promise<void>((rung) => tabClock().after(1, rung))
})
