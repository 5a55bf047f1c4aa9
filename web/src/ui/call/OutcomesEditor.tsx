import { type FormEvent, useState } from 'react'
import { ApiError } from '../../api/client'
import type { InstallationSettings, OutcomeChoice, OutcomeKind } from '../../call/outcomes'
import { outcomesEditor as words } from '../../texts'
import { errorMessage } from '../errorMessage'
import { useAgentApp, useAgentAppState } from '../hooks'
import { Icon } from '../icons'
import { useToast } from '../Toasts'

const KINDS = Object.entries(words.kinds) as [OutcomeKind, string][]
const MOST = 20

/** What agents choose from after a call, and how often one number may be called: edited by administrators. */
export function OutcomesEditor() {
  const { installation } = useAgentAppState()
  if (!installation) return null
  return <Editor key={installation.version} installation={installation} />
}

function Editor({ installation }: { installation: InstallationSettings }) {
  const desk = useAgentApp()
  const toast = useToast()
  const [outcomes, setOutcomes] = useState(installation.outcomes)
  const [week, setWeek] = useState(String(installation.again_per_week))
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const set = (index: number, part: Partial<OutcomeChoice>) =>
    setOutcomes(outcomes.map((outcome, place) => (place === index ? { ...outcome, ...part } : outcome)))
  const up = (index: number) => {
    const [moved] = outcomes.slice(index, index + 1)
    const others = outcomes.filter((_, other) => other !== index)
    if (moved) setOutcomes([...others.slice(0, index - 1), moved, ...others.slice(index - 1)])
  }
  const save = async () => {
    setBusy(true)
    setProblem(null)
    try {
      const named = withCodes(outcomes)
      const saved = await desk.api.saveInstallation({
        outcomes: named,
        again_per_week: Number(week),
        version: installation.version,
      })
      desk.tookInstallation(saved)
      toast(words.saved)
    } catch (error) {
      const isStale = error instanceof ApiError && error.status === 409
      if (isStale) await desk.loadInstallation()
      setProblem(isStale ? words.stale : whyNot(error))
      if (isStale) toast(words.stale, { tone: 'bad' })
    } finally {
      setBusy(false)
    }
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    void save()
  }
  return (
    <form className="outcomes-editor" onSubmit={submit}>
      <h3>{words.title}</h3>
      <p className="hint">{words.hint}</p>
      {problem && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
      <ol>
        {outcomes.map((outcome, index) => (
          <li key={outcome.code || `new ${index}`}>
            <input
              aria-label={words.label(index + 1)}
              value={outcome.label}
              maxLength={40}
              required
              onChange={(event) => set(index, { label: event.target.value })}
            />
            <select
              aria-label={words.kind(index + 1)}
              value={outcome.kind}
              onChange={(event) => set(index, { kind: event.target.value as OutcomeKind })}
            >
              {KINDS.map(([kind, name]) => (
                <option key={kind} value={kind}>
                  {name}
                </option>
              ))}
            </select>
            <button
              type="button"
              className="bare"
              disabled={index === 0}
              aria-label={words.up(outcome.label)}
              title={words.up(outcome.label)}
              onClick={() => up(index)}
            >
              <Icon name="up" />
            </button>
            <button
              type="button"
              className="bare"
              disabled={outcomes.length === 1}
              aria-label={words.remove(outcome.label)}
              title={words.remove(outcome.label)}
              onClick={() => setOutcomes(outcomes.filter((_, other) => other !== index))}
            >
              <Icon name="close" />
            </button>
          </li>
        ))}
      </ol>
      {outcomes.length < MOST && (
        <button type="button" onClick={() => setOutcomes([...outcomes, { code: '', label: '', kind: 'ordinary' }])}>
          {words.add}
        </button>
      )}
      <label className="choice">
        {words.week}
        <input type="number" min={1} max={20} required value={week} onChange={(event) => setWeek(event.target.value)} />
      </label>
      <button type="submit" disabled={busy}>
        {words.save}
      </button>
    </form>
  )
}

function whyNot(error: unknown): string {
  const details = error instanceof ApiError && error.code === 'bad_settings' ? error.details : null
  const faults = details && typeof details === 'object' ? Object.values(details).map(String) : []
  return faults.length > 0 ? faults.join('; ') : errorMessage(error)
}

/** New outcomes get a code of their label's letters; one that has a code keeps it, for rows hold it. */
export function withCodes(outcomes: readonly OutcomeChoice[]): OutcomeChoice[] {
  const taken = new Set(outcomes.map(({ code }) => code).filter(Boolean))
  return outcomes.map((outcome) => {
    if (outcome.code) return outcome
    const code = freeCode(outcome.label, taken)
    taken.add(code)
    return { ...outcome, code }
  })
}

function freeCode(label: string, taken: ReadonlySet<string>): string {
  const plain = label
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
  const base = plain.replaceAll(/^[_\d]+|_+$/g, '').slice(0, 28) || 'outcome'
  const codes = [base, ...Array.from({ length: MOST + 1 }, (_, index) => `${base}_${index + 2}`)]
  return codes.find((code) => !taken.has(code)) ?? base
}
