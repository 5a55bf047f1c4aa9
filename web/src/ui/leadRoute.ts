import { useSyncExternalStore } from 'react'

/** The part of a window that has an address and a history. */
type Addressed = Pick<Window, 'location' | 'history' | 'addEventListener'>

const LEAD = /^#\/lead\/([A-Za-z0-9_-]{1,128})$/

/** The lead that an address names. */
export const leadOf = (hash: string): string | null => LEAD.exec(hash)?.[1] ?? null

const hashOf = (id: string) => `#/lead/${id}`

/**
 * The lead whose panel is open, kept in the page's address: it can be handed on, a reload keeps it, and Back closes
 * the panel that a press has opened. Moving on to another lead replaces the address, so Back always leads to the list.
 */
export class LeadRoute {
  private readonly window: Addressed
  private readonly listeners = new Set<() => void>()
  private isClosing = false

  constructor(window: Addressed) {
    this.window = window
    for (const event of ['popstate', 'hashchange']) window.addEventListener(event, () => this.moved())
  }

  get shown(): string | null {
    return leadOf(this.window.location.hash)
  }

  subscribe = (changed: () => void): (() => void) => {
    this.listeners.add(changed)
    return () => this.listeners.delete(changed)
  }

  show = (id: string | null): void => {
    const { history } = this.window
    const before = this.shown
    if (id === before) return
    if (id === null) return this.close()
    if (before === null) history.pushState({ opened: true }, '', hashOf(id))
    else history.replaceState(history.state, '', hashOf(id))
    this.tell()
  }

  /** Forgets the lead of an address: whoever logs in next has other leads. */
  forget(): void {
    if (this.shown === null) return
    this.window.history.replaceState(null, '', this.list)
    this.tell()
  }

  private close(): void {
    const { history } = this.window
    if (this.isClosing) return
    if ((history.state as { opened?: boolean } | null)?.opened) {
      this.isClosing = true // till the browser has gone back; a second step would leave the page
      history.back()
      return
    }
    history.replaceState(null, '', this.list)
    this.tell()
  }

  private get list(): string {
    return this.window.location.pathname + this.window.location.search
  }

  private moved(): void {
    this.isClosing = false
    this.tell()
  }

  private tell(): void {
    for (const changed of [...this.listeners]) changed()
  }
}

let route: LeadRoute | null = null

/** The route of this tab. */
export const leadRoute = (): LeadRoute => (route ??= new LeadRoute(window))

/** The lead whose panel is open, and how to open another one or none. */
export function useShownLead(): [shown: string | null, show: (id: string | null) => void] {
  const { subscribe, show } = leadRoute()
  const shown = useSyncExternalStore(subscribe, () => leadRoute().shown)
  return [shown, show]
}
