import { type MouseEvent, useMemo, useState } from 'react'
import { TARGETS, type Target } from '../../import/columns'
import type { Choice, Overview } from '../../import/sheet'
import { importing, targets as targetNames } from '../../texts'
import { Dialog } from '../Dialog'
import { Icon } from '../icons'
import { regionNames } from './regions'

interface Props {
  overview: Overview
  choice: Choice
  title: string
  back: () => void
  close: () => void
  next: (choice: Choice) => void
}

/** What each column of the file is. */
export function Columns({ overview, choice: first, title, back, close, next }: Props) {
  const [choice, setChoice] = useState(first)
  const regions = useMemo(() => regionNames(first.region), [first.region])
  const phones = choice.targets.filter((target) => target === 'phone').length
  const [doubtful, setDoubtful] = useState(overview.doubtful)
  const label = (column: number) => (choice.header && overview.first[column]) || importing.noHeader(column + 1)
  const doubt = doubtful.indexOf(true)
  const wrong = phones === 0 ? importing.noPhone : phones > 1 ? importing.twoPhones : doubt >= 0 ? importing.doubtful(label(doubt)) : null
  const become = (column: number, target: Target) => {
    setChoice({ ...choice, targets: choice.targets.map((old, place) => (place === column ? target : old)) })
    setDoubtful(doubtful.map((doubt, place) => doubt && place !== column))
  }
  const foot = (
    <>
      <button type="button" onClick={back}>
        {importing.another}
      </button>
      <button type="button" className="primary" disabled={wrong !== null} onClick={() => next(choice)}>
        {importing.next}
      </button>
    </>
  )
  return (
    <Dialog title={title} close={close} foot={foot} wide>
      <h3>{importing.columnsTitle}</h3>
      {importing.encodings[overview.encoding] && <p className="note">{importing.encodings[overview.encoding]}</p>}
      <div className="columns-scroll" role="region" aria-label={importing.columnsTitle} tabIndex={0}>
        <table className="columns">
          <thead>
            <tr>
              <th scope="col">{importing.column}</th>
              <th scope="col">{importing.examples}</th>
              <th scope="col">{importing.becomes}</th>
            </tr>
          </thead>
          <tbody>
            {overview.first.map((name, column) => {
              return (
                <tr key={`${name} ${column}`} data-skipped={choice.targets[column] === 'skip'}>
                  <th scope="row">{label(column)}</th>
                  <td className="quiet">{examples(overview, choice, column)}</td>
                  <td>
                    <select aria-label={label(column)} value={choice.targets[column]} onChange={(event) => become(column, event.target.value as Target)}>
                      {TARGETS.map((target) => (
                        <option key={target} value={target}>
                          {targetNames[target]}
                        </option>
                      ))}
                    </select>
                    {doubtful[column] && <Doubt label={label(column)} answer={(mark) => become(column, mark ? 'do_not_call' : 'keep')} />}
                  </td>
                </tr>
              )
            })}
          </tbody>
        </table>
      </div>
      <div className="options">
        <label>
          <input type="checkbox" checked={choice.header} onChange={(event) => setChoice({ ...choice, header: event.target.checked })} />
          {importing.header}
        </label>
        <label>
          {importing.region}
          <select value={choice.region} onChange={(event) => setChoice({ ...choice, region: event.target.value })}>
            {regions.map(([code, name]) => (
              <option key={code} value={code}>
                {name}
              </option>
            ))}
          </select>
        </label>
      </div>
      <p className="wrong" role="status">
        {wrong && (
          <>
            <Icon name="look" /> {wrong}
          </>
        )}
      </p>
    </Dialog>
  )
}

/** Asked rather than guessed: whoever is not marked is called. */
function Doubt({ label, answer }: { label: string; answer: (mark: boolean) => void }) {
  const say = (mark: boolean) => (event: MouseEvent) => {
    event.currentTarget.closest('td')?.querySelector('select')?.focus()
    answer(mark)
  }
  return (
    <div className="doubt" role="group" aria-label={`${label}: ${importing.doubt}`}>
      <span>{importing.doubt}</span>
      <button type="button" className="small" onClick={say(true)}>
        {importing.isMark}
      </button>
      <button type="button" className="small" onClick={say(false)}>
        {importing.isNoMark}
      </button>
    </div>
  )
}

function examples({ first, sample, header }: Overview, choice: Choice, column: number): string {
  const rows = header && !choice.header ? [first, ...sample] : sample
  return rows
    .map((row) => row[column]?.trim())
    .filter(Boolean)
    .slice(0, 3)
    .join(' · ')
}
