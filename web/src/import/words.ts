import words from '../../../functions/leads_api/lists/words.json'

/** The words by which people's lists are read. The commands read the same file; tests/shared says what both must make of it. */

/** A header without what does not matter in it: case, accents, spaces and signs; `IsDNC` is two words. */
export const plain = (header: string) =>
  header
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z]{2})/g, ' ')
    .toLowerCase()
    .replaceAll('ß', 'ss')
    .replaceAll('ς', 'σ')
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()

/** A cell without what does not matter in it; signs that only separate say nothing, others may be ticks. */
export const plainCell = (cell: string) =>
  cell
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[\p{P}\p{Z}\p{C}]+/gu, ' ')
    .trim()

const escape = (word: string) => word.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`)

/** Any of these words, the longest first; `opt out` may be written `optout`. */
const anyOf = (list: readonly string[]) =>
  `(?:${[...new Set(list.map(plain))]
    .filter(Boolean)
    .sort((a, b) => b.length - a.length)
    .map((word) => escape(word).replaceAll(' ', ' ?'))
    .join('|')})`

const whole = (pattern: string) => new RegExp(String.raw`(?<!\S)${pattern}(?!\S)`, 'u')
const setOf = (list: readonly string[], form: (word: string) => string = plain) => new Set(list.map(form))

export type Meaning = keyof typeof words.fields

interface Ranked {
  meaning: Meaning
  /** from 1, which says it plainly, to nearly 0 */
  clarity: number
}

const EXACT = new Map<string, Ranked>(
  Object.entries(words.fields).flatMap(([meaning, names]) =>
    names.map((name, rank): [string, Ranked] => [
      plain(name),
      { meaning: meaning as Meaning, clarity: 1 - rank / 1000 },
    ]),
  ),
)
const BESIDE_PHONE = new RegExp(String.raw`(?<!\S)${anyOf(words.phone.beside)}(?!\S)`, 'gu')
const BESIDE_ZONE = new RegExp(String.raw`(?<!\S)${anyOf(words.timezone.beside)}(?!\S)`, 'gu')
const PLAIN_NUMBERS = setOf(words.phone.plain_numbers)
const WITHIN_PHONE = whole(anyOf(words.phone.within))
const NEVER_A_PHONE = whole(anyOf(words.phone.never))
const anywhere = (list: readonly string[]) => {
  const parts = list.map(plain)
  return (name: string) => parts.some((part) => name.includes(part))
}
const hasPhoneSign = anywhere(words.phone.anywhere)

/** What a header stands for by its words, and how clearly. */
export function meaningOf(header: string): Ranked | null {
  const name = plain(header)
  if (PLAIN_NUMBERS.has(name)) return { meaning: 'phone', clarity: 0.4 }
  const exact = EXACT.get(name)
  if (exact) return exact
  const zone = EXACT.get(less(BESIDE_ZONE, name))
  if (zone?.meaning === 'timezone') return { ...zone, clarity: zone.clarity / 2 }
  const phone = EXACT.get(less(BESIDE_PHONE, name))
  if (phone?.meaning === 'phone') return { ...phone, clarity: phone.clarity * 0.8 }
  const part = /^name (?=\S+ name$)/.test(name) ? EXACT.get(name.slice(5)) : undefined // "Name / First Name"
  return part ?? null
}

const less = (words: RegExp, name: string) => name.replaceAll(words, ' ').replaceAll(/ +/g, ' ').trim()

/** Whether a header speaks of a phone somehow: enough where no other says plainly that it is the number. */
export function isAboutPhone(header: string): boolean {
  const name = plain(header)
  return !NEVER_A_PHONE.test(name) && (WITHIN_PHONE.test(name) || hasPhoneSign(name))
}

/** Whether a header names numbers that are no telephone's. */
export const isOtherNumber = (header: string) => NEVER_A_PHONE.test(plain(header))

const ONLY_NOUNS = setOf(words.name.only_nouns)

export const isOnlyNoun = (header: string) => ONLY_NOUNS.has(plain(header))

const dnc = words.do_not_call
const NEGATED = `${anyOf(dnc.negations)} ?(?:${anyOf(dnc.channels)} ?)*${anyOf(dnc.verbs)}`
const MARK = `(?:${NEGATED}|${anyOf(dnc.phrases)})`
const HAS_MARK = whole(MARK)
const MARK_WORDS = new RegExp(String.raw`(?<!\S)${MARK}(?!\S)`, 'gu')
const ONLY_A_BAN = new RegExp(`^(?:${anyOf(dnc.beside_bans)} )*${anyOf(dnc.bans)}(?: ${anyOf(dnc.beside_bans)})*$`, 'u')
const NO_FLAG = whole(anyOf(dnc.not_flags))
const OTHER_WAYS = whole(anyOf(dnc.other_ways))
const CALLS = whole(anyOf(dnc.calls))
const hasMarkSign = anywhere(dnc.anywhere)

/** "No. calls" counts them. */
const countless = (header: string) => plain(header.replaceAll(/\bno\./gi, 'number '))

const LONGEST_READ = 300

/** Whether a header says that the column marks who must not be called: opted out of mail is not out of calls. */
export function isMark(header: string): boolean {
  const name = countless(header.slice(0, LONGEST_READ))
  if (ONLY_A_BAN.test(name) || hasMarkSign(name)) return true
  return HAS_MARK.test(name) && !NO_FLAG.test(name) && (!OTHER_WAYS.test(name) || CALLS.test(name))
}

/** Whether a header speaks of marks, though of when or why they were made. */
export const speaksOfMarks = (header: string) => HAS_MARK.test(countless(header)) && NO_FLAG.test(plain(header))

/** Whether a header speaks of mail and the like alone. */
export const isOtherWay = (header: string) => OTHER_WAYS.test(plain(header)) && !CALLS.test(plain(header))

/** A header without the words that make it a mark: of "Phone 1 DNC", "phone 1". */
export const withoutMark = (header: string) => plain(plain(header).replaceAll(MARK_WORDS, ' '))

const HAS_CONSENT = whole(anyOf(words.consent.phrases))

/** Whether a header asks for consent to call, so that a denial below it is a mark. */
export function isConsent(header: string): boolean {
  const name = plain(header)
  if (isMark(header) || !HAS_CONSENT.test(name) || NO_FLAG.test(name)) return false
  return !isOtherWay(header)
}

const YES = setOf(words.cells.yes, plainCell)
const NO = setOf(words.cells.no, plainCell)
const BLANK = setOf(words.cells.blank, plainCell)
const HAS_DENIAL = whole(anyOf(words.consent.denials))
/** In a column of consent, `allowed` is a yes. */
const CONSENTS = setOf(words.consent.yes, plainCell)
const REFUSALS = new Set([...NO].filter((word) => !CONSENTS.has(word)))
const ZERO = /^[0 ]+$/

const isBlank = (words: string) => words === '' || BLANK.has(words)
const isNo = (words: string) => NO.has(words) || ZERO.test(words)

/** Whether a cell of a column of marks says that somebody must not be called: whatever does not deny it. */
export function optedOut(cell: string | undefined): boolean {
  const said = plainCell(cell ?? '')
  return !isBlank(said) && !isNo(said)
}

/** Whether a cell of a column of consent denies it. */
export function denies(cell: string | undefined): boolean {
  const said = plainCell(cell ?? '')
  if (isBlank(said)) return false
  return REFUSALS.has(said) || ZERO.test(said) || HAS_DENIAL.test(plain(cell ?? '')) || isMarkingCell(cell ?? '')
}

export const isBlankCell = (cell: string) => isBlank(plainCell(cell))

/** Whether a cell is nothing but a tick, or its denial. */
export function isTick(cell: string): boolean {
  const said = plainCell(cell)
  return YES.has(said) || NO.has(said) || /^[01]( 00?)?$/.test(said)
}

const MOST_WORDS_OF_A_MARK = 5
/** Words of a mark that are names of people and companies as well: as a whole cell they say nothing. */
const NOT_IN_CELLS = setOf(dnc.not_in_cells)

const MARKING = new Map<string, boolean>()
const MOST_KNOWN = 10_000

/** Whether a cell, or one of several tags in it, is itself a do-not-call phrase such as "DNC" or "unsubscribed". */
export function isMarkingCell(cell: string): boolean {
  const known = MARKING.get(cell)
  if (known !== undefined) return known
  const found = cell.length <= LONGEST_READ && hasMarkingTag(cell)
  if (MARKING.size >= MOST_KNOWN) MARKING.clear()
  MARKING.set(cell, found)
  return found
}

function hasMarkingTag(cell: string): boolean {
  return [cell, ...cell.split(/[,;|/\n\t]+/)].some((tag) => {
    const name = plain(tag)
    return name !== '' && !NOT_IN_CELLS.has(name) && name.split(' ').length <= MOST_WORDS_OF_A_MARK && isMark(tag)
  })
}

/** Whether a name has a do-not-call phrase in it, as people write who have no column for it: `DNC Smith`. */
export const isMarkingName = (cell: string) =>
  HAS_MARK.test(
    plain(cell.slice(0, LONGEST_READ))
      .split(' ')
      .filter((word) => !NOT_IN_CELLS.has(word))
      .join(' '),
  )

const SIGNS = words.own_export.signs.map(plain)
const WRITTEN = setOf(words.own_export.written)

/** Whether these are the columns of a list that this product has written. */
export function isOwnExport(headers: readonly string[]): boolean {
  const names = new Set(headers.map(plain))
  return SIGNS.every((sign) => names.has(sign))
}

/** A column by which our own export says what became of a lead; an import has no use for it. */
export const isWrittenByUs = (header: string) => WRITTEN.has(plain(header))

const COUNTRIES = new Map(
  Object.entries(words.countries).flatMap(([code, names]) =>
    names.map((name): [string, string] => [plain(name), code]),
  ),
)

/** The country that a cell names, by its code or in words; null if it names none. */
export function countryOf(cell: string): string | null {
  const code = cell.trim().toUpperCase()
  if (code === 'UK') return 'GB'
  if (code in words.countries) return code
  return COUNTRIES.get(plain(cell)) ?? null
}
