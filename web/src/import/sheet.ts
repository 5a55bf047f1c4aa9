import { guess, hasHeader, type Target, toLead } from './columns'
import { type Csv, type Line, readCsv } from './csv'
import { decode, type Encoding } from './encoding'
import { MOST_BYTES, PIECE_BYTES, PIECE_ROWS } from './limits'
import { normalise } from './phone'

export type Trouble =
  | { kind: 'too-big'; bytes: number }
  | { kind: 'not-text'; what: 'workbook' | 'binary' | 'empty' }
  | { kind: 'no-rows' }
  | { kind: 'open-quote'; line: number }

export interface Overview {
  encoding: Encoding
  /** the first row, whether it names columns or not */
  first: string[]
  header: boolean
  rows: number
  sample: string[][]
  targets: Target[]
}

export interface Choice {
  header: boolean
  targets: Target[]
  region: string
}

export type Outcome = 'created' | 'merged' | 'refused'

export interface Checked {
  line: number
  given: string
  phone: string | null
  name: string
  outcome: Outcome
  reason: 'missing' | 'not-a-number' | 'too-long' | 'in-file' | 'in-list' | null
}

export interface Piece {
  leads: Record<string, string>[]
  /** the place in the file of each of them */
  lines: number[]
  /** which row comes next; null after the last */
  next: number | null
}

const SAMPLE = 6
const LONGEST_ROW = 30_000
const SLICE = 2_000

/** One dropped file: read once, looked at under changing choices, handed out in pieces. */
export class Sheet {
  private csv: Csv = { lines: [], width: 0, openQuote: null }

  read(bytes: Uint8Array): Overview | Trouble {
    if (bytes.length > MOST_BYTES) return { kind: 'too-big', bytes: bytes.length }
    const decoded = decode(bytes)
    if (decoded.kind === 'not-text') return decoded
    this.csv = readCsv(decoded.text)
    const { lines, openQuote } = this.csv
    const [first] = lines
    if (openQuote !== null) return { kind: 'open-quote', line: openQuote }
    if (!first) return { kind: 'no-rows' }
    const header = hasHeader(first.cells)
    const rows = this.rows(header)
    if (rows.length === 0) return { kind: 'no-rows' }
    const sample = rows.slice(0, SAMPLE).map(({ cells }) => cells)
    const targets = guess(this.headers(header), rows.slice(0, 50).map(({ cells }) => cells))
    return { encoding: decoded.encoding, first: this.padded(first.cells), header, rows: rows.length, sample, targets }
  }

  /** What will become of every row, as far as this page can know; yields how many are done. */
  *check(choice: Choice, known: ReadonlySet<string>): Generator<number, Checked[]> {
    const seen = new Set<string>()
    const headers = this.headers(choice.header)
    const checked: Checked[] = []
    for (const line of this.rows(choice.header)) {
      checked.push(look(line, toLead(line.cells, headers, choice.targets), choice.region, known, seen))
      if (checked.length % SLICE === 0) yield checked.length
    }
    return checked
  }

  /** The rows from number *from* on that fit into one request. */
  piece(choice: Choice, from: number): Piece {
    const rows = this.rows(choice.header)
    const headers = this.headers(choice.header)
    const piece: Piece = { leads: [], lines: [], next: null }
    let bytes = 0
    for (let place = from; place < rows.length; place += 1) {
      const { line, cells } = rows[place] as Line
      const lead = toLead(cells, headers, choice.targets)
      const size = sizeOf(lead)
      if (size > LONGEST_ROW) continue
      if (piece.leads.length === PIECE_ROWS || bytes + size > PIECE_BYTES) return { ...piece, next: place }
      bytes += size
      piece.leads.push(lead)
      piece.lines.push(line)
    }
    return piece
  }

  private headers(header: boolean): string[] {
    const width = Array.from({ length: this.csv.width }, (_, column) => column)
    const named = header ? this.csv.lines[0]?.cells : undefined
    return width.map((column) => named?.[column]?.trim() || (header ? '' : `column ${column + 1}`))
  }

  private rows(header: boolean): Line[] {
    return header ? this.csv.lines.slice(1) : this.csv.lines
  }

  private padded(cells: string[]): string[] {
    return Array.from({ length: this.csv.width }, (_, column) => cells[column] ?? '')
  }
}

const sizeOf = (lead: Record<string, string>) => new TextEncoder().encode(JSON.stringify(lead)).length + 1

function look({ line }: Line, lead: Record<string, string>, region: string, known: ReadonlySet<string>, seen: Set<string>): Checked {
  const row = { line, given: lead.phone ?? '', name: lead.name ?? '' }
  if (sizeOf(lead) > LONGEST_ROW) return { ...row, phone: null, outcome: 'refused', reason: 'too-long' }
  const number = normalise(lead.phone, region)
  if (!number.ok) return { ...row, phone: null, outcome: 'refused', reason: number.reason }
  const phone = number.e164
  const reason = seen.has(phone) ? 'in-file' : known.has(phone) ? 'in-list' : null
  seen.add(phone)
  return { ...row, phone, outcome: reason ? 'merged' : 'created', reason }
}
