import type { Via } from '../api/leadsApi'
import type { DisplayStatus } from '../leads/lead'
import type { Line } from '../phone/line'
import { type CallQuality, NotConnected } from '../phone/softphone'
import { readReason } from '../reason'
import { card, line as words, reason } from '../texts'
import { errorMessage } from './errorMessage'

export interface SaidOfLine {
  title: string
  detail: string | null
  warnings: string[]
  /** for a screen reader: what is not a matter of seconds, and of a call only that somebody is there */
  announced: string
}

interface Known {
  /** whom the call or the wrap-up is about, for whom they work, and what was noted about them */
  name: string
  of: string
  note: string
  status: DisplayStatus | undefined
  via: Via
  quality: CallQuality
}

/** The state of the agent's line, and what to do about it. */
export function sayLine(line: Line, known: Known): SaidOfLine {
  const { title, detail = null } = said(line, known)
  const warnings = qualityInWords(known.quality)
  return { title, detail, warnings, announced: announcement(line, known, title, detail) }
}

function announcement(line: Line, { name, of, note }: Known, title: string, detail: string | null): string {
  if (line.kind === 'calling') return ''
  if (line.kind === 'talking') return card.connected(name, of, note)
  return [title, line.kind === 'wrap_up' ? null : detail].filter(Boolean).join(' ')
}

type Words = { title: string; detail?: string | null }

function said(line: Line, { name, status, via }: Known): Words {
  switch (line.kind) {
    case 'hidden':
      return { title: '' }
    case 'unreachable':
      return { title: words.unreachable.title, detail: words.unreachable[line.why] }
    case 'calling':
      return {
        title:
          status === 'connected'
            ? words.answered(name)
            : status === 'ringing'
              ? words.ringingAt(name)
              : words.calling(name),
      }
    case 'talking':
      return { title: words.talking(name) }
    case 'wrap_up':
      return { title: words.wrapUp(name), detail: line.left === null ? words.wrapUpOpen : words.wrapUpLeft(line.left) }
    case 'ended':
      return ended(line, via)
    default:
      return words.plain[line.kind]
  }
}

function ended({ reason: code, error, again }: Extract<Line, { kind: 'ended' }>, via: Via): Words {
  if (again) return { title: words.lost, detail: words.again }
  if (via === 'phone') return byPhone(code)
  if (error instanceof NotConnected) return { title: words.notOn, detail: words.notConnected(error.code) }
  if (error) return { title: words.notOn, detail: errorMessage(error) }
  return { title: words.notOn, detail: [capital(reason(code)), words.nobodyCalled].filter(Boolean).join(' ') }
}

const AT_A_WORD = ['not picked up', 'not accepted', 'Twilio refused the call']

/** The phone is rung by itself as soon as somebody is to be called, but not once it was left ringing or refused. */
function byPhone(code: string | null): Words {
  if (AT_A_WORD.includes(readReason(code).code))
    return { title: words.notOn, detail: [capital(reason(code)), words.ringsAtYourWord].join(' ') }
  return { title: words.notOn, detail: words.ringsByItself }
}

const capital = (text: string) => text && `${text.charAt(0).toUpperCase()}${text.slice(1)}.`

/** What is wrong with the sound, for whoever can mend it. */
export function qualityInWords({ muted, reconnecting, warnings }: CallQuality): string[] {
  const sound = [...new Set(warnings.map((name) => words.warnings[name] ?? null).filter((text) => text !== null))]
  return [...(muted ? [words.muted] : []), ...(reconnecting ? [words.reconnecting] : sound)]
}
