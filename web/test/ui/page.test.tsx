// @vitest-environment happy-dom
import { act, type ReactNode } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Cognito } from '../../src/auth/cognito'
import { when } from '../../src/format'
import { entriesOf, type HistoryEntry } from '../../src/leads/lead'
import { count, type Sort } from '../../src/leads/view'
import { LeadsSocketProvider } from '../../src/socket'
import { DeskContext, useTotals } from '../../src/ui/hooks'
import { LeadPanel } from '../../src/ui/LeadPanel'
import { LeadsTable } from '../../src/ui/LeadsTable'
import { Dialog, Question } from '../../src/ui/Dialog'
import { LoginPage } from '../../src/ui/LoginPage'
import { RunBar } from '../../src/ui/RunBar'
import SettingsDialog from '../../src/ui/SettingsDialog'
import { Status } from '../../src/ui/Status'
import { Toasts } from '../../src/ui/Toasts'
import { lead } from '../leads/made'
import { CONFIG, pass, turns, World } from '../world'

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })

let root: Root
let world: World

beforeEach(() => {
  document.body.innerHTML = '<div id="here"></div>'
  root = createRoot(document.getElementById('here') as HTMLElement)
  world = new World()
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'], now: world.clock.now() }) // a toast stays
})

afterEach(async () => {
  await act(() => root.unmount())
  world.desk.socket.close()
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const show = (what: ReactNode) => act(() => root.render(<DeskContext value={world.desk}><Toasts>{what}</Toasts></DeskContext>)) // prettier-ignore
const text = () => document.body.textContent
const happens = (what: () => unknown) => act(async () => { await what(); await turns() }) // prettier-ignore
const button = (name: string) => [...document.querySelectorAll('button')].find(({ textContent }) => textContent?.trim() === name)
const press = (name: string) => happens(() => button(name)?.click())
const field = (label: string) =>
  (document.querySelector(`#${label}`) ?? [...document.querySelectorAll('label')].find(({ textContent }) => textContent === label)?.querySelector('input')) as HTMLInputElement
const type = (label: string, value: string) =>
  happens(() => {
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set?.call(field(label), value)
    field(label).dispatchEvent(new Event('input', { bubbles: true }))
  })

const bar = () =>
  show(
    <LeadsSocketProvider socket={world.desk.socket}>
      <RunBar totals={count(world.desk.store.all(), world.clock.now())} look={() => {}} />
    </LeadsSocketProvider>,
  )

describe('the run bar', () => {
  const rests = { paused: false, version: 1, installation: { rest: { until: '2026-01-05T09:15:00.000Z', reason: 'account refused (20003)' } } }

  test('while the installation rests there are both: resume now, and pause', async () => {
    world.settings = rests
    await happens(() => world.has(lead()).live())
    await bar()
    expect(text()).toMatch(/Twilio refuses this account/)
    expect([button('Pause'), button('Resume now')]).not.toContain(undefined)
  })

  test.each([
    ['account refused (29999)', /^Twilio refuses this account’s calls.*\(29999\).*balance.*One call is tried again at/],
    ['unknown', /^Calling has stopped.*no clear answer.*One call is tried again at/],
    ['stopped by an operator', /^Calling has stopped.*An administrator .*has stopped all calls.*One call is tried again at/],
    ['resumed by an operator', /^Calling starts again.*One is being tried first/],
    ['account', /^Calling has stopped.*rest/],
  ])('why the installation rests is said without blaming Twilio for what it has not done: %s', async (reason, words) => {
    world.settings = { ...rests, installation: { rest: { ...rests.installation.rest, reason } } }
    await happens(() => world.has(lead()).live())
    await bar()
    expect(document.querySelector('.run-text')?.textContent).toMatch(words)
  })

  test('who may not end the installation’s rest is told that it stays', async () => {
    world.settings = rests
    await happens(() => world.has(lead()).live())
    await bar()
    await press('Resume now')
    expect(world.count('POST /api/autocall/resume')).toBe(1)
    expect(document.querySelector('[role=alert]')?.textContent).toMatch(/rests until .*administrator/)
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
    expect(text()).not.toMatch(/Twilio/)
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
  const paused = (...leads: ReturnType<typeof lead>[]) => async () => {
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
    await happens(paused(lead({ call_status: 'ringing' }), lead({ call_status: 'claimed' }), lead({ call_status: 'unknown' })))
    await bar()
    expect(text()).toMatch(/The call that was already placed goes on\. Whether 2 more were placed is not certain yet/)
  })

  test('hangs up what rings only when that is wanted, and says how many that were', async () => {
    await happens(paused(lead({ call_status: 'ringing' }), lead({ call_status: 'queued' }), lead({ call_status: 'in-progress' })))
    await bar()
    await press('Hang up ringing calls')
    expect(document.querySelector('dialog')?.textContent).toMatch(/2 phones stop ringing. These people are not called again/)
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
  const rule = { place: 'DE', cite: 'UWG § 7', url: 'https://law.example/7', read_on: '2026-11-30', confidence: 'uncertain', note: 'The stricter reading.' }

  test('shows the rule behind that at one click, with its source, and hides it at another', async () => {
    world.mayCall = { may: false, reason: 'consent', until: null, rules: [rule, { ...rule, place: 'world', cite: 'no law', url: null, note: null }] }
    await opened('consent')
    await press('consent is needed there, and none is known')
    expect(document.querySelector('.rules')?.textContent).toMatch(/DE UWG § 7.*stricter reading.*read on 2026-11-30, uncertain.*Everywhere else: no law/)
    expect(document.querySelector<HTMLAnchorElement>('.rules a')?.href).toBe('https://law.example/7')
    await press('consent is needed there, and none is known')
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
    await happens(() => document.querySelector('.panel')?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true })))
    expect(world.count(`POST /api/leads/${one.lead_id}/confirm`)).toBe(0)
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
    const called = Array.from({ length: 5 }, () => lead({ call_status: 'completed', at: world.clock.at(-60_000) }))
    await happens(() => world.has(...called, lead({ call_status: 'ringing' }), lead()).live())
    await bar()
    expect(text()).toMatch(/Calling 6 of 7.*done at about/)
  }

  test('neither the bar nor the title says that calls go on', async () => {
    await connected()
    await happens(() => world.sockets.last.drop())
    expect(text()).toMatch(/Reconnecting.*6 of 7 called when last heard/)
    await happens(() => world.signals.send('offline'))
    expect(text()).toMatch(/Offline.*6 of 7 called when last heard/)
    expect(text()).not.toMatch(/Calling|busy|done at about/)
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

describe('what is left', () => {
  const said = async (...leads: ReturnType<typeof lead>[]) => {
    await happens(() => world.has(...leads).live())
    await bar()
    return document.querySelector('.run-text')?.textContent
  }
  const held = (reason: string, hours: number) => lead({ held: { reason, until: world.clock.at(hours * 3_600_000) } })

  test('is called by itself, each in its time', async () => {
    expect(await said(held('hours', 2), held('hours', 3))).toMatch(/2 leads are held, the first until .*Each is called by itself when its time has come/)
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

test('what is wrong with a setting is said of the field by its own name', async () => {
  await show(<SettingsDialog close={() => {}} />)
  await happens(() => {})
  world.wrong = { agent_phone: 'has letters in it', lines: 'must be a whole number from 1 to 20' }
  await press('Save')
  expect(document.querySelector('[role=alert]')?.textContent).toBe('Your phone: has letters in it. Lines: must be a whole number from 1 to 20.')
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
  const dialog = (body: ReactNode, foot?: ReactNode) => show(<Dialog title="Import" foot={foot} close={() => {}}>{body}</Dialog>) // prettier-ignore

  test('of a window begins at what it is for, else at its button, else at its title, and never at the one that closes it', async () => {
    await dialog(<button type="button" data-autofocus>Choose</button>, <button type="button" className="primary">Next</button>) // prettier-ignore
    expect(focused()).toBe('Choose')
    await act(() => root.render(null))
    await dialog(null, <button type="button" className="primary">Next</button>) // prettier-ignore
    expect(focused()).toBe('Next')
    await act(() => root.render(null))
    await dialog(null, <button type="button" className="primary" disabled>Next</button>) // prettier-ignore
    expect(focused()).toBe('Import')
  })

  test('of a question begins at the safe answer', async () => {
    await show(<Question title="Delete?" yes="Yes" no="No" answer={() => {}}>{null}</Question>) // prettier-ignore
    expect(focused()).toBe('No')
  })
})

describe('a window that must not be closed half-way', () => {
  const dialog = () => document.querySelector('dialog') as HTMLDialogElement
  const close = vi.fn()
  const open = (closable: boolean) => show(<Dialog title="Import" closable={closable} close={close}>{null}</Dialog>) // prettier-ignore

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
  const table = { sort, setSort: () => {}, wanted: { filter: 'all', search: '', sort }, shown: null, open: () => {}, lastTouch: { current: 0 }, loading: false, none: null } as const
  const Totals = () => <output>{useTotals().endedToday}</output>
  const noon = () => new Date(world.clock.now()).setHours(12, 0, 0, 0)

  test('says overnight of which day its times are, in the table, the history and the totals', async () => {
    vi.setSystemTime(noon())
    vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(600) // so that the table has rows in sight
    const one = lead({ ...called, at: new Date(noon() - 3_600_000).toISOString(), imported_at: new Date(noon() - 7_200_000).toISOString() })
    await happens(() => world.has(one).live())
    await show(
      <>
        <Totals />
        <LeadsTable {...table} ids={[one.lead_id]} />
        <LeadPanel id={one.lead_id} close={() => {}} />
      </>,
    )
    await happens(() => {})
    const times = () => ['.cell-when', '.history time', 'output'].map((place) => document.querySelector(place)?.textContent)
    const told = () => [one.at, one.imported_at].map((at) => when(at, Date.now()))
    const before = told()
    expect(times()).toEqual([...before, '1'])
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
    await happens(() => vi.advanceTimersByTimeAsync(60_000))
    expect(theirs()).toMatch(/4:01/)
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
      'Needs a look · Twilio knows of no such call',
      'Not certain whether the call was made · Twilio did not answer in time',
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
      'Twilio reported another call to this number · Completed',
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
  const oidc = { begin: async () => Promise.reject(new Error('no network')) }
  const ways = [
    ['by redirect', { kind: 'oidc', oidc, here: 'https://page/' }],
    ['by password', { kind: 'cognito', cognito: new Cognito(CONFIG) }],
  ] as const

  test.each(ways)('%s says what is only known after it was shown', async (_, way) => {
    const page = (notice: string | null) => show(<LoginPage way={way as never} notice={notice} done={() => {}} />)
    await page(null)
    expect(document.querySelector('main [role=alert]')?.textContent).toBe('')
    await page('The login was not completed.')
    expect(document.querySelector('main [role=alert]')?.textContent).toBe('The login was not completed.')
  })

  test('by redirect, a newer problem is said instead', async () => {
    await show(<LoginPage way={ways[0][1] as never} notice="The login was not completed." done={() => {}} />)
    await press('Continue to login')
    expect(document.querySelector('main [role=alert]')?.textContent).toMatch(/cannot be reached/)
  })
})
