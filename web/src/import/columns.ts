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

/** Who must not be called is said in many ways; one too many is looked at again, one too few is a call that must not be. */
const CHANNELS = 'e ?mail|mail|text|sms|fax|message|or|and|nor'
const TO_CALL = 'call|phone|telephone|dial|ring|contact|disturb|solicit'
const MARKS = new RegExp(
  `\\b(((do|must|should|may) ?not|don.?t|never) ?((${CHANNELS}) ?)*(${TO_CALL})|not (to )?be (called|phoned|contacted)` +
    '|no ((more|phone|telephone|voice|sales|marketing|cold) )*(calls?|calling)|stop ?(call(s|ing)?|contact(ing)?)' +
    '|dn ?c(s|r|l|flag|list|listed)?|ndnc|dnd|c?tps|opt(s|ed)? ?outs?|unsub(scribed?|scribes)?' +
    '|(anruf|telefon|kontakt|werbe) ?(sperren?|verbot|stopp?|widerspruch)|sperrvermerk|abgemeldet' +
    '|nicht (mehr )?(anrufen|kontaktieren|telefonieren)|keine? (anrufe?|telefonate?|telefonwerbung|werbung)' +
    '|no (llamar|llame|llamen|contactar|molestar)|(lista )?robinson ?(liste?|lista)?|bloctel' +
    '|ne (pas|plus|jamais) (appeler|contacter|telephoner)|desinscrit|desabonne' +
    '|non (chiamare|contattare)|nao (ligar|chamar|contact?ar)|niet (bellen|benaderen))\\b',
)
const BESIDE =
  'is|has|been|be|to|the|on|in|from|please|list|lists|flag|number|phone|call|calls|calling|contact|customer|client' +
  '|lead|prospect|person|me|us'
const BANS = 'removed?|black ?list(ed)?|block ?list(ed)?|blocked|suppress(ed|ion)?|gesperrt|sperrliste'
const ONLY_A_BAN = new RegExp(`^((${BESIDE}) )*(${BANS})( (${BESIDE}))*$`)
/** When, why and by what a mark was made is no mark. */
const NO_FLAG =
  /\b(dates?|datum|fecha|since|seit|reasons?|grund|sources?|before|vor|after|nach|until|till|bis|between|times?|hours?|(list|registry|register) checked|scrubbed)\b/
/** Who is opted out of mail is not out of calls, unless both are named. */
const OTHER_WAYS =
  /\b(e ?mails?|mails?|mailings?|sms|mms|texts?|fax|whats ?app|post|postal|letters?|newsletters?|push|cookies?|links?|urls?|checked)\b/
const CALLS = /\b(calls?|calling|phones?|telephone|voice|anruf\w*|telefon\w*|llama\w*|appel\w*)\b/

/** A list that this page has written says in these what became of each lead; an import has no use for it. */
const OF_AN_EXPORT = ['call status', 'imported at']
const WRITTEN_BY_US: ReadonlySet<string> = new Set(
  'reason|held|held until|call sid|duration s|at|lead id|attempt id|version|zones|can release'.split('|').concat(OF_AN_EXPORT),
)

/** A header without what does not matter in it: case, accents, spaces and signs; `IsDNC` is two words. */
const plain = (header: string) =>
  header
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z]{2})/g, ' ')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()

function isMark(header: string): boolean {
  const name = plain(header.replaceAll(/\bno\./gi, 'number ')) // "No. calls" counts them
  if (ONLY_A_BAN.test(name)) return true
  return MARKS.test(name) && !NO_FLAG.test(name) && (!OTHER_WAYS.test(name) || CALLS.test(name))
}

/** Whether a header speaks of a mark, though of when or why it was made. */
export const speaksOfMarks = (header: string) => MARKS.test(plain(header)) && NO_FLAG.test(plain(header))

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
    if (isMark(headers[column] ?? '')) targets[column] = 'do_not_call'
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

const DENIALS: ReadonlySet<string> = new Set(
  (
    '|no|n|false|f|off|none|null|nil|nan|nat|na|n a|<na>|not listed|not on list|not registered|not found|clean|clear|ok|okay' +
    '|callable|allowed|opted in|opt in|subscribed|nein|non|nej|nee|nao|falsch|faux|falso|нет|☐|✗|✘'
  ).split('|'),
)
const ZERO = /^[0 ]+$/
const TICKS: ReadonlySet<string> = new Set('x|yes|y|true|t|on|1|1 0|ja|j|si|s|oui|o|sim|wahr|vrai|✓|✔|☑|☒|✅'.split('|'))

/** A cell without what does not matter in it; signs that only separate say nothing. */
const said = (cell: string) =>
  cell.normalize('NFKD').toLowerCase().replaceAll(/\p{M}/gu, '').replaceAll(/[\p{P}\p{Z}\p{C}]+/gu, ' ').trim()

/** Whether there is nothing in these cells but ticks: a column of them may be of whom not to call, whatever it is called. */
export function onlyTicks(cells: Iterable<string>): boolean {
  let some = false
  for (const cell of cells) {
    const words = said(cell)
    if (words && !TICKS.has(words)) return false
    some ||= words !== ''
  }
  return some
}

/** Whether a cell says that somebody must not be called: whatever does not deny it, a tick or a word in any script. */
export function optedOut(cell: string | undefined): boolean {
  const words = said(cell ?? '')
  return !DENIALS.has(words) && !ZERO.test(words)
}
