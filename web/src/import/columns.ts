/** What a column of the file becomes: a field of the lead, a column of its own, or nothing. */
export const TARGETS = ['phone', 'name', 'timezone', 'state', 'note', 'external_id', 'do_not_call', 'keep', 'skip'] as const

export type Target = (typeof TARGETS)[number]

type Field = Exclude<Target, 'keep' | 'skip'>

/** One row as it is sent: what is kept as it is stands apart, so that nobody takes it for a field by its name. */
export type RowLead = Partial<Record<Field, string>> & { extra?: Record<string, string> }

const WORDS: Partial<Record<Target, RegExp>> = {
  do_not_call: /\b(do ?not ?call|do ?not ?contact|dnc|opt ?out|opted ?out|unsubscribed)\b/,
  phone: /\b(phone|tel|telephone|telefon|mobile|mobil|cell|cellphone|handy|number|nummer|numero|msisdn|e ?164)\b/,
  timezone: /\b(time ?zone|tz|zone|zeitzone)\b/,
  state: /\b(state|province|region|bundesland|st)\b/,
  note: /\b(notes?|comments?|remarks?|notiz|bemerkung|memo)\b/,
  external_id: /\b(id|external id|crm id|lead id|customer id|reference|ref|uuid|record id)\b/,
}

/** Whole headers, not words in them: the source of a lead is no name, nor is that of its street. The plainest one counts. */
const NAMES = [/^(full ?)?name$/, /^(contact|customer|client|lead|prospect) name$/, /^(contact|customer|client|lead|prospect)$/]
/** In a file without a column for the whole name, these together are it. */
const PART_OF_A_NAME = /^((first|given|middle|last|family) ?name|forename|surname|vorname|nachname|nombre|apellidos?|prenom|nom|nome|cognome)$/

/** Who is opted out of mail is not out of calls, and the day of a mark is no mark. */
const NO_MARK = /\b(e ?mails?|mails?|sms|texts?|fax|newsletters?|dates?|since|source|reason|checked)\b/

const ORDER: Target[] = ['do_not_call', 'phone', 'timezone', 'external_id', 'note', 'state']

/** A list that this page has written says in these what became of each lead; an import has no use for it. */
const OF_AN_EXPORT = ['call status', 'imported at']
const WRITTEN_BY_US: ReadonlySet<string> = new Set([...OF_AN_EXPORT, 'reason', 'held', 'held until', 'call sid', 'duration s', 'at'])

const plain = (header: string) =>
  header.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase().replaceAll(/[^a-z0-9]+/g, ' ').trim()

const looksDialable = (cell: string) => /^[+(\d][\d\s()./-]{6,}$/.test(cell.trim()) && cell.replaceAll(/\D/g, '').length >= 7

/** Whether a first row names columns: it does if it has words of the trade, or nothing in it could be dialled. */
export function hasHeader(first: readonly string[]): boolean {
  if (first.some(looksDialable)) return false
  return first.some((cell) => /[a-z]/i.test(cell))
}

/** A first guess at what each column is, from its header and a few of its cells; each field is given once. */
export function guess(headers: readonly string[], sample: readonly (readonly string[])[]): Target[] {
  const taken = new Set<Target>()
  const names = headers.map(plain)
  const exported = OF_AN_EXPORT.every((name) => names.includes(name))
  const isName = namesIn(names)
  const targets = headers.map((header, column): Target => {
    const words = plain(header)
    if (exported && WRITTEN_BY_US.has(words)) return 'skip'
    if (isName(column)) return 'name'
    const found = ORDER.find((target) => WORDS[target]?.test(words) && (target === 'do_not_call' ? !NO_MARK.test(words) : !taken.has(target)))
    if (!found || (found === 'phone' && !mostlyDialable(sample, column, 0.2))) return header.trim() ? 'keep' : 'skip'
    taken.add(found)
    return found
  })
  if (!taken.has('phone')) {
    const place = headers.findIndex((_, column) => mostlyDialable(sample, column, 0.5))
    if (place >= 0) targets[place] = 'phone'
  }
  return targets
}

/** Which columns are the name: the one that says so most plainly, or all that are a part of it. */
function namesIn(headers: readonly string[]): (column: number) => boolean {
  const whole = NAMES.map((name) => headers.findIndex((header) => name.test(header))).find((column) => column >= 0)
  return (column) => (whole === undefined ? PART_OF_A_NAME.test(headers[column] ?? '') : column === whole)
}

function mostlyDialable(sample: readonly (readonly string[])[], column: number, share: number): boolean {
  const cells = sample.map((row) => row[column] ?? '').filter((cell) => cell.trim())
  return cells.length === 0 || cells.filter(looksDialable).length >= share * cells.length
}

/** The fields of one row, ready to send; several columns called name become one name. */
export function toLead(cells: readonly string[], headers: readonly string[], targets: readonly Target[]): RowLead {
  const lead: RowLead = {}
  const extra: Record<string, string> = {}
  targets.forEach((target, column) => {
    const value = (cells[column] ?? '').trim()
    if (target === 'skip' || !value) return
    if (target === 'keep') keep(extra, (headers[column] ?? '').trim(), value)
    else if (target === 'name' && lead.name) lead.name += ` ${value}`
    else if (target !== 'do_not_call' || !optedOut(lead.do_not_call)) lead[target] = value
  })
  return Object.keys(extra).length ? { ...lead, extra } : lead
}

function keep(extra: Record<string, string>, name: string, value: string): void {
  if (plain(name) === 'extra') Object.assign(extra, unpacked(value) ?? { [name]: value })
  else if (name) extra[name in extra ? `${name} (2)` : name] = value
}

/** The columns that a list written by this page keeps in one cell. */
function unpacked(cell: string): Record<string, string> | null {
  try {
    const told: unknown = JSON.parse(cell)
    return typeof told === 'object' && told !== null && !Array.isArray(told) ? (told as Record<string, string>) : null
  } catch {
    return null
  }
}

const DENIALS: ReadonlySet<string> = new Set(['', 'no', 'n', 'false', '0', 'f', 'off', 'none', 'nein', 'non'])

/** Whether a cell says that somebody must not be called: whatever does not deny it, a tick or a word in any script. */
export function optedOut(cell: string | undefined): boolean {
  const words = (cell ?? '').normalize('NFKD').toLowerCase()
  return !DENIALS.has(words.replaceAll(/\p{M}/gu, '').replaceAll(/[\p{P}\p{Z}\p{C}]+/gu, ' ').trim())
}
