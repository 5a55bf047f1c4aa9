import { displayStatus, ended, type Lead, momentOf } from '../leads/lead'

const NEXT = 3
const LAST = 2

/** Who is called next, in calling order, and who was called last, the newest first. */
export function upNext(leads: readonly Lead[]): { next: Lead[]; last: Lead[] } {
  const next: Lead[] = []
  let last: Lead[] = []
  for (const lead of leads) {
    const kind = displayStatus(lead)
    if (kind === 'waiting' && next.length < NEXT) next.push(lead)
    if (ended(kind)) last = newest([...last, lead])
  }
  return { next, last }
}

const newest = (leads: readonly Lead[]) =>
  leads.toSorted((a, b) => ((momentOf(a) ?? '') < (momentOf(b) ?? '') ? 1 : -1)).slice(0, LAST)
