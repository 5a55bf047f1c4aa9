import { describe, expect, test } from 'vitest'
import columns from '../../../tests/shared/columns.json'
import doNotCall from '../../../tests/shared/do_not_call.json'
import { guess, optedOut } from '../../src/import/columns'

/** A list becomes the same leads whether it is imported here or by `make import`; tests/unit/test_leads_api_csv.py reads these too. */
describe('columns are what the server makes of them', () => {
  const named = (headers: string[]) =>
    guess(headers, []).map((target) => (target === 'keep' ? null : target === 'skip' ? '' : target))

  test.each(Object.entries(columns.alone))('%j is %j', (header, field) => {
    expect(named(field === 'phone' ? [header] : [header, 'Phone'])[0]).toBe(field)
  })

  test.each(columns.together.map((headers) => [Object.keys(headers).join(', '), headers]))('%s', (_, headers) => {
    expect(named(Object.keys(headers))).toEqual(Object.values(headers))
  })

  test.each(Object.entries(doNotCall.headers))('whether %j marks who must not be called: %j', (header, isMark) => {
    expect(guess([header, 'Phone'], [])[0] === 'do_not_call').toBe(isMark)
  })

  test.each(Object.entries(doNotCall.cells))('whether a cell %j marks one: %j', (cell, marked) => {
    expect(optedOut(cell)).toBe(marked)
  })
})
