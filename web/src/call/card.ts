import type { PhoneState } from '../phone/agentPhone'
import { onCall, wrapUp } from '../phone/line'
import type { OnCall, WrapUp } from '../socket'

interface Conversation {
  lead: string
  attempt: string
  /** whether the lead calls back, or has */
  inbound: boolean
}

/** What the call card is about: a call that is being made, a conversation, or one that is written up. */
export type Card = Conversation &
  (
    | { kind: 'calling' }
    /** *held*: since when the lead is on hold */
    | { kind: 'talking'; since: number; held: number | null }
    /** *left* in seconds; null: until the agent says that they are ready */
    | { kind: 'wrap_up'; left: number | null }
  )

/** The card at *now*, by the server's clock, in every tab; a line that is lost takes no conversation away. */
export function cardOf(state: PhoneState, now: number): Card | null {
  const call = onCall(state, now)
  if (call) {
    const about = aboutOf(call)
    if (!call.joined) return { kind: 'calling', ...about }
    const held = call.held ? Date.parse(call.held) : null
    return { kind: 'talking', ...about, since: Date.parse(call.joined), held }
  }
  const wrapped = wrapUp(state, now)
  if (!wrapped) return null
  const left = wrapped.until ? Math.max(0, Math.ceil((Date.parse(wrapped.until) - now) / 1000)) : null
  return { kind: 'wrap_up', ...aboutOf(wrapped), left }
}

const aboutOf = ({ lead_id, attempt_id, inbound }: OnCall | WrapUp): Conversation => ({
  lead: lead_id ?? '',
  attempt: attempt_id,
  inbound: inbound === true,
})
