import { when } from '../format'
import { type Lead, numberOf } from '../leads/lead'
import { again, app, card, dnc, reason, removal, settled, start } from '../texts'
import { ApiError } from '../api/client'
import { errorMessage } from './errorMessage'
import { useAgentApp } from './hooks'
import { useToast } from './Toasts'

export const who = (lead: Pick<Lead, 'name' | 'phone' | 'phone_display'>) => lead.name || numberOf(lead)

/** Puts a lead on the do-not-call list or takes it off, and offers the way back. */
export function useDoNotCall(lead: Lead) {
  const desk = useAgentApp()
  const say = useToast()
  const set = async (on: boolean, undoable = true) => {
    try {
      await desk.api.doNotCall(lead.lead_id, on)
      await desk.refetch(lead.lead_id)
      const back = on && undoable ? { action: { label: app.undo, run: () => void set(false, false) } } : {}
      say((on ? dnc.on : dnc.off)(who(lead)), back)
    } catch (error) {
      desk.isGone(lead.lead_id, error)
      say(errorMessage(error), { tone: 'bad' })
    }
  }
  return set
}

/** Deletes a lead; one with a call in flight stays, and the server says so. */
export function useRemove(lead: Lead) {
  const desk = useAgentApp()
  const say = useToast()
  return async () => {
    const name = who(lead)
    try {
      await desk.api.remove(lead.lead_id)
      desk.store.remove(lead.lead_id)
      say(removal.done(name))
    } catch (error) {
      if (desk.isGone(lead.lead_id, error)) say(removal.done(name))
      else say(errorMessage(error), { tone: 'bad' })
    }
  }
}

/** Puts a lead nobody can say anything about back among those to call; true if that was done. */
export function useCallAgain(lead: Lead) {
  const desk = useAgentApp()
  const say = useToast()
  return async (): Promise<boolean> => {
    try {
      await desk.api.release(lead.lead_id, lead.attempt_id)
      await desk.refetch(lead.lead_id)
      say((desk.store.get(lead.lead_id)?.do_not_call ? dnc.on : again.done)(who(lead)))
      return true
    } catch (error) {
      const late = error instanceof ApiError && error.code === 'was_called'
      say(late ? again.late : errorMessage(error), { tone: 'bad' })
      await desk.refetch(lead.lead_id)
      return false
    }
  }
}

/**
 * Says what comes of the wish to call a lead again at a moment, or now: what will hold it until when, if anything will,
 * else when it is called. *isBrief*: only what holds it, for who has said the rest.
 */
export function useSayAgain(lead: Lead) {
  const desk = useAgentApp()
  const say = useToast()
  return async (at: string | null, isBrief = false) => {
    const held = await desk.heldThen(lead.lead_id, at)
    if (held) say(card.againHeld(who(lead), reason(held.reason), when(held.until, desk.now())))
    else if (!isBrief) say(at ? card.againDoneAt(who(lead), when(at, desk.now())) : card.againDone(who(lead)))
  }
}

/** Closes a lead nobody can say anything about as called. */
export function useWasCalled(lead: Lead) {
  const desk = useAgentApp()
  const say = useToast()
  return async () => {
    try {
      await desk.api.settle(lead.lead_id, lead.attempt_id)
      say(settled.done(who(lead)))
    } catch (error) {
      say(errorMessage(error), { tone: 'bad' })
    }
    await desk.refetch(lead.lead_id)
  }
}

/** Starts the call of a lead whose place asks that a person does. */
export function useStartCall(lead: Lead) {
  const desk = useAgentApp()
  const say = useToast()
  return async () => {
    try {
      await desk.api.confirm(lead.lead_id)
      say(start.done(who(lead)))
    } catch (error) {
      if (!desk.isGone(lead.lead_id, error)) say(errorMessage(error), { tone: 'bad' })
    }
    await desk.refetch(lead.lead_id)
  }
}
