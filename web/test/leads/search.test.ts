import { describe, expect, test } from 'vitest'
import { marker } from '../../src/leads/search'
import { excerpt } from '../../src/ui/Marked'
import { lead } from './made'

const found = (search: string, text: string) => {
  const marks = marker(search)?.text(text) ?? []
  return marks.map(([from, to]) => text.slice(from, to))
}
const inNumber = (search: string, phone: string, shown: string) =>
  (marker(search)?.phone(lead({ phone }), shown) ?? []).map(([from, to]) => shown.slice(from, to))

describe('what has made a search find a lead stands out', () => {
  test.each([
    ['fair', 'asked for a call after the Fair', ['Fair']],
    ['jurgen', 'Jürgen Grosse', ['Jürgen']],
    ['jurgen', 'Ju\u0308rgen Grosse', ['Ju\u0308rgen']],
    ['grosse', 'Jürgen Große', []],
    ['ﬁne', 'a ﬁne day', ['ﬁne']],
    ['a call', 'a call', ['a', 'call']],
    ['ana na', 'banana', ['anana']],
    ['nobody', 'somebody', []],
  ])('%s in %s', (search, text, expected) => {
    expect(found(search, text)).toEqual(expected)
  })

  test.each([
    ['442079', '+442079460018', '+44 20 7946 0018', ['4', '4', '2', '0', '7', '9']],
    ['0171 234', '+491712345678', '+49 171 2345678', ['1', '7', '1', '2', '3', '4']],
    ['+49 (0)171', '+491712345678', '+49 171 2345678', ['4', '9', '1', '7', '1']],
    ['999', '+491712345678', '+49 171 2345678', []],
  ])('a number however it is spaced: %s in %s', (search, phone, shown, digits) => {
    expect(inNumber(search, phone, shown).join('').replaceAll(/\D/g, '')).toBe(digits.join(''))
  })

  test('nothing does while nothing is searched for', () => {
    expect(marker('  ')).toBeNull()
  })

  test('and a long text begins a little before it', () => {
    const text = 'met at the booth, asked for an offer after the fair'
    const cut = excerpt(text, marker('fair')?.text(text) ?? [])
    expect(cut.text).toBe('… the fair')
    expect(cut.marks.map(([from, to]) => cut.text.slice(from, to))).toEqual(['fair'])
  })
})
