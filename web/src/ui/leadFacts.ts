import { precisely } from '../format'
import type { Lead } from '../leads/lead'
import { panel } from '../texts'
import type { Fact } from './FactList'
import { theirTime } from './localTime'

/** Everything a list says about a lead, by the names it goes by on the page. */
export function leadFacts(lead: Lead, now: number): Fact[] {
  return [
    [panel.localTime, theirTime(lead, now)],
    [panel.state, lead.state],
    [panel.note, lead.note],
    [panel.externalId, lead.external_id],
    [panel.basis, lead.basis],
    [panel.consent, consentOf(lead)],
    ...Object.entries(lead.extra ?? {}).map(([name, value]): Fact => [name, String(value ?? '')]),
  ]
}

/** Since when there is consent, where it was given, and until when it lasts. */
const consentOf = ({ consent_at, consent_source, consent_until }: Lead) =>
  [precisely(consent_at), consent_source, consent_until && panel.until(precisely(consent_until) ?? consent_until)]
    .filter(Boolean)
    .join(' · ')
