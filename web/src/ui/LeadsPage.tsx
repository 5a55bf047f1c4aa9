import {
  type DragEvent,
  lazy,
  type MouseEvent,
  Suspense,
  useCallback,
  useDeferredValue,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react'
import { type ConnectionState, useConnectionState, useLeadsSocket } from '../socket'
import { columnsToShow } from '../leads/columns'
import { type Filter, type TableQuery } from '../leads/view'
import { app, connection, errors, table } from '../texts'
import { loadCallUi } from './call/load'
import { errorMessage } from './errorMessage'
import { ColumnChooser } from './ColumnChooser'
import { useAgentApp, useAgentAppState, useListFacts, useMedia, useTotals, useVisibleIds, useWidth } from './hooks'
import { Icon } from './icons'
import { LeadPanel } from './LeadPanel'
import { useShownLead } from './leadRoute'
import { LeadsTable } from './LeadsTable'
import { PhoneBar } from './PhoneBar'
import { RunBar } from './RunBar'
import { useToast } from './Toasts'
import { Toolbar } from './Toolbar'
import { PASSING, TopBar } from './TopBar'
import { keepLayout, keepView, type Layout, readLayout, readView, type View } from './viewMemory'

const ImportDialog = lazy(() => import('./import/ImportDialog'))
const CallBacks = lazy(async () => ({ default: (await loadCallUi()).CallBacks }))
const PageKeys = lazy(async () => ({ default: (await loadCallUi()).PageKeys }))
const SettingsDialog = lazy(() => import('./SettingsDialog'))

/** The place where an agent lives all day. */
export function LeadsPage({ user, signOut }: { user: string; signOut: () => Promise<void> }) {
  const { loaded, problem, notice, settings: settingsOf } = useAgentAppState()
  const desk = useAgentApp()
  const say = useToast()
  const state = useConnectionState()
  const totals = useTotals()
  const { view, start, change, leave } = useView(user)
  const { filter, search, sort } = view
  const [shown, setShown] = useShownLead()
  const { layout, setLayout } = useLayout()
  const [settings, setSettings] = useState(false)
  const [keys, setKeys] = useState(false)
  const [files, setFiles] = useState<readonly File[] | null>(null)
  const lastTouch = useRef(Number.NEGATIVE_INFINITY)
  const deferred = useDeferredValue(search)
  const wanted: TableQuery = useMemo(() => ({ filter, search: deferred, sort }), [filter, deferred, sort])
  const ids = useVisibleIds(wanted, lastTouch)
  useFocusBack(shown)
  const facts = useListFacts()
  const list = useRef<HTMLElement>(null)
  const width = useWidth(list)
  const outcomes = settingsOf?.installation?.audio === 'agent'
  const columns = useMemo(
    () => columnsToShow(facts, layout.columns, width, outcomes),
    [facts, layout.columns, width, outcomes],
  )
  const covered = useMedia('(max-width: 1000px)') && shown !== null
  const drop = useDrop(setFiles)

  useEffect(() => {
    if (!notice) return
    say(notice.message, { tone: 'bad' })
    desk.clearNotice()
  }, [notice, say, desk])

  const empty = loaded && totals.all === 0
  const chooseFile = () => setFiles((chosen) => chosen ?? [])
  const setFilter = (filter: Filter) => change({ filter })
  const setSort = (sort: View['sort']) => change({ sort })
  const reset = () => change({ filter: 'all', search: '' })
  return (
    <div className="page" data-panel={shown !== null} data-state={state} {...drop.handlers}>
      <div className="rest" inert={covered}>
        <a className="skip" href="#leads" onClick={skip}>
          {app.skip}
        </a>
        <TopBar
          user={user}
          calls={totals.lines}
          importLeads={chooseFile}
          settings={() => setSettings(true)}
          keys={() => setKeys(true)}
          signOut={signOut}
        />
        <Stale state={state} />
        <PhoneBar
          calls={totals.kinds.waiting + totals.lines > 0}
          openSettings={() => setSettings(true)}
          openLead={setShown}
          showKeys={() => setKeys(true)}
        />
        <RunBar totals={totals} showReview={() => setFilter('review')} />
        <Suspense fallback={null}>
          <CallBacks open={setShown} />
        </Suspense>
        {problem !== null && <Problem error={problem} />}
      </div>
      <main id="leads" className="desk" tabIndex={-1}>
        <h1 className="sr-only">{table.label}</h1>
        <section className="list" ref={list} aria-label={table.label} inert={covered}>
          {!empty && (
            <Toolbar
              {...{ filter, setFilter, search, sort, setSort, columns, totals }}
              setSearch={(text) => change({ search: text })}
              shown={ids.length}
            >
              <ColumnChooser {...{ facts, layout, setLayout }} shown={columns} />
            </Toolbar>
          )}
          {empty ? (
            <Empty choose={chooseFile} />
          ) : (
            <LeadsTable
              {...{ ids, columns, width, sort, setSort, shown, lastTouch, wanted, start, leave }}
              roomy={layout.roomy}
              open={setShown}
              close={() => setShown(null)}
              loading={!loaded}
              none={<None {...{ filter, search, reset }} />}
            />
          )}
        </section>
        {covered && <div className="scrim" onClick={() => setShown(null)} />}
        {shown !== null && <LeadPanel key={shown} id={shown} close={() => setShown(null)} />}
      </main>
      {drop.over && <div className="dropzone">{app.importLeads}</div>}
      <Suspense fallback={null}>
        <PageKeys shown={keys} show={setKeys} />
      </Suspense>
      <Suspense fallback={null}>
        {files && <ImportDialog files={files} close={() => setFiles(null)} />}
        {settings && <SettingsDialog close={() => setSettings(false)} />}
      </Suspense>
    </div>
  )
}

/** How this agent looks at the list, which a reload keeps. */
function useView(user: string) {
  const [start] = useState(() => readView(user))
  const [view, setView] = useState(start)
  const latest = useRef(view)
  const change = useCallback(
    (part: Partial<View>) => {
      latest.current = { ...latest.current, ...part }
      keepView(user, latest.current)
      setView(latest.current)
    },
    [user],
  )
  const leave = useCallback((at: View['at']) => keepView(user, { ...latest.current, at }), [user])
  return { view, start: start.at, change, leave }
}

/** The table as it was set up in this browser. */
function useLayout() {
  const [layout, set] = useState(readLayout)
  const setLayout = useCallback((chosen: Layout) => {
    keepLayout(chosen)
    set(chosen)
  }, [])
  return { layout, setLayout }
}

/** Goes to the list without leaving the address of the lead that is open. */
function skip(event: MouseEvent): void {
  event.preventDefault()
  document.getElementById('leads')?.focus()
}

/** Gives the focus to the lead whose panel was closed, or to whichever Tab would get to. */
function useFocusBack(shown: string | null) {
  const before = useRef<string | null>(null)
  useLayoutEffect(() => {
    const closed = shown === null ? before.current : null
    before.current = shown
    if (closed === null) return
    const row = document.querySelector<HTMLElement>(`[data-lead-id="${CSS.escape(closed)}"]`)
    ;(row ?? document.querySelector<HTMLElement>('[data-lead-id][tabindex="0"]'))?.focus({ preventScroll: true })
  }, [shown])
}

/** What it means that there is no connection: a band of its own, for the badge has no room for that. */
function Stale({ state }: { state: ConnectionState }) {
  const socket = useLeadsSocket()
  if (PASSING.has(state)) return null
  return (
    <p className="stale">
      {connection[state].hint}{' '}
      {state === 'replaced' && (
        <button type="button" onClick={() => socket.open()}>
          {app.connectAgain}
        </button>
      )}
    </p>
  )
}

function Problem({ error }: { error: unknown }) {
  return (
    <p className="banner" role="alert">
      <Icon name="warning" />
      <span>
        {errors.list} {errorMessage(error)}
      </span>
    </p>
  )
}

function Empty({ choose }: { choose: () => void }) {
  return (
    <div className="empty">
      <Icon name="upload" size={36} />
      <h2>{table.emptyTitle}</h2>
      <p>{table.emptyText}</p>
      <button type="button" className="primary" onClick={choose}>
        {table.emptyButton}
      </button>
    </div>
  )
}

function None({ filter, search, reset }: { filter: Filter; search: string; reset: () => void }) {
  return (
    <div className="empty">
      <p>{search || filter === 'all' ? table.nothing : table.nothingHere}</p>
      <button type="button" onClick={reset}>
        {table.reset}
      </button>
    </div>
  )
}

/** Files dropped anywhere on the page. */
function useDrop(dropped: (files: readonly File[]) => void) {
  const [over, setOver] = useState(false)
  const hasFile = (event: DragEvent) => event.dataTransfer.types.includes('Files')
  const handlers = {
    onDragOver(event: DragEvent) {
      if (!hasFile(event)) return
      event.preventDefault()
      setOver(true)
    },
    onDragLeave(event: DragEvent) {
      if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false)
    },
    onDrop(event: DragEvent) {
      if (!hasFile(event)) return
      event.preventDefault()
      setOver(false)
      const files = [...event.dataTransfer.files]
      if (files.length > 0) dropped(files)
    },
  }
  return { over, handlers }
}
