import { when } from '../format'
import { displayStatus, type Lead } from '../leads/lead'
import { held, kinds } from '../texts'
import { useToday } from './hooks'
import { Icon, KindIcon } from './icons'

/** A lead's status as a word, a colour and an icon. */
export function Status({ lead }: { lead: Lead }) {
  const today = useToday()
  const kind = displayStatus(lead)
  const appointment =
    kind === 'waiting' && lead.appointment_at ? held.appointment(when(lead.appointment_at, today)) : null
  const until =
    kind === 'held' && lead.held?.until && !lead.held.needs_person ? held.until(when(lead.held.until, today)) : null
  return (
    <span className="status" data-kind={kind}>
      <KindIcon kind={kind} size={14} />
      <span>{until ?? appointment ?? kinds[kind]}</span>
      {lead.do_not_call && kind !== 'dnc' && (
        <span className="dnc-mark" title={kinds.dnc}>
          <Icon name="ban" size={13} />
          <span className="sr-only">{kinds.dnc}</span>
        </span>
      )}
    </span>
  )
}
