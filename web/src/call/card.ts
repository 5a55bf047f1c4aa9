import type { PhoneState } from '../phone/agentPhone'
import { onCall, wrapUp } from '../phone/line'

/** What the call card is about: a call that is being made, a conversation, or one that is written up. */
export type Card =
  | { kind: 'calling'; lead: string; attempt: string }
  | { kind: 'talking'; lead: string; attempt: string; since: number }
  /** *left* in seconds; null: until the agent says that they are ready */
  | { kind: 'wrap_up'; lead: string; attempt: string; left: number | null }

/** The card at *now*, by the server's clock, in every tab; a line that is lost takes no conversation away. */
export function cardOf(state: PhoneState, now: number): Card | null {
  const call = onCall(state, now)
  if (call) {
    const about = { lead: call.lead_id ?? '', attempt: call.attempt_id }
    return call.joined ? { kind: 'talking', ...about, since: Date.parse(call.joined) } : { kind: 'calling', ...about }
  }
  const wrapped = wrapUp(state, now)
  if (!wrapped) return null
  const left = wrapped.until ? Math.max(0, Math.ceil((Date.parse(wrapped.until) - now) / 1000)) : null
  return { kind: 'wrap_up', lead: wrapped.lead_id ?? '', attempt: wrapped.attempt_id, left }
}
