import type { OnCall, WrapUp } from '../socket'
import type { PhoneState } from './agentPhone'
import type { Unreachable } from './microphone'

/** The one thing that is said of the agent's line. */
export type Line =
  | {
      kind:
        | 'hidden'
        | 'loading'
        | 'check'
        | 'elsewhere'
        | 'in_conversation'
        | 'taken'
        | 'opening'
        | 'ringing'
        | 'ready'
        | 'no_phone'
    }
  | { kind: 'unreachable'; why: Unreachable }
  /** the agent is kept for somebody who has not joined yet */
  | { kind: 'calling'; call: OnCall }
  | { kind: 'talking'; call: OnCall; since: number }
  /** *left* in seconds; null: until they say that they are ready */
  | { kind: 'wrap_up'; wrapUp: WrapUp; left: number | null }
  /** *again*: it is tried again by itself */
  | { kind: 'ended'; reason: string | null; error: unknown; again: boolean }

const KINDS_OF_HOLD = ['check', 'elsewhere', 'in_conversation', 'taken', 'opening'] as const
type Quiet = (typeof KINDS_OF_HOLD)[number]

/** The call that the agent is kept for or talks in at *now*, by the server's clock. */
export function onCall({ session }: PhoneState, now: number): OnCall | null {
  const call = session?.call
  return call && Date.parse(call.until) > now ? call : null
}

/** The wrap-up that goes on at *now*. */
export function wrapUp({ session }: PhoneState, now: number): WrapUp | null {
  const wrapped = session?.wrap_up
  return wrapped && (!wrapped.until || Date.parse(wrapped.until) > now) ? wrapped : null
}

/** What the agent's line is at *now*; their own call by phone counts wherever the settings point. */
export function lineOf(state: PhoneState, now: number): Line {
  const { needed, via, hold, session, hasPhone } = state
  if (needed !== true) return { kind: 'hidden' }
  const byPhone = session?.via === 'phone' && session.phase !== 'ended'
  if (byPhone) return session.phase === 'ringing' ? { kind: 'ringing' } : standing(state, now)
  if (via === 'phone') return phoneless(hasPhone, session?.reason ?? null)
  if (hold.kind === 'none') return { kind: 'loading' }
  if (hold.kind === 'unreachable') return hold
  if (hold.kind === 'lost')
    return {
      kind: 'ended',
      reason: session?.phase === 'ended' ? session.reason : null,
      error: hold.error,
      again: hold.again !== null,
    }
  if (hold.kind === 'connected') return session?.phase === 'live' ? standing(state, now) : { kind: 'opening' }
  return { kind: hold.kind as Quiet }
}

function phoneless(hasPhone: boolean, reason: string | null): Line {
  return hasPhone ? { kind: 'ended', reason, error: null, again: false } : { kind: 'no_phone' }
}

function standing(state: PhoneState, now: number): Line {
  const call = onCall(state, now)
  if (call?.joined) return { kind: 'talking', call, since: Date.parse(call.joined) }
  if (call) return { kind: 'calling', call }
  const wrapped = wrapUp(state, now)
  if (!wrapped) return { kind: 'ready' }
  return {
    kind: 'wrap_up',
    wrapUp: wrapped,
    left: wrapped.until ? Math.ceil((Date.parse(wrapped.until) - now) / 1000) : null,
  }
}
