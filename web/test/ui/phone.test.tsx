import { act, type ReactNode } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { loadCallUi } from '../../src/ui/call/load'
import { LeadPanel } from '../../src/ui/LeadPanel'
import { AgentAppContext } from '../../src/ui/hooks'
import { PhoneBar } from '../../src/ui/PhoneBar'
import { RunBar } from '../../src/ui/RunBar'
import SettingsDialog from '../../src/ui/SettingsDialog'
import { Toasts } from '../../src/ui/Toasts'
import { computeTotals } from '../../src/leads/view'
import { LeadsSocketProvider } from '../../src/socket'
import { lead } from '../leads/made'
import { turns, World } from '../world'

let root: Root
let world: World
const called = lead({ name: 'Aiko Larsson', call_status: 'ringing', version: 2, attempt_id: 'a' })

beforeEach(() => {
  document.body.innerHTML = '<div id="here"></div>'
  root = createRoot(document.getElementById('here') as HTMLElement)
  world = new World()
  world.settings = { ...world.settings, installation: { audio: 'agent', wrap_up_s: 30, lines: 1 } }
  vi.useFakeTimers({
    toFake: ['Date', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'],
    now: world.clock.now(),
  })
})

afterEach(async () => {
  await act(() => root.unmount())
  world.desk.phone.close()
  world.desk.socket.close()
  vi.useRealTimers()
})

const show = (what: ReactNode) => act(() => root.render(<AgentAppContext value={world.desk}><Toasts>{what}</Toasts></AgentAppContext>)) // oxfmt-ignore
const happens = (what: () => unknown) => act(async () => { await what(); await turns() }) // oxfmt-ignore
const bar = () => document.querySelector('[data-testid="phone-bar"]')
const announced = () => document.querySelector('[data-testid="announced"]')?.textContent
const button = (name: string) =>
  [...document.querySelectorAll('button')].find(({ textContent }) => textContent?.trim() === name)
const press = (name: string) => happens(() => button(name)?.click())
const sent = (event: string) => world.sockets.last.data.filter((_, index) => world.sockets.last.sent[index] === event)

/** A page that is on the line, with the bar in sight. */
const onTheLine = async () => {
  world.desk.phone.open()
  await happens(() => world.has(called).live())
  await happens(() => world.lineIs({ phase: 'live' }))
  await show(<PhoneBar calls openSettings={() => {}} openLead={() => {}} showKeys={() => {}} />)
  await happens(loadCallUi)
}
const call = (joined: string | null) => ({
  lead_id: called.lead_id,
  attempt_id: 'a',
  until: world.clock.at(600_000),
  joined,
})

test('a page that is on the line says so, and each of its pings which session it holds', async () => {
  await onTheLine()
  expect(bar()?.textContent).toMatch(/^You are on the line/)
  expect(sent('ping').at(-1)).toEqual({ session_id: 's0' })
})

test('a call says whom it rings, since when they talk, and can be hung up, muted and keyed', async () => {
  await onTheLine()
  await happens(() => world.lineIs({ call: call(null) }))
  expect(bar()?.textContent).toMatch(/Ringing.*Aiko Larsson/)
  expect(announced()).toBe('')
  await happens(() => world.lineIs({ call: call(world.clock.at(-12_000)) }))
  expect(bar()?.textContent).toMatch(/Connected0:12.*Aiko Larsson/)
  expect(announced()).toBe('Connected: Aiko Larsson.')
  await happens(() => window.dispatchEvent(new KeyboardEvent('keydown', { code: 'KeyM', key: 'µ', altKey: true })))
  expect(bar()?.textContent).toMatch(/You are muted/)
  expect(announced()).toBe('Connected: Aiko Larsson.')
  await happens(() => window.dispatchEvent(new KeyboardEvent('keydown', { key: 'k' })))
  await press('5')
  expect(world.sdk.last.pressed).toEqual(['5'])
  await happens(() => document.querySelector<HTMLElement>('.card-controls .danger')?.click())
  expect(world.count(`POST /api/leads/${called.lead_id}/hang-up`)).toBe(1)
})

test('a wrap-up counts down, says so to a screen reader once, and ends at the agent’s word', async () => {
  await onTheLine()
  await happens(() =>
    world.lineIs({ wrap_up: { lead_id: called.lead_id, attempt_id: 'a', until: world.clock.at(30_000) } }),
  )
  expect(bar()?.textContent).toMatch(/Wrap-up.*next call in 30 s.*Aiko Larsson/)
  expect(announced()).toBe('Call with Aiko Larsson has ended')
  const before = announced()
  await happens(() => world.clock.pass(10_000))
  await act(() => vi.advanceTimersByTime(1_000))
  expect(bar()?.textContent).toMatch(/next call in 20 s/)
  expect(announced()).toBe(before)
  await press('Go on without an outcome')
  expect(sent('agent:ready')).toEqual([{ attempt_id: 'a' }])
})

test('whoever types in the panel keeps the wrap-up waiting, with a word every twenty seconds', async () => {
  await onTheLine()
  await happens(() =>
    world.lineIs({ wrap_up: { lead_id: called.lead_id, attempt_id: 'a', until: world.clock.at(60_000) } }),
  )
  await show(<LeadPanel id={called.lead_id} close={() => {}} />)
  const type = () =>
    happens(() => document.querySelector('aside')?.dispatchEvent(new Event('input', { bubbles: true })))
  await type()
  await type()
  expect(sent('agent:typing')).toEqual([{ attempt_id: 'a' }])
  await happens(() => world.clock.pass(20_000))
  await type()
  expect(sent('agent:typing')).toHaveLength(2)
})

test('a line that has ended says why, and comes back at a press', async () => {
  await onTheLine()
  await press('Leave the line')
  expect(bar()?.textContent).toMatch(/You are not on the line.*Nobody is called until you are back/)
  await press('Reconnect')
  await happens(() => world.lineIs({ phase: 'live' }))
  expect(bar()?.textContent).toMatch(/^You are on the line/)
})

test('an agent by phone is told to pick up and press 1, and why it is not rung again', async () => {
  world.settings = { ...world.settings, via: 'phone', agent_phone: '+12025550170' }
  await onTheLine()
  await happens(() => world.lineIs({ session_id: 'p', via: 'phone', phase: 'ringing' }))
  expect(bar()?.textContent).toMatch(/Your phone rings: pick up and press 1/)
  await happens(() => world.lineIs({ phase: 'ended', reason: 'not picked up' }))
  expect(bar()?.textContent).toMatch(/Your phone was not picked up.*only when you say so/)
  await happens(() => world.lineIs({ phase: 'ended', reason: 'Twilio refused the call (21215)' }))
  expect(bar()?.textContent).toMatch(/This country is not enabled.*only when you say so/)
  await press('Ring my phone')
  expect(world.count('POST /api/phone')).toBe(1)
})

test('nothing of the phone is shown where called people hear a message', async () => {
  world.settings = { ...world.settings, installation: { audio: 'message', wrap_up_s: 30, lines: 3 } }
  await onTheLine()
  expect(bar()).toBeNull()
  await show(<SettingsDialog close={() => {}} />)
  await happens(() => {})
  expect(document.querySelector('#lines')).not.toBeNull()
  expect(document.body.textContent).not.toMatch(/How you talk|Time after each call/)
})

test('the settings offer how one talks and how long one wraps up, and no lines', async () => {
  await show(<SettingsDialog close={() => {}} />)
  await happens(() => {})
  expect(document.querySelector('#lines')).toBeNull()
  await happens(() => document.querySelector<HTMLInputElement>('input[value="phone"]')?.click())
  await press('Save')
  expect(document.querySelector('[role=alert]')?.textContent).toMatch(/number of your phone/)
  await happens(() => document.querySelector<HTMLInputElement>('input[value="browser"]')?.click())
  await happens(() => document.querySelector<HTMLInputElement>('input[type="checkbox"]')?.click())
  await press('Save')
  expect(world.saved).toMatchObject([{ via: 'browser', wrap_up_s: 'ready' }])
  expect(world.saved[0]).not.toHaveProperty('lines')
})

test.each([
  ['session', /Nobody is called until you are on the line/],
  ['ringing', /Your own call is being connected/],
  ['unheard', /Your line is being confirmed/],
  ['on_call', /The next call starts after this one/],
  ['wrap_up', /when your wrap-up is over/],
])('the run bar says what leads wait for, and no time at which nothing would change: %s', async (reason, words) => {
  world.desk.phone.open()
  await happens(() => world.has(lead()).live())
  await happens(() =>
    world.say('autocall:finished', {
      called: 0,
      held: 0,
      failed: 0,
      next_at: world.clock.at(3_600_000),
      at: world.clock.at(0),
      reason,
    }),
  )
  await show(
    <LeadsSocketProvider socket={world.desk.socket}>
      <RunBar totals={computeTotals(world.desk.store.all(), world.clock.now())} showReview={() => {}} />
    </LeadsSocketProvider>,
  )
  expect(document.querySelector('.run-detail')?.textContent).toMatch(words)
  expect(document.querySelector('.run-detail')?.textContent).not.toMatch(/Goes on at/)
})
