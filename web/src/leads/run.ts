import type { Paused, RunFinished, RunStarted } from '../socket'
import type { Totals } from './view'

/** What the page knows of the machine that calls. */
export interface RunState {
  paused: boolean
  /** set when the installation stopped calling by itself, until then */
  resumeAt: string | null
  reason: string | null
  inFlight: readonly string[]
  version: number
  running: boolean
  started: RunStarted | null
  finished: RunFinished | null
}

export const IDLE: RunState = {
  paused: false,
  resumeAt: null,
  reason: null,
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
  | { kind: 'profile'; data: { paused?: boolean; resume_at?: string | null; version?: number; reason?: string | null } }

/** The state after an event; of the profile's events, older ones change nothing. */
export function reduce(state: RunState, event: RunEvent): RunState {
  switch (event.kind) {
    case 'started':
      return { ...state, running: true, started: event.data, finished: null }
    case 'finished':
      return { ...state, running: false, finished: event.data }
    case 'profile':
      return profile(state, event.data)
    case 'resumed':
      if ((event.data?.version ?? state.version) < state.version) return state
      return { ...state, paused: false, resumeAt: null, reason: null, inFlight: [], version: event.data?.version ?? state.version }
    case 'paused':
      return paused(state, event.data ?? { version: state.version })
  }
}

function paused(state: RunState, { version = state.version, in_flight, resume_at, reason }: Paused): RunState {
  if (version < state.version) return state
  const byMachine = Boolean(resume_at)
  return {
    ...state,
    version,
    paused: byMachine ? state.paused : true,
    resumeAt: resume_at ?? null,
    reason: reason ?? null,
    inFlight: in_flight ?? [],
  }
}

type Profile = Extract<RunEvent, { kind: 'profile' }>['data']

function profile(state: RunState, { paused = false, resume_at = null, version = state.version, reason }: Profile): RunState {
  if (version < state.version) return state
  return { ...state, paused, resumeAt: resume_at, version, reason: resume_at ? (reason ?? state.reason) : state.reason }
}

export type Summary =
  | { kind: 'empty' }
  | { kind: 'paused'; waiting: number; lines: number }
  | { kind: 'stopped'; reason: string | null; until: string; waiting: number }
  | { kind: 'calling'; eta: number | null }
  | { kind: 'waiting'; waiting: number; reason: string | null; next: string | null }
  | { kind: 'held'; count: number; reason: string | null; until: string | null }
  | { kind: 'finished' }

export interface Progress {
  done: number
  of: number
}

/** Today's calls: made or being made, of those and what still waits. Held leads are not part of it. */
export function progress({ endedToday, lines, kinds }: Totals): Progress {
  const done = endedToday + lines
  return { done, of: done + kinds.waiting }
}

const FEWEST = 4
const SHORTEST_MS = 20_000

/** When the list will be through at the pace of the last minutes; null while that says nothing. */
export function estimate({ endedLately, endedSince, kinds, lines }: Totals, now: number): number | null {
  const watched = endedSince === null ? 0 : now - Date.parse(endedSince)
  if (endedLately < FEWEST || watched < SHORTEST_MS) return null
  return now + (kinds.waiting + lines) * (watched / (endedLately - 1))
}

/** Reasons by which the installation rests: the account is refused, three calls in a row unclear, one probes. */
const RESTS = /^(account|unknown|probe)/

/** The one thing the run bar says. */
export function summarise(totals: Totals, run: RunState, now: number): Summary {
  const { waiting } = totals.kinds
  if (run.paused) return { kind: 'paused', waiting, lines: totals.lines }
  if (totals.all === 0) return { kind: 'empty' }
  const stopped = stop(run, now)
  if (stopped && waiting > 0) return { kind: 'stopped', ...stopped, waiting }
  if (totals.lines > 0) return { kind: 'calling', eta: estimate(totals, now) }
  if (waiting > 0) return idle(waiting, run)
  if (totals.kinds.held > 0) return heldBack(totals)
  return { kind: 'finished' }
}

function stop({ resumeAt, reason, finished }: RunState, now: number): { reason: string | null; until: string } | null {
  if (resumeAt && Date.parse(resumeAt) > now) return { reason, until: resumeAt }
  if (finished?.reason && RESTS.test(finished.reason) && finished.next_at && Date.parse(finished.next_at) > now)
    return { reason: finished.reason, until: finished.next_at }
  return null
}

function idle(waiting: number, { running, finished }: RunState): Summary {
  if (running) return { kind: 'waiting', waiting, reason: null, next: null }
  return { kind: 'waiting', waiting, reason: finished?.reason ?? null, next: finished?.next_at ?? null }
}

function heldBack(totals: Totals): Summary {
  const [first] = Object.entries(totals.held).sort(([, a], [, b]) => b - a)
  return { kind: 'held', count: totals.kinds.held, reason: first?.[0] ?? null, until: totals.heldUntil }
}
