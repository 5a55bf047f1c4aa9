import { useMemo, useState } from 'react'
import { phone } from '../../format'
import { writeCsv } from '../../import/csv'
import type { Checked, Choice, Outcome } from '../../import/sheet'
import { importing } from '../../texts'
import { Dialog } from '../Dialog'
import { Icon } from '../icons'
import { downloadFile } from '../downloadFile'
import { OutcomeTable } from './OutcomeTable'

interface Props {
  checked: Checked[]
  choice: Choice
  title: string
  back: () => void
  close: () => void
  answer: (answers: Choice['answers']) => void
  /** *later*: nobody is called until a person resumes */
  next: (later: boolean) => void
}

type Asked = keyof Choice['answers']

const OUTCOMES: Outcome[] = ['created', 'merged', 'marked', 'asked', 'refused']
const ALWAYS: ReadonlySet<Outcome> = new Set(['created', 'merged', 'refused'])
const ASKED: Asked[] = ['with-code', 'other-country', 'unknown-country']

/** Row by row, what the import would do; nothing has been sent yet. */
export function Preview({ checked, choice, title, back, close, answer, next }: Props) {
  const [shown, setShown] = useState<Outcome | null>(null)
  const rows = useMemo(() => (shown ? checked.filter(({ outcome }) => outcome === shown) : checked), [checked, shown])
  const known = useMemo(
    () => new Set(checked.flatMap(({ phone, reason }) => (reason === 'now-in-list' ? [phone] : []))).size,
    [checked],
  )
  const counts = useMemo(() => countOutcomes(checked), [checked])
  const good = checked.length - counts.refused - counts.asked
  const foot = (
    <>
      <button type="button" onClick={back}>
        {importing.back}
      </button>
      <button type="button" disabled={good === 0 || counts.asked > 0} onClick={() => next(true)}>
        {importing.later}
      </button>
      <button type="button" className="primary" disabled={good === 0 || counts.asked > 0} onClick={() => next(false)}>
        {counts.asked > 0
          ? importing.answersFirst(counts.asked)
          : good === 0
            ? importing.nothingToSend
            : importing.send(good)}
      </button>
    </>
  )
  return (
    <Dialog title={title} close={close} foot={foot} wide beside>
      <div>
        <h3>{importing.previewTitle}</h3>
        <p className="quiet">{importing.previewHint}</p>
      </div>
      <Questions checked={checked} choice={choice} answer={answer} />
      <div className="tallies" role="group" aria-label={importing.what}>
        <button type="button" className="tally" aria-pressed={shown === null} onClick={() => setShown(null)}>
          <strong>{checked.length.toLocaleString()}</strong>
          <span>{importing.all}</span>
          <small>{importing.allHint}</small>
        </button>
        {OUTCOMES.filter((outcome) => ALWAYS.has(outcome) || counts[outcome] > 0).map((outcome) => (
          <button
            key={outcome}
            type="button"
            className="tally"
            data-outcome={outcome}
            aria-pressed={shown === outcome}
            onClick={() => setShown(shown === outcome ? null : outcome)}
          >
            <strong>{counts[outcome].toLocaleString()}</strong>
            <span>{importing.outcome[outcome]}</span>
            <small>
              {outcome === 'marked' && known > 0 ? importing.markedHint(known) : importing.outcomeHint[outcome]}
            </small>
          </button>
        ))}
      </div>
      <Fitted checked={checked} />
      <OutcomeTable rows={rows} />
      {counts.refused > 0 && (
        <button
          type="button"
          className="download"
          onClick={() => downloadFile(refusedFile(checked), 'refused-rows.csv')}
        >
          <Icon name="download" />
          {importing.downloadRefused}
        </button>
      )}
    </Dialog>
  )
}

function countOutcomes(checked: readonly Checked[]): Record<Outcome, number> {
  const counts: Record<Outcome, number> = { created: 0, merged: 0, marked: 0, asked: 0, refused: 0 }
  for (const { outcome } of checked) counts[outcome] += 1
  return counts
}

/** No number is dialled by a guess: what can be read in two ways is asked, once for all rows of a kind. */
function Questions({ checked, choice, answer }: Pick<Props, 'checked' | 'choice' | 'answer'>) {
  const asked = ASKED.flatMap((question) => {
    const rows = checked.filter(({ reason }) => reason === question)
    return rows[0] || choice.answers[question] !== undefined ? [{ question, rows }] : []
  })
  return asked.map(({ question, rows }) => (
    <fieldset key={question} className="doubt">
      <legend>{importing.question[question](rows.length)}</legend>
      {importing.readings[question].map((text, index) => (
        <label key={text}>
          <input
            type="radio"
            name={question}
            checked={choice.answers[question] === index}
            onChange={() => answer({ ...choice.answers, [question]: index })}
          />
          <span>
            {text}
            {rows[0]?.readings[index] && (
              <small className="quiet">
                {' '}
                {importing.readingExample(rows[0].given, phone(rows[0].readings[index]))}
              </small>
            )}
          </span>
        </label>
      ))}
      <label>
        <input
          type="radio"
          name={question}
          checked={choice.answers[question] === 'out'}
          onChange={() => answer({ ...choice.answers, [question]: 'out' })}
        />
        {importing.leaveOut}
      </label>
    </fieldset>
  ))
}

/** What of the rows did not fit into a lead, by the names of the columns. */
function Fitted({ checked }: { checked: readonly Checked[] }) {
  const shortened = useMemo(() => countColumns(checked, 'shortened'), [checked])
  const leftOut = useMemo(() => countColumns(checked, 'leftOut'), [checked])
  const oddZones = useMemo(() => checked.reduce((sum, { oddZone }) => sum + Number(oddZone), 0), [checked])
  if (!shortened && !leftOut && oddZones === 0) return null
  return (
    <div className="note fitted">
      {shortened && <p>{importing.shortened(shortened)}</p>}
      {leftOut && <p>{importing.leftOut(leftOut)}</p>}
      {oddZones > 0 && <p>{importing.oddZones(oddZones)}</p>}
    </div>
  )
}

function countColumns(checked: readonly Checked[], what: 'shortened' | 'leftOut'): string {
  const counts = new Map<string, number>()
  for (const row of checked) for (const name of row[what]) counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts].map(([name, rows]) => importing.inRows(name, rows)).join(', ')
}

function refusedFile(checked: readonly Checked[]): Blob {
  const words = importing.resultFile
  const rows = checked
    .filter(({ outcome }) => outcome === 'refused')
    .map(({ line, given, name, reason }) => [line, given, name, reason ? importing.why[reason] : ''])
  return new Blob(['\ufeff', writeCsv([[words.line, words.number, words.name, words.reason], ...rows])], {
    type: 'text/csv;charset=utf-8',
  })
}
