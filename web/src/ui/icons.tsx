import {
  ArrowDown,
  ArrowUp,
  Ban,
  Bot,
  CircleCheck,
  CircleMinus,
  CirclePause,
  CircleQuestionMark,
  CircleX,
  Clock,
  Columns3,
  Copy,
  Download,
  Eye,
  FileText,
  Hand,
  Headset,
  Grip,
  Keyboard,
  type LucideIcon,
  MessageSquareText,
  Mic,
  MicOff,
  Pause,
  PhoneCall,
  PhoneMissed,
  PhoneOff,
  PhoneOutgoing,
  Play,
  RotateCw,
  Search,
  Settings,
  TriangleAlert,
  Upload,
  UserRound,
  Voicemail,
  X,
} from 'lucide-react'
import type { DisplayStatus } from '../leads/lead'

const ICONS = {
  clock: Clock,
  columns: Columns3,
  hand: Hand,
  dial: PhoneOutgoing,
  ring: PhoneCall,
  talk: MessageSquareText,
  question: CircleQuestionMark,
  warning: TriangleAlert,
  check: CircleCheck,
  missed: PhoneMissed,
  busy: CircleMinus,
  cross: CircleX,
  ban: Ban,
  search: Search,
  close: X,
  pause: Pause,
  hold: CirclePause,
  play: Play,
  up: ArrowUp,
  down: ArrowDown,
  upload: Upload,
  download: Download,
  gear: Settings,
  person: UserRound,
  again: RotateCw,
  file: FileText,
  eye: Eye,
  headset: Headset,
  keypad: Grip,
  microphone: Mic,
  microphoneOff: MicOff,
  phoneOff: PhoneOff,
  bot: Bot,
  copy: Copy,
  keyboard: Keyboard,
  voicemail: Voicemail,
} as const satisfies Record<string, LucideIcon>

export type IconName = keyof typeof ICONS

const OF_KIND: Record<DisplayStatus, IconName> = {
  waiting: 'clock',
  held: 'hand',
  calling: 'dial',
  ringing: 'ring',
  connected: 'talk',
  checking: 'question',
  review: 'warning',
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
  const Drawing = ICONS[name]
  return <Drawing className="icon" size={size} strokeWidth={1.9} aria-hidden="true" focusable="false" />
}

export function KindIcon({ kind, size }: { kind: DisplayStatus; size?: number }) {
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
