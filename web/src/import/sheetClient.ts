import type { Encoding } from './encodings'
import type { Checked, Choice, Overview, Piece, FileError } from './sheet'
import { MOST_BYTES } from './limits'

export type WorkerRequest = { id: number } & (
  | { kind: 'read'; file: File; region: string }
  | { kind: 'reread'; encoding: Encoding; region: string }
  | { kind: 'overview'; header: number | null; region: string }
  | { kind: 'check'; choice: Choice; known: string[] }
  | { kind: 'piece'; choice: Choice; from: number }
)

export type WorkerResponse = { id: number; value?: unknown; progress?: number; error?: string }

type Ask = WorkerRequest extends infer One ? (One extends WorkerRequest ? Omit<One, 'id'> : never) : never

interface Waiting {
  resolve: (value: never) => void
  reject: (error: Error) => void
  progress: ((done: number) => void) | undefined
}

/** What the import asks of a sheet. */
export type SheetReader = Pick<SheetClient, 'read' | 'reread' | 'overview' | 'check' | 'piece' | 'close'>

/** The sheet, at work in a thread of its own so that the page never stands still. */
export class SheetClient {
  private readonly worker = new Worker(new URL('./sheet.worker.ts', import.meta.url), { type: 'module', name: 'sheet' })
  private readonly waiting = new Map<number, Waiting>()
  private last = 0

  constructor() {
    this.worker.addEventListener('message', ({ data }: MessageEvent<WorkerResponse>) => this.heard(data))
    this.worker.addEventListener('error', (event) => this.fail(new Error(event.message)))
  }

  async read(file: File, region: string): Promise<Overview | FileError> {
    return file.size > MOST_BYTES ? { kind: 'too-big', bytes: file.size } : this.ask({ kind: 'read', file, region })
  }

  reread(encoding: Encoding, region: string): Promise<Overview | FileError> {
    return this.ask({ kind: 'reread', encoding, region })
  }

  overview(header: number | null, region: string): Promise<Overview> {
    return this.ask({ kind: 'overview', header, region })
  }

  check(choice: Choice, known: string[], progress: (done: number) => void): Promise<Checked[]> {
    return this.ask({ kind: 'check', choice, known }, progress)
  }

  piece(choice: Choice, from: number): Promise<Piece> {
    return this.ask({ kind: 'piece', choice, from })
  }

  close(): void {
    this.worker.terminate()
    this.fail(new Error('closed'))
  }

  private ask<T>(wish: Ask, progress?: (done: number) => void): Promise<T> {
    const id = ++this.last
    return new Promise<T>((resolve, reject) => {
      this.waiting.set(id, { resolve, reject, progress })
      this.worker.postMessage({ ...wish, id })
    })
  }

  private heard({ id, value, progress, error }: WorkerResponse): void {
    const waiting = this.waiting.get(id)
    if (progress !== undefined) return waiting?.progress?.(progress)
    this.waiting.delete(id)
    if (error === undefined) waiting?.resolve(value as never)
    else waiting?.reject(new Error(error))
  }

  private fail(error: Error): void {
    for (const { reject } of this.waiting.values()) reject(error)
    this.waiting.clear()
  }
}
