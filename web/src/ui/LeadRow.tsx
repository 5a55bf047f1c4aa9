import { memo, type MouseEvent, useContext, useEffect, useRef, useState } from 'react'
import { outcomeLabel } from '../call/outcomes'
import { type ColumnId, noteOf, ownName, ownValue, searched } from '../leads/columns'
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
import { columnName, panel, reason, table } from '../texts'
import { useDoNotCall, who } from './useLeadActions'
import { useInstallation, useLead, useNow } from './hooks'
import { Icon } from './icons'
import { theirClock, theirTime } from './localTime'
import { excerpt, Marked, SearchContext, withMarks } from './Marked'
import { Status } from './Status'

interface Props {
  id: string
  index: number
  start: number
  columns: readonly ColumnId[]
  /** when the day began that its times are told on */
  today: number
  selected: boolean
  /** whether Tab gets here */
  reachable: boolean
  open: (id: string) => void
  touch: (id: string) => void
}

/** One lead in the table; it renders again only when its own lead changes, the columns, the search, or the day. */
export const LeadRow = memo(function LeadRow(props: Props) {
  const { id, index, start, columns, today, selected, reachable, open, touch } = props
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
      {columns.map((column) => (
        <Cell key={column} {...{ column, lead, kind, today }} />
      ))}
      <FoundIn lead={lead} columns={columns} />
      <span role="gridcell" className="cell-actions">
        <Actions lead={lead} reachable={reachable} open={() => open(id)} />
      </span>
    </div>
  )
})

/** A cell of the list's own columns is one of `cell-own`; any other has its column's name. */
function Cell({ column, lead, kind, today }: { column: ColumnId; lead: Lead; kind: DisplayStatus; today: number }) {
  const own = ownName(column)
  if (own !== null) return <TextCell name="own" text={ownValue(lead, own)} />
  switch (column) {
    case 'name':
      return (
        <span role="gridcell" className="cell-name">
          {lead.name ? <Marked text={lead.name} /> : <span className="quiet">{table.noName}</span>}
        </span>
      )
    case 'phone':
      return (
        <span role="gridcell" className="cell-phone">
          <Marked text={numberOf(lead)} phoneOf={lead} />
        </span>
      )
    case 'status':
      return (
        <span role="gridcell" className="cell-status">
          <Status lead={lead} />
        </span>
      )
    case 'duration':
      return (
        <span role="gridcell" className="cell-duration">
          {lead.call_status === 'in-progress' ? (
            <Running since={runningSince(lead) ?? lead.at} />
          ) : (
            duration(lead.duration_s || null)
          )}
        </span>
      )
    case 'when':
      return (
        <span role="gridcell" className="cell-when" title={called(kind) ? precisely(momentOf(lead)) : undefined}>
          {called(kind) && when(momentOf(lead), today)}
        </span>
      )
    case 'local':
      return <LocalTime lead={lead} />
    case 'calls':
      return <TextCell name="calls" text={lead.calls ? table.calls(lead.calls) : ''} />
    case 'outcome':
      return <OutcomeCell code={lead.outcome?.code} />
    case 'reason':
      return (
        <span role="gridcell" className="cell-reason" title={reasonOf(lead)}>
          {reasonOf(lead)}
        </span>
      )
    case 'note':
      return <TextCell name="note" text={noteOf(lead)} />
    default:
      return <TextCell name={column} text={String(lead[column as 'state' | 'external_id' | 'basis'] ?? '')} />
  }
}

function TextCell({ name, text }: { name: string; text: string }) {
  return (
    <span role="gridcell" className={`cell-text cell-${name}`} title={text || undefined}>
      <Marked text={text} />
    </span>
  )
}

function OutcomeCell({ code }: { code: string | undefined }) {
  const installation = useInstallation()
  return <TextCell name="outcome" text={outcomeLabel(installation?.outcomes ?? [], code)} />
}

const MINUTE_MS = 60_000

function LocalTime({ lead }: { lead: Lead }) {
  const now = useNow(MINUTE_MS)
  return (
    <span role="gridcell" className="cell-local" title={theirTime(lead, now) ?? undefined}>
      {theirClock(lead, now)}
    </span>
  )
}

/** While something is searched for: where it was found, if no column in sight shows it. */
function FoundIn({ lead, columns }: { lead: Lead; columns: readonly ColumnId[] }) {
  const search = useContext(SearchContext)
  if (search === null) return null
  const hits = searched(lead)
    .filter(([column]) => !columns.includes(column))
    .map(([column, text]) => ({ column, text, marks: search.text(text) }))
  const hit = hits.find(({ marks }) => marks.length > 0)
  const shown = hit && excerpt(hit.text, hit.marks)
  return (
    <span role="gridcell" className="cell-text cell-found" title={hit?.text}>
      {hit && shown && (
        <>
          <span className="quiet">{columnName(hit.column)}: </span>
          {withMarks(shown.text, shown.marks)}
        </>
      )}
    </span>
  )
}

/** A lead that only waits has no moment of its own yet. */
const called = (kind: DisplayStatus) => inFlight(kind) || ended(kind) || kind === 'review'

/** Why a lead is where it is; of one that a person must decide about there is one explanation, whatever Twilio said. */
export function reasonOf(lead: Lead): string {
  if (displayStatus(lead) === 'review') return panel.reviewReason
  return reason(lead.call_status === 'pending' ? lead.held?.reason : lead.reason)
}

function Actions({ lead, reachable, open }: { lead: Lead; reachable: boolean; open: () => void }) {
  const doNotCall = useDoNotCall(lead)
  const tabIndex = reachable ? 0 : -1
  if (displayStatus(lead) === 'review') {
    return (
      <button type="button" className="small" tabIndex={tabIndex} aria-label={table.decide(who(lead))} onClick={open}>
        {table.toDecide}
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
