import type { Lead } from './lead'

const haystacks = new WeakMap<Lead, string>()

/** Without case and accents: who types `jurgen` looks for Jürgen. */
const fold = (text: string) => text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase()

/** The words of a search; each must be found. */
const wordsOf = (search: string) => fold(search).split(/\s+/).filter(Boolean)

/** The digits of a search that may be a number; none otherwise. */
const digitsOf = (search: string) =>
  /^[\s\d()+./-]+$/.test(search) ? search.replace(/(?<=\d\s*)\(0\)/, '').replaceAll(/\D/g, '') : ''

/** The list's own columns, as texts. */
const ownTexts = (lead: Lead) => Object.values(lead.extra ?? {}).filter((value) => typeof value === 'string')

/** Everything of a lead that search looks at, as one text. */
function searchText(lead: Lead): string {
  const known = haystacks.get(lead)
  if (known !== undefined) return known
  const { name, phone, note, agent_note, external_id, state } = lead
  const text = fold([name, phone, note, agent_note?.text, external_id, state, ...ownTexts(lead)].join('\n'))
  haystacks.set(lead, text)
  return text
}

/** Whether a lead answers to all words of a search; a number is found however it is spaced. */
export function matcher(search: string): (lead: Lead) => boolean {
  const words = wordsOf(search)
  if (words.length === 0) return () => true
  const digits = digitsOf(search)
  return (lead) =>
    (digits.length > 1 && numberPart(lead.phone, digits) !== null) ||
    words.every((word) => searchText(lead).includes(word))
}

/** The digits of the number in which those of a search are found; a number as it is dialled, 0171 or 0049 171, is +49171. */
function numberPart(phone: string | undefined, digits: string): string | null {
  if (!phone) return null
  if (phone.includes(digits)) return digits
  const [, zeros = '', bare = ''] = /^(0+)(\d{2,})$/.exec(digits) ?? []
  if (!bare) return null
  const found = zeros.length > 1 ? phone.startsWith(bare, 1) : [2, 3, 4].some((code) => phone.startsWith(bare, code))
  return found ? bare : null
}

/** From where to where a text answers to a search: pairs that do not overlap, in their order. */
export type Marks = readonly (readonly [from: number, to: number])[]

export interface Marker {
  /** in any text of a lead */
  text: (text: string) => Marks
  /** in its number, as people write it */
  phone: (lead: Pick<Lead, 'phone'>, shown: string) => Marks
}

/** What of a lead's texts has made a search find it. */
export function marker(search: string): Marker | null {
  const words = wordsOf(search)
  if (words.length === 0) return null
  const digits = digitsOf(search)
  const text = (shown: string) => {
    const { folded, places } = foldedWithPlaces(shown)
    return found(folded, words, places)
  }
  const phone = ({ phone }: Pick<Lead, 'phone'>, shown: string) => {
    const part = digits.length > 1 ? numberPart(phone, digits) : null
    if (part === null) return text(shown)
    const places = [...shown.matchAll(/\d/g)].map(({ index }) => index)
    const written = places.map((at) => shown[at]).join('')
    return found(written, [part], [...places.map((at): [number, number] => [at, at + 1])])
  }
  return { text, phone }
}

/** A folded text, and for each of its characters from where to where it stands in the text. */
function foldedWithPlaces(text: string): { folded: string; places: [number, number][] } {
  const places: [number, number][] = []
  let [folded, from] = ['', 0]
  for (const letter of text) {
    const part = fold(letter)
    if (!part && places.length > 0) (places.at(-1) as [number, number])[1] += letter.length // an accent of its own
    for (let unit = 0; unit < part.length; unit += 1) places.push([from, from + letter.length])
    folded += part
    from += letter.length
  }
  return { folded, places }
}

function found(text: string, words: readonly string[], places: readonly [number, number][]): Marks {
  const marks: [number, number][] = []
  for (const word of words) {
    for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length))
      marks.push([places[at]?.[0] ?? 0, places[at + word.length - 1]?.[1] ?? 0])
  }
  marks.sort(([a], [b]) => a - b)
  return marks.reduce<[number, number][]>((apart, [from, to]) => {
    const last = apart.at(-1)
    if (last && from <= last[1]) last[1] = Math.max(last[1], to)
    else apart.push([from, to])
    return apart
  }, [])
}
