import { type CountryCode, getCountries, parsePhoneNumberWithError } from 'libphonenumber-js/min'

export type Normalised = { ok: true; e164: string } | { ok: false; reason: 'missing' | 'not-a-number' }

/** A number as it is dialled world-wide; without a `+` it is one of the region. The server has the last word. */
export function normalise(given: string | undefined, region: string): Normalised {
  const text = given?.trim()
  if (!text) return { ok: false, reason: 'missing' }
  try {
    const number = parsePhoneNumberWithError(text, { defaultCountry: region as CountryCode, extract: false })
    return number.isValid() ? { ok: true, e164: number.number } : { ok: false, reason: 'not-a-number' }
  } catch {
    return { ok: false, reason: 'not-a-number' }
  }
}

/** All regions a number can be in, as two letters. */
export const regions = (): string[] => getCountries()
