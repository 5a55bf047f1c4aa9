import Papa from 'papaparse'

export interface Line {
  /** where in the file, counted from 1 */
  line: number
  cells: string[]
}

export interface Csv {
  lines: Line[]
  width: number
  /** the first cell in quotation marks whose end is missing, or is followed by more: the rows from there on may be any */
  badQuote: { line: number; open: boolean } | null
}

/** The rows of a CSV text with their places in it; empty rows are left out, whatever the delimiter. */
export function readCsv(text: string): Csv {
  const plain = text.replaceAll(/\r\n?/g, '\n')
  const { delimiter } = Papa.parse<string[]>(plain, { preview: 20, skipEmptyLines: 'greedy' }).meta
  const { data, errors } = Papa.parse<string[]>(plain, { delimiter, newline: '\n', skipEmptyLines: false })
  const lines: Line[] = []
  let [at, width] = [1, 0]
  for (const cells of data) {
    const line = at
    at += 1
    for (const cell of cells) at += cell.split('\n').length - 1
    if (cells.every((cell) => cell.trim() === '')) continue
    lines.push({ line, cells })
    width = Math.max(width, cells.length)
  }
  const [bad] = errors.filter(({ type }) => type === 'Quotes')
  return { lines, width, badQuote: bad ? { line: lineAt(plain, bad.index ?? 0), open: bad.code === 'MissingQuotes' } : null }
}

const lineAt = (text: string, index: number) => text.slice(0, index).split('\n').length

/** Rows as a CSV text a spreadsheet opens without running anything in it. */
export function writeCsv(rows: readonly (readonly (string | number)[])[]): string {
  return Papa.unparse(rows as (string | number)[][], { escapeFormulae: /^[=@\t\r]/ })
}
