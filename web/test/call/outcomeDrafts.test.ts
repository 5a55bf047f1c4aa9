import { beforeEach, expect, test } from 'vitest'
import { ApiError } from '../../src/api/client'
import { OutcomeDrafts, type OutcomeRequest } from '../../src/call/outcomeDrafts'
import { keysOf, outcomeLabel, presetOutcome } from '../../src/call/outcomes'
import type { AgentSession } from '../../src/socket'
import { FakeClock, FakeStorage, settle } from '../fakes'
import { lead } from '../leads/made'
import { NO_SESSION } from '../phone/phoneWorld'
import { USUAL_OUTCOMES } from '../usualOutcomes'

let clock: FakeClock
let storage: FakeStorage
let posted: [string, OutcomeRequest][]
let refused: unknown[]
let error: ApiError | null

beforeEach(() => {
  clock = new FakeClock()
  storage = new FakeStorage()
  posted = []
  refused = []
  error = null
})

const tab = () =>
  new OutcomeDrafts({
    storage,
    clock,
    user: 'ada',
    post: async (id, request) => {
      if (error) throw error
      posted.push([id, request])
    },
    saved: () => {},
    refused: (_, why) => refused.push(why),
  })
const wrapping = (attempt: string, ms: number | null): AgentSession => ({
  ...NO_SESSION,
  phase: 'live',
  wrap_up: { lead_id: 'l', attempt_id: attempt, until: ms === null ? null : clock.at(ms) },
})
const free: AgentSession = { ...NO_SESSION, phase: 'live' }
const unreachable = new ApiError(0, 'unreachable', '')

test('a saved outcome goes with its time to call back, and lets the next call start', async () => {
  const drafts = tab()
  drafts.choose('l', 'a', { code: 'call_back', callBackAt: '2026-01-06T12:00:00.000Z' })
  expect(await drafts.save('a', true)).toBe(true)
  expect(posted).toEqual([
    ['l', { attempt_id: 'a', code: 'call_back', call_back_at: '2026-01-06T12:00:00.000Z', ready: true }],
  ])
  expect(drafts.get('a')).toBeUndefined()
  expect(storage.length).toBe(0)
})

test('what was chosen before a reload is chosen after it', () => {
  tab().choose('l', 'a', { code: 'meeting' })
  const after = tab()
  after.heard(wrapping('a', 30_000), clock.now())
  expect(after.get('a')).toMatchObject({ lead: 'l', code: 'meeting' })
  expect(posted).toEqual([])
})

test('an outcome that is saved while the server cannot be reached is kept over a reload, and sent when it can be', async () => {
  error = unreachable
  const before = tab()
  before.choose('l', 'a', { code: 'meeting' })
  expect(await before.save('a', true)).toBe(false)
  expect(before.isKept('a')).toBe(true)
  before.close()
  error = null
  const after = tab()
  expect(after.isKept('a')).toBe(true)
  after.resume()
  await settle()
  expect(posted).toEqual([['l', { attempt_id: 'a', code: 'meeting', ready: true }]])
})

test('it is tried again by itself', async () => {
  error = unreachable
  const drafts = tab()
  drafts.choose('l', 'a', { code: 'meeting' })
  await drafts.save('a', false)
  error = null
  await clock.pass(20_000)
  expect(posted).toHaveLength(1)
})

test('what is chosen and not saved when the wrap-up is over counts, at the moment that it ends', async () => {
  const drafts = tab()
  drafts.heard(wrapping('a', 30_000), clock.now())
  drafts.choose('l', 'a', { code: 'interested' })
  await clock.pass(29_000)
  expect(posted).toEqual([])
  await clock.pass(2_000)
  expect(posted).toEqual([['l', { attempt_id: 'a', code: 'interested' }]])
})

test('a wrap-up that is prolonged ends later', async () => {
  const drafts = tab()
  drafts.heard(wrapping('a', 30_000), clock.now())
  drafts.choose('l', 'a', { code: 'interested' })
  await clock.pass(20_000)
  drafts.heard(wrapping('a', 60_000), clock.now())
  await clock.pass(40_000)
  expect(posted).toEqual([])
})

test('a wrap-up that ends elsewhere, as in another tab, is not answered by the tab where nothing was chosen', async () => {
  const [one, two] = [tab(), tab()]
  for (const each of [one, two]) each.heard(wrapping('a', null), clock.now())
  one.choose('l', 'a', { code: 'interested' })
  two.storageChanged('autocall.outcome ada a')
  expect(two.get('a')?.code).toBe('interested')
  for (const each of [one, two]) each.heard(free, clock.now())
  await settle()
  expect(posted).toHaveLength(1)
})

test('a page that comes back when the wrap-up is over sends what was chosen before', async () => {
  tab().choose('l', 'a', { code: 'interested' })
  tab().heard(free, clock.now())
  await settle()
  expect(posted).toEqual([['l', { attempt_id: 'a', code: 'interested' }]])
})

test('what the server refuses for good is said, and stays to be chosen otherwise', async () => {
  error = new ApiError(400, 'bad_outcome', 'no such outcome')
  const drafts = tab()
  drafts.choose('l', 'a', { code: 'gone' })
  expect(await drafts.save('a', true)).toBe(false)
  expect(refused).toHaveLength(1)
  expect([drafts.get('a')?.code, drafts.isKept('a')]).toEqual(['gone', false])
})

test('two presses save once', async () => {
  const drafts = tab()
  drafts.choose('l', 'a', { code: 'meeting' })
  await Promise.all([drafts.save('a', true), drafts.save('a', true)])
  expect(posted).toHaveLength(1)
})

test('drafts of days ago are forgotten', async () => {
  tab().choose('l', 'a', { code: 'meeting' })
  await clock.pass(4 * 24 * 60 * 60_000)
  expect(tab().get('a')).toBeUndefined()
  expect(storage.length).toBe(0)
})

test('each outcome has its key, in their order; 0 forbids further calls', () => {
  expect([...keysOf(USUAL_OUTCOMES)]).toEqual([
    ['meeting', '1'],
    ['interested', '2'],
    ['call_back', '3'],
    ['not_interested', '4'],
    ['wrong_person', '5'],
    ['voicemail', '6'],
    ['do_not_call', '0'],
  ])
  const many = Array.from({ length: 12 }, (_, index) => ({ code: `c${index}`, label: '', kind: 'ordinary' as const }))
  expect(keysOf(many).size).toBe(9)
})

test('an outcome that is no longer in the list is still named', () => {
  expect(outcomeLabel(USUAL_OUTCOMES, 'meeting')).toBe('Meeting')
  expect(outcomeLabel(USUAL_OUTCOMES, 'sent_offer')).toBe('sent offer')
})

test('a mailbox presets voicemail, a person presets nothing, and what was said before stands', () => {
  expect(presetOutcome(USUAL_OUTCOMES, lead({ answered_by: 'machine_end_beep' }))).toBe('voicemail')
  expect(presetOutcome(USUAL_OUTCOMES, lead({ answered_by: 'human' }))).toBeNull()
  expect(presetOutcome(USUAL_OUTCOMES, lead({ answered_by: 'unknown' }))).toBeNull()
  expect(presetOutcome(USUAL_OUTCOMES, lead({ answered_by: 'fax', outcome: { code: 'meeting' } }))).toBe('meeting')
})
