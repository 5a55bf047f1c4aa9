import type { Lead } from '../../src/leads/lead'

let last = 0

/** A lead with nothing special but what a test asks for. */
export function lead(about: Partial<Lead> = {}): Lead {
  last += 1
  return {
    lead_id: `lead-${last}`,
    phone: `+1202555${String(last).padStart(4, '0')}`,
    name: `Person ${last}`,
    call_status: 'pending',
    version: 1,
    held: null,
    can_release: false,
    do_not_call: false,
    ...about,
  }
}
