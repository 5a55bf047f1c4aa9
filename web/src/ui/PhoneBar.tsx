import { lazy, type ReactNode, Suspense, useEffect, useState } from 'react'
import { cardOf } from '../call/card'
import { subtitleOf } from '../call/facts'
import { displayStatus, type Lead } from '../leads/lead'
import { type Line, lineOf } from '../phone/line'
import { line as words } from '../texts'
import { loadCallUi } from './call/load'
import { errorMessage } from './errorMessage'
import { useAgentApp, useLead, useNow, usePhone } from './hooks'
import { Icon, type IconName } from './icons'
import { sayLine, type SaidOfLine } from './phoneBarText'
import { useToast } from './Toasts'
import { who } from './useLeadActions'

const ReadyCheck = lazy(() => import('./ReadyCheck'))

const SECOND_MS = 1_000

const CallCard = lazy(async () => ({ default: (await loadCallUi()).CallCard }))
const Upcoming = lazy(async () => ({ default: (await loadCallUi()).Upcoming }))
const UpNext = lazy(async () => ({ default: (await loadCallUi()).UpNext }))

interface Props {
  /** whether somebody is called now, or waits for it */
  calls: boolean
  openSettings: () => void
  openLead: (lead: string) => void
  showKeys: () => void
}

/** The agent's own line in words, with what to do about it; while somebody is called or written up, the call card. */
export function PhoneBar({ calls, openSettings, openLead, showKeys }: Props) {
  const desk = useAgentApp()
  const phone = usePhone()
  const now = useNow(SECOND_MS)
  const [checking, setChecking] = useState(false)
  const line = lineOf(phone, now)
  const card = cardOf(phone, now)
  const lead = useLead(card?.lead ?? '')
  const said = sayLine(line, { ...aboutLead(lead), via: phone.via, quality: phone.quality })
  const needsCheck = line.kind === 'check'
  useEffect(() => setChecking((shown) => shown || needsCheck), [needsCheck])
  useLeaveQuestion(line.kind === 'talking' && phone.hold.kind === 'connected')
  if (line.kind === 'hidden') return null
  const bar = (
    <Bar
      line={line}
      said={said}
      calls={calls || card !== null}
      openSettings={openSettings}
      check={() => setChecking(true)}
    />
  )
  return (
    <section
      className="call-area"
      data-testid="phone-bar"
      data-kind={line.kind}
      data-card={card?.kind}
      aria-label={words.region}
    >
      {!(card && IN_A_CALL.has(line.kind)) && bar}
      {card && (
        <Suspense fallback={IN_A_CALL.has(line.kind) ? bar : null}>
          <CallCard key={card.attempt} card={card} />
        </Suspense>
      )}
      <Suspense fallback={null}>
        <UpNext open={openLead} showKeys={showKeys} />
      </Suspense>
      <span className="sr-only" role="status" data-testid="announced">
        {said.announced}
      </span>
      <span className="sr-only" role="status">
        {said.warnings.join(' ')}
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

/** What the card says in the place of the bar. */
const IN_A_CALL: ReadonlySet<Line['kind']> = new Set(['calling', 'talking', 'wrap_up'])

const STANDS: ReadonlySet<Line['kind']> = new Set([...IN_A_CALL, 'ready'])

const aboutLead = (lead: Lead | undefined) => ({
  name: lead ? who(lead) : words.somebody,
  of: lead ? subtitleOf(lead) : '',
  note: lead?.agent_note?.text || lead?.note || '',
  status: lead && displayStatus(lead),
})

interface BarProps {
  line: Line
  said: SaidOfLine
  calls: boolean
  openSettings: () => void
  check: () => void
}

function Bar({ line, said, calls, openSettings, check }: BarProps) {
  return (
    <div className="phone-bar" data-kind={line.kind} data-calls={calls && STANDS.has(line.kind)}>
      <span className="phone-icon" aria-hidden="true">
        <Icon name={ICONS[line.kind]} size={20} />
      </span>
      <div className="phone-text">
        <p className="phone-title">
          <b>{said.title}</b>
        </p>
        {said.detail && <p className="phone-detail">{said.detail}</p>}
        {said.warnings.map((text) => (
          <p key={text} className="phone-warning">
            {text}
          </p>
        ))}
      </div>
      <div className="phone-buttons">
        <LineButtons line={line} openSettings={openSettings} check={check} />
      </div>
      {calls && line.kind === 'ready' && (
        <Suspense fallback={null}>
          <Upcoming />
        </Suspense>
      )}
    </div>
  )
}

const ICONS: Record<Line['kind'], IconName> = {
  hidden: 'clock',
  loading: 'clock',
  opening: 'clock',
  check: 'microphone',
  unreachable: 'warning',
  no_phone: 'warning',
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

/** The browser asks before the page is left, for the conversation would end with it. */
function useLeaveQuestion(active: boolean) {
  useEffect(() => {
    if (!active) return
    const ask = (event: BeforeUnloadEvent) => event.preventDefault()
    addEventListener('beforeunload', ask)
    return () => removeEventListener('beforeunload', ask)
  }, [active])
}
