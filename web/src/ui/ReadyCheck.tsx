import { useEffect, useRef, useState } from 'react'
import { DeviceChoice } from '../phone/devices'
import {
  type AudioDevice,
  type AudioDevices,
  audioDevices,
  LevelMeter,
  NoMicrophone,
  openMicrophone,
  play,
  record,
  type Unreachable,
} from '../phone/microphone'
import { app, line, readyCheck as words } from '../texts'
import { Dialog } from './Dialog'
import { useAgentApp } from './hooks'
import { Icon } from './icons'

interface Props {
  close: () => void
  done: () => void
  openSettings: () => void
}

const choice = () => new DeviceChoice(localStorage)
const RECORDED_MS = 3_000

/** Once in each browser, before the first call: is there a microphone, does it hear, and does one hear oneself? */
export default function ReadyCheck({ close, done, openSettings }: Props) {
  const { phone } = useAgentApp()
  const [microphone, setMicrophone] = useState<string | null>(() => choice().ready?.microphone ?? null)
  const [speaker, setSpeaker] = useState<string | null>(() => choice().ready?.speaker ?? null)
  const [stream, setStream] = useState<MediaStream | null>(null)
  const [devices, setDevices] = useState<AudioDevices>({ microphones: [], speakers: [] })
  const [why, setWhy] = useState<Unreachable | null>(null)
  const [asking, setAsking] = useState(false)
  const isFirst = choice().ready === null
  useEffect(() => () => stream?.getTracks().forEach((track) => track.stop()), [stream])
  const ask = async (id: string | null) => {
    setAsking(true)
    try {
      setStream(await openMicrophone(id))
      setDevices(await audioDevices())
      setWhy(null)
    } catch (error) {
      const found = error instanceof NoMicrophone ? error.why : 'busy'
      setWhy(found)
      phone.unreachable(found)
    } finally {
      setAsking(false)
    }
  }
  const pass = () => {
    choice().passed({ microphone, speaker })
    stream?.getTracks().forEach((track) => track.stop())
    done()
  }
  const usePhone = () => {
    close()
    openSettings()
  }
  const foot = (
    <>
      <button type="button" onClick={usePhone}>
        {line.useMyPhone}
      </button>
      {stream ? (
        <button type="button" className="primary" onClick={pass}>
          {isFirst ? words.begin : words.keep}
        </button>
      ) : (
        <button type="button" className="primary" data-autofocus disabled={asking} onClick={() => void ask(microphone)}>
          <Icon name="microphone" />
          {why ? app.tryAgain : words.allow}
        </button>
      )}
    </>
  )
  return (
    <Dialog title={words.title} close={close} foot={foot}>
      <p>{words.lead}</p>
      {why && (
        <p className="problem" role="alert">
          <Icon name="warning" />
          <span>{line.unreachable[why]}</span>
        </p>
      )}
      {stream && (
        <>
          <Level stream={stream} />
          <HearYourself stream={stream} speaker={speaker} />
          <Choose
            id="microphone"
            label={words.microphone}
            devices={devices.microphones}
            chosen={microphone}
            choose={(id) => {
              setMicrophone(id)
              void ask(id)
            }}
          />
          <Choose id="speaker" label={words.speaker} devices={devices.speakers} chosen={speaker} choose={setSpeaker} />
        </>
      )}
    </Dialog>
  )
}

const LOUD = 0.05

/** How loud one is, as a bar that moves, and once in words. */
function Level({ stream }: { stream: MediaStream }) {
  const bar = useRef<HTMLMeterElement>(null)
  const [heard, setHeard] = useState(false)
  useEffect(() => {
    const meter = new LevelMeter(stream)
    const timer = setInterval(() => {
      const level = meter.level()
      if (bar.current) bar.current.value = level
      if (level > LOUD) setHeard(true)
    }, 60)
    return () => {
      clearInterval(timer)
      meter.close()
    }
  }, [stream])
  return (
    <div className="field">
      <label htmlFor="level">{words.level}</label>
      <meter id="level" ref={bar} min={0} max={1} low={LOUD} />
      <p className="hint" role="status">
        {heard ? words.heard : words.speak}
      </p>
    </div>
  )
}

function HearYourself({ stream, speaker }: { stream: MediaStream; speaker: string | null }) {
  const [step, setStep] = useState<'idle' | 'recording' | 'playing' | 'played' | 'failed'>('idle')
  const hear = async () => {
    try {
      setStep('recording')
      const recording = await record(stream, RECORDED_MS)
      setStep('playing')
      await play(recording, speaker)
      setStep('played')
    } catch {
      setStep('failed') // said in words; a browser that cannot record still can call
    }
  }
  const busy = step === 'recording' || step === 'playing'
  return (
    <div className="field">
      <button type="button" disabled={busy} onClick={() => void hear()}>
        <Icon name="headset" />
        {words.hearYourself}
      </button>
      <p className="hint" role="status">
        {words.steps[step]}
      </p>
    </div>
  )
}

function Choose({
  id,
  label,
  devices,
  chosen,
  choose,
}: {
  id: string
  label: string
  devices: AudioDevice[]
  chosen: string | null
  choose: (id: string) => void
}) {
  if (devices.length < 2) return null
  const known = devices.some((device) => device.id === chosen) ? (chosen ?? '') : (devices[0]?.id ?? '')
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select id={id} value={known} onChange={(event) => choose(event.target.value)}>
        {devices.map((device, place) => (
          <option key={device.id} value={device.id}>
            {device.name || words.unnamed(place + 1)}
          </option>
        ))}
      </select>
    </div>
  )
}
