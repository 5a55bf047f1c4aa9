import { act, useState } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { setSingleKeys } from '../../src/call/keys'
import type { Lead } from '../../src/leads/lead'
import { CallBacks } from '../../src/ui/call/CallBacks'
import { PageKeys } from '../../src/ui/call/PageKeys'
import { AgentAppContext } from '../../src/ui/hooks'
import { Toasts } from '../../src/ui/Toasts'
import { lead } from '../leads/made'
import { turns, World } from '../world'

let root: Root
let world: World
let opened: string[]

beforeEach(() => {
  document.body.innerHTML = '<div id="here"></div><main id="leads" tabindex="-1"></main>'
  localStorage.clear()
  root = createRoot(document.getElementById('here') as HTMLElement)
  world = new World()
  opened = []
  vi.useFakeTimers({
    toFake: ['Date', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'],
    now: world.clock.now(),
  })
})

afterEach(async () => {
  await act(() => root.unmount())
  world.desk.socket.close()
  vi.useRealTimers()
})

const happens = (what: () => unknown) =>
  act(async () => {
    await what()
    await turns()
    await vi.advanceTimersByTimeAsync(1_000) // the list settles
  })
const ago = (minutes: number) => world.clock.at(-minutes * 60_000)
const missedLead = (name: string, minutes: number, about: Partial<Lead> = {}) =>
  lead({
    name,
    call_status: 'no-answer',
    attempt_id: 'a',
    zones: ['BR/America/Sao_Paulo'],
    rang_back_at: ago(minutes),
    ...about,
  })
const part = () => document.querySelector<HTMLElement>('[data-testid="call-backs"]')
const rows = () => [...document.querySelectorAll<HTMLElement>('[data-missed]')]
const names = () => rows().map((row) => row.querySelector('[data-missed-first]')?.textContent)
const focused = () => document.activeElement?.closest<HTMLElement>('[data-missed]')?.dataset.missed
const key = (key: string, about: KeyboardEventInit = {}) =>
  happens(() =>
    (document.activeElement ?? document.body).dispatchEvent(
      new KeyboardEvent('keydown', { key, code: `Key${key.toUpperCase()}`, bubbles: true, cancelable: true, ...about }),
    ),
  )
const bodies = (wish: string) => world.bodies.filter(([each]) => each === wish).map(([, body]) => body)
const path = ({ lead_id }: Lead, action: string) => `/api/leads/${lead_id}/${action}`
const announced = () => document.querySelector('[data-testid="rang-back"]')?.textContent
const says = (row: Lead, about: object) => {
  world.has({ ...(world.leads.get(row.lead_id) ?? row), ...about, version: 9 })
  return happens(() => world.say('call:status_updated', { ...row, ...about, version: 9 }))
}

function Page() {
  const [keys, setKeys] = useState(false)
  return (
    <>
      <CallBacks open={(id) => opened.push(id)} />
      <PageKeys shown={keys} show={setKeys} />
    </>
  )
}

const shown = async (...leads: Lead[]) => {
  await happens(() => world.has(...leads).live())
  await happens(() =>
    root.render(
      <AgentAppContext value={world.desk}>
        <Toasts>
          <Page />
        </Toasts>
      </AgentAppContext>,
    ),
  )
}

describe('those who rang back and were not reached', () => {
  test('are in sight, with name, number, when by their clock, and what they asked', async () => {
    const aiko = missedLead('Aiko', 30, {
      ring_back_asked_at: ago(29),
      phone: '+551190062034',
      phone_display: '+55 11 9006-2034',
    })
    await shown(missedLead('Lukas', 60), aiko, lead())
    expect(names()).toEqual(['Aiko', 'Lukas'])
    const [first, second] = rows().map(({ textContent }) => textContent)
    for (const known of ['+55 11 9006-2034', /Mon 5:31.* in Sao Paulo/, /for you/, 'asks to be called back'])
      expect(first).toMatch(known)
    expect(second).toContain('nobody was free')
    expect(part()?.textContent).toContain('2 people were not reached')
  })

  test('there is nothing to see where nobody was missed', async () => {
    await shown(lead(), missedLead('Met', 5, { ring_back_heard_at: ago(4) }))
    expect(part()).toBeNull()
  })

  test('their name opens the lead', async () => {
    const aiko = missedLead('Aiko', 5)
    await shown(aiko)
    await happens(() => rows()[0]?.querySelector<HTMLElement>('[data-missed-first]')?.click())
    expect(opened).toEqual([aiko.lead_id])
  })

  test('one who calls while the page is open comes by the event of it, and is announced once', async () => {
    const [old, fresh] = [missedLead('Old', 5), lead({ name: 'Fresh', call_status: 'no-answer', attempt_id: 'a' })]
    await shown(old, fresh)
    expect(announced()).toBe('')
    await says(fresh, { rang_back_at: world.clock.at(-10_000) })
    expect(names()).toEqual(['Fresh', 'Old'])
    expect(announced()).toBe('Fresh has rung back, and nobody was free.')
  })

  test('one who is put through at once is neither shown nor announced', async () => {
    const fresh = lead({ name: 'Fresh', call_status: 'no-answer', attempt_id: 'a' })
    await shown(fresh)
    await says(fresh, { rang_back_at: world.clock.at(0) })
    await happens(() =>
      world.lineIs({ call: { lead_id: fresh.lead_id, attempt_id: 'CA', until: world.clock.at(600_000) } }),
    )
    await act(() => vi.advanceTimersByTimeAsync(10_000))
    expect([part(), announced()]).toEqual([null, ''])
  })

  test('one whom nobody has met after a moment is shown without a further event', async () => {
    const fresh = lead({ name: 'Fresh', call_status: 'no-answer', attempt_id: 'a' })
    await shown(fresh)
    await says(fresh, { rang_back_at: world.clock.at(-2_000) })
    expect(part()).toBeNull()
    world.clock.set(world.clock.now() + 2_000)
    await act(() => vi.advanceTimersByTimeAsync(2_000))
    expect(names()).toEqual(['Fresh'])
  })
})

describe('one key answers', () => {
  test('B goes there from anywhere, and the arrows move', async () => {
    const [aiko, lukas] = [missedLead('Aiko', 5), missedLead('Lukas', 10)]
    await shown(aiko, lukas)
    await key('b')
    expect(focused()).toBe(aiko.lead_id)
    await key('ArrowDown')
    expect(focused()).toBe(lukas.lead_id)
    await key('ArrowDown')
    expect(focused()).toBe(lukas.lead_id)
    await key('ArrowUp')
    expect(focused()).toBe(aiko.lead_id)
  })

  test('Tab stops at one of them, and at its answers', async () => {
    await shown(missedLead('Aiko', 5), missedLead('Lukas', 10))
    await key('b')
    const stops = [...(part()?.querySelectorAll<HTMLElement>('a, button') ?? [])].filter(
      ({ tabIndex }) => tabIndex === 0,
    )
    expect(new Set(stops.map((stop) => stop.closest('[data-missed]')))).toEqual(new Set([rows()[0]]))
    expect(stops).toHaveLength(6)
  })

  test('C calls now', async () => {
    const aiko = missedLead('Aiko', 5)
    await shown(aiko)
    await key('b')
    await key('c')
    expect(bodies(`POST ${path(aiko, 'again')}`)).toEqual([{ attempt_id: 'a' }])
    expect(document.body.textContent).toContain('Aiko is called again as soon as you are free.')
  })

  test('L and Enter call tomorrow at nine by their clock; Escape takes that back', async () => {
    const aiko = missedLead('Aiko', 5)
    await shown(aiko)
    await key('b')
    await key('l')
    expect(document.activeElement?.textContent).toBe('Call then')
    await key('Escape')
    expect(document.querySelector('[type=datetime-local]')).toBeNull()
    expect(focused()).toBe(aiko.lead_id)
    await key('l')
    await happens(() => (document.activeElement as HTMLElement).click())
    expect(bodies(`POST ${path(aiko, 'again')}`)).toEqual([{ attempt_id: 'a', at: '2026-01-06T12:00:00.000Z' }])
  })

  test('X forbids further calls, with the way back', async () => {
    const aiko = missedLead('Aiko', 5)
    await shown(aiko)
    await key('b')
    await key('x')
    expect(world.count(`PUT ${path(aiko, 'do-not-call')}`)).toBe(1)
    expect(document.body.textContent).toContain('Undo')
  })

  test('D says that it is dealt with, by the moment that was seen, with the way back', async () => {
    const aiko = missedLead('Aiko', 5, { ring_back_asked_at: ago(4) })
    await shown(aiko)
    await key('b')
    await key('d')
    expect(bodies(`PUT ${path(aiko, 'ring-back')}`)).toEqual([{ seen: ago(4), done: true }])
    const undo = [...document.querySelectorAll('button')].find(({ textContent }) => textContent === 'Undo')
    await happens(() => undo?.click())
    expect(bodies(`PUT ${path(aiko, 'ring-back')}`)[1]).toEqual({ seen: ago(4), done: false })
  })

  test('after an answer the next one has the focus, and after the last the list of leads', async () => {
    const [aiko, lukas] = [missedLead('Aiko', 5), missedLead('Lukas', 10)]
    await shown(aiko, lukas)
    await key('b')
    await says(aiko, { ring_back_done_at: ago(5) })
    expect(focused()).toBe(lukas.lead_id)
    await says(lukas, { ring_back_done_at: ago(10) })
    expect(part()).toBeNull()
    expect(document.activeElement?.id).toBe('leads')
  })

  test('without the focus there, and while somebody types, a letter answers nobody', async () => {
    const aiko = missedLead('Aiko', 5)
    await shown(aiko)
    await key('d')
    await key('b')
    await key('l')
    document.querySelector<HTMLElement>('[type=datetime-local]')?.focus()
    await key('d')
    expect(bodies(`PUT ${path(aiko, 'ring-back')}`)).toEqual([])
  })

  test('where single keys are off, letters answer with Alt', async () => {
    setSingleKeys(false)
    const aiko = missedLead('Aiko', 5)
    await shown(aiko)
    await key('b', { altKey: true })
    await key('d')
    expect(bodies(`PUT ${path(aiko, 'ring-back')}`)).toEqual([])
    await key('d', { altKey: true })
    expect(bodies(`PUT ${path(aiko, 'ring-back')}`)).toHaveLength(1)
  })

  test('what the server refuses is said, and the call stays in sight', async () => {
    const aiko = missedLead('Aiko', 5)
    await shown(aiko)
    world.failing.add(`POST ${path(aiko, 'again')}`)
    await key('b')
    await key('c')
    expect(document.querySelector('[role=alert]')?.textContent).not.toBe('')
    expect(names()).toEqual(['Aiko'])
  })

  test('an answer on its way is not sent twice', async () => {
    const aiko = missedLead('Aiko', 5)
    await shown(aiko)
    let go = () => {}
    world.hold = new Promise((resolve) => (go = resolve))
    await key('b')
    await key('d')
    await key('d')
    await happens(go)
    expect(bodies(`PUT ${path(aiko, 'ring-back')}`)).toHaveLength(1)
  })

  test('? shows the keys', async () => {
    await shown(missedLead('Aiko', 5))
    await key('?', { code: 'Slash' })
    const text = document.querySelector('dialog')?.textContent ?? ''
    for (const does of [
      'Among those who rang back',
      'call them now',
      'never call them again',
      'nothing more is to be done',
    ])
      expect(text).toContain(does)
  })
})
