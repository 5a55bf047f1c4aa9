import Papa from 'papaparse'

export interface Line {
  /** where in the file, counted from 1 */
  line: number
  cells: string[]
}

export interface Csv {
  lines: Line[]
  width: number
  /** the line where a quotation was opened and never closed */
  openQuote: number | null
}

/** The rows of a CSV text with their places in it; empty rows are left out, whatever the delimiter. */
export function readCsv(text: string): Csv {
  const plain = text.replaceAll(/\r\n?/g, '\n')
  const { delimiter } = Papa.parse<string[]>(plain, { preview: 20, skipEmptyLines: 'greedy' }).meta
  const { data, errors } = Papa.parse<string[]>(plain, { delimiter, newline: '\n', skipEmptyLines: false })
  const lines: Line[] = []
  let [at, width, last] = [1, 0, 1]
  for (const cells of data) {
    last = at
    at += 1
    for (const cell of cells) at += cell.split('\n').length - 1
    if (cells.every((cell) => cell.trim() === '')) continue
    lines.push({ line: last, cells })
    width = Math.max(width, cells.length)
  }
  const open = errors.some(({ code }) => code === 'MissingQuotes')
  return { lines, width, openQuote: open ? (lines.at(-1)?.line ?? last) : null }
}

/** Rows as a CSV text a spreadsheet opens without running anything in it. */
export function writeCsv(rows: readonly (readonly (string | number)[])[]): string {
  return Papa.unparse(rows as (string | number)[][], { escapeFormulae: /^[=@\t\r]/ })
}
