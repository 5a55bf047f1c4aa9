import { ApiError } from '../api/client'
import type { Imported, NewLead } from '../api/leadsApi'
import { backoff } from '../socket'
import type { Flaw, Piece } from './sheet'

/** A row that is no lead: by this page, which did not send it, or by the server. */
export type Refused = { line: number; flaw: Flaw } | { line: number; reason: string }

/** How far a sending has come; handed back in to go on from there. */
export interface Sent {
  /** the row the next piece begins with; null when all is sent */
  next: number | null
  rows: number
  created: number
  merged: number
  refused: Refused[]
}

export const NOTHING: Sent = { next: 0, rows: 0, created: 0, merged: 0, refused: [] }

interface Means {
  piece(from: number): Promise<Piece>
  /** *after* rows of the file come behind these, which keeps the calling order over several pieces */
  post(leads: NewLead[], after: number): Promise<Imported>
  progress(sent: Sent): void
  wait(ms: number): Promise<void>
  stopped(): boolean
}

const TRIES = 4

/**
 * Sends what is left, piece by piece, and tells after each how far it is. A piece that fails for a passing reason is
 * tried again; a repeat does no harm, for the same number twice is one lead. Rejects when a piece fails for good: what
 * was told last is the place to go on from.
 */
export async function send(from: Sent, means: Means): Promise<Sent> {
  let sent = from
  while (sent.next !== null && !means.stopped()) {
    const piece = await means.piece(sent.next)
    const answer = piece.leads.length ? await insist(means, piece) : NONE
    sent = add(sent, piece, answer)
    means.progress(sent)
  }
  return sent
}

const NONE: Imported = { created: 0, merged: 0, refused: [] }

async function insist(means: Means, piece: Piece): Promise<Imported> {
  for (let failures = 0; ; failures += 1) {
    try {
      return await means.post(piece.leads, piece.after)
    } catch (error) {
      if (!(error instanceof ApiError && error.passing) || failures + 1 >= TRIES) throw error
      await means.wait(500 + backoff(failures + 1))
    }
  }
}

/** The server counts the rows of a piece from 1; here they get back the lines they have in the file. */
function add(sent: Sent, piece: Piece, { created, merged, refused }: Imported): Sent {
  const named: Refused[] = refused.map(({ line, reason }) => ({ line: piece.lines[line - 1] ?? line, reason }))
  return {
    next: piece.next,
    rows: sent.rows + piece.leads.length,
    created: sent.created + created,
    merged: sent.merged + merged,
    refused: [...sent.refused, ...[...named, ...piece.refused].sort((a, b) => a.line - b.line)],
  }
}
