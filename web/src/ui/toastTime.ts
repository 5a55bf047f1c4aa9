/** How long a toast stays, in ms, unless somebody points at it. */
export const STAYS_MS = 8_000
