import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { lead } from './leads/made'
import { pass, turns, World } from './world'

const MINUTE = 60_000

const finished = { called: 0, held: 0, failed: 0, next_at: null, reason: null }

let world: World

beforeEach(() => {
  world = new World()
})

afterEach(() => {
  world.desk.socket.close()
  vi.restoreAllMocks()
})

describe('the list', () => {
  test('is loaded at every opening, with what came and without what went meanwhile', async () => {
    const [stays, goes, comes] = [lead(), lead(), lead()]
    await world.has(stays, goes).live()
    expect(world.desk.current.loaded).toBe(true)
    world.leads.delete(goes.lead_id)
    world.has(comes)
    await world.sockets.last.drop()
    await pass(world, 1_000)
    await world.sockets.last.accept()
    await turns()
    expect(world.desk.store.all().map(({ lead_id }) => lead_id)).toEqual([stays.lead_id, comes.lead_id])
  })

  test('that cannot be loaded is said, until it can', async () => {
    world.failing.add('GET /api/leads')
    world.desk.socket.open()
    await turns()
    await world.sockets.last.accept()
    await turns()
    expect(world.desk.current.problem).toMatchObject({ status: 500 })
    world.failing.clear()
    await pass(world, 1_000)
    await world.sockets.last.accept()
    await turns()
    expect(world.desk.current).toMatchObject({ loaded: true, problem: null })
  })

  test('that ends the login ends it for all tabs, also when it was only looked at again', async () => {
    await world.has(lead()).live()
    world.session.end('left')
    world.session.subscribe(() => {})
    await world.say('autocall:started', { pending: 5, held: {}, more: false })
    expect(world.session.ending).toBe('refused')
  })
})

describe('a note that was saved elsewhere', () => {
  const row = lead({ lead_id: 'noted', version: 2 })
  const elsewhere = { text: 'from the other device', at: '2026-01-05T09:00:00.000Z', by: 'ada', version: 1 }
  const told = { ...row, version: 3, agent_note_version: 1 }

  test('is read at once, for events do not have it', async () => {
    await world.has(row).live()
    world.has({ ...row, version: 3, agent_note: elsewhere, agent_note_version: 1 })
    await world.say('call:status_updated', told)
    await pass(world, 1_000)
    expect(world.desk.store.get('noted')?.agent_note).toEqual(elsewhere)
    await world.say('call:status_updated', { ...told, version: 4 })
    await pass(world, 1_000)
    expect(world.count('GET /api/leads/noted')).toBe(1)
  })

  test('is not read again by the page that saves it', async () => {
    await world.has(row).live()
    let go = () => {}
    world.hold = new Promise((resolve) => (go = resolve))
    world.desk.notes.type('noted', 'mine', null)
    await pass(world, 1_000)
    await world.say('call:status_updated', told)
    go()
    await pass(world, 1_000)
    expect(world.desk.notes.state('noted')).toEqual({ kind: 'saved' })
    expect(world.count('GET /api/leads/noted')).toBe(0)
  })
})

describe('a lead this page does not know', () => {
  const row = lead({ lead_id: 'new', version: 2, call_status: 'ringing' })

  test('is read once, and the news that came meanwhile are not lost', async () => {
    let answered = () => {}
    await world.has(lead()).live()
    world.has(row)
    world.hold = new Promise((done) => (answered = done))
    await world.say('call:started', { lead_id: 'new', version: 2, call_status: 'ringing' })
    await world.say('call:completed', { lead_id: 'new', version: 3, call_status: 'completed' })
    answered()
    await turns()
    expect(world.desk.store.get('new')).toMatchObject({ call_status: 'completed', phone: row.phone })
    expect(world.count('GET /api/leads/new')).toBe(1)
  })

  test('that cannot be read now is read later', async () => {
    await world.live()
    world.has(row).failing.add('GET /api/leads/new')
    await world.say('call:started', { lead_id: 'new', version: 2, call_status: 'ringing' })
    expect(world.desk.store.get('new')).toBeUndefined()
    world.failing.clear()
    await pass(world, 2_000)
    expect(world.desk.store.get('new')).toMatchObject({ call_status: 'ringing' })
  })

  test('and cannot be read is left alone while the connection is gone: the list comes first when it is back', async () => {
    await world.has(lead({ call_status: 'ringing' })).live()
    await world.say('autocall:finished', finished)
    world.failing.add('GET')
    await world.say('call:started', { lead_id: 'new', version: 2, call_status: 'ringing' })
    await world.signals.send('offline')
    world.asked = []
    await pass(world, 0.9 * MINUTE)
    expect(world.asked).toEqual([])
  })

  test('costs one list where there are thousands of its kind', async () => {
    await world.live()
    const many = Array.from({ length: 2_000 }, (_, index) => lead({ lead_id: `held-${index}` }))
    world.has(...many)
    for (const { lead_id } of many)
      world.sockets.last.say('call:status_updated', {
        lead_id,
        version: 2,
        call_status: 'pending',
        held: { reason: 'hours', until: null },
      })
    await turns()
    await pass(world, MINUTE)
    expect(world.desk.store.size).toBe(2_000)
    expect(world.desk.store.get('held-1999')?.held).toEqual({ reason: 'hours', until: null })
    expect(world.asked.filter((wish) => wish.startsWith('GET /api/leads')).length).toBeLessThan(8)
  })

  test('is not asked for while the list that will name it is being loaded', async () => {
    let answered = () => {}
    world.has(row)
    world.hold = new Promise((done) => (answered = done))
    world.desk.socket.open()
    await turns()
    await world.sockets.last.accept()
    await world.say('call:completed', { lead_id: 'new', version: 3, call_status: 'completed' })
    await world.say('call:completed', { lead_id: 'late', version: 3, call_status: 'completed' })
    world.has(lead({ lead_id: 'late', version: 3, call_status: 'completed' }))
    expect(world.count('GET /api/leads/new')).toBe(0)
    answered()
    await turns()
    expect(world.desk.store.get('new')?.call_status).toBe('completed')
    expect(world.desk.store.get('late')?.call_status).toBe('completed')
    expect(world.asked.filter((wish) => wish.startsWith('GET /api/leads/'))).toEqual(['GET /api/leads/late'])
  })
})

describe('a call whose end nobody told this page', () => {
  const ring = lead({ lead_id: 'call', version: 2, call_status: 'in-progress' })
  const end = () => world.has({ ...ring, version: 3, call_status: 'completed' })
  const asked = () => world.count('GET /api/leads/call')

  beforeEach(async () => {
    await world.has(ring, lead({ call_status: 'completed' }), lead()).live()
  })

  test('is looked for when a run ends long after its last news', async () => {
    await pass(world, 2 * MINUTE)
    end()
    expect(asked()).toBe(0)
    await world.say('autocall:finished', finished)
    expect(world.desk.store.get('call')?.call_status).toBe('completed')
    expect(world.asked.filter((wish) => wish.startsWith('GET /api/leads'))).toEqual(['GET /api/leads/call'])
  })

  test('is found a little later when the last run ended right with it', async () => {
    end()
    await world.say('autocall:finished', finished)
    expect(asked()).toBe(0)
    await pass(world, 85_000)
    expect(world.desk.store.get('call')?.call_status).toBe('completed')
  })

  test('and one that only takes long is looked at once, not at every run', async () => {
    await pass(world, 2 * MINUTE)
    for (let run = 0; run < 20; run += 1) {
      await world.say('autocall:finished', finished)
      await pass(world, 10_000)
    }
    expect(asked()).toBe(1)
  })

  test('nothing is asked without a run', async () => {
    await pass(world, 30 * MINUTE)
    expect(asked()).toBe(0)
  })
})

describe('a run that counts other leads than this page shows', () => {
  const started = (pending: number) => world.say('autocall:started', { pending, held: {}, more: false })
  const lists = () => world.count('GET /api/leads')

  test('means an import or a removal in another tab: the list is loaded', async () => {
    await world.has(lead()).live()
    const imported = lead()
    world.has(imported)
    await started(2)
    expect(world.desk.store.get(imported.lead_id)).toBeDefined()
    world.leads.delete(imported.lead_id)
    await pass(world, MINUTE)
    await started(1)
    await pass(world, MINUTE)
    expect(world.desk.store.get(imported.lead_id)).toBeUndefined()
    expect(lists()).toBe(2)
  })

  test('and as many as it shows means nothing', async () => {
    await world.has(lead(), lead({ call_status: 'ringing' })).live()
    await started(1)
    expect(lists()).toBe(0)
  })

  test('does not load the list for ever, should the two never agree', async () => {
    await world.has(lead()).live()
    for (let run = 0; run < 10; run += 1) {
      await started(7)
      await pass(world, MINUTE)
    }
    expect(lists()).toBe(1)
  })
})

describe('pause and resume', () => {
  const rest = (minutes: number) => ({
    ...world.settings,
    installation: { rest: { until: world.clock.at(minutes * MINUTE), reason: 'account' } },
  })

  test('go over the socket while it answers', async () => {
    await world.live()
    const done = world.desk.setPaused(true)
    await world.say('autocall:paused', { version: 2, in_flight: [] })
    await done
    expect(world.sockets.last.sent).toContain('autocall:pause')
    expect(world.desk.current.run.paused).toBe(true)
    expect(world.asked).toEqual([])
  })

  test('go over HTTP when the socket does not answer, and when it is not there', async () => {
    await world.live()
    const done = world.desk.setPaused(true)
    await pass(world, 4_000)
    await done
    expect(world.count('POST /api/autocall/pause')).toBe(1)
    await world.sockets.last.drop()
    await world.desk.setPaused(false)
    expect(world.count('POST /api/autocall/resume')).toBe(1)
  })

  test('that also hang up go over HTTP', async () => {
    await world.live()
    world.canceled = ['one', 'two']
    expect(await world.desk.hangUp()).toBe(2)
    expect(world.sockets.last.sent).not.toContain('autocall:pause')
    expect(world.count('POST /api/autocall/pause')).toBe(1)
  })

  test('where the installation rests, resume is a request, and says the rest that it could not end', async () => {
    world.settings = rest(5)
    await world.live()
    expect(await world.desk.setPaused(false)).toEqual({ until: world.clock.at(5 * MINUTE), reason: 'account' })
    expect(world.sockets.last.sent).not.toContain('autocall:resume')
    expect(world.count('POST /api/autocall/resume')).toBe(1)
  })

  test('where the installation rests, an administrator’s resume ends that', async () => {
    const awake = world.settings
    world.settings = rest(5)
    await world.live()
    world.onResume = () => (world.settings = awake)
    expect(await world.desk.setPaused(false)).toBeNull()
    expect(world.desk.current.run.rest).toBeNull()
  })

  test('a run that may have begun a rest, or ended it, asks how long that is', async () => {
    await world.live()
    const awake = world.settings
    world.settings = rest(15)
    await world.say('autocall:finished', {
      ...finished,
      reason: 'account refused (20003)',
      next_at: world.clock.at(MINUTE),
    })
    expect(world.desk.current.run.rest).toMatchObject({ until: world.clock.at(15 * MINUTE) })
    world.settings = awake
    await world.say('autocall:finished', { ...finished, called: 1 })
    expect(world.desk.current.run.rest).toBeNull()
    await world.say('autocall:finished', { ...finished, called: 1 })
    expect(world.count('GET /api/settings')).toBe(2)
  })

  test('of the calls that go on, those are counted apart whose rows do not show it, until they do', async () => {
    const [shown, claimed] = [lead({ call_status: 'ringing' }), lead()]
    await world.has(shown, claimed).live()
    await world.say('autocall:paused', { version: 2, in_flight: [shown.lead_id, claimed.lead_id] })
    expect(world.desk.current.run.inFlight).toEqual([claimed.lead_id])
    await world.say('call:completed', { lead_id: claimed.lead_id, version: 5, call_status: 'failed' })
    expect(world.desk.current.run.inFlight).toEqual([])
  })
})

describe('signing out', () => {
  test('asks the server to close every page of this person, and leaves nothing behind here', async () => {
    await world.has(lead()).live()
    await world.desk.signOut()
    await turns()
    expect(world.asked).toEqual(['DELETE /api/connections'])
    expect(world.session.tokens).toBeNull()
    expect(world.session.ending).toBe('left')
    expect(world.desk.store.size).toBe(0)
    expect(world.sockets.last.readyState).toBe(3)
  })

  test('works without a server', async () => {
    world.failing.add('DELETE')
    await world.live()
    await world.desk.signOut()
    expect(world.session.tokens).toBeNull()
  })
})

describe('what the server says', () => {
  test('that this page does not understand is said in a sentence, once', async () => {
    vi.spyOn(console, 'info').mockImplementation(() => {})
    await world.live()
    await world.say('lead:danced', {})
    expect(world.desk.current.notice?.message).toMatch(/out of date.*reload/)
    world.desk.clearNotice()
    await world.say('lead:sang', {})
    expect(world.desk.current.notice).toBeNull()
  })

  test('about a frame is passed on in its words, but for what the connection heals by itself', async () => {
    await world.live()
    await world.say('error', { code: 'token_expired', message: 'the token has expired' })
    expect(world.desk.current.notice).toBeNull()
    await world.say('error', { code: 'slow_down', message: 'Please wait.' })
    expect(world.desk.current.notice).toEqual({ code: 'slow_down', message: 'Please wait.' })
  })
})
