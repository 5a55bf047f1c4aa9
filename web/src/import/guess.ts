import { type Line } from './csv'
import { countryByCode, type Country, looksLikeNumber, normalise } from './phone'
import type { Doubt, Field, Target } from './targets'
import {
  countryOf,
  denies,
  isAboutPhone,
  isBlankCell,
  isConsent,
  isMark,
  isMarkingCell,
  isMarkingName,
  isOnlyNoun,
  isOtherNumber,
  isOtherWay,
  isOwnExport,
  isTick,
  isWrittenByUs,
  type Meaning,
  meaningOf,
  plain,
  speaksOfMarks,
  withoutMark,
} from './words'

/** What is in a column. */
export interface ColumnReport {
  filled: number
  /** how many of *looked* cells are valid numbers; null where it is no matter of numbers */
  valid: number | null
  looked: number
}

export interface Guess {
  targets: Target[]
  /** the columns of phone numbers in the order in which they are tried */
  phones: number[]
  /** of a mark that concerns one phone only, the column of that phone */
  concerns: (number | null)[]
  doubts: (Doubt | null)[]
  reports: ColumnReport[]
}

const SAMPLE_ROWS = 1_000
const SHARE_OF_NUMBERS = 0.2
const SHARE_WITHOUT_A_NAME = 0.5
const MOST_WORDS_NAMED = 4
const MOST_KNOWN = 10_000
/** In a name, the words of a mark may be somebody's own, Nix or Robinson: only those count that are none. */
const MAY_HOLD_MARKS: ReadonlySet<Target> = new Set(['keep', 'note', 'state', 'external_id', 'timezone', 'name'])

/** A first guess at what each column is: by its name, by how many cells it fills, and by how many of them are numbers. */
export function guess(headers: readonly string[], rows: readonly Line[], region: string): Guess {
  const sample = evenly(rows, SAMPLE_ROWS)
  const filled = headers.map((_, column) =>
    rows.reduce((sum, { cells }) => sum + Number(Boolean(cells[column]?.trim())), 0),
  )
  const exported = isOwnExport(headers)
  const targets = headers.map((header, column): Target => (header.trim() || filled[column] ? 'keep' : 'skip'))
  const weight = (column: number) => (clarity(headers[column] ?? '') * (filled[column] ?? 0)) / (rows.length || 1)
  const cells = (column: number) => sample.map((row) => row.cells[column]?.trim() ?? '').filter(Boolean)

  const places = [...columnsOf(headers, 'country'), ...columnsOf(headers, 'calling_code')]
  for (const [meaning, is] of [
    ['calling_code', isCallingCode],
    ['country', isCountry],
  ] as const) {
    const found = best(
      places.filter((column) => targets[column] === 'keep' && share(cells(column), is) >= 0.5),
      weight,
    )
    if (found !== null) targets[found] = meaning
  }
  if (!targets.includes('country') && !targets.includes('calling_code')) {
    const odd = best(
      columnsOf(headers, 'country').filter((column) => filled[column]),
      weight,
    )
    if (odd !== null) targets[odd] = 'country' // countries that nobody knows are asked about where a number lacks its own
  }
  const where = { region, withoutPlus: exported, country: null }
  const reports = headers.map((header, column): ColumnReport => {
    const some = cells(column)
    const matters =
      meaningOf(header)?.meaning === 'phone' || isAboutPhone(header) || share(some, looksLikeNumber) >= SHARE_OF_NUMBERS
    if (!matters || targets[column] !== 'keep') return { filled: filled[column] ?? 0, valid: null, looked: some.length }
    const valid = sample.filter((row) => {
      const read = normalise(row.cells[column], { ...where, country: countryIn(row.cells, targets) })
      return read.ok || 'readings' in read
    }).length
    return { filled: filled[column] ?? 0, valid, looked: some.length }
  })
  const validShare = (column: number) => (reports[column]?.valid ?? 0) / (reports[column]?.looked || 1)

  headers.forEach((header, column) => {
    if (targets[column] !== 'keep') return
    if (isMark(header)) targets[column] = validShare(column) >= SHARE_WITHOUT_A_NAME ? 'dnc_phone' : 'do_not_call'
    else if (exported && isWrittenByUs(header)) targets[column] = 'skip'
  })
  for (const [meaning, column] of otherFields(headers, targets, weight)) targets[column] = meaning
  const phones = phoneColumns(headers, targets, reports, (column) => weight(column) * validShare(column))
  for (const column of phones) targets[column] = 'phone'

  const concerns: (number | null)[] = headers.map(() => null)
  const doubts = headers.map((header, column): Doubt | null => {
    const target = targets[column]
    if (target === 'do_not_call') {
      const phone = exported ? null : phoneBeside(headers, phones, targets, column)
      return phone === null ? null : { kind: 'beside', phone }
    }
    if (!target || !MAY_HOLD_MARKS.has(target)) return null
    const doubt = doubtOf(
      header,
      rows,
      column,
      targets.includes('do_not_call'),
      target === 'name' ? isMarkingName : isMarkingCell,
    )
    return target === 'keep' || doubt?.kind === 'words' ? doubt : null
  })
  return { targets, phones, concerns, doubts, reports }
}

const clarity = (header: string) => meaningOf(header)?.clarity ?? (isAboutPhone(header) ? 0.1 : 0.05)

/** Rows from all over the file, not only from its top. */
function evenly<T>(all: readonly T[], most: number): readonly T[] {
  if (all.length <= most) return all
  return Array.from({ length: most }, (_, index) => all[Math.floor((index * all.length) / most)] as T)
}

const share = (cells: readonly string[], is: (cell: string) => boolean) =>
  cells.length ? cells.filter(is).length / cells.length : 0

const isCountry = (cell: string) => countryOf(cell) !== null
const isCallingCode = (cell: string) => /^(?:\+|00)?\d{1,4}(?:\.0+)?$/.test(cell)

const columnsOf = (headers: readonly string[], meaning: Meaning) =>
  [...headers.keys()].filter((column) => meaningOf(headers[column] ?? '')?.meaning === meaning)

function best(columns: readonly number[], rate: (column: number) => number): number | null {
  return columns.reduce<number | null>((top, column) => (top === null || rate(column) > rate(top) ? column : top), null)
}

/** What the columns of country and calling code of this row say. */
export function countryIn(cells: readonly string[], targets: readonly Target[]): Country | null {
  let found: Country | null = null
  for (const [column, target] of targets.entries()) {
    if (target !== 'country' && target !== 'calling_code') continue
    const cell = cells[column]?.trim()
    if (!cell) continue
    const region = countryOf(cell)
    if (region) return countryByCode(region)
    const code = /^(?:\+|00)?(\d{1,4})(?:\.0)?$/.exec(cell)?.[1]
    found = code ? { region: null, code } : (found ?? { region: null, code: null })
  }
  return found
}

/** The column of each field but the phone: of several, the one that says so most plainly and is filled most. */
function otherFields(
  headers: readonly string[],
  targets: readonly Target[],
  weight: (column: number) => number,
): [Field, number][] {
  const free = (meaning: Meaning) => columnsOf(headers, meaning).filter((column) => targets[column] === 'keep')
  const one = (meaning: Meaning) => best(free(meaning), weight)
  const [name, first, last] = [one('name'), one('first_name'), one('last_name')]
  const parts = [first, last].filter((column) => column !== null)
  const onlyNoun = name !== null && isOnlyNoun(headers[name] ?? '')
  const partsFill = Math.max(0, ...parts.map(weight))
  const names = name !== null && !(parts.length && (onlyNoun || weight(name) < partsFill / 2)) ? [name] : parts
  const rest = (
    ['timezone', 'state', 'note', 'external_id', 'basis', 'consent_at', 'consent_source', 'consent_until'] as const
  ).flatMap((field): [Field, number][] => {
    const column = one(field)
    return column === null ? [] : [[field, column]]
  })
  return [...names.map((column): [Field, number] => ['name', column]), ...rest]
}

/** The columns of numbers, best first. One that only speaks of a phone, or only holds numbers, counts where no other does. */
function phoneColumns(
  headers: readonly string[],
  targets: readonly Target[],
  reports: readonly ColumnReport[],
  rate: (column: number) => number,
): number[] {
  const free = [...headers.keys()].filter((column) => targets[column] === 'keep')
  const validShare = (column: number) => (reports[column]?.valid ?? 0) / (reports[column]?.looked || 1)
  const named = free.filter((column) => meaningOf(headers[column] ?? '')?.meaning === 'phone')
  const isRare = (column: number) => (reports[column]?.filled ?? 0) > 0 && reports[column]?.looked === 0 // the sample has missed it
  const isPlain = (column: number) =>
    clarity(headers[column] ?? '') > SHARE_WITHOUT_A_NAME && (validShare(column) > 0 || isRare(column))
  const good = named.filter((column) => validShare(column) >= SHARE_OF_NUMBERS || isPlain(column))
  if (good.length) return good.sort((a, b) => rate(b) - rate(a))
  if (targets.includes('dnc_phone')) return []
  const about = best(
    free.filter((column) => isAboutPhone(headers[column] ?? '') && validShare(column) >= SHARE_OF_NUMBERS),
    rate,
  )
  if (about !== null) return [about]
  const numbers = best(
    free.filter((column) => validShare(column) >= SHARE_WITHOUT_A_NAME),
    validShare,
  )
  if (numbers !== null) return [numbers]
  return named.length
    ? [named.reduce((top, column) => ((reports[column]?.filled ?? 0) > (reports[top]?.filled ?? 0) ? column : top))]
    : []
}

/** The one of several phones that a mark stands beside: by its name, or as one of as many marks as phones, each behind its own. */
export function phoneBeside(
  headers: readonly string[],
  phones: readonly number[],
  targets: readonly Target[],
  column: number,
): number | null {
  if (phones.length < 2) return null
  const name = ` ${plain(headers[column] ?? '')} `
  const bare = withoutMark(headers[column] ?? '')
  const named = phones.filter((phone) => {
    const phoneName = plain(headers[phone] ?? '')
    return (
      bare === phoneName ||
      (phoneName && name.includes(` ${phoneName} `)) ||
      (bare.length > 2 && ` ${phoneName} `.startsWith(` ${bare} `))
    )
  })
  if (named.length)
    return named.reduce((long, phone) => ((headers[phone]?.length ?? 0) > (headers[long]?.length ?? 0) ? phone : long))
  const marks = [...targets.keys()].filter((other) => targets[other] === 'do_not_call')
  const inPairs = marks.length === phones.length && marks.every((mark) => phones.includes(mark - 1))
  return inPairs ? column - 1 : null
}

/** What must be asked about a column that is none of the marks by its name. */
function doubtOf(
  header: string,
  rows: readonly Line[],
  column: number,
  hasMark: boolean,
  isMarking: (cell: string) => boolean,
): Doubt | null {
  const kinds = new Set<'blank' | 'tick' | 'word'>()
  const words = new Set<string>()
  const known = new Set<string>()
  const consent = isConsent(header)
  const otherWay = isOtherWay(header)
  let [denied, onlyZeros] = [false, true]
  for (const { cells } of rows) {
    const cell = cells[column]?.trim()
    if (!cell || known.has(cell)) continue
    if (known.size < MOST_KNOWN) known.add(cell)
    kinds.add(isTick(cell) ? 'tick' : isBlankCell(cell) ? 'blank' : 'word')
    denied ||= consent && denies(cell)
    onlyZeros &&= /^0+$/.test(cell)
    if (words.size < MOST_WORDS_NAMED && isMarking(cell) && !(otherWay && isOtherWay(`${header} ${cell}`)))
      words.add(cell)
  }
  if (consent) return denied ? { kind: 'consent' } : null
  if (words.size) return { kind: 'words', words: [...words] }
  const counts = onlyZeros && isOtherNumber(header) // of a date, a code or a size that nobody has filled in
  if (kinds.has('tick') && !kinds.has('word') && !otherWay && !counts) return { kind: 'ticks' }
  return !hasMark && known.size > 0 && speaksOfMarks(header) ? { kind: 'about' } : null
}
