import { type RefObject, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { writeCsv } from '../../import/csv'
import { NOTHING, type Refused, send, type Sent } from '../../import/send'
import type { Checked, Choice } from '../../import/sheet'
import type { SheetClient } from '../../import/sheetClient'
import { importing, reason } from '../../texts'
import { Dialog } from '../Dialog'
import { explain } from '../explain'
import { useDesk } from '../hooks'
import { Icon } from '../icons'
import { save } from '../save'

interface Props {
  checked: Checked[]
  choice: Choice
  title: string
  sheet: RefObject<SheetClient | null>
  close: () => void
}

type How = { kind: 'going' } | { kind: 'stopped' } | { kind: 'failed'; error: unknown } | { kind: 'done' }

/** The import on its way, and what came of it. */
export function Sending({ checked, choice, title, sheet, close }: Props) {
  const desk = useDesk()
  const [sent, setSent] = useState<Sent>(NOTHING)
  const [how, setHow] = useState<How>({ kind: 'going' })
  const stop = useRef(false)
  const rows = checked.length
  const given = useMemo(() => new Map(checked.map((row) => [row.line, row])), [checked])
  const isMarked = (row: Refused) => given.get(row.line)?.outcome === 'marked' && !isToBeSentAgain(row)
  const marked = sent.refused.filter(isMarked)
  const refused = sent.refused.filter((row) => !isMarked(row))

  const go = useCallback(
    async (from: Sent) => {
      stop.current = false
      setHow({ kind: 'going' })
      try {
        const end = await send(from, {
          piece: (place) => (sheet.current as SheetClient).piece(choice, place),
          post: (leads, after) => desk.api.import(leads, after),
          progress: setSent,
          wait: (ms) => new Promise((later) => setTimeout(later, ms)),
          stopped: () => stop.current,
        })
        setHow({ kind: end.next === null ? 'done' : 'stopped' })
      } catch (error) {
        setHow({ kind: 'failed', error })
      } finally {
        desk.lookAgain()
      }
    },
    [choice, desk, sheet],
  )
  const begun = useRef(false)
  useEffect(() => {
    if (!begun.current) void go(NOTHING)
    begun.current = true
  }, [go])
  useEffect(
    () => () => {
      stop.current = true
    },
    [],
  )

  const done = how.kind === 'done'
  useEffect(() => (done ? undefined : askBeforeLeaving()), [done])
  const foot = (
    <>
      {sent.rows > 0 && how.kind !== 'going' && (
        <button type="button" onClick={() => save(resultFile(checked, sent), 'import-result.csv')}>
          <Icon name="download" />
          {importing.result}
        </button>
      )}
      {how.kind === 'going' && (
        <button type="button" onClick={() => (stop.current = true)}>
          {importing.stop}
        </button>
      )}
      {(how.kind === 'stopped' || how.kind === 'failed') && (
        <button type="button" className="primary" autoFocus onClick={() => void go(sent)}>
          {importing.goOn}
        </button>
      )}
      {done && (
        <button type="button" className="primary" autoFocus onClick={close}>
          {importing.finish}
        </button>
      )}
    </>
  )
  const place = sent.next ?? rows
  return (
    <Dialog title={title} close={close} closable={how.kind !== 'going'} foot={foot} wide={sent.refused.length > 0}>
      <div role="status" className="sending">
        {done ? (
          <h3 className="finished">
            <Icon name="check" size={20} />
            {importing.doneTitle}
          </h3>
        ) : (
          <>
            <h3>{importing.sending(place, rows)}</h3>
            <div className="bar" role="progressbar" aria-label={importing.title} aria-valuemin={0} aria-valuemax={rows} aria-valuenow={place}>
              <span style={{ transform: `scaleX(${rows ? place / rows : 1})` }} />
            </div>
          </>
        )}
        {how.kind === 'going' && <p className="quiet">{importing.sendingHint}</p>}
        <p>{importing.done(sent.created, sent.merged, marked.length, refused.length)}</p>
      </div>
      {how.kind === 'stopped' && <p className="note">{importing.stopped(place, rows)}</p>}
      {how.kind === 'failed' && (
        <p className="problem" role="alert">
          <Icon name="look" />
          <span>
            {importing.failed(place, rows)} {explain(how.error)}
          </span>
        </p>
      )}
      <Rows title={importing.refusedRows} rows={refused} given={given} />
      <Rows title={importing.markedRows} rows={marked} given={given} />
    </Dialog>
  )
}

/** While a part of a file is not sent, leaving the page is asked about. */
function askBeforeLeaving(): () => void {
  const ask = (event: Event) => event.preventDefault()
  addEventListener('beforeunload', ask)
  return () => removeEventListener('beforeunload', ask)
}

const SHOWN = 100

/** In the server's words: this row was not stored, and its mark neither. */
const isToBeSentAgain = (row: Refused) => 'reason' in row && row.reason.endsWith('send this row again')

const why = (row: Refused) => ('flaw' in row ? importing.why[row.flaw] : reason(row.reason))

function Rows({ title, rows, given }: { title: string; rows: Refused[]; given: ReadonlyMap<number, Checked> }) {
  if (rows.length === 0) return null
  return (
    <div>
      <h3>{title}</h3>
      <ul className="refused" tabIndex={0}>
        {rows.slice(0, SHOWN).map((row) => (
          <li key={row.line}>
            <span className="quiet">
              {importing.line} {row.line.toLocaleString()}
            </span>
            <span>{given.get(row.line)?.given}</span>
            <span>{given.get(row.line)?.name}</span>
            <span>{why(row)}</span>
          </li>
        ))}
      </ul>
      {rows.length > SHOWN && <p className="quiet">{importing.moreRefused(rows.length - SHOWN)}</p>}
    </div>
  )
}

/** Every row of the file up to here, with what became of it. */
function resultFile(checked: Checked[], sent: Sent): Blob {
  const words = importing.resultFile
  const refused = new Map(sent.refused.map((row) => [row.line, row]))
  const rows = checked.slice(0, sent.next ?? checked.length).map(({ line, given, phone, name, outcome }) => {
    const no = refused.get(line)
    const became = no && (outcome === 'marked' && !isToBeSentAgain(no) ? outcome : 'refused')
    return [line, phone ?? given, name, became ? importing.outcome[became] : words.accepted, no ? why(no) : '']
  })
  const head = [words.line, words.number, words.name, words.result, words.reason]
  return new Blob(['\ufeff', writeCsv([head, ...rows])], { type: 'text/csv;charset=utf-8' })
}
