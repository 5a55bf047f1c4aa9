import type { Lead } from '../leads/lead'

export type OutcomeKind = 'ordinary' | 'call_back' | 'voicemail' | 'do_not_call'

/** One outcome that an agent may choose; rows keep the code. */
export interface OutcomeChoice {
  code: string
  label: string
  kind: OutcomeKind
}

/** What administrators set for everybody on the page. */
export interface InstallationSettings {
  outcomes: OutcomeChoice[]
  again_per_week: number
  version: number
}

/** Only so many outcomes have a key: 1 to 9, and 0. */
const DIGITS = [...'123456789']

/** The key of each outcome: in their order from 1, and 0 for what forbids further calls. */
export function keysOf(choices: readonly OutcomeChoice[]): Map<string, string> {
  const last = choices.find(({ kind }) => kind === 'do_not_call')
  const others = choices.filter((choice) => choice !== last)
  const keys = new Map(others.slice(0, DIGITS.length).map(({ code }, index) => [code, DIGITS[index] as string]))
  if (last) keys.set(last.code, '0')
  return keys
}

/** An outcome's name on the page; one that is no longer in the installation's list keeps its code. */
export const outcomeLabel = (choices: readonly OutcomeChoice[], code: string | null | undefined): string =>
  choices.find((choice) => choice.code === code)?.label ?? (code ?? '').replaceAll('_', ' ')

export const kindOf = (choices: readonly OutcomeChoice[], code: string | null | undefined): OutcomeKind | null =>
  choices.find((choice) => choice.code === code)?.kind ?? null

/** Whether a machine is said to have answered; null while nothing is known. */
export function answeredByMachine(answeredBy: string | null | undefined): boolean | null {
  if (!answeredBy || answeredBy === 'unknown') return null
  return answeredBy !== 'human'
}

/** The outcome to begin with: what stands, or voicemail where a machine has answered. Nothing is sent by itself. */
export function presetOutcome(choices: readonly OutcomeChoice[], lead: Lead | undefined): string | null {
  if (lead?.outcome?.code) return lead.outcome.code
  if (answeredByMachine(lead?.answered_by) !== true) return null
  return choices.find(({ kind }) => kind === 'voicemail')?.code ?? null
}
