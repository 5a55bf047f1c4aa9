import { Sheet } from './sheet'
import type { Answer, Wish } from './sheetClient'

const sheet = new Sheet()
const say = (answer: Answer) => postMessage(answer)

async function grant(wish: Wish): Promise<unknown> {
  if (wish.kind === 'read') return sheet.read(new Uint8Array(await wish.file.arrayBuffer()))
  if (wish.kind === 'piece') return sheet.piece(wish.choice, wish.from)
  const check = sheet.check(wish.choice, new Set(wish.known))
  for (;;) {
    const step = check.next()
    if (step.done) return step.value
    say({ id: wish.id, progress: step.value })
  }
}

addEventListener('message', ({ data }: MessageEvent<Wish>) => {
  grant(data).then(
    (value) => say({ id: data.id, value }),
    (error: unknown) => say({ id: data.id, error: String(error) }),
  )
})
