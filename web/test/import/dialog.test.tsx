import { act } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { ImportLeadsResponse, NewLead } from '../../src/api/leadsApi'
import type { AgentApp } from '../../src/agentApp'
import type { Encoding } from '../../src/import/encodings'
import { type Checked, type Choice, Sheet } from '../../src/import/sheet'
import type { SheetReader } from '../../src/import/sheetClient'
import { AgentAppContext } from '../../src/ui/hooks'
import ImportDialog from '../../src/ui/import/ImportDialog'
import { turns } from '../world'

const thread = { dead: false }

/** The sheet without its thread. */
class SheetHere implements SheetReader {
  private readonly sheet = new Sheet()
  read = async (file: File, region: string) => this.sheet.read(new Uint8Array(await file.arrayBuffer()), region)
  reread = async (encoding: Encoding, region: string) => this.sheet.reread(region, encoding)
  overview = async (header: number | null, region: string) => this.sheet.overview(header, region)
  check = async (choice: Choice, known: string[]) => {
    if (thread.dead) throw new Error('the thread has died')
    const { value } = this.sheet.check(choice, known).next()
    return value as Checked[]
  }
  piece = async (choice: Choice, from: number) => this.sheet.piece(choice, from)
  close = () => undefined
}

const KNOWN = '+12025550143'
const sent: NewLead[] = []
/** What the server answers, one request after the other; then it stores everything. */
const answers: ImportLeadsResponse[] = []
let paused = 0
let answered: Promise<void> | null = null
const marks = (leads: NewLead[]) =>
  leads.flatMap((lead, index) =>
    lead.do_not_call ? [{ line: index + 1, code: 'marked', reason: 'marked', retry: false }] : [],
  )
const stores = (leads: NewLead[]): ImportLeadsResponse => ({
  created: leads.length - marks(leads).length,
  merged: 0,
  refused: marks(leads),
  warnings: [],
})
const desk = {
  store: { all: () => [{ phone: KNOWN }] },
  api: { import: async (leads: NewLead[]) => (sent.push(...leads), await answered, answers.shift() ?? stores(leads)) },
  current: { settings: null },
  subscribe: () => () => undefined,
  lookAgain: () => undefined,
  setPaused: async () => void (paused += 1),
} as unknown as AgentApp

let place: HTMLElement
let root: Root

beforeEach(() => {
  place = document.body.appendChild(document.createElement('div'))
  root = createRoot(place)
  thread.dead = false
  answers.length = 0
  answered = null
  paused = 0
  sent.length = 0
})

afterEach(async () => act(() => root.unmount()))

const happens = (what: () => void) => act(async () => (what(), turns()))
const open = (...texts: string[]) => {
  const files = texts.map((text) => new File([text], 'leads.csv'))
  const dialog = <ImportDialog files={files} close={() => undefined} openSheet={() => new SheetHere()} />
  return happens(() => root.render(<AgentAppContext value={desk}>{dialog}</AgentAppContext>))
}
const button = (name: string) => [...place.querySelectorAll('button')].find(({ textContent }) => textContent === name)
const press = (name: string) => happens(() => button(name)?.click())
const radio = (name: string) =>
  happens(() =>
    [...place.querySelectorAll('label')]
      .find((label) => label.textContent?.startsWith(name))
      ?.querySelector('input')
      ?.click(),
  )
const choose = (label: string, value: string) =>
  happens(() => {
    const named = [...place.querySelectorAll('label')].find(({ textContent }) => textContent?.startsWith(label))
    const select =
      place.querySelector<HTMLSelectElement>(`select[aria-label="${label}"]`) ?? named?.querySelector('select')
    if (!select) throw new Error(`there is no ${label}`)
    select.value = value
    select.dispatchEvent(new Event('change', { bubbles: true }))
  })
const tallies = () => [...place.querySelectorAll('.tally')].map(({ textContent }) => textContent)
const row = (name: string) =>
  [...place.querySelectorAll('.columns tr')].find((one) => one.querySelector('th')?.textContent === name)

test('stands beside the page, which stays in use', async () => {
  await open(`phone\n${KNOWN}\n`)
  const dialog = place.querySelector('dialog')
  expect([dialog?.open, dialog?.matches(':modal')]).toEqual([true, false])
  await happens(() => place.querySelector<HTMLElement>('[aria-label="Fold the import"]')?.click())
  expect([dialog?.dataset.folded, place.querySelector('.dialog-body')?.hasAttribute('hidden')]).toEqual(['true', true])
})

test('rows that cannot be checked end in a sentence, and another file can be chosen', async () => {
  thread.dead = true
  await open(`phone\n${KNOWN}\n`)
  await press('Preview')
  expect(place.querySelector('[role=alert]')?.textContent).toMatch(/could not be checked, and nothing was sent/)
  expect(place.textContent).toContain('Choose a file')
})

test('each column says what it is taken for, how many cells it fills, and how many of them are numbers', async () => {
  await open(`Name,Phone,Mobile\nAda,2025550143,\nBob,none,2025550144\nChi,2025550145,\n`)
  expect(row('Phone')?.textContent).toMatch(/^Phone3 of 32 valid numbers \(67 %\)2025550143 · none/)
  expect(row('Mobile')?.textContent).toContain('1 of 31 valid numbers (100 %)')
  expect(row('Phone')?.textContent).toContain('Tried as number 1')
  expect(row('Mobile')?.textContent).toContain('Tried as number 2')
  expect(row('Name')?.textContent).toMatch(/^Name3 of 3Ada/)
  await happens(() => place.querySelector<HTMLElement>('[aria-label="Mobile: Try first"]')?.click())
  await press('Preview')
  await press('Import 3 rows')
  expect(sent.map(({ phone }) => phone)).toEqual(['+12025550143', '+12025550144', '+12025550145'])
})

test('rows marked as not to be called are a kind of their own, sent as such, and told of in the end', async () => {
  await open(`phone,dnc\n${KNOWN},x\n${KNOWN},\n+12025550144,\n`)
  await press('Preview')
  expect(tallies()).toContain('1Do not callare marked so in the file, and never called; 1 of them is in your list now')
  expect(tallies()).toContain('1Refusedare not sent: please mend them in the file')
  await press('Import 2 rows')
  expect(sent).toEqual([{ phone: KNOWN, do_not_call: 'yes' }, { phone: '+12025550144' }])
  expect(place.textContent).toContain('1 new lead, 0 already there, 1 marked “do not call”, 1 refused.')
  expect(place.querySelector('.finished')?.textContent).toBe('Import finished')
  expect([...place.querySelectorAll('.refused')].map((list) => list.textContent)).toEqual([
    `Line 3${KNOWN}marked “do not call” in another row`,
    `Line 2${KNOWN}is never called from now on`,
  ])
})

test('a mark that the server did not store is red, and not told as done', async () => {
  answers.push({
    created: 1,
    merged: 0,
    refused: [{ line: 1, code: 'bad_phone', reason: 'the phone number is not in use', retry: false }],
    warnings: [],
  })
  await open(`phone,dnc\n${KNOWN},x\n+12025550144,\n`)
  await press('Preview')
  await press('Import 2 rows')
  expect(place.textContent).toContain('1 new lead, 0 already there, 1 refused.')
  expect(place.querySelector('.finished')?.textContent).toBe('Import finished, but not as shown before')
  expect(place.querySelector('[role=alert]')?.textContent).toContain('1 row that marks a number was not stored')
  expect(place.textContent).not.toContain('Rows marked “do not call”')
})

test('a row that the preview promised and the server refused is red; one that came to be there meanwhile too', async () => {
  answers.push({
    created: 0,
    merged: 1,
    refused: [{ line: 2, code: 'bad_phone', reason: 'the phone number is not in use', retry: false }],
    warnings: [],
  })
  await open('phone\n+12025550144\n+12025550145\n')
  await press('Preview')
  await press('Import 2 rows')
  expect(place.querySelector('.finished')?.getAttribute('data-differs')).toBe('true')
  expect(place.querySelector('[role=alert]')?.textContent).toMatch(
    /1 row was refused by the server.*0 instead of 2 are new/,
  )
})

test('rows that the server had no time for are sent again by themselves, and are no refusals', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] })
  answers.push({
    created: 1,
    merged: 0,
    refused: [{ line: 2, code: 'not_stored', reason: 'send this row again', retry: true }],
    warnings: [],
  })
  await open('phone\n+12025550144\n+12025550145\n')
  await press('Preview')
  await press('Import 2 rows')
  expect(place.textContent).toContain('The server had no time for 1 row yet: it is sent again by itself.')
  await act(async () => vi.advanceTimersByTimeAsync(60_000))
  vi.useRealTimers()
  expect(sent.map(({ phone }) => phone)).toEqual(['+12025550144', '+12025550145', '+12025550145'])
  expect(place.textContent).toContain('2 new leads, 0 already there, 0 refused.')
  expect(place.querySelector('.finished')?.textContent).toBe('Import finished')
})

test('a list may be imported now and called later: calling is paused before the first row is sent', async () => {
  await open('phone\n+12025550144\n')
  await press('Preview')
  await press('Import, call later')
  expect([paused, sent.length]).toEqual([1, 1])
  expect(place.textContent).toContain('Calling is paused. Press Resume when the calls may begin.')
})

test('a file without marks says nothing of them', async () => {
  await open(`phone\n${KNOWN}\n`)
  await press('Preview')
  expect(tallies()).toHaveLength(4)
  expect(place.textContent).not.toContain('Do not call')
})

test('nothing is sent before it is said of every doubtful column whether it forbids', async () => {
  await open(
    `phone,Raus,Status,Consent,Colour\n${KNOWN},,DNC,no,red\n+12025550144,X,new,yes,blue\n+12025550145,,new,yes,red\n`,
  )
  expect([...place.querySelectorAll('.doubt legend')].map(({ textContent }) => textContent)).toEqual([
    '“Raus” holds only yes and no, or ticks',
    '“Status” holds “DNC”',
    '“Consent” holds denials',
  ])
  expect(button('Preview')?.disabled).toBe(true)
  expect(place.textContent).toContain('Please answer the 3 questions above the columns first.')
  await radio('A yes means: do not call')
  await radio('These are not called')
  expect(button('Preview')?.disabled).toBe(true)
  await radio('Who denies is not called')
  await press('Preview')
  expect(tallies()).toContain('2Do not callare marked so in the file, and never called; 1 of them is in your list now')
})

test('who has said once that a column is no mark is not asked again on the way back', async () => {
  await open(`phone,VIP\n${KNOWN},x\n`)
  await radio('Neither')
  await press('Preview')
  await press('Back')
  expect(button('Preview')?.disabled).toBe(false)
  expect([...place.querySelectorAll<HTMLInputElement>('.doubt input')].map(({ checked }) => checked)).toEqual([
    false,
    false,
    true,
  ])
})

test('choosing what the column is answers the question as well', async () => {
  await open(`phone,VIP\n${KNOWN},x\n`)
  await choose('VIP', 'skip')
  expect(button('Preview')?.disabled).toBe(false)
})

test('a flag beside one of several phones forbids that phone, or the whole row, as a person says', async () => {
  await open(`Phone 1,Phone 1 DNC,Phone 2\n${KNOWN},Y,+12025550144\n`)
  await radio('It forbids only “Phone 1”')
  await press('Preview')
  await press('Import 1 row')
  expect(sent).toEqual([
    { phone: KNOWN, do_not_call: 'yes' },
    { phone: '+12025550144', 'extra.Phone 1': KNOWN },
  ])
})

test('a column of when or why somebody is not to be called is asked about where no other says who', async () => {
  await open(`phone,DNC date\n${KNOWN},2026-01-05\n`)
  expect(place.querySelectorAll('.doubt')).toHaveLength(1)
  await act(() => root.unmount())
  root = createRoot(place)
  await open(`phone,DNC date,DNC\n${KNOWN},2026-01-05,yes\n`)
  expect(place.querySelectorAll('.doubt')).toHaveLength(0)
})

test('numbers that can be read in two ways are asked about before anything is sent', async () => {
  await open('Phone,Country\n+12025550144,United Kingdom\n+12025550145,USA\n')
  await press('Preview')
  expect(tallies()).toContain('1Need an answerthe number can be read in more than one way')
  expect(button('Please answer the question about 1 row first.')?.disabled).toBe(true)
  await radio('The number is right')
  await press('Import 2 rows')
  expect(sent.map(({ phone }) => phone)).toEqual(['+12025550144', '+12025550145'])
})

test('where titles stand above and nothing is known, a person says which line holds the names', async () => {
  await open(`Some report\nof a day\nWho,Where to\nAmy,+12025550144\n`)
  expect(button('Preview')?.disabled).toBe(true)
  expect(place.textContent).toContain('Please say which line holds the columns’ names')
  await choose('Names of columns are in', '2')
  expect(place.textContent).toContain('2 lines above the columns’ names are left out as titles.')
  await press('Preview')
  await press('Import 1 row')
  expect(sent).toEqual([{ phone: '+12025550144', 'extra.Who': 'Amy' }])
})

test('the encoding can be chosen, and the columns are shown anew', async () => {
  await open('Name,Phone\nZoë,+12025550144\n')
  expect(row('Name')?.textContent).toContain('Zoë')
  await choose('Read as', 'windows-1252')
  expect(row('Name')?.textContent).toContain('ZoÃ«')
  expect(place.textContent).toContain('It was read as Western European (Windows-1252)')
})

test('what had to be shortened or left out is named before anything is sent', async () => {
  await open(`phone,note\n+12025550144,${'x'.repeat(5_000)}\n`)
  await press('Preview')
  expect(place.querySelector('.fitted')?.textContent).toBe('Too long, and shortened: note (1 row).')
})

test('the refused rows can be downloaded before anything is sent', async () => {
  const saved: Blob[] = []
  vi.spyOn(URL, 'createObjectURL').mockImplementation((blob) => (saved.push(blob as Blob), 'blob:x'))
  await open('phone,name\n+12025550144,Ada\nnone,Bob\n')
  await press('Preview')
  await press('Download the refused rows')
  expect(await saved[0]?.text()).toBe('\ufeffline,number,name,reason\r\n3,none,Bob,not a phone number')
  expect(sent).toEqual([])
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
  await press('Preview')
  expect(asks()).toBe(false)
  await press('Import 1 row')
  expect([asks(), place.textContent?.includes('Please leave this page open')]).toEqual([true, true])
  await happens(finish)
  expect([asks(), place.textContent?.includes('Import finished')]).toEqual([false, true])
})
