import { useState } from 'react'
import { abandonedCalls as words } from '../texts'
import { errorMessage } from './errorMessage'
import { useAgentApp } from './hooks'

/** For administrators: how many of those who answered in 30 days met no agent; counted when it is asked for. */
export function AbandonedCalls() {
  const { api } = useAgentApp()
  const [said, setSaid] = useState<string>(words.hint)
  const [busy, setBusy] = useState(false)
  const count = async () => {
    setBusy(true)
    try {
      const counted = await api.countAbandoned((answered) => setSaid(words.counting(answered)))
      setSaid(words.counted(counted))
    } catch (error) {
      setSaid(errorMessage(error))
    } finally {
      setBusy(false)
    }
  }
  return (
    <section className="abandoned-calls">
      <h3>{words.title}</h3>
      <p className="hint" role="status">
        {said}
      </p>
      <button type="button" disabled={busy} onClick={() => void count()}>
        {words.count}
      </button>
    </section>
  )
}
