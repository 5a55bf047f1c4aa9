import { Sheet } from './sheet'
import type { WorkerResponse, WorkerRequest } from './sheetClient'

const sheet = new Sheet()
const say = (answer: WorkerResponse) => postMessage(answer)

async function grant(wish: WorkerRequest): Promise<unknown> {
  switch (wish.kind) {
    case 'read':
      return sheet.read(new Uint8Array(await wish.file.arrayBuffer()), wish.region)
    case 'reread':
      return sheet.reread(wish.region, wish.encoding)
    case 'overview':
      return sheet.overview(wish.header, wish.region)
    case 'piece':
      return sheet.piece(wish.choice, wish.from)
    case 'check': {
      const check = sheet.check(wish.choice, wish.known)
      for (;;) {
        const step = check.next()
        if (step.done) return step.value
        say({ id: wish.id, progress: step.value })
      }
    }
  }
}

addEventListener('message', ({ data }: MessageEvent<WorkerRequest>) => {
  grant(data).then(
    (value) => say({ id: data.id, value }),
    (error: unknown) => say({ id: data.id, error: String(error) }),
  )
})
