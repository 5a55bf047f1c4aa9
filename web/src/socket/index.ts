/** The live connection to the leads: everything another front end needs of it. */
export { backoff } from './backoff'
export type { Cancel, Clock } from './clock'
export type {
  AgentSession,
  CallUpdate,
  ClientEvents,
  Held,
  OnCall,
  Paused,
  RunFinished,
  RunStarted,
  ServerEvents,
  WrapUp,
} from './frames'
export {
  type ConnectionState,
  type Events,
  LeadsSocket,
  type LeadsSocketOptions,
  type LocalEvents,
  LoginNeeded,
  type Token,
} from './leadsSocket'
export { LeadsSocketProvider, useConnectionState, useLeadsSocket, useSocketEvent } from './LeadsSocketProvider'
export type { BrowserEvent, BrowserEvents } from './browserEvents'
