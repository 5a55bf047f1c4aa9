import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { lead } from './leads/made'
import { pass, turns, World } from './world'

let world: World
let release: (() => void)[]

beforeEach(() => {
  world = new World()
  release = []
})

afterEach(() => world.desk.socket.close())

const held = () => new Promise<void>((done) => release.push(done))
const fetched = () => world.sockets.last.sent.filter((event) => event === 'leads:fetched').length
const called = () => lead({ call_status: 'completed' })
const shown = () => world.desk.store.size

/** A page that is opening, and has what the server answers at once. */
async function opening(): Promise<void> {
  world.desk.socket.open()
  await turns()
  await world.sockets.last.accept()
  await turns()
}

describe('a long list', () => {
  test('lets the first call begin with the first lead that can be called, and says so once', async () => {
    world.pages = [[called()], [called(), lead()], [lead()], [called()]]
    world.pageHolds = [undefined, held(), held()]
    await opening()
    expect([shown(), fetched(), world.desk.socket.connected]).toEqual([1, 0, false])
    release[0]?.()
    await turns()
    expect([shown(), fetched(), world.desk.socket.connected]).toEqual([3, 1, true])
    expect(world.desk.current.loaded).toBe(false)
    release[1]?.()
    await turns()
    expect([shown(), fetched(), world.desk.current.loaded]).toEqual([5, 1, true])
  })

  test('of which nobody can be called asks all the same, when it is there', async () => {
    world.pages = [[called()], [lead({ held: { reason: 'hours', until: null } })]]
    await opening()
    expect([fetched(), world.desk.current.loaded]).toEqual([1, true])
  })

  test('whose rest cannot be loaded shows what is there, and is loaded again later', async () => {
    const gone = lead()
    world.pages = [[lead()], 'fails']
    world.desk.store.setAll([gone])
    await opening()
    expect([shown(), world.desk.socket.connected, world.desk.current.loaded]).toEqual([2, true, false])
    expect(world.desk.current.problem).not.toBeNull()
    world.pages = [[lead()], [lead()]]
    await pass(world, 60_000)
    expect(world.desk.current).toMatchObject({ loaded: true, problem: null })
    expect(world.desk.store.get(gone.lead_id)).toBeUndefined()
    expect(fetched()).toBe(1)
  })

  test('whose first page cannot be loaded leaves the page without a connection', async () => {
    world.pages = ['fails']
    await opening()
    expect([world.desk.socket.connected, fetched()]).toEqual([false, 0])
  })

  test('tells of a call to a lead that has not come yet, without waiting for its page', async () => {
    const late = lead({ name: 'Ada' })
    world.has(late)
    world.pages = [[lead()], [late]]
    world.pageHolds = [undefined, held()]
    await opening()
    await world.say('call:started', { lead_id: late.lead_id, version: 1, call_status: 'queued' })
    expect(world.desk.store.get(late.lead_id)).toMatchObject({ name: 'Ada' })
    await world.say('call:status_updated', { lead_id: 'other', version: 4, call_status: 'pending' })
    expect(world.asked).not.toContain('GET /api/leads/other')
    release[0]?.()
    await turns()
    expect(world.desk.current.loaded).toBe(true)
  })

  test('that is loaded anew is not loaded to its end twice, and what was signed out of does not come back', async () => {
    world.pages = [[lead()], [lead()], [lead()]]
    world.pageHolds = [undefined, held()]
    await opening()
    world.pageHolds = []
    await world.sockets.last.drop()
    await pass(world, 5_000)
    await world.sockets.last.accept()
    await turns()
    expect(world.desk.current.loaded).toBe(true)
    const asked = world.count('GET /api/leads')
    release[0]?.()
    await turns()
    expect(world.count('GET /api/leads')).toBe(asked)

    world.pageHolds = [undefined, held()]
    world.desk.lookAgain()
    await turns()
    await world.desk.signOut()
    release[1]?.()
    await turns()
    expect(shown()).toBe(0)
  })
})
