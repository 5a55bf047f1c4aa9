/** The largest file taken in one go: about a quarter of a million leads. */
export const MOST_BYTES = 25_000_000
/** What one request may carry; the server's bounds are 1,000 rows and 1 MB. */
export const PIECE_ROWS = 1000
export const PIECE_BYTES = 900_000
/** What a field may hold at most, and what a lead may keep besides; the server refuses more. */
export const LONGEST = { name: 200, timezone: 64, state: 100, note: 4000, external_id: 200 } as const
export const LONGEST_KEPT = 2000
export const LONGEST_COLUMN_NAME = 100
export const MOST_COLUMNS = 50
export const LONGEST_ROW = 30_000
