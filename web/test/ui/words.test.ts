import { describe, expect, test } from 'vitest'
import { duration, phone, timeIn, when } from '../../src/format'
import { readReason } from '../../src/reason'
import { loginError, reason } from '../../src/texts'
import { shift } from '../../src/ui/useScrollAnchor'

describe('reasons', () => {
  test('known ones are put into words, and the number behind them where it says more', () => {
    expect(reason('hours')).toBe('outside calling hours')
    expect(reason('Twilio refused the call (21211)')).toBe('not a valid number')
    expect(reason('account refused (20003)')).toBe('the phone provider refuses the login of this installation')
    expect(reason('not connected (SIP 404)')).toBe('the phone network does not know this number')
  })

  test('a reason is a code and a number, and a text of an earlier release is a code of its own', () => {
    expect(readReason('account refused (20003)')).toEqual({ code: 'account refused', detail: '20003' })
    expect(readReason('not connected (SIP 404)')).toEqual({ code: 'not connected', detail: '404' })
    expect(readReason('hours')).toEqual({ code: 'hours', detail: '' })
    expect(readReason('account refused by hand')).toEqual({ code: 'account refused by hand', detail: '' })
    expect(readReason(null)).toEqual({ code: '', detail: '' })
  })

  test('a number that says nothing to a person stays for whom they ask', () => {
    expect(reason('Twilio refused the call (29999)')).toBe('the phone provider refused the call (29999)')
    expect(reason('account refused (29999)')).toBe('the phone provider refuses this account’s calls (29999)')
    expect(reason('not connected (SIP 503)')).toBe('the phone network could not connect the call (SIP 503)')
  })

  test('unknown ones, as in rows of earlier releases, are shown as the server said them, and nothing is nothing', () => {
    expect(reason('The moon (21211)')).toBe('The moon (21211)')
    expect(reason('ReadTimeout')).toBe('ReadTimeout')
    expect(reason(null)).toBe('')
  })
})

describe('numbers, times and spans', () => {
  test.each([
    ['+12025550143', '+1 202 555 0143'],
    ['+442079460018', '+44 207 946 0018'],
    ['+4930901820', '+49 309 01820'],
    ['+35312345678', '+353 123 45678'],
    ['rubbish', 'rubbish'],
    [null, ''],
  ])('%s is written %s', (given, shown) => {
    expect(phone(given)).toBe(shown)
  })

  test.each([
    [0, '0:00'],
    [7, '0:07'],
    [725.9, '12:05'],
    [3_729, '1:02:09'],
    [null, ''],
    [-1, ''],
    [Number.NaN, ''],
  ])('%s seconds are %j', (given, shown) => {
    expect(duration(given)).toBe(shown)
  })

  test('a moment of today is a time alone, a later one says its day', () => {
    const noon = new Date(2026, 0, 5, 12).getTime()
    expect(when(noon, noon)).not.toMatch(/Mon|Jan/)
    expect(when(noon + 86_400_000, noon)).toMatch(/Tue/)
    expect(when(noon + 30 * 86_400_000, noon)).toMatch(/Feb/)
    expect(when('rubbish', noon)).toBe('')
  })

  test('a zone that is none has no time', () => {
    expect(timeIn('Europe/Berlin', 0)).not.toBe('')
    expect(timeIn('Moon/Crater', 0)).toBe('')
  })
})

describe('why a login failed', () => {
  test('does not say whether the name or the password was wrong', () => {
    expect(loginError('UserNotFoundException', 'User does not exist.')).toBe(
      loginError('NotAuthorizedException', 'Incorrect username or password.'),
    )
  })

  test('passes on the rules for a new password', () => {
    expect(
      loginError('InvalidPasswordException', 'Password did not conform with policy: Password not long enough'),
    ).toBe('Password not long enough')
  })
})

describe('a table that does not jump', () => {
  test('moves with the first row in sight when rows above come or go', () => {
    expect(shift(['a', 'b', 'c', 'd'], ['b', 'c', 'd'], null, 2)).toBe(-1)
    expect(shift(['b', 'c'], ['a', 'b', 'c'], null, 0)).toBe(1)
  })

  test('keeps the row under the pointer where it is', () => {
    expect(shift(['a', 'b', 'c', 'd'], ['a', 'c', 'd'], 'd', 0)).toBe(-1)
  })

  test('takes the next row when that one has gone, and stays when all have', () => {
    expect(shift(['a', 'b', 'c', 'd'], ['a', 'd'], 'b', 0)).toBe(-2)
    expect(shift(['a', 'b'], [], 'b', 0)).toBe(0)
  })
})
