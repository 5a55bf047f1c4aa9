import { act, type ReactNode } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { LeadsSocket, LeadsSocketProvider, useConnectionState, useSocketEvent } from '../../src/socket'
import { ErrorBoundary } from '../../src/ui/ErrorBoundary'
import { FakeClock, FakeSignals, FakeSockets, settle } from '../fakes'

let root: Root
let sockets: FakeSockets

beforeEach(() => {
  document.body.innerHTML = '<div id="here"></div>'
  root = createRoot(document.getElementById('here') as HTMLElement)
  sockets = new FakeSockets()
})

afterEach(() => act(() => root.unmount()))

const show = (what: ReactNode) => act(() => root.render(what))
const text = () => document.body.textContent

function newSocket() {
  return new LeadsSocket({
    url: 'wss://example.com/live',
    token: async () => ({ value: 't', expiresAt: null }),
    check: async () => 'good',
    snapshot: async () => {},
    refused: () => {},
    clock: new FakeClock(),
    signals: new FakeSignals(),
    openSocket: sockets.open,
  })
}

function Watcher({ heard }: { heard: (lead: string) => void }) {
  useSocketEvent('call:started', (data) => heard(data.lead_id))
  return <p>{useConnectionState()}</p>
}

test('a component inside the provider sees the connection’s state and hears events', async () => {
  const heard: string[] = []
  await show(
    <LeadsSocketProvider socket={newSocket()}>
      <Watcher heard={(lead) => heard.push(lead)} />
    </LeadsSocketProvider>,
  )
  expect(text()).toBe('connecting')
  await act(async () => {
    await settle()
    await sockets.last.accept()
  })
  expect(text()).toBe('live')
  sockets.last.say('call:started', { lead_id: 'x' })
  expect(heard).toEqual(['x'])
})

test('the connection ends with the provider, and its listeners with them', async () => {
  const heard: string[] = []
  const socket = newSocket()
  await show(
    <LeadsSocketProvider socket={socket}>
      <Watcher heard={(lead) => heard.push(lead)} />
    </LeadsSocketProvider>,
  )
  await act(async () => {
    await settle()
    await sockets.last.accept()
  })
  const last = sockets.last
  await show(null)
  expect(socket.state).toBe('closed')
  expect(last.readyState).toBe(3)
  last.say('call:started', { lead_id: 'x' })
  expect(heard).toEqual([])
})

test('a page that trips over itself says so, and that nothing is lost', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => {})
  const Broken = () => {
    throw new Error('oh')
  }
  await show(
    <ErrorBoundary>
      <Broken />
    </ErrorBoundary>,
  )
  expect(text()).toMatch(/nothing is lost/)
  expect(document.querySelector('button')).not.toBeNull()
})
