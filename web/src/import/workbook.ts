/** The rows of a workbook's first sheet that has any, as the texts a person sees in them; null if it cannot be read. */
export async function readWorkbook(bytes: Uint8Array<ArrayBuffer>): Promise<string[][] | null> {
  const { default: readSheets } = await import('read-excel-file/universal')
  try {
    const sheets = await readSheets(new Blob([bytes]))
    const filled = sheets.find(({ data }) => data.some((row) => row.some((cell) => cell !== null)))
    return (filled ?? sheets[0])?.data.map((row) => row.map(asText)) ?? []
  } catch {
    return null
  }
}

/** A number is written out: a spreadsheet keeps a telephone number as 12015550123, never as 1.2E+10. */
function asText(cell: unknown): string {
  if (cell === null || cell === undefined) return ''
  if (typeof cell === 'number') return Number.isInteger(cell) ? cell.toLocaleString('en', { useGrouping: false, maximumFractionDigits: 0 }) : String(cell)
  if (typeof cell === 'boolean') return cell ? 'TRUE' : 'FALSE'
  if (cell instanceof Date) return cell.toISOString().replace(/T00:00:00\.000Z$/, '')
  return String(cell)
}
