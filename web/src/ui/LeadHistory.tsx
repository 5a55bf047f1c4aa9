import { useCallback, useEffect, useState } from 'react'
import { duration, precisely, when } from '../format'
import { outcomeLabel } from '../call/outcomes'
import { entriesOf, type HistoryEntry, inBrief } from '../leads/lead'
import { app, happened, panel, reason } from '../texts'
import { errorMessage } from './errorMessage'
import { useAgentApp, useAgentAppState, useNow } from './hooks'

type Loaded = { kind: 'loading' } | { kind: 'failed'; error: unknown } | { kind: 'there'; entries: HistoryEntry[] }

interface Props {
  id: string
  version: number
  /** of each call only how it stands, and not how it came to that */
  brief?: boolean
}

/** What happened to a lead so far, newest first; read again whenever the lead changes. */
export function LeadHistory({ id, version, brief = false }: Props) {
  const desk = useAgentApp()
  const [loaded, setLoaded] = useState<Loaded>({ kind: 'loading' })
  const load = useCallback(() => {
    let wanted = true
    desk.details(id).then(
      (lead) => wanted && setLoaded({ kind: 'there', entries: entriesOf(lead) }),
      (error: unknown) => {
        if (desk.isGone(id, error) || !wanted) return
        setLoaded((shown) => (shown.kind === 'there' ? shown : { kind: 'failed', error }))
      },
    )
    return () => {
      wanted = false
    }
  }, [desk, id])
  useEffect(load, [load, version])
  const failed = loaded.kind === 'failed'
  useEffect(
    () => (failed ? desk.socket.on('state', (state) => void (state === 'live' && load())) : undefined),
    [failed, desk, load],
  )
  return (
    <section aria-busy={loaded.kind === 'loading'}>
      <h3>{panel.history}</h3>
      {loaded.kind === 'loading' && <p className="quiet">{panel.loading}</p>}
      {loaded.kind === 'failed' && (
        <p className="problem">
          {panel.failed} {errorMessage(loaded.error)}{' '}
          <button type="button" className="link" onClick={load}>
            {app.tryAgain}
          </button>
        </p>
      )}
      {loaded.kind === 'there' && <Entries entries={brief ? inBrief(loaded.entries) : loaded.entries} />}
    </section>
  )
}

function Entries({ entries }: { entries: HistoryEntry[] }) {
  const now = useNow(60_000)
  const { installation } = useAgentAppState()
  if (entries.length === 0) return <p className="quiet">{panel.noHistory}</p>
  return (
    <ol className="history" data-testid="history">
      {entries.map((entry, place) => (
        <li key={`${entry.at} ${place}`}>
          <time dateTime={entry.at} title={precisely(entry.at)}>
            {when(entry.at, now)}
          </time>
          <span>{sentence(entry, (code) => outcomeLabel(installation?.outcomes ?? [], code))}</span>
        </li>
      ))}
    </ol>
  )
}

const text = (value: unknown) => (typeof value === 'string' && value ? value : null)

/** A call that was reported and is not this lead's says what became of it; an outcome, which. */
function sentence(
  { event, status, reason: why, duration_s, code }: HistoryEntry,
  label: (code: string) => string,
): string {
  const words = [text(event), event === 'stray' ? text(status) : null].map((word) => word && (happened[word] ?? word))
  const outcome = text(code)
  const spoken = typeof duration_s === 'number' && duration_s > 0 ? duration(duration_s) : null
  return [...words, outcome && label(outcome), event === 'again' ? text(why) : reason(text(why)), spoken]
    .filter(Boolean)
    .join(' · ')
}
