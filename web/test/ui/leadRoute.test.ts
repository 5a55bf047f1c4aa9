import { beforeEach, describe, expect, test } from 'vitest'
import { LeadRoute } from '../../src/ui/leadRoute'

/** A tab with a history; going back takes a while, as in a browser. */
class FakeTab {
  entries: { hash: string; state: unknown }[]
  place = 0
  listeners: (() => void)[] = []
  going: (() => void)[] = []

  constructor(hash = '') {
    this.entries = [{ hash, state: null }]
  }

  location = { pathname: '/page', search: '' } as Location
  history = {
    pushState: (state: unknown, _: string, url: string) => {
      this.entries = [...this.entries.slice(0, this.place + 1), { hash: hashIn(url), state }]
      this.place += 1
    },
    replaceState: (state: unknown, _: string, url: string) => {
      this.entries[this.place] = { hash: hashIn(url), state }
    },
    back: () => this.going.push(() => this.go(-1)),
  } as unknown as History

  addEventListener = ((event: string, run: () => void) =>
    event === 'popstate' && this.listeners.push(run)) as unknown as Window['addEventListener']

  go(steps: number): void {
    this.place += steps
    for (const run of this.listeners) run()
  }

  arrive(): void {
    for (const step of this.going.splice(0)) step()
  }
}

const hashIn = (url: string) => (url.includes('#') ? url.slice(url.indexOf('#')) : '')

let tab: FakeTab
let route: LeadRoute

const open = (hash = '') => {
  tab = new FakeTab(hash)
  Object.defineProperty(tab.location, 'hash', { get: () => tab.entries[tab.place]?.hash })
  Object.defineProperty(tab.history, 'state', { get: () => tab.entries[tab.place]?.state })
  route = new LeadRoute(tab)
}

beforeEach(() => open())

describe('the address of a lead', () => {
  test('is the page’s while its panel is open, and Back closes the panel', () => {
    route.show('one')
    expect([route.shown, tab.location.hash]).toEqual(['one', '#/lead/one'])
    tab.go(-1)
    expect(route.shown).toBeNull()
  })

  test('gives way to the next lead’s, so that Back leads to the list from any', () => {
    route.show('one')
    route.show('two')
    expect(route.shown).toBe('two')
    tab.go(-1)
    expect([route.shown, tab.entries.length]).toEqual([null, 2])
  })

  test('is left by closing the panel, and closing it twice leaves no page', () => {
    route.show('one')
    route.show(null)
    route.show(null)
    tab.arrive()
    expect([route.shown, tab.place]).toEqual([null, 0])
    route.show('two')
    route.show(null)
    tab.arrive()
    expect([route.shown, tab.place]).toEqual([null, 0])
  })

  test('opens its panel when one comes by it, and closing that stays on the page', () => {
    open('#/lead/one')
    expect(route.shown).toBe('one')
    route.show(null)
    expect([route.shown, tab.place, tab.entries.length]).toEqual([null, 0, 1])
  })

  test('that is none opens nothing', () => {
    for (const hash of ['#leads', '#/lead/', '#/lead/a/b', '#/lead/<b>', '']) {
      open(hash)
      expect(route.shown).toBeNull()
    }
  })

  test('tells whoever shows it of each change', () => {
    let heard = 0
    const stop = route.subscribe(() => (heard += 1))
    route.show('one')
    tab.go(-1)
    stop()
    tab.go(1)
    expect([heard, route.shown]).toEqual([2, 'one'])
  })

  test('is forgotten at a sign-out', () => {
    open('#/lead/one')
    route.forget()
    expect([route.shown, tab.location.hash]).toEqual([null, ''])
  })
})
