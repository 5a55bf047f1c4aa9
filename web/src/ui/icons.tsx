import type { Kind } from '../leads/lead'

const PATHS = {
  clock: 'M12 7v5l3 2 M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18',
  hand: 'M8 12V6.5a1.5 1.5 0 0 1 3 0V11 M11 11V4.5a1.5 1.5 0 0 1 3 0V11 M14 11V6a1.5 1.5 0 0 1 3 0v8c0 4-2.5 7-6 7-2.6 0-4-1.2-5.5-3.8L4 13.5c-.6-1.5 1.2-2.3 2.2-1.2L8 14.5',
  dial: 'M5 4h4l2 5-2.5 1.5a11 11 0 0 0 5 5L15 13l5 2v4a2 2 0 0 1-2 2A15 15 0 0 1 3 6a2 2 0 0 1 2-2',
  ring: 'M5 4h4l2 5-2.5 1.5a11 11 0 0 0 5 5L15 13l5 2v4a2 2 0 0 1-2 2A15 15 0 0 1 3 6a2 2 0 0 1 2-2 M15 7a2 2 0 0 1 2 2 M15 3a6 6 0 0 1 6 6',
  talk: 'M4 5h16v11H9l-5 4z M8 9h8 M8 12h5',
  question: 'M9.5 9a2.5 2.5 0 1 1 3.5 2.3c-.7.4-1 .9-1 1.7 M12 16.5v.2 M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18',
  look: 'M12 4 2.5 20h19z M12 10v4 M12 17v.2',
  check: 'M8 12.5l3 3 5-6 M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18',
  missed: 'M5 4h4l2 5-2.5 1.5a11 11 0 0 0 5 5L15 13l5 2v4a2 2 0 0 1-2 2A15 15 0 0 1 3 6a2 2 0 0 1 2-2 M15.5 3.5l5 5 M20.5 3.5l-5 5',
  busy: 'M5 12h14 M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18',
  cross: 'M9 9l6 6 M15 9l-6 6 M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18',
  ban: 'M5.7 5.7l12.6 12.6 M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18',
  search: 'M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14 M16 16l4.5 4.5',
  close: 'M6 6l12 12 M18 6L6 18',
  pause: 'M9 5v14 M15 5v14',
  play: 'M7 5l12 7-12 7z',
  up: 'M12 19V5 M6 11l6-6 6 6',
  down: 'M12 5v14 M6 13l6 6 6-6',
  upload: 'M12 16V4 M7 9l5-5 5 5 M4 16v4h16v-4',
  download: 'M12 4v12 M7 11l5 5 5-5 M4 18v2h16v-2',
  gear: 'M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6 M19 12l2 1.5-2 3.5-2.4-.9-1.6.9L14.6 20h-5.2L9 17l-1.6-.9L5 17l-2-3.5L5 12l-2-1.5L5 7l2.4.9L9 7l.4-3h5.2l.4 3 1.6.9L19 7l2 3.5z',
  person: 'M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8 M4 21c1-4.5 4-6 8-6s7 1.5 8 6',
  again: 'M20 11a8 8 0 1 0-2.3 6.3 M20 4v7h-7',
  file: 'M6 3h8l4 4v14H6z M14 3v4h4 M9 12h6 M9 16h6',
  eye: 'M2 12c2.5-4.7 6-7 10-7s7.5 2.3 10 7c-2.5 4.7-6 7-10 7s-7.5-2.3-10-7 M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6',
  bolt: 'M13 2L4 14h7l-1 8 9-12h-7z',
} as const

export type IconName = keyof typeof PATHS

const OF_KIND: Record<Kind, IconName> = {
  waiting: 'clock',
  held: 'hand',
  calling: 'dial',
  ringing: 'ring',
  connected: 'talk',
  checking: 'question',
  look: 'look',
  completed: 'check',
  busy: 'busy',
  'no-answer': 'missed',
  failed: 'cross',
  canceled: 'close',
  dnc: 'ban',
  other: 'question',
}

/** A line drawing beside words; never the only carrier of a meaning. */
export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" width={size} height={size} aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  )
}

export function KindIcon({ kind, size }: { kind: Kind; size?: number }) {
  return <Icon name={OF_KIND[kind]} {...(size ? { size } : {})} />
}

/** The product's mark. */
export function Mark() {
  return (
    <svg className="mark" viewBox="0 0 32 32" width="28" height="28" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="8" className="mark-field" />
      <path
        className="mark-phone"
        d="M11.2 8.5c.5-.5 1.3-.4 1.7.2l1.6 2.4c.3.5.3 1.1-.1 1.5l-1 1.1c.9 1.9 2.4 3.5 4.3 4.4l1.1-1c.4-.4 1-.4 1.5-.1l2.4 1.6c.6.4.7 1.2.2 1.7l-1.3 1.3c-.8.8-2 1.1-3.1.7-4.7-1.7-8.3-5.3-10-10-.4-1.1-.1-2.3.7-3.1z"
      />
      <path className="mark-wave" d="M18.5 8.8a6 6 0 0 1 4.7 4.7" />
    </svg>
  )
}
