import { useEffect, useRef, useState } from 'react'
import { when } from '../format'
import { type Progress, progress, type Summary, summarise } from '../run/state'
import type { Totals } from '../leads/view'
import { type ConnectionState, useConnectionState } from '../socket'
import { app, run as words } from '../texts'
import { Question } from './Dialog'
import { who } from './useLeadActions'
import { errorMessage } from './errorMessage'
import { useAgentApp, useAgentAppState, useNow } from './hooks'
import { Icon, type IconName } from './icons'
import { useMenu } from './useMenu'
import { say, unsure } from './runBarText'
import { useToast } from './Toasts'
import { Today } from './Today'

interface Props {
  totals: Totals
  showReview: () => void
}

/** What the calling machine does now, how far it is, and the brake. */
export function RunBar({ totals, showReview }: Props) {
  const { run, loaded, problem, settings } = useAgentAppState()
  const now = useNow(5_000)
  const summary = summarise(totals, run, now)
  const done = progress(totals, run)
  const state = useConnectionState()
  const kind = shownKind(state, loaded, problem !== null, summary)
  const admin = settings?.admin === true
  const isLive = kind !== 'loading' && kind !== 'failed' && kind !== 'away'
  const said = isLive ? say({ summary, totals, done, run, now, admin }) : unsure(kind, state, summary, done, totals)
  const talk = useTalk(totals.talking)
  useTitle(kind === 'loading' || kind === 'failed' ? null : isLive && talk.title ? talk.title : said.title)
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
      {loaded && totals.all > 0 && <Today />}
      <div className="run-buttons">
        {totals.kinds.review > 0 && (
          <button type="button" className="attention" onClick={showReview}>
            <Icon name="warning" />
            {words.review(totals.kinds.review)}
          </button>
        )}
        <PauseControls summary={summary} ringing={totals.placed - totals.kinds.connected} admin={admin} />
      </div>
      <span className="sr-only" role="status">
        {settings?.installation?.audio === 'agent' ? '' : talk.answered}
      </span>
      <Announcer text={[said.title, ...said.facts].join(', ')} kind={kind} />
    </section>
  )
}

/** Only what is live may be said of the calls: else nobody knows whether they go on. */
type Kind = Summary['kind'] | 'loading' | 'failed' | 'away'

function shownKind(state: ConnectionState, loaded: boolean, failed: boolean, summary: Summary): Kind {
  if (!loaded && failed) return 'failed'
  if (state === 'live') return loaded ? summary.kind : 'loading'
  return state === 'connecting' ? 'loading' : 'away'
}

const ICONS: Record<Kind, IconName> = {
  loading: 'clock',
  failed: 'warning',
  away: 'question',
  empty: 'file',
  paused: 'pause',
  stopped: 'warning',
  calling: 'ring',
  checking: 'question',
  waiting: 'clock',
  held: 'hand',
  finished: 'check',
}

function Bar({ done, of }: Progress) {
  return (
    <div
      className="bar"
      role="progressbar"
      aria-valuemin={0}
      aria-valuemax={of}
      aria-valuenow={done}
      aria-valuetext={words.progress(done, of)}
      aria-label={words.region}
    >
      <span style={{ transform: `scaleX(${of ? done / of : 0})` }} />
    </div>
  )
}

/** Pause and resume; what rings already can be hung up too. */
function PauseControls({ summary, ringing, admin }: { summary: Summary; ringing: number; admin: boolean }) {
  const desk = useAgentApp()
  const toast = useToast()
  const [busy, setBusy] = useState<'pause' | 'resume' | 'hangUp' | null>(null)
  const [asking, setAsking] = useState(false)
  const bad = (...said: string[]) => toast(said.join(' '), { tone: 'bad' })
  const act = async (what: 'pause' | 'resume' | 'hangUp', done: () => Promise<void>) => {
    setBusy(what)
    try {
      await done()
    } catch (error) {
      bad(...(what === 'pause' ? [words.notPaused] : []), errorMessage(error))
    } finally {
      setBusy(null)
    }
  }
  const pause = () => act('pause', async () => void (await desk.setPaused(true)))
  const pauseUntil = (moment: string) =>
    act('pause', async () => void ((await desk.pauseUntil(moment)) || bad(words.notPaused)))
  const resume = () =>
    act('resume', async () => {
      const rest = await desk.setPaused(false)
      if (rest) bad(words.stillRests(when(rest.until, desk.now())))
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
        <Question
          title={words.hangUpTitle}
          yes={words.hangUpYes}
          no={words.hangUpNo}
          answer={(yes) => void hangUp(yes)}
        >
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
      {(paused || (stopped && admin)) && (
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
  const desk = useAgentApp()
  const menu = useMenu()
  const now = useNow(MINUTE_MS)
  const tomorrow = tomorrowAt(EARLY, now)
  const offers: [string, () => number][] = [
    [words.pauseMinutes(30), () => desk.now() + 30 * MINUTE_MS],
    [words.pauseHour, () => desk.now() + 60 * MINUTE_MS],
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

const JUST_NOW_MS = 15_000

interface Talk {
  /** for the tab's title, while somebody talks */
  title: string | null
  /** for a screen reader, once for each who answers */
  answered: string
}

/** Whom this agent talks with now. */
function useTalk(talking: readonly string[]): Talk {
  const { store, now } = useAgentApp()
  const [answered, setAnswered] = useState('')
  const before = useRef(talking)
  const name = (id: string) => who(store.get(id) ?? { name: null, phone: '' })
  useEffect(() => {
    const justNow = (id: string) => now() - Date.parse(store.get(id)?.answered_at ?? '') < JUST_NOW_MS
    const fresh = talking.filter((id) => !before.current.includes(id) && justNow(id)) // not whom a reload finds talking
    before.current = talking
    if (fresh.length > 0) setAnswered(words.answered(fresh.map(name).join(', ')))
  }, [talking])
  const [first] = talking
  return { title: first === undefined ? null : words.talking(name(first), talking.length - 1), answered }
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
