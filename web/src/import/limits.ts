/** The largest file taken in one go: about a quarter of a million leads. */
export const MOST_BYTES = 25_000_000
/** What one request may carry; the server's bounds are 1,000 rows and 1 MB. */
export const PIECE_ROWS = 1000
export const PIECE_BYTES = 900_000
