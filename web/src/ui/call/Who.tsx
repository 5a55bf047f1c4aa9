import { subtitleOf } from '../../call/facts'
import { type Lead, numberOf } from '../../leads/lead'
import { card as words, panel, table } from '../../texts'
import { Copy } from '../FactList'
import { useNow } from '../hooks'
import { theirTime } from '../localTime'

/** Who it is, in the few words that one needs at *hello*. */
export function Who({ lead }: { lead: Lead }) {
  const now = useNow(30_000)
  const subtitle = subtitleOf(lead)
  return (
    <div className="card-name">
      <h2>{lead.name || table.noName}</h2>
      {subtitle && <p>{subtitle}</p>}
      <p className="card-number">
        <a href={`tel:${lead.phone}`}>{numberOf(lead)}</a>
        <Copy name={panel.number} text={lead.phone} />
        <span>{theirTime(lead, now)}</span>
        {lead.calls ? <span>{words.calls(lead.calls)}</span> : null}
        {lead.rang_back_at && <span>{words.rangBack}</span>}
      </p>
      {lead.note && <blockquote className="card-list-note">{lead.note}</blockquote>}
    </div>
  )
}
