import { describe, expect, test } from 'vitest'
import { LeadStore } from '../../src/leads/store'
import { todayOf } from '../../src/leads/today'
import { lead } from './made'

const midnight = new Date(2026, 0, 5).getTime()
const NOON = midnight + 12 * 3_600_000
/** So many minutes after midnight where the agent is. */
const at = (minutes: number) => new Date(midnight + minutes * 60_000).toISOString()
const call = (id: string, from: number, minutes: number, more: object = {}) => ({
  call_status: 'completed',
  attempt_id: id,
  placed_at: at(from),
  answered_at: at(from),
  joined_at: at(from),
  ended_at: at(from + minutes),
  ...more,
})
const day = (leads: readonly ReturnType<typeof lead>[], now = NOON, agent = true) =>
  todayOf(leads, now, agent, (code) => code === 'voicemail')

describe('today', () => {
  test('has the calls that were placed since midnight, and not those that never went out', () => {
    const leads = [
      lead(call('a', 600, 2)),
      lead(call('b', -30, 5)),
      lead({ call_status: 'no-answer', attempt_id: 'c', placed_at: at(610), ended_at: at(611) }),
      lead({ call_status: 'failed', attempt_id: 'd', ended_at: at(612) }),
      lead({ call_status: 'claimed', attempt_id: 'e' }),
      lead({ call_status: 'ringing', attempt_id: 'f', call_sid: 'CA', placed_at: at(613) }),
      lead(),
    ]
    expect(day(leads)).toMatchObject({ calls: 3, conversations: 1 })
  })

  test('a lead that was called twice is two calls, two conversations and the talk of both', () => {
    const earlier = [{ ...call('a', 540, 3), claimed_at: at(540) }]
    const one = lead({ ...call('b', 660, 2), earlier_calls: earlier })
    expect(day([one])).toMatchObject({ calls: 2, conversations: 2, talkMs: 5 * 60_000 })
  })

  test('an earlier call without a moment of its own counts when it was claimed', () => {
    const [today, yesterday] = [at(540), at(-60)].map((claimed_at) => ({ attempt_id: claimed_at, claimed_at }))
    expect(day([lead({ earlier_calls: [today, yesterday].filter((one) => one !== undefined) })]).calls).toBe(1)
  })

  test('talk that began yesterday counts from midnight on, and its conversation was yesterday’s', () => {
    expect(day([lead(call('a', -10, 25))])).toMatchObject({ calls: 0, conversations: 0, talkMs: 15 * 60_000 })
  })

  test('talk that goes on counts up to now', () => {
    const talks = lead(call('a', 11 * 60 + 58, 0, { call_status: 'in-progress', ended_at: null }))
    expect(day([talks])).toMatchObject({ calls: 1, conversations: 1, talkMs: 2 * 60_000, talking: true })
    expect(day([talks], NOON + 60_000).talkMs).toBe(3 * 60_000)
  })

  test('whom only a mailbox answered was not talked to', () => {
    const mailbox = call('a', 600, 1, { outcome: { code: 'voicemail', at: at(602) } })
    expect(day([lead(mailbox)])).toMatchObject({ calls: 1, conversations: 0, talkMs: 0, outcomes: [['voicemail', 1]] })
  })

  test('outcomes count on the day they are given, the most frequent first, those of earlier calls too', () => {
    const outcome = (code: string, minutes: number) => ({ outcome: { code, at: at(minutes) } })
    const leads = [
      lead(call('a', 600, 1, outcome('meeting', 602))),
      lead({
        ...call('b', 600, 1, outcome('call_back', 603)),
        earlier_calls: [call('c', 500, 1, outcome('call_back', 502))],
      }),
      lead(call('d', -30, 1, outcome('meeting', -20))),
    ]
    expect(day(leads).outcomes).toEqual([
      ['call_back', 2],
      ['meeting', 1],
    ])
  })

  test('where nobody is on the line but a message, who answers counts as talked to', () => {
    const answered = lead(call('a', 600, 1, { joined_at: null }))
    expect(day([answered]).conversations).toBe(0)
    expect(day([answered], NOON, false)).toMatchObject({ conversations: 1, talkMs: 60_000 })
  })
})

test('a lead that waits to be called again still tells of its last call', () => {
  const waits = lead({ ...call('a', 600, 2), call_status: 'pending', earlier_calls: [call('a', 600, 2)] })
  expect(day([waits])).toMatchObject({ calls: 1, conversations: 1, talkMs: 2 * 60_000 })
})

describe('a lead that is called again while the page is open', () => {
  const counts = (store: LeadStore) => day(store.all())

  test('keeps the call that it had', () => {
    const store = new LeadStore()
    const one = lead(call('a', 600, 2, { version: 3 }))
    store.setAll([one])
    const id = { lead_id: one.lead_id }
    const none = { placed_at: null, answered_at: null, joined_at: null, ended_at: null, outcome: null }
    store.update({ ...id, version: 4, call_status: 'pending', attempt_id: 'a', ...none })
    expect(counts(store)).toMatchObject({ calls: 1, conversations: 1, talkMs: 2 * 60_000 })
    store.update({ ...id, version: 5, call_status: 'ringing', attempt_id: 'b', ...none, placed_at: at(660) })
    expect(counts(store).calls).toBe(2)
    store.update({ ...id, version: 6, ...call('b', 660, 1) })
    expect(counts(store)).toMatchObject({ calls: 2, conversations: 2, talkMs: 3 * 60_000 })
  })

  test('keeps it though the word that it is called again never came', () => {
    const store = new LeadStore()
    const one = lead(call('a', 600, 2, { version: 3 }))
    store.setAll([one])
    store.update({ lead_id: one.lead_id, version: 9, ...call('b', 660, 1) })
    expect(counts(store)).toMatchObject({ calls: 2, conversations: 2 })
  })

  test('has each call once, when the server tells of all of them', () => {
    const store = new LeadStore()
    const one = lead(call('a', 600, 2, { version: 3 }))
    store.setAll([one])
    store.update({ lead_id: one.lead_id, version: 4, ...call('b', 660, 1) })
    store.set({ ...one, version: 5, ...call('b', 660, 1), earlier_calls: [call('a', 600, 2)] })
    expect(counts(store)).toMatchObject({ calls: 2, conversations: 2 })
  })
})
