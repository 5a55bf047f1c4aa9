/** What this browser's ready check has settled: that it was passed, and which devices were chosen. Kept over reloads. */
export interface ReadyDevices {
  microphone: string | null
  speaker: string | null
}

const KEY = 'autocall.ready'

export class DeviceChoice {
  private readonly storage: Storage

  constructor(storage: Storage) {
    this.storage = storage
  }

  /** null before the ready check was passed once. */
  get ready(): ReadyDevices | null {
    const kept = this.storage.getItem(KEY)
    if (!kept) return null
    try {
      const { microphone, speaker } = JSON.parse(kept) as Partial<ReadyDevices>
      return { microphone: microphone ?? null, speaker: speaker ?? null }
    } catch {
      return null // not ours: the check comes again
    }
  }

  passed(devices: ReadyDevices): void {
    this.storage.setItem(KEY, JSON.stringify(devices))
  }
}
