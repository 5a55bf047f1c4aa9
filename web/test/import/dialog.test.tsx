// @vitest-environment happy-dom
import { act } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { NewLead } from '../../src/api/leadsApi'
import type { Desk } from '../../src/desk'
import { type Choice, Sheet } from '../../src/import/sheet'
import { DeskContext } from '../../src/ui/hooks'
import ImportDialog from '../../src/ui/import/ImportDialog'
import { turns } from '../world'

const thread = vi.hoisted(() => ({ dead: false }))

vi.mock('../../src/import/sheetClient', () => ({
  SheetClient: class {
    sheet = new Sheet()
    read = async (file: File) => this.sheet.read(new Uint8Array(await file.arrayBuffer()))
    check = async (choice: Choice, known: string[]) => {
      if (thread.dead) throw new Error('the thread has died')
      return this.sheet.check(choice, new Set(known)).next().value
    }
    piece = async (choice: Choice, from: number) => this.sheet.piece(choice, from)
    close = () => undefined
  },
}))

const KNOWN = '+12025550143'
const sent: NewLead[] = []
const DONE = 'is never called from now on'
const answer = { created: 1, merged: 0, refused: [{ line: 1, reason: DONE }] }
let answered: Promise<void> | null = null
const desk = {
  store: { all: () => [{ phone: KNOWN }] },
  api: { import: async (leads: NewLead[]) => (sent.push(...leads), await answered, answer) },
  current: { settings: null },
  subscribe: () => () => undefined,
  lookAgain: () => undefined,
} as unknown as Desk

let place: HTMLElement
let root: Root

beforeEach(() => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true)
  place = document.body.appendChild(document.createElement('div'))
  root = createRoot(place)
  thread.dead = false
  answer.refused = [{ line: 1, reason: DONE }]
  sent.length = 0
})

afterEach(async () => act(() => root.unmount()))

const happens = (what: () => void) => act(async () => (what(), turns()))
const open = (...texts: string[]) => {
  const files = texts.map((text) => new File([text], 'leads.csv'))
  return happens(() => root.render(<DeskContext value={desk}><ImportDialog files={files} close={() => undefined} /></DeskContext>)) // prettier-ignore
}
const press = (name: string) => happens(() => [...place.querySelectorAll('button')].find((button) => button.textContent === name)?.click())

test('rows that cannot be checked end in a sentence, and another file can be chosen', async () => {
  thread.dead = true
  await open(`phone\n${KNOWN}\n`)
  await press('See what will happen')
  expect(place.querySelector('[role=alert]')?.textContent).toMatch(/could not be checked, and nothing was sent/)
  expect(place.textContent).toContain('Choose a file')
})

test('rows marked as not to be called are a kind of their own, sent as such, and told of in the end', async () => {
  await open(`phone,dnc\n${KNOWN},x\n${KNOWN},\n+12025550144,\n`)
  await press('See what will happen')
  const tallies = [...place.querySelectorAll('.tally')].map((tally) => tally.textContent)
  expect(tallies).toContain('1Do not callare marked so in the file, and never called; 1 of them is in your list now')
  expect(tallies).toContain('1Refusedare not sent')
  await press('Import 2 rows')
  expect(sent).toEqual([{ phone: KNOWN, do_not_call: 'yes' }, { phone: '+12025550144' }])
  expect(place.textContent).toContain('1 new lead, 0 merged, 1 marked “do not call”, 1 refused.')
  expect([...place.querySelectorAll('.refused')].map((list) => list.textContent)).toEqual([
    `Line 3${KNOWN}marked “do not call” in another row`,
    `Line 2${KNOWN}is never called from now on`,
  ])
})

test('a mark that the server could not store is not told as done', async () => {
  answer.refused = [{ line: 1, reason: 'is marked do-not-call in the list, which could not be stored: send this row again' }]
  await open(`phone,dnc\n${KNOWN},x\n+12025550144,\n`)
  await press('See what will happen')
  await press('Import 2 rows')
  expect(place.textContent).toContain('1 new lead, 0 merged, 1 refused.')
  expect(place.querySelector('.refused')?.textContent).toContain('could not be stored')
  expect(place.textContent).not.toContain('Rows marked “do not call”')
})

test('a file without marks says nothing of them', async () => {
  await open(`phone\n${KNOWN}\n`)
  await press('See what will happen')
  expect(place.querySelectorAll('.tally')).toHaveLength(3)
})

test('a column of nothing but ticks is asked about before anybody of it may be called', async () => {
  const next = () => [...place.querySelectorAll('button')].find(({ textContent }) => textContent === 'See what will happen')
  await open(`phone,Raus,Colour,Consent\n${KNOWN},,red,yes\n+12025550144,X,blue,no\n`)
  expect([...place.querySelectorAll('.doubt')].map((asked) => asked.textContent)).toEqual(['Is this a do-not-call mark?YesNo'])
  expect(next()?.disabled).toBe(true)
  expect(place.textContent).toContain('Please say whether “Raus” is a do-not-call mark.')
  await press('Yes')
  expect(document.activeElement?.getAttribute('aria-label')).toBe('Raus')
  await press('See what will happen')
  expect([...place.querySelectorAll('.tally')].map(({ textContent }) => textContent)).toContain('1Do not callare marked so in the file, and never called')
})

test('who has said once that a column is no mark is not asked again on the way back', async () => {
  await open(`phone,VIP\n${KNOWN},x\n`)
  await press('No')
  await press('See what will happen')
  await press('Back')
  expect(place.querySelector('.doubt')).toBeNull()
  expect(place.textContent).toContain('See what will happen')
})

test('a column of when or why somebody is not to be called is asked about where no other says who', async () => {
  await open(`phone,DNC date\n${KNOWN},2026-01-05\n`)
  expect(place.querySelectorAll('.doubt')).toHaveLength(1)
  await act(() => root.unmount())
  root = createRoot(place)
  await open(`phone,DNC date,DNC\n${KNOWN},2026-01-05,yes\n`)
  expect(place.querySelectorAll('.doubt')).toHaveLength(0)
})

test('of several files none is taken in silence: one after the other', async () => {
  await open('phone\n+12025550144\n', 'phone\n+12025550145\n')
  expect(place.querySelector('[role=alert]')?.textContent).toMatch(/2 files, and none of them was read/)
  await open(`phone\n${KNOWN}\n`)
  expect(place.textContent).toContain('What is in each column?')
})

test('leaving the page is asked about for as long as not all is sent', async () => {
  let finish = () => {}
  answered = new Promise((done) => (finish = done))
  const asks = () => !dispatchEvent(new Event('beforeunload', { cancelable: true }))
  await open('phone\n+12025550144\n')
  await press('See what will happen')
  expect(asks()).toBe(false)
  await press('Import 1 row')
  expect([asks(), place.textContent?.includes('Please leave this page open')]).toEqual([true, true])
  await happens(finish)
  expect([asks(), place.textContent?.includes('Import finished')]).toEqual([false, true])
})
