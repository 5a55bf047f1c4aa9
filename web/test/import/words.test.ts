import { describe, expect, test } from 'vitest'
import columns from '../../../tests/shared/columns.json'
import doNotCall from '../../../tests/shared/do_not_call.json'
import separators from '../../../tests/shared/separators.json'
import { readCsv } from '../../src/import/csv'
import { findHeader, headerScore } from '../../src/import/header'
import { countryOf, denies, isConsent, isMark, isMarkingCell, meaningOf, optedOut } from '../../src/import/words'

/** Lists are understood here as by the commands: both read words.json, and tests/unit/test_list_words.py these tables. */
describe('words mean what the commands make of them', () => {
  test.each(Object.entries(columns.alone))('%j is %j', (header, field) => {
    const meaning = meaningOf(header)?.meaning ?? null
    const names = ['first_name', 'last_name']
    expect(meaning && names.includes(meaning) ? 'name' : meaning).toBe(field)
  })

  test.each(Object.entries(doNotCall.headers))('whether %j marks who must not be called: %j', (header, mark) => {
    expect(isMark(header)).toBe(mark)
  })

  test.each(Object.entries(doNotCall.cells))('whether a cell %j marks one: %j', (cell, marked) => {
    expect(optedOut(cell)).toBe(marked)
  })

  test.each(Object.entries(doNotCall.consent_headers))('whether %j is a column of consent: %j', (header, consent) => {
    expect(isConsent(header)).toBe(consent)
  })

  test.each(Object.entries(doNotCall.consent_cells))('whether %j denies consent: %j', (cell, denied) => {
    expect(denies(cell)).toBe(denied)
  })

  test.each(Object.entries(doNotCall.phrases))(
    'whether a cell %j is itself a do-not-call phrase: %j',
    (cell, phrase) => {
      expect(isMarkingCell(cell)).toBe(phrase)
    },
  )

  test.each([
    ['GB', 'GB'],
    ['uk', 'GB'],
    ['United Kingdom', 'GB'],
    ['Deutschland', 'DE'],
    ['U.S.A.', 'US'],
    ['日本', 'JP'],
    ['EMEA', null],
  ])('the country of %j is %j', (cell, country) => {
    expect(countryOf(cell)).toBe(country)
  })

  test('no text takes long', () => {
    expect([isMark('do not '.repeat(100_000)), isMarkingCell('no '.repeat(100_000))]).toEqual([false, false])
  })
})

describe('the separator is that of the commands', () => {
  test.each(separators.map((one) => [one.of, one] as const))('%s', (_, { text, separator, headers, rows }) => {
    const csv = readCsv(text, headerScore)
    const { index } = findHeader(csv.lines.map(({ cells }) => cells))
    expect(csv.separator).toBe(separator)
    expect(csv.lines[index ?? -1]?.cells.filter(Boolean)).toEqual(headers.filter((name) => !/^column \d+$/.test(name)))
    expect(csv.lines).toHaveLength((index ?? -1) + 1 + rows)
  })
})
