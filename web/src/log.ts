const LEVELS = ['off', 'info'] as const
export type Level = (typeof LEVELS)[number]

const KEY = 'autocall.log'

/** How much the console tells: `localStorage['autocall.log']` is `off`, or `info` as without it. */
function level(): Level {
  try {
    const kept = localStorage.getItem(KEY)
    return LEVELS.find((each) => each === kept) ?? 'info'
  } catch {
    return 'info'
  }
}

const tells = (wanted: Level) => LEVELS.indexOf(level()) >= LEVELS.indexOf(wanted)

/** What happens, for whoever looks into the console. Names, numbers and tokens have no place here. */
export const log = {
  info(message: string, about: Record<string, unknown> = {}): void {
    if (tells('info')) console.info(`autocall: ${message}`, about)
  },
}
