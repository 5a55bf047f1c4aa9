import { type KeyboardEvent, type ReactNode, useEffect, useRef } from 'react'
import type { Card } from '../../call/card'
import { answeredByMachine } from '../../call/outcomes'
import { playTone } from '../../call/tone'
import { duration } from '../../format'
import { displayStatus, historyVersion, type Lead } from '../../leads/lead'
import { card as words, line as lineWords, panel } from '../../texts'
import { FactList } from '../FactList'
import { useAgentApp, useLead, useNow, usePhone } from '../hooks'
import { Icon } from '../icons'
import { leadFacts } from '../leadFacts'
import { LeadHistory } from '../LeadHistory'
import { qualityInWords } from '../phoneBarText'
import { Controls } from './Controls'
import { NoteEditor } from './NoteEditor'
import { Who } from './Who'
import { Clock, WrapUp } from './WrapUp'

const JUST_NOW_MS = 15_000

/** Whom the agent is called for, talks with, or has just talked with: who they are, and what can be done. */
export function CallCard({ card }: { card: Card }) {
  const desk = useAgentApp()
  const lead = useLead(card.lead)
  const element = useRef<HTMLElement>(null)
  useTone(card)
  useEffect(() => {
    if (!lead && card.lead) void desk.refetch(card.lead) // it is called before the list is here
  }, [desk, card.lead, lead === undefined])
  const leaveNote = () => element.current?.focus({ preventScroll: true })
  return (
    <section
      className="call-card"
      ref={element}
      tabIndex={-1}
      data-testid="call-card"
      data-kind={card.kind}
      aria-label={words.region}
      onInput={() => desk.typed()}
      onKeyDown={(event) => keepFromList(event)}
    >
      <Head card={card} lead={lead} />
      {lead && card.kind === 'wrap_up' && <WrapUp key={card.attempt} card={card} lead={lead} />}
      <div className="card-body">
        <div className="card-who">
          {lead ? <Who lead={lead} /> : <p className="quiet">{lineWords.somebody}</p>}
          {lead && <Known lead={lead} />}
        </div>
        {lead && (
          <div className="card-note">
            <NoteEditor lead={lead} leave={leaveNote} />
            <LeadHistory id={lead.lead_id} version={historyVersion(lead)} brief />
          </div>
        )}
      </div>
      {card.kind !== 'wrap_up' && <Controls card={card} lead={lead} />}
    </section>
  )
}

/** What is typed here is not meant for the list. */
const keepFromList = (event: KeyboardEvent) => {
  if (event.key === 'Escape' && event.target instanceof HTMLElement) event.target.blur()
}

/** Somebody is there: a tone in the tab that holds the line, or by phone in the one that is in sight. */
function useTone(card: Card) {
  const { now } = useAgentApp()
  const { hold, via } = usePhone()
  const joined = card.kind === 'talking' ? card.attempt : null
  const isHere = hold.kind === 'connected' || (via === 'phone' && !document.hidden)
  useEffect(() => {
    if (joined && isHere && card.kind === 'talking' && now() - card.since < JUST_NOW_MS) playTone()
  }, [joined])
}

const SECOND_MS = 1_000

/** What goes on, and for how long. */
function Head({ card, lead }: { card: Card; lead: Lead | undefined }) {
  const { quality } = usePhone()
  const machine = card.inbound ? null : answeredByMachine(lead?.answered_by)
  return (
    <header className="card-head">
      <span className="card-phase">
        <span className="dot" aria-hidden="true" />
        <b>{phaseOf(card, lead)}</b>
        <Time card={card} lead={lead} />
      </span>
      {machine !== null && (
        <span className="card-verdict" data-machine={machine}>
          <Icon name={machine ? 'bot' : 'person'} size={14} />
          {machine ? words.machine : words.human}
        </span>
      )}
      {card.kind !== 'wrap_up' &&
        qualityInWords(quality).map((text) => (
          <span key={text} className="phone-warning">
            {text}
          </span>
        ))}
      {card.kind === 'wrap_up' && (
        <>
          <span className="spring" />
          <Clock card={card} />
        </>
      )}
    </header>
  )
}

function phaseOf(card: Card, lead: Lead | undefined): string {
  if (card.kind === 'calling' && card.inbound) return words.phase.inbound
  if (card.kind === 'talking' && card.held !== null) return words.phase.held
  if (card.kind !== 'calling' || !lead) return words.phase[card.kind]
  const kind = displayStatus(lead)
  if (kind === 'connected') return words.phase.answered
  return kind === 'ringing' ? words.phase.ringing : words.phase.calling
}

function Time({ card, lead }: { card: Card; lead: Lead | undefined }): ReactNode {
  const now = useNow(SECOND_MS)
  if (card.kind === 'wrap_up') {
    const spoken = lead && !card.inbound ? talked(lead) : null // who calls back is in no call of the row
    return spoken === null ? null : <span>{words.talked(duration(spoken))}</span>
  }
  const since =
    card.kind === 'talking' ? (card.held ?? card.since) : Date.parse((!card.inbound && lead?.placed_at) || '')
  if (Number.isNaN(since)) return null
  return (
    <time className="phone-since" role="timer">
      {duration(Math.max(0, (now - since) / 1000))}
    </time>
  )
}

/** For how many seconds they talked, as today's figures count it. */
function talked(lead: Lead): number | null {
  const [from, to] = [Date.parse(lead.joined_at ?? ''), Date.parse(lead.ended_at ?? '')]
  return to > from ? (to - from) / 1000 : null
}

/** Everything the list says, beside what stands above already. */
function Known({ lead }: { lead: Lead }) {
  const facts = leadFacts(lead, 0).filter(([name, value]) => value && name !== panel.note && name !== panel.localTime)
  if (facts.length === 0) return null
  return (
    <section>
      <h3>{words.facts}</h3>
      <FactList facts={facts} />
    </section>
  )
}
