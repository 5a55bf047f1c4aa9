import { useEffect, useRef, useState } from 'react'
import { when } from '../format'
import { type Progress, progress, type RunState, type Summary, summarise } from '../leads/run'
import type { Totals } from '../leads/view'
import { type ConnectionState, useConnectionState } from '../socket'
import { app, connection, reason, run as words } from '../texts'
import { Question } from './Dialog'
import { explain } from './explain'
import { useDesk, useDeskState, useNow } from './hooks'
import { Icon, type IconName } from './icons'
import { useMenu } from './menu'
import { useToast } from './Toasts'

interface Props {
  totals: Totals
  look: () => void
}

/** What the calling machine does now, how far it is, and the brake. */
export function RunBar({ totals, look }: Props) {
  const { run, loaded, problem } = useDeskState()
  const now = useNow(5_000)
  const summary = summarise(totals, run, now)
  const done = progress(totals)
  const state = useConnectionState()
  const kind = shownKind(state, loaded, problem !== null, summary)
  const said = kind === summary.kind ? say(summary, totals, done, run) : unsure(kind, state, summary, done)
  useTitle(kind === 'loading' || kind === 'failed' ? null : said.title)
  return (
    <section className="run" data-testid="run-bar" data-kind={kind} aria-label={words.region}>
      <span className="run-icon" aria-hidden="true">
        <Icon name={ICONS[kind]} size={20} />
      </span>
      <div className="run-text">
        <p className="run-title">
          <b>{said.title}</b>
          <span className="facts">
            {said.facts.map((fact) => (
              <span key={fact} className="fact">
                {fact}
              </span>
            ))}
          </span>
        </p>
        {said.detail && <p className="run-detail">{said.detail}</p>}
        {loaded && done.of > 0 && <Bar {...done} />}
      </div>
      <div className="run-buttons">
        {totals.kinds.look > 0 && (
          <button type="button" className="attention" onClick={look}>
            <Icon name="look" />
            {words.look(totals.kinds.look)}
          </button>
        )}
        <Brake summary={summary} ringing={totals.placed - totals.kinds.connected} />
      </div>
      <Announcer text={[said.title, ...said.facts].join(', ')} kind={kind} />
    </section>
  )
}

/** Only what is live may be said of the calls: else nobody knows whether they go on. */
type Kind = Summary['kind'] | 'loading' | 'failed' | 'away'

function shownKind(state: ConnectionState, loaded: boolean, failed: boolean, summary: Summary): Kind {
  if (!loaded && failed) return 'failed'
  if (state === 'live') return summary.kind
  return state === 'connecting' ? 'loading' : 'away'
}

const ICONS: Record<Kind, IconName> = {
  loading: 'clock',
  failed: 'look',
  away: 'question',
  empty: 'file',
  paused: 'pause',
  stopped: 'look',
  calling: 'ring',
  waiting: 'clock',
  held: 'hand',
  finished: 'check',
}

interface Said {
  title: string
  facts: string[]
  detail: string | null
}

/** What can be said without a live connection: that there is none, and what was heard last. */
function unsure(kind: Kind, state: ConnectionState, summary: Summary, { done, of }: Progress): Said {
  if (kind !== 'away') return { title: kind === 'failed' ? words.failed : words.connecting, facts: [], detail: null }
  const facts = [...(summary.kind === 'paused' ? [words.pausedLast] : []), ...(of > 0 ? [words.calledLast(done, of)] : [])]
  return { title: connection[state].label, facts, detail: null }
}

function say(summary: Summary, totals: Totals, done: Progress, run: RunState): Said {
  const held = totals.kinds.held ? [words.held(totals.kinds.held)] : []
  const lines = totals.lines ? [words.lines(totals.lines)] : []
  const waiting = totals.kinds.waiting ? [words.waiting(totals.kinds.waiting)] : []
  switch (summary.kind) {
    case 'empty':
      return { title: words.empty, facts: [], detail: words.emptyDetail }
    case 'paused':
      return { title: words.paused, facts: [...waiting, ...held, ...lines], detail: pausedDetail(summary.until, totals, run) }
    case 'stopped':
      return stopped(summary, [...waiting, ...held, ...lines])
    case 'calling': {
      const eta = summary.eta ? [words.eta(when(summary.eta))] : []
      return { title: words.calling(done.done, done.of), facts: [...held, ...lines, ...eta], detail: null }
    }
    case 'waiting':
      return { title: words.waiting(summary.waiting), facts: held, detail: waitingDetail(summary) }
    case 'held':
      return heldBack(summary)
    case 'finished':
      return { title: words.finished, facts: [], detail: words.finishedDetail(totals.endedToday) }
  }
}

const pausedDetail = (until: string | null, totals: Totals, run: RunState) => {
  const doubtful = totals.lines - totals.placed + run.inFlight.length
  return [
    until ? words.pausedUntil(when(until)) : words.pausedDetail,
    ...(totals.placed ? [words.inFlight(totals.placed)] : []),
    ...(doubtful ? [words.inDoubt(doubtful)] : []),
  ].join(' ')
}

function stopped({ reason: why, until }: Extract<Summary, { kind: 'stopped' }>, facts: string[]): Said {
  const probe = words.probe(when(until))
  if (why === 'resumed by an operator') return { title: words.startsAgain, facts, detail: words.startsAgainAdvice }
  if (why?.startsWith('account refused')) {
    const exactly = reason(why)
    const named = exactly === reason('account refused') ? [] : [exactly]
    return { title: words.account, facts: [...named, ...facts], detail: `${words.accountAdvice} ${probe}` }
  }
  const advice = why === 'unknown' ? words.unknownAdvice : why === 'stopped by an operator' ? words.operatorAdvice : words.restAdvice
  return { title: words.stopped, facts, detail: `${advice} ${probe}` }
}

function waitingDetail({ reason: why, next }: Extract<Summary, { kind: 'waiting' }>): string {
  const named = reason(why)
  if (!next) return named || words.starting
  return named ? `${words.next(when(next))}: ${named}.` : `${words.next(when(next))}.`
}

function heldBack({ count, stuck, reason: why, until }: Extract<Summary, { kind: 'held' }>): Said {
  const title = why === 'hours' ? words.held_hours : words.heldOther
  const named = why && why !== 'hours' ? [reason(why)] : []
  const free = count > stuck ? [words.heldAll(count - stuck, until ? when(until) : null)] : []
  return { title, facts: named, detail: [...free, ...(stuck ? [words.heldStuck(stuck)] : [])].join(' ') }
}

function Bar({ done, of }: Progress) {
  return (
    <div className="bar" role="progressbar" aria-valuemin={0} aria-valuemax={of} aria-valuenow={done} aria-valuetext={words.progress(done, of)} aria-label={words.region}>
      <span style={{ transform: `scaleX(${of ? done / of : 0})` }} />
    </div>
  )
}

/** Pause and resume; what rings already can be hung up too. */
function Brake({ summary, ringing }: { summary: Summary; ringing: number }) {
  const desk = useDesk()
  const toast = useToast()
  const [busy, setBusy] = useState<'pause' | 'resume' | 'hangUp' | null>(null)
  const [asking, setAsking] = useState(false)
  const bad = (...said: string[]) => toast(said.join(' '), { tone: 'bad' })
  const act = async (what: 'pause' | 'resume' | 'hangUp', done: () => Promise<void>) => {
    setBusy(what)
    try {
      await done()
    } catch (error) {
      bad(...(what === 'pause' ? [words.notPaused] : []), explain(error))
    } finally {
      setBusy(null)
    }
  }
  const pause = () => act('pause', async () => void (await desk.setPaused(true)))
  const pauseUntil = (moment: string) => act('pause', async () => void ((await desk.pauseUntil(moment)) || bad(words.notPaused)))
  const resume = () =>
    act('resume', async () => {
      const rest = await desk.setPaused(false)
      if (rest) bad(words.stillRests(when(rest.until)))
    })
  const hangUp = async (yes: boolean) => {
    setAsking(false)
    if (yes) await act('hangUp', async () => toast(words.hungUp(await desk.hangUp())))
  }
  const [paused, stopped] = [summary.kind === 'paused', summary.kind === 'stopped']
  return (
    <>
      {paused && ringing > 0 && (
        <button type="button" disabled={busy !== null} onClick={() => setAsking(true)}>
          {words.hangUp}
        </button>
      )}
      {asking && (
        <Question title={words.hangUpTitle} yes={words.hangUpYes} no={words.hangUpNo} answer={(yes) => void hangUp(yes)}>
          <p>{words.hangUpQuestion(ringing)}</p>
          {summary.kind === 'paused' && summary.until && <p className="quiet">{words.hangUpPause}</p>}
        </Question>
      )}
      {!paused && (
        <span className="split">
          <button type="button" disabled={busy !== null} onClick={() => void pause()}>
            <Icon name="pause" />
            {busy === 'pause' ? words.pausing : words.pause}
          </button>
          <PauseFor busy={busy !== null} until={(moment) => void pauseUntil(moment)} />
        </span>
      )}
      {(paused || stopped) && (
        <button type="button" className="primary" disabled={busy !== null} onClick={() => void resume()}>
          <Icon name="play" />
          {busy === 'resume' ? words.resuming : paused ? words.resume : words.resumeNow}
        </button>
      )}
    </>
  )
}

const MINUTE_MS = 60_000
const EARLY = 9

function tomorrowAt(hour: number, now: number): number {
  const day = new Date(now)
  day.setDate(day.getDate() + 1)
  return day.setHours(hour, 0, 0, 0)
}

/** Pauses that end by themselves. */
function PauseFor({ busy, until }: { busy: boolean; until: (moment: string) => void }) {
  const menu = useMenu()
  const now = useNow(MINUTE_MS)
  const tomorrow = tomorrowAt(EARLY, now)
  const offers: [string, () => number][] = [
    [words.pauseMinutes(30), () => Date.now() + 30 * MINUTE_MS],
    [words.pauseHour, () => Date.now() + 60 * MINUTE_MS],
    [words.pauseUntil(when(tomorrow, now)), () => tomorrow],
  ]
  const choose = (moment: number) => {
    menu.close()
    until(new Date(moment).toISOString())
  }
  return (
    <details className="menu" ref={menu.ref}>
      <summary aria-label={words.pauseFor} title={words.pauseFor}>
        <Icon name="clock" />
      </summary>
      <div className="menu-body">
        {offers.map(([name, moment]) => (
          <button key={name} type="button" disabled={busy} onClick={() => choose(moment())}>
            {name}
          </button>
        ))}
      </div>
    </details>
  )
}

/** The tab says it too, for those who look at another one. */
function useTitle(title: string | null) {
  useEffect(() => {
    document.title = title ? `${title} · ${app.name}` : app.name
    return () => {
      document.title = app.name
    }
  }, [title])
}

const QUIET_MS = 30_000

/** Says to a screen reader what changed: at once when the kind of thing changes, else twice a minute at most. */
function Announcer({ text, kind }: { text: string; kind: string }) {
  const [spoken, setSpoken] = useState('')
  const last = useRef({ kind: '', at: 0 })
  useEffect(() => {
    const wait = last.current.kind === kind ? Math.max(0, last.current.at + QUIET_MS - Date.now()) : 0
    const timer = setTimeout(() => {
      last.current = { kind, at: Date.now() }
      setSpoken(text)
    }, wait)
    return () => clearTimeout(timer)
  }, [text, kind])
  return (
    <span className="sr-only" role="status">
      {spoken}
    </span>
  )
}
