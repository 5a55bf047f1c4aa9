import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { FakeStorage } from './fakes'
import { lead } from './leads/made'
import { World } from './world'

let world: World
let told: [string, unknown][]

beforeEach(() => {
  world = new World()
  told = []
  vi.stubGlobal('localStorage', new FakeStorage())
  vi.spyOn(console, 'info').mockImplementation((message: string, about: unknown) => void told.push([message, about]))
})

afterEach(() => {
  world.desk.socket.close()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

async function call() {
  const one = lead({ lead_id: 'one', name: 'Ada Weber', phone: '+12025550143' })
  await world.has(one, lead()).live()
  await world.say('autocall:started', { pending: 2, held: {}, more: false })
  await world.say('call:started', { lead_id: 'one', version: 2, call_status: 'queued' })
  await world.say('call:completed', { lead_id: 'one', version: 3, call_status: 'no-answer' })
  await world.say('autocall:finished', { called: 1, held: 0, failed: 0, next_at: null, reason: null })
}

test('the console tells the story: connected, loaded, asked, and what became of each call', async () => {
  await call()
  expect(told.map(([message]) => message.replace('autocall: ', ''))).toEqual([
    'socket connecting',
    'leads loaded',
    'socket connected',
    'leads:fetched sent',
    'autocall:started',
    'call:started',
    'call:completed',
    'autocall:finished',
  ])
  expect(told[1]?.[1]).toEqual({ leads: 2 })
  expect(told[6]?.[1]).toMatchObject({ lead_id: 'one', call_status: 'no-answer' })
})

test('it names nobody, and has no number and no token', async () => {
  await call()
  const text = JSON.stringify(told)
  for (const secret of ['Ada', 'Weber', '202555', 'token']) expect(text).not.toContain(secret)
})

test('it can be turned off', async () => {
  localStorage.setItem('autocall.log', 'off')
  await call()
  expect(told).toEqual([])
})
