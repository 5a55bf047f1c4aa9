/** Why there is no microphone: the browser or the person forbids it, none is there, another program has it, or no https. */
export type Unreachable = 'denied' | 'missing' | 'busy' | 'insecure'

export class NoMicrophone extends Error {
  override name = 'NoMicrophone'
  readonly why: Unreachable

  constructor(why: Unreachable) {
    super(why)
    this.why = why
  }
}

const WHY: Record<string, Unreachable> = {
  NotAllowedError: 'denied',
  SecurityError: 'denied',
  NotFoundError: 'missing',
  OverconstrainedError: 'missing',
}

/** Asks for the microphone; the browser asks the person, the first time. One that is gone gives way to the usual one. */
export async function openMicrophone(id: string | null): Promise<MediaStream> {
  const media = navigator.mediaDevices as MediaDevices | undefined // absent where the page is not served by https
  if (!media) throw new NoMicrophone('insecure')
  try {
    return await media.getUserMedia({ audio: id ? { deviceId: { ideal: id } } : true })
  } catch (error) {
    throw new NoMicrophone(WHY[(error as DOMException).name] ?? 'busy')
  }
}

export interface AudioDevice {
  id: string
  name: string
}

export interface AudioDevices {
  microphones: AudioDevice[]
  speakers: AudioDevice[]
}

/** What there is to choose from; names are known once the microphone was allowed. */
export async function audioDevices(): Promise<AudioDevices> {
  const all = await navigator.mediaDevices.enumerateDevices()
  const of = (kind: MediaDeviceKind) =>
    all
      .filter((device) => device.kind === kind && device.deviceId)
      .map(({ deviceId, label }) => ({ id: deviceId, name: label }))
  return { microphones: of('audioinput'), speakers: of('audiooutput') }
}

/** How loud it is just now, from 0 to 1. */
export class LevelMeter {
  private readonly context = new AudioContext()
  private readonly analyser = this.context.createAnalyser()
  private readonly samples = new Float32Array(this.analyser.fftSize)

  constructor(stream: MediaStream) {
    this.context.createMediaStreamSource(stream).connect(this.analyser)
    void this.context.resume()
  }

  level(): number {
    this.analyser.getFloatTimeDomainData(this.samples)
    const power = this.samples.reduce((sum, sample) => sum + sample * sample, 0) / this.samples.length
    return Math.min(1, Math.sqrt(power) * 4)
  }

  close(): void {
    void this.context.close()
  }
}

/** What is said for *ms*. */
export function record(stream: MediaStream, ms: number): Promise<Blob> {
  return new Promise((resolve, reject) => {
    const recorder = new MediaRecorder(stream)
    const pieces: Blob[] = []
    recorder.ondataavailable = ({ data }) => pieces.push(data)
    recorder.onerror = () => reject(new Error('the recording broke off'))
    recorder.onstop = () => resolve(new Blob(pieces, { type: recorder.mimeType }))
    recorder.start()
    setTimeout(() => recorder.state === 'recording' && recorder.stop(), ms)
  })
}

/** Plays a recording where the calls will be heard, without any address that the page's policy would have to allow. */
export async function play(recording: Blob, speaker: string | null): Promise<void> {
  const context = new AudioContext() as AudioContext & { setSinkId?: (id: string) => Promise<void> }
  try {
    await context.resume()
    if (speaker) await context.setSinkId?.(speaker).catch(() => {}) // a speaker that is gone: the usual one
    const source = context.createBufferSource()
    source.buffer = await context.decodeAudioData(await recording.arrayBuffer())
    source.connect(context.destination)
    await new Promise((ended) => {
      source.onended = ended
      source.start()
    })
  } finally {
    await context.close()
  }
}
