import { beforeEach, describe, expect, test } from 'vitest'
import { type Lock, Session } from '../../src/auth/session'
import { LoginEnded, type Provider, type Tokens } from '../../src/auth/tokens'
import { LoginNeeded } from '../../src/socket'
import { FakeStorage } from '../fakes'

const HOUR = 3_600_000

/** A provider that counts, and the browser around it. */
class World implements Provider {
  now = 0
  storage = new FakeStorage()
  renewals: string[] = []
  failure: Error | null = null
  private queue: Promise<unknown> = Promise.resolve()

  lock: Lock = (run) => {
    const turn = this.queue.then(run, run)
    this.queue = turn.catch(() => undefined)
    return turn
  }

  tokens(name: string): Tokens {
    return { token: name, refresh: `refresh of ${name}`, user: 'ada', issuedAt: this.now, expiresAt: this.now + HOUR }
  }

  refresh = async (refresh: string): Promise<Tokens> => {
    this.renewals.push(refresh)
    await Promise.resolve()
    if (this.failure) throw this.failure
    return this.tokens(`new ${this.renewals.length}`)
  }

  revoke = async () => {}

  tab = () => new Session({ provider: this, storage: this.storage, lock: this.lock, now: () => this.now })
}

let world: World
let session: Session

beforeEach(() => {
  world = new World()
  session = world.tab()
  session.begin(world.tokens('first'))
})

describe('which token is used', () => {
  test('the one there is, while it lasts', async () => {
    world.now = 0.85 * HOUR
    expect(await session.forRequest()).toBe('first')
    expect(world.renewals).toEqual([])
  })

  test('a new one for a request, shortly before the old one ends', async () => {
    world.now = 0.95 * HOUR
    expect(await session.forRequest()).toBe('new 1')
  })

  test('a new one for a connection, once half the life of the old one is over', async () => {
    world.now = 0.55 * HOUR
    expect(await session.forSocket(false)).toEqual({ value: 'new 1', expiresAt: 1.55 * HOUR })
  })

  test('a new one in any case after a refusal', async () => {
    expect((await session.forSocket(true)).value).toBe('new 1')
  })
})

describe('a token that is still good', () => {
  beforeEach(() => {
    world.now = 0.55 * HOUR
  })

  test('serves on while the provider cannot be reached, which is not asked over and over', async () => {
    world.failure = new TypeError('no network')
    expect((await session.forSocket(false)).value).toBe('first')
    expect((await session.forSocket(false)).value).toBe('first')
    expect(world.renewals).toHaveLength(1)
    world.failure = null
    world.now += 31_000
    expect((await session.forSocket(false)).value).toBe('new 2')
  })

  test('serves to its end where the provider gave nothing to renew it with, also after a handshake that failed', async () => {
    session.begin({ ...world.tokens('lone'), refresh: null })
    world.now += 0.95 * HOUR
    expect(await session.forRequest()).toBe('lone')
    expect((await session.forSocket(false)).value).toBe('lone')
    expect((await session.forSocket(true)).value).toBe('lone')
    world.now += 0.05 * HOUR
    await expect(session.forSocket(false)).rejects.toBeInstanceOf(LoginNeeded)
    await expect(session.forRequest()).rejects.toBeInstanceOf(LoginNeeded)
  })

  test('is not offered again to a server that has refused it, while a new one may still come', async () => {
    world.failure = new TypeError('no network')
    await expect(session.forSocket(true)).rejects.toBe(world.failure)
  })

  test('serves on when the provider will not renew it, but not where a server may have refused it', async () => {
    world.failure = new LoginEnded('revoked')
    expect((await session.forSocket(false)).value).toBe('first')
    await expect(session.forSocket(true)).rejects.toBeInstanceOf(LoginNeeded)
  })

  test('does not outlive a sign-out in another tab', async () => {
    world.tab().end('left')
    await expect(session.forSocket(false)).rejects.toBeInstanceOf(LoginNeeded)
  })
})

describe('renewing', () => {
  test('happens once, however many ask at the same time', async () => {
    const all = await Promise.all([session.renew(), session.renew(), session.forSocket(true)])
    expect(world.renewals).toEqual(['refresh of first'])
    expect(all.map((got) => ('token' in got ? got.token : got.value))).toEqual(['new 1', 'new 1', 'new 1'])
  })

  test('happens once over all tabs: the second takes over what the first got', async () => {
    const other = world.tab()
    const [one, two] = await Promise.all([session.renew(), other.renew()])
    expect(one.token).toBe('new 1')
    expect(two.token).toBe('new 1')
    expect(world.renewals).toHaveLength(1)
  })

  test('that the provider refuses asks for a login', async () => {
    world.failure = new LoginEnded('expired')
    await expect(session.renew()).rejects.toBeInstanceOf(LoginNeeded)
  })

  test('that fails on the way does not', async () => {
    world.failure = new TypeError('no network')
    await expect(session.renew()).rejects.not.toBeInstanceOf(LoginNeeded)
    world.failure = null
    expect((await session.renew()).token).toBe('new 2')
  })

  test('after a sign-out brings no login back', async () => {
    const renewed = session.renew()
    world.tab().end('left')
    await expect(renewed).rejects.toBeInstanceOf(LoginNeeded)
    expect(world.storage.length).toBe(0)
  })
})

describe('the login', () => {
  test('is there again after a reload', () => {
    expect(world.tab().tokens?.token).toBe('first')
  })

  test('ends in all tabs at once', () => {
    const other = world.tab()
    const told: unknown[] = []
    other.subscribe(() => told.push(other.ending))
    session.end('left')
    other.syncFromStorage()
    expect(other.tokens).toBeNull()
    expect(told).toEqual(['left'])
  })

  test('remembers whether the person left or was not let in any more', () => {
    session.end('refused')
    expect(session.ending).toBe('refused')
    session.begin(world.tokens('again'))
    expect(session.ending).toBeNull()
  })

  test('that was refused in one tab is explained in the others, and after a reload', () => {
    const other = world.tab()
    session.end('refused')
    other.syncFromStorage()
    expect([other.ending, world.tab().ending]).toEqual(['refused', 'refused'])
    expect(other.tokens).toBeNull()
  })

  test('that is not there asks for one', async () => {
    session.end('left')
    await expect(session.forRequest()).rejects.toBeInstanceOf(LoginNeeded)
  })

  test('rubbish where it is kept is no login', () => {
    world.storage.setItem('autocall.login', '{broken')
    expect(world.tab().tokens).toBeNull()
  })
})
