import { createContext, type ReactNode, useContext, useEffect, useRef, useSyncExternalStore } from 'react'
import type { ConnectionState, Events, LeadsSocket } from './leadsSocket'

const Shared = createContext<LeadsSocket | null>(null)

/** Opens *socket* while it is mounted and gives it to everything inside. */
export function LeadsSocketProvider({ socket, children }: { socket: LeadsSocket; children: ReactNode }) {
  useEffect(() => {
    socket.open()
    return () => socket.close()
  }, [socket])
  return <Shared value={socket}>{children}</Shared>
}

/** The socket of the provider around. */
export function useLeadsSocket(): LeadsSocket {
  const socket = useContext(Shared)
  if (!socket) throw new Error('useLeadsSocket is for components inside a LeadsSocketProvider')
  return socket
}

/** The state of the connection, as it changes. */
export function useConnectionState(): ConnectionState {
  const socket = useLeadsSocket()
  return useSyncExternalStore(
    (changed) => socket.on('state', changed),
    () => socket.state,
  )
}

/** Calls the latest *listener* with each such event while the component is mounted. */
export function useSocketEvent<E extends keyof Events>(event: E, listener: (data: Events[E]) => void): void {
  const socket = useLeadsSocket()
  const latest = useRef(listener)
  useEffect(() => {
    latest.current = listener
  })
  useEffect(() => socket.on(event, (data) => latest.current(data)), [socket, event])
}
