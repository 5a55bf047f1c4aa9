import { outcomeLabel } from '../../call/outcomes'
import { upNext } from '../../call/upNext'
import { when } from '../../format'
import { displayStatus, type Lead, numberOf } from '../../leads/lead'
import { card as words, keyboard, kinds } from '../../texts'
import { useAgentApp, useAgentAppState, useNow, useStoreRevision } from '../hooks'
import { Icon } from '../icons'
import { townTime } from '../localTime'
import { Key } from './Key'

interface Props {
  open: (lead: string) => void
  showKeys: () => void
}

/** Who comes next, and who came last. */
export function UpNext({ open, showKeys }: Props) {
  const { store } = useAgentApp()
  const { installation } = useAgentAppState()
  const now = useNow(30_000)
  useStoreRevision()
  const { next, last } = upNext(store.all(), now)
  const choices = installation?.outcomes ?? []
  return (
    <div className="up-next">
      <Line title={words.upNext} leads={next} none={words.nobodyNext} open={open} say={(lead) => townTime(lead, now)} />
      {last.length > 0 && (
        <Line
          title={words.upLast}
          leads={last}
          open={open}
          say={(lead) =>
            [
              lead.outcome ? outcomeLabel(choices, lead.outcome.code) : kinds[displayStatus(lead)],
              when(lead.ended_at, now),
            ]
              .filter(Boolean)
              .join(' ')
          }
        />
      )}
      <button
        type="button"
        className="bare small keys-open"
        aria-label={keyboard.open}
        title={keyboard.open}
        onClick={showKeys}
      >
        <Icon name="keyboard" />
        <Key name="?" />
      </button>
    </div>
  )
}

interface LineProps {
  title: string
  leads: readonly Lead[]
  none?: string
  open: (lead: string) => void
  say: (lead: Lead) => string | null
}

function Line({ title, leads, none, open, say }: LineProps) {
  return (
    <p className="up-next-line">
      <b>{title}</b>
      {leads.length === 0 && <span className="quiet">{none}</span>}
      {leads.map((lead) => (
        <span key={lead.lead_id} className="up-next-lead">
          <button type="button" className="link" onClick={() => open(lead.lead_id)}>
            {lead.name || numberOf(lead)}
          </button>{' '}
          <span className="quiet">{say(lead)}</span>
        </span>
      ))}
    </p>
  )
}
