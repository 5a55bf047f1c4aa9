import { type CountryCode, parsePhoneNumberWithError, type PhoneNumber } from 'libphonenumber-js/max'

export type NoNumber = 'missing' | 'not-a-number' | 'damaged' | 'several' | 'extension' | 'letters' | 'never-called'
export type Normalised = { ok: true; e164: string } | { ok: false; reason: NoNumber }

// the server undoes the same damage and refuses the same; see functions/leads_api/numbers.py
const INVISIBLE = /(?![\t-\r])[\p{Cc}\p{Cf}]/gu
const FORMULA = /^="([^"]*)"$/
const QUOTES = /^['\u2018\u2019`\u00b4" ]+|['\u2018\u2019`\u00b4" ]+$/g
const SCHEME = /^(?:tel|callto|phone):(?:\/\/)?/i
const SCIENTIFIC = /^\+?\d(?:[.,]\d+)?e\+?\d{1,2}$/i
const AS_FLOAT = /^(\+?\d{7,15})\.0+$/
const SEVERAL = /(?:\d\D{0,2}){7,}(?:[/;,|&\n]| or )\D*(?:\d\D{0,2}){7,}/i
const LONGEST = 100 // the search for several is slow in what is no number at all
const NEVER_CALLED: ReadonlySet<string | undefined> = new Set(['PREMIUM_RATE', 'PAGER', 'VOICEMAIL'])

/** A number as it is dialled world-wide; without a `+` it is one of the region. The server has the last word. */
export function normalise(given: string | undefined, region: string): Normalised {
  const no = (reason: NoNumber): Normalised => ({ ok: false, reason })
  const text = undamaged(given ?? '')
  if (!text) return no('missing')
  if (text.length > LONGEST) return no('not-a-number')
  if (SCIENTIFIC.test(text)) return no('damaged')
  if (SEVERAL.test(text)) return no('several')
  const number = parsed(text, region)
  if (number?.ext) return no('extension')
  if (/\p{L}/u.test(text) && /\d/.test(text)) return no('letters')
  if (!number?.isValid()) return no('not-a-number')
  return NEVER_CALLED.has(number.getType()) ? no('never-called') : { ok: true, e164: number.number }
}

/** The text without what spreadsheets and copying leave around it. */
function undamaged(given: string): string {
  const text = given.normalize('NFKC').replaceAll(INVISIBLE, '').trim()
  const plain = (FORMULA.exec(text)?.[1] ?? text).replaceAll(QUOTES, '').replace(SCHEME, '').trim()
  return AS_FLOAT.exec(plain)?.[1] ?? plain
}

/** Read as in the region; `00` stands for `+` where that makes no number of the region. */
function parsed(text: string, region: string): PhoneNumber | null {
  const number = attempt(text, region)
  const digits = text.replaceAll(/[\s().-]/g, '')
  if (number?.isValid() || !digits.startsWith('00')) return number
  const abroad = attempt(`+${digits.slice(2)}`, region)
  return abroad?.isValid() ? abroad : number
}

function attempt(text: string, region: string): PhoneNumber | null {
  try {
    return parsePhoneNumberWithError(text, { defaultCountry: region as CountryCode, extract: false })
  } catch {
    return null
  }
}
