/** What a column of the file becomes: a field of the lead, a column of its own, or nothing. */
export const TARGETS = ['phone', 'name', 'timezone', 'state', 'note', 'external_id', 'keep', 'skip'] as const

export type Target = (typeof TARGETS)[number]

const WORDS: Partial<Record<Target, RegExp>> = {
  phone: /\b(phone|tel|telephone|telefon|mobile|mobil|cell|cellphone|handy|number|nummer|numero|msisdn|e ?164)\b/,
  name: /\b(name|full name|first ?name|last ?name|surname|vorname|nachname|nombre|contact|customer|lead|prospect)\b/,
  timezone: /\b(time ?zone|tz|zone|zeitzone)\b/,
  state: /\b(state|province|region|bundesland|st)\b/,
  note: /\b(notes?|comments?|remarks?|notiz|bemerkung|memo)\b/,
  external_id: /\b(id|external id|crm id|lead id|customer id|reference|ref|uuid|record id)\b/,
}

const ORDER: Target[] = ['phone', 'timezone', 'external_id', 'note', 'name', 'state']
const MANY: ReadonlySet<Target> = new Set(['name', 'keep', 'skip'])

const plain = (header: string) => header.toLowerCase().replaceAll(/[^a-z0-9]+/g, ' ').trim()

const looksDialable = (cell: string) => /^[+(\d][\d\s()./-]{6,}$/.test(cell.trim()) && cell.replaceAll(/\D/g, '').length >= 7

/** Whether a first row names columns: it does if it has words of the trade, or nothing in it could be dialled. */
export function hasHeader(first: readonly string[]): boolean {
  if (first.some(looksDialable)) return false
  return first.some((cell) => /[a-z]/i.test(cell))
}

/** A first guess at what each column is, from its header and a few of its cells; each field is given once. */
export function guess(headers: readonly string[], sample: readonly (readonly string[])[]): Target[] {
  const taken = new Set<Target>()
  const targets = headers.map((header, column): Target => {
    const words = plain(header)
    const found = ORDER.find((target) => WORDS[target]?.test(words) && (MANY.has(target) || !taken.has(target)))
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

function mostlyDialable(sample: readonly (readonly string[])[], column: number, share: number): boolean {
  const cells = sample.map((row) => row[column] ?? '').filter((cell) => cell.trim())
  return cells.length === 0 || cells.filter(looksDialable).length >= share * cells.length
}

/** The fields of one row, ready to send; several columns called name become one name. */
export function toLead(cells: readonly string[], headers: readonly string[], targets: readonly Target[]): Record<string, string> {
  const lead: Record<string, string> = {}
  targets.forEach((target, column) => {
    const value = (cells[column] ?? '').trim()
    const field = target === 'keep' ? (headers[column] ?? '').trim() : target
    if (target === 'skip' || !value || !field) return
    lead[field] = target === 'name' && lead.name ? `${lead.name} ${value}` : value
  })
  return lead
}
