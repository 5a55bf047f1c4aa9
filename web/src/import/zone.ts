const SPOKEN = /^(eastern|central|mountain|pacific|alaska|hawaii|atlantic|newfoundland|(e|c|m|p|ak|h|a|n)[sd]?t)$/
/** Clocks that stand nowhere: nobody lives in them. */
const NOWHERE = /^(utc|gmt|z|zulu|etc\/.*|(utc|gmt) ?[+-]?\d.*)$/i

/**
 * The time zone that a cell names, as the server writes it: `america_slash_new_york` and `america/new york` are one.
 * `EST` and the like count for a number of North America only. 'nowhere' for `UTC`; null if it names none.
 */
export function zoneNamed(cell: string, e164: string): string | 'nowhere' | null {
  const text = cell.trim()
  if (NOWHERE.test(text)) return 'nowhere'
  const name = text.replaceAll('_slash_', '/').replaceAll(' ', '_')
  if (e164.startsWith('+1') && SPOKEN.test(name.toLowerCase().replace(/_time$/, '').replace(/_(standard|daylight)$/, ''))) return text
  if (!name.includes('/')) return null
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone
  } catch {
    return null
  }
}
