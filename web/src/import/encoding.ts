import { analyse } from 'chardet'
import { type Encoding, ENCODINGS } from './encodings'
import { type NoList, whatItIs } from './fileKind'

export type Decoded =
  | { kind: 'text'; text: string; encoding: Encoding }
  | { kind: 'not-text'; what: NoList }
  | { kind: 'workbook' }

const startsWith = (bytes: Uint8Array, ...first: number[]) => first.every((byte, index) => bytes[index] === byte)

const HEAD_BYTES = 4096
/** What is looked at to guess an encoding. */
const SAMPLE_BYTES = 64 * 1024

/** The text of a file: read as *chosen*, or as what it looks most like. What is no list is named. */
export function decode(bytes: Uint8Array, chosen?: Encoding): Decoded {
  if (bytes.length === 0) return { kind: 'not-text', what: 'empty' }
  if (startsWith(bytes, 0x50, 0x4b, 3, 4)) return { kind: 'workbook' }
  if (startsWith(bytes, 0xd0, 0xcf, 0x11, 0xe0)) return { kind: 'not-text', what: 'old-workbook' }
  if (startsWith(bytes, 0x25, 0x50, 0x44, 0x46, 0x2d)) return { kind: 'not-text', what: 'pdf' }
  const encoding = chosen ?? sixteenBit(bytes)
  if (encoding) return asText(bytes, encoding)
  if (bytes.subarray(0, HEAD_BYTES).includes(0)) return { kind: 'not-text', what: 'binary' }
  return asText(bytes, isUtf8(bytes) ? 'utf-8' : likeliest(bytes))
}

function asText(bytes: Uint8Array, encoding: Encoding): Decoded {
  const text = new TextDecoder(encoding).decode(bytes)
  if (!text.trim()) return { kind: 'not-text', what: 'empty' }
  const what = whatItIs(text)
  return what ? { kind: 'not-text', what } : { kind: 'text', text, encoding }
}

/** UTF-16 has a mark, or every other byte is nought. */
function sixteenBit(bytes: Uint8Array): Encoding | null {
  if (startsWith(bytes, 0xff, 0xfe)) return 'utf-16le'
  if (startsWith(bytes, 0xfe, 0xff)) return 'utf-16be'
  const head = bytes.subarray(0, HEAD_BYTES)
  const noughts = [0, 0]
  head.forEach((byte, index) => byte === 0 && (noughts[index % 2] = (noughts[index % 2] ?? 0) + 1))
  const [even = 0, odd = 0] = noughts
  if (odd > head.length / 4 && even < odd / 10) return 'utf-16le'
  if (even > head.length / 4 && odd < even / 10) return 'utf-16be'
  return null
}

/** ISO-2022-JP has no byte above 127 either, but it has escapes. */
function isUtf8(bytes: Uint8Array): boolean {
  if (bytes.subarray(0, SAMPLE_BYTES).includes(0x1b)) return false
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}

interface Candidate {
  encoding: Encoding
  /** chardet's, of 100 */
  confidence: number
}

/** An encoding that makes sense of the letters; of several that do, the one that chardet thinks likeliest. */
function likeliest(bytes: Uint8Array): Encoding {
  const sample = bytes.subarray(0, SAMPLE_BYTES)
  const rated = candidates(sample).map(({ encoding, confidence }) => {
    const text = new TextDecoder(encoding).decode(sample)
    return { encoding, confidence, oddness: oddness(text) }
  })
  rated.sort((a, b) => (Math.abs(a.oddness - b.oddness) > 0.04 ? a.oddness - b.oddness : b.confidence - a.confidence))
  return rated[0]?.encoding ?? 'windows-1252'
}

/** What chardet calls by another name than the web does, or takes for an older relative. */
const KNOWN_AS: Record<string, Encoding> = {
  'iso-8859-1': 'windows-1252',
  'iso-8859-5': 'windows-1251',
  'iso-8859-6': 'windows-1256',
  'iso-8859-7': 'windows-1253',
  'iso-8859-8': 'windows-1255',
  'iso-8859-9': 'windows-1254',
}

function candidates(sample: Uint8Array): Candidate[] {
  const found = new Map<Encoding, number>([['windows-1252', 1]])
  const add = (encoding: Encoding, confidence: number) =>
    found.set(encoding, Math.max(found.get(encoding) ?? 0, confidence))
  for (const { name, confidence } of analyse(sample)) {
    const label = name.toLowerCase()
    const encoding = KNOWN_AS[label] ?? ENCODINGS.find((known) => known === label)
    if (encoding && encoding !== 'utf-8') add(encoding, confidence)
    if (label === 'iso-8859-2') add('windows-1250', confidence + 0.5)
    if (label === 'iso-8859-1') add('windows-1252', confidence + 0.5)
  }
  add('macintosh', sample.includes(0x0d) && !sample.includes(0x0a) ? 40 : 0) // chardet does not know it
  return [...found].map(([encoding, confidence]) => ({ encoding, confidence }))
}

const NOT_ASCII = /[^\0-\x7f]/gu
/** A sign within a word, a capital behind a small letter, a control character, letters of two scripts in one word. */
const ODD = [
  /(?<=\p{L})(?![’‘])[^\0-\x7f\p{L}\p{M}\p{Z}](?=\p{L})/gu,
  /(?<=\p{L})[¹²³¼½¾¤¦¨¯¬´¸±×÷∏π∂∫√≈∆Ω◊](?!\p{L})/gu,
  /(?<=\p{Ll})[^\0-\x7f\P{Lu}]|(?<=[^\0-\x7f\P{Ll}])\p{Lu}(?=\p{Ll})/gu,
  /[\x80-\x9f\ufffd\p{Co}\p{Cn}]/gu,
  /(?<=[A-Za-z])[^\0-\x7f\p{Script=Latin}\P{L}]|[^\0-\x7f\p{Script=Latin}\P{L}](?=[A-Za-z])/gu,
]

/** The share of letters beyond ASCII that no writer would have put where they are. */
function oddness(text: string): number {
  const letters = text.match(NOT_ASCII)?.length ?? 0
  if (letters === 0) return 0
  const odd = ODD.reduce((sum, pattern) => sum + (text.match(pattern)?.length ?? 0), 0)
  const northern = text.match(/[øØ]/g)?.length ?? 0
  const mixed = northern > 0 && /[íýìòèùï]/.test(text) ? northern : 0 // who writes ř in Windows-1250 has ø in 1252
  return (odd + mixed) / letters
}
