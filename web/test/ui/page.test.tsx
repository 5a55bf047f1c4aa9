import { act, type ReactNode } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Cognito } from '../../src/auth/cognito'
import { when } from '../../src/format'
import { entriesOf, type HistoryEntry, type Lead } from '../../src/leads/lead'
import { computeTotals, DEFAULT_SORT, type Sort, type TableQuery } from '../../src/leads/view'
import { LeadsSocketProvider } from '../../src/socket'
import { loadCallUi } from '../../src/ui/call/load'
import { AgentAppContext, useAgentAppState, useTotals, useVisibleIds } from '../../src/ui/hooks'
import { LeadPanel } from '../../src/ui/LeadPanel'
import { LeadsPage } from '../../src/ui/LeadsPage'
import { LeadsTable } from '../../src/ui/LeadsTable'
import { Dialog, Question } from '../../src/ui/Dialog'
import { LoginPage } from '../../src/ui/LoginPage'
import { RunBar } from '../../src/ui/RunBar'
import SettingsDialog from '../../src/ui/SettingsDialog'
import { Status } from '../../src/ui/Status'
import { followTheme } from '../../src/ui/theme'
import { Toasts, useToast } from '../../src/ui/Toasts'
import { TopBar } from '../../src/ui/TopBar'
import { fakeFetch, jwt } from '../fakes'
import { lead } from '../leads/made'
import { CONFIG, pass, turns, World } from '../world'

let root: Root
let world: World

beforeEach(() => {
  document.body.innerHTML = '<div id="here"></div>'
  root = createRoot(document.getElementById('here') as HTMLElement)
  world = new World()
  vi.useFakeTimers({
    toFake: ['Date', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'],
    now: world.clock.now(),
  }) // a toast stays
})

afterEach(async () => {
  await act(() => root.unmount())
  world.desk.socket.close()
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const show = (what: ReactNode) => act(() => root.render(<AgentAppContext value={world.desk}><Toasts>{what}</Toasts></AgentAppContext>)) // oxfmt-ignore
const text = () => document.body.textContent
const happens = (what: () => unknown) => act(async () => { await what(); await turns() }) // oxfmt-ignore
const button = (name: string) =>
  [...document.querySelectorAll('button')].find(({ textContent }) => textContent?.trim() === name)
const press = (name: string) => happens(() => button(name)?.click())
const field = (label: string) =>
  (document.querySelector(`#${label}`) ??
    [...document.querySelectorAll('label')]
      .find(({ textContent }) => textContent === label)
      ?.querySelector('input')) as HTMLInputElement
const type = (label: string, value: string) =>
  happens(() => {
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set?.call(field(label), value)
    field(label).dispatchEvent(new Event('input', { bubbles: true }))
  })

const bar = () =>
  show(
    <LeadsSocketProvider socket={world.desk.socket}>
      <RunBar totals={computeTotals(world.desk.store.all(), world.clock.now())} showReview={() => {}} />
    </LeadsSocketProvider>,
  )

describe('the run bar', () => {
  const rests = {
    paused: false,
    version: 1,
    installation: { rest: { until: '2026-01-05T09:15:00.000Z', reason: 'account refused (20003)' } },
  }

  test('while the installation rests, an administrator has both: resume now, and pause', async () => {
    world.settings = { ...rests, admin: true }
    await happens(() => world.has(lead()).live())
    await bar()
    expect(text()).toMatch(/The phone provider refuses this account/)
    expect([button('Pause'), button('Resume now')]).not.toContain(undefined)
  })

  test.each([
    [
      'account refused (29999)',
      /^The phone provider refuses this account’s calls.*\(29999\).*balance.*One call is tried again at/,
    ],
    ['unknown', /^Calling has stopped.*no clear outcome.*One call is tried again at/],
    [
      'stopped by an operator',
      /^Calling has stopped.*An administrator .*has stopped all calls.*One call is tried again at/,
    ],
    ['resumed by an operator', /^Calling starts again.*One is being tried first/],
    ['account', /^Calling has stopped.*stopped for a while/],
  ])(
    'why the installation rests is said without blaming the phone provider for what it has not done: %s',
    async (reason, words) => {
      world.settings = { ...rests, installation: { rest: { ...rests.installation.rest, reason } } }
      await happens(() => world.has(lead()).live())
      await bar()
      expect(document.querySelector('.run-text')?.textContent).toMatch(words)
    },
  )

  test('who may not end the installation’s rest is not offered to, and told who may', async () => {
    world.settings = { ...rests, admin: false }
    await happens(() => world.has(lead()).live())
    await bar()
    expect(button('Resume now')).toBeUndefined()
    expect(button('Pause')).toBeDefined()
    expect(text()).toMatch(/Only an administrator can end this sooner/)
  })

  test('should it stay although it was to end, that is said', async () => {
    world.settings = { ...rests, admin: true }
    await happens(() => world.has(lead()).live())
    await bar()
    await press('Resume now')
    expect(world.count('POST /api/autocall/resume')).toBe(1)
    expect(document.querySelector('[role=alert]')?.textContent).toMatch(/stopped until .*administrator/)
  })

  test('a pause speaks of calls that go on only as long as they do', async () => {
    const call = lead({ call_status: 'ringing', version: 2 })
    await happens(() => world.has(call, lead()).live())
    await happens(() => world.say('autocall:paused', { version: 2, in_flight: [call.lead_id] }))
    await bar()
    expect(text()).toMatch(/The call that was already placed goes on/)
    await happens(() => world.say('call:completed', { lead_id: call.lead_id, version: 3, call_status: 'completed' }))
    await bar()
    expect(text()).toMatch(/Paused/)
    expect(text()).not.toMatch(/already placed/)
  })

  test('a pause of one’s own that ends by itself says when', async () => {
    world.settings = { paused: false, version: 3, resume_at: '2026-01-05T09:30:00.000Z', installation: { rest: null } }
    await happens(() => world.has(lead()).live())
    await bar()
    expect(text()).toMatch(/Paused.*No new call starts until .*unless you resume before/)
    expect(text()).not.toMatch(/phone provider/)
  })
})

describe('a clock of this machine that is wrong by two hours', () => {
  const HOUR = 3_600_000
  const noon = new Date(2026, 0, 5, 12).getTime()
  /** A moment so many minutes after noon, which it is at the server. */
  const at = (minutes: number) => new Date(noon + minutes * 60_000).toISOString()
  const ended = (count: number) =>
    Array.from({ length: count }, (_, index) => lead({ call_status: 'completed', ended_at: at(-index / 2) }))
  const waits = () => [lead(), lead(), lead()]
  const rest = (reason: string) => ({ installation: { ring_timeout_s: 25, rest: { until: at(15), reason } } })
  const ran = (reason: string | null, next: number, said = -1): [string, unknown] => [
    'autocall:finished',
    { called: 0, held: 0, failed: 0, next_at: at(next), at: at(said), reason },
  ]
  type State = {
    leads?: ReturnType<typeof lead>[]
    settings?: Record<string, unknown>
    fails?: string
    frames?: [string, unknown][]
    says: RegExp
  }
  const STATES: Record<string, State> = {
    empty: { says: /No leads yet/ },
    paused: { leads: waits(), settings: { paused: true }, says: /No new call starts until you resume/ },
    'paused for a while': { leads: waits(), settings: { resume_at: at(30) }, says: /No new call starts until 12:30/ },
    'a pause that is over': { leads: waits(), settings: { resume_at: at(-1) }, says: /3 leads waiting/ },
    'account refused': {
      leads: waits(),
      settings: rest('account refused (20003)'),
      says: /The phone provider refuses this account.*tried again at 12:15/,
    },
    'account refused, as a run said': {
      leads: waits(),
      fails: 'GET /api/settings',
      frames: [ran('account refused (20003)', 5, 0)],
      says: /The phone provider refuses.*12:05/,
    },
    'stopped by an operator': {
      leads: waits(),
      settings: rest('stopped by an operator'),
      says: /An administrator.*has stopped all calls/,
    },
    calling: { leads: [lead({ call_status: 'ringing' }), ...waits()], says: /Calling 1 of 4/ },
    'calling at a known pace': {
      leads: [lead({ call_status: 'ringing' }), ...ended(20), ...waits()],
      says: /Calling 21 of 24.*done b/,
    },
    'waiting for a slower pace': {
      leads: waits(),
      frames: [ran('rate', 2)],
      says: /Goes on at 12:02.*calls per second/,
    },
    'between two calls': {
      leads: [lead({ call_status: 'completed', ended_at: at(0) }), ...waits()],
      frames: [ran(null, 9)],
      says: /starts in a moment/,
    },
    checking: { leads: [lead({ call_status: 'unknown' })], frames: [ran(null, 9)], says: /Checking 1 call.*12:09/ },
    'outside calling hours': {
      leads: [lead({ held: { reason: 'hours', until: at(60) } })],
      says: /Outside calling hours.*until 1:00/,
    },
    finished: { leads: ended(3), says: /3 calls ended today/ },
  }
  const Bar = () => <RunBar totals={useTotals()} showReview={() => {}} />

  test.each(Object.entries(STATES))(
    'changes nothing that the run bar says: %s',
    async (_, { leads = [], settings = {}, fails, frames = [], says }) => {
      const told: (string | null | undefined)[] = []
      for (const wrong of [0, 2 * HOUR, -2 * HOUR]) {
        await show(null)
        world.desk.socket.close()
        world = new World()
        world.clock.set(noon + wrong)
        world.settings = { ...world.settings, ...settings, at: at(0) }
        if (fails) world.failing.add(fails)
        await happens(() => world.has(...leads).live())
        for (const [event, data] of frames) await happens(() => world.say(event, data))
        await show(<LeadsSocketProvider socket={world.desk.socket}><Bar key={wrong} /></LeadsSocketProvider>) // oxfmt-ignore
        await happens(() => vi.advanceTimersByTimeAsync(1_000))
        told.push(document.querySelector('.run-text')?.textContent)
      }
      expect(told[0]).toMatch(says)
      expect(told).toEqual([told[0], told[0], told[0]])
    },
  )

  test.each([2, -2])('%i hours: a pause for half an hour lasts half an hour of the server’s', async (hours) => {
    world.clock.set(noon + hours * HOUR)
    world.settings = { ...world.settings, at: at(0) }
    await happens(() => world.has(lead()).live())
    await bar()
    await press('Pause for 30 minutes')
    expect(world.saved).toEqual([{ resume_at: at(30) }])
  })
})

describe('the brake', () => {
  test('is there before the first lead', async () => {
    await happens(() => world.live())
    await bar()
    expect(text()).toMatch(/No leads yet/)
    await press('Pause')
    expect(world.sockets.last.sent).toContain('autocall:pause')
  })

  test('is there while the list cannot be loaded, and what it did is shown', async () => {
    world.failing.add('GET ')
    await bar()
    await happens(() => world.sockets.last.accept())
    expect(text()).toMatch(/could not be loaded/)
    await press('Pause')
    expect(world.count('POST /api/autocall/pause')).toBe(1)
    expect(button('Resume')).toBeDefined()
    await press('Resume')
    expect(button('Pause')).toBeDefined()
  })
})

describe('a pause for a while', () => {
  test.each([
    ['Pause for 30 minutes', 30],
    ['Pause for 1 hour', 60],
  ])('%s ends by itself then', async (name, minutes) => {
    await happens(() => world.has(lead()).live())
    await bar()
    await press(name)
    expect(world.saved).toEqual([{ resume_at: world.clock.at(minutes * 60_000) }])
    expect(text()).toMatch(/Paused.*No new call starts until/)
  })

  test('may last until tomorrow, 9 o’clock', async () => {
    await happens(() => world.has(lead()).live())
    await bar()
    await press([...document.querySelectorAll('.split .menu-body button')].at(-1)?.textContent ?? '')
    const end = new Date(String(world.saved[0]?.resume_at))
    expect([end.getHours(), end.getMinutes()]).toEqual([9, 0])
    expect(end.getTime() - new Date(world.clock.now()).setHours(0, 0, 0, 0)).toBe(33 * 3_600_000)
  })
})

describe('a pause', () => {
  const paused =
    (...leads: ReturnType<typeof lead>[]) =>
    async () => {
      world.settings = { ...world.settings, paused: true }
      await world.has(...leads).live()
    }

  test('that the server did not hear of is said to be none', async () => {
    await happens(() => world.has(lead()).live())
    await bar()
    world.failing.add('POST')
    await happens(() => world.sockets.last.drop())
    await press('Pause')
    expect(document.querySelector('[role=alert]')?.textContent).toMatch(/Calling was NOT paused/)
  })

  test('speaks of calls as placed only where it is certain that they are', async () => {
    await happens(
      paused(lead({ call_status: 'ringing' }), lead({ call_status: 'claimed' }), lead({ call_status: 'unknown' })),
    )
    await bar()
    expect(text()).toMatch(/The call that was already placed goes on\. Whether 2 more were placed is not certain yet/)
  })

  test('hangs up what rings only when that is wanted, and says how many that were', async () => {
    await happens(
      paused(lead({ call_status: 'ringing' }), lead({ call_status: 'queued' }), lead({ call_status: 'in-progress' })),
    )
    await bar()
    await press('Hang up ringing calls')
    expect(document.querySelector('dialog')?.textContent).toMatch(
      /2 phones stop ringing. These people are not called again/,
    )
    await press('No, let them ring')
    expect(world.count('POST /api/autocall/pause')).toBe(0)
    world.canceled = ['one']
    await press('Hang up ringing calls')
    await press('Yes, hang up')
    expect(world.count('POST /api/autocall/pause')).toBe(1)
    expect(document.querySelector('.toasts')?.textContent).toMatch(/1 call was hung up/)
    expect(document.querySelector('dialog')).toBeNull()
  })
})

describe('calling again', () => {
  test('is not promised of somebody who was put on the do-not-call list meanwhile', async () => {
    const lost = lead({ call_status: 'unknown', can_release: true, attempt_id: 'a' })
    await happens(() => world.has(lost).live())
    await show(<LeadPanel id={lost.lead_id} close={() => {}} />)
    await happens(() => {})
    world.has({ ...lost, version: 3, call_status: 'pending', do_not_call: true })
    await press('Call again')
    await press('Yes, call again')
    expect(document.querySelector('.toasts')?.textContent).toMatch(/is on your do-not-call list/)
    expect(text()).not.toMatch(/is waiting to be called again/)
  })
})

describe('a lead that its place holds', () => {
  const opened = async (reason: string, until: string | null = null) => {
    const one = lead({ held: { reason, until } })
    await happens(() => world.has(one).live())
    await show(<LeadPanel id={one.lead_id} close={() => {}} />)
    await happens(() => {})
    return one
  }
  const rule = {
    place: 'DE',
    cite: 'UWG § 7',
    url: 'https://law.example/7',
    read_on: '2026-11-30',
    confidence: 'uncertain',
    note: 'The stricter reading.',
  }

  test('shows the rule behind that at one click, with its source, and hides it at another', async () => {
    world.mayCall = {
      may: false,
      reason: 'consent',
      until: null,
      rules: [rule, { ...rule, place: 'world', cite: 'no law', url: null, note: null }],
    }
    await opened('consent')
    await press('consent is required there, and none is recorded')
    expect(document.querySelector('.rules')?.textContent).toMatch(
      /DE UWG § 7.*stricter reading.*read on 2026-11-30, uncertain.*Everywhere else: no law/,
    )
    expect(document.querySelector<HTMLAnchorElement>('.rules a')?.href).toBe('https://law.example/7')
    await press('consent is required there, and none is recorded')
    expect(document.querySelector('.rules')).toBe(null)
  })

  test('says that a rule could not be looked up, and tries again', async () => {
    world.failing.add('GET /api/may-call')
    await opened('hours', world.clock.at(3_600_000))
    await press('outside calling hours')
    expect(document.querySelector('.rules .problem')).not.toBe(null)
    world.failing.clear()
    await press('Try again')
    expect(text()).toMatch(/No rule of a place is known/)
  })

  test('is started by a person, by a press or by Enter, where the law asks for one', async () => {
    const one = await opened('confirm')
    await press('Call now')
    expect(world.count(`POST /api/leads/${one.lead_id}/confirm`)).toBe(1)
    expect(document.querySelector('.toasts')?.textContent).toMatch(/is called as soon as a line is free/)
    const panel = document.querySelector('.panel')
    await happens(() => panel?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true })))
    expect(world.count(`POST /api/leads/${one.lead_id}/confirm`)).toBe(2)
  })

  test('is started by nobody where something else holds it', async () => {
    const one = await opened('consent')
    expect(button('Call now')).toBe(undefined)
    await happens(() =>
      document.querySelector('.panel')?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true })),
    )
    expect(world.count(`POST /api/leads/${one.lead_id}/confirm`)).toBe(0)
  })

  const called = (colleagues_until: string | null) => ({
    agent: 'grace',
    at: world.clock.at(-3_600_000),
    recent: [],
    colleagues_until,
    lifted: null,
  })

  test('that a colleague has called shows an administrator who it was, and lets every agent call', async () => {
    world.settings = { ...world.settings, admin: true }
    world.called = called(world.clock.at(30 * 86_400_000))
    const one = await opened('colleague', world.clock.at(30 * 86_400_000))
    await happens(loadCallUi)
    const part = () => document.querySelector('[data-testid="colleague"]')?.textContent
    expect(part()).toMatch(/Agent grace called this number.*Nobody else does until/)
    world.called = called(null)
    await press('Let every agent call')
    expect(world.bodies.filter(([wish]) => wish.endsWith('/api/called'))).toEqual([
      ['POST /api/called', { phone: one.phone }],
      ['DELETE /api/called', { phone: one.phone }],
    ])
    expect(part()).not.toMatch(/Nobody else/)
    expect(document.querySelector('.toasts')?.textContent).toMatch(/Every agent may call/)
  })

  test('that a colleague has called shows nobody else who it was', async () => {
    await opened('colleague', world.clock.at(30 * 86_400_000))
    await happens(loadCallUi)
    expect(document.querySelector('[data-testid="colleague"]')).toBe(null)
    expect(world.count('POST /api/called')).toBe(0)
  })

  test('has what it consented to among its details', async () => {
    const one = lead({ basis: 'customer', consent_at: '2026-03-01T00:00:00.000Z', consent_source: 'fair' })
    await happens(() => world.has(one).live())
    await show(<LeadPanel id={one.lead_id} close={() => {}} />)
    expect(text()).toMatch(/Who it iscustomer.*Consent.*2026.*fair/)
  })
})

describe('without a live connection', () => {
  const connected = async () => {
    const called = Array.from({ length: 10 }, () => lead({ call_status: 'completed', at: world.clock.at(-90_000) }))
    await happens(() => world.has(...called, lead({ call_status: 'ringing' }), lead()).live())
    await bar()
    expect(text()).toMatch(/Calling 11 of 12.*done b/)
  }

  test('neither the bar nor the title says that calls go on', async () => {
    await connected()
    await happens(() => world.sockets.last.drop())
    expect(text()).toMatch(/Reconnecting.*11 of 12 called when last heard/)
    await happens(() => world.signals.send('offline'))
    expect(text()).toMatch(/Offline.*11 of 12 called when last heard/)
    expect(text()).not.toMatch(/Calling|now|done b/)
    expect(document.title).toBe('Offline · autocall')
    expect(document.querySelector('[data-testid=run-bar]')?.getAttribute('data-kind')).toBe('away')
  })

  test('a pause is one as far as was heard', async () => {
    await connected()
    await happens(() => world.say('autocall:paused', { version: 2, in_flight: [] }))
    await happens(() => world.sockets.last.drop())
    expect(text()).toMatch(/Reconnecting.*paused when last heard/)
    expect(text()).not.toMatch(/goes on/)
  })
})

describe('one page too many', () => {
  test('says why it is not connected, and comes back when a person says so', async () => {
    await show(
      <LeadsSocketProvider socket={world.desk.socket}>
        <LeadsPage user="ada" signOut={async () => {}} />
      </LeadsSocketProvider>,
    )
    await happens(() => world.sockets.last.accept())
    expect(button('Connect again')).toBeUndefined()
    await happens(() => world.say('error', { code: 'too_many_connections', message: '' }))
    expect(text()).toMatch(/more than 20 pages open/)
    expect(document.querySelector('[role=alert]')?.textContent).toBe('')
    await happens(() => pass(world, 60_000))
    expect(world.sockets.all).toHaveLength(1)
    await press('Connect again')
    await happens(() => world.sockets.last.accept())
    expect(world.sockets.all).toHaveLength(2)
    expect(text()).toMatch(/Live/)
    expect(text()).not.toMatch(/more than 20 pages open/)
  })
})

describe('what is left', () => {
  const said = async (...leads: ReturnType<typeof lead>[]) => {
    await happens(() => world.has(...leads).live())
    await bar()
    return document.querySelector('.run-text')?.textContent
  }
  const held = (reason: string, hours: number) =>
    lead({ held: { reason, until: world.clock.at(hours * 3_600_000), needs_person: reason !== 'hours' } })

  test('is called by itself, each in its time', async () => {
    expect(await said(held('hours', 2), held('hours', 3))).toMatch(
      /2 leads are held, the first until .*Each is called by itself when its time has come/,
    )
  })

  test('is not promised a call where only a person can help', async () => {
    const text = await said(held('zone', 2), held('window', 2))
    expect(text).toMatch(/2 leads are held for a reason that only a person can remove/)
    expect(text).not.toMatch(/until|by itself/)
    await show(<Status lead={held('zone', 2)} />)
    expect(document.querySelector('.status')?.textContent).toBe('Held')
  })

  test('may be nobody, though not all have been called', async () => {
    expect(await said(lead({ do_not_call: true }))).toMatch(/Nothing is left to call/)
  })
})

describe('settings that were changed elsewhere meanwhile', () => {
  test('keep what was typed here, take over the rest, say so, and can be saved then', async () => {
    world.settings = { lines: 3, agent_phone: '+12025550100', window: null, version: 1 }
    await show(<SettingsDialog close={() => {}} />)
    await happens(() => {})
    await type('lines', '7')
    world.settings = { lines: 5, agent_phone: '+12025550199', window: null, version: 2 }
    world.conflicts = true
    await press('Save')
    expect(field('lines').value).toBe('7')
    expect(field('agent-phone').value).toBe('+12025550199')
    expect(document.querySelector('[role=alert]')?.textContent).toMatch(/changed elsewhere.*still here/)
    world.conflicts = false
    await press('Save')
    expect(world.saved.map(({ lines, agent_phone, version }) => ({ lines, agent_phone, version }))).toEqual([
      { lines: 7, agent_phone: '+12025550100', version: 1 },
      { lines: 7, agent_phone: '+12025550199', version: 2 },
    ])
  })
})

test('what is wrong with a setting is said at its field, by its own name', async () => {
  await show(<SettingsDialog close={() => {}} />)
  await happens(() => {})
  world.wrong = { agent_phone: 'has letters in it', lines: 'must be a whole number from 1 to 20' }
  await press('Save')
  expect(document.querySelector('[role=alert]')?.textContent).toMatch(/Nothing was saved/)
  expect(field('agent-phone').getAttribute('aria-invalid')).toBe('true')
  const described = (id: string) =>
    document.getElementById(field(id).getAttribute('aria-describedby')?.split(' ')[0] ?? '')?.textContent
  expect([described('agent-phone'), described('lines')]).toEqual([
    'Your phone has letters in it.',
    'Lines must be a whole number from 1 to 20.',
  ])
})

describe('hours of one’s own', () => {
  const open = async (window: unknown) => {
    world.settings = { window, version: 1 }
    await show(<SettingsDialog close={() => {}} />)
    await happens(() => {})
  }
  const problem = () => document.querySelector('[role=alert]')?.textContent ?? ''

  test('that have days and no times are not thrown away, but asked about', async () => {
    await open(null)
    await press('Sat')
    await press('Save')
    expect(problem()).toMatch(/both times/)
    expect(world.saved).toEqual([])
  })

  test('are none only without times and without a choice of days', async () => {
    await open({ from: '09:00', to: '17:00', days: [1, 2, 3, 4, 5] })
    for (const end of ['from', 'to']) await type(end, '')
    await press('Save')
    expect(problem()).toMatch(/choose every day/)
    await press('Sat')
    await press('Sun')
    await press('Save')
    expect(world.saved.map(({ window }) => window)).toEqual([null])
  })
})

describe('the focus', () => {
  const focused = () => document.activeElement?.textContent
  const dialog = (body: ReactNode, foot?: ReactNode) => show(<Dialog title="Import" foot={foot} close={() => {}}>{body}</Dialog>) // oxfmt-ignore

  test('of a window begins at what it is for, else at its button, else at its title, and never at the one that closes it', async () => {
    await dialog(<button type="button" data-autofocus>Choose</button>, <button type="button" className="primary">Next</button>) // oxfmt-ignore
    expect(focused()).toBe('Choose')
    await act(() => root.render(null))
    await dialog(null, <button type="button" className="primary">Next</button>) // oxfmt-ignore
    expect(focused()).toBe('Next')
    await act(() => root.render(null))
    await dialog(null, <button type="button" className="primary" disabled>Next</button>) // oxfmt-ignore
    expect(focused()).toBe('Import')
  })

  test('of a question begins at the safe answer', async () => {
    await show(<Question title="Delete?" yes="Yes" no="No" answer={() => {}}>{null}</Question>) // oxfmt-ignore
    expect(focused()).toBe('No')
  })
})

describe('a window that must not be closed half-way', () => {
  const dialog = () => document.querySelector('dialog') as HTMLDialogElement
  const close = vi.fn()
  const open = (closable: boolean) => show(<Dialog title="Import" closable={closable} close={close}>{null}</Dialog>) // oxfmt-ignore

  test('is there again when a browser closes it all the same', async () => {
    await open(false)
    await happens(() => dialog().close())
    expect([dialog().open, close.mock.calls]).toEqual([true, []])
  })

  test('and any other is closed for the page too', async () => {
    await open(true)
    await happens(() => dialog().close())
    expect(close).toHaveBeenCalledOnce()
  })
})

describe('a page that stays open', () => {
  const called = { call_status: 'completed', zones: ['US-NY/America/New_York'] }
  const sort: Sort = { key: 'order', down: false }
  const table = {
    sort,
    setSort: () => {},
    wanted: { filter: 'all', search: '', sort },
    shown: null,
    open: () => {},
    columns: ['name', 'phone', 'status', 'when'],
    lastTouch: { current: 0 },
    loading: false,
    none: null,
  } as const
  const Totals = () => <output>{useTotals().endedToday}</output>

  test('shows the whole list as soon as it says that it has it: no place in it is sought too early', async () => {
    const seen: [loaded: boolean, rows: number, counted: number][] = []
    const all: TableQuery = { filter: 'all', search: '', sort: DEFAULT_SORT }
    const untouched = { current: Number.NEGATIVE_INFINITY }
    const Probe = () => {
      seen.push([useAgentAppState().loaded, useVisibleIds(all, untouched).length, useTotals().all])
      return null
    }
    const [first, ...rest] = [lead(), lead(), lead()]
    await show(<Probe />)
    await happens(() => world.desk.store.setAll([first as Lead])) // the lead of the address comes first, by itself
    await happens(() => vi.advanceTimersByTimeAsync(1_000))
    expect(seen.at(-1)).toEqual([false, 1, 1])
    await happens(() => world.has(first as Lead, ...rest).live())
    expect(seen.filter(([loaded]) => loaded).every(([, rows, counted]) => rows === 3 && counted === 3)).toBe(true)
    expect(seen.at(-1)?.[0]).toBe(true)
  })
  const noon = () => new Date(world.clock.now()).setHours(12, 0, 0, 0)

  test('says overnight of which day its times are, in the table, the history and the totals', async () => {
    world.clock.set(noon())
    vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(600) // so that the table has rows in sight
    const one = lead({
      ...called,
      at: new Date(noon() - 3_600_000).toISOString(),
      imported_at: new Date(noon() - 7_200_000).toISOString(),
    })
    await happens(() => world.has(one).live())
    await show(
      <>
        <Totals />
        <LeadsTable {...table} ids={[one.lead_id]} />
        <LeadPanel id={one.lead_id} close={() => {}} />
      </>,
    )
    await happens(() => {})
    const times = () =>
      ['.cell-when', '.history time', 'output'].map((place) => document.querySelector(place)?.textContent)
    const told = () => [one.at, one.imported_at].map((at) => when(at, world.clock.now()))
    const before = told()
    expect(times()).toEqual([...before, '1'])
    world.clock.set(world.clock.now() + 12 * 3_600_000 + 60_000)
    await happens(() => vi.advanceTimersByTimeAsync(12 * 3_600_000 + 60_000))
    expect(times()).toEqual([...told(), '0'])
    expect(told()).not.toEqual(before)
  })

  test('shows the time where a lead lives, minute by minute', async () => {
    const one = lead(called)
    await happens(() => world.has(one).live())
    await show(<LeadPanel id={one.lead_id} close={() => {}} />)
    const theirs = () => document.querySelector('dd')?.textContent
    expect(theirs()).toMatch(/4:00/)
    world.clock.set(world.clock.now() + 60_000)
    await happens(() => vi.advanceTimersByTimeAsync(60_000))
    expect(theirs()).toMatch(/4:01/)
  })
})

describe('a lead that a person must decide about', () => {
  const undecided = () =>
    lead({ call_status: 'unknown', can_release: true, attempt_id: 'one', reason: 'not_found', name: 'Aiko Larsson' })

  test('has two answers and one explanation', async () => {
    const one = undecided()
    await happens(() => world.has(one).live())
    await show(<LeadPanel id={one.lead_id} close={() => {}} />)
    expect([button('Was called'), button('Call again')]).not.toContain(undefined)
    expect(text()).toMatch(/it is not certain whether it was made/)
    expect(text()).not.toMatch(/knows of no such call/)
    await press('Was called')
    expect(world.asked).toContain(`POST /api/leads/${one.lead_id}/settle`)
    expect(document.querySelector('.toasts')?.textContent).toMatch(/Aiko Larsson is closed as called/)
  })

  test('and nobody says that to a screen reader of a lead that may still be called', async () => {
    vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(600)
    const sort: Sort = { key: 'order', down: false }
    const rows = [lead({ name: 'Ada Weber' }), undecided()]
    await happens(() => world.has(...rows).live())
    const ids = rows.map(({ lead_id }) => lead_id)
    await show(
      <LeadsTable
        {...{ ids, sort }}
        columns={['name', 'phone', 'status', 'when']}
        setSort={() => {}}
        wanted={{ filter: 'all', search: '', sort }}
        shown={null}
        open={() => {}}
        lastTouch={{ current: 0 }}
        loading={false}
        none={null}
      />,
    )
    await happens(() => {})
    const names = [...document.querySelectorAll('.lead button')].map((each) => each.getAttribute('aria-label'))
    expect(names).toEqual(['Put Ada Weber on the do-not-call list', 'Decide whether Aiko Larsson was called'])
  })
})

describe('a number', () => {
  test('is shown as the server writes it, and otherwise as it is dialled', async () => {
    const [one, old] = [
      lead({ phone: '+493023125007', phone_display: '+49 30 23125007' }),
      lead({ phone: '+493023125008' }),
    ]
    await happens(() => world.has(one, old).live())
    await show(<LeadPanel id={one.lead_id} close={() => {}} />)
    expect(text()).toContain('+49 30 23125007')
    await show(<LeadPanel key="old" id={old.lead_id} close={() => {}} />)
    expect(text()).toContain('+493023125008')
  })
})

describe('somebody answers', () => {
  test('the tab’s title has their name, and a screen reader hears it once', async () => {
    const one = lead({ name: 'Aiko Larsson', call_status: 'ringing', version: 2 })
    await happens(() => world.has(one, lead()).live())
    const Bar = () => <RunBar totals={useTotals()} showReview={() => {}} />
    await show(<LeadsSocketProvider socket={world.desk.socket}><Bar /></LeadsSocketProvider>) // oxfmt-ignore
    await happens(() =>
      world.say('call:status_updated', {
        lead_id: one.lead_id,
        version: 3,
        call_status: 'in-progress',
        answered_at: world.clock.at(-500),
      }),
    )
    await happens(() => vi.advanceTimersByTimeAsync(1_000))
    expect(document.title).toBe('● Aiko Larsson · autocall')
    expect([...document.querySelectorAll('[role=status]')].map(({ textContent }) => textContent)).toContain(
      'Aiko Larsson answered.',
    )
    await happens(() => world.say('call:completed', { lead_id: one.lead_id, version: 4, call_status: 'completed' }))
    await happens(() => vi.advanceTimersByTimeAsync(1_000))
    expect(document.title).not.toContain('Aiko')
  })

  test('who is talking already when the page is loaded is no news', async () => {
    await happens(() =>
      world
        .has(lead({ name: 'Aiko Larsson', call_status: 'in-progress', answered_at: world.clock.at(-60_000) }))
        .live(),
    )
    const Bar = () => <RunBar totals={useTotals()} showReview={() => {}} />
    await show(<LeadsSocketProvider socket={world.desk.socket}><Bar /></LeadsSocketProvider>) // oxfmt-ignore
    await happens(() => vi.advanceTimersByTimeAsync(1_000))
    expect(document.title).toBe('● Aiko Larsson · autocall')
    expect(document.body.textContent).not.toMatch(/answered/)
  })
})

describe('a history', () => {
  const told = async (...history: HistoryEntry[]) => {
    const one = { ...lead({ call_status: 'failed' }), history }
    await happens(() => world.has(one).live())
    await show(<LeadPanel id={one.lead_id} close={() => {}} />)
    await happens(() => {})
    return [...document.querySelectorAll('.history span')].map(({ textContent }) => textContent)
  }

  test('says in words what happened and why, and how long they talked if they did', async () => {
    const entries = await told(
      { at: '2', event: 'unknown', reason: 'timeout' },
      { at: '3', event: 'lost', reason: 'not_found' },
      { at: '4', event: 'released' },
      { at: '5', event: 'refused', reason: 'Twilio refused the call (21214)' },
      { at: '6', event: 'no-answer', duration_s: 0 },
      { at: '7', event: 'completed', duration_s: 61 },
    )
    expect(entries).toEqual([
      'Completed · 1:01',
      'No answer',
      'No call was made · this number cannot be reached',
      'Put back in the list by a person',
      'Needs review · the phone provider has no record of this call',
      'Not certain whether the call was made · the phone provider did not answer in time',
    ])
  })

  test('that could not be loaded comes by itself when the connection is back', async () => {
    const one = lead({ imported_at: world.clock.at(0) })
    await happens(() => world.has(one).live())
    world.failing.add('GET /api/leads/')
    await happens(() => world.sockets.last.drop())
    await show(<LeadPanel id={one.lead_id} close={() => {}} />)
    await happens(() => {})
    expect(text()).toMatch(/could not be loaded/)
    world.failing.clear()
    await happens(() => pass(world, 1_000))
    await happens(() => world.sockets.last.accept())
    expect(world.desk.socket.connected).toBe(true)
    expect([...document.querySelectorAll('.history span')].map(({ textContent }) => textContent)).toEqual(['Imported'])
  })

  test('tells a call that is not this lead’s from its own', async () => {
    expect(await told(...entriesOf({ ...lead(), strays: [{ at: '1', status: 'completed' }] }))).toEqual([
      'The phone provider reported another call to this number · Completed',
    ])
  })
})

describe('a lead that was deleted on another page', () => {
  const ids = () => world.desk.store.all().map(({ lead_id }) => lead_id)
  const open = async () => {
    const [one, other] = [lead(), lead()]
    await happens(() => world.has(one, other).live())
    return { one, other }
  }

  test('leaves the list when it is opened', async () => {
    const { one, other } = await open()
    world.leads.delete(one.lead_id)
    await show(<LeadPanel id={one.lead_id} close={() => {}} />)
    await happens(() => {})
    expect(document.querySelector('.panel')?.textContent).toBe('This lead has been deleted.')
    expect(ids()).toEqual([other.lead_id])
  })

  test.each(['Do not call', 'Delete'])('leaves the list when something is done with it: %s', async (action) => {
    const { one, other } = await open()
    await show(<LeadPanel id={one.lead_id} close={() => {}} />)
    await happens(() => {})
    world.leads.delete(one.lead_id)
    await press(action)
    if (action === 'Delete') await press('Yes, delete')
    expect(ids()).toEqual([other.lead_id])
  })
})

describe('the way in', () => {
  const oidc = { authorizeUrl: async () => Promise.reject(new Error('no network')) }
  const ways = [
    ['by redirect', { kind: 'oidc', oidc, here: 'https://page/' }],
    ['by password', { kind: 'cognito', cognito: new Cognito(CONFIG) }],
  ] as const

  test.each(ways)('%s says what is only known after it was shown', async (_, way) => {
    const page = (text: string | null) =>
      show(<LoginPage way={way as never} notice={text === null ? null : { text, tone: 'bad' }} done={() => {}} />)
    await page(null)
    expect(document.querySelector('main [role=alert]')?.textContent).toBe('')
    await page('The login was not completed.')
    expect(document.querySelector('main [role=alert]')?.textContent).toBe('The login was not completed.')
  })

  test('by redirect, a newer problem is said instead', async () => {
    await show(
      <LoginPage
        way={ways[0][1] as never}
        notice={{ text: 'The login was not completed.', tone: 'bad' }}
        done={() => {}}
      />,
    )
    await press('Continue to login')
    expect(document.querySelector('main [role=alert]')?.textContent).toMatch(/cannot be reached/)
  })

  test('after a sign-out it says what goes on, and that is no problem', async () => {
    await show(
      <LoginPage way={ways[1][1] as never} notice={{ text: 'You are signed out.', tone: 'plain' }} done={() => {}} />,
    )
    expect(document.querySelector('main [role=status]')?.textContent).toBe('You are signed out.')
    expect(document.querySelector('main [role=alert]')?.textContent).toBe('')
  })

  /** The login with a pool that answers each action as the test says. */
  async function pool(answers: Record<string, [number, unknown]>) {
    const { fetch, asked } = fakeFetch(
      (_, init) => answers[new Headers(init.headers).get('X-Amz-Target')?.split('.')[1] ?? ''] ?? [500, {}],
    )
    const entered = vi.fn<(tokens: unknown) => void>()
    await show(
      <LoginPage way={{ kind: 'cognito', cognito: new Cognito(CONFIG, fetch) }} notice={null} done={entered} />,
    )
    const sent = () => asked.map(({ init }) => JSON.parse(String(init.body)) as Record<string, unknown>)
    const submit = () => happens(() => document.querySelector('form')?.requestSubmit())
    return { entered, sent, submit }
  }

  test('who has forgotten the password has a code mailed, and with it is in', async () => {
    const { entered, sent, submit } = await pool({
      ForgotPassword: [200, { CodeDeliveryDetails: { Destination: 'a***@e***' } }],
      ConfirmForgotPassword: [200, {}],
      InitiateAuth: [200, { AuthenticationResult: { AccessToken: jwt({ sub: 'u' }) } }],
    })
    await type('User name or e-mail', 'ada@example.com')
    await press('Forgot password?')
    expect(field('User name or e-mail').value).toBe('ada@example.com')
    await submit()
    expect(text()).toMatch(/A code was mailed to a\*\*\*@e\*\*\*/)
    await type('Code from the mail', ' 123456 ')
    await type('New password', 'New-horse-2026')
    await submit()
    expect(sent()[1]).toMatchObject({
      Username: 'ada@example.com',
      ConfirmationCode: '123456',
      Password: 'New-horse-2026',
    })
    expect(entered).toHaveBeenCalledOnce()
  })

  test('a wrong code is said, and what was typed stays', async () => {
    const { entered, submit } = await pool({
      ForgotPassword: [200, {}],
      ConfirmForgotPassword: [400, { __type: 'CodeMismatchException', message: 'no' }],
    })
    await press('Forgot password?')
    await type('User name or e-mail', 'ada')
    await submit()
    await type('Code from the mail', '1')
    await type('New password', 'New-horse-2026')
    await submit()
    expect(document.querySelector('main [role=alert]')?.textContent).toMatch(/not the code that was mailed/)
    expect([field('Code from the mail').value, entered.mock.calls]).toEqual(['1', []])
  })

  test('a wrong password is said, and the focus stays on the button that was pressed', async () => {
    const { submit } = await pool({
      InitiateAuth: [400, { __type: 'NotAuthorizedException', message: 'Incorrect username or password.' }],
    })
    await type('User name or e-mail', 'ada')
    await type('Password', 'x')
    button('Log in')?.focus()
    await submit()
    expect(document.querySelector('main [role=alert]')?.textContent).toBe('Wrong user name or password.')
    expect(document.activeElement).toBe(button('Log in'))
  })
})

describe('signing out', () => {
  const top = (calls: number, signOut: () => Promise<void>) =>
    show(
      <LeadsSocketProvider socket={world.desk.socket}>
        <TopBar user="ada" calls={calls} importLeads={() => {}} settings={() => {}} keys={() => {}} signOut={signOut} />
      </LeadsSocketProvider>,
    )

  test('during calls asks first, and says that they go on', async () => {
    const signOut = vi.fn<() => Promise<void>>(async () => {})
    await top(2, signOut)
    await press('Sign out')
    expect(document.querySelector('dialog')?.textContent).toMatch(/2 calls are in progress. They go on/)
    await press('No, stay')
    expect(signOut).not.toHaveBeenCalled()
    await press('Sign out')
    await press('Yes, sign out')
    expect(signOut).toHaveBeenCalledOnce()
  })

  test('otherwise happens at once', async () => {
    const signOut = vi.fn<() => Promise<void>>(async () => {})
    await top(0, signOut)
    await press('Sign out')
    expect(signOut).toHaveBeenCalledOnce()
  })

  test('the appearance that another tab chose is shown in this one, and in its menu', async () => {
    followTheme()
    await top(0, async () => {})
    localStorage.setItem('autocall.theme', 'dark')
    await happens(() => window.dispatchEvent(new StorageEvent('storage', { key: 'autocall.theme' })))
    expect(document.documentElement.dataset.theme).toBe('dark')
    const chosen = [...document.querySelectorAll<HTMLInputElement>('input[name=theme]')].findIndex(
      ({ checked }) => checked,
    )
    expect(chosen).toBe(2)
    localStorage.clear()
  })
})

describe('a message at the edge', () => {
  const Say = () => {
    const say = useToast()
    return <button type="button" onClick={() => say('Settings saved.')}>Say</button> // oxfmt-ignore
  }
  const box = () => document.querySelector('.toasts') as HTMLElement
  const later = () => happens(() => vi.advanceTimersByTimeAsync(9_000))
  const enter = (type: string) => happens(() => box().dispatchEvent(new PointerEvent(type, { bubbles: true })))

  test('goes by itself', async () => {
    await show(<Say />)
    await press('Say')
    expect(box().textContent).toContain('Settings saved.')
    await later()
    expect(box().textContent).toBe('')
  })

  test('stays while somebody points at it, or has the focus on it', async () => {
    await show(<Say />)
    await press('Say')
    await enter('pointerover')
    await later()
    expect(box().textContent).toContain('Settings saved.')
    await happens(() => document.querySelector<HTMLElement>('.toast button')?.focus())
    await enter('pointerout')
    await later()
    expect(box().textContent).toContain('Settings saved.')
    await happens(() => document.querySelector<HTMLElement>('.toast button')?.blur())
    await later()
    expect(box().textContent).toBe('')
  })
})
