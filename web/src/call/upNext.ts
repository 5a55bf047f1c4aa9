import { displayStatus, ended, type Lead, momentOf } from '../leads/lead'

const NEXT = 3
const LAST = 2

/** Who is called next, due appointments first and then in calling order, and who was called last, the newest first. */
export function upNext(leads: readonly Lead[], now: number): { next: Lead[]; last: Lead[] } {
  const [due, next]: Lead[][] = [[], []]
  let last: Lead[] = []
  for (const lead of leads) {
    const kind = displayStatus(lead)
    if (kind === 'waiting' && lead.appointment_at) {
      if (Date.parse(lead.appointment_at) <= now) due?.push(lead)
    } else if (kind === 'waiting' && (next?.length ?? 0) < NEXT) next?.push(lead)
    else if (ended(kind)) last = newest([...last, lead])
  }
  return { next: [...(due ?? []), ...(next ?? [])].slice(0, NEXT), last }
}

const newest = (leads: readonly Lead[]) =>
  leads.toSorted((a, b) => ((momentOf(a) ?? '') < (momentOf(b) ?? '') ? 1 : -1)).slice(0, LAST)
