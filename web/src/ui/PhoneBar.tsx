import { lazy, type ReactNode, Suspense, useEffect, useRef, useState } from 'react'
import { duration } from '../format'
import { displayStatus, numberOf } from '../leads/lead'
import { type Line, lineOf, onCall } from '../phone/line'
import { line as words } from '../texts'
import { errorMessage } from './errorMessage'
import { useAgentApp, useLead, useNow, usePhone } from './hooks'
import { Icon, type IconName } from './icons'
import { Keypad } from './Keypad'
import { theirTime } from './localTime'
import { sayLine } from './phoneBarText'
import { useToast } from './Toasts'
import { useMenu } from './useMenu'
import { who } from './useLeadActions'

const ReadyCheck = lazy(() => import('./ReadyCheck'))

const SECOND_MS = 1_000

/** The agent's own line in words, with what to do about it; while somebody is called, who that is. */
export function PhoneBar({ openSettings }: { openSettings: () => void }) {
  const desk = useAgentApp()
  const phone = usePhone()
  const now = useNow(SECOND_MS)
  const [checking, setChecking] = useState(false)
  const line = lineOf(phone, now)
  const call = onCall(phone, now)
  const lead = useLead(call?.lead_id ?? ('wrapUp' in line ? line.wrapUp.lead_id : ''))
  const name = lead ? who(lead) : words.somebody
  const status = lead && displayStatus(lead)
  const said = sayLine(line, { name, status, via: phone.via, quality: phone.quality })
  const needsCheck = line.kind === 'check'
  useEffect(() => setChecking((shown) => shown || needsCheck), [needsCheck])
  useLeaveQuestion(line.kind === 'talking' && phone.hold.kind === 'connected')
  if (line.kind === 'hidden') return null
  return (
    <section className="phone-bar" data-testid="phone-bar" data-kind={line.kind} aria-label={words.region}>
      <span className="phone-icon" aria-hidden="true">
        <Icon name={ICONS[line.kind]} size={20} />
      </span>
      <div className="phone-text">
        <p className="phone-title">
          <b>{said.title}</b>
          {line.kind === 'talking' && <Since moment={line.since} now={now} />}
        </p>
        {call && lead && (
          <p className="phone-who">
            {lead.name && <span>{numberOf(lead)}</span>}
            <span>{theirTime(lead, now)}</span>
          </p>
        )}
        {said.detail && <p className="phone-detail">{said.detail}</p>}
        {said.warnings.map((text) => (
          <p key={text} className="phone-warning">
            {text}
          </p>
        ))}
      </div>
      <div className="phone-buttons">
        {call && (
          <CallButtons lead={call.lead_id} attempt={call.attempt_id} isOver={!lead || !IN_A_CALL.has(status ?? '')} />
        )}
        <LineButtons line={line} openSettings={openSettings} check={() => setChecking(true)} />
      </div>
      <span className="sr-only" role="status">
        {said.announced}
      </span>
      <Suspense fallback={null}>
        {checking && (
          <ReadyCheck
            close={() => setChecking(false)}
            openSettings={openSettings}
            done={() => (setChecking(false), desk.phone.checked())}
          />
        )}
      </Suspense>
    </section>
  )
}

const IN_A_CALL: ReadonlySet<string> = new Set(['calling', 'ringing', 'connected'])

const ICONS: Record<Line['kind'], IconName> = {
  hidden: 'clock',
  loading: 'clock',
  opening: 'clock',
  check: 'microphone',
  unreachable: 'look',
  no_phone: 'look',
  elsewhere: 'question',
  in_conversation: 'question',
  taken: 'question',
  ringing: 'ring',
  ready: 'headset',
  calling: 'dial',
  talking: 'talk',
  wrap_up: 'clock',
  ended: 'phoneOff',
}

function Since({ moment, now }: { moment: number; now: number }) {
  return (
    <time className="phone-since" role="timer">
      {duration(Math.max(0, (now - moment) / 1000))}
    </time>
  )
}

/** What can be done in a call; keys do it too, with Alt, so that nothing is done by typing. */
function CallButtons({ lead, attempt, isOver }: { lead: string; attempt: string; isOver: boolean }) {
  const desk = useAgentApp()
  const { hold, quality } = usePhone()
  const toast = useToast()
  const menu = useMenu()
  const [busy, setBusy] = useState(false)
  const isMine = hold.kind === 'connected'
  const hangUp = async () => {
    setBusy(true)
    try {
      await desk.api.hangUpLead(lead, attempt)
    } catch (error) {
      toast(errorMessage(error), { tone: 'bad' })
    } finally {
      setBusy(false)
    }
  }
  const mute = () => desk.phone.mute(!quality.muted)
  useAltKey('KeyH', isOver || busy ? null : () => void hangUp())
  useAltKey('KeyM', isMine ? mute : null)
  useAltKey('KeyK', isMine ? () => menu.toggle() : null)
  return (
    <>
      {isMine && (
        <button
          type="button"
          aria-pressed={quality.muted}
          aria-keyshortcuts="Alt+M"
          title={words.key('Alt+M')}
          onClick={mute}
        >
          <Icon name={quality.muted ? 'microphoneOff' : 'microphone'} />
          {words.mute}
        </button>
      )}
      {isMine && (
        <details className="menu keypad" ref={menu.ref}>
          <summary aria-keyshortcuts="Alt+K" title={words.key('Alt+K')}>
            <Icon name="keypad" />
            {words.keypad}
          </summary>
          <Keypad press={(key) => desk.phone.press(key)} />
        </details>
      )}
      <button
        type="button"
        className="danger"
        disabled={isOver || busy}
        aria-keyshortcuts="Alt+H"
        title={words.key('Alt+H')}
        onClick={() => void hangUp()}
      >
        <Icon name="phoneOff" />
        {words.hangUp}
      </button>
    </>
  )
}

/** What can be done about the line itself. */
function LineButtons({ line, openSettings, check }: { line: Line; openSettings: () => void; check: () => void }) {
  const desk = useAgentApp()
  const { via, busy } = usePhone()
  const toast = useToast()
  const act = (what: () => Promise<void>) => () =>
    void what().catch((error: unknown) => toast(errorMessage(error), { tone: 'bad' }))
  const reconnect = act(() => desk.phone.reconnect())
  const button = (name: string, run: () => void, primary = true): ReactNode => (
    <button type="button" className={primary ? 'primary' : ''} disabled={busy} onClick={run}>
      {name}
    </button>
  )
  switch (line.kind) {
    case 'ready':
      return via === 'browser'
        ? button(
            words.leave,
            act(() => desk.phone.hangUp()),
            false,
          )
        : null
    case 'wrap_up':
      return button(words.ready, () => {
        if (!desk.ready(line.wrapUp.attempt_id)) toast(words.notHeard, { tone: 'bad' })
      })
    case 'check':
      return button(words.checkAgain, check)
    case 'unreachable':
      return (
        <>
          {button(words.useMyPhone, openSettings, false)}
          {button(words.checkAgain, check)}
        </>
      )
    case 'no_phone':
      return button(words.setPhone, openSettings)
    case 'elsewhere':
    case 'in_conversation':
    case 'taken':
      return button(words.useHere, reconnect, false)
    case 'ringing':
      return null
    case 'ended':
      return button(via === 'phone' ? words.ringMe : words.reconnect, reconnect)
    default:
      return null
  }
}

/** Runs *act* at Alt and this key, wherever the focus is, but not behind a dialog. */
function useAltKey(code: string, act: (() => void) | null) {
  const latest = useRef(act)
  useEffect(() => {
    latest.current = act
  })
  useEffect(() => {
    const key = (event: KeyboardEvent) => {
      if (event.code !== code || !event.altKey || event.ctrlKey || event.metaKey || event.repeat || !latest.current)
        return
      if (document.querySelector('dialog:modal')) return
      event.preventDefault()
      latest.current()
    }
    document.addEventListener('keydown', key)
    return () => document.removeEventListener('keydown', key)
  }, [code])
}

/** The browser asks before the page is left, for the conversation would end with it. */
function useLeaveQuestion(active: boolean) {
  useEffect(() => {
    if (!active) return
    const ask = (event: BeforeUnloadEvent) => event.preventDefault()
    addEventListener('beforeunload', ask)
    return () => removeEventListener('beforeunload', ask)
  }, [active])
}
