import { log } from '../log'

/** What one person has typed and the server does not have yet, in this browser; all its tabs see the same. */
export class StoredDrafts<T> {
  private readonly storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>
  private readonly prefix: string
  private readonly memory = new Map<string, T>()

  constructor(storage: StoredDrafts<T>['storage'], name: string, user: string) {
    this.storage = storage
    this.prefix = `autocall.${name} ${user} `
    for (const id of this.stored()) {
      const draft = this.read(id)
      if (draft) this.memory.set(id, draft)
    }
  }

  get(id: string): T | undefined {
    return this.memory.get(id)
  }

  entries(): [string, T][] {
    return [...this.memory]
  }

  set(id: string, draft: T): void {
    this.memory.set(id, draft)
    try {
      this.storage.setItem(this.prefix + id, JSON.stringify(draft))
    } catch (error) {
      log.info('a draft is kept in this tab only', { error: String(error) }) // the browser's storage is full, or forbidden
    }
  }

  remove(id: string): void {
    this.memory.delete(id)
    this.storage.removeItem(this.prefix + id)
  }

  /** Another tab has changed its storage: the draft's id, if it was one of these, and what it was before. */
  changedElsewhere(key: string | null): { id: string; before: T | undefined } | null {
    if (!key?.startsWith(this.prefix)) return null
    const id = key.slice(this.prefix.length)
    const before = this.memory.get(id)
    const now = this.read(id)
    if (now) this.memory.set(id, now)
    else this.memory.delete(id)
    return { id, before }
  }

  private stored(): string[] {
    const keys = Array.from({ length: this.storage.length }, (_, index) => this.storage.key(index) ?? '')
    return keys.filter((key) => key.startsWith(this.prefix)).map((key) => key.slice(this.prefix.length))
  }

  private read(id: string): T | null {
    const text = this.storage.getItem(this.prefix + id)
    try {
      return text === null ? null : (JSON.parse(text) as T)
    } catch {
      return null // not written by this page
    }
  }
}
