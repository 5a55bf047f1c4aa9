const SPOKEN = /^(eastern|central|mountain|pacific|alaska|hawaii|atlantic|newfoundland|(e|c|m|p|ak|h|a|n)[sd]?t)$/

/** Whether this names a time zone; `EST` and the like do for a number of North America only. */
export function isZone(told: string, e164: string): boolean {
  const name = told.trim().replaceAll(' ', '_')
  if (e164.startsWith('+1') && SPOKEN.test(name.toLowerCase().replace(/_time$/, '').replace(/_(standard|daylight)$/, ''))) return true
  if (name !== 'UTC' && !name.includes('/')) return false
  try {
    return Boolean(new Intl.DateTimeFormat(undefined, { timeZone: name }))
  } catch {
    return false
  }
}
