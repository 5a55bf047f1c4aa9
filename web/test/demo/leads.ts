import type { HistoryEntry, Lead } from '../../src/leads/lead'

export type Row = Lead & { past: HistoryEntry[] }

const FIRST = [
  'Ada',
  'Grace',
  'Linus',
  'Mary',
  'Alan',
  'Katherine',
  'Edsger',
  'Barbara',
  'Dennis',
  'Radia',
  'Ken',
  'Hedy',
  'Claude',
  'Joan',
  'Niklaus',
  'Margaret',
]
const LAST = [
  'Okafor',
  'Lindqvist',
  'Fernández',
  'Novák',
  'Tanaka',
  'Murphy',
  'Haddad',
  'Kowalska',
  'Silva',
  'Nguyen',
  'Bauer',
  'Rossi',
  'Peeters',
  'Hansen',
  'Moreau',
  'Clarke',
]
const ZONES = ['US-NY/America/New_York', 'US-IL/America/Chicago', 'US-CO/America/Denver', 'US-CA/America/Los_Angeles']
const NOTES = ['', '', 'asked for a call after the fair', 'prefers mornings', '', 'renewal in spring', '', '']

const pick = <T>(from: readonly T[], by: number): T => from[by % from.length] as T

/** How many of those who were called have rung back and met nobody. */
const RANG_BACK = Number(process.env.DEMO_RANG_BACK ?? 0)

/** Leads as a busy morning leaves them: some called, a few odd ones, most waiting. */
export function madeUpLeads(count: number, from = 0): Row[] {
  const now = Date.now()
  return Array.from({ length: count }, (_, index) =>
    lead(from + index, from === 0 ? past(index, count) : {}, now - (count - index) * 40_000),
  )
}

function past(index: number, count: number): Partial<Row> {
  const ends = ['completed', 'no-answer', 'completed', 'busy', 'completed', 'completed', 'failed', 'no-answer']
  if (index < count * 0.06) {
    const call_status = pick(ends, index * 5 + 1)
    const reason = call_status === 'failed' ? 'Twilio refused the call (21214)' : null
    return {
      call_status,
      reason,
      duration_s: call_status === 'completed' ? 20 + ((index * 37) % 400) : 0,
      version: 7,
      ...rangBack(index),
    }
  }
  if (index === Math.ceil(count * 0.06))
    return { call_status: 'unknown', can_release: true, reason: 'not_found', version: 5, attempt_id: 'a' }
  if (index % 41 === 7) return { held: { reason: 'hours', until: nineTomorrow() } }
  if (index % 97 === 11) return { do_not_call: true, held: { reason: 'dnc', until: null } }
  return {}
}

function rangBack(index: number): Partial<Row> {
  if (index >= RANG_BACK) return {}
  const at = (ago: number) => new Date(Date.now() - (index + 1) * 240_000 - ago).toISOString()
  return { attempt_id: 'a', rang_back_at: at(20_000), ...(index % 2 ? {} : { ring_back_asked_at: at(0) }) }
}

function nineTomorrow(): string {
  const day = new Date(Date.now() + 86_400_000)
  day.setHours(9, 0, 0, 0)
  return day.toISOString()
}

const imported = (index: number) => ({
  Title: pick(['IT Director', 'Buyer', 'Head of Sales', 'Owner'], index * 3),
  Company: pick(['Northwind', 'Acme', 'Globex', 'Initech'], index),
  'E-mail': `person${index}@example.com`,
  Website: 'https://example.com/about-us',
  Source: pick(['Newsletter', 'Fair', 'Web form'], index),
  Owner: 'Grace',
})

function lead(index: number, past: Partial<Row>, at: number): Row {
  return {
    lead_id: `lead-${index}`,
    attempt_id: null,
    phone: `+1${201 + (index % 700)}555${String(100 + (index % 9900)).padStart(4, '0')}`,
    phone_display: `+1 ${201 + (index % 700)}-555-${String(100 + (index % 9900)).padStart(4, '0')}`,
    name: index % 29 === 13 ? '' : `${pick(FIRST, index * 7 + 3)} ${pick(LAST, index * 11 + (index >> 4))}`,
    zones: [pick(ZONES, index)],
    state: null,
    note: pick(NOTES, index),
    extra: index % 3 ? imported(index) : {},
    external_id: index % 3 ? `CRM-${100_000 + index}` : null,
    calls: past.call_status ? 1 : 0,
    call_status: 'pending',
    reason: null,
    held: null,
    can_release: false,
    do_not_call: false,
    call_sid: null,
    version: 1,
    at: new Date(at).toISOString(),
    duration_s: null,
    imported_at: new Date(at - 3_600_000).toISOString(),
    past: [],
    ...past,
  }
}
