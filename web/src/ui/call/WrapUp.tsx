import { type KeyboardEvent, useState, useSyncExternalStore } from 'react'
import type { Card } from '../../call/card'
import { keysOf, kindOf, outcomeLabel, presetOutcome } from '../../call/outcomes'
import type { Lead } from '../../leads/lead'
import { app, card as words, line as lineWords, run } from '../../texts'
import { errorMessage } from '../errorMessage'
import { useAgentApp, useAgentAppState, useNow } from '../hooks'
import { useToast } from '../Toasts'
import { useSayAgain, who } from '../useLeadActions'
import { CallBackTime, usualTime } from './CallBackTime'
import { Key } from './Key'
import { Outcomes } from './Outcomes'
import { useKeys } from './useKeys'

export type WrapUpCard = Extract<Card, { kind: 'wrap_up' }>

/** How it went, and when to call again; saving lets the next call go. */
export function WrapUp({ card, lead }: { card: WrapUpCard; lead: Lead }) {
  const { installation } = useAgentAppState()
  const wrap = useWrapUp(card, lead)
  const { choices, code, at, choose, save, goOn, isKept, isSending } = wrap
  const keys = keysOf(choices)
  useKeys({
    ...Object.fromEntries(
      [...keys].flatMap(([name, digit]) => [`Digit${digit}`, `Numpad${digit}`].map((key) => [key, () => choose(name)])),
    ),
    Enter: () => void save(false),
  })
  const key = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void save(false)
  }
  return (
    <div className="wrap-up" onKeyDown={key}>
      {installation ? <Outcomes choices={choices} chosen={code} choose={choose} keyed /> : <NoOutcomes />}
      {kindOf(choices, code) === 'call_back' && <CallBackTime lead={lead} at={at} choose={wrap.chooseTime} />}
      <div className="wrap-up-foot">
        <button
          type="button"
          className="primary"
          disabled={isSending}
          aria-keyshortcuts="Enter"
          onClick={() => void save(false)}
        >
          {words.save}
          <Key name="⏎" />
        </button>
        <button type="button" disabled={isSending} onClick={() => void save(true)}>
          {words.savePause}
        </button>
        {!code && (
          <button type="button" className="bare" onClick={goOn}>
            {words.without}
          </button>
        )}
        {isKept && (
          <span className="note-kept" role="status">
            {words.kept}
          </span>
        )}
      </div>
    </div>
  )
}

/** What is chosen for this conversation, and what saving it does. */
function useWrapUp(card: WrapUpCard, lead: Lead) {
  const desk = useAgentApp()
  const toast = useToast()
  const sayAgain = useSayAgain(lead)
  const { installation } = useAgentAppState()
  const { outcomes, notes } = desk
  useSyncExternalStore(outcomes.subscribe, () => outcomes.revision)
  const [pausing, setPausing] = useState(false)
  const choices = installation?.outcomes ?? []
  const draft = outcomes.get(card.attempt)
  const code = draft?.code ?? (card.inbound ? null : presetOutcome(choices, lead)) // the row's is of an earlier call
  const needsTime = kindOf(choices, code) === 'call_back'
  const at = needsTime ? (draft?.callBackAt ?? null) : null
  const choose = (chosen: string) => {
    const isCallBack = kindOf(choices, chosen) === 'call_back'
    const time = isCallBack ? (draft?.callBackAt ?? usualTime(lead, desk.now())) : null
    outcomes.choose(card.lead, card.attempt, { code: chosen, callBackAt: time })
  }
  const chooseTime = (time: string | null) => outcomes.choose(card.lead, card.attempt, { code, callBackAt: time })
  const save = async (pause: boolean) => {
    if (!code) return toast(words.chooseFirst, { tone: 'bad' })
    if (needsTime && !at && !(draft === undefined)) return toast(words.chooseTime, { tone: 'bad' })
    if (!draft) choose(code)
    try {
      setPausing(pause)
      if (pause) await desk.setPaused(true) // first: saving lets the next call go
    } catch (error) {
      return toast(`${run.notPaused} ${errorMessage(error)}`, { tone: 'bad' })
    } finally {
      setPausing(false)
    }
    await notes.flush(card.lead)
    if (!(await outcomes.save(card.attempt, true))) return
    toast(words.saved(who(lead), outcomeLabel(choices, code)))
    if (at) await sayAgain(at, true)
  }
  const goOn = () => {
    if (!desk.ready(card.attempt)) toast(lineWords.notHeard, { tone: 'bad' })
  }
  const [isKept, isSending] = [outcomes.isKept(card.attempt), pausing || outcomes.isSending(card.attempt)]
  return { choices, code, at, choose, chooseTime, save, goOn, isKept, isSending }
}

function NoOutcomes() {
  const desk = useAgentApp()
  return (
    <p className="problem">
      {words.noOutcomes}{' '}
      <button type="button" className="link" onClick={() => void desk.loadInstallation()}>
        {app.tryAgain}
      </button>
    </p>
  )
}

const SECOND_MS = 1_000
const WAITS_MS = 15_000

/** How long until the next call may start; while somebody types, it waits. */
export function Clock({ card }: { card: WrapUpCard }) {
  const desk = useAgentApp()
  const toast = useToast()
  useNow(SECOND_MS)
  const more = () => {
    if (!desk.moreTime()) toast(lineWords.notHeard, { tone: 'bad' })
  }
  useKeys({ w: card.left !== null && more })
  if (card.left === null) return <span className="quiet">{words.nextOpen}</span>
  const waits = desk.typedAgo() < WAITS_MS
  return (
    <span className="wrap-up-clock">
      <span role="timer">{waits ? words.waits : card.left > 0 ? words.next(card.left) : words.over}</span>
      <button type="button" className="small" aria-keyshortcuts="W Alt+W" onClick={more}>
        {words.moreTime}
        <Key name="W" />
      </button>
    </span>
  )
}
