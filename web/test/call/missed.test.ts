import { describe, expect, test } from 'vitest'
import { missed, PUT_THROUGH_MS } from '../../src/call/missed'
import type { Lead } from '../../src/leads/lead'
import { lead } from '../leads/made'

const NOW = Date.parse('2026-01-05T09:00:00.000Z')
const ago = (minutes: number) => new Date(NOW - minutes * 60_000).toISOString()
const called = (about: Partial<Lead>) => lead({ call_status: 'no-answer', placed_at: ago(90), ...about })
const who = (leads: Lead[], talking: string | null = null) =>
  missed(leads, talking, NOW).calls.map(({ lead: { name }, asked }) => `${name}${asked ? ' asks' : ''}`)

describe('who rang back and was not reached', () => {
  test('the newest first, and whether they ask to be called', () => {
    const leads = [
      called({ name: 'Early', rang_back_at: ago(30) }),
      called({ name: 'Never' }),
      called({ name: 'Asked', rang_back_at: ago(9), ring_back_asked_at: ago(8) }),
    ]
    expect(who(leads)).toEqual(['Asked asks', 'Early'])
  })

  test('whoever calls once more after asking is missed by that call', () => {
    const asked = called({ name: 'Again', ring_back_asked_at: ago(20), rang_back_at: ago(5) })
    expect(missed([asked], null, NOW).calls).toMatchObject([{ asked: false, at: ago(5) }])
  })

  test.each([
    ['their agent was there', { ring_back_heard_at: ago(9) }],
    ['it is dealt with', { ring_back_done_at: ago(10) }],
    ['they were called since', { placed_at: ago(5) }],
    ['they are being called', { call_status: 'ringing' }],
    ['they are never to be called again', { do_not_call: true }],
  ])('nobody is missed any more once %s', (_, answer) => {
    expect(who([called({ rang_back_at: ago(10), ...answer })])).toEqual([])
  })

  test.each([
    ['their agent was there the time before', { ring_back_heard_at: ago(60) }],
    ['the time before is dealt with', { ring_back_done_at: ago(60) }],
    ['they wait to be called at some time', { call_status: 'pending', appointment_at: ago(-600) }],
    ['it is not known what became of their call', { call_status: 'unknown', can_release: true }],
  ])('somebody is missed although %s', (_, about) => {
    expect(who([called({ name: 'Ada', rang_back_at: ago(10), ...about })])).toEqual(['Ada'])
  })

  test('whom the agent talks with is not missed', () => {
    const ada = called({ name: 'Ada', rang_back_at: ago(1) })
    expect(who([ada], ada.lead_id)).toEqual([])
    expect(who([ada], 'another')).toEqual(['Ada'])
  })

  test('who has only just called may still be put through', () => {
    const at = new Date(NOW - 1_000).toISOString()
    expect(missed([called({ rang_back_at: at })], null, NOW)).toEqual({ calls: [], next: PUT_THROUGH_MS - 1_000 })
    expect(missed([called({ ring_back_asked_at: at })], null, NOW).calls).toHaveLength(1)
  })
})
