import { act, type ReactNode, useState } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { loadCallUi } from '../../src/ui/call/load'
import { PageKeys } from '../../src/ui/call/PageKeys'
import { AgentAppContext } from '../../src/ui/hooks'
import { LeadPanel } from '../../src/ui/LeadPanel'
import { PhoneBar } from '../../src/ui/PhoneBar'
import SettingsDialog from '../../src/ui/SettingsDialog'
import { Toasts } from '../../src/ui/Toasts'
import { lead } from '../leads/made'
import { pass, turns, World } from '../world'

let root: Root
let world: World
let opened: string[]
const aiko = lead({
  name: 'Aiko Larsson',
  phone: '+551190062034',
  phone_display: '+55 11 9006-2034',
  call_status: 'ringing',
  version: 2,
  attempt_id: 'a',
  calls: 2,
  zones: ['BR/America/Sao_Paulo'],
  note: 'asked for a call in the morning',
  external_id: 'CRM-100067',
  extra: { Title: 'IT Director', Company: 'Larsson Textiles', Mail: 'aiko@example.com', Site: 'https://example.com/a' },
})

beforeEach(() => {
  document.body.innerHTML = '<div id="here"></div>'
  localStorage.clear()
  root = createRoot(document.getElementById('here') as HTMLElement)
  world = new World()
  opened = []
  world.settings = { ...world.settings, installation: { audio: 'agent', wrap_up_s: 30, lines: 1, voicemail: true } }
  vi.useFakeTimers({
    toFake: ['Date', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'],
    now: world.clock.now(),
  })
})

afterEach(async () => {
  await act(() => root.unmount())
  world.desk.phone.close()
  world.desk.notes.close()
  world.desk.outcomes.close()
  world.desk.socket.close()
  vi.useRealTimers()
})

const show = (what: ReactNode) =>
  act(() =>
    root.render(
      <AgentAppContext value={world.desk}>
        <Toasts>{what}</Toasts>
      </AgentAppContext>,
    ),
  )
const happens = (what: () => unknown) =>
  act(async () => {
    await what()
    await turns()
  })
const card = () => document.querySelector('[data-testid="call-card"]')
const note = () => document.querySelector<HTMLTextAreaElement>('[data-note]')
const named = (name: string | RegExp) =>
  [...document.querySelectorAll('button')].find(({ textContent }) =>
    typeof name === 'string' ? textContent?.trim() === name : name.test(textContent ?? ''),
  )
const press = (name: string | RegExp) => happens(() => named(name)?.click())
const key = (key: string, about: KeyboardEventInit = {}, target: EventTarget = document.body) =>
  happens(() => target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...about })))
const digit = (name: string, target?: EventTarget) => key(name, { code: `Digit${name}` }, target)
const write = (element: HTMLInputElement | HTMLTextAreaElement | null, value: string) =>
  happens(() => {
    if (!element) throw new Error('there is no such field')
    Object.getOwnPropertyDescriptor(Object.getPrototypeOf(element), 'value')?.set?.call(element, value)
    element.dispatchEvent(new Event('input', { bubbles: true }))
  })
const bodies = (wish: string) => world.bodies.filter(([each]) => each === wish).map(([, body]) => body)
const path = (action: string) => `/api/leads/${aiko.lead_id}/${action}`
const sent = (event: string) => world.sockets.last.data.filter((_, index) => world.sockets.last.sent[index] === event)
const chosen = () => document.querySelector('[role=radio][aria-checked=true]')?.textContent

const call = (joined: string | null) => ({
  lead_id: aiko.lead_id,
  attempt_id: 'a',
  until: world.clock.at(600_000),
  joined,
})
/** The lead calls back: the id is that of their own call. */
const theirs = (joined: string | null) => ({ ...call(joined), attempt_id: 'theirs', inbound: true })
const wrapUp = (until: number | null = 30_000) =>
  world.lineIs({
    call: null,
    wrap_up: { lead_id: aiko.lead_id, attempt_id: 'a', until: until === null ? null : world.clock.at(until) },
  })

function Page() {
  const [keys, setKeys] = useState(false)
  return (
    <>
      <PhoneBar calls openSettings={() => {}} openLead={(id) => opened.push(id)} showKeys={() => setKeys(true)} />
      <PageKeys shown={keys} show={setKeys} />
    </>
  )
}

/** A page on the line, with one who is called and others. */
const onTheLine = async (...others: Parameters<World['has']>) => {
  world.desk.phone.open()
  await happens(() => world.has(aiko, ...others).live())
  await happens(() => world.lineIs({ phase: 'live' }))
  await show(<Page />)
  await happens(loadCallUi)
}

describe('the call card', () => {
  test('shows from the claim on who it is: number as read aloud, their time, all that was imported, how often called', async () => {
    await onTheLine()
    expect(card()).toBeNull()
    await happens(() => world.lineIs({ call: call(null) }))
    const text = card()?.textContent ?? ''
    for (const known of ['Aiko Larsson', 'IT Director, Larsson Textiles', '+55 11 9006-2034', 'Sao Paulo', 'call 2'])
      expect(text).toContain(known)
    expect(text).toContain('asked for a call in the morning')
    expect(text).toContain('CRM-100067')
    const links = [...(card()?.querySelectorAll('a') ?? [])].map((link) => link.getAttribute('href'))
    expect(links).toEqual(['tel:+551190062034', 'mailto:aiko@example.com', 'https://example.com/a'])
  })

  test('copies a value at a press', async () => {
    const copied: string[] = []
    Object.defineProperty(navigator, 'clipboard', {
      value: { writeText: async (text: string) => copied.push(text) },
      configurable: true,
    })
    await onTheLine()
    await happens(() => world.lineIs({ call: call(null) }))
    await happens(() => document.querySelector<HTMLElement>('[aria-label="Copy Mail"]')?.click())
    expect(copied).toEqual(['aiko@example.com'])
    expect(document.body.textContent).toContain('Mail copied.')
  })

  test('says once and politely that somebody is there, with their company and the note', async () => {
    await onTheLine()
    await happens(() => world.lineIs({ call: call(null) }))
    const announced = () => document.querySelector('[data-testid="announced"]')?.textContent
    expect(announced()).toBe('')
    await happens(() => world.lineIs({ call: call(world.clock.at(-1_000)) }))
    const said = 'Connected: Aiko Larsson, IT Director, Larsson Textiles. Note: asked for a call in the morning'
    expect(announced()).toBe(said)
    await act(() => vi.advanceTimersByTime(30_000))
    expect(announced()).toBe(said)
  })

  test('a tone says that somebody is there, once, in the tab that holds the line, and not after a reload', async () => {
    const tones: number[] = []
    const part = {
      connect: () => {},
      start: () => tones.push(1),
      stop: () => {},
      frequency: { value: 0 },
      onended: null,
    }
    const gain = { setValueAtTime: () => {}, exponentialRampToValueAtTime: () => {} }
    class FakeContext {
      currentTime = 0
      destination = {}
      createGain = () => ({ connect: () => {}, gain })
      createOscillator = () => ({ ...part })
      close = async () => {}
    }
    vi.stubGlobal('AudioContext', FakeContext)
    await onTheLine()
    await happens(() => world.lineIs({ call: call(null) }))
    expect(tones).toHaveLength(0)
    await happens(() => world.lineIs({ call: call(world.clock.at(-1_000)) }))
    expect(tones).toHaveLength(2)
    await happens(() => world.lineIs({ call: { ...call(world.clock.at(-1_000)), until: world.clock.at(700_000) } }))
    expect(tones).toHaveLength(2)
    await happens(() => world.lineIs({ call: { ...call(world.clock.at(-60_000)), attempt_id: 'old' } }))
    expect(tones).toHaveLength(2)
    vi.unstubAllGlobals()
  })

  test('H hangs up, M mutes, V drops the voicemail, P pauses', async () => {
    await onTheLine()
    await happens(() => world.lineIs({ call: call(world.clock.at(-1_000)) }))
    await key('m')
    expect(card()?.textContent).toMatch(/You are muted/)
    await key('v')
    expect(bodies(`POST ${path('voicemail')}`)).toEqual([{ attempt_id: 'a' }])
    await key('h')
    expect(bodies(`POST ${path('hang-up')}`)).toEqual([{ attempt_id: 'a' }])
    await key('p')
    expect(world.sockets.last.sent).toContain('autocall:pause')
  })

  test('a call can be hung up before its lead has been loaded', async () => {
    await onTheLine()
    world.failing.add('GET /api/leads/new')
    await happens(() => world.lineIs({ call: { ...call(null), lead_id: 'new' } }))
    await key('h')
    expect(world.count('POST /api/leads/new/hang-up')).toBe(1)
  })

  test('O puts on hold and goes on; every tab says so, by the server’s word', async () => {
    await onTheLine()
    const joined = world.clock.at(-60_000)
    await happens(() => world.lineIs({ call: call(null) }))
    await key('o')
    expect(world.count(`POST ${path('hold')}`)).toBe(0)
    await happens(() => world.lineIs({ call: call(joined) }))
    await key('o')
    await happens(() => world.lineIs({ call: { ...call(joined), held: world.clock.at(-5_000) } }))
    expect(card()?.textContent).toMatch(/On hold\s*0:05/)
    expect(named(/^Hold/)?.getAttribute('aria-pressed')).toBe('true')
    await press(/^Hold/)
    expect(bodies(`POST ${path('hold')}`)).toEqual([
      { attempt_id: 'a', held: true },
      { attempt_id: 'a', held: false },
    ])
    await happens(() => world.lineIs({ call: call(joined) }))
    expect(card()?.textContent).toMatch(/Connected\s*1:00/)
  })

  test('who calls back is said to, can be hung up on, and is no mailbox', async () => {
    await onTheLine({ ...aiko, call_status: 'no-answer', ended_at: world.clock.at(-600_000) })
    await happens(() => world.lineIs({ call: theirs(null) }))
    expect(card()?.textContent).toContain('Calls you back')
    await happens(() => world.lineIs({ call: theirs(world.clock.at(-1_000)) }))
    expect(card()?.textContent).toContain('Connected')
    expect(named(/Drop voicemail/)).toBeUndefined()
    await key('v')
    expect(world.count(`POST ${path('voicemail')}`)).toBe(0)
    await key('h')
    expect(bodies(`POST ${path('hang-up')}`)).toEqual([{ attempt_id: 'theirs' }])
  })

  test('there is no voicemail to drop where the installation has no message', async () => {
    world.settings = { ...world.settings, installation: { audio: 'agent', wrap_up_s: 30, lines: 1, voicemail: false } }
    await onTheLine()
    await happens(() => world.lineIs({ call: call(world.clock.at(-1_000)) }))
    expect(named(/^Drop voicemail/)).toBeUndefined()
    await key('v')
    expect(world.count(`POST ${path('voicemail')}`)).toBe(0)
  })

  test('the keypad opens at K and takes digits as tones; Escape closes it', async () => {
    await onTheLine()
    await happens(() => world.lineIs({ call: call(world.clock.at(-1_000)) }))
    await key('k')
    const pad = document.querySelector('[data-keys-taken]')
    expect(pad).not.toBeNull()
    await key('7', { code: 'Digit7' }, pad?.querySelector('button') ?? document.body)
    expect(world.sdk.last.pressed).toEqual(['7'])
    await key('h')
    expect(world.count(`POST ${path('hang-up')}`)).toBe(0)
    await key('Escape', {}, pad ?? document.body)
    expect(document.querySelector('[data-keys-taken]')).toBeNull()
  })

  test('no key is taken from who types; with Alt, letters work even then', async () => {
    await onTheLine()
    await happens(() => world.lineIs({ call: call(world.clock.at(-1_000)) }))
    for (const letter of ['h', 'm', 'v', 'p', '?']) await key(letter, {}, note() ?? document.body)
    expect(world.count(`POST ${path('hang-up')}`)).toBe(0)
    expect(card()?.textContent).not.toMatch(/You are muted/)
    expect(document.querySelector('dialog')).toBeNull()
    await key('˙', { code: 'KeyH', altKey: true }, note() ?? document.body)
    expect(world.count(`POST ${path('hang-up')}`)).toBe(1)
  })

  test('do not call stands at once, with the way back, and is the outcome then', async () => {
    await onTheLine()
    await happens(() => world.lineIs({ call: call(world.clock.at(-1_000)) }))
    await press('Do not call')
    expect(world.count(`PUT ${path('do-not-call')}`)).toBe(1)
    expect(named('Undo')).toBeDefined()
    await happens(() => wrapUp())
    expect(chosen()).toContain('Do not call')
  })

  test('another tab shows the same card, without what only the tab with the line can do', async () => {
    await onTheLine()
    await happens(() => world.desk.phone.hangUp())
    await happens(() => world.lineIs({ phase: 'live', call: call(world.clock.at(-1_000)) }))
    expect(card()?.textContent).toMatch(/Connected.*Aiko Larsson/)
    expect(named(/^Mute/)).toBeUndefined()
    expect(named(/^Hang up/)).toBeDefined()
  })

  test('says who has answered, as far as the phone provider can tell', async () => {
    await onTheLine()
    await happens(() => world.lineIs({ call: call(world.clock.at(-1_000)) }))
    expect(card()?.textContent).not.toMatch(/has answered/)
    await happens(() =>
      world.say('call:status_updated', {
        lead_id: aiko.lead_id,
        version: 3,
        call_status: 'in-progress',
        answered_by: 'machine_start',
      }),
    )
    expect(card()?.textContent).toMatch(/A mailbox has answered/)
  })

  test('between two calls, who is called next is shown in its place', async () => {
    const next = lead({ name: 'Lukas Thompson', zones: ['GB/Europe/London'], note: 'ask for Mary' })
    await onTheLine(next)
    expect(document.querySelector('.upcoming')?.textContent).toMatch(/Next.*Lukas Thompson.*London.*ask for Mary/)
  })

  test('an appointment that is due comes before all others, and one that is not is not next', async () => {
    const other = lead({ name: 'Another' })
    const due = lead({ name: 'Due', appointment_at: world.clock.at(-60_000) })
    const later = lead({ name: 'Later', appointment_at: world.clock.at(600_000) })
    await onTheLine(other, due, later)
    expect(document.querySelector('.up-next-line')?.textContent).toMatch(/Next.*Due.*Another/)
    expect(document.querySelector('.up-next-line')?.textContent).not.toMatch(/Later/)
  })

  test('who comes next and who came last stand below, and open at a press', async () => {
    const next = lead({ name: 'Lukas Thompson', zones: ['GB/Europe/London'] })
    const past = lead({
      name: 'Mateo',
      call_status: 'completed',
      ended_at: world.clock.at(-60_000),
      outcome: { code: 'meeting' },
    })
    await onTheLine(next, past)
    const strip = document.querySelector('.up-next')
    expect(strip?.textContent).toMatch(/Next.*Lukas Thompson.*London.*Last.*Mateo.*Meeting/)
    await press('Lukas Thompson')
    expect(opened).toEqual([next.lead_id])
  })
})

describe('the wrap-up', () => {
  test('a digit chooses the outcome, Enter saves it and lets the next call go', async () => {
    await onTheLine()
    await happens(() => wrapUp())
    await digit('2')
    expect(chosen()).toContain('Interested')
    await key('Enter')
    expect(bodies(`POST ${path('outcome')}`)).toEqual([{ attempt_id: 'a', code: 'interested', ready: true }])
    expect(document.body.textContent).toContain('Aiko Larsson: Interested.')
  })

  test('0 is the word of who is never to be called again', async () => {
    await onTheLine()
    await happens(() => wrapUp())
    await digit('0')
    await key('Enter')
    expect(bodies(`POST ${path('outcome')}`)).toEqual([{ attempt_id: 'a', code: 'do_not_call', ready: true }])
  })

  test('to call back, a time by their clock is chosen: tomorrow at nine unless another is', async () => {
    await onTheLine()
    await happens(() => wrapUp())
    await digit('3')
    expect(document.querySelector<HTMLInputElement>('[type=datetime-local]')?.value).toBe('2026-01-06T09:00')
    expect(card()?.textContent).toMatch(/Their time \(Sao Paulo\)/)
    await press('in 1 hour')
    await press(/^Save and go on/)
    expect(bodies(`POST ${path('outcome')}`)).toEqual([
      { attempt_id: 'a', code: 'call_back', call_back_at: '2026-01-05T10:00:00.000Z', ready: true },
    ])
  })

  test('a time that is typed is meant by their clock', async () => {
    await onTheLine()
    await happens(() => wrapUp())
    await digit('3')
    await write(document.querySelector<HTMLInputElement>('[type=datetime-local]'), '2026-01-07T14:30')
    await key('Enter')
    expect(bodies(`POST ${path('outcome')}`)).toMatchObject([{ call_back_at: '2026-01-07T17:30:00.000Z' }])
  })

  test('nothing is saved without an outcome, but one can go on without', async () => {
    await onTheLine()
    await happens(() => wrapUp())
    await key('Enter')
    expect(document.body.textContent).toContain('Please choose an outcome first.')
    expect(bodies(`POST ${path('outcome')}`)).toEqual([])
    await press('Go on without an outcome')
    expect(sent('agent:ready')).toEqual([{ attempt_id: 'a' }])
  })

  test('save and pause pauses first, for saving lets the next call go', async () => {
    await onTheLine()
    await happens(() => wrapUp())
    await digit('1')
    let pausedFirst = false
    world.desk.setPaused = async () => {
      pausedFirst = world.count(`POST ${path('outcome')}`) === 0
      return null
    }
    await press('Save and pause')
    expect(pausedFirst).toBe(true)
    expect(world.count(`POST ${path('outcome')}`)).toBe(1)
  })

  test('if the pause fails, nothing is saved: else a call would start that nobody wants', async () => {
    await onTheLine()
    await happens(() => wrapUp())
    await digit('1')
    world.desk.setPaused = async () => {
      throw new Error('no')
    }
    await press('Save and pause')
    expect(world.count(`POST ${path('outcome')}`)).toBe(0)
    expect(document.querySelector('[role=alert]')?.textContent).toContain('NOT paused')
  })

  test('the clock is said to wait while one types, and the server hears so', async () => {
    await onTheLine()
    await happens(() => wrapUp())
    expect(card()?.textContent).toContain('next call in 30 s')
    await write(note(), 'wants offer')
    await act(() => vi.advanceTimersByTime(1_000))
    expect(card()?.textContent).toContain('the clock waits while you type')
    expect(sent('agent:typing')).toEqual([{ attempt_id: 'a' }])
    await key('w')
    expect(sent('agent:typing')).toHaveLength(2)
  })

  test('a note that is typed is saved by itself, before the outcome at the latest', async () => {
    await onTheLine()
    await happens(() => wrapUp())
    await write(note(), 'wants offer for 40 seats')
    await digit('1')
    await key('Enter')
    const order = world.bodies.map(([wish]) => wish).filter((wish) => /note|outcome/.test(wish))
    expect(order).toEqual([`PUT ${path('note')}`, `POST ${path('outcome')}`])
    expect(world.leads.get(aiko.lead_id)?.agent_note?.text).toBe('wants offer for 40 seats')
  })

  test('a note that is saved makes the page read no history again', async () => {
    world.has({ ...aiko, agent_note_version: null })
    await onTheLine()
    await happens(() => wrapUp())
    const read = world.count(`GET /api/leads/${aiko.lead_id}`)
    await write(note(), 'wants an offer')
    await happens(() => pass(world, 1_000))
    const told = { lead_id: aiko.lead_id, call_status: 'completed', version: 3, agent_note_version: 1 }
    await happens(() => world.say('call:status_updated', told))
    await happens(() => pass(world, 1_000))
    expect(world.count(`GET /api/leads/${aiko.lead_id}`)).toBe(read)
    await happens(() => world.say('call:status_updated', { ...told, version: 4 }))
    expect(world.count(`GET /api/leads/${aiko.lead_id}`)).toBe(read + 1)
  })

  test('note and outcome of a wrap-up without a connection are kept, said to be, and sent when it is back', async () => {
    await onTheLine()
    await happens(() => wrapUp(null))
    world.failing.add(`PUT ${path('note')}`).add(`POST ${path('outcome')}`)
    await write(note(), 'typed offline')
    await digit('1')
    await key('Enter')
    expect(card()?.textContent).toMatch(/Kept in this browser/)
    world.failing.clear()
    await happens(() => pass(world, 20_000))
    expect(world.leads.get(aiko.lead_id)?.agent_note?.text).toBe('typed offline')
    expect(bodies(`POST ${path('outcome')}`).at(-1)).toEqual({ attempt_id: 'a', code: 'meeting', ready: true })
  })

  test('a mailbox presets its outcome, which Enter takes', async () => {
    world.leads.set(aiko.lead_id, { ...aiko, answered_by: 'machine_end_beep' })
    world.desk.phone.open()
    await happens(() => world.live())
    await happens(() => wrapUp())
    await show(<Page />)
    await happens(loadCallUi)
    expect(chosen()).toContain('Voicemail')
    await key('Enter')
    expect(bodies(`POST ${path('outcome')}`)).toEqual([{ attempt_id: 'a', code: 'voicemail', ready: true }])
  })

  test('who has called back is written up as that call; nothing is preset by an earlier one', async () => {
    world.leads.set(aiko.lead_id, { ...aiko, call_status: 'completed', answered_by: 'machine_end_beep' })
    world.desk.phone.open()
    await happens(() => world.live())
    await happens(() => world.lineIs({ wrap_up: { ...theirs(null), until: null } }))
    await show(<Page />)
    await happens(loadCallUi)
    expect(chosen()).toBeUndefined()
    await digit('1')
    await key('Enter')
    expect(bodies(`POST ${path('outcome')}`)).toEqual([{ attempt_id: 'theirs', code: 'meeting', ready: true }])
  })

  test('Escape leaves the note, so that a digit chooses again; Control and Enter save from within it', async () => {
    await onTheLine()
    await happens(() => wrapUp())
    note()?.focus()
    await digit('4', note() ?? undefined)
    expect(chosen()).toBeUndefined()
    await key('Escape', {}, note() ?? undefined)
    expect(document.activeElement).toBe(card())
    await digit('4', card() ?? undefined)
    expect(chosen()).toContain('Not interested')
    note()?.focus()
    await key('Enter', { ctrlKey: true }, document.querySelector('.wrap-up') ?? undefined)
    expect(world.count(`POST ${path('outcome')}`)).toBe(1)
  })
})

describe('the keys', () => {
  test('? shows them; who does not want single keys turns them off, and Alt still works', async () => {
    await onTheLine()
    await key('?', { shiftKey: true })
    expect(document.querySelector('dialog')?.textContent).toMatch(/hang up.*mute.*choose an outcome/)
    await happens(() => document.querySelector<HTMLInputElement>('dialog [type=checkbox]')?.click())
    await happens(() => document.querySelector<HTMLElement>('dialog [aria-label="Close"]')?.click())
    await happens(() => world.lineIs({ call: call(world.clock.at(-1_000)) }))
    await key('h')
    expect(world.count(`POST ${path('hang-up')}`)).toBe(0)
    await key('h', { code: 'KeyH', altKey: true })
    expect(world.count(`POST ${path('hang-up')}`)).toBe(1)
  })
})

describe('after the call, a lead’s panel', () => {
  const past = lead({
    name: 'Mateo',
    call_status: 'completed',
    attempt_id: 'old',
    conversation_id: 'old',
    version: 4,
    joined_at: '2026-01-05T08:50:00.000Z',
    ended_at: '2026-01-05T08:55:00.000Z',
    outcome: { code: 'interested', at: '2026-01-05T08:55:10.000Z', by: 'ada' },
    zones: ['US-NY/America/New_York'],
  })
  const open = async (about: Partial<typeof past> = {}) => {
    await happens(() => world.has({ ...past, ...about }).live())
    await show(<LeadPanel id={past.lead_id} close={() => {}} />)
    await happens(loadCallUi)
  }

  test('shows its outcome, which can be changed', async () => {
    await open()
    expect(document.body.textContent).toMatch(/Outcome.*Interested/)
    await press('Change the outcome')
    await happens(() =>
      [...document.querySelectorAll<HTMLElement>('[role=radio]')]
        .find(({ textContent }) => textContent === 'Meeting')
        ?.click(),
    )
    expect(bodies(`POST /api/leads/${past.lead_id}/outcome`)).toEqual([{ attempt_id: 'old', code: 'meeting' }])
  })

  test('takes the outcome of a conversation in which they called back', async () => {
    await open({ joined_at: null, outcome: null, rang_back_at: past.ended_at, conversation_id: 'theirs' })
    await press('Say how it went')
    await happens(() =>
      [...document.querySelectorAll<HTMLElement>('[role=radio]')]
        .find(({ textContent }) => textContent === 'Meeting')
        ?.click(),
    )
    expect(bodies(`POST /api/leads/${past.lead_id}/outcome`)).toEqual([{ attempt_id: 'theirs', code: 'meeting' }])
  })

  test('asks for no outcome of who only rang back, and met nobody', async () => {
    await open({ joined_at: null, outcome: null, rang_back_at: past.ended_at, conversation_id: null })
    expect(named('Say how it went')).toBeUndefined()
  })

  test('has one outcome and one offer of another call, however often the lead changes', async () => {
    const warned = vi.spyOn(console, 'error')
    await open()
    for (const version of [5, 6]) await happens(() => world.has({ ...past, version, name: `Mateo ${version}` }).live())
    const headings = [...document.querySelectorAll('h3')].filter(({ textContent }) => textContent === 'Outcome')
    expect(headings.length).toBe(1)
    expect(warned).not.toHaveBeenCalled()
  })

  test('offers another call by a person’s word, now and with a reason', async () => {
    await open()
    await press('Call again')
    await write(document.querySelector<HTMLInputElement>('.call-again input'), 'asked me to')
    await press('Call now')
    expect(bodies(`POST /api/leads/${past.lead_id}/again`)).toEqual([{ attempt_id: 'old', why: 'asked me to' }])
  })

  test('says at once why and until when a call that is wanted is not made', async () => {
    await open()
    world.mayCall = { may: false, reason: 'too often', until: '2026-01-08T09:00:00.000Z', rules: [] }
    await press('Call again')
    await press('Call now')
    expect(document.body.textContent).toMatch(/Mateo is not called before .+: this number was called as often as/)
  })

  test('offers another call at a time by their clock', async () => {
    await open()
    await press('Call again')
    await press('At a time …')
    await press('Call then')
    expect(bodies(`POST /api/leads/${past.lead_id}/again`)).toEqual([
      { attempt_id: 'old', at: '2026-01-06T14:00:00.000Z' },
    ])
  })

  test('offers no other call to who is not to be called, nor an outcome where nobody talked', async () => {
    await open({ do_not_call: true, joined_at: null, conversation_id: null, outcome: null })
    expect(named('Call again')).toBeUndefined()
    expect(named('Say how it went')).toBeUndefined()
  })

  test('has the agent’s note, which is saved as it is typed', async () => {
    await open()
    await write(note(), 'rings on Monday')
    await happens(() => pass(world, 1_000))
    expect(world.leads.get(past.lead_id)?.agent_note?.text).toBe('rings on Monday')
  })
})

describe('the list of outcomes', () => {
  test('is edited by administrators; a new one gets a code of its own, others keep theirs', async () => {
    world.settings = { ...world.settings, admin: true }
    await happens(() => world.live())
    await show(<SettingsDialog close={() => {}} />)
    await happens(() => {})
    await press('Add an outcome')
    await write(document.querySelector<HTMLInputElement>('[aria-label="Outcome 8"]'), 'Déjà client!')
    await write(document.querySelector<HTMLInputElement>('[aria-label="Outcome 1"]'), 'Appointment')
    await press('Save the outcomes')
    const [saved] = bodies('PUT /api/installation') as {
      outcomes: { code: string; label: string }[]
      version: number
    }[]
    expect(saved?.outcomes.at(0)).toMatchObject({ code: 'meeting', label: 'Appointment' })
    expect(saved?.outcomes.at(-1)).toMatchObject({ code: 'deja_client', label: 'Déjà client!' })
    expect(saved?.version).toBe(0)
    expect(world.desk.current.installation?.version).toBe(1)
  })

  test('is not offered to other agents', async () => {
    await happens(() => world.live())
    await show(<SettingsDialog close={() => {}} />)
    await happens(() => {})
    expect(named('Save the outcomes')).toBeUndefined()
  })
})

describe('how many met no agent', () => {
  const open = async (about: { admin: boolean }) => {
    world.settings = { ...world.settings, ...about }
    await happens(() => world.live())
    await show(<SettingsDialog close={() => {}} />)
    await happens(() => {})
  }
  const said = () => document.querySelector('.abandoned-calls [role=status]')?.textContent

  test('is counted by administrators, part by part', async () => {
    await open({ admin: true })
    world.answered = [
      { joined: 1000, abandoned: 2 },
      { joined: 0, abandoned: 0 },
      { joined: 490, abandoned: 8 },
    ]
    await press('Count the last 30 days')
    await happens(() => {})
    expect(said()).toBe('In the last 30 days 10 of 1,500 who answered met no agent: 0.67 %.')
  })

  test('is said to be unknown when the server fails, and can be asked again', async () => {
    await open({ admin: true })
    world.answered = [{ joined: 0, abandoned: 0 }]
    world.failing.add('GET /api/abandoned')
    await press('Count the last 30 days')
    await happens(() => {})
    expect(said()).not.toContain('In the last')
    world.failing.clear()
    await press('Count the last 30 days')
    await happens(() => {})
    expect(said()).toBe('Nobody has answered in the last 30 days.')
  })

  test('is not offered to other agents', async () => {
    await open({ admin: false })
    expect(said()).toBeUndefined()
  })
})
