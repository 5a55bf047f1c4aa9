import { LoginNeeded, type Token } from '../socket'
import { LoginEnded, type Provider, type Tokens } from './tokens'

const KEY = 'autocall.login'

/** A token this close to its end is not worth a request. */
const SPARE_MS = 5_000
/** How long a renewal that failed is left alone while the token is still good. */
const PAUSE_MS = 30_000

/** Runs one at a time over all tabs of this browser, so that two never spend the same refresh token. */
export type Lock = (run: () => Promise<Tokens>) => Promise<Tokens>

const tabsLock: Lock = (run) => (navigator.locks ? navigator.locks.request('autocall.refresh', run) : run())

/** How the last login came to its end: the person left, or the provider or the server would not go on. */
export type Ending = 'left' | 'refused'

interface SessionOptions {
  provider: Provider
  storage?: Storage
  lock?: Lock
  now?: () => number
}

/** The login of this browser: shared by its tabs, renewed in time, ended for all of them at once. */
export class Session {
  private readonly provider: Provider
  private readonly storage: Storage
  private readonly lock: Lock
  private readonly now: () => number
  private readonly listeners = new Set<() => void>()
  private kept: Tokens | null
  private isOver: Ending | null = null
  private renewing: Promise<Tokens> | null = null
  private notBefore = 0

  constructor({ provider, storage = localStorage, lock = tabsLock, now = Date.now }: SessionOptions) {
    this.provider = provider
    this.storage = storage
    this.lock = lock
    this.now = now
    this.kept = this.read()
    this.isOver = this.readEnding()
  }

  get tokens(): Tokens | null {
    return this.kept
  }

  /** How the last login ended, if it has. */
  get ending(): Ending | null {
    return this.isOver
  }

  subscribe = (changed: () => void): (() => void) => {
    this.listeners.add(changed)
    return () => this.listeners.delete(changed)
  }

  begin(tokens: Tokens): void {
    this.isOver = null
    this.write(tokens)
  }

  /** Forgets the login, here and in every other tab. */
  end(ending: Ending): void {
    this.isOver = ending
    this.write(null)
    if (ending === 'refused') this.storage.setItem(KEY, JSON.stringify({ ended: ending }))
  }

  /** Another tab logged in, renewed or logged out: takes over what it did. */
  syncFromStorage(): void {
    const read = this.read()
    const same = read?.user === this.kept?.user
    this.kept = read
    this.isOver = read ? null : (this.readEnding() ?? 'left')
    if (!same) this.tell()
  }

  /** The token for one request; renewed if it is about to end. */
  async forRequest(): Promise<string> {
    return (await this.tokenWithLifetime(0.1)).token
  }

  /** The token for one connection, if possible with half its life ahead; with `fresh`, a new one if there is any to be had. */
  async forSocket(renewOrThrow: boolean): Promise<Token> {
    const tokens = renewOrThrow ? await this.fresh() : await this.tokenWithLifetime(0.5)
    return { value: tokens.token, expiresAt: tokens.expiresAt }
  }

  /** New tokens, whatever the old ones looked like; at most one renewal runs at a time. */
  renew(): Promise<Tokens> {
    this.renewing ??= this.exchange().finally(() => {
      this.renewing = null
    })
    return this.renewing
  }

  private async tokenWithLifetime(share: number): Promise<Tokens> {
    const kept = this.kept
    if (!kept) throw new LoginNeeded()
    const left = kept.expiresAt - this.now()
    if (left > share * (kept.expiresAt - kept.issuedAt)) return kept
    if (this.now() < this.notBefore) return this.stillGood() ?? this.renew()
    try {
      return await this.renew()
    } catch (error) {
      this.notBefore = this.now() + PAUSE_MS
      return this.orThrow(error)
    }
  }

  /** New tokens for a server that may have refused the old; the old ones again only where the provider gave no way to renew. */
  private async fresh(): Promise<Tokens> {
    return this.kept?.refresh === null ? this.orThrow(new LoginNeeded()) : this.renew()
  }

  private orThrow(error: unknown): Tokens {
    const good = this.stillGood()
    if (!good) throw error
    return good
  }

  /** The tokens of this browser while the server may take them; none after a sign-out in any tab. */
  private stillGood(): Tokens | null {
    const stored = this.read()
    return stored && this.kept && stored.expiresAt - this.now() > SPARE_MS ? this.adopt(stored) : null
  }

  private async exchange(): Promise<Tokens> {
    const seen = this.kept?.token
    return this.lock(async () => {
      const stored = this.read()
      if (!stored?.refresh) throw new LoginNeeded()
      if (stored.token !== seen && stored.expiresAt > this.now()) return this.adopt(stored)
      try {
        const next = await this.provider.refresh(stored.refresh)
        if (!this.read()) throw new LoginNeeded()
        this.write({ ...next, user: next.user || stored.user })
        return next
      } catch (error) {
        throw error instanceof LoginEnded ? new LoginNeeded() : error
      }
    })
  }

  private adopt(tokens: Tokens): Tokens {
    this.kept = tokens
    return tokens
  }

  private read(): Tokens | null {
    const stored = this.stored()
    return stored && 'token' in stored ? stored : null
  }

  private readEnding(): Ending | null {
    const stored = this.stored()
    return stored && 'ended' in stored ? stored.ended : null
  }

  private stored(): Tokens | { ended: Ending } | null {
    try {
      return JSON.parse(this.storage.getItem(KEY) ?? 'null') as Tokens | { ended: Ending } | null
    } catch {
      return null
    }
  }

  private write(tokens: Tokens | null): void {
    const changed = tokens?.user !== this.kept?.user
    this.kept = tokens
    if (tokens) this.storage.setItem(KEY, JSON.stringify(tokens))
    else this.storage.removeItem(KEY)
    if (changed) this.tell()
  }

  private tell(): void {
    for (const listener of [...this.listeners]) listener()
  }
}

/** Watches the other tabs of this browser. */
export function followOtherTabs(session: Session): void {
  window.addEventListener('storage', (event) => {
    if (event.key === KEY || event.key === null) session.syncFromStorage()
  })
}
