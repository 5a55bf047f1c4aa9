import { displayStatus, type EarlierCall, ended, inFlight, type Lead } from './lead'

/** What an agent has done since midnight where they are. */
export interface Today {
  /** calls that were placed */
  calls: number
  /** calls in which the agent and the lead heard each other, and not a mailbox */
  conversations: number
  /** for how long they talked, in milliseconds */
  talkMs: number
  /** whether somebody talks now, so that `talkMs` grows */
  talking: boolean
  /** what conversations have come to, by the code of the outcome, the most frequent first */
  outcomes: readonly (readonly [code: string, count: number])[]
}

type Call = EarlierCall & { over: boolean }

/** The call that a row tells of, if one was placed; it tells of the last one until the lead is called again. */
export function currentCall(lead: Lead): EarlierCall | null {
  const { attempt_id, call_sid, answered_at, joined_at, ended_at, outcome, at: changed } = lead
  const placed = lead.placed_at ?? (call_sid ? (answered_at ?? ended_at ?? changed) : null)
  if (!attempt_id || !placed) return null
  return {
    attempt_id,
    placed_at: placed,
    answered_at: answered_at ?? null,
    joined_at: joined_at ?? null,
    ended_at: ended_at ?? (ended(displayStatus(lead)) ? (changed ?? null) : null),
    outcome: outcome ?? null,
  }
}

/** The calls of a lead that the page knows of, each once. */
function callsOf(lead: Lead): Call[] {
  const current = currentCall(lead)
  const over = !inFlight(displayStatus(lead))
  const earlier = (lead.earlier_calls ?? []).filter(({ attempt_id }) => attempt_id !== current?.attempt_id)
  return [...earlier.map((call) => ({ ...call, over: true })), ...(current ? [{ ...current, over }] : [])]
}

/**
 * Counts the day at *now* (the server's time, so that a wrong clock of this machine changes nothing). A call counts on
 * the day on which it is placed, a conversation on the day on which it begins, talk on the day on which it is talked.
 * With a message instead of an agent, who answers is talked to.
 */
export function todayOf(
  leads: Iterable<Lead>,
  now: number,
  agentOnLine: boolean,
  isVoicemail: (code: string) => boolean,
): Today {
  const midnight = new Date(now).setHours(0, 0, 0, 0)
  const today = { calls: 0, conversations: 0, talkMs: 0, talking: false }
  const outcomes = new Map<string, number>()
  for (const lead of leads) {
    if (!lead.placed_at && !lead.call_sid && !lead.earlier_calls?.length) continue
    for (const call of callsOf(lead)) {
      if (at(placedOf(call)) >= midnight) today.calls += 1
      const { code, at: since } = call.outcome ?? {}
      const talked = call.joined_at ?? (agentOnLine ? null : call.answered_at)
      if (!code || !isVoicemail(code)) countTalk(today, call, talked, midnight, now)
      if (code && at(since ?? call.ended_at) >= midnight) outcomes.set(code, (outcomes.get(code) ?? 0) + 1)
    }
  }
  return { ...today, outcomes: [...outcomes].sort(([, a], [, b]) => b - a) }
}

/** When a call was placed; of one whose number was refused nobody knows such a moment. */
const placedOf = ({ placed_at, claimed_at, call_status }: Call) =>
  placed_at ?? (call_status === 'failed' ? null : claimed_at)

function countTalk(
  today: Omit<Today, 'outcomes'>,
  call: Call,
  since: string | null | undefined,
  midnight: number,
  now: number,
): void {
  const from = at(since)
  if (Number.isNaN(from)) return
  if (from >= midnight) today.conversations += 1
  const until = call.over ? at(call.ended_at) : now
  if (!(until > midnight)) return
  today.talkMs += Math.max(0, until - Math.max(from, midnight))
  if (!call.over) today.talking = true
}

const at = (moment: string | null | undefined): number => Date.parse(moment ?? '')
