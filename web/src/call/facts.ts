import type { Lead } from '../leads/lead'

export type Link = { href: string; outside: boolean }

const MAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/
const WEB = /^https?:\/\/\S+$/i
const NUMBER = /^\+[\d\s()./-]{7,20}$/

/** Where a value of a list leads to, if it is an address or a number. */
export function linkOf(value: string): Link | null {
  if (MAIL.test(value)) return { href: `mailto:${value}`, outside: false }
  if (WEB.test(value)) return { href: value, outside: true }
  if (NUMBER.test(value)) return { href: `tel:${value.replaceAll(/[^\d+]/g, '')}`, outside: false }
  return null
}

const TITLE = /^(job.?)?(title|position|role|function|funktion|titel|poste|cargo)$/i
const COMPANY = /^(company|organi[sz]ation|firma|unternehmen|account|société|societe|empresa|azienda)(.?name)?$/i

/** What stands below a name: what they do, and for whom, if the list has columns for that. */
export function subtitleOf({ extra }: Pick<Lead, 'extra'>): string {
  const of = (names: RegExp) => Object.entries(extra ?? {}).find(([name, value]) => names.test(name) && value)?.[1]
  return [of(TITLE), of(COMPANY)].filter((value) => typeof value === 'string').join(', ')
}
