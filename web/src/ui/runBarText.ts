import { when } from '../format'
import type { Estimate, Progress, RunState, Summary } from '../run/state'
import type { Totals } from '../leads/view'
import { type ConnectionState } from '../socket'
import { readReason } from '../reason'
import { connection, reason, run as words } from '../texts'

/** What the run bar says: a title, facts beside it, and what that means. */
export interface Said {
  title: string
  facts: string[]
  detail: string | null
}

/** What there is to say; *now* is the server's, and *admin* who may act for the whole installation. */
export interface Known {
  summary: Summary
  totals: Totals
  done: Progress
  run: RunState
  now: number
  admin: boolean
}

/** What can be said without a live connection: that there is none, and what was heard last. */
export function unsure(
  kind: 'loading' | 'failed' | 'away',
  state: ConnectionState,
  summary: Summary,
  { done, of }: Progress,
  { all, lines }: Totals,
): Said {
  if (kind === 'failed') return { title: words.failed, facts: [], detail: null }
  if (kind === 'loading') {
    const facts = [...(all ? [words.soFar(all)] : []), ...(lines ? [words.lines(lines)] : [])]
    return { title: words.connecting, facts, detail: null }
  }
  const facts = [
    ...(summary.kind === 'paused' ? [words.pausedLast] : []),
    ...(of > 0 ? [words.calledLast(done, of)] : []),
  ]
  return { title: connection[state].label, facts, detail: null }
}

/** The state of the calls in words. */
export function say(known: Known): Said {
  const { summary, totals, done, now } = known
  const { checking: asked } = totals.kinds
  const held = totals.kinds.held ? [words.held(totals.kinds.held)] : []
  const lines = totals.lines ? [words.lines(totals.lines)] : []
  const checking = asked ? [words.checking(asked)] : []
  switch (summary.kind) {
    case 'empty':
      return { title: words.empty, facts: [], detail: words.emptyDetail }
    case 'paused': {
      const facts = [...waiting(summary.waiting), ...held, ...lines, ...checking]
      return { title: words.paused, facts, detail: pausedDetail(summary.until, known) }
    }
    case 'stopped':
      return stopped(summary, [...waiting(summary.waiting), ...held, ...lines, ...checking], known)
    case 'calling': {
      const eta = summary.eta ? [etaText(summary.eta, now)] : []
      return { title: words.calling(done.done, done.of), facts: [...held, ...lines, ...checking, ...eta], detail: null }
    }
    case 'waiting':
      return {
        title: words.waiting(summary.waiting),
        facts: [...held, ...checking],
        detail: waitingDetail(summary, now),
      }
    case 'checking': {
      const next = summary.next ? [words.next(when(summary.next, now))] : []
      return {
        title: words.checkingTitle(asked),
        facts: [],
        detail: [words.checkingDetail(asked), ...next.map((text) => `${text}.`)].join(' '),
      }
    }
    case 'held':
      return heldBack(summary, checking, now)
    case 'finished':
      return { title: words.finished, facts: [], detail: words.finishedDetail(totals.endedToday) }
  }
}

const waiting = (count: number) => (count ? [words.waiting(count)] : [])

function etaText({ from, to }: Estimate, now: number): string {
  const [first, last] = [when(from, now), when(to, now)]
  return from <= now || first === last ? words.doneBy(last) : words.doneBetween(first, last)
}

function pausedDetail(until: string | null, { totals, run, now }: Known): string {
  const doubtful = totals.lines - totals.placed + totals.kinds.checking + run.inFlight.length
  return [
    until ? words.pausedUntil(when(until, now)) : words.pausedDetail,
    ...(totals.placed ? [words.inFlight(totals.placed)] : []),
    ...(doubtful ? [words.inDoubt(doubtful)] : []),
  ].join(' ')
}

function stopped(
  { reason: why, until }: Extract<Summary, { kind: 'stopped' }>,
  facts: string[],
  { admin, now }: Known,
): Said {
  const probe = words.probe(when(until, now))
  const sooner = admin ? [] : [words.onlyAdmin]
  const detail = (advice: string) => [advice, probe, ...sooner].join(' ')
  const { code, detail: number } = readReason(why)
  if (code === 'resumed by an operator') return { title: words.startsAgain, facts, detail: words.startsAgainAdvice }
  if (code === 'account refused') {
    const named = number ? [reason(why)] : []
    return { title: words.account, facts: [...named, ...facts], detail: detail(words.accountAdvice) }
  }
  const advice =
    code === 'unknown'
      ? words.unknownAdvice
      : code === 'stopped by an operator'
        ? words.operatorAdvice
        : words.restAdvice
  return { title: words.stopped, facts, detail: detail(advice) }
}

function waitingDetail(
  { reason: why, next, checking, soon }: Extract<Summary, { kind: 'waiting' }>,
  now: number,
): string {
  if (soon) return words.soon
  const ofTheLine = words.line[why ?? '']
  if (ofTheLine) return ofTheLine
  const named = reason(why) || (checking ? words.checkingWhy(checking) : '')
  if (!next) return named || words.starting
  return named ? `${words.next(when(next, now))}: ${named}.` : `${words.next(when(next, now))}.`
}

function heldBack(
  { count, stuck, reason: why, until }: Extract<Summary, { kind: 'held' }>,
  checking: string[],
  now: number,
): Said {
  const title = why === 'hours' ? words.held_hours : words.heldOther
  const named = why && why !== 'hours' ? [reason(why)] : []
  const free = count > stuck ? [words.heldAll(count - stuck, until ? when(until, now) : null)] : []
  return {
    title,
    facts: [...named, ...checking],
    detail: [...free, ...(stuck ? [words.heldStuck(stuck)] : [])].join(' '),
  }
}
