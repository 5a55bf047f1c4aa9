import { type KeyboardEvent, type RefObject, useEffect, useId, useLayoutEffect, useRef, useState } from 'react'
import { zoneOf } from '../../call/callBack'
import { letterOf } from '../../call/keys'
import { missed, type MissedCall } from '../../call/missed'
import { precisely, timeIn, when } from '../../format'
import { numberOf } from '../../leads/lead'
import { onCall } from '../../phone/line'
import { app, callBacks as words, card as cardWords } from '../../texts'
import { errorMessage } from '../errorMessage'
import { useAgentApp, useAgentAppState, useNow, usePhone, useStoreRevision } from '../hooks'
import { Icon } from '../icons'
import { town } from '../localTime'
import { useToast } from '../Toasts'
import { useDoNotCall, useSayAgain, who } from '../useLeadActions'
import { CallBackTime, usualTime } from './CallBackTime'
import { Key } from './Key'
import { useKeys } from './useKeys'

const FIRST = '[data-missed-first]'

interface Props {
  open: (lead: string) => void
}

/** Who rang back and was not reached, in sight until each of them has an answer. */
export function CallBacks({ open }: Props) {
  const calls = useMissed()
  const list = useRef<HTMLUListElement>(null)
  const heading = useId()
  const [chosen, choose] = useState<string | null>(null)
  const place = useRef(0)
  const found = calls.findIndex(({ lead }) => lead.lead_id === chosen)
  if (found >= 0) place.current = found
  const current = calls[Math.min(place.current, calls.length - 1)]?.lead.lead_id // after an answer, who has come there
  const announced = useAnnounced(calls)
  useFocusStays(list, current)
  useKeys({ b: calls.length > 0 && (() => focusOn(list.current, current)) })
  const move = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (!step || (event.target as HTMLElement).closest('input')) return
    event.preventDefault()
    const index = calls.findIndex(({ lead }) => lead.lead_id === current)
    const next = calls[Math.min(Math.max(index + step, 0), calls.length - 1)]?.lead.lead_id
    focusOn(list.current, next)
  }
  return (
    <>
      <span className="sr-only" role="status" data-testid="rang-back">
        {announced}
      </span>
      {calls.length > 0 && (
        <section className="call-backs" aria-labelledby={heading} data-testid="call-backs">
          <div className="call-backs-head">
            <h2 id={heading}>{words.title}</h2>
            <span className="quiet">{words.count(calls.length)}</span>
          </div>
          <ul ref={list} onKeyDown={move}>
            {calls.map((call) => (
              <MissedRow
                key={call.lead.lead_id}
                call={call}
                isCurrent={call.lead.lead_id === current}
                choose={choose}
                open={open}
              />
            ))}
          </ul>
        </section>
      )}
    </>
  )
}

function focusOn(list: HTMLElement | null, lead: string | undefined): void {
  const row = lead === undefined ? null : list?.querySelector(`[data-missed="${CSS.escape(lead)}"]`)
  row?.querySelector<HTMLElement>(FIRST)?.focus()
}

/** Who is missed now: by the rows, whose changes come as events. */
function useMissed(): MissedCall[] {
  const desk = useAgentApp()
  const phone = usePhone()
  useStoreRevision()
  const [, redraw] = useState(0)
  const now = desk.now()
  const { calls, next } = missed(desk.store.all(), onCall(phone, now)?.lead_id ?? null, now)
  useEffect(() => {
    if (next === null) return undefined
    const timer = setTimeout(() => redraw((times) => times + 1), next)
    return () => clearTimeout(timer)
  }, [next])
  return calls
}

/** Says once of each call that it was missed; not of those that a page which is opened finds. */
function useAnnounced(calls: readonly MissedCall[]): string {
  const { loaded } = useAgentAppState()
  const known = useRef<Set<string> | null>(null)
  const [text, say] = useState('')
  const names = calls.map(({ lead, at }) => `${lead.lead_id} ${at}`).join('\n')
  useEffect(() => {
    if (!loaded) return
    const fresh = calls.filter(({ lead, at }) => known.current && !known.current.has(`${lead.lead_id} ${at}`))
    known.current = new Set([...(known.current ?? []), ...names.split('\n')])
    if (fresh.length > 0)
      say(fresh.map(({ lead, asked }) => (asked ? words.hasAsked : words.hasRung)(who(lead))).join(' '))
  }, [names, loaded])
  return text
}

/** Where the row with the focus has gone, the next one has it; after the last one, the list of leads. */
function useFocusStays(list: RefObject<HTMLElement | null>, current: string | undefined): void {
  const within = list.current?.contains(document.activeElement)
  useLayoutEffect(() => {
    if (!within || document.activeElement !== document.body) return
    if (list.current) focusOn(list.current, current)
    else document.getElementById('leads')?.focus({ preventScroll: true })
  })
}

interface RowProps {
  call: MissedCall
  /** whether Tab stops here: of all rows at one */
  isCurrent: boolean
  choose: (lead: string) => void
  open: (lead: string) => void
}

function MissedRow({ call, isCurrent, choose, open }: RowProps) {
  const { lead, at, asked } = call
  const desk = useAgentApp()
  const now = useNow(60_000)
  const row = useRef<HTMLLIElement>(null)
  const [later, setLater] = useState<string | null>(null)
  const { busy, callAgain, doNotCall, done } = useAnswers(call)
  const zone = zoneOf(lead, Date.parse(at))
  const isLater = later !== null
  const offer = () => setLater(isLater ? null : usualTime(lead, desk.now()))
  useEffect(() => {
    if (isLater) row.current?.querySelector<HTMLElement>('[data-call-then]')?.focus()
  }, [isLater])
  const answers: Record<string, () => void> = { c: () => callAgain(null), l: offer, x: doNotCall, d: done }
  const key = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && isLater) {
      setLater(null)
      focusOn(row.current?.parentElement ?? null, lead.lead_id)
    }
    const act = answers[letterOf(event.nativeEvent) ?? '']
    if (!act) return
    event.preventDefault()
    act()
  }
  const tabbed = { tabIndex: isCurrent ? 0 : -1 }
  const button = (name: string, letter: string, about: object = {}) => (
    <button
      type="button"
      className="small"
      aria-disabled={busy}
      aria-keyshortcuts={`${letter} Alt+${letter}`}
      onClick={answers[letter.toLowerCase()]}
      {...tabbed}
      {...about}
    >
      {name}
      <Key name={letter} />
    </button>
  )
  return (
    <li ref={row} data-missed={lead.lead_id} onKeyDown={key} onFocus={() => choose(lead.lead_id)}>
      <div className="missed">
        <div className="missed-who">
          <button type="button" className="link" data-missed-first onClick={() => open(lead.lead_id)} {...tabbed}>
            {who(lead)}
          </button>
          {lead.name && (
            <a href={`tel:${lead.phone}`} {...tabbed}>
              {numberOf(lead)}
            </a>
          )}
          <time dateTime={at} title={precisely(at)}>
            {zone ? words.there(timeIn(zone, Date.parse(at)), town(zone)) : when(at, now)}
          </time>
          {zone && <span className="quiet">{cardWords.forYou(when(at, now))}</span>}
          {asked ? (
            <span className="missed-asked">
              <Icon name="ring" size={14} />
              {words.asked}
            </span>
          ) : (
            <span className="quiet">{words.rang}</span>
          )}
        </div>
        <div className="missed-answers" role="group" aria-label={who(lead)}>
          {button(words.callNow, 'C')}
          {button(words.later, 'L', { 'aria-expanded': isLater })}
          {button(words.doNotCall, 'X')}
          {button(words.done, 'D', { title: words.doneHint })}
        </div>
      </div>
      {isLater && (
        <div className="missed">
          <CallBackTime lead={lead} at={later} choose={(time) => setLater(time ?? '')} />
          <button
            type="button"
            className="primary"
            data-call-then
            disabled={busy || !later}
            onClick={() => callAgain(later)}
          >
            {cardWords.againAt}
          </button>
        </div>
      )}
    </li>
  )
}

/** The answers to one call; each stands as soon as the server has it, and the row goes by the event of that. */
function useAnswers({ lead, at }: MissedCall) {
  const desk = useAgentApp()
  const toast = useToast()
  const sayAgain = useSayAgain(lead)
  const setDoNotCall = useDoNotCall(lead)
  const [busy, setBusy] = useState(false)
  const id = lead.lead_id
  const answer = async (act: () => Promise<void>) => {
    if (busy) return
    setBusy(true)
    try {
      await act()
    } catch (error) {
      if (!desk.isGone(id, error)) toast(errorMessage(error), { tone: 'bad' })
    }
    await desk.refetch(id)
    setBusy(false)
  }
  const callAgain = (time: string | null) =>
    void answer(async () => {
      await desk.api.callAgain(id, { attempt_id: lead.attempt_id ?? '', ...(time ? { at: time } : {}) })
      await sayAgain(time)
    })
  const doNotCall = () => void answer(() => setDoNotCall(true))
  const undo = () =>
    void answer(async () => {
      await desk.api.ringBack(id, at, false)
    })
  const done = () =>
    void answer(async () => {
      await desk.api.ringBack(id, at, true)
      toast(words.isDone(who(lead)), { action: { label: app.undo, run: undo } })
    })
  return { busy, callAgain, doNotCall, done }
}
