import { expect, test } from 'vitest'
import {
  FIRST_LAYOUT,
  FIRST_VIEW,
  forgetView,
  keepLayout,
  keepView,
  readLayout,
  readView,
  type View,
} from '../../src/ui/viewMemory'
import { FakeStorage } from '../fakes'

const VIEW: View = {
  filter: 'held',
  search: 'fair',
  sort: { key: 'extra.Company', down: true },
  at: { id: 'lead-7', by: 12 },
}

test('filter, search, sort and place of the list are there after a reload, for the same user', () => {
  const tab = new FakeStorage()
  keepView('ada', VIEW, tab)
  expect(readView('ada', tab)).toEqual(VIEW)
  expect(readView('grace', tab)).toEqual(FIRST_VIEW)
})

test('nothing remains of them after a sign-out', () => {
  const tab = new FakeStorage()
  keepView('ada', VIEW, tab)
  forgetView(tab)
  expect(readView('ada', tab)).toEqual(FIRST_VIEW)
  expect(tab.length).toBe(0)
})

test('the columns and the height of the rows are remembered', () => {
  const browser = new FakeStorage()
  const layout = { columns: { on: ['extra.City' as const], off: ['reason' as const] }, roomy: true }
  keepLayout(layout, browser)
  expect(readLayout(browser)).toEqual(layout)
})

test.each([
  '',
  'null',
  '{',
  '[]',
  '{"user":"ada","filter":"none","sort":7,"at":{},"columns":{"on":[1]},"roomy":"yes"}',
])('what cannot be read is as the first time: %s', (kept) => {
  const storage = new FakeStorage()
  for (const key of ['autocall.view', 'autocall.table']) storage.setItem(key, kept)
  expect(readView('ada', storage)).toEqual(FIRST_VIEW)
  expect(readLayout(storage)).toEqual(FIRST_LAYOUT)
})
