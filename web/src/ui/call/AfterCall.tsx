import { useState } from 'react'
import { kindOf, outcomeLabel } from '../../call/outcomes'
import { when } from '../../format'
import { displayStatus, ended, type Lead } from '../../leads/lead'
import { card as words } from '../../texts'
import { errorMessage } from '../errorMessage'
import { useAgentApp, useAgentAppState, useNow } from '../hooks'
import { Icon } from '../icons'
import { useToast } from '../Toasts'
import { useSayAgain, who } from '../useLeadActions'
import { CallBackTime, usualTime } from './CallBackTime'
import { NoteEditor } from './NoteEditor'
import { Outcomes } from './Outcomes'

/** What a lead's panel offers beside the call: its outcome, the agent's note, and another call. */
export function AfterCall({ lead }: { lead: Lead }) {
  const isOver = ended(displayStatus(lead))
  const waits = Boolean(lead.appointment_at) && lead.call_status === 'pending'
  return (
    <>
      {lead.calls ? <p className="quiet">{words.called(lead.calls)}</p> : null}
      {(lead.outcome || (isOver && lead.conversation_id)) && (
        <OutcomeOf key={`outcome of ${lead.conversation_id}`} lead={lead} />
      )}
      <NoteEditor lead={lead} />
      {(isOver || waits) && !lead.do_not_call && lead.attempt_id && (
        <Again key={`again after ${lead.attempt_id}`} lead={lead} />
      )}
    </>
  )
}

function OutcomeOf({ lead }: { lead: Lead }) {
  const desk = useAgentApp()
  const toast = useToast()
  const sayAgain = useSayAgain(lead)
  const now = useNow(60_000)
  const { installation } = useAgentAppState()
  const [isOpen, setOpen] = useState(false)
  const [at, setAt] = useState<string | null>(null)
  const [chosen, setChosen] = useState<string | null>(null)
  const choices = installation?.outcomes ?? []
  const { outcome } = lead
  const isCallBack = kindOf(choices, chosen) === 'call_back'
  const give = async (code: string, time: string | null) => {
    try {
      await desk.api.giveOutcome(lead.lead_id, {
        attempt_id: lead.conversation_id ?? '',
        code,
        ...(time ? { call_back_at: time } : {}),
      })
      setOpen(false)
      toast(words.saved(who(lead), outcomeLabel(choices, code)))
      if (time) await sayAgain(time, true)
    } catch (error) {
      if (!desk.isGone(lead.lead_id, error)) toast(words.outcomeRefused(errorMessage(error)), { tone: 'bad' })
    }
    await desk.refetch(lead.lead_id)
  }
  const choose = (code: string) => {
    setChosen(code)
    if (kindOf(choices, code) === 'call_back') setAt(usualTime(lead, desk.now()))
    else void give(code, null)
  }
  return (
    <section className="outcome-of">
      <h3>{words.outcomeOf}</h3>
      <p>
        {outcome && <strong>{outcomeLabel(choices, outcome.code)}</strong>}{' '}
        {outcome?.at && <span className="quiet">{words.outcomeBy('', when(outcome.at, now))}</span>}{' '}
        <button type="button" className="link" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {outcome ? words.changeOutcome : words.giveOutcome}
        </button>
      </p>
      {isOpen && <Outcomes choices={choices} chosen={chosen ?? outcome?.code ?? null} choose={choose} />}
      {isOpen && isCallBack && (
        <>
          <CallBackTime lead={lead} at={at} choose={setAt} />
          <button type="button" disabled={!at} onClick={() => void give(chosen ?? '', at)}>
            {words.againAt}
          </button>
        </>
      )}
    </section>
  )
}

/** Another call of somebody who was called, by a person's word: now, or at a time. */
function Again({ lead }: { lead: Lead }) {
  const desk = useAgentApp()
  const toast = useToast()
  const sayAgain = useSayAgain(lead)
  const [isOpen, setOpen] = useState(false)
  const [isLater, setLater] = useState(false)
  const [at, setAt] = useState<string | null>(null)
  const [why, setWhy] = useState('')
  const [busy, setBusy] = useState(false)
  const call = async (time: string | null) => {
    setBusy(true)
    try {
      await desk.api.callAgain(lead.lead_id, {
        attempt_id: lead.attempt_id ?? '',
        ...(time ? { at: time } : {}),
        ...(why.trim() ? { why: why.trim() } : {}),
      })
      setOpen(false)
      await sayAgain(time)
    } catch (error) {
      if (!desk.isGone(lead.lead_id, error)) toast(errorMessage(error), { tone: 'bad' })
    }
    setBusy(false)
    await desk.refetch(lead.lead_id)
  }
  const later = () => {
    setLater(true)
    setAt(usualTime(lead, desk.now()))
  }
  const now = useNow(60_000)
  return (
    <section className="call-again">
      {lead.appointment_at && <p>{words.appointment(when(lead.appointment_at, now))}</p>}
      <button type="button" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <Icon name="again" />
        {lead.appointment_at ? words.againOther : words.again}
      </button>
      {isOpen && (
        <div className="call-again-how">
          <label>
            {words.againWhy}
            <input value={why} maxLength={200} onChange={(event) => setWhy(event.target.value)} />
          </label>
          {isLater && <CallBackTime lead={lead} at={at} choose={setAt} />}
          <div className="review-answers">
            {isLater ? (
              <button type="button" className="primary" disabled={busy || !at} onClick={() => void call(at)}>
                {words.againAt}
              </button>
            ) : (
              <>
                <button type="button" className="primary" disabled={busy} onClick={() => void call(null)}>
                  {words.againNow}
                </button>
                <button type="button" disabled={busy} onClick={later}>
                  {words.againLater}
                </button>
              </>
            )}
          </div>
        </div>
      )}
    </section>
  )
}
