import { countryIn } from './guess'
import { LONGEST, LONGEST_COLUMN_NAME, LONGEST_KEPT, LONGEST_ROW, MOST_COLUMNS } from './limits'
import { identityOf, type NoNumber, normalise, type Normalised, numbersIn, type Question, type Where } from './phone'
import { FIELDS, type Field, MARKING, type Target } from './targets'
import { denies, isBlankCell, isMarkingCell, isMarkingName, isOwnExport, meaningOf, optedOut, plain } from './words'
import { zoneNamed } from './zone'

/** What a person has said of a file: which row names the columns, what each of them is, and how doubtful numbers are read. */
export interface Choice {
  /** which row of the file names the columns; null if none does */
  header: number | null
  targets: Target[]
  /** the columns of phone numbers in the order in which they are tried */
  phones: number[]
  /** of a mark that concerns one phone only, the column of that phone */
  concerns: (number | null)[]
  /** whether cells of a column that are do-not-call phrases mark their rows, besides what the column is */
  words: boolean[]
  region: string
  /** for each kind of doubtful number, which of its readings is taken, or that its rows are left out */
  answers: Partial<Record<Question, number | 'out'>>
}

/** One row as it is sent: the documented columns, and those of its own as `extra.<name>`. */
export type RowLead = Record<string, string>

/** Why this page does not send a row. */
export type Flaw = NoNumber | 'marked-elsewhere' | 'mark-without-number' | 'lost-letters' | 'left-out'

/** A row as it is understood. */
export interface Row {
  /** what is shown for it: the number it is called by, or the first cell of a phone */
  given: string
  name: string
  lead: RowLead | null
  /** numbers that this row says are never to be called */
  forbidden: string[]
  flaw: Flaw | null
  asked: { question: Question; readings: string[] } | null
  /** the columns that were too long or too many, by name */
  shortened: string[]
  leftOut: string[]
  /** whether a time zone is given that nobody knows */
  oddZone: boolean
}

export interface RowReader {
  row(cells: readonly string[]): Row
  /** the numbers alone that a row says are never to be called */
  forbidden(cells: readonly string[]): string[]
}

/** Reads the rows of a file by one choice; what has been read of a number once is kept in *known*. */
export function rowReader(
  headers: readonly string[],
  choice: Choice,
  known: Map<string, Normalised> = new Map(),
): RowReader {
  const exported = isOwnExport(headers)
  const names = keptNames(headers)
  const columns = [...choice.targets.entries()]
  const packed = new Set(columns.flatMap(([column]) => (plain(names[column] ?? '') === 'extra' ? [column] : [])))
  const marking = columns.filter(([column, target]) => MARKING.has(target) || choice.words[column])
  const numbered = columns.filter(([, target]) => target === 'phone' || target === 'dnc_phone')
  const family = (column: number) => meaningOf(headers[column] ?? '')?.meaning === 'last_name'
  const byName = columns
    .filter(([, target]) => target === 'name')
    .sort(([a], [b]) => Number(family(a)) - Number(family(b)))

  const whereOf = (cells: readonly string[]): Where => ({
    region: choice.region,
    country: countryIn(cells, choice.targets),
    withoutPlus: exported,
  })
  const cellOf = (cells: readonly string[]) => (column: number) => (cells[column] ?? '').trim()
  const read = (text: string, where: Where) => {
    const key = `${where.country?.region ?? where.country?.code ?? (where.country ? '?' : '')} ${text}`
    const before = known.get(key)
    if (before) return before
    const number = normalise(text, where)
    known.set(key, number)
    return number
  }
  /** whether the row is marked as a whole, and the columns of the phones that are marked */
  const marksOf = (cell: (column: number) => string) => {
    const marks = marking.filter(([column, target]) => isMarked(target, cell(column)))
    const said = numbered.some(([column]) => isPhrase(cell(column)))
    const whole = said || marks.some(([column]) => (choice.concerns[column] ?? null) === null)
    return { whole, flagged: new Set(whole ? choice.phones : marks.map(([column]) => choice.concerns[column])) }
  }
  const forbiddenIn = (
    cell: (column: number) => string,
    flagged: ReadonlySet<number | null | undefined>,
    where: Where,
  ) => {
    const never = numbered.filter(([column, target]) => target === 'dnc_phone' || flagged.has(column))
    return never.length ? unique(never.flatMap(([column]) => numbersIn(cell(column), where))) : []
  }

  return {
    forbidden(cells) {
      const cell = cellOf(cells)
      return forbiddenIn(cell, marksOf(cell).flagged, whereOf(cells))
    },
    row(cells) {
      const [cell, where] = [cellOf(cells), whereOf(cells)]
      const { whole, flagged } = marksOf(cell)
      const forbidden = forbiddenIn(cell, flagged, where)
      const name = byName
        .map(([column]) => cell(column))
        .filter(Boolean)
        .join(' ')
      const given =
        choice.phones.map(cell).find(Boolean) ?? numbered.map(([column]) => cell(column)).find(Boolean) ?? ''
      const row: Row = {
        given,
        name,
        lead: null,
        forbidden,
        flaw: null,
        asked: null,
        shortened: [],
        leftOut: [],
        oddZone: false,
      }
      if (whole) return forbidden.length ? row : { ...row, flaw: 'mark-without-number' }
      const chosen = firstValid(choice, (column) => read(cell(column), where), flagged)
      if (!('column' in chosen)) return forbidden.length && chosen.flaw === 'missing' ? row : { ...row, ...chosen }
      const zone = zoneOf(columns, cell, chosen.e164)
      const lead = { ...fieldsOf(columns, cell, name), ...zone.lead, phone: chosen.e164 }
      if (cells.some((text) => text.includes('\ufffd'))) return { ...row, flaw: 'lost-letters' }
      return {
        ...row,
        given: cell(chosen.column),
        ...fit(lead, ownColumns(columns, cell, names, packed, chosen.column)),
        oddZone: zone.odd,
      }
    },
  }
}

/** "DO NOT CALL" instead of a number. */
const isPhrase = (cell: string) => /\p{L}{3}/u.test(cell) && isMarkingCell(cell)

function isMarked(target: Target, cell: string): boolean {
  if (target === 'do_not_call') return optedOut(cell)
  if (target === 'consent') return denies(cell)
  return target === 'name' ? isMarkingName(cell) : isMarkingCell(cell)
}

const unique = (phones: readonly string[]) => [...new Map(phones.map((phone) => [identityOf(phone), phone])).values()]

type Chosen = { column: number; e164: string } | Pick<Row, 'flaw' | 'asked'>

/** The number that is called: the first valid one in the order of the columns, unless a person must say what it is. */
function firstValid(
  { phones, answers }: Choice,
  numberIn: (column: number) => Normalised,
  flagged: ReadonlySet<number | null | undefined>,
): Chosen {
  let flaw: Flaw = 'missing'
  for (const column of phones) {
    if (flagged.has(column)) continue
    const read = answered(numberIn(column), answers)
    if (read === 'left-out') flaw = read
    else if (read.ok) return { column, e164: read.e164 }
    else if ('readings' in read) return { flaw: null, asked: { question: read.reason, readings: read.readings } }
    else if (flaw === 'missing') flaw = read.reason
  }
  return { flaw, asked: null }
}

function answered(read: Normalised, answers: Choice['answers']): Normalised | 'left-out' {
  if (read.ok || !('readings' in read)) return read
  const answer = answers[read.reason]
  if (answer === 'out') return 'left-out'
  const e164 = answer === undefined ? undefined : read.readings[answer]
  return e164 ? { ok: true, e164 } : read
}

/** The time zone, where one is given. `UTC` and blanks name no place; what nobody knows is sent, for it widens no hours. */
function zoneOf(
  columns: readonly [number, Target][],
  cell: (column: number) => string,
  e164: string,
): { lead: RowLead; odd: boolean } {
  const [column] = columns.find(([, target]) => target === 'timezone') ?? []
  const text = column === undefined ? '' : cell(column)
  const zone = isBlankCell(text) ? 'nowhere' : zoneNamed(text, e164)
  return { lead: zone === 'nowhere' ? {} : { timezone: zone ?? text }, odd: zone === null }
}

function fieldsOf(columns: readonly [number, Target][], cell: (column: number) => string, name: string): RowLead {
  const lead: RowLead = {}
  for (const [column, target] of columns) {
    if (target === 'timezone' || target === 'name' || !FIELDS.includes(target as Field)) continue
    const text = cell(column)
    if (!text || isOddNote(target, text)) continue
    lead[target] = lead[target] ? `${lead[target]} ${text}` : text
  }
  return name ? { ...lead, name } : lead
}

const NOT_KEPT: ReadonlySet<Target> = new Set(['skip', 'do_not_call', 'dnc_phone'])

/** A note that a person has said is no mark: the server takes it only as a column that is kept as it is. */
const isOddNote = (target: Target, text: string) => target === 'note' && isMarkingCell(text)

/** What stays with the lead as it is: the columns that are kept, the other phones, and what helped to read the number. */
function ownColumns(
  columns: readonly [number, Target][],
  cell: (column: number) => string,
  names: readonly string[],
  packed: ReadonlySet<number>,
  called: number,
): [string, string][] {
  return columns.flatMap(([column, target]): [string, string][] => {
    const text = cell(column)
    if (!text || NOT_KEPT.has(target) || (FIELDS.includes(target as Field) && !isOddNote(target, text))) return []
    if (target === 'phone' && column === called) return []
    const name = names[column] as string
    return packed.has(column) ? (unpacked(text) ?? [[name, text]]) : [[name, text]]
  })
}

/** The columns that a list written by this product's first version keeps in one cell. */
function unpacked(cell: string): [string, string][] | null {
  try {
    const value: unknown = JSON.parse(cell)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
    return Object.entries(value).map(([name, inner]) => [name, String(inner)])
  } catch {
    return null
  }
}

/** What a row may hold, so that nothing too long or too many costs the row; and the names of what did not fit. */
function fit(lead: RowLead, own: readonly [string, string][]): Pick<Row, 'lead' | 'shortened' | 'leftOut'> {
  const shortened: string[] = []
  const fitting: RowLead = {}
  const put = (key: string, name: string, text: string, most: number) => {
    fitting[key] = shorten(text, most)
    if (fitting[key] !== text) shortened.push(name)
  }
  for (const [field, text] of Object.entries(lead))
    put(field, field, text, LONGEST[field as keyof typeof LONGEST] ?? Number.POSITIVE_INFINITY)
  const leftOut: string[] = []
  let [count, bytes] = [0, sizeOf(fitting)]
  for (const [name, text] of own) {
    const size = sizeOf({ [`extra.${name}`]: shorten(text, LONGEST_KEPT) })
    if (count >= MOST_COLUMNS || bytes + size > LONGEST_ROW) {
      leftOut.push(name)
      continue
    }
    count += 1
    bytes += size
    put(`extra.${name}`, name, text, LONGEST_KEPT)
  }
  return { lead: fitting, shortened, leftOut }
}

export const sizeOf = (lead: RowLead) => new TextEncoder().encode(JSON.stringify(lead)).length + 1

/** Counted in letters as the server does, of which some are two units here. */
function shorten(text: string, most: number): string {
  if (text.length <= most) return text
  const letters = [...text]
  return letters.length <= most ? text : `${letters.slice(0, most - 1).join('')}…`
}

/** What each column is called where it is kept: in few enough letters, and each its own. */
function keptNames(headers: readonly string[]): string[] {
  return uniqueNames(
    headers.map((header) => shorten(header.replace(/^extra\./i, '').trim() || header, LONGEST_COLUMN_NAME - 5)),
  )
}

/** A second `Phone` is `Phone (2)`, or `Phone (3)` if another column is called that: nobody's own name is taken. */
export function uniqueNames(names: readonly string[]): string[] {
  const taken = new Set(names)
  const used = new Set<string>()
  return names.map((name) => {
    let free = name
    for (let number = 2; used.has(name) && taken.has(free); number += 1) free = `${name} (${number})`
    taken.add(free)
    used.add(free)
    return free
  })
}
