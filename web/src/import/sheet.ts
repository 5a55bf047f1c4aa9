import { guess, hasHeader, onlyTicks, optedOut, type RowLead, speaksOfMarks, type Target, toLead } from './columns'
import { type Csv, type Line, readCsv } from './csv'
import { decode, type Encoding } from './encoding'
import { LONGEST, LONGEST_COLUMN_NAME, LONGEST_KEPT, LONGEST_ROW, MOST_BYTES, MOST_COLUMNS, PIECE_BYTES, PIECE_ROWS } from './limits'
import { type NoNumber, normalise } from './phone'
import { isZone } from './zone'

export type Trouble =
  | { kind: 'too-big'; bytes: number }
  | { kind: 'not-text'; what: 'workbook' | 'binary' | 'empty' }
  | { kind: 'no-rows' }
  | { kind: 'bad-quote'; line: number; open: boolean }

export interface Overview {
  encoding: Encoding
  /** the first row, whether it names columns or not */
  first: string[]
  header: boolean
  rows: number
  sample: string[][]
  targets: Target[]
  /** of which columns a person must say whether they mark who must not be called */
  doubtful: boolean[]
}

export interface Choice {
  header: boolean
  targets: Target[]
  region: string
}

/** Marked is a row that is sent so that its number is never called, and makes no lead. */
export type Outcome = 'created' | 'merged' | 'marked' | 'refused'

/** Why this page does not send a row. */
export type Flaw = NoNumber | 'opted-out' | 'no-zone' | 'too-long' | 'too-many-columns'

export interface Checked {
  line: number
  given: string
  phone: string | null
  name: string
  outcome: Outcome
  reason: Flaw | 'in-file' | 'in-list' | 'now-in-list' | null
}

export interface Piece {
  leads: RowLead[]
  /** the place in the file of each of them */
  lines: number[]
  /** the rows that stand among them and are not sent */
  refused: { line: number; flaw: Flaw }[]
  /** which row comes next; null after the last */
  next: number | null
  /** how many rows come after these */
  after: number
}

const SAMPLE = 6
const SLICE = 2_000

/** One dropped file: read once, looked at under changing choices, handed out in pieces. */
export class Sheet {
  private csv: Csv = { lines: [], width: 0, badQuote: null }
  private marks = { of: '', phones: new Set<string>() }

  read(bytes: Uint8Array): Overview | Trouble {
    if (bytes.length > MOST_BYTES) return { kind: 'too-big', bytes: bytes.length }
    const decoded = decode(bytes)
    if (decoded.kind === 'not-text') return decoded
    this.csv = readCsv(decoded.text)
    this.marks.of = ''
    const { lines, badQuote } = this.csv
    const [first] = lines
    if (badQuote) return { kind: 'bad-quote', ...badQuote }
    if (!first) return { kind: 'no-rows' }
    const header = hasHeader(first.cells)
    const rows = this.rows(header)
    if (rows.length === 0) return { kind: 'no-rows' }
    const sample = rows.slice(0, SAMPLE).map(({ cells }) => cells)
    const names = header ? this.padded(first.cells) : this.headers(false)
    const targets = guess(names, rows.slice(0, 50).map(({ cells }) => cells))
    const doubtful = this.doubtful(names, targets, rows)
    return { encoding: decoded.encoding, first: this.padded(first.cells), header, rows: rows.length, sample, targets, doubtful }
  }

  private doubtful(names: string[], targets: Target[], rows: Line[]): boolean[] {
    const none = !targets.includes('do_not_call')
    return targets.map((target, column) => {
      if (target !== 'keep') return false
      return (none && speaksOfMarks(names[column] ?? '')) || onlyTicks(cellsOf(rows, column))
    })
  }

  /** What will become of every row, as far as this page can know; yields how many are done. */
  *check(choice: Choice, known: ReadonlySet<string>): Generator<number, Checked[]> {
    const all: Numbers = { known, marked: this.marked(choice), seen: new Set() }
    const leadOf = toLead(this.headers(choice.header), choice.targets)
    const checked: Checked[] = []
    for (const line of this.rows(choice.header)) {
      checked.push(look(line, leadOf(line.cells), choice.region, all))
      if (checked.length % SLICE === 0) yield checked.length
    }
    return checked
  }

  /** The rows from number *from* on that fit into one request, read as they were shown. */
  piece(choice: Choice, from: number): Piece {
    const rows = this.rows(choice.header)
    const leadOf = toLead(this.headers(choice.header), choice.targets)
    const marked = this.marked(choice)
    const piece: Piece = { leads: [], lines: [], refused: [], next: null, after: 0 }
    let bytes = 0
    for (let place = from; place < rows.length; place += 1) {
      const { line, cells } = rows[place] as Line
      const { lead, flaw } = judge(leadOf(cells), choice.region, marked)
      const size = sizeOf(lead)
      const full = piece.leads.length === PIECE_ROWS || bytes + size > PIECE_BYTES
      if (!flaw && full) return { ...piece, next: place, after: rows.length - place }
      if (flaw) {
        piece.refused.push({ line, flaw })
        continue
      }
      bytes += size
      piece.leads.push(lead)
      piece.lines.push(line)
    }
    return piece
  }

  /** The numbers that any row of the file marks as not to be called: that row is right, and every other is not sent. */
  private marked(choice: Choice): ReadonlySet<string> {
    const of = JSON.stringify(choice)
    if (this.marks.of === of) return this.marks.phones
    const phones = new Set<string>()
    const leadOf = toLead([], choice.targets)
    for (const { cells } of choice.targets.includes('do_not_call') ? this.rows(choice.header) : []) {
      const { do_not_call, phone } = leadOf(cells)
      const number = optedOut(do_not_call) ? normalise(phone, choice.region) : null
      if (number?.ok) phones.add(number.e164)
    }
    this.marks = { of, phones }
    return phones
  }

  /** A name for every column, each its own as the server has it: one without any is known by its place. */
  private headers(header: boolean): string[] {
    const named = (header && this.csv.lines[0]?.cells) || []
    return unique(Array.from({ length: this.csv.width }, (_, column) => named[column]?.trim() || `column ${column + 1}`))
  }

  private rows(header: boolean): Line[] {
    return header ? this.csv.lines.slice(1) : this.csv.lines
  }

  private padded(cells: string[]): string[] {
    return Array.from({ length: this.csv.width }, (_, column) => cells[column] ?? '')
  }
}

function* cellsOf(rows: Line[], column: number): Generator<string> {
  for (const { cells } of rows) yield cells[column] ?? ''
}

/** A second `Phone` is `Phone (2)`, or `Phone (3)` if another column is called that: nobody's own name is taken. */
function unique(names: readonly string[]): string[] {
  const taken = new Set(names)
  const used = new Set<string>()
  return names.map((name) => {
    let free = name
    for (let place = 2; used.has(name) && taken.has(free); place += 1) free = `${name} (${place})`
    taken.add(free)
    used.add(free)
    return free
  })
}

const sizeOf = (lead: RowLead) => new TextEncoder().encode(JSON.stringify(lead)).length + 1

/** A row as it is sent, with the very number that is shown; or with why it is not sent. */
function judge(row: RowLead, region: string, marked: ReadonlySet<string>): { lead: RowLead; flaw: Flaw | null } {
  const { do_not_call, ...given } = row
  const number = normalise(row.phone, region)
  if (!number.ok) return { lead: row, flaw: number.reason }
  if (optedOut(do_not_call)) return { lead: { phone: number.e164, do_not_call: 'yes' }, flaw: null }
  const lead = { ...given, phone: number.e164 }
  if (marked.has(lead.phone)) return { lead, flaw: 'opted-out' }
  return { lead, flaw: excess(lead) ?? (lead.timezone && !isZone(lead.timezone, lead.phone) ? 'no-zone' : null) }
}

function excess(lead: RowLead): Flaw | null {
  const fields = Object.entries(LONGEST).some(([name, most]) => longer(lead[name as keyof typeof LONGEST] ?? '', most))
  const extra = Object.entries(lead.extra ?? {})
  const kept = extra.some(([name, value]) => longer(name, LONGEST_COLUMN_NAME) || longer(String(value), LONGEST_KEPT))
  if (extra.length > MOST_COLUMNS) return 'too-many-columns'
  return fields || kept || sizeOf(lead) > LONGEST_ROW ? 'too-long' : null
}

/** Counted in letters as the server does, of which some are two units here. */
const longer = (text: string, most: number) => text.length > most && [...text].length > most

/** The numbers of the list, those that the file marks, and those of the rows above. */
interface Numbers {
  known: ReadonlySet<string>
  marked: ReadonlySet<string>
  seen: Set<string>
}

function look({ line }: Line, row: RowLead, region: string, { known, marked, seen }: Numbers): Checked {
  const { lead, flaw } = judge(row, region, marked)
  const told = { line, given: row.phone ?? '', name: row.name ?? '' }
  if (flaw) return { ...told, phone: null, outcome: 'refused', reason: flaw }
  const phone = lead.phone as string
  if (lead.do_not_call) return { ...told, phone, outcome: 'marked', reason: known.has(phone) ? 'now-in-list' : null }
  const reason = seen.has(phone) ? 'in-file' : known.has(phone) ? 'in-list' : null
  seen.add(phone)
  return { ...told, phone, outcome: reason ? 'merged' : 'created', reason }
}
