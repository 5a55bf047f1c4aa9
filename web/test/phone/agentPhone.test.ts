import { beforeEach, describe, expect, test } from 'vitest'
import { ApiError } from '../../src/api/client'
import { FakeClock, FakeStorage } from '../fakes'
import { Browser, later, PhoneServer, quiet, Tab } from './phoneWorld'

let server: PhoneServer
let clock: FakeClock

beforeEach(() => {
  server = new PhoneServer()
  clock = new FakeClock()
})

const tab = (browser = new Browser(), memory?: FakeStorage) => new Tab(server, clock, browser, memory)
const onTheLine = async (at: Tab) => {
  await at.opens()
  server.change({ phase: 'live' })
  return at
}
const inCall = () => ({
  lead_id: 'lead',
  attempt_id: 'a',
  until: clock.at(600_000),
  taken: clock.at(0),
  joined: clock.at(0),
})

describe('opening the page', () => {
  test('opens the session and connects it, without a button; the server hears who holds it before the call stands', async () => {
    const page = tab()
    page.sdk.onConnect = () => {}
    await page.opens()
    expect(server.opened).toEqual(['browser'])
    expect(page.held).toEqual(['s1'])
    expect(page.line(clock.now())).toEqual({ kind: 'opening' })
    page.sdk.last.emit('accept')
    await quiet()
    server.change({ phase: 'live' })
    expect(page.sdk.last.params).toEqual({ session: 's1' })
    expect(page.sdk.tokens).toEqual(['token 1'])
    expect(page.sdk.options[0]).toMatchObject({ maxCallSignalingTimeoutMs: 30_000, closeProtection: false })
    expect(page.line(clock.now())).toEqual({ kind: 'ready' })
    expect(page.phone.session).toBe('s1')
  })

  test('asks for the microphone first, once in each browser, and nothing is dialled before', async () => {
    const browser = new Browser()
    browser.ready = null
    const page = await tab(browser).opens()
    expect([page.hold, server.opened]).toEqual(['check', []])
    browser.ready = { microphone: 'headset', speaker: null }
    page.phone.checked()
    await quiet()
    expect([page.hold, server.opened]).toEqual(['connected', ['browser']])
  })

  test('says why nobody can be reached where there is no microphone, and opens nothing', async () => {
    const browser = new Browser()
    browser.ready = null
    const page = await tab(browser).opens()
    page.phone.unreachable('missing')
    expect(page.line(clock.now())).toEqual({ kind: 'unreachable', why: 'missing' })
    expect(server.opened).toEqual([])
  })

  test.each([
    [31401, 'denied'],
    [31402, 'missing'],
  ])(
    'a microphone that was allowed and is not any more (%i) is said, and not tried again and again',
    async (code, why) => {
      const page = tab()
      page.sdk.onConnect = (call) => later(() => call.emit('error', { code }))
      await page.opens()
      await clock.pass(60_000)
      expect(page.line(clock.now())).toEqual({ kind: 'unreachable', why })
      expect(server.opened).toHaveLength(1)
      expect(page.phone.session).toBeNull()
    },
  )

  test('does nothing of the phone where called people hear a message', async () => {
    const page = await tab().opens({ installation: { audio: 'message' } })
    expect(page.line(clock.now())).toEqual({ kind: 'hidden' })
    expect(server.opened).toEqual([])
  })

  test('opens no session by browser for an agent who talks by phone', async () => {
    const page = await tab().opens({ via: 'phone', agent_phone: '+12025550170' })
    expect(server.opened).toEqual([])
    expect(page.line(clock.now())).toMatchObject({ kind: 'ended', reason: null })
    server.change({ session_id: 'p', via: 'phone', phase: 'ringing' })
    expect(page.line(clock.now())).toEqual({ kind: 'ringing' })
    server.change({ phase: 'ended', reason: 'not accepted' })
    await page.phone.reconnect()
    expect(server.opened).toEqual(['phone'])
  })
})

describe('one tab holds the phone', () => {
  test('a second one waits, and takes it over when the first is closed', async () => {
    const browser = new Browser()
    const [first, second] = [await onTheLine(tab(browser)), tab(browser)]
    await second.opens()
    expect([second.hold, server.opened]).toEqual(['elsewhere', ['browser']])
    first.phone.close()
    await quiet()
    expect([second.hold, server.opened]).toEqual(['connected', ['browser', 'browser']])
    expect(first.sdk.last.over).toBe(true)
  })

  test('a person may take it to the second; the first does not take it back by itself', async () => {
    const browser = new Browser()
    const [first, second] = [await onTheLine(tab(browser)), await tab(browser).opens()]
    await second.phone.reconnect()
    await quiet()
    expect([first.hold, second.hold]).toEqual(['taken', 'connected'])
    await clock.pass(600_000)
    first.phone.connected(true)
    await quiet()
    expect(first.hold).toBe('taken')
    expect(server.opened).toHaveLength(2)
  })

  test('where another machine takes the line over, no tab here takes it back, not even one that waited', async () => {
    const browser = new Browser()
    const [first, second] = [await onTheLine(tab(browser)), await tab(browser).opens()]
    server.change({ session_id: 'elsewhere', phase: 'ringing' })
    await quiet()
    await clock.pass(600_000)
    expect([first.hold, second.hold]).toEqual(['taken', 'elsewhere'])
    expect(first.sdk.last.over).toBe(true)
    expect(server.opened).toHaveLength(1)
  })

  test('a call that ends before the word of its taking arrives is not opened again either', async () => {
    const page = await onTheLine(tab())
    server.session = { ...server.session, session_id: 'elsewhere', version: 9 }
    page.sdk.last.disconnect()
    await quiet()
    await clock.pass(600_000)
    expect([page.hold, server.opened]).toEqual(['taken', ['browser']])
  })

  test('a conversation on another machine is not ended by opening a page', async () => {
    server.change({ session_id: 'elsewhere', via: 'browser', phase: 'live', call: inCall() })
    const page = await tab().opens()
    expect([page.hold, server.opened]).toEqual(['in_conversation', []])
    server.change({ call: null, phase: 'ended' })
    await quiet()
    expect(page.hold).toBe('connected')
  })

  test('a page that is loaded anew in its own conversation comes back at once', async () => {
    const memory = new FakeStorage()
    await onTheLine(tab(new Browser(), memory))
    server.change({ call: inCall() })
    const again = await tab(new Browser(), memory).opens()
    expect([again.hold, server.opened]).toEqual(['connected', ['browser', 'browser']])
  })
})

describe('a line that breaks', () => {
  test('is opened again by itself, a little later each time, and then at a person’s word', async () => {
    const page = await onTheLine(tab())
    page.sdk.onConnect = (call) => later(() => call.emit('error', { code: 31005 }))
    page.sdk.last.disconnect()
    server.change({ phase: 'ended', reason: 'left' })
    await quiet()
    expect(page.line(clock.now())).toMatchObject({ kind: 'ended', again: true })
    for (const ms of [1_000, 5_000, 20_000]) {
      const before = server.opened.length
      await clock.pass(ms - 1)
      expect(server.opened).toHaveLength(before)
      await clock.pass(1)
      await quiet()
      expect(server.opened).toHaveLength(before + 1)
    }
    expect(page.line(clock.now())).toMatchObject({ kind: 'ended', again: false, error: { code: 31005 } })
    page.sdk.onConnect = (call) => later(() => call.emit('accept'))
    await page.phone.reconnect()
    await quiet()
    expect(page.hold).toBe('connected')
  })

  test('is tried again when the page’s own connection is back', async () => {
    const page = await onTheLine(tab())
    server.down = true
    page.phone.connected(false)
    page.sdk.last.disconnect()
    await quiet()
    await clock.pass(60_000)
    await quiet()
    expect(page.line(clock.now())).toMatchObject({ kind: 'ended', again: false })
    server.down = false
    page.phone.connected(true)
    await quiet()
    expect(page.hold).toBe('connected')
  })

  test('is not opened again where the server says why not', async () => {
    server.refuses = new ApiError(409, 'no_app', 'Twilio does not know this installation’s pages yet')
    const page = await tab().opens()
    await clock.pass(600_000)
    expect(page.line(clock.now())).toMatchObject({ kind: 'ended', again: false, error: { code: 'no_app' } })
  })

  test('an SDK that never answers, as with an expired token, is given up', async () => {
    const page = tab()
    page.sdk.hangs = true
    await page.opens()
    await clock.pass(30_000)
    await quiet()
    expect(page.line(clock.now())).toMatchObject({ kind: 'ended', again: true })
  })

  test('left by the agent stays so, here and in the server', async () => {
    const page = await onTheLine(tab())
    await page.phone.hangUp()
    await clock.pass(600_000)
    expect(server.ended).toBe(1)
    expect(page.line(clock.now())).toMatchObject({ kind: 'ended', reason: 'signed out', again: false })
    expect(server.opened).toHaveLength(1)
    await page.phone.reconnect()
    await quiet()
    expect(page.hold).toBe('connected')
  })

  test('a page that is closed while it connects holds nothing afterwards', async () => {
    const page = tab()
    page.sdk.onConnect = () => {}
    await page.opens()
    page.phone.close()
    page.sdk.last.emit('accept')
    await quiet()
    expect([page.hold, page.phone.session, page.sdk.last.over]).toEqual(['none', null, true])
    expect(page.held.at(-1)).toBeNull()
  })
})

describe('what the line is at', () => {
  test('a call from the first ring to the end of its wrap-up', async () => {
    const page = await onTheLine(tab())
    const call = { ...inCall(), joined: null, taken: null }
    server.change({ call })
    expect(page.line(clock.now())).toEqual({ kind: 'calling', call })
    server.change({ call: inCall() })
    expect(page.line(clock.now())).toMatchObject({ kind: 'talking', since: clock.now() })
    const wrap_up = { lead_id: 'lead', attempt_id: 'a', until: clock.at(30_000) }
    server.change({ call: null, wrap_up })
    expect(page.line(clock.now())).toMatchObject({ kind: 'wrap_up', left: 30 })
    expect(page.line(clock.now() + 29_500)).toMatchObject({ kind: 'wrap_up', left: 1 })
    expect(page.line(clock.now() + 30_000)).toEqual({ kind: 'ready' })
    server.change({ wrap_up: { ...wrap_up, until: null } })
    expect(page.line(clock.now() + 3_600_000)).toMatchObject({ kind: 'wrap_up', left: null })
  })

  test('mute, keys, a bad network and one that is being restored', async () => {
    const page = await onTheLine(tab())
    const call = page.sdk.last
    page.phone.mute(true)
    page.phone.press('1#')
    call.emit('warning', 'high-jitter')
    call.emit('reconnecting')
    expect(page.phone.current.quality).toEqual({ muted: true, reconnecting: true, warnings: ['high-jitter'] })
    expect(call.pressed).toEqual(['1#'])
    call.emit('warning-cleared', 'high-jitter')
    call.emit('reconnected')
    page.phone.mute(false)
    expect(page.phone.current.quality).toEqual({ muted: false, reconnecting: false, warnings: [] })
  })

  test('an older word changes nothing', async () => {
    const page = await onTheLine(tab())
    const { session } = server
    server.change({ call: inCall() })
    page.phone.heard(session)
    expect(page.line(clock.now())).toMatchObject({ kind: 'talking' })
  })
})
