const time = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' })
const weekday = new Intl.DateTimeFormat(undefined, { weekday: 'short', hour: 'numeric', minute: '2-digit' })
const day = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', hour: 'numeric', minute: '2-digit' })
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' })

const DAY_MS = 24 * 60 * 60_000

/** A moment as one says it at *now*: the time alone today, with the weekday within the week, else with the date. */
export function when(at: string | number | null | undefined, now: number): string {
  const moment = at === null || at === undefined ? Number.NaN : new Date(at).getTime()
  if (Number.isNaN(moment)) return ''
  if (new Date(moment).toDateString() === new Date(now).toDateString()) return time.format(moment)
  return Math.abs(moment - now) < 6 * DAY_MS ? weekday.format(moment) : day.format(moment)
}

/** A moment to the second, for a tooltip. */
export function precisely(at: string | null | undefined): string | undefined {
  return at && !Number.isNaN(Date.parse(at)) ? full.format(new Date(at)) : undefined
}

/** Seconds as a clock shows them: 0:07, 12:05, 1:02:09. */
export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds) || seconds < 0) return ''
  const whole = Math.floor(seconds)
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const two = (part: number) => String(part).padStart(2, '0')
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`
}

const clocks = new Map<string, Intl.DateTimeFormat | null>()

function clockOf(zone: string): Intl.DateTimeFormat | null {
  try {
    return new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit', timeZone: zone })
  } catch {
    return null
  }
}

/** The time alone where a lead lives, for many leads at once; empty if the zone is not one. */
export function clockIn(zone: string, now: number): string {
  const known = clocks.get(zone)
  const clock = known === undefined ? clockOf(zone) : known
  clocks.set(zone, clock)
  return clock?.format(now) ?? ''
}

/** The time on the wall where a lead lives; empty if the zone is not one. */
export function timeIn(zone: string, now: number): string {
  try {
    return new Intl.DateTimeFormat(undefined, {
      hour: 'numeric',
      minute: '2-digit',
      weekday: 'short',
      timeZone: zone,
    }).format(now)
  } catch {
    return ''
  }
}

/** Calling codes of one and two digits; all others have three. */
const SHORT_CODES = /^(1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58])/

/** An E.164 number in groups the eye can hold: country, threes, and three or four at the end. */
export function phone(number: string | null | undefined): string {
  if (!number || !/^\+\d{5,}$/.test(number)) return number ?? ''
  const digits = number.slice(1)
  const code = SHORT_CODES.exec(digits)?.[0] ?? digits.slice(0, 3)
  const groups = digits.slice(code.length).match(/\d{3}(?=\d{3})|\d+/g) ?? []
  return [`+${code}`, ...groups].join(' ')
}

export function fileSize(bytes: number): string {
  return bytes < 1_000_000 ? `${Math.max(1, Math.round(bytes / 1000))} KB` : `${(bytes / 1_000_000).toFixed(1)} MB`
}
