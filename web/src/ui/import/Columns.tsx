import { useMemo, useState } from 'react'
import { ENCODINGS, type Encoding } from '../../import/encodings'
import type { Choice, Overview } from '../../import/sheet'
import { TARGETS, type Target } from '../../import/targets'
import { importing, targets as targetNames } from '../../texts'
import { Dialog } from '../Dialog'
import { Icon } from '../icons'
import { Doubts } from './Doubts'
import { regionNames } from './regions'

interface Props {
  overview: Overview
  choice: Choice
  /** which columns a person has decided */
  decided: readonly boolean[]
  title: string
  back: () => void
  close: () => void
  /** reads the file anew: as another encoding, with another row of names, or for another region */
  again: (how: { encoding: Encoding } | { header: number | null } | { region: string }) => void
  next: (choice: Choice, decided: readonly boolean[]) => void
}

/** What each column of the file is: a guess that is shown, and corrected by a person. */
export function Columns({ overview, choice: first, decided: before, title, back, close, again, next }: Props) {
  const [choice, setChoice] = useState(first)
  const [decided, setDecided] = useState(before)
  const regions = useMemo(() => regionNames(first.region), [first.region])
  const label = (column: number) =>
    choice.header === null ? importing.noHeader(column + 1) : (overview.names[column] ?? '')
  const open = overview.doubts.filter((doubt, column) => doubt && !decided[column]).length
  const hasNumbers = choice.phones.length > 0 || choice.targets.includes('dnc_phone')
  const wrong = !overview.headerIsSure
    ? importing.headerDoubt
    : !hasNumbers
      ? importing.noPhone
      : open > 0
        ? importing.undecided(open)
        : null
  const become = (column: number, target: Target, concerns: number | null = null, words = false) => {
    setChoice(changed(choice, column, target, concerns, words))
    setDecided(decided.map((is, other) => is || other === column))
  }
  const tryFirst = (column: number) =>
    setChoice({ ...choice, phones: [column, ...choice.phones.filter((other) => other !== column)] })
  const foot = (
    <>
      <button type="button" onClick={back}>
        {importing.another}
      </button>
      <button type="button" className="primary" disabled={wrong !== null} onClick={() => next(choice, decided)}>
        {importing.next}
      </button>
    </>
  )
  const { encoding } = overview
  const titles = choice.header ?? 0
  return (
    <Dialog title={title} close={close} foot={foot} wide beside>
      {encoding && !encoding.startsWith('utf-8') && (
        <p className="note">{importing.encodingNote(importing.encodings[encoding])}</p>
      )}
      {overview.sheets.others.length > 0 && (
        <p className="note">
          {importing.sheets(overview.sheets.sheet, overview.sheets.others.map((other) => `“${other}”`).join(', '))}
        </p>
      )}
      <Doubts overview={overview} choice={choice} decided={decided} label={label} become={become} />
      <div>
        <h3>{importing.columnsTitle}</h3>
        <p className="quiet">
          {importing.columnsCount(overview.names.length, overview.rows)}
          {titles > 0 && overview.headerIsSure && ` · ${importing.titles(titles)}`}
        </p>
      </div>
      <div className="columns-scroll" role="region" aria-label={importing.columnsTitle} tabIndex={0}>
        <table className="columns">
          <thead>
            <tr>
              {[importing.column, importing.content, importing.examples, importing.field].map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {overview.names.map((name, column) => {
              const target = choice.targets[column] as Target
              const place = choice.phones.indexOf(column)
              const concerned = choice.concerns[column] ?? null
              return (
                <tr key={name} data-skipped={target === 'skip'}>
                  <th scope="row">{label(column)}</th>
                  <td className="content">
                    <Content overview={overview} column={column} />
                  </td>
                  <td className="quiet examples">{examples(overview, column)}</td>
                  <td>
                    <select
                      aria-label={label(column)}
                      value={target}
                      onChange={(event) => become(column, event.target.value as Target)}
                    >
                      {TARGETS.map((one) => (
                        <option key={one} value={one}>
                          {targetNames[one]}
                        </option>
                      ))}
                    </select>
                    {concerned !== null && <small className="quiet">{importing.onlyOf(label(concerned))}</small>}
                    {place >= 0 && choice.phones.length > 1 && (
                      <span className="order">
                        <small className="quiet">{importing.order(place + 1)}</small>
                        {place > 0 && (
                          <button
                            type="button"
                            className="small"
                            aria-label={`${label(column)}: ${importing.tryFirst}`}
                            onClick={() => tryFirst(column)}
                          >
                            {importing.tryFirst}
                          </button>
                        )}
                      </span>
                    )}
                  </td>
                </tr>
              )
            })}
          </tbody>
        </table>
      </div>
      <div className="options">
        <label>
          {importing.headerRow}
          <select
            value={overview.headerIsSure ? String(choice.header) : ''}
            onChange={(event) => again({ header: event.target.value === 'null' ? null : Number(event.target.value) })}
          >
            {!overview.headerIsSure && <option value="">{importing.askHeader}</option>}
            {overview.top.map(({ line, text }, index) => (
              <option key={line} value={index}>
                {importing.headerLine(line, text)}
              </option>
            ))}
            <option value="null">{importing.noHeaderRow}</option>
          </select>
        </label>
        <label>
          {importing.region}
          <select value={choice.region} onChange={(event) => again({ region: event.target.value })}>
            {regions.map(([code, name]) => (
              <option key={code} value={code}>
                {name}
              </option>
            ))}
          </select>
        </label>
        {encoding && (
          <label>
            {importing.readAs}
            <select value={encoding} onChange={(event) => again({ encoding: event.target.value as Encoding })}>
              {ENCODINGS.map((one) => (
                <option key={one} value={one}>
                  {importing.encodings[one]}
                </option>
              ))}
            </select>
          </label>
        )}
      </div>
      <p className="wrong" role="status">
        {wrong && (
          <>
            <Icon name="warning" /> {wrong}
          </>
        )}
      </p>
    </Dialog>
  )
}

/** The choice with another meaning of one column; a further phone is tried last, and a field is given once. */
function changed(choice: Choice, column: number, target: Target, concerns: number | null, words: boolean): Choice {
  const others = choice.phones.filter((other) => other !== column)
  return {
    ...choice,
    targets: choice.targets.map((old, other) => (other === column ? target : old)),
    words: choice.words.map((old, other) => (other === column ? words : old)),
    phones: target === 'phone' ? (choice.phones.includes(column) ? choice.phones : [...others, column]) : others,
    concerns: choice.concerns.map((old, other) =>
      other === column ? concerns : target === 'phone' || old !== column ? old : null,
    ),
  }
}

function Content({ overview: { reports, rows }, column }: { overview: Overview; column: number }) {
  const report = reports[column]
  if (!report) return null
  const { filled, valid, looked } = report
  return (
    <>
      {importing.filled(filled, rows)}
      {valid !== null && (
        <small className={valid < looked / 2 ? 'few' : 'quiet'}>
          {importing.valid(valid, looked, filled === looked)}
        </small>
      )}
    </>
  )
}

function examples({ sample }: Overview, column: number): string {
  return sample
    .map((row) => row[column]?.trim())
    .filter(Boolean)
    .slice(0, 3)
    .join(' · ')
}
