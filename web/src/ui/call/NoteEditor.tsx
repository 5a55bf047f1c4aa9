import { type KeyboardEvent, useId, useSyncExternalStore } from 'react'
import type { NoteState } from '../../call/notes'
import type { Lead } from '../../leads/lead'
import { card as words } from '../../texts'
import { errorMessage } from '../errorMessage'
import { useAgentApp } from '../hooks'

const MOST = 4000

/** The agent's note, saved as it is typed; what cannot be sent now is kept in the browser, and says so. */
export function NoteEditor({ lead, leave }: { lead: Lead; leave?: () => void }) {
  const { notes } = useAgentApp()
  const id = useId()
  useSyncExternalStore(notes.subscribe, () => notes.revision)
  const state = notes.state(lead.lead_id)
  const text = notes.text(lead.lead_id, lead.agent_note)
  const key = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || !leave) return
    event.stopPropagation()
    leave()
  }
  return (
    <div className="note-editor" data-state={state.kind}>
      <div className="note-head">
        <label htmlFor={id}>{words.note}</label>
        <span className="note-state">{(text || state.kind !== 'saved') && quietly(state)}</span>
      </div>
      <textarea
        id={id}
        data-note
        maxLength={MOST}
        placeholder={words.noteHint}
        value={text}
        onChange={(event) => notes.type(lead.lead_id, event.target.value, lead.agent_note)}
        onBlur={() => void notes.flush(lead.lead_id)}
        onKeyDown={key}
      />
      <div role="status">
        <Trouble lead={lead.lead_id} state={state} />
      </div>
    </div>
  )
}

/** What goes well is said beside the field, and to nobody who listens. */
function quietly({ kind }: NoteState): string | null {
  return kind === 'saved' || kind === 'typed' || kind === 'sending' ? words.noteState[kind] : null
}

function Trouble({ lead, state }: { lead: string; state: NoteState }) {
  const { notes } = useAgentApp()
  if (state.kind === 'kept') return <p className="note-kept">{words.noteState.kept}</p>
  if (state.kind === 'refused')
    return (
      <p className="problem">
        {words.noteState.refused} {errorMessage(state.error)}
      </p>
    )
  if (state.kind !== 'conflict') return null
  return (
    <div className="note-conflict">
      <p>{words.noteState.conflict}</p>
      <blockquote>{state.standing.text || words.noteEmpty}</blockquote>
      <button type="button" onClick={() => notes.settle(lead, 'both')}>
        {words.keepBoth}
      </button>
      <button type="button" onClick={() => notes.settle(lead, 'theirs')}>
        {words.takeTheirs}
      </button>
    </div>
  )
}
