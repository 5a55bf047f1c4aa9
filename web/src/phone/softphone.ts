import type { Call, Device } from '@twilio/voice-sdk'
import type { Clock } from '../socket'
import type { ReadyDevices } from './devices'

/** The part of @twilio/voice-sdk that is used, and how it is fetched: 66 kB that the first load does without. */
export interface VoiceSdk {
  Device: new (token: string, options: Device.Options) => Device
}
export type LoadSdk = () => Promise<VoiceSdk>

export const loadSdk: LoadSdk = () => import('@twilio/voice-sdk')

/** How the call of this browser is, beside that it stands. */
export interface CallQuality {
  muted: boolean
  /** the network is gone for a moment; the SDK tries for half a minute */
  reconnecting: boolean
  /** what is wrong with the sound, in the SDK's words */
  warnings: readonly string[]
}

export const FINE: CallQuality = { muted: false, reconnecting: false, warnings: [] }

export interface SoftphoneEvents {
  changed(quality: CallQuality): void
  /** the call is over, and not by `hangUp`; with Twilio's code, if there was an error */
  ended(code: number | null): void
}

/** The call did not come about; `code` is Twilio's, 0 if it has not answered in time. */
export class NotConnected extends Error {
  override name = 'NotConnected'
  readonly code: number

  constructor(code: number) {
    super(`not connected (${code})`)
    this.code = code
  }
}

const PATIENCE_MS = 30_000
const SIGNALLING_MS = 30_000
const KEYS = '0123456789hs'
const SILENT = ['incoming', 'outgoing', 'disconnect', ...[...KEYS].map((key) => `dtmf${key}`)]

/** One long call of this browser, made by @twilio/voice-sdk. */
export class Softphone {
  private readonly load: LoadSdk
  private readonly clock: Clock
  private readonly events: SoftphoneEvents
  private device: Device | null = null
  private call: Call | null = null
  private quality = FINE

  constructor(load: LoadSdk, clock: Clock, events: SoftphoneEvents) {
    this.load = load
    this.clock = clock
    this.events = events
  }

  /** Resolves once the call is accepted; rejects with `NotConnected`. A call before is ended. */
  async connect(token: string, session: string, devices: ReadyDevices): Promise<void> {
    this.hangUp()
    const { Device } = await this.load()
    const device = new Device(token, options())
    this.device = device
    let code = 0
    device.on('error', (error: { code?: number }) => (code = error.code ?? 0)) // without a listener it would be thrown
    try {
      await this.place(device, session, devices, () => code)
    } catch (error) {
      if (this.device === device) this.hangUp()
      else device.destroy()
      throw error instanceof NotConnected ? error : new NotConnected(codeOf(error))
    }
  }

  /** An expired token makes `connect` wait for ever: so it is raced with a timer. */
  private async place(
    device: Device,
    session: string,
    { microphone, speaker }: ReadyDevices,
    deviceCode: () => number,
  ): Promise<void> {
    let cancel = () => {}
    const late = new Promise<never>((_, reject) => {
      cancel = this.clock.after(PATIENCE_MS, () => reject(new NotConnected(deviceCode())))
    })
    const audio = microphone ? { rtcConstraints: { audio: { deviceId: { ideal: microphone } } } } : {}
    try {
      // listened to in the same turn: an error that nobody listens to would be thrown
      const placed = device.connect({ params: { session }, ...audio }).then((call) => {
        if (this.device === device) this.call = call
        else call.disconnect()
        return accepted(call)
      })
      const call = await Promise.race([placed, late])
      if (this.device !== device) throw new NotConnected(0)
      this.quality = FINE
      this.follow(call)
      if (speaker) await hearBy(device, speaker)
    } finally {
      cancel()
    }
  }

  private follow(call: Call): void {
    let code: number | null = null
    const change = (part: Partial<CallQuality>) => {
      if (this.call !== call) return
      this.quality = { ...this.quality, ...part }
      this.events.changed(this.quality)
    }
    const others = (name: string) => this.quality.warnings.filter((each) => each !== name)
    call.on('mute', (muted: boolean) => change({ muted }))
    call.on('reconnecting', () => change({ reconnecting: true }))
    call.on('reconnected', () => change({ reconnecting: false }))
    call.on('warning', (name: string) => change({ warnings: [...others(name), name] }))
    call.on('warning-cleared', (name: string) => change({ warnings: others(name) }))
    call.on('error', (error: { code?: number }) => (code = error.code ?? 0))
    call.on('disconnect', () => {
      if (this.call !== call) return
      this.hangUp()
      this.events.ended(code)
    })
    this.events.changed(this.quality)
  }

  /** Ends the call, if there is one, and tells nobody. */
  hangUp(): void {
    const { call, device } = this
    this.call = this.device = null
    call?.disconnect()
    device?.destroy()
  }

  mute(on: boolean): void {
    this.call?.mute(on)
  }

  press(keys: string): void {
    this.call?.sendDigits(keys)
  }
}

function options(): Device.Options {
  const silence = new URL('./silence.wav', import.meta.url).href // else the SDK fetches fifteen sounds from Twilio
  return {
    maxCallSignalingTimeoutMs: SIGNALLING_MS,
    closeProtection: false, // the page asks itself, and only in a conversation
    logLevel: 'error',
    sounds: Object.fromEntries(SILENT.map((name) => [name, silence])) as Device.Options['sounds'],
  } as Device.Options
}

/** By the speaker that somebody has chosen; one that is gone gives way to the usual one. */
async function hearBy(device: Device, speaker: string): Promise<void> {
  if (!device.audio?.isOutputSelectionSupported) return
  await device.audio.speakerDevices
    .set(speaker)
    .catch((error: Error) => console.info('the chosen speaker is not there', error?.name))
}

function accepted(call: Call): Promise<Call> {
  return new Promise((resolve, reject) => {
    call.on('accept', () => resolve(call))
    call.on('error', (error: { code?: number }) => reject(new NotConnected(error.code ?? 0)))
    for (const end of ['disconnect', 'cancel', 'reject'] as const) call.on(end, () => reject(new NotConnected(0)))
  })
}

const codeOf = (error: unknown): number => Number((error as { code?: unknown } | null)?.code) || 0
