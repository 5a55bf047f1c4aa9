export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252'

export type Decoded = { kind: 'text'; text: string; encoding: Encoding } | { kind: 'not-text'; what: 'workbook' | 'binary' | 'empty' }

const starts = (bytes: Uint8Array, ...first: number[]) => first.every((byte, place) => bytes[place] === byte)

const LOOKED_AT = 4096

/** The text of a file whose encoding nobody wrote down; what is not text is said to be so. */
export function decode(bytes: Uint8Array): Decoded {
  if (bytes.length === 0) return { kind: 'not-text', what: 'empty' }
  if (starts(bytes, 0x50, 0x4b, 3, 4) || starts(bytes, 0xd0, 0xcf, 0x11, 0xe0)) return { kind: 'not-text', what: 'workbook' }
  const wide = sixteenBit(bytes)
  if (wide) return read(bytes, wide)
  if (bytes.subarray(0, LOOKED_AT).includes(0)) return { kind: 'not-text', what: 'binary' }
  try {
    return read(bytes, 'utf-8', true)
  } catch {
    return read(bytes, 'windows-1252')
  }
}

/** Two bytes a letter? By its mark, or because every other byte is nought. */
function sixteenBit(bytes: Uint8Array): Encoding | null {
  if (starts(bytes, 0xff, 0xfe)) return 'utf-16le'
  if (starts(bytes, 0xfe, 0xff)) return 'utf-16be'
  const head = bytes.subarray(0, LOOKED_AT)
  const noughts = [0, 0]
  head.forEach((byte, place) => byte === 0 && (noughts[place % 2] = (noughts[place % 2] ?? 0) + 1))
  const [even = 0, odd = 0] = noughts
  if (odd > head.length / 4 && even < odd / 10) return 'utf-16le'
  if (even > head.length / 4 && odd < even / 10) return 'utf-16be'
  return null
}

function read(bytes: Uint8Array, encoding: Encoding, fatal = false): Decoded {
  const text = new TextDecoder(encoding, { fatal }).decode(bytes)
  return text.trim() ? { kind: 'text', text, encoding } : { kind: 'not-text', what: 'empty' }
}
