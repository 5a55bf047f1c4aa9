import { describe, expect, test } from 'vitest'
import columns from '../../../tests/shared/columns.json'
import doNotCall from '../../../tests/shared/do_not_call.json'
import { isMark, meaningOf, optedOut } from '../../src/import/words'

/** Lists are understood here as by the commands: both read words.json, and tests/unit reads these tables too. */
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
})
