import { type FormEvent, useEffect, useState } from 'react'
import { ApiError } from '../api/client'
import type { Settings, Via } from '../api/leadsApi'
import { when } from '../format'
import { installation as installationNames, installationValues, settings as words } from '../texts'
import { AbandonedCalls } from './AbandonedCalls'
import { OutcomesEditor } from './call/OutcomesEditor'
import { Dialog } from './Dialog'
import { errorMessage } from './errorMessage'
import { useAgentApp } from './hooks'
import { Icon } from './icons'
import { useToast } from './Toasts'

/** What an agent may set, and what the installation has set for all. */
export default function SettingsDialog({ close }: { close: () => void }) {
  const desk = useAgentApp()
  const [settings, setSettings] = useState<Settings | null>(null)
  const [failed, setFailed] = useState<string | null>(null)
  useEffect(() => {
    desk.api.settings().then(
      (read) => {
        desk.tookSettings(read)
        setSettings(read)
      },
      (error: unknown) => setFailed(errorMessage(error)),
    )
  }, [desk])
  if (settings) return <Form settings={settings} changed={setSettings} close={close} />
  return (
    <Dialog title={words.title} close={close}>
      {failed ? (
        <p className="problem" role="alert">
          {failed}
        </p>
      ) : (
        <p className="busy">{words.loading}</p>
      )}
    </Dialog>
  )
}

interface FormProps {
  settings: Settings
  changed: (settings: Settings) => void
  close: () => void
}

interface Hours {
  from: string
  to: string
  /** 1 is Monday */
  days: number[]
}

const WEEK = [1, 2, 3, 4, 5, 6, 7]

function hoursOf(window: unknown): Hours {
  const given = (window ?? {}) as Partial<Hours>
  return { from: given.from ?? '', to: given.to ?? '', days: given.days ?? WEEK }
}

const linesOf = ({ lines }: Settings) => String(lines ?? '')
const viaOf = ({ via }: Settings): Via => via ?? 'browser'
const wrapUpOf = ({ wrap_up_s }: Settings) => String(wrap_up_s ?? '')
/** Whether agents are on the line before anybody is called, one call at a time. */
const byAgent = ({ installation }: Settings) => installation?.audio === 'agent'
const phoneOf = ({ agent_phone }: Settings) => agent_phone ?? ''
const same = (one: Hours, other: Hours) => JSON.stringify(one) === JSON.stringify(other)
const isNone = ({ from, to, days }: Hours) => !from && !to && days.length === WEEK.length
const isWhole = ({ from, to, days }: Hours) => from !== '' && from < to && days.length > 0

function Form({ settings, changed, close }: FormProps) {
  const desk = useAgentApp()
  const say = useToast()
  const most = Number(settings.installation?.most_lines) || 20
  const usual = String(settings.installation?.lines ?? '')
  const [lines, setLines] = useState(linesOf(settings))
  const agent = byAgent(settings)
  const leastWrapUp = Number(settings.installation?.wrap_up_s) || 0
  const [via, setVia] = useState(viaOf(settings))
  const [wrapUp, setWrapUp] = useState(wrapUpOf(settings))
  const [agentPhone, setAgentPhone] = useState(phoneOf(settings))
  const [hours, setHours] = useState(hoursOf(settings.window))
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const [wrong, setWrong] = useState<Record<string, string>>({})

  /** Takes over what was changed elsewhere, but for the fields that were changed here. */
  const rebase = (now: Settings) => {
    setLines((typed) => (typed === linesOf(settings) ? linesOf(now) : typed))
    setAgentPhone((typed) => (typed === phoneOf(settings) ? phoneOf(now) : typed))
    setVia((chosen) => (chosen === viaOf(settings) ? viaOf(now) : chosen))
    setWrapUp((chosen) => (chosen === wrapUpOf(settings) ? wrapUpOf(now) : chosen))
    setHours((chosen) => (same(chosen, hoursOf(settings.window)) ? hoursOf(now.window) : chosen))
    changed(now)
  }
  const save = async () => {
    if (!isNone(hours) && !isWhole(hours)) return setProblem(words.problem)
    if (agent && via === 'phone' && !agentPhone.trim()) return setProblem(words.viaNeedsPhone)
    setBusy(true)
    setProblem(null)
    setWrong({})
    try {
      const saved = await desk.api.saveSettings({
        ...(agent
          ? { via, wrap_up_s: wrapUp === 'ready' ? 'ready' : wrapUp ? Number(wrapUp) : null }
          : { lines: lines ? Number(lines) : null }),
        agent_phone: agentPhone.trim() || null,
        window: isNone(hours) ? null : hours,
        ...(settings.version === undefined ? {} : { version: settings.version }),
      })
      desk.tookSettings(saved)
      say(words.saved)
      close()
      const byPhone = agent && via === 'phone' && (viaOf(settings) !== 'phone' || phoneOf(settings) !== phoneOf(saved))
      if (byPhone) await desk.phone.reconnect().catch((error: unknown) => say(errorMessage(error), { tone: 'bad' }))
    } catch (error) {
      setProblem(await whyNot(error))
    } finally {
      setBusy(false)
    }
  }
  const whyNot = async (error: unknown): Promise<string> => {
    const fields = byField(error)
    setWrong(fields)
    if (Object.keys(fields).length > 0) return words.wrong
    if (!(error instanceof ApiError && error.status === 409)) return errorMessage(error)
    const now = await desk.loadSettings()
    if (now) rebase(now)
    return words.stale
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    void save()
  }
  const foot = (
    <button type="submit" form="settings" className="primary" disabled={busy}>
      {busy ? words.saving : words.save}
    </button>
  )
  return (
    <Dialog title={words.title} close={close} foot={foot}>
      <form id="settings" className="settings" onSubmit={submit}>
        {problem && (
          <p className="problem" role="alert">
            <Icon name="warning" />
            <span>{problem}</span>
          </p>
        )}
        {agent && <HowYouTalk via={via} choose={setVia} />}
        {!agent && (
          <div className="field">
            <label htmlFor="lines">{words.lines}</label>
            <input
              id="lines"
              type="number"
              inputMode="numeric"
              min={1}
              max={most}
              placeholder={usual}
              value={lines}
              aria-invalid={Boolean(wrong.lines)}
              aria-describedby="lines-wrong lines-hint"
              onChange={(event) => setLines(event.target.value)}
            />
            <Wrong id="lines-wrong" text={wrong.lines} />
            <p id="lines-hint" className="hint">
              {words.linesHint(most, usual)}
            </p>
          </div>
        )}
        <div className="field">
          <label htmlFor="agent-phone">{agent ? words.phoneOfAgent : words.phone}</label>
          <input
            id="agent-phone"
            type="tel"
            autoComplete="tel"
            value={agentPhone}
            aria-invalid={Boolean(wrong.agent_phone)}
            aria-describedby="phone-wrong phone-hint"
            onChange={(event) => setAgentPhone(event.target.value)}
          />
          <Wrong id="phone-wrong" text={wrong.agent_phone} />
          <p id="phone-hint" className="hint">
            {agent ? words.phoneOfAgentHint : words.phoneHint}
          </p>
        </div>
        {agent && <WrapUp seconds={wrapUp} least={leastWrapUp} wrong={wrong.wrap_up_s} choose={setWrapUp} />}
        <fieldset className="field" aria-describedby="window-wrong">
          <legend>{words.window}</legend>
          <div className="hours">
            <label>
              {words.from}
              <input
                type="time"
                value={hours.from}
                onChange={(event) => setHours({ ...hours, from: event.target.value })}
              />
            </label>
            <label>
              {words.to}
              <input
                type="time"
                value={hours.to}
                onChange={(event) => setHours({ ...hours, to: event.target.value })}
              />
            </label>
          </div>
          <Days chosen={hours.days} choose={(days) => setHours({ ...hours, days })} />
          <Wrong id="window-wrong" text={wrong.window} />
          <p className="hint">{words.windowHint}</p>
        </fieldset>
      </form>
      <Installation settings={settings} />
      {settings.admin && <OutcomesEditor />}
      {settings.admin && <AbandonedCalls />}
    </Dialog>
  )
}

/** By browser or by phone. */
function HowYouTalk({ via, choose }: { via: Via; choose: (via: Via) => void }) {
  const ways: [Via, string][] = [
    ['browser', words.viaBrowser],
    ['phone', words.viaPhone],
  ]
  return (
    <fieldset className="field">
      <legend>{words.via}</legend>
      {ways.map(([value, name]) => (
        <label key={value} className="choice">
          <input type="radio" name="via" value={value} checked={via === value} onChange={() => choose(value)} />
          {name}
        </label>
      ))}
    </fieldset>
  )
}

/** How long after a call the next one waits: so many seconds, or for the agent's word. */
function WrapUp({
  seconds,
  least,
  wrong,
  choose,
}: {
  seconds: string
  least: number
  wrong: string | undefined
  choose: (seconds: string) => void
}) {
  const open = seconds === 'ready'
  return (
    <fieldset className="field" aria-describedby="wrap-up-wrong wrap-up-hint">
      <legend>{words.wrapUp}</legend>
      <input
        id="wrap-up"
        type="number"
        inputMode="numeric"
        min={least}
        max={3600}
        aria-label={words.wrapUpSeconds}
        placeholder={String(least)}
        disabled={open}
        value={open ? '' : seconds}
        aria-invalid={Boolean(wrong)}
        onChange={(event) => choose(event.target.value)}
      />
      <label className="choice">
        <input type="checkbox" checked={open} onChange={(event) => choose(event.target.checked ? 'ready' : '')} />
        {words.wrapUpReady}
      </label>
      <Wrong id="wrap-up-wrong" text={wrong} />
      <p id="wrap-up-hint" className="hint">
        {words.wrapUpHint(least)}
      </p>
    </fieldset>
  )
}

const LABELS: Record<string, string> = {
  wrap_up_s: `${words.wrapUp}:`,
  via: `${words.via}:`,
  lines: words.lines,
  agent_phone: words.phone,
  window: `${words.window}:`,
}

/** What the server says of each field, as a sentence that begins with the field's name here. */
function byField(error: unknown): Record<string, string> {
  if (!(error instanceof ApiError) || error.code !== 'bad_settings' || typeof error.details !== 'object') return {}
  const details = Object.entries(error.details ?? {})
  return Object.fromEntries(details.map(([name, why]) => [name, `${LABELS[name] ?? name} ${String(why)}.`]))
}

/** What is wrong with one field, beside it. */
function Wrong({ id, text }: { id: string; text: string | undefined }) {
  return text ? (
    <p id={id} className="wrong">
      {text}
    </p>
  ) : null
}

/** Toggles from Monday to Sunday, named in the reader's language. */
function Days({ chosen, choose }: { chosen: number[]; choose: (days: number[]) => void }) {
  const name = new Intl.DateTimeFormat(undefined, { weekday: 'short', timeZone: 'UTC' })
  const toggle = (day: number) => choose(WEEK.filter((each) => (each === day) !== chosen.includes(each)))
  return (
    <div className="days" role="group" aria-label={words.days}>
      {WEEK.map((day) => (
        <button
          key={day}
          type="button"
          className="chip"
          aria-pressed={chosen.includes(day)}
          onClick={() => toggle(day)}
        >
          {name.format(Date.UTC(2024, 0, day))}
        </button>
      ))}
    </div>
  )
}

function Installation({ settings }: { settings: Settings }) {
  const desk = useAgentApp()
  const { closed, ...others } = settings.installation ?? {}
  const places = Array.isArray(closed)
    ? closed.map(({ place, until }) => `${place} (${words.until(when(String(until), desk.now()))})`)
    : []
  const unused = byAgent(settings) ? ['lines'] : ['wrap_up_s', 'audio']
  const all = { ...others, closed: places.join(', ') }
  const known = Object.entries(all).filter(
    ([name, value]) => installationNames[name] && isPlain(value) && !unused.includes(name),
  )
  if (known.length === 0) return null
  return (
    <section className="installation">
      <h3>{words.installation}</h3>
      <dl>
        {known.map(([name, value]) => (
          <div key={name}>
            <dt>{installationNames[name]}</dt>
            <dd>{installationValue(name, value)}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

/** A value in words, where the server's own is a code. */
function installationValue(name: string, value: unknown): string {
  if (name === 'default_region')
    return new Intl.DisplayNames(undefined, { type: 'region', fallback: 'code' }).of(String(value)) ?? String(value)
  return installationValues[`${name}: ${String(value)}`] ?? String(value)
}

const isPlain = (value: unknown) => (typeof value === 'string' && value !== '') || typeof value === 'number'
