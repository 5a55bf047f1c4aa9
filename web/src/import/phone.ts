import {
  type CountryCode,
  getCountryCallingCode,
  isSupportedCountry,
  parsePhoneNumberWithError,
  type PhoneNumber,
} from 'libphonenumber-js/max'

export type NoNumber = 'missing' | 'not-a-number' | 'damaged' | 'several' | 'extension' | 'letters' | 'never-called'

/** What only a person can say of a number: which of two it is, or whether the number or the country column is right. */
export type Question = 'with-code' | 'other-country' | 'unknown-country'

export type Normalised =
  | { ok: true; e164: string }
  | { ok: false; reason: NoNumber }
  | { ok: false; reason: Question; readings: string[] }

/** How a number is to be read that does not say where it is from. */
export interface Where {
  region: string
  /** what the columns of country and calling code say; null if nothing */
  country: Country | null
  /** of our own export: a spreadsheet took the + from the numbers */
  withoutPlus: boolean
}

export interface Country {
  /** ISO code, where one is known */
  region: string | null
  /** calling code without +; null if the cell is not understood */
  code: string | null
}

/** A country by its ISO code. */
export const countryByCode = (region: string): Country => ({
  region,
  code: isSupportedCountry(region) ? getCountryCallingCode(region) : null,
})

// the server undoes the same damage and refuses the same
const INVISIBLE = /(?![\t-\r])[\p{Cc}\p{Cf}]/gu
const FORMULA = /^="([^"]*)"$/
const QUOTES = /^['\u2018\u2019`\u00b4" ]+|['\u2018\u2019`\u00b4" ]+$/g
const SCHEME = /^(?:tel|callto|phone|p):(?:\/\/)?/i
const SCIENTIFIC = /^\+?\d(?:[.,]\d+)?e\+?\d{1,2}$/i
const AS_FLOAT = /^(\+?\d{7,15})\.0+$/
const SEVERAL = /(?:\d\D{0,2}){7,}(?:[/;,|&\n]| or | ::: )\D*(?:\d\D{0,2}){7,}/i
/** `1234567/68`: the same number but for its end. */
const OTHER_END = /(?:\d\D{0,2}){6,}\/\s?\d{1,3}$/
const BETWEEN = /:::|[;,|&\n/]| or /i
const LONGEST = 100 // the search for several is slow in what is no number at all
const NEVER_CALLED: ReadonlySet<string | undefined> = new Set(['PREMIUM_RATE', 'PAGER', 'VOICEMAIL'])
/** Area codes come into use before any list of them says so. */
const POSSIBLE_IN_NORTH_AMERICA = /^\+1(?!900|976)[2-9][0-8]\d[2-9]\d{6}$/
/** Mexico took this 1 out of its numbers. */
const OLD_MEXICO = /^\+521(\d{10})$/

/** A number as it is dialled world-wide. The server has the last word. */
export function normalise(given: string | undefined, where: Where): Normalised {
  const no = (reason: NoNumber): Normalised => ({ ok: false, reason })
  const text = undamaged(given ?? '', where)
  if (!text) return no('missing')
  if (text.length > LONGEST) return no('not-a-number')
  if (SCIENTIFIC.test(text)) return no('damaged')
  if (SEVERAL.test(text) || OTHER_END.test(text)) return no('several')
  const number = parsed(text, where.country?.region ?? where.region)
  if (number?.ext) return no('extension')
  if (/\p{L}/u.test(text) && /\d/.test(text)) return no('letters')
  const question = asked(text, number, where)
  if (question) return question
  const code = !saysCode(text) && where.country?.region === null ? where.country.code : null
  const e164 = usable(code ? (attempt(`+${code}${text.replace(/^0(?!0)/, '')}`, where.region) ?? null) : number)
  if (!e164) return no('not-a-number')
  return NEVER_CALLED.has(number?.getType()) ? no('never-called') : { ok: true, e164 }
}

const saysCode = (text: string) => /^\s*(\+|00)/.test(text)

/** Whether a person must say which number is meant. */
function asked(text: string, number: PhoneNumber | null, { region, country }: Where): Normalised | null {
  const read = usable(number)
  if (country?.code && saysCode(text))
    return read && !read.startsWith(`+${country.code}`)
      ? { ok: false, reason: 'other-country', readings: [read] }
      : null
  if (country && country.code === null && !saysCode(text))
    return read ? { ok: false, reason: 'unknown-country', readings: [read] } : null
  if (saysCode(text)) return null
  if (country?.region && !read) {
    const elsewhere = usable(parsed(text, region))
    return elsewhere && elsewhere !== read ? { ok: false, reason: 'other-country', readings: [elsewhere] } : null
  }
  const own = country?.region ?? region
  const code = isSupportedCountry(own) ? getCountryCallingCode(own) : ''
  const digits = text.replaceAll(/\D/g, '')
  if (!code || !read || !digits.startsWith(code)) return null
  const withCode = usable(attempt(`+${digits}`, own))
  return withCode && withCode !== read ? { ok: false, reason: 'with-code', readings: [withCode, read] } : null
}

/** Every number that this cell may mean, for a mark forbids one too many rather than one too few. */
export function numbersIn(given: string | undefined, where: Where): string[] {
  const found = new Set<string>()
  const text = undamaged(given ?? '', where).slice(0, 1_000)
  for (const part of new Set([text, ...text.split(BETWEEN)])) {
    if (!part.trim() || part.length > LONGEST) continue
    const read = normalise(part, where)
    if (read.ok) found.add(read.e164)
    else if ('readings' in read) for (const one of read.readings) found.add(one)
    else if (read.reason === 'extension' || read.reason === 'never-called') {
      const number = parsed(part, where.country?.region ?? where.region)
      if (number) found.add(number.number)
    }
  }
  return [...found]
}

/** The text without what spreadsheets and copying leave around it. */
function undamaged(given: string, { withoutPlus }: Where): string {
  const text = given.normalize('NFKC').replaceAll(INVISIBLE, '').trim()
  const bare = (FORMULA.exec(text)?.[1] ?? text).replaceAll(QUOTES, '').replace(SCHEME, '').trim()
  const plain = AS_FLOAT.exec(bare)?.[1] ?? bare
  return withoutPlus && /^[1-9][\d ]{6,16}$/.test(plain) ? `+${plain}` : plain
}

/** Read as in the region; `00` stands for `+` where that makes no number of the region. */
function parsed(text: string, region: string): PhoneNumber | null {
  const number = attempt(text, region)
  const digits = text.replaceAll(/[\s().-]/g, '')
  if (usable(number) || !digits.startsWith('00')) return number
  const abroad = attempt(`+${digits.slice(2)}`, region)
  return usable(abroad) ? abroad : number
}

/** The number if it can be dialled: one in use, or one that may be in use by now. */
function usable(number: PhoneNumber | null): string | null {
  if (!number) return null
  const e164 = number.number.replace(OLD_MEXICO, '+52$1')
  if (e164 !== number.number) return attempt(e164, 'MX')?.isValid() ? e164 : null
  return number.isValid() || POSSIBLE_IN_NORTH_AMERICA.test(e164) ? e164 : null
}

function attempt(text: string, region: string): PhoneNumber | null {
  try {
    return parsePhoneNumberWithError(text, { defaultCountry: region as CountryCode, extract: false })
  } catch {
    return null
  }
}

/** The same rules as autocall/phone_identity.py: numbers of the first form mean the same as those of the second. */
const SAME_LINE: readonly [RegExp, string][] = [
  [/^\+549(\d{10})$/, '+54$1'],
  [/^\+521(\d{10})$/, '+52$1'],
  [/^\+970(\d{7,9})$/, '+972$1'],
  [/^\+3780549(\d{4,8})$/, '+390549$1'],
  [/^\+2410(\d{7,8})$/, '+241$1'],
]

/** One line has several spellings in some countries; this one stands for all of them, and is never dialled. */
export function identityOf(e164: string): string {
  const [form, canonical] = SAME_LINE.find(([form]) => form.test(e164)) ?? []
  return form && canonical ? e164.replace(form, canonical) : e164
}

const looksDialable = /^[+(\d][\d\s()./-]{6,}$/
const A_DATE = /^\d{4}[-./]\d{1,2}[-./]\d{1,2}|^\d{1,2}[-./]\d{1,2}[-./]\d{4}$/

/** Whether a cell has the looks of a number: a test for many cells, before any is read. */
export const looksLikeNumber = (cell: string) => {
  const text = cell
    .trim()
    .replace(FORMULA, '$1')
    .replace(/^['p]?:?(?=[+(\d])/, '')
  return looksDialable.test(text) && !A_DATE.test(text) && text.replaceAll(/\D/g, '').length >= 7
}
