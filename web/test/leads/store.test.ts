import { describe, expect, test } from 'vitest'
import type { Lead } from '../../src/leads/lead'
import { LeadStore } from '../../src/leads/store'
import { lead } from './made'

function store(...leads: ReturnType<typeof lead>[]) {
  const made = new LeadStore()
  made.setAll(leads)
  return made
}

describe('versions', () => {
  test('an event newer than the row is applied, and the row keeps its number and name', () => {
    const one = lead({ version: 3 })
    const leads = store(one)
    expect(leads.update({ lead_id: one.lead_id, version: 4, call_status: 'ringing' })).toBe('applied')
    expect(leads.get(one.lead_id)).toMatchObject({ call_status: 'ringing', phone: one.phone, name: one.name })
  })

  test('an older event changes nothing', () => {
    const one = lead({ version: 3, call_status: 'completed' })
    const leads = store(one)
    expect(leads.update({ lead_id: one.lead_id, version: 2, call_status: 'ringing' })).toBe('older')
    expect(leads.get(one.lead_id)?.call_status).toBe('completed')
  })

  test('the same version again is harmless', () => {
    const one = lead({ version: 3 })
    const leads = store(one)
    expect(leads.update({ lead_id: one.lead_id, version: 3, call_status: 'pending' })).toBe('applied')
  })

  test('events in any order end in the newest state', () => {
    const stages = ['queued', 'initiated', 'ringing', 'in-progress', 'completed']
    for (let round = 0; round < 50; round += 1) {
      const one = lead()
      const leads = store(one)
      const events = stages.map((call_status, place) => ({ lead_id: one.lead_id, version: place + 2, call_status }))
      for (const event of events.sort(() => Math.random() - 0.5)) leads.update(event)
      expect(leads.get(one.lead_id)).toMatchObject({ call_status: 'completed', version: 6 })
    }
  })

  test('a snapshot taken before an event does not undo it', () => {
    const one = lead({ version: 3 })
    const leads = store(one)
    leads.update({ lead_id: one.lead_id, version: 5, call_status: 'completed' })
    leads.setAll([{ ...one, version: 4, call_status: 'ringing' }])
    expect(leads.get(one.lead_id)?.call_status).toBe('completed')
    expect(leads.set({ ...one, version: 4 })).toBe('older')
  })

  test('an event about a lead this page does not know says so', () => {
    expect(store().update({ lead_id: 'stranger', version: 1, call_status: 'queued' })).toBe('unknown')
  })
})

describe('a lead that is heard of before its row has come', () => {
  const [older, newer] = [
    { lead_id: 'new', version: 4, call_status: 'completed' },
    { lead_id: 'new', version: 3, call_status: 'ringing' },
  ]

  test.each([
    ['alone', (leads: LeadStore, row: Lead) => leads.set(row)],
    ['with a page', (leads: LeadStore, row: Lead) => leads.setAll([row])],
  ])('shows the newest of what was heard, whatever the row says that comes %s', (_, come) => {
    const leads = store()
    leads.update(older)
    leads.update(newer)
    const row = lead({ lead_id: 'new', version: 2, call_status: 'queued' })
    come(leads, row)
    expect(leads.get('new')).toMatchObject({ call_status: 'completed', version: 4, phone: row.phone })
    expect(leads.unknownIds()).toEqual([])
  })

  test('shows the row if that is newer', () => {
    const leads = store()
    leads.update(newer)
    leads.set(lead({ lead_id: 'new', version: 9, call_status: 'busy' }))
    expect(leads.get('new')?.call_status).toBe('busy')
  })

  test('is forgotten when it turns out to be gone, or a snapshot does not know it', () => {
    const leads = store()
    leads.update(older)
    leads.remove('new')
    expect(leads.unknownIds()).toEqual([])
    leads.update(older)
    leads.keepOnly(new Set(), leads.ids())
    expect(leads.unknownIds()).toEqual([])
  })
})

describe('a complete snapshot', () => {
  test('takes away what is gone, but not what came while it was taken', () => {
    const [stays, goes, comes] = [lead(), lead(), lead()]
    const leads = store(stays, goes)
    const before = leads.ids()
    leads.set(comes)
    leads.keepOnly(new Set([stays.lead_id]), before)
    expect(leads.all()).toEqual([stays, comes])
  })
})

describe('who is told', () => {
  test('a row’s listeners hear of their row only, and of nothing after they left', () => {
    const [one, two] = [lead(), lead()]
    const leads = store(one, two)
    const heard: string[] = []
    const stop = leads.subscribeRow(one.lead_id, () => heard.push('one'))
    leads.subscribeRow(two.lead_id, () => heard.push('two'))
    leads.update({ lead_id: two.lead_id, version: 2, call_status: 'queued' })
    stop()
    leads.update({ lead_id: one.lead_id, version: 2, call_status: 'queued' })
    expect(heard).toEqual(['two'])
  })

  test('a page of a snapshot that brings nothing new leaves its rows alone', () => {
    const one = lead()
    const leads = store(one)
    leads.setAll([{ ...one }])
    expect(leads.get(one.lead_id)).toBe(one)
  })
})

describe('calling order', () => {
  test('is the order of import: a file is called top to bottom', () => {
    const times = ['2026-01-05T09:00:00.003Z', '2026-01-05T09:00:00.001Z', '2026-01-05T09:00:00.002Z']
    const leads = store(...times.map((imported_at) => lead({ imported_at })))
    expect(leads.all().map((one) => one.imported_at)).toEqual([...times].sort())
  })

  test('does not change when a lead is called', () => {
    const [one, two] = [lead({ imported_at: 'a' }), lead({ imported_at: 'b' })]
    const leads = store(two, one)
    leads.update({ lead_id: one.lead_id, version: 9, call_status: 'completed' })
    expect(leads.all().map(({ lead_id }) => lead_id)).toEqual([one.lead_id, two.lead_id])
  })
})
