import { type KeyboardEvent, lazy, Suspense, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { displayStatus, historyVersion, type Lead, numberOf } from '../leads/lead'
import { again, app, dnc, panel, removal, table } from '../texts'
import { useCallAgain, useDoNotCall, useRemove, useWasCalled, who } from './useLeadActions'
import { Question } from './Dialog'
import { loadCallUi } from './call/load'
import { Copy, FactList } from './FactList'
import { useAgentApp, useAgentAppState, useLead, useNow } from './hooks'
import { Icon } from './icons'
import { leadFacts } from './leadFacts'
import { LeadHistory } from './LeadHistory'
import { reasonOf } from './LeadRow'
import { Status } from './Status'
import { StartCall, WhyHeld } from './WhyHeld'

const AfterCall = lazy(async () => ({ default: (await loadCallUi()).AfterCall }))
const Colleague = lazy(async () => ({ default: (await loadCallUi()).Colleague }))

/** One lead: what it is, what happened to it, and what can be done about it. */
export function LeadPanel({ id, close }: { id: string; close: () => void }) {
  const lead = useLead(id)
  const desk = useAgentApp()
  const element = useRef<HTMLElement>(null)
  const wasHere = useRef(false)
  wasHere.current ||= lead !== undefined
  const focus = () => element.current?.focus({ preventScroll: true })
  const within = element.current?.contains(document.activeElement)
  useLayoutEffect(focus, [])
  useLayoutEffect(() => {
    if (within && document.activeElement === document.body) focus() // what was pressed has gone with the change
  })
  const key = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && !event.repeat && event.target === event.currentTarget) startCall(event.currentTarget)
    if (event.key === 'Escape' && !(event.target as HTMLElement).closest('dialog')) close()
  }
  return (
    <aside
      className="panel"
      ref={element}
      tabIndex={-1}
      aria-label={panel.label}
      onKeyDown={key}
      onInput={() => desk.typed()}
    >
      <button type="button" className="bare panel-close" aria-label={panel.close} onClick={close}>
        <Icon name="close" size={18} />
      </button>
      {lead && <Content lead={lead} />}
      {!lead && (wasHere.current ? <p className="quiet">{panel.deleted}</p> : <Missing id={id} />)}
    </aside>
  )
}

/** A lead that an address names and the page does not have (yet): it is read by itself, for a long list takes longer. */
function Missing({ id }: { id: string }) {
  const desk = useAgentApp()
  const [asked, setAsked] = useState(false)
  useEffect(() => {
    let wanted = true
    void desk.refetch(id).then(() => wanted && setAsked(true))
    return () => {
      wanted = false
    }
  }, [desk, id])
  return <p className="quiet">{asked ? panel.unknown : app.loading}</p>
}

/** Enter on the card is the word of a person, where its place asks for one. */
const startCall = (card: Element) => card.querySelector<HTMLElement>('[data-start-call]')?.click()

function Content({ lead }: { lead: Lead }) {
  const kind = displayStatus(lead)
  const why = kind === 'review' ? '' : reasonOf(lead) // said below, once
  const admin = useAgentAppState().settings?.admin === true
  return (
    <>
      <header>
        <h2>{lead.name || table.noName}</h2>
        <p className="panel-phone">
          <a href={`tel:${lead.phone}`}>{numberOf(lead)}</a>
          <Copy name={panel.number} text={lead.phone} />
        </p>
        <div className="panel-status">
          <Status lead={lead} />
          {why && <WhyHeld key={`${lead.lead_id} ${why}`} lead={lead} why={why} />}
        </div>
      </header>
      {kind === 'review' && <Look lead={lead} />}
      {kind === 'held' && lead.held?.reason === 'confirm' && <StartCall lead={lead} />}
      {kind === 'held' && lead.held?.reason === 'colleague' && admin && (
        <Suspense fallback={null}>
          <Colleague lead={lead} />
        </Suspense>
      )}
      {kind === 'checking' && <p className="note">{panel.checkingText}</p>}
      <div className="panel-actions">
        <DoNotCall lead={lead} />
        <Remove lead={lead} />
      </div>
      <Suspense fallback={null}>
        <AfterCall lead={lead} />
      </Suspense>
      <Details lead={lead} />
      <LeadHistory id={lead.lead_id} version={historyVersion(lead)} />
    </>
  )
}

/** A call nobody knows the end of: a person decides whether it was made, knowing what that means. */
function Look({ lead }: { lead: Lead }) {
  const [asking, setAsking] = useState(false)
  const [busy, setBusy] = useState(false)
  const callAgain = useCallAgain(lead)
  const wasCalled = useWasCalled(lead)
  const decide = async (done: () => Promise<unknown>) => {
    setAsking(false)
    setBusy(true)
    await done()
    setBusy(false)
  }
  return (
    <div className="review">
      <h3>{panel.reviewTitle}</h3>
      <p>{panel.reviewText}</p>
      <div className="review-answers">
        <button type="button" disabled={busy} onClick={() => void decide(wasCalled)}>
          <Icon name="check" />
          {panel.wasCalled}
        </button>
        <button type="button" disabled={busy} onClick={() => setAsking(true)}>
          <Icon name="again" />
          {panel.callAgain}
        </button>
      </div>
      {asking && (
        <Question
          title={again.title}
          yes={again.yes}
          no={again.no}
          answer={(yes) => (yes ? void decide(callAgain) : setAsking(false))}
        >
          <p>{again.question(who(lead))}</p>
          <p className="quiet">{again.advice}</p>
        </Question>
      )}
    </div>
  )
}

function DoNotCall({ lead }: { lead: Lead }) {
  const [asking, setAsking] = useState(false)
  const set = useDoNotCall(lead)
  const answer = (yes: boolean) => {
    setAsking(false)
    if (yes) void set(false)
  }
  return (
    <>
      <button type="button" onClick={() => (lead.do_not_call ? setAsking(true) : void set(true))}>
        <Icon name="ban" />
        {lead.do_not_call ? panel.undnc : panel.dnc}
      </button>
      {asking && (
        <Question title={dnc.title} yes={dnc.yes} no={dnc.no} answer={answer}>
          <p>{dnc.question(who(lead))}</p>
        </Question>
      )}
    </>
  )
}

function Remove({ lead }: { lead: Lead }) {
  const [asking, setAsking] = useState(false)
  const remove = useRemove(lead)
  const answer = (yes: boolean) => {
    setAsking(false)
    if (yes) void remove()
  }
  return (
    <>
      <button type="button" className="bare" onClick={() => setAsking(true)}>
        {removal.button}
      </button>
      {asking && (
        <Question title={removal.title} yes={removal.yes} no={removal.no} answer={answer}>
          <p>{removal.question(who(lead))}</p>
        </Question>
      )}
    </>
  )
}

function Details({ lead }: { lead: Lead }) {
  const now = useNow(60_000)
  const facts = [...leadFacts(lead, now), [panel.callSid, lead.call_sid] as const]
  if (!facts.some(([, value]) => value)) return null
  return (
    <section>
      <h3>{panel.details}</h3>
      <FactList facts={facts} />
    </section>
  )
}
