/** What a column of the file becomes: a field of the lead, a column of its own, or nothing. */
export const TARGETS = ['phone', 'name', 'timezone', 'state', 'note', 'external_id', 'do_not_call', 'keep', 'skip'] as const

export type Target = (typeof TARGETS)[number]

type Field = Exclude<Target, 'keep' | 'skip'>

/** One row as it is sent: what is kept as it is stands apart, so that nobody takes it for a field by its name. */
export type RowLead = Partial<Record<Field, string>> & { extra?: Record<string, string> }

/**
 * What people call the columns, the plainest first. The server reads a list that is not imported here by the same names
 * (functions/leads_api/columns.py); tests/shared/columns.json says what both must make of them.
 */
const CALLED = {
  phone:
    'phone|phone number|phonenumber|phone no|phone nr|e164|e 164|telephone|telephone number|tel|tel no|mobile|mobile number|mobile phone' +
    '|mobile phone number|mobile no|cell|cell phone|cellphone|cell number|cell phone number|msisdn|contact number|primary phone' +
    '|main phone|home phone|work phone|business phone|telefon|telefonnummer|rufnummer|mobil|mobilnummer|mobiltelefon|handy' +
    '|handynummer|telefono|numero de telefono|movil|celular|cellulare|telephone portable|portable|telefone|telemovel',
  name: 'name|full name|fullname|contact name|customer name|client name|lead name|prospect name|contact|customer|client|lead|prospect',
  first: 'first name|firstname|given name|forename|vorname|prenom|nombre|nome',
  last: 'last name|lastname|surname|family name|nachname|nom|apellido|apellidos|cognome',
  timezone: 'timezone|time zone|tz|zeitzone|timezone name|time zone name|tz name|iana timezone|iana time zone',
  state:
    'state|province|state province|state or province|us state|state code|province code|bundesland|st|state region|mailing state' +
    '|mailing state province|home state|address state',
  note: 'note|notes|comment|comments|remark|remarks|memo|notiz|bemerkung',
  external_id:
    'external id|externalid|id|crm id|record id|customer id|client id|contact id|lead id|prospect id|reference|ref|uuid',
}

type Meaning = keyof typeof CALLED

const RANKS = new Map(
  Object.entries(CALLED).flatMap(([meaning, names]) =>
    names.split('|').map((name, rank): [string, [Meaning, number]] => [name, [meaning as Meaning, rank]]),
  ),
)
const WHO = 'contact|customer|client|lead|prospect'
const WHOSE_PHONE = new RegExp(
  `(?<!\\S)(home|work|office|business|private|privat|personal|primary|main|direct|day|daytime|evening|best|preferred|person|${WHO}|geschaftlich|dienstlich|1|value)(?!\\S)`,
  'g',
)
const WHOSE_ZONE = new RegExp(`^(local|person|${WHO}) (?=(time ?zone|tz)$)`)
const ANY_NUMBER = /^(number|nummer|numero)$/
const LESS_PLAIN = 100
const LEAST_PLAIN = 200

/** Where no header says plainly that it is the number, one of these in it may; only the page goes by that, for it shows its guess. */
const ABOUT_A_PHONE = /\b(phone|tel|telephone|telefon|mobile|mobil|cell|cellphone|handy|number|nummer|numero|msisdn|e ?164)\b/

const MARK = /\b(do ?not ?call|do ?not ?contact|don ?t ?call|don ?t ?contact|dnc|opt ?out|opted ?out|unsubscribed)\b/
/** Who is opted out of mail is not out of calls, and the day of a mark is no mark. */
const NO_MARK = /\b(e ?mails?|mails?|sms|texts?|fax|newsletters?|dates?|since|source|reason|checked)\b/

/** A list that this page has written says in these what became of each lead; an import has no use for it. */
const OF_AN_EXPORT = ['call status', 'imported at']
const WRITTEN_BY_US: ReadonlySet<string> = new Set(
  'reason|held|held until|call sid|duration s|at|lead id|attempt id|version|zones|can release'.split('|').concat(OF_AN_EXPORT),
)

const plain = (header: string) =>
  header.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, ' ').trim()

const looksDialable = (cell: string) => /^[+(\d][\d\s()./-]{6,}$/.test(cell.trim()) && cell.replaceAll(/\D/g, '').length >= 7

/** Whether a first row names columns: it does if it has words of the trade, or nothing in it could be dialled. */
export function hasHeader(first: readonly string[]): boolean {
  if (first.some(looksDialable)) return false
  return first.some((cell) => /[a-z]/i.test(cell))
}

/** A first guess at what each column is, from its header and a few of its cells; each field is given once. */
export function guess(headers: readonly string[], sample: readonly (readonly string[])[]): Target[] {
  const names = headers.map(plain)
  const exported = OF_AN_EXPORT.every((name) => names.includes(name))
  const targets = headers.map((header, column): Target => (header.trim() || filled(sample, column).length ? 'keep' : 'skip'))
  for (const [meaning, column] of plainest(names, sample)) targets[column] = meaning === 'first' || meaning === 'last' ? 'name' : meaning
  names.forEach((name, column) => {
    if (MARK.test(name) && !NO_MARK.test(name)) targets[column] = 'do_not_call'
    if (exported && WRITTEN_BY_US.has(name)) targets[column] = 'skip'
  })
  if (!targets.includes('phone')) {
    const free = (column: number) => targets[column] === 'keep'
    const named = names.findIndex((name, column) => free(column) && ABOUT_A_PHONE.test(name) && mostlyDialable(sample, column, 0.2))
    const place = named >= 0 ? named : names.findIndex((_, column) => free(column) && mostlyDialable(sample, column, 0.5))
    if (place >= 0) targets[place] = 'phone'
  }
  return targets
}

/** The column of each field: of several, the one that says so most plainly. Part of a name counts where no column is the name. */
function plainest(names: readonly string[], sample: readonly (readonly string[])[]): Map<Meaning, number> {
  const best = new Map<Meaning, [number, number]>()
  names.forEach((name, column) => {
    const [meaning, rank] = meaningOf(name) ?? []
    if (!meaning || rank === undefined || (meaning === 'phone' && !mostlyDialable(sample, column, 0.2))) return
    if (rank < (best.get(meaning)?.[0] ?? Number.POSITIVE_INFINITY)) best.set(meaning, [rank, column])
  })
  const found = new Map([...best].map(([meaning, [, column]]): [Meaning, number] => [meaning, column]))
  const name = names[found.get('name') ?? -1]
  const parts = found.has('first') || found.has('last')
  if (name && parts && WHO.split('|').includes(name)) found.delete('name')
  else if (name) for (const part of ['first', 'last'] as const) found.delete(part)
  return found
}

/** What a header stands for, and how plainly (less is plainer). */
function meaningOf(name: string): [Meaning, number] | null {
  if (ANY_NUMBER.test(name)) return ['phone', LEAST_PLAIN]
  const whole = RANKS.get(name)
  if (whole) return whole
  const phone = RANKS.get(name.replaceAll(WHOSE_PHONE, '').replaceAll(/ +/g, ' ').trim())
  const less = RANKS.get(name.replace(WHOSE_ZONE, '')) ?? (phone?.[0] === 'phone' ? phone : null)
  return less ? [less[0], less[1] + LESS_PLAIN] : null
}

const filled = (sample: readonly (readonly string[])[], column: number) =>
  sample.map((row) => row[column] ?? '').filter((cell) => cell.trim())

function mostlyDialable(sample: readonly (readonly string[])[], column: number, share: number): boolean {
  const cells = filled(sample, column)
  return cells.length === 0 || cells.filter(looksDialable).length >= share * cells.length
}

/** How a row becomes the fields that are sent; several columns called name become one name, the family's at its end. */
export function toLead(headers: readonly string[], targets: readonly Target[]): (cells: readonly string[]) => RowLead {
  const family = (column: number) => meaningOf(plain(headers[column] ?? ''))?.[0] === 'last'
  const columns = [...targets.entries()].sort(([one], [other]) => Number(family(one)) - Number(family(other)))
  return (cells) => {
    const lead: RowLead = {}
    const extra: Record<string, string> = {}
    for (const [column, target] of columns) {
      const value = (cells[column] ?? '').trim()
      if (target === 'skip' || !value) continue
      if (target === 'keep') keep(extra, headers[column] ?? '', value)
      else if (target === 'name' && lead.name) lead.name += ` ${value}`
      else if (target !== 'do_not_call' || !optedOut(lead.do_not_call)) lead[target] = value
    }
    return Object.keys(extra).length ? { ...lead, extra } : lead
  }
}

function keep(extra: Record<string, string>, name: string, value: string): void {
  if (plain(name) === 'extra') Object.assign(extra, unpacked(value) ?? { [name]: value })
  else extra[name] = value
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
