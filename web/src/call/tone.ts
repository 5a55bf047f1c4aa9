/** A soft tone of two steps: somebody has answered. Made here, since a file would be fetched when it is late already. */
export function playTone(): void {
  const Context = globalThis.AudioContext as typeof AudioContext | undefined
  if (!Context) return
  const context = new Context()
  const loudness = context.createGain()
  loudness.connect(context.destination)
  const start = context.currentTime
  loudness.gain.setValueAtTime(0.0001, start)
  loudness.gain.exponentialRampToValueAtTime(0.12, start + 0.02)
  loudness.gain.exponentialRampToValueAtTime(0.0001, start + LENGTH_S)
  STEPS.forEach((hertz, index) => {
    const tone = context.createOscillator()
    tone.frequency.value = hertz
    tone.connect(loudness)
    tone.start(start + (index * LENGTH_S) / STEPS.length)
    tone.stop(start + ((index + 1) * LENGTH_S) / STEPS.length)
    if (index === STEPS.length - 1) tone.onended = () => void context.close()
  })
}

const STEPS = [660, 880]
const LENGTH_S = 0.3
