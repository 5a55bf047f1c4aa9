import type { Paused, RunFinished, RunStarted } from '../socket/index'
import { GATES } from '../leads/lead'
import type { Totals } from '../leads/view'
import { readReason } from '../reason'

/** Why and until when the whole installation calls nobody. */
export interface Rest {
  until: string
  reason: string | null
}

/** What the page knows of the machine that calls. */
export interface RunState {
  paused: boolean
  /** when the agent's own pause ends by itself */
  resumeAt: string | null
  /** the installation's rest as the server last told it; undefined while a run says something that it may not fit to */
  rest: Rest | null | undefined
  /** being called when the pause began, though their rows do not say so yet */
  inFlight: readonly string[]
  version: number
  running: boolean
  started: RunStarted | null
  finished: RunFinished | null
}

export const IDLE: RunState = {
  paused: false,
  resumeAt: null,
  rest: undefined,
  inFlight: [],
  version: 0,
  running: false,
  started: null,
  finished: null,
}

export type RunEvent =
  | { kind: 'started'; data: RunStarted }
  | { kind: 'finished'; data: RunFinished }
  | { kind: 'paused'; data: Paused }
  | { kind: 'resumed'; data: Paused }
  | { kind: 'profile'; data: { paused?: boolean; resume_at?: string | null; version?: number; rest?: Rest | null } }
  /** rows that show by themselves what becomes of their call */
  | { kind: 'shown'; leads: readonly string[] }

/** The state after an event; of the profile's events, older ones change nothing. */
export function reduce(state: RunState, event: RunEvent): RunState {
  switch (event.kind) {
    case 'started':
      return { ...state, running: true, started: event.data, finished: null }
    case 'finished':
      return { ...state, running: false, finished: event.data, rest: state.rest ?? undefined }
    case 'profile':
      return profile(state, event.data)
    case 'resumed':
      if ((event.data?.version ?? state.version) < state.version) return state
      return { ...state, paused: false, resumeAt: null, inFlight: [], version: event.data?.version ?? state.version }
    case 'paused':
      return paused(state, event.data ?? { version: state.version })
    case 'shown':
      if (!state.inFlight.some((lead) => event.leads.includes(lead))) return state
      return { ...state, inFlight: state.inFlight.filter((lead) => !event.leads.includes(lead)) }
  }
}

/** A pause that ends by itself does not end another that does not. */
function paused(state: RunState, { version = state.version, in_flight, resume_at = null }: Paused): RunState {
  if (version < state.version) return state
  return { ...state, version, paused: !resume_at || state.paused, resumeAt: resume_at, inFlight: in_flight ?? [] }
}

type Profile = Extract<RunEvent, { kind: 'profile' }>['data']

/** The rest is the installation's, so it is taken whatever the version of the agent's own part. */
function profile(
  state: RunState,
  { paused = false, resume_at = null, version = state.version, rest = state.rest }: Profile,
): RunState {
  if (version < state.version) return { ...state, rest }
  return { ...state, paused, resumeAt: resume_at, version, rest, inFlight: paused || resume_at ? state.inFlight : [] }
}

/** Why a run stopped when the installation rests: the account was refused, or somebody who runs it has said so. */
const RESTS = ['account', 'account refused', 'stopped by an operator', 'resumed by an operator']
/** Also what a run says when a rest may have begun: three unclear calls in a row, or one call that tries after a rest. */
const MAY_REST = [...RESTS, 'unknown', 'probe']

const isOneOf = (reasons: string[], reason: string | null | undefined) => reasons.includes(readReason(reason).code)

/** Whether this run's end says something about the installation's rest, so that the settings should be read again. */
export const mayRest = ({ rest, finished }: RunState) => Boolean(rest) || isOneOf(MAY_REST, finished?.reason)

/** The installation's rest, if it rests now; until the server has told it, what the refused run said. */
export function resting({ rest, finished }: RunState, now: number): Rest | null {
  if (rest !== undefined) return rest && Date.parse(rest.until) > now ? rest : null
  if (!finished?.next_at || !isOneOf(RESTS, finished.reason)) return null
  return Date.parse(finished.next_at) > now ? { until: finished.next_at, reason: finished.reason ?? null } : null
}

export type Summary =
  | { kind: 'empty' }
  | { kind: 'paused'; waiting: number; lines: number; until: string | null }
  | { kind: 'stopped'; reason: string | null; until: string; waiting: number }
  | { kind: 'calling'; eta: Estimate | null }
  /** *checking* calls are asked after, which may hold a line until that is clear; *soon* the next call is due any moment */
  | { kind: 'waiting'; waiting: number; reason: string | null; next: string | null; checking: number; soon: boolean }
  | { kind: 'checking'; checking: number; next: string | null }
  /** *stuck* of them until a person changes something; the reason is given where all have the same */
  | { kind: 'held'; count: number; stuck: number; reason: string | null; until: string | null }
  | { kind: 'finished' }

export interface Progress {
  done: number
  of: number
}

/** Today's calls: made or being made, of those and what is to be called now. Held leads are not part of it. */
export function progress(totals: Totals, run: RunState = IDLE): Progress {
  const done = totals.endedToday + totals.lines + totals.kinds.checking
  return { done, of: done + toCall(totals, run) }
}

/**
 * Leads that are shown as waiting and will not be called now: the run has said how many it holds before it has written
 * that into each of them.
 */
function soonHeld({ kinds, held }: Totals, { running, started, finished }: RunState): number {
  if (!started || !(running || finished?.reason === 'time')) return 0
  const missing = GATES.reduce((sum, reason) => sum + (Number(started.held?.[reason]) || 0) - (held[reason] ?? 0), 0)
  return Math.min(Math.max(0, missing), kinds.waiting)
}

/** How many leads are to be called now. */
export const toCall = (totals: Totals, run: RunState): number => totals.kinds.waiting - soonHeld(totals, run)

/** Between which two moments the list will be through. */
export interface Estimate {
  from: number
  to: number
}

const FEWEST = 9
const SHORTEST_MS = 60_000
const LONGEST_MS = 12 * 60 * 60_000
const STEP_MS = 5 * 60_000

/**
 * When the list will be through at the pace of the last minutes, as a range: n calls tell the pace to one part in √n.
 * Null while they say nothing, or nothing for so far ahead.
 */
export function estimate(totals: Totals, now: number, run: RunState = IDLE): Estimate | null {
  const { endedLately, endedSince, lines } = totals
  const watched = endedSince === null ? 0 : now - Date.parse(endedSince)
  if (endedLately < FEWEST || watched < SHORTEST_MS) return null
  const [paces, left] = [endedLately - 1, toCall(totals, run) + lines]
  const [ms, spread] = [left * (watched / paces), 1 / Math.sqrt(paces)]
  if (ms > LONGEST_MS) return null
  const from = Math.floor((now + ms * (1 - spread)) / STEP_MS) * STEP_MS
  return { from: Math.max(from, now), to: Math.ceil((now + ms * (1 + spread)) / STEP_MS) * STEP_MS }
}

/** The one thing the run bar says, at *now* by the server's clock. */
export function summarise(totals: Totals, run: RunState, now: number): Summary {
  const [waiting, checking] = [toCall(totals, run), totals.kinds.checking]
  const held = totals.kinds.held + totals.kinds.waiting - waiting
  const until = run.resumeAt && Date.parse(run.resumeAt) > now ? run.resumeAt : null
  if (run.paused || until) return { kind: 'paused', waiting, lines: totals.lines, until: run.paused ? null : until }
  if (totals.all === 0) return { kind: 'empty' }
  const rest = resting(run, now)
  if (rest && waiting + held > 0) return { kind: 'stopped', ...rest, waiting }
  if (totals.lines > 0) return { kind: 'calling', eta: estimate(totals, now, run) }
  if (waiting > 0) return idle(waiting, totals, run, now)
  if (held > 0) return heldBack(held, totals, run)
  if (checking > 0) return { kind: 'checking', checking, next: run.finished?.next_at ?? null }
  return { kind: 'finished' }
}

/** So soon after a call has ended the next run is on its way, and what the last one said was next is not. */
const SOON_MS = 30_000

/** What a run said that ended at a pause is over with the pause: it says nothing of the next one. */
function idle(waiting: number, { kinds, endedLast }: Totals, { running, finished }: RunState, now: number): Summary {
  const { checking } = kinds
  const nothing = { kind: 'waiting', waiting, reason: null, next: null, checking, soon: false } as const
  if (running || finished?.reason === 'paused') return nothing
  const lately = Math.max(Date.parse(finished?.at ?? '') || 0, Date.parse(endedLast ?? '') || 0)
  if (finished && !finished.reason && checking === 0 && now - lately < SOON_MS) return { ...nothing, soon: true }
  return { ...nothing, reason: finished?.reason ?? null, next: finished?.next_at ?? null }
}

function heldBack(count: number, totals: Totals, { started }: RunState): Summary {
  const { held, heldUntil, stuck } = totals
  const coming = count > totals.kinds.held ? GATES.filter((reason) => started?.held?.[reason]) : []
  const reasons = [...new Set([...Object.keys(held), ...coming])]
  return { kind: 'held', count, stuck, reason: reasons.length === 1 ? (reasons[0] ?? null) : null, until: heldUntil }
}
