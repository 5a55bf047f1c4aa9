import { useEffect, useState } from 'react'
import type { Called } from '../../api/leadsApi'
import { when } from '../../format'
import type { Lead } from '../../leads/lead'
import { app, colleague as words } from '../../texts'
import { CouldNotLoad } from '../CouldNotLoad'
import { errorMessage } from '../errorMessage'
import { useAgentApp, useNow } from '../hooks'
import { Icon } from '../icons'
import { useToast } from '../Toasts'
import { who } from '../useLeadActions'

type Asked = 'asking' | { called: Called } | { error: unknown }

/** For administrators: which agent called the number of a lead that waits for that, and letting the others call it. */
export function Colleague({ lead }: { lead: Lead }) {
  const desk = useAgentApp()
  const toast = useToast()
  const now = useNow(60_000)
  const [asked, setAsked] = useState<Asked>('asking')
  const [busy, setBusy] = useState(false)
  const { phone } = lead
  const ask = () => {
    let wanted = true
    setAsked('asking')
    desk.api.whoCalled(phone).then(
      (called) => wanted && setAsked({ called }),
      (error: unknown) => wanted && setAsked({ error }),
    )
    return () => {
      wanted = false
    }
  }
  useEffect(ask, [desk, phone])
  const lift = async () => {
    if (busy) return
    setBusy(true)
    try {
      setAsked({ called: await desk.api.letColleaguesCall(phone) })
      toast(words.done(who(lead)))
    } catch (error) {
      toast(errorMessage(error), { tone: 'bad' })
    }
    await desk.refetch(lead.lead_id)
    setBusy(false)
  }
  return (
    <div className="review" aria-busy={asked === 'asking'} data-testid="colleague">
      <h3>{words.title}</h3>
      {asked === 'asking' && <p className="quiet">{app.loading}</p>}
      {typeof asked === 'object' && 'error' in asked && <CouldNotLoad error={asked.error} again={ask} />}
      {typeof asked === 'object' && 'called' in asked && (
        <>
          <p>
            {words.called(asked.called.agent, when(asked.called.at, now), when(asked.called.colleagues_until, now))}
          </p>
          <button type="button" aria-disabled={busy} onClick={() => void lift()}>
            <Icon name="again" />
            {words.lift}
          </button>
        </>
      )}
    </div>
  )
}
