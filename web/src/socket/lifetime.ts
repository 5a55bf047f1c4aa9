const MINUTE_MS = 60_000
const LONGEST_MS = 120 * MINUTE_MS
const SPARE_MS = 5 * MINUTE_MS
const SPREAD_MS = 10 * MINUTE_MS
const BEFORE_EXPIRY_MS = 2 * MINUTE_MS
const SHORTEST_MS = 5_000

/**
 * How long a connection opened at *now* may serve before it is replaced: API Gateway cuts it after two hours,
 * the server when its token expires. A little chance keeps a thousand pages from rotating in the same second.
 */
export function lifetime(now: number, tokenExpiresAt: number | null, random: () => number = Math.random): number {
  const byLimit = LONGEST_MS - SPARE_MS - random() * SPREAD_MS
  if (tokenExpiresAt === null) return byLimit
  const left = tokenExpiresAt - now
  const byToken = left - Math.min(BEFORE_EXPIRY_MS, left / 4)
  return Math.max(SHORTEST_MS, Math.min(byLimit, byToken))
}
