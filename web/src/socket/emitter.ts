export type Listener<T> = (data: T) => void

/** Named events and who listens to them; one listener's error never keeps the next from hearing. */
export class Emitter {
  private readonly listeners = new Map<string, Set<Listener<never>>>()

  on(event: string, listener: Listener<never>): void {
    const known = this.listeners.get(event) ?? new Set()
    this.listeners.set(event, known.add(listener))
  }

  off(event: string, listener?: Listener<never>): void {
    if (listener) this.listeners.get(event)?.delete(listener)
    else this.listeners.delete(event)
  }

  has(event: string): boolean {
    return (this.listeners.get(event)?.size ?? 0) > 0
  }

  tell(event: string, data: unknown): void {
    for (const listener of [...(this.listeners.get(event) ?? [])]) {
      try {
        ;(listener as Listener<unknown>)(data)
      } catch (error) {
        console.error(`a listener to ${event} failed`, error)
      }
    }
  }
}
