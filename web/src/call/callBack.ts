import { type Lead, zoneName } from '../leads/lead'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
const EARLY = 9
const WEEKDAYS = 2

/** A moment to call back that one press chooses. */
export interface Chip {
  kind: 'hour' | 'tomorrow' | 'weekday'
  at: number
}

interface WallClock {
  year: number
  month: number
  day: number
  hour: number
  minute: number
}

/** The zone a call-back is planned in; of several, the one where the day begins last. Null if none is known. */
export function zoneOf({ timezone, zones }: Pick<Lead, 'timezone' | 'zones'>, now: number): string | null {
  const names = (timezone ? [timezone] : (zones ?? []).map(zoneName)).filter(isZone)
  const [first = null, ...others] = names
  return others.reduce<string | null>(
    (latest, name) => (latest && offsetOf(name, now) < offsetOf(latest, now) ? name : latest),
    first,
  )
}

function isZone(name: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name }))
  } catch {
    return false
  }
}

const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(zone: string | undefined): Intl.DateTimeFormat {
  const known = formats.get(zone ?? '')
  if (known) return known
  const made = new Intl.DateTimeFormat('en-US', {
    ...(zone ? { timeZone: zone } : {}),
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  formats.set(zone ?? '', made)
  return made
}

function wallClock(moment: number, zone: string | undefined): WallClock {
  const parts = Object.fromEntries(
    formatOf(zone)
      .formatToParts(moment)
      .map(({ type, value }) => [type, Number(value)]),
  )
  const { year = 0, month = 0, day = 0, hour = 0, minute = 0 } = parts
  return { year, month, day, hour, minute }
}

const asUtc = ({ year, month, day, hour, minute }: WallClock) => Date.UTC(year, month - 1, day, hour, minute)

/** By how much the clocks of a zone are ahead of UTC at a moment. */
function offsetOf(zone: string | undefined, moment: number): number {
  return asUtc(wallClock(moment, zone)) - Math.floor(moment / MINUTE_MS) * MINUTE_MS
}

/** The moment at which clocks there show this; where they skip it, as much later as they skip. */
function momentOfWallClock(shown: number, zone: string | undefined): number {
  const before = shown - offsetOf(zone, shown - DAY_MS)
  const after = shown - offsetOf(zone, shown + DAY_MS)
  const fits = [before, after].filter((moment) => moment + offsetOf(zone, moment) === shown)
  return fits.length > 0 ? Math.min(...fits) : before
}

/** What a field of date and time shows for a moment, by the clocks of a zone; of none, by this machine's zone. */
export function toField(moment: number, zone: string | null): string {
  return new Date(asUtc(wallClock(moment, zone ?? undefined))).toISOString().slice(0, 16)
}

/** The moment that such a field means; null where it holds none. */
export function fromField(text: string, zone: string | null): number | null {
  const shown = Date.parse(`${text}Z`)
  return text && !Number.isNaN(shown) ? momentOfWallClock(shown, zone ?? undefined) : null
}

/** Moments to choose from: in an hour, tomorrow at nine, and the next working days at nine; by their clocks. */
export function chips(zone: string | null, now: number): Chip[] {
  const today = wallClock(now, zone ?? undefined)
  const midnight = Date.UTC(today.year, today.month - 1, today.day)
  const nine = (days: number) => momentOfWallClock(midnight + days * DAY_MS + EARLY * HOUR_MS, zone ?? undefined)
  const isWorkday = (days: number) => ![0, 6].includes(new Date(midnight + days * DAY_MS).getUTCDay())
  const later = [2, 3, 4, 5, 6].filter(isWorkday).slice(0, WEEKDAYS)
  return [
    { kind: 'hour', at: Math.ceil((now + HOUR_MS) / MINUTE_MS) * MINUTE_MS },
    ...(isWorkday(1) ? [{ kind: 'tomorrow', at: nine(1) } as const] : []),
    ...later.map((days) => ({ kind: 'weekday', at: nine(days) }) as const),
  ]
}
