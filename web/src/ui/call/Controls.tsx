import { Popover } from 'radix-ui'
import { useState } from 'react'
import type { Card } from '../../call/card'
import { displayStatus, type Lead, onALine } from '../../leads/lead'
import { card as words, line as lineWords, run } from '../../texts'
import { errorMessage } from '../errorMessage'
import { useAgentApp, useAgentAppState, usePhone } from '../hooks'
import { Icon } from '../icons'
import { Keypad } from '../Keypad'
import { useToast } from '../Toasts'
import { useDoNotCall, who } from '../useLeadActions'
import { Key } from './Key'
import { useKeys } from './useKeys'

/** What can be done in a call, by button and by key. */
export function Controls({ card, lead }: { card: Card; lead: Lead | undefined }) {
  const desk = useAgentApp()
  const { hold, quality } = usePhone()
  const { settings } = useAgentAppState()
  const toast = useToast()
  const [busy, setBusy] = useState(false)
  const isMine = hold.kind === 'connected'
  const isOver = !card.inbound && lead !== undefined && !onALine(displayStatus(lead))
  const act = async (what: () => Promise<unknown>) => {
    setBusy(true)
    try {
      await what()
    } catch (error) {
      toast(errorMessage(error), { tone: 'bad' })
    } finally {
      setBusy(false)
    }
  }
  const hangUp = () => act(() => desk.api.hangUpLead(card.lead, card.attempt))
  const drop = () =>
    act(async () => {
      await desk.api.dropVoicemail(card.lead, card.attempt)
      toast(words.voicemailDropped(lead ? who(lead) : lineWords.somebody))
    })
  const isHeld = card.kind === 'talking' && card.held !== null
  const canHold = card.kind === 'talking' && !isOver
  const toggleHold = async () => {
    try {
      desk.phone.heard(await desk.api.holdLead(card.lead, card.attempt, !isHeld))
    } catch (error) {
      toast(errorMessage(error), { tone: 'bad' })
    }
  }
  const mute = () => desk.phone.mute(!quality.muted)
  const hasMessage = (settings?.installation?.voicemail ?? false) && !card.inbound // no mailbox calls back
  const canDrop = hasMessage && card.kind === 'talking' && !isOver && !busy
  useKeys({
    h: !isOver && !busy && (() => void hangUp()),
    m: isMine && mute,
    o: canHold && (() => void toggleHold()),
    v: canDrop && (() => void drop()),
  })
  return (
    <div className="card-controls">
      {isMine && (
        <button type="button" aria-pressed={quality.muted} aria-keyshortcuts="M Alt+M" onClick={mute}>
          <Icon name={quality.muted ? 'microphoneOff' : 'microphone'} />
          <span>{words.mute}</span>
          <Key name="M" />
        </button>
      )}
      {card.kind === 'talking' && (
        <button
          type="button"
          aria-pressed={isHeld}
          disabled={!canHold}
          aria-keyshortcuts="O Alt+O"
          onClick={() => void toggleHold()}
        >
          <Icon name={isHeld ? 'play' : 'hold'} />
          <span>{words.hold}</span>
          <Key name="O" />
        </button>
      )}
      {isMine && <KeypadButton />}
      {hasMessage && card.kind === 'talking' && (
        <button type="button" disabled={!canDrop} aria-keyshortcuts="V Alt+V" onClick={() => void drop()}>
          <Icon name="voicemail" />
          <span>{words.voicemail}</span>
          <Key name="V" />
        </button>
      )}
      {lead && <DoNotCall lead={lead} attempt={card.attempt} />}
      <span className="spring" />
      <Pause />
      <button
        type="button"
        className="danger"
        disabled={isOver || busy}
        aria-keyshortcuts="H Alt+H"
        onClick={() => void hangUp()}
      >
        <Icon name="phoneOff" />
        <span>{words.hangUp}</span>
        <Key name="H" />
      </button>
    </div>
  )
}

function KeypadButton() {
  const desk = useAgentApp()
  const [open, setOpen] = useState(false)
  useKeys({ k: () => setOpen((shown) => !shown) })
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger className="keypad-open" aria-keyshortcuts="K Alt+K">
        <Icon name="keypad" />
        <span>{words.keypad}</span>
        <Key name="K" />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          className="popover"
          sideOffset={8}
          collisionPadding={8}
          aria-label={words.keypad}
          data-keys-taken
        >
          <Keypad press={(key) => desk.phone.press(key)} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  )
}

/** Their word in the call: it stands at once, and is the outcome unless the agent says otherwise. */
function DoNotCall({ lead, attempt }: { lead: Lead; attempt: string }) {
  const desk = useAgentApp()
  const { installation } = useAgentAppState()
  const set = useDoNotCall(lead)
  if (lead.do_not_call) return null
  const forbid = () => {
    const code = installation?.outcomes.find(({ kind }) => kind === 'do_not_call')?.code
    if (code) desk.outcomes.choose(lead.lead_id, attempt, { code })
    void set(true)
  }
  return (
    <button type="button" onClick={forbid}>
      <Icon name="ban" />
      <span>{words.doNotCall}</span>
    </button>
  )
}

function Pause() {
  const desk = useAgentApp()
  const { run: state } = useAgentAppState()
  const toast = useToast()
  if (state.paused) return null
  const pause = () =>
    void desk
      .setPaused(true)
      .catch((error: unknown) => toast(`${run.notPaused} ${errorMessage(error)}`, { tone: 'bad' }))
  return (
    <button type="button" className="card-pause" aria-keyshortcuts="P Alt+P" onClick={pause}>
      <Icon name="pause" />
      <span>{words.pause}</span>
      <Key name="P" />
    </button>
  )
}
