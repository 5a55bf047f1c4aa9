import { type Csv, type Line, readCsv, rowsAsLines, TOP_ROWS } from './csv'
import { decode } from './encoding'
import type { Encoding } from './encodings'
import type { NoList } from './fileKind'
import { guess, type Guess } from './guess'
import { findHeader, headerScore } from './header'
import { MOST_BYTES, PIECE_BYTES, PIECE_ROWS } from './limits'
import { identityOf, type Normalised, type Question } from './phone'
import { type Choice, type Flaw, type Row, type RowLead, type RowReader, rowReader, sizeOf, uniqueNames } from './rows'
import { readWorkbook } from './workbook'

export type { Choice, Flaw, RowLead } from './rows'

export type FileError =
  | { kind: 'too-big'; bytes: number }
  | { kind: 'not-text'; what: NoList }
  | { kind: 'no-rows' }
  | { kind: 'bad-quote'; line: number; open: boolean }

export interface Overview extends Guess {
  /** what the bytes were read as; null for a workbook */
  encoding: Encoding | null
  /** of a workbook, the sheet that is read, and the others that are not */
  sheets: { sheet: string; others: string[] }
  /** the first rows of the file, among which a person can say which one names the columns */
  top: { line: number; text: string }[]
  header: number | null
  /** false where a person must say which row names the columns */
  headerIsSure: boolean
  /** a name for every column */
  names: string[]
  rows: number
  sample: string[][]
}

/** Marked is a row that is sent so that its number is never called, and makes no lead; asked is one that awaits an answer. */
export type Outcome = 'created' | 'merged' | 'marked' | 'asked' | 'refused'

export interface Checked {
  line: number
  given: string
  phone: string | null
  name: string
  outcome: Outcome
  reason: Flaw | Question | 'in-file' | 'in-list' | 'now-in-list' | null
  /** what the number may be, where that is asked */
  readings: string[]
  /** columns that were too long, or too many */
  shortened: string[]
  leftOut: string[]
  /** whether its time zone is none that is known */
  oddZone: boolean
}

export interface Piece {
  leads: RowLead[]
  /** the place in the file of each of them; a row that marks several numbers is several */
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
const LONGEST_TOP = 120

/** One dropped file: read once, looked at under changing choices, handed out in pieces. */
export class Sheet {
  private bytes: Uint8Array<ArrayBuffer> = new Uint8Array()
  private csv: Csv = { lines: [], width: 0, separator: '', badQuote: null }
  private encoding: Encoding | null = null
  private sheets: Overview['sheets'] = { sheet: '', others: [] }
  private numbers = { of: '', known: new Map<string, Normalised>() }
  private marks = { of: '', identities: new Set<string>() }

  async read(bytes: Uint8Array<ArrayBuffer>, region: string, chosen?: Encoding): Promise<Overview | FileError> {
    if (bytes.length > MOST_BYTES) return { kind: 'too-big', bytes: bytes.length }
    this.bytes = bytes
    this.marks.of = ''
    this.numbers.of = ''
    const decoded = decode(bytes, chosen)
    if (decoded.kind === 'not-text') return decoded
    if (decoded.kind === 'workbook') {
      const workbook = await readWorkbook(bytes)
      if (!workbook) return { kind: 'not-text', what: 'broken-workbook' }
      this.csv = rowsAsLines(workbook.rows)
      this.sheets = workbook
    } else {
      this.csv = readCsv(decoded.text, headerScore)
      this.sheets = { sheet: '', others: [] }
    }
    this.encoding = decoded.kind === 'text' ? decoded.encoding : null
    const { lines, badQuote } = this.csv
    if (badQuote) return { kind: 'bad-quote', ...badQuote }
    const header = findHeader(lines.slice(0, 2 * TOP_ROWS).map(({ cells }) => cells))
    return this.rows(header.index).length === 0
      ? { kind: 'no-rows' }
      : { ...this.overview(header.index, region), headerIsSure: header.sure }
  }

  /** The same file, read as another encoding. */
  reread(region: string, chosen: Encoding): Promise<Overview | FileError> {
    return this.read(this.bytes, region, chosen)
  }

  /** What the columns seem to be, where this row names them and numbers are from this region. */
  overview(header: number | null, region: string): Overview {
    const { lines } = this.csv
    const rows = this.rows(header)
    const names = this.headers(header)
    const top = lines.slice(0, TOP_ROWS).map(({ line, cells }) => ({
      line,
      text: cells
        .filter((cell) => cell.trim())
        .join(' · ')
        .slice(0, LONGEST_TOP),
    }))
    const sample = rows.slice(0, SAMPLE).map(({ cells }) => names.map((_, column) => cells[column] ?? ''))
    return {
      ...guess(names, rows, region),
      encoding: this.encoding,
      sheets: { sheet: this.sheets.sheet, others: this.sheets.others },
      top,
      header,
      headerIsSure: true,
      names,
      rows: rows.length,
      sample,
    }
  }

  /** What will become of every row, as far as this page can know; yields how many are done. */
  *check(choice: Choice, known: Iterable<string>): Generator<number, Checked[]> {
    const numbers: Numbers = {
      known: new Set([...known].map(identityOf)),
      marked: this.marked(choice),
      seen: new Set(),
    }
    const reader = this.reader(choice)
    const checked: Checked[] = []
    for (const { line, cells } of this.rows(choice.header)) {
      checked.push({ line, ...check(reader.row(cells), numbers) })
      if (checked.length % SLICE === 0) yield checked.length
    }
    return checked
  }

  /** The rows from number *from* on that fit into one request, read as they were shown. */
  piece(choice: Choice, from: number): Piece {
    const rows = this.rows(choice.header)
    const reader = this.reader(choice)
    const marked = this.marked(choice)
    const piece: Piece = { leads: [], lines: [], refused: [], next: null, after: 0 }
    let bytes = 0
    for (let index = from; index < rows.length; index += 1) {
      const { line, cells } = rows[index] as Line
      const row = reader.row(cells)
      const flaw = flawOf(row, marked)
      const leads = [
        ...row.forbidden.map((phone) => ({ phone, do_not_call: 'yes' })),
        ...(row.lead && !flaw ? [row.lead] : []),
      ]
      const size = leads.reduce((sum, lead) => sum + sizeOf(lead), 0)
      const isFull = piece.leads.length + leads.length > PIECE_ROWS || bytes + size > PIECE_BYTES
      if (isFull && piece.leads.length > 0) return { ...piece, next: index, after: rows.length - index }
      if (flaw) piece.refused.push({ line, flaw })
      bytes += size
      piece.leads.push(...leads)
      piece.lines.push(...leads.map(() => line))
    }
    return piece
  }

  /** A reader by this choice, which keeps the numbers that were read before for the same region. */
  private reader(choice: Choice): RowReader {
    const headers = this.headers(choice.header)
    const of = JSON.stringify([choice.region, choice.header, headers])
    if (this.numbers.of !== of) this.numbers = { of, known: new Map() }
    return rowReader(headers, choice, this.numbers.known)
  }

  /** The numbers that any row of the file says are never to be called: no other row of one is sent. */
  private marked(choice: Choice): ReadonlySet<string> {
    const of = JSON.stringify(choice)
    if (this.marks.of === of) return this.marks.identities
    const identities = new Set<string>()
    const reader = this.reader(choice)
    for (const { cells } of this.rows(choice.header))
      for (const phone of reader.forbidden(cells)) identities.add(identityOf(phone))
    this.marks = { of, identities }
    return identities
  }

  /** A name for every column, each its own: one without any is known by its place. */
  private headers(header: number | null): string[] {
    const named = header === null ? [] : (this.csv.lines[header]?.cells ?? [])
    return uniqueNames(
      Array.from({ length: this.csv.width }, (_, column) => named[column]?.trim() || `column ${column + 1}`),
    )
  }

  private rows(header: number | null): Line[] {
    return header === null ? this.csv.lines : this.csv.lines.slice(header + 1)
  }
}

/** The numbers of the list, those that the file marks, and those of the rows above; each by what stands for its line. */
interface Numbers {
  known: ReadonlySet<string>
  marked: ReadonlySet<string>
  seen: Set<string>
}

/** Why the lead of a row is not sent. */
function flawOf({ flaw, asked, lead }: Row, marked: ReadonlySet<string>): Flaw | null {
  if (flaw) return flaw
  if (asked) return 'left-out'
  return lead?.phone && marked.has(identityOf(lead.phone)) ? 'marked-elsewhere' : null
}

function check(row: Row, { known, marked, seen }: Numbers): Omit<Checked, 'line'> {
  const { given, name, lead, forbidden, asked, shortened, leftOut, oddZone } = row
  const common = { given, name, phone: null, readings: [], shortened, leftOut, oddZone }
  if (asked) return { ...common, outcome: 'asked', reason: asked.question, readings: asked.readings }
  const flaw = flawOf(row, marked)
  const [first] = forbidden
  if (first && (!lead || flaw))
    return {
      ...common,
      phone: first,
      outcome: 'marked',
      reason: forbidden.some((phone) => known.has(identityOf(phone))) ? 'now-in-list' : null,
    }
  if (flaw || !lead?.phone) return { ...common, outcome: 'refused', reason: flaw ?? 'missing' }
  const identity = identityOf(lead.phone)
  const reason = seen.has(identity) ? 'in-file' : known.has(identity) ? 'in-list' : null
  seen.add(identity)
  return { ...common, phone: lead.phone, outcome: reason ? 'merged' : 'created', reason }
}
