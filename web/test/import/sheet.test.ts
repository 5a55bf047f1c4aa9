import { describe, expect, test } from 'vitest'
import { guess, hasHeader, toLead } from '../../src/import/columns'
import { readCsv, writeCsv } from '../../src/import/csv'
import { decode } from '../../src/import/encoding'
import { normalise } from '../../src/import/phone'
import { type Choice, type Overview, Sheet } from '../../src/import/sheet'

const bytes = (text: string) => new TextEncoder().encode(text)

describe('encodings', () => {
  const utf16 = (text: string, little: boolean, mark: boolean) => {
    const codes = [...(mark ? '\ufeff' : ''), ...text].map((letter) => letter.charCodeAt(0))
    return Uint8Array.from(codes.flatMap((code) => (little ? [code & 255, code >> 8] : [code >> 8, code & 255])))
  }
  const text = 'phone,name\n+12025550143,Zoë\n'

  test.each([
    ['utf-8', bytes(text)],
    ['utf-8', bytes(`\ufeff${text}`)],
    ['utf-16le', utf16(text, true, true)],
    ['utf-16be', utf16(text, false, true)],
    ['utf-16le', utf16(text, true, false)],
    ['utf-16be', utf16(text, false, false)],
    ['windows-1252', Uint8Array.from([...text].map((letter) => letter.charCodeAt(0)))],
  ])('%s is found and read without its mark', (encoding, given) => {
    expect(decode(given)).toEqual({ kind: 'text', text, encoding })
  })

  test.each([
    ['workbook', Uint8Array.from([0x50, 0x4b, 3, 4, 20, 0])],
    ['workbook', Uint8Array.from([0xd0, 0xcf, 0x11, 0xe0, 1])],
    ['binary', Uint8Array.from([137, 80, 78, 71, 13, 10, 26, 10, 0, 0, 0, 13, 73])],
    ['empty', new Uint8Array()],
    ['empty', bytes(' \r\n\r\n')],
  ])('what is not text is said to be: %s', (what, given) => {
    expect(decode(given)).toEqual({ kind: 'not-text', what })
  })
})

describe('CSV', () => {
  test('rows know their lines, over quoted line breaks and empty rows', () => {
    const { lines } = readCsv('phone;note\r\n1;"two\r\nlines"\r\n\r\n;\r\n2;x\r\n')
    expect(lines).toEqual([
      { line: 1, cells: ['phone', 'note'] },
      { line: 2, cells: ['1', 'two\nlines'] },
      { line: 6, cells: ['2', 'x'] },
    ])
  })

  test.each([',', ';', '\t', '|'])('the delimiter %j is found', (mark) => {
    expect(readCsv(`a${mark}b\n1${mark}2\n3${mark}4`).width).toBe(2)
  })

  test('a quotation that never ends is named', () => {
    expect(readCsv('a,b\n1,2\n3,"four\n5,6\n').badQuote).toEqual({ line: 3, open: true })
  })

  test('a quotation with more behind it is named, for it would swallow the rows that follow', () => {
    expect(readCsv('a,b\n"two\nlines",2\n"Bob" Smith,3\nAda,4\nChi,"5"\n').badQuote).toEqual({ line: 4, open: false })
  })

  test('quotation marks within a cell, doubled or not, and blanks around quoted cells are fine', () => {
    const { lines, badQuote } = readCsv('5" pipe,1\n"a ""b"" c",2\nAda "Bob" Smith, "3" \n')
    expect(badQuote).toBeNull()
    expect(lines.map(({ cells }) => cells[0])).toEqual(['5" pipe', 'a "b" c', 'Ada "Bob" Smith'])
  })

  test('what we write opens in a spreadsheet without running anything', () => {
    expect(writeCsv([['+12025550143', '=HYPERLINK("x")', 'a,b']])).toBe(`+12025550143,"'=HYPERLINK(""x"")","a,b"`)
  })
})

describe('columns', () => {
  test('are guessed by their names', () => {
    const headers = ['First Name', 'Last Name', 'Mobile', 'Time zone', 'State', 'Notes', 'Customer ID', 'Company', '']
    const sample = [['Ada', 'Okafor', '(202) 555-0143', '', 'NY', '', '7', 'Acme', '']]
    expect(guess(headers, sample)).toEqual(['name', 'name', 'phone', 'timezone', 'state', 'note', 'external_id', 'keep', 'skip'])
  })

  test('an order number is not a phone number', () => {
    expect(guess(['Order number', 'Phone'], [['1001', '+12025550143']])).toEqual(['keep', 'phone'])
  })

  test('where no column is named a phone, one that mentions it and looks like it is taken', () => {
    expect(guess(['Order', 'Phone of the company'], [['2025550100', '(202) 555-0143']])).toEqual(['keep', 'phone'])
  })

  test('a column named a phone that holds none is kept, and the next one taken', () => {
    expect(guess(['Phone', 'Mobile'], [['home', '+12025550143']])).toEqual(['keep', 'phone'])
  })

  test('the family name comes last, whatever the order of the columns', () => {
    const headers = ['Last name', 'First name', 'Phone']
    expect(toLead(headers, guess(headers, []))(['Okafor', 'Ada', '+1'])).toEqual({ name: 'Ada Okafor', phone: '+1' })
  })

  test('a column without a name is left out if it is empty, and else kept', () => {
    expect(guess(['Phone', '', ''], [['+12025550143', 'x', ' ']])).toEqual(['phone', 'keep', 'skip'])
  })

  test('a second phone column is kept, not called', () => {
    expect(guess(['Phone', 'Mobile'], [['+12025550143', '+12025550144']])).toEqual(['phone', 'keep'])
  })

  test('without telling names, the column that looks like numbers is the one', () => {
    expect(guess(['column 1', 'column 2'], [['Ada', '202 555 0143'], ['Bob', '2025550144']])).toEqual(['keep', 'phone'])
  })

  test('a first row with a number in it is a lead already', () => {
    expect(hasHeader(['name', 'phone'])).toBe(true)
    expect(hasHeader(['Ada', '+1 202 555 0143'])).toBe(false)
  })

  test('a row becomes a lead: names joined, empty cells and skipped columns left out', () => {
    const read = toLead(['F', 'L', 'P', 'Note', 'Secret'], ['name', 'name', 'phone', 'note', 'skip'])
    expect(read([' Ada ', 'Okafor', '+1', '', 'x'])).toEqual({ name: 'Ada Okafor', phone: '+1' })
  })

  test('a column that is kept as it is never stands for a field, whatever it is called', () => {
    const read = toLead(['Mobile', 'Phone', 'Time zone'], ['phone', 'keep', 'keep'])
    expect(read(['+1', 'home', 'EST'])).toEqual({ phone: '+1', extra: { Phone: 'home', 'Time zone': 'EST' } })
  })

  test('a list that this page wrote is understood again, without what became of its leads', () => {
    const headers = ['phone', 'call_status', 'imported_at', 'held', 'do_not_call', 'extra']
    const targets = guess(headers, [['+12025550143', 'busy', '2026-01-05', '', '', '']])
    expect(targets).toEqual(['phone', 'skip', 'skip', 'skip', 'do_not_call', 'keep'])
    expect(toLead(headers, targets)(['+1', 'busy', 'x', 'y', '', '{"Company":"Acme"}'])).toEqual({ phone: '+1', extra: { Company: 'Acme' } })
  })
})

describe('numbers', () => {
  test.each([
    ['(202) 555-0143', 'US', '+12025550143'],
    ['+44 20 7946 0018', 'US', '+442079460018'],
    ['030 901820', 'DE', '+4930901820'],
    ['7012345678', 'IN', '+917012345678'],
    ['="2025550143"', 'US', '+12025550143'],
    ['2025550143.0', 'US', '+12025550143'],
    ["'tel:+12025550143", 'US', '+12025550143'],
    ['0044 20 7946 0018', 'US', '+442079460018'],
  ])('%s in %s is %s', (given, region, e164) => {
    expect(normalise(given, region)).toEqual({ ok: true, e164 })
  })

  test.each([
    ['', 'missing'],
    ['call me', 'not-a-number'],
    ['123', 'not-a-number'],
    ['+999 123 456 789', 'not-a-number'],
    ['2.02556E+09', 'damaged'],
    ['202 555 0143 / 202 555 0144', 'several'],
    ['+1 202 555 0143 ext. 5', 'extension'],
    ['1-800-FLOWERS', 'letters'],
    ['+1 900 555 0143', 'never-called'],
  ])('%j is none: %s', (given, reason) => {
    expect(normalise(given, 'US')).toEqual({ ok: false, reason })
  })

  test('a cell of forty thousand digits is refused without being searched', () => {
    expect(normalise('2'.repeat(40_000), 'US')).toEqual({ ok: false, reason: 'not-a-number' })
  })
})

describe('a dropped file', () => {
  const open = (text: string, region = 'US') => {
    const sheet = new Sheet()
    const { header, targets } = sheet.read(bytes(text)) as Overview
    const choice: Choice = { header, targets, region }
    return { sheet, choice }
  }
  const check = (text: string, known: string[] = [], region = 'US') => {
    const { sheet, choice } = open(text, region)
    const steps = sheet.check(choice, new Set(known))
    for (;;) {
      const step = steps.next()
      if (step.done) return step.value
    }
  }

  test.each(['phone,dnc,name\n2025550143,,Ada\n2025550144,,Bob\n+12025550143,x,Ada\n', 'phone,dnc,name\n+12025550143,x,Ada\n2025550143,,Ada\n2025550144,,Bob\n'])(
    'that marks a number as not to be called says so to the server, and sends no other row of it, whatever the order: %#',
    (text) => {
      const { sheet, choice } = open(text)
      const { leads, refused } = sheet.piece(choice, 0)
      expect(leads.filter((lead) => lead.phone === '+12025550143')).toEqual([{ phone: '+12025550143', do_not_call: 'yes' }])
      expect(refused.map(({ flaw }) => flaw)).toEqual(['opted-out'])
      expect(check(text, ['+12025550143']).map(({ phone, outcome, reason }) => [phone, outcome, reason]).sort()).toEqual([
        ['+12025550143', 'marked', 'now-in-list'],
        ['+12025550144', 'created', null],
        [null, 'refused', 'opted-out'],
      ])
    },
  )

  test('whose rows are marked is sent with the marks alone, however wrong the rest of the row is', () => {
    const text = `phone,time zone,note,dnc\n2025550143,Mars/Olympus,${'x'.repeat(5_000)},1\nrubbish,,,1\n`
    const { sheet, choice } = open(text)
    expect(sheet.piece(choice, 0).leads).toEqual([{ phone: '+12025550143', do_not_call: 'yes' }])
    expect(check(text).map(({ outcome, reason }) => [outcome, reason])).toEqual([['marked', null], ['refused', 'not-a-number']])
  })

  test('that is read anew, or in another region, has other marks', () => {
    const { sheet, choice } = open('phone,dnc\n7012345678,x\n+917012345678,\n')
    const sent = (region: string) => sheet.piece({ ...choice, region }, 0).leads
    expect([sent('US'), sent('IN')]).toEqual([
      [{ phone: '+17012345678', do_not_call: 'yes' }, { phone: '+917012345678' }],
      [{ phone: '+917012345678', do_not_call: 'yes' }],
    ])
    sheet.read(bytes('phone,dnc\n7012345678,\n+917012345678,\n'))
    expect(sent('IN').map(({ do_not_call }) => do_not_call)).toEqual([undefined, undefined])
  })

  test('shows row by row what will be created, merged and refused, and why', () => {
    const rows = check('phone,name\n2025550143,Ada\n(202) 555-0143,again\nrubbish,Bob\n,Chi\n+442079460018,Dan\n', ['+442079460018'])
    expect(rows.map(({ line, outcome, reason }) => [line, outcome, reason])).toEqual([
      [2, 'created', null],
      [3, 'merged', 'in-file'],
      [4, 'refused', 'not-a-number'],
      [5, 'refused', 'missing'],
      [6, 'merged', 'in-list'],
    ])
  })

  test('is sent with the very numbers that were shown, in whatever region they are', () => {
    const text = 'phone,name\n7012345678,Asha\n98765 43210,Ravi\n'
    const shown = check(text, [], 'IN').map(({ phone }) => phone)
    const { sheet, choice } = open(text, 'IN')
    expect(shown).toEqual(['+917012345678', '+919876543210'])
    expect(sheet.piece(choice, 0).leads.map(({ phone }) => phone)).toEqual(shown)
  })

  test('whose rows are shown as refused does not send them, and names them', () => {
    const rows = ['2-FLOWERS,,', ',UTC,', '202555014,,yes', '2025550144,Mars/Olympus,', '2025550145,EST,no', '442079460018,EST,', '2025550146,America/Denver,']
    const text = `phone,time zone,opt out\n${rows.join('\n')}\n`
    const refused = [['letters', 2], ['missing', 3], ['not-a-number', 4], ['no-zone', 5], ['not-a-number', 7]]
    const { sheet, choice } = open(text)
    const piece = sheet.piece(choice, 0)
    expect(check(text).filter(({ outcome }) => outcome === 'refused').map(({ reason, line }) => [reason, line])).toEqual(refused)
    expect(piece.refused.map(({ flaw, line }) => [flaw, line])).toEqual(refused)
    expect(piece.lines).toEqual([6, 8])
    expect(piece.leads).toEqual([
      { phone: '+12025550145', timezone: 'EST' },
      { phone: '+12025550146', timezone: 'America/Denver' },
    ])
  })

  test('whose columns share a name, or have none, loses nothing of them', () => {
    const { sheet, choice } = open('Phone,Tag,Tag,Tag,Tag (2),\n2025550143,a,b,c,d,e\n')
    expect(sheet.piece(choice, 0).leads[0]?.extra).toEqual({ Tag: 'a', 'Tag (3)': 'b', 'Tag (4)': 'c', 'Tag (2)': 'd', 'column 6': 'e' })
  })

  test('whose columns hold more than the server takes says so beforehand', () => {
    expect(check(`phone,note\n+12025550143,${'x'.repeat(4001)}\n+12025550144,${'x'.repeat(4000)}\n`).map(({ reason }) => reason)).toEqual(['too-long', null])
    const many = Array.from({ length: 51 }, (_, place) => `c${place}`).join(',')
    expect(check(`phone,${many}\n+12025550143,${many}\n`).map(({ reason }) => reason)).toEqual(['too-many-columns'])
  })

  test('has at most a thousand rows and less than a megabyte in a piece, and loses none', () => {
    const note = 'x'.repeat(2_000)
    const text = `phone,note\n${Array.from({ length: 2_500 }, (_, place) => `+1202555${String(place).padStart(4, '0')},${place % 2 ? note : ''}`).join('\n')}`
    const { sheet, choice } = open(text)
    const lines: number[] = []
    for (let from: number | null = 0; from !== null; ) {
      const piece = sheet.piece(choice, from)
      expect(piece.leads.length).toBeLessThanOrEqual(1_000)
      expect(piece.after).toBe(piece.next === null ? 0 : 2_500 - piece.next)
      expect(bytes(JSON.stringify({ leads: piece.leads, first_line: 1 })).length).toBeLessThan(1_000_000)
      lines.push(...piece.lines)
      from = piece.next
    }
    expect(lines).toEqual(Array.from({ length: 2_500 }, (_, place) => place + 2))
  })

  test('a row too long for any piece is refused here and not sent', () => {
    const text = `phone,note\n+12025550143,${'x'.repeat(40_000)}\n+12025550144,fine\n`
    expect(check(text).map(({ reason }) => reason)).toEqual(['too-long', null])
    const { sheet, choice } = open(text)
    expect(sheet.piece(choice, 0).lines).toEqual([3])
  })

  test('without a header, its first row is a lead', () => {
    expect(check('Ada,+12025550143\nBob,+12025550144').map(({ line }) => line)).toEqual([1, 2])
  })

  test.each([
    ['too-big', new Uint8Array(60_000_000)],
    ['not-text', Uint8Array.from([0x50, 0x4b, 3, 4])],
    ['no-rows', bytes('phone,name\n')],
    ['bad-quote', bytes('phone,name\n1,"Ada\n')],
    ['bad-quote', bytes('phone,name\n1,"Ada" B\n2,Chi\n')],
  ])('that cannot be imported says why: %s', (kind, given) => {
    expect(new Sheet().read(given)).toMatchObject({ kind })
  })
})
