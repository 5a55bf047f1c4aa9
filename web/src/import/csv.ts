import Papa from 'papaparse'

export interface Line {
  /** where in the file, counted from 1 */
  line: number
  cells: string[]
}

export interface Csv {
  lines: Line[]
  width: number
  /** empty for rows that did not come as a text */
  separator: string
  /** the first cell in quotation marks whose end is missing, or is followed by more: the rows from there on may be any */
  badQuote: { line: number; open: boolean } | null
}

export const SEPARATORS = [',', ';', '\t', '|'] as const

/** How many rows from the top are looked at to tell the separator and the header. */
export const TOP_ROWS = 30

/** A first line that only names the separator, in any case, quoted or not. */
const NAMED_SEPARATOR = /^\ufeff?"?sep=(.)"?[,;\t|]*(?:\n|$)/i

/**
 * The rows of a CSV text with their places in it; empty rows are left out. A first line `sep=;` names the separator; else
 * it is the one with which one of the first rows names the most columns by known words, or that divides them best.
 */
export function readCsv(text: string, headerScore: (top: readonly (readonly string[])[]) => number): Csv {
  let plain = text.replaceAll(/\r\n?/g, '\n')
  const named = NAMED_SEPARATOR.exec(plain)
  const first = named ? 2 : 1
  if (named) plain = plain.slice(named[0].length)
  const delimiter = named?.[1] ?? separatorOf(plain, headerScore)
  const { data, errors } = Papa.parse<string[]>(plain, { delimiter, newline: '\n', skipEmptyLines: false })
  const [bad] = errors.filter(({ type }) => type === 'Quotes')
  return {
    ...numbered(data, first),
    separator: delimiter,
    badQuote: bad ? { line: first - 1 + lineAt(plain, bad.index ?? 0), open: bad.code === 'MissingQuotes' } : null,
  }
}

/** Rows that did not come as a text, such as those of a workbook: each is one line. */
export const rowsAsLines = (rows: string[][]): Csv => ({ ...numbered(rows, 1, true), separator: '', badQuote: null })

function numbered(rows: string[][], first: number, oneLineEach = false): { lines: Line[]; width: number } {
  const lines: Line[] = []
  let [at, width] = [first, 0]
  for (const cells of rows) {
    const line = at
    at += 1
    if (!oneLineEach) for (const cell of cells) at += cell.split('\n').length - 1
    if (cells.every((cell) => cell.trim() === '')) continue
    lines.push({ line, cells })
    width = Math.max(width, cells.length)
  }
  return { lines, width }
}

function separatorOf(text: string, headerScore: (top: readonly (readonly string[])[]) => number): string {
  const tops = SEPARATORS.map((separator) => [separator, topRows(text, separator)] as const)
  const best = (rate: (rows: string[][]) => number) =>
    tops
      .map(([separator, rows]) => [separator, rate(rows)] as const)
      .reduce((top, one) => (one[1] > top[1] ? one : top))
  const [separator, known] = best(headerScore)
  return known > 0 ? separator : best(commonWidth)[0]
}

const topRows = (text: string, delimiter: string) =>
  Papa.parse<string[]>(text, { delimiter, newline: '\n', preview: TOP_ROWS, skipEmptyLines: 'greedy' }).data

/** How many cells most of these rows have. */
function commonWidth(rows: readonly (readonly string[])[]): number {
  const counts = new Map<number, number>()
  for (const { length } of rows) counts.set(length, (counts.get(length) ?? 0) + 1)
  return [...counts].reduce((best, one) => (one[1] > best[1] ? one : best), [1, 0] as [number, number])[0]
}

const lineAt = (text: string, index: number) => text.slice(0, index).split('\n').length

/** Rows as a CSV text a spreadsheet opens without running anything in it. */
export function writeCsv(rows: readonly (readonly (string | number)[])[]): string {
  return Papa.unparse(rows as (string | number)[][], { escapeFormulae: /^[=@\t\r]/ })
}
