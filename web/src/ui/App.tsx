import { useEffect, useMemo, useState, useSyncExternalStore } from 'react'
import { Cognito } from '../auth/cognito'
import { Oidc } from '../auth/oidc'
import { Session, followOtherTabs } from '../auth/session'
import { LoginEnded } from '../auth/tokens'
import type { Config } from '../config'
import { AgentApp } from '../agentApp'
import { LeadsSocketProvider } from '../socket'
import { login, loginUnreachable } from '../texts'
import { AgentAppContext } from './hooks'
import { leadOf, leadRoute } from './leadRoute'
import { LeadsPage } from './LeadsPage'
import { LoginPage, type Notice } from './LoginPage'
import { Toasts } from './Toasts'
import { forgetView } from './viewMemory'

const here = () => location.origin + location.pathname

/** The page: a login, or the leads of whoever is logged in. */
export function App({ config }: { config: Config }) {
  const [{ oidc, cognito, session }] = useState(() => wire(config))
  const tokens = useSyncExternalStore(session.subscribe, () => session.tokens)
  const [notice, setNotice] = useState<string | null>(null)
  const user = tokens?.user ?? null
  useReturn(oidc, session, setNotice)
  useNothingLeft(user === null && session.ending === 'left')

  const signOut = async (desk: AgentApp) => {
    const last = session.tokens
    await desk.signOut()
    if (last) await (oidc ?? cognito).revoke(last)
    const farewell = await oidc?.logoutUrl(here())
    if (farewell) location.assign(farewell)
  }

  if (user === null) {
    const way = oidc ? ({ kind: 'oidc', oidc, here: here() } as const) : ({ kind: 'cognito', cognito } as const)
    return (
      <LoginPage
        way={way}
        notice={notice ? { text: notice, tone: 'bad' } : ending(session)}
        done={(given) => {
          setNotice(null)
          session.begin(given)
        }}
      />
    )
  }
  return <Workplace key={user} config={config} session={session} user={user} signOut={signOut} />
}

/** How the last login came to its end, if it did in this browser's tabs. */
function ending({ ending: how }: Session): Notice | null {
  if (how === 'refused') return { text: login.ended, tone: 'bad' }
  return how === 'left' ? { text: login.left, tone: 'plain' } : null
}

function wire(config: Config) {
  const oidc = config.oidc ? new Oidc(config) : null
  const cognito = new Cognito(config)
  const session = new Session({ provider: oidc ?? cognito })
  followOtherTabs(session)
  return { oidc, cognito, session }
}

/** After a sign-out the tab keeps neither the address of a lead nor what was looked for. */
function useNothingLeft(left: boolean) {
  useEffect(() => {
    if (!left) return
    leadRoute().forget()
    forgetView()
  }, [left])
}

const ADDRESS = 'autocall.address'

/** Finishes a login by redirect, once, and cleans the address; a lead's address outlives the way there and back. */
function useReturn(oidc: Oidc | null, session: Session, notice: (text: string) => void) {
  useEffect(() => {
    if (!oidc) return
    const keep = () => sessionStorage.setItem(ADDRESS, leadOf(location.hash) === null ? '' : location.hash)
    window.addEventListener('pagehide', keep)
    return () => window.removeEventListener('pagehide', keep)
  }, [oidc])
  useEffect(() => {
    if (!oidc) return
    const address = new URL(location.href)
    if (!address.searchParams.has('state')) return
    history.replaceState(null, '', here() + (sessionStorage.getItem(ADDRESS) ?? ''))
    oidc.handleRedirect(address).then(
      (tokens) => tokens && session.begin(tokens),
      (error: unknown) => notice(error instanceof LoginEnded ? login.notDone : loginUnreachable),
    )
  }, [oidc, session, notice])
}

interface WorkplaceProps {
  config: Config
  session: Session
  user: string
  signOut: (desk: AgentApp) => Promise<void>
}

function Workplace({ config, session, user, signOut }: WorkplaceProps) {
  const desk = useMemo(() => new AgentApp(config, session), [config, session])
  useEffect(() => {
    window.__socket = desk.socket
    desk.phone.open()
    const stored = (event: StorageEvent) => desk.storageChanged(event.key)
    addEventListener('storage', stored)
    return () => {
      removeEventListener('storage', stored)
      desk.phone.close()
      delete window.__socket
    }
  }, [desk])
  return (
    <LeadsSocketProvider socket={desk.socket}>
      <AgentAppContext value={desk}>
        <Toasts>
          <LeadsPage user={user} signOut={() => signOut(desk)} />
        </Toasts>
      </AgentAppContext>
    </LeadsSocketProvider>
  )
}
