import { useState, useSyncExternalStore } from 'react'
import { type ConnectionState, useConnectionState } from '../socket'
import { app, connection, keyboard } from '../texts'
import { errorMessage } from './errorMessage'
import { useAgentApp, usePhone } from './hooks'
import { Icon, Mark } from './icons'
import { useMenu } from './useMenu'
import { Question } from './Dialog'
import { chooseTheme, theme, watchTheme } from './theme'
import { useToast } from './Toasts'
import { downloadFile } from './downloadFile'

interface Props {
  user: string
  /** people who are being called now */
  calls: number
  importLeads: () => void
  settings: () => void
  keys: () => void
  signOut: () => Promise<void>
}

export function TopBar({ user, calls, importLeads, settings, keys, signOut }: Props) {
  return (
    <header className="top">
      <div className="brand">
        <Mark />
        <span>{app.name}</span>
      </div>
      <Connection />
      <span className="spring" />
      <Download />
      <button type="button" aria-label={app.importLeads} onClick={importLeads}>
        <Icon name="upload" />
        <span className="label">{app.importLeads}</span>
      </button>
      <button type="button" className="bare" aria-label={app.settings} title={app.settings} onClick={settings}>
        <Icon name="gear" size={18} />
      </button>
      <Account user={user} calls={calls} keys={keys} signOut={signOut} />
    </header>
  )
}

/** States too short to move the page for: the badge says them, with the few words it has room for. */
export const PASSING: ReadonlySet<ConnectionState> = new Set<ConnectionState>(['live', 'connecting', 'reconnecting'])

function Connection() {
  const state = useConnectionState()
  const { label, hint } = connection[state]
  return (
    <div className="connection" data-testid="connection-state" data-state={state} role="status" title={hint}>
      <span className="dot" aria-hidden="true" />
      <strong>{label}</strong>
      {state !== 'live' && <span className={PASSING.has(state) ? 'hint' : 'sr-only'}>{hint}</span>}
    </div>
  )
}

function Download() {
  const desk = useAgentApp()
  const say = useToast()
  const [busy, setBusy] = useState(false)
  const download = async () => {
    setBusy(true)
    try {
      downloadFile(await desk.api.csv(), 'leads.csv')
    } catch (error) {
      say(errorMessage(error), { tone: 'bad' })
    } finally {
      setBusy(false)
    }
  }
  const label = busy ? app.downloading : app.download
  return (
    <button
      type="button"
      className="bare"
      disabled={busy}
      aria-label={label}
      title={label}
      onClick={() => void download()}
    >
      <Icon name="download" size={18} />
    </button>
  )
}

function Account({ user, calls, keys, signOut }: Pick<Props, 'user' | 'calls' | 'keys' | 'signOut'>) {
  const menu = useMenu()
  const chosen = useSyncExternalStore(watchTheme, theme)
  const onTheLine = usePhone().needed === true
  const [leaving, setLeaving] = useState(false)
  const [asking, setAsking] = useState(false)
  const leave = () => {
    setLeaving(true)
    void signOut().finally(() => setLeaving(false))
  }
  const answer = (yes: boolean) => {
    setAsking(false)
    if (yes) leave()
  }
  return (
    <details className="menu" ref={menu.ref}>
      <summary aria-label={app.menu}>
        <Icon name="person" size={18} />
      </summary>
      <div className="menu-body">
        <p className="quiet">
          {app.signedInAs}
          <strong>{user}</strong>
        </p>
        <fieldset>
          <legend>{app.theme}</legend>
          {(['system', 'light', 'dark'] as const).map((name) => (
            <label key={name}>
              <input type="radio" name="theme" checked={chosen === name} onChange={() => chooseTheme(name)} />
              {app.themes[name]}
            </label>
          ))}
        </fieldset>
        <button
          type="button"
          onClick={() => {
            menu.close()
            keys()
          }}
        >
          {keyboard.title}
        </button>
        <button type="button" disabled={leaving} onClick={() => (calls > 0 ? setAsking(true) : leave())}>
          {app.signOut}
        </button>
        {asking && (
          <Question title={app.signOutTitle} yes={app.signOutYes} no={app.signOutNo} answer={answer}>
            <p>{onTheLine ? app.signOutTalking : app.signOutQuestion(calls)}</p>
            <p className="quiet">{app.signOutNext}</p>
          </Question>
        )}
      </div>
    </details>
  )
}
