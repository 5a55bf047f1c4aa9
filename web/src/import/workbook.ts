import { headerScore } from './header'

export interface Workbook {
  rows: string[][]
  /** the sheet that is read, and those that are not though something stands in them */
  sheet: string
  others: string[]
}

/** The rows of the sheet that looks most like a list, as the texts a person sees in them; null if it cannot be read. */
export async function readWorkbook(bytes: Uint8Array<ArrayBuffer>): Promise<Workbook | null> {
  const { default: readSheets } = await import('read-excel-file/universal')
  try {
    const read = await readSheets(new Blob([bytes]))
    const sheets = read.map(({ sheet, data }) => ({ sheet, rows: data.map((row) => row.map(asText)) }))
    const filled = sheets.filter(({ rows }) => rows.some((row) => row.some((cell) => cell.trim())))
    const [first] = [...filled].sort((a, b) => headerScore(b.rows) - headerScore(a.rows))
    const others = filled.filter((one) => one !== first).map(({ sheet }) => sheet)
    return { rows: first?.rows ?? [], sheet: first?.sheet ?? '', others }
  } catch {
    return null
  }
}

/** A number is written out: a spreadsheet keeps a telephone number as 12015550123, never as 1.2E+10. */
function asText(cell: unknown): string {
  if (cell === null || cell === undefined) return ''
  if (typeof cell === 'number') return Number.isInteger(cell) ? BigInt(cell).toString() : String(cell)
  if (typeof cell === 'boolean') return cell ? 'TRUE' : 'FALSE'
  if (cell instanceof Date) return cell.toISOString().replace(/T00:00:00\.000Z$/, '')
  return String(cell)
}
