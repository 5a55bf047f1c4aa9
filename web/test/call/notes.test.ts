import { beforeEach, expect, test } from 'vitest'
import { ApiError } from '../../src/api/client'
import { Notes } from '../../src/call/notes'
import type { AgentNote } from '../../src/leads/lead'
import { FakeClock, FakeStorage, settle } from '../fakes'

/** The server's half: one note a lead, and who may write over it. */
class NoteServer {
  notes = new Map<string, AgentNote>()
  written: string[] = []
  down = false
  deleted = false
  refuses = 0
  hold: Promise<void> | null = null

  put = async (lead: string, text: string, seen: number): Promise<AgentNote> => {
    await this.hold
    if (this.down) throw new ApiError(0, 'unreachable', '')
    if (this.deleted) throw new ApiError(404, 'not_found', '')
    if (this.refuses) throw new ApiError(this.refuses, 'bad', 'no')
    const standing = this.notes.get(lead)
    if ((standing?.version ?? 0) !== seen) throw new ApiError(409, 'changed', '', { agent_note: standing })
    this.written.push(text)
    return this.write(lead, text)
  }

  write(lead: string, text: string): AgentNote {
    const version = (this.notes.get(lead)?.version ?? 0) + 1
    const note = { text, at: '', by: 'somebody', version }
    this.notes.set(lead, note)
    return note
  }
}

let clock: FakeClock
let storage: FakeStorage
let server: NoteServer
let gone: string[]

beforeEach(() => {
  clock = new FakeClock()
  storage = new FakeStorage()
  server = new NoteServer()
  gone = []
})

const tab = (user = 'ada') =>
  new Notes({ storage, clock, user, put: server.put, saved: () => {}, gone: (lead) => gone.push(lead) })
const pass = async (ms: number) => {
  await clock.pass(ms)
  await settle()
}
const keyOf = (lead: string, user = 'ada') => `autocall.note ${user} ${lead}`

test('what is typed is sent once the hands rest, and not at every letter', async () => {
  const notes = tab()
  for (const text of ['w', 'wa', 'wants', 'wants 40 seats']) notes.type('l', text, null)
  expect(notes.state('l').kind).toBe('typed')
  await pass(1_000)
  expect(server.written).toEqual(['wants 40 seats'])
  expect(notes.state('l').kind).toBe('saved')
  expect(storage.length).toBe(0)
})

test('what is typed while the server cannot be reached is kept over a reload, and sent when it can be', async () => {
  server.down = true
  const before = tab()
  before.type('l', 'decides in March', null)
  await pass(1_000)
  expect(before.state('l').kind).toBe('kept')
  before.close()

  const after = tab()
  expect(after.text('l', null)).toBe('decides in March')
  expect(after.state('l').kind).toBe('kept')
  server.down = false
  after.resume()
  await settle()
  expect(server.notes.get('l')?.text).toBe('decides in March')
  expect(storage.length).toBe(0)
})

test('what was typed a moment before the page went is there when it is back', async () => {
  const before = tab()
  before.type('l', 'half a sent', null)
  before.close()
  await pass(5_000)
  expect(server.written).toEqual([])
  const after = tab()
  after.resume()
  await settle()
  expect(server.written).toEqual(['half a sent'])
})

test('it is tried again by itself', async () => {
  server.down = true
  const notes = tab()
  notes.type('l', 'text', null)
  await pass(1_000)
  server.down = false
  await pass(20_000)
  expect(server.written).toEqual(['text'])
})

test('what is typed while a note is on its way follows it, written over it', async () => {
  let release = () => {}
  server.hold = new Promise((done) => (release = done))
  const notes = tab()
  notes.type('l', 'one', null)
  await pass(1_000)
  notes.type('l', 'one two', null)
  release()
  await settle()
  expect(notes.text('l', null)).toBe('one two')
  await pass(1_000)
  expect(server.notes.get('l')).toMatchObject({ text: 'one two', version: 2 })
  expect(notes.state('l').kind).toBe('saved')
})

test('a note that somebody else has written meanwhile is shown, and neither is lost', async () => {
  const notes = tab()
  const standing = server.write('l', 'first')
  notes.type('l', 'mine', standing)
  server.write('l', 'theirs')
  await pass(1_000)
  expect(notes.state('l')).toMatchObject({ kind: 'conflict', standing: { text: 'theirs' } })
  expect(notes.text('l', standing)).toBe('mine')
  expect(server.notes.get('l')?.text).toBe('theirs')
  notes.settle('l', 'both')
  await settle()
  expect(server.notes.get('l')?.text).toBe('theirs\nmine')
})

test('one may take theirs', async () => {
  const notes = tab()
  server.write('l', 'theirs')
  notes.type('l', 'mine', null)
  await pass(1_000)
  notes.settle('l', 'theirs')
  expect(notes.text('l', null)).toBe('theirs')
  expect(storage.length).toBe(0)
})

test('an answer that was lost is no conflict: the note that stands is this one', async () => {
  server.down = true
  const notes = tab()
  notes.type('l', 'mine', null)
  await pass(1_000)
  server.down = false
  server.write('l', 'mine') // the first try had come through
  await pass(20_000)
  expect(notes.state('l').kind).toBe('saved')
  expect(server.notes.get('l')?.version).toBe(1)
})

test('two tabs show the same text, and the one in which nobody types sends nothing', async () => {
  const [one, two] = [tab(), tab()]
  one.type('l', 'typed here', null)
  two.storageChanged(keyOf('l'))
  expect(two.text('l', null)).toBe('typed here')
  await pass(1_000)
  two.storageChanged(keyOf('l'))
  expect(server.written).toEqual(['typed here'])
  expect([two.text('l', null), two.state('l').kind]).toEqual(['typed here', 'saved'])
  two.type('l', 'typed here, and there', null)
  one.storageChanged(keyOf('l'))
  await pass(1_000)
  expect(server.written).toEqual(['typed here', 'typed here, and there'])
  expect(one.text('l', null)).toBe('typed here, and there')
})

test('whose note it is stands with it: another person in this browser does not see it, nor sends it', async () => {
  server.down = true
  tab('ada').type('l', 'secret', null)
  const other = tab('grace')
  server.down = false
  other.resume()
  await settle()
  expect(other.text('l', null)).toBe('')
  expect(server.written).toEqual([])
})

test('what the server refuses for good is said, and stays to be mended', async () => {
  server.refuses = 400
  const notes = tab()
  notes.type('l', 'x'.repeat(5), null)
  await pass(1_000)
  expect(notes.state('l').kind).toBe('refused')
  expect(notes.text('l', null)).toBe('xxxxx')
  server.refuses = 0
  notes.type('l', 'xx', null)
  await pass(1_000)
  expect(server.written).toEqual(['xx'])
})

test('the note of a lead that was deleted goes with it', async () => {
  server.deleted = true
  const notes = tab()
  notes.type('l', 'text', null)
  await pass(1_000)
  expect(gone).toEqual(['l'])
  expect(storage.length).toBe(0)
})

test('a browser that keeps nothing does not keep anybody from writing', async () => {
  storage.setItem = () => {
    throw new DOMException('full', 'QuotaExceededError')
  }
  const notes = tab()
  notes.type('l', 'text', null)
  await pass(1_000)
  expect(server.written).toEqual(['text'])
})
