import { type RefObject, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { writeCsv } from '../../import/csv'
import { isAllSent, NOTHING, type Refused, send, type Sent } from '../../import/send'
import type { Checked, Choice } from '../../import/sheet'
import type { SheetReader } from '../../import/sheetClient'
import { importing, reason } from '../../texts'
import { Dialog } from '../Dialog'
import { errorMessage } from '../errorMessage'
import { useAgentApp } from '../hooks'
import { Icon } from '../icons'
import { downloadFile } from '../downloadFile'

interface Props {
  checked: Checked[]
  choice: Choice
  /** nobody is called until a person resumes */
  later: boolean
  title: string
  sheet: RefObject<SheetReader | null>
  close: () => void
}

type How = { kind: 'going' } | { kind: 'stopped' } | { kind: 'failed'; error: unknown } | { kind: 'done' }

/** The import on its way, and what came of it: red where it is not what the preview said. */
export function Sending({ checked, choice, later, title, sheet, close }: Props) {
  const desk = useAgentApp()
  const [sent, setSent] = useState<Sent>(NOTHING)
  const [how, setHow] = useState<How>({ kind: 'going' })
  const stop = useRef(false)
  const rows = checked.length
  const given = useMemo(() => new Map(checked.map((row) => [row.line, row])), [checked])

  const go = useCallback(
    async (from: Sent) => {
      stop.current = false
      setHow({ kind: 'going' })
      try {
        if (later && from === NOTHING) await desk.setPaused(true)
        const end = await send(from, {
          piece: (place) => (sheet.current as SheetReader).piece(choice, place),
          post: (leads, after) => desk.api.import(leads, after),
          progress: setSent,
          wait: (ms) => new Promise((over) => setTimeout(over, ms)),
          stopped: () => stop.current,
        })
        setSent(end)
        setHow({ kind: isAllSent(end) ? 'done' : 'stopped' })
      } catch (error) {
        setHow({ kind: 'failed', error })
      } finally {
        desk.lookAgain()
      }
    },
    [choice, desk, later, sheet],
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
  const differences = done ? differencesOf(checked, sent) : []
  const foot = (
    <>
      {sent.rows > 0 && how.kind !== 'going' && (
        <button type="button" onClick={() => downloadFile(resultFile(checked, sent), 'import-result.csv')}>
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
  const place = placeOf(checked, sent)
  const marked = [...new Set(sent.marked)].map((line): Told => ({ line, why: importing.isMarked }))
  const refused = sent.refused.map((row): Told => ({ line: row.line, why: why(row) }))
  return (
    <Dialog
      title={title}
      close={close}
      closable={how.kind !== 'going'}
      foot={foot}
      wide={sent.refused.length > 0}
      beside
    >
      <div role="status" className="sending">
        {done ? (
          <h3 className="finished" data-differs={differences.length > 0}>
            <Icon name={differences.length ? 'warning' : 'check'} size={20} />
            {differences.length ? importing.differsTitle : importing.doneTitle}
          </h3>
        ) : (
          <>
            <h3>{importing.sending(place, rows)}</h3>
            <div
              className="bar"
              role="progressbar"
              aria-label={importing.title}
              aria-valuemin={0}
              aria-valuemax={rows}
              aria-valuenow={place}
            >
              <span style={{ transform: `scaleX(${rows ? place / rows : 1})` }} />
            </div>
          </>
        )}
        {how.kind === 'going' && <p className="quiet">{importing.sendingHint}</p>}
        {how.kind === 'going' && sent.left && sent.rows > 0 && (
          <p className="quiet">{importing.again(sent.left.leads.length)}</p>
        )}
        <p>{importing.done(sent.created, sent.merged, marked.length, refused.length)}</p>
        {later && how.kind !== 'failed' && <p className="quiet">{importing.laterHint}</p>}
      </div>
      {differences.length > 0 && (
        <div className="problem" role="alert">
          <Icon name="warning" />
          <ul className="differences">
            {differences.map((difference) => (
              <li key={difference}>{difference}</li>
            ))}
          </ul>
        </div>
      )}
      {how.kind === 'stopped' && <p className="note">{importing.stopped(place, rows)}</p>}
      {how.kind === 'failed' && (
        <p className="problem" role="alert">
          <Icon name="warning" />
          <span>
            {importing.failed(place, rows)} {errorMessage(how.error)}
          </span>
        </p>
      )}
      {sent.warnings.size > 0 && (
        <div className="note fitted">
          <h3>{importing.warnings}</h3>
          {[...sent.warnings].map(([reason, rows]) => (
            <p key={reason}>{importing.inRows(reason, rows)}</p>
          ))}
        </div>
      )}
      <Rows title={importing.refusedRows} rows={refused} given={given} />
      <Rows title={importing.markedRows} rows={marked} given={given} />
    </Dialog>
  )
}

/** How many rows of the file are done with. */
function placeOf(checked: readonly Checked[], { next, left }: Sent): number {
  const waiting = new Set(left?.lines).size
  return Math.max(0, (next ?? checked.length) - waiting)
}

/** Where what happened is not what the preview promised. */
function differencesOf(checked: readonly Checked[], { created, marked, refused }: Sent): string[] {
  const words = importing.differs
  const server = new Set(refused.flatMap((row) => ('code' in row ? [row.line] : [])))
  const stored = new Set(marked)
  const unmarked = checked.filter(({ outcome, line }) => outcome === 'marked' && !stored.has(line)).length
  const promised = checked.filter(({ outcome }) => outcome === 'created').length
  const unexpected = checked.filter(({ outcome, line }) => outcome !== 'marked' && server.has(line)).length
  return [
    ...(unexpected ? [words.refused(unexpected)] : []),
    ...(unmarked ? [words.unmarked(unmarked)] : []),
    ...(created < promised - unexpected ? [words.created(created, promised)] : []),
  ]
}

/** While a part of a file is not sent, leaving the page is asked about. */
function askBeforeLeaving(): () => void {
  const ask = (event: Event) => event.preventDefault()
  addEventListener('beforeunload', ask)
  return () => removeEventListener('beforeunload', ask)
}

const SHOWN = 100

interface Told {
  line: number
  why: string
}

const why = (row: Refused) => ('flaw' in row ? importing.why[row.flaw] : reason(row.reason))

function Rows({ title, rows, given }: { title: string; rows: Told[]; given: ReadonlyMap<number, Checked> }) {
  if (rows.length === 0) return null
  return (
    <div>
      <h3>{title}</h3>
      <ul className="refused" tabIndex={0} aria-label={title}>
        {rows.slice(0, SHOWN).map(({ line, why }) => (
          <li key={line}>
            <span className="quiet">
              {importing.line} {line.toLocaleString()}
            </span>
            <span>{given.get(line)?.given}</span>
            <span>{given.get(line)?.name}</span>
            <span>{why}</span>
          </li>
        ))}
      </ul>
      {rows.length > SHOWN && <p className="quiet">{importing.moreRefused(rows.length - SHOWN)}</p>}
    </div>
  )
}

/** Every row of the file that is done with, and what became of it. */
function resultFile(checked: Checked[], sent: Sent): Blob {
  const words = importing.resultFile
  const refused = new Map(sent.refused.map((row) => [row.line, row]))
  const marked = new Set(sent.marked)
  const waiting = new Set(sent.left?.lines)
  const done = checked.slice(0, sent.next ?? checked.length).filter(({ line }) => !waiting.has(line))
  const rows = done.map(({ line, given, phone, name, outcome }) => {
    const no = refused.get(line)
    const result = no
      ? importing.outcome.refused
      : outcome === 'marked' && marked.has(line)
        ? importing.outcome.marked
        : words.accepted
    return [line, phone ?? given, name, result, no ? why(no) : '']
  })
  const head = [words.line, words.number, words.name, words.result, words.reason]
  return new Blob(['\ufeff', writeCsv([head, ...rows])], { type: 'text/csv;charset=utf-8' })
}
