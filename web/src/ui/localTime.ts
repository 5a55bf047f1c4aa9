import { clockIn, timeIn } from '../format'
import { type Lead, zoneName } from '../leads/lead'
import { panel } from '../texts'

/** The time where the lead is, in short: the town that names its zone, and the clock there. */
export function townTime({ timezone, zones }: Lead, now: number): string | null {
  const [zone = ''] = timezone ? [timezone] : (zones ?? []).map(zoneName)
  const clock = clockIn(zone, now)
  return clock && `${town(zone)} ${clock}`
}

export const town = (zone: string) => zone.split('/').at(-1)?.replaceAll('_', ' ') ?? zone

/** The time where the lead is; of a number that can be in several zones, all of them. */
export function theirTime({ timezone, zones }: Lead, now: number): string | null {
  const names = timezone ? [timezone] : (zones ?? []).map(zoneName)
  const times = [...new Set(names.map((name) => timeIn(name, now)).filter(Boolean))]
  if (times.length === 0) return null
  const [only = ''] = names
  const where = names.length === 1 ? only.replaceAll('_', ' ') : panel.zones(names.length)
  return `${times.slice(0, 4).join(', ')}${times.length > 4 ? ' …' : ''} (${where})`
}

/** The same in short, for a column: of several zones the first and the last on the clock. */
export function theirClock({ timezone, zones }: Lead, now: number): string {
  const names = timezone ? [timezone] : (zones ?? []).map(zoneName)
  const times = [...new Set(names.map((name) => clockIn(name, now)).filter(Boolean))]
  return times.length > 2 ? `${times[0]} … ${times.at(-1)}` : times.join(', ')
}
