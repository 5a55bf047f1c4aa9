import {
  type Checked,
  type Choice,
  type Overview,
  type Piece,
  type RowLead,
  Sheet,
  type FileError,
} from '../../src/import/sheet'

export const bytes = (text: string): Uint8Array<ArrayBuffer> =>
  new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>

/** One byte a letter, as an old program writes it. */
export function inOneByte(text: string, encoding: string): Uint8Array<ArrayBuffer> {
  const codes = new Map(
    Array.from({ length: 256 }, (_, code) => [new TextDecoder(encoding).decode(Uint8Array.of(code)), code]),
  )
  return Uint8Array.from([...text].map((letter) => codes.get(letter) ?? Number.NaN)) as Uint8Array<ArrayBuffer>
}

export const read = (given: string | Uint8Array<ArrayBuffer>, region = 'US'): Promise<Overview | FileError> =>
  new Sheet().read(typeof given === 'string' ? bytes(given) : given, region)

/** A file that is read, with the page's own guess for a choice. */
export class Opened {
  private constructor(
    readonly sheet: Sheet,
    readonly overview: Overview,
    public choice: Choice,
  ) {}

  static async of(given: string | Uint8Array<ArrayBuffer>, region = 'US'): Promise<Opened> {
    const sheet = new Sheet()
    const overview = await sheet.read(typeof given === 'string' ? bytes(given) : given, region)
    if (!('rows' in overview)) throw new Error(`not read: ${JSON.stringify(overview)}`)
    const { header, targets, phones, concerns } = overview
    return new Opened(sheet, overview, {
      header,
      targets,
      phones,
      concerns,
      words: targets.map(() => false),
      region,
      answers: {},
    })
  }

  /** What each column is taken for, by its name. */
  get targets(): Record<string, string> {
    return Object.fromEntries(this.overview.names.map((name, column) => [name, this.choice.targets[column] as string]))
  }

  /** The columns of phones in their order. */
  get phones(): string[] {
    return this.choice.phones.map((column) => this.overview.names[column] as string)
  }

  /** What is asked of a column. */
  doubt(name: string) {
    return this.overview.doubts[this.overview.names.indexOf(name)]
  }

  decide(name: string, target: Choice['targets'][number], concerns: string | null = null): this {
    const column = this.overview.names.indexOf(name)
    const phone = concerns === null ? null : this.overview.names.indexOf(concerns)
    this.choice = {
      ...this.choice,
      targets: this.choice.targets.map((old, other) => (other === column ? target : old)),
      concerns: this.choice.concerns.map((old, other) => (other === column ? phone : old)),
    }
    return this
  }

  check(known: string[] = []): Checked[] {
    const steps = this.sheet.check(this.choice, known)
    for (;;) {
      const step = steps.next()
      if (step.done) return step.value
    }
  }

  /** What becomes of each row: its number, or why it has none. */
  rows(known: string[] = []): string[] {
    return this.check(known).map(({ phone, outcome, reason }) => [phone, outcome, reason].filter(Boolean).join(' '))
  }

  pieces(): Piece[] {
    const pieces: Piece[] = []
    for (let from: number | null = 0; from !== null;) {
      const piece: Piece = this.sheet.piece(this.choice, from)
      pieces.push(piece)
      from = piece.next
    }
    return pieces
  }

  sent(): RowLead[] {
    return this.pieces().flatMap(({ leads }) => leads)
  }
}
