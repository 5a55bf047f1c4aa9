/** Alarm clock for a tab: `{id, ms}` sets an alarm, `{id}` cancels it, and the id comes back when it goes off. */
const timers = new Map<number, ReturnType<typeof setTimeout>>()

addEventListener('message', ({ data }: MessageEvent<{ id: number; ms?: number }>) => {
  clearTimeout(timers.get(data.id))
  timers.delete(data.id)
  if (data.ms === undefined) return
  const ring = () => {
    timers.delete(data.id)
    postMessage(data.id)
  }
  timers.set(data.id, setTimeout(ring, data.ms))
})

export {}
