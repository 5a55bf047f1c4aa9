import { ApiError } from '../api/client'
import type { ImportLeadsResponse, NewLead, RefusedRow } from '../api/leadsApi'
import { backoff } from '../socket'
import type { Flaw, Piece } from './sheet'

/** A row that a person must mend: found by this page, which did not send it, or by the server. */
export type Refused =
  | { line: number; flaw: Flaw }
  | (Pick<RefusedRow, 'line' | 'code' | 'reason'> & { detail: object | null })

/** Rows that are on their way, with their lines in the file. */
interface Batch {
  leads: NewLead[]
  lines: number[]
  after: number
}

/** How far a sending has come; handed back in to go on from there. */
export interface Sent {
  /** the row the next piece begins with; null when all is read */
  next: number | null
  /** what of the last piece the server has not taken yet */
  left: Batch | null
  rows: number
  created: number
  merged: number
  /** rows that the server has put on the do-not-call list */
  marked: number[]
  refused: Refused[]
  /** what the server left out or did not understand of rows that it took, by its words, with the number of such rows */
  warnings: Map<string, number>
}

export const NOTHING: Sent = {
  next: 0,
  left: null,
  rows: 0,
  created: 0,
  merged: 0,
  marked: [],
  refused: [],
  warnings: new Map(),
}

export const isAllSent = ({ next, left }: Sent) => next === null && left === null

interface Deps {
  piece(from: number): Promise<Piece>
  /** *after* rows of the file come behind these, which keeps the calling order over several pieces */
  post(leads: NewLead[], after: number): Promise<ImportLeadsResponse>
  progress(sent: Sent): void
  wait(ms: number): Promise<void>
  stopped(): boolean
}

/** How often in a row something may fail, or nothing be stored, before a person is told. */
const TRIES = 4

/**
 * Sends what is left, piece by piece, and tells after each answer how far it is. What fails for a passing reason is sent
 * again, and so is each row that the server had no time for; a repeat does no harm, for the same number twice is one
 * lead. Rejects when nothing goes on any more: what was told last is the place to go on from.
 */
export async function send(from: Sent, means: Deps): Promise<Sent> {
  let sent = from
  let idle = 0
  while (!isAllSent(sent) && !means.stopped()) {
    if (sent.left === null) {
      sent = taken(sent, await means.piece(sent.next as number))
      if (sent.left === null) means.progress(sent)
      continue
    }
    const before = sent.left.leads.length
    sent = answered(sent, sent.left, await insist(means, sent.left))
    means.progress(sent)
    idle = sent.left?.leads.length === before ? idle + 1 : 0
    if (idle >= TRIES) throw new ApiError(503, 'busy', 'the server had no time for the rest of the rows')
    if (sent.left) await means.wait(500 + backoff(idle + 1))
  }
  return sent
}

async function insist(means: Deps, { leads, after }: Batch): Promise<ImportLeadsResponse> {
  for (let failures = 0; ; failures += 1) {
    try {
      return await means.post(leads, after)
    } catch (error) {
      if (!(error instanceof ApiError && error.passing) || failures + 1 >= TRIES) throw error
      await means.wait(500 + backoff(failures + 1))
    }
  }
}

/** The next piece is on its way; what this page does not send is refused at once. */
function taken(sent: Sent, { leads, lines, after, next, refused }: Piece): Sent {
  return {
    ...sent,
    next,
    left: leads.length ? { leads, lines, after } : null,
    refused: inOrder([...sent.refused, ...refused]),
  }
}

const at = <T>(all: readonly T[], indexes: readonly number[]) => indexes.map((index) => all[index] as T)

const MARKED = 'marked'

/** The server counts the rows of a request from 1; here they get back the lines they have in the file. */
function answered(
  sent: Sent,
  { leads, lines, after }: Batch,
  { created, merged, refused, warnings = [] }: ImportLeadsResponse,
): Sent {
  const again = refused.filter(({ retry, line }) => retry && leads[line - 1]).map(({ line }) => line - 1)
  const lineOf = ({ line }: RefusedRow) => lines[line - 1] ?? line
  const isMark = ({ code, line }: RefusedRow) => code === MARKED && Boolean(leads[line - 1]?.do_not_call)
  const final = refused.filter(({ retry }) => !retry)
  const named = final
    .filter((row) => !isMark(row))
    .map((row): Refused => ({ line: lineOf(row), code: row.code, detail: row.detail ?? null, reason: row.reason }))
  const noticed = new Map(sent.warnings)
  for (const { reason, detail } of warnings) noticed.set(reason, (noticed.get(reason) ?? 0) + detail.rows)
  return {
    ...sent,
    warnings: noticed,
    left: again.length ? { leads: at(leads, again), lines: at(lines, again), after } : null,
    rows: sent.rows + leads.length - again.length,
    created: sent.created + created,
    merged: sent.merged + merged,
    marked: [...sent.marked, ...final.filter(isMark).map(lineOf)],
    refused: inOrder([...sent.refused, ...named]),
  }
}

const inOrder = (rows: Refused[]) => rows.sort((a, b) => a.line - b.line)
