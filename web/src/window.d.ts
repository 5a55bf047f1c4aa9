import type { LeadsSocket } from './socket'

declare global {
  interface Window {
    /** The live connection of this page, for front ends of your own. */
    __socket?: LeadsSocket
  }
}
