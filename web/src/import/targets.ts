/** The fields that the server knows by these names; everything else goes as `extra`. */
export const FIELDS = [
  'name',
  'timezone',
  'state',
  'note',
  'external_id',
  'basis',
  'consent_at',
  'consent_source',
  'consent_until',
] as const

/** What a column of the file becomes: a field of the lead, a do-not-call mark, a help to read the number, or itself. */
export const TARGETS = [
  'phone',
  ...FIELDS,
  'country',
  'calling_code',
  'do_not_call',
  'consent',
  'marking_words',
  'dnc_phone',
  'keep',
  'skip',
] as const

export type Target = (typeof TARGETS)[number]

export type Field = (typeof FIELDS)[number]

/** The targets by which a row says who must not be called. */
export const MARKING: ReadonlySet<Target> = new Set(['do_not_call', 'consent', 'marking_words'])

/** What must be asked about a column, because whoever is not marked is called. */
export type Doubt =
  | { kind: 'ticks' }
  | { kind: 'about' }
  | { kind: 'consent' }
  | { kind: 'words'; words: string[] }
  | { kind: 'beside'; phone: number }
