const NICKNAMES = 'eastern|central|mountain|pacific|alaska|hawaii|atlantic|newfoundland|(?:e|c|m|p|ak|h|a|n)[sd]?t'
const NICKNAME = new RegExp(`^(?:${NICKNAMES})$`)
/** What stands around one in a list of a program: "(UTC-05:00) Eastern Time (US & Canada)". */
const AROUND: ReadonlySet<string> = new Set('time standard daylight zone us usa canada and utc gmt'.split(' '))
/** Clocks that stand nowhere: nobody lives in them. */
const NOWHERE = /^(etc\/.*|(utc|gmt|z|zulu|uct|universal|greenwich)(\W?[+-]?[\d:.]*)?|[+-]\d{1,2}(:?\d{2})?)$/i
/** A list names few zones, and to look one up takes its time. */
const KNOWN = new Map<string, string | null>()
const MOST_KNOWN = 5_000

/**
 * The time zone that a cell names, as the server takes it: `america_slash_new_york` and `america/new york` are one. `EST`
 * and the like count for a number of North America only. 'nowhere' for `UTC`; null if it names none.
 */
export function zoneNamed(cell: string, e164: string): string | 'nowhere' | null {
  const text = cell.trim()
  const northAmerican = e164.startsWith('+1')
  const key = `${northAmerican} ${text}`
  const known = KNOWN.get(key)
  if (known !== undefined) return known
  const found = zoneOf(text, northAmerican)
  if (KNOWN.size < MOST_KNOWN) KNOWN.set(key, found)
  return found
}

function zoneOf(text: string, northAmerican: boolean): string | 'nowhere' | null {
  if (NOWHERE.test(text)) return 'nowhere'
  if (northAmerican && isNickname(text)) return text
  const name = text.replaceAll('_slash_', '/').replaceAll(' ', '_')
  if (!name.includes('/')) return null
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone
  } catch {
    return null
  }
}

function isNickname(text: string): boolean {
  const said = new Set(
    (
      text
        .slice(0, 100)
        .toLowerCase()
        .match(/[a-z]+/g) ?? []
    ).filter((word) => !AROUND.has(word)),
  )
  const [only] = said
  return said.size === 1 && NICKNAME.test(only ?? '')
}
