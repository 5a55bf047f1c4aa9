import { useState } from 'react'
import type { MayCall } from '../api/leadsApi'
import type { Lead } from '../leads/lead'
import { panel, rules } from '../texts'
import { useStartCall } from './useLeadActions'
import { CouldNotLoad } from './CouldNotLoad'
import { useAgentApp } from './hooks'
import { Icon } from './icons'

const BY_A_RULE: ReadonlySet<string> = new Set(['hours', 'consent', 'confirm', 'closed'])

type Asked = 'no' | 'asking' | { answer: MayCall } | { error: unknown }

/** Why a lead waits; one click shows the rule behind it, and where it was read. */
export function WhyHeld({ lead, why }: { lead: Lead; why: string }) {
  const desk = useAgentApp()
  const [asked, setAsked] = useState<Asked>('no')
  const reason = lead.call_status === 'pending' ? lead.held?.reason : null
  if (!reason || !BY_A_RULE.has(reason)) return <span className="quiet">{why}</span>
  const ask = () => {
    setAsked('asking')
    desk.api.mayCall(lead.lead_id).then(
      (answer) => setAsked({ answer }),
      (error: unknown) => setAsked({ error }),
    )
  }
  const open = asked !== 'no'
  return (
    <>
      <button type="button" className="link" aria-expanded={open} onClick={open ? () => setAsked('no') : ask}>
        {why}
      </button>
      {open && (
        <div className="rules" role="status" aria-busy={asked === 'asking'}>
          {asked === 'asking' && <p className="quiet">{rules.loading}</p>}
          {typeof asked === 'object' && 'error' in asked && <CouldNotLoad error={asked.error} again={ask} />}
          {typeof asked === 'object' && 'answer' in asked && <Rules answer={asked.answer} />}
        </div>
      )}
    </>
  )
}

function Rules({ answer }: { answer: MayCall }) {
  if (answer.rules.length === 0) return <p className="quiet">{rules.none}</p>
  return (
    <ul>
      {answer.rules.map(({ place, cite, url, read_on, confidence, note }) => (
        <li key={place}>
          <strong>{place === 'world' ? rules.world : place}</strong>{' '}
          {url ? (
            <a href={url} target="_blank" rel="noreferrer">
              {cite ?? url}
            </a>
          ) : (
            cite
          )}
          {note && <p>{note}</p>}
          <p className="quiet">{rules.read(read_on, confidence)}</p>
        </li>
      ))}
    </ul>
  )
}

/** A place may ask that a person starts each call: this is the person. */
export function StartCall({ lead }: { lead: Lead }) {
  const [busy, setBusy] = useState(false)
  const start = useStartCall(lead)
  const press = async () => {
    if (busy) return
    setBusy(true)
    await start()
    setBusy(false)
  }
  return (
    <div className="review">
      <h3>{panel.startTitle}</h3>
      <p>{panel.startText}</p>
      <button type="button" data-start-call onClick={() => void press()}>
        <Icon name="again" />
        {panel.start}
      </button>
    </div>
  )
}
