import { displayStatus, inFlight, type Lead } from '../leads/lead'

/** For this long somebody who calls may still be put through: nobody is missed before. */
export const PUT_THROUGH_MS = 3_000

/** Somebody who rang back, met nobody, and has had no answer yet. */
export interface MissedCall {
  lead: Lead
  /** their last call, or their wish there to be called: what an answer names */
  at: string
  /** whether they have asked to be called */
  asked: boolean
}

export interface Missed {
  /** the newest first */
  calls: MissedCall[]
  /** after how many ms a further one is missed, unless they are put through; null: nobody is just calling */
  next: number | null
}

/** Who rang back and was not reached, at *now* by the server's clock; *talking* is the lead the agent is in a call with. */
export function missed(leads: Iterable<Lead>, talking: string | null, now: number): Missed {
  const calls: MissedCall[] = []
  let next: number | null = null
  for (const lead of leads) {
    const call = missedCall(lead)
    if (!call || lead.lead_id === talking) continue
    const left = call.asked ? 0 : Date.parse(call.at) + PUT_THROUGH_MS - now
    if (left > 0) next = Math.min(next ?? left, left)
    else calls.push(call)
  }
  return { calls: calls.sort((a, b) => (a.at < b.at ? 1 : -1)), next }
}

/** The call of this lead that nobody has answered yet. Whoever is called, or was since, needs no other answer. */
function missedCall(lead: Lead): MissedCall | null {
  const [rang, asked] = [lead.rang_back_at ?? '', lead.ring_back_asked_at ?? '']
  const at = asked > rang ? asked : rang
  if (!at || lead.do_not_call || inFlight(displayStatus(lead))) return null
  const answers = [lead.ring_back_heard_at, lead.ring_back_done_at, lead.placed_at]
  if (answers.some((answered) => answered && answered >= at)) return null
  return { lead, at, asked: asked >= rang }
}
