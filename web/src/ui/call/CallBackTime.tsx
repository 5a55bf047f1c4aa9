import { useId } from 'react'
import { type Chip, chips, fromField, toField, zoneOf } from '../../call/callBack'
import { timeIn, when } from '../../format'
import type { Lead } from '../../leads/lead'
import { card as words } from '../../texts'
import { useNow } from '../hooks'
import { town } from '../localTime'

interface Props {
  lead: Lead
  /** as the server writes moments; null while none is chosen */
  at: string | null
  choose: (at: string | null) => void
}

const clockIn = (zone: string | null, at: number) =>
  new Intl.DateTimeFormat(undefined, {
    hour: 'numeric',
    minute: '2-digit',
    ...(zone ? { timeZone: zone } : {}),
  }).format(at)
const dayIn = (zone: string | null, at: number) =>
  new Intl.DateTimeFormat(undefined, { weekday: 'short', ...(zone ? { timeZone: zone } : {}) }).format(at)

function labelOf({ kind, at }: Chip, zone: string | null): string {
  if (kind === 'hour') return words.inAnHour
  return kind === 'tomorrow' ? words.tomorrowAt(clockIn(zone, at)) : `${dayIn(zone, at)} ${clockIn(zone, at)}`
}

/** When somebody is called back: by their own clock, and what that is by the agent's. */
export function CallBackTime({ lead, at, choose }: Props) {
  const now = useNow(30_000)
  const id = useId()
  const zone = zoneOf(lead, now)
  const moment = at === null ? null : Date.parse(at)
  const put = (chosen: number | null) => choose(chosen === null ? null : new Date(chosen).toISOString())
  return (
    <div className="call-back" role="group" aria-labelledby={`${id}-when`}>
      <span id={`${id}-when`} className="call-back-when">
        {words.when}
      </span>
      {chips(zone, now).map((chip) => (
        <button
          key={`${chip.kind} ${chip.kind === 'hour' ? '' : chip.at}`}
          type="button"
          className="chip"
          aria-pressed={moment !== null && Math.abs(moment - chip.at) < 30_000}
          onClick={() => put(chip.at)}
        >
          {labelOf(chip, zone)}
        </button>
      ))}
      <label htmlFor={id} className="call-back-label">
        {zone ? words.theirTime(town(zone)) : words.yourTime}
      </label>
      <input
        id={id}
        type="datetime-local"
        min={toField(now, zone)}
        value={moment === null ? '' : toField(moment, zone)}
        onChange={(event) => put(fromField(event.target.value, zone))}
      />
      {moment !== null && (
        <span className="quiet">
          {moment < now - 60_000 ? words.past : zone && words.forYou(when(moment, now))}
          <span className="sr-only">{zone && timeIn(zone, moment)}</span>
        </span>
      )}
    </div>
  )
}

/** The moment that is offered first: tomorrow at nine, or their next working day. */
export function usualTime(lead: Lead, now: number): string {
  const [hour, next = hour] = chips(zoneOf(lead, now), now)
  return new Date(next?.at ?? now).toISOString()
}
