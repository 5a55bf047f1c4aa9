import { TOP_ROWS } from './csv'
import { looksLikeNumber } from './phone'
import { isMark, meaningOf } from './words'

export interface Header {
  /** which of the file's rows names the columns; null if none does */
  index: number | null
  /** false where a person must say so */
  sure: boolean
}

type Rows = readonly (readonly string[])[]

const BELOW = 8

/** How many columns this row names by known words: 0 unless one of them is the phone. */
function known(cells: readonly string[]): number {
  if (cells.some(looksLikeNumber)) return 0
  const meanings = cells.filter((cell) => cell.trim()).map((cell) => (isMark(cell) ? 'mark' : meaningOf(cell)?.meaning))
  return meanings.includes('phone') ? meanings.filter(Boolean).length : 0
}

/** Whether numbers stand below a column that this row calls the phone. */
function hasNumbersBelow(cells: readonly string[], below: Rows): boolean {
  return cells.some((cell, column) => {
    if (meaningOf(cell)?.meaning !== 'phone') return false
    const [first] = below.map((row) => row[column] ?? '').filter((one) => one.trim())
    return first !== undefined && looksLikeNumber(first)
  })
}

/** How well these rows are divided: the most columns that one of them names by known words. */
export const headerScore = (top: Rows) => Math.max(0, ...top.slice(0, TOP_ROWS).map(known))

/**
 * The row that names the columns: the first in which a column of numbers and other known names stand, for a report has
 * titles above them. Where there is none, what stands just above the first number, and a person is asked if that is not
 * the first row.
 */
export function findHeader(rows: Rows): Header {
  const top = rows.slice(0, TOP_ROWS)
  const below = (index: number) => rows.slice(index + 1, index + 1 + BELOW)
  const isAlone = (cells: readonly string[]) => cells.filter((cell) => cell.trim()).length === 1
  for (const [index, cells] of top.entries()) {
    const names = known(cells)
    const whole = names > 1 || (names === 1 && (isAlone(cells) || index === 0))
    if (whole && hasNumbersBelow(cells, below(index))) return { index, sure: true }
  }
  const named = top.findIndex((cells) => known(cells) > 1)
  if (named >= 0) return { index: named, sure: true }
  const first = top.findIndex((cells) => cells.some(looksLikeNumber))
  if (first === 0) return { index: null, sure: true }
  if (first > 0) return { index: first - 1, sure: first === 1 }
  return { index: top[0]?.some((cell) => /\p{L}/u.test(cell)) ? 0 : null, sure: true }
}
