import { timeIn } from '../format'
import { type Lead, zoneName } from '../leads/lead'
import { panel } from '../texts'

/** The time where the lead is; of a number that can be in several zones, all of them. */
export function theirTime({ timezone, zones }: Lead, now: number): string | null {
  const names = timezone ? [timezone] : (zones ?? []).map(zoneName)
  const times = [...new Set(names.map((name) => timeIn(name, now)).filter(Boolean))]
  if (times.length === 0) return null
  const [only = ''] = names
  const where = names.length === 1 ? only.replaceAll('_', ' ') : panel.zones(names.length)
  return `${times.slice(0, 4).join(', ')}${times.length > 4 ? ' …' : ''} (${where})`
}
