import { memo, type MouseEvent, useEffect, useRef, useState } from 'react'
import {
  ended,
  inFlight,
  type DisplayStatus,
  displayStatus,
  type Lead,
  momentOf,
  numberOf,
  runningSince,
} from '../leads/lead'
import { duration, precisely, when } from '../format'
import { panel, reason, table } from '../texts'
import { useDoNotCall, who } from './useLeadActions'
import { useLead, useNow } from './hooks'
import { Icon } from './icons'
import { Status } from './Status'

interface Props {
  id: string
  index: number
  start: number
  /** when the day began that its times are told on */
  today: number
  selected: boolean
  /** whether Tab gets here */
  reachable: boolean
  open: (id: string) => void
  touch: (id: string) => void
}

/** One lead in the table; it renders again only when its own lead changes, or the day. */
export const LeadRow = memo(function LeadRow({ id, index, start, today, selected, reachable, open, touch }: Props) {
  const lead = useLead(id)
  const lit = useFlash(lead)
  if (!lead) return null
  const kind = displayStatus(lead)
  const press = (event: MouseEvent) => {
    if ((event.target as HTMLElement).closest('button')) return
    touch(id)
    open(id)
  }
  return (
    <div
      className="row lead"
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selected}
      tabIndex={reachable ? 0 : -1}
      data-lead-id={id}
      data-status={lead.call_status}
      data-kind={kind}
      style={{ transform: `translateY(${start}px)` }}
      onClick={press}
      onFocus={() => touch(id)}
    >
      {lit > 0 && <span key={lit} className="flash" aria-hidden="true" />}
      <span role="gridcell" className="cell-name">
        {lead.name || <span className="quiet">{table.noName}</span>}
      </span>
      <span role="gridcell" className="cell-phone">
        {numberOf(lead)}
      </span>
      <span role="gridcell" className="cell-status">
        <Status lead={lead} />
      </span>
      <span role="gridcell" className="cell-duration">
        {lead.call_status === 'in-progress' ? (
          <Running since={runningSince(lead) ?? lead.at} />
        ) : (
          duration(lead.duration_s || null)
        )}
      </span>
      <span role="gridcell" className="cell-reason" title={reasonOf(lead)}>
        {reasonOf(lead)}
      </span>
      <span role="gridcell" className="cell-when" title={precisely(momentOf(lead))}>
        {called(kind) && when(momentOf(lead), today)}
      </span>
      <span role="gridcell" className="cell-actions">
        <Actions lead={lead} reachable={reachable} open={() => open(id)} />
      </span>
    </div>
  )
})

/** A lead that only waits has no moment of its own yet. */
const called = (kind: DisplayStatus) => inFlight(kind) || ended(kind) || kind === 'look'

/** Why a lead is where it is; of one that a person must decide about there is one explanation, whatever Twilio said. */
export function reasonOf(lead: Lead): string {
  if (displayStatus(lead) === 'look') return panel.lookReason
  return reason(lead.call_status === 'pending' ? lead.held?.reason : lead.reason)
}

function Actions({ lead, reachable, open }: { lead: Lead; reachable: boolean; open: () => void }) {
  const doNotCall = useDoNotCall(lead)
  const tabIndex = reachable ? 0 : -1
  if (displayStatus(lead) === 'look') {
    return (
      <button type="button" className="small" tabIndex={tabIndex} aria-label={table.decide(who(lead))} onClick={open}>
        {table.look}
      </button>
    )
  }
  if (lead.do_not_call) return null
  return (
    <button
      type="button"
      className="bare on-hover"
      tabIndex={tabIndex}
      aria-label={table.forbid(who(lead))}
      title={panel.dnc}
      onClick={() => void doNotCall(true)}
    >
      <Icon name="ban" />
    </button>
  )
}

/** The seconds of a call that is going on. */
function Running({ since }: { since: string | null | undefined }) {
  const now = useNow(1_000)
  return <>{since ? duration(Math.max(0, (now - Date.parse(since)) / 1000)) : ''}</>
}

const FLASH_MS = 1_600

/** Lights the row up for a moment when its lead changes in sight: the version to be lit up for, 0 for none. */
function useFlash(lead: Lead | undefined): number {
  const seen = useRef(lead?.version)
  const [lit, setLit] = useState(0)
  useEffect(() => {
    if (seen.current !== undefined && lead && lead.version > seen.current) setLit(lead.version)
    seen.current = lead?.version
  }, [lead])
  useEffect(() => {
    const timer = lit > 0 ? setTimeout(() => setLit(0), FLASH_MS) : undefined
    return () => clearTimeout(timer)
  }, [lit])
  return lit
}
