import { useMemo, useState } from 'react'
import type { Checked, Outcome } from '../../import/sheet'
import { importing } from '../../texts'
import { Dialog } from '../Dialog'
import { OutcomeTable } from './OutcomeTable'

interface Props {
  checked: Checked[]
  title: string
  back: () => void
  close: () => void
  next: () => void
}

const OUTCOMES: Outcome[] = ['created', 'merged', 'marked', 'refused']

/** Row by row, what the import would do; nothing has been sent yet. */
export function Preview({ checked, title, back, close, next }: Props) {
  const [shown, setShown] = useState<Outcome | null>(null)
  const rows = useMemo(() => (shown ? checked.filter(({ outcome }) => outcome === shown) : checked), [checked, shown])
  const known = useMemo(() => new Set(checked.flatMap(({ phone, reason }) => (reason === 'now-in-list' ? [phone] : []))).size, [checked])
  const count = (outcome: Outcome) => checked.reduce((sum, row) => sum + Number(row.outcome === outcome), 0)
  const outcomes = OUTCOMES.filter((outcome) => outcome !== 'marked' || count(outcome) > 0)
  const good = checked.length - count('refused')
  const foot = (
    <>
      <button type="button" onClick={back}>
        {importing.back}
      </button>
      <button type="button" className="primary" disabled={good === 0} onClick={next}>
        {good === 0 ? importing.nothingToSend : importing.send(good)}
      </button>
    </>
  )
  return (
    <Dialog title={title} close={close} foot={foot} wide>
      <div>
        <h3>{importing.previewTitle}</h3>
        <p className="quiet">{importing.previewHint}</p>
      </div>
      <div className="tallies" role="group" aria-label={importing.what}>
        {outcomes.map((outcome) => (
          <button key={outcome} type="button" className="tally" data-outcome={outcome} aria-pressed={shown === outcome} onClick={() => setShown(shown === outcome ? null : outcome)}>
            <strong>{count(outcome).toLocaleString()}</strong>
            <span>{importing.outcome[outcome]}</span>
            <small>{outcome === 'marked' && known > 0 ? importing.markedHint(known) : importing.outcomeHint[outcome]}</small>
          </button>
        ))}
      </div>
      <OutcomeTable rows={rows} />
    </Dialog>
  )
}
