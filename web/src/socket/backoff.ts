const FIRST_MS = 1_000
const LONGEST_MS = 30_000

/** How long to wait before try number `failures + 1`: anything between nothing and a doubling bound (full jitter). */
export function backoff(failures: number, random: () => number = Math.random): number {
  return random() * Math.min(LONGEST_MS, FIRST_MS * 2 ** failures)
}
