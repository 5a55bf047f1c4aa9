import { describe, expect, test } from 'vitest'
import { readCsv, writeCsv } from '../../src/import/csv'
import { decode } from '../../src/import/encoding'
import { headerScore } from '../../src/import/header'
import { normalise } from '../../src/import/phone'
import { Sheet } from '../../src/import/sheet'
import { bytes, Opened, read } from './opened'

/** A workbook of two rows below a header: a number as a number, one as a text, and a mark as a tick. */
const WORKBOOK = Uint8Array.from(
  atob(
    'UEsDBBQAAAAIABZ1fl29XP2Q8gAAABwCAAATAAAAW0NvbnRlbnRfVHlwZXNdLnhtbK2RvU7DMBDHX8XyWsVOOyCEknQodASG8gCHc0ms+Es+t4S3x0kLAyqwMJ3s/8fvZFfbyRp2wkja' +
      'u5qvRckZOuVb7fqavxz2xS3fNtXhPSCxbHVU8yGlcCclqQEtkPABXVY6Hy2kfIy9DKBG6FFuyvJGKu8SulSkuYM31T12cDSJPUz5+oyNaIiz3dk4s2oOIRitIGVdnlz7jVJcCCInFw8N' +
      'OtAqG7i8SpiVnwGX3FN+h6hbZM8Q0yPY7JKTkW8+jq/ej+L3kitb+q7TCluvjjZHBIWI0NKAmKwRyxQWtFv9zV/MJJex/udFvvo/95DLdzcfUEsDBBQAAAAIABZ1fl0cSfe+pAAAABYB' +
      'AAALAAAAX3JlbHMvLnJlbHONz8EOwiAMBuBXIb07pgdjzNguxmRXMx8AWcfIBiWAOt9ejs548Nj0/7+mVbPYmT0wRENOwLYogaFT1BunBVy78+YATV1dcJYpJ+JofGS54qKAMSV/5Dyq' +
      'Ea2MBXl0eTNQsDLlMWjupZqkRr4ryz0PnwasTdb2AkLbb4F1L4//2DQMRuGJ1N2iSz9OfCWyLIPGJGCZ+ZPCdCOaiowCryu+erB+A1BLAwQUAAAACAAWdX5dWzwH4K0AAAAJAQAADwAA' +
      'AHhsL3dvcmtib29rLnhtbI2Pyw6CMBBFf6WZvRRdGEMAN8aExKV+QIUBGmiHzNTH51tB9q7mfe7c/Ph2o3oiiyVfwDZJQaGvqbG+K+B2PW8OcCzzF/FwJxpU3PZSQB/ClGktdY/OSEIT' +
      '+jhpiZ0JseROy8RoGukRgxv1Lk332hnrYSFk/A+D2tbWeKL64dCHBcI4mhB/ld5OAmU+K8gvKm8cFnD5KoOaW1UTXYHizMaEq2YLusz1eqVXY+UHUEsDBBQAAAAIABZ1fl3wpmKBpgAA' +
      'ABcBAAAaAAAAeGwvX3JlbHMvd29ya2Jvb2sueG1sLnJlbHONz0sKwjAQANCrhNnbaV2ISNNuROhW6gFCOk1Kmw9J/N3e4EIsuHA1zO8NU7cPs7AbhTg5y6EqSmBkpRsmqzhc+tNmD21T' +
      'n2kRKU9EPfnI8oqNHHRK/oAYpSYjYuE82dwZXTAi5TQo9ELOQhFuy3KH4duAtcm6gUPohgpY//T0j+3GcZJ0dPJqyKYfJ/Duwhw1UcqoCIoSh08p4jtURVYBmxpXHzYvUEsDBBQAAAAI' +
      'ABZ1fl1pm2OKAgEAADYCAAAYAAAAeGwvd29ya3NoZWV0cy9zaGVldDEueG1sdZJNTsMwEIWvYnkFi3YSp0EIOa76I5YVErBh56amsRp7IttKuRPH4GI4LYoAOTvPzHvzPdnmyw/Tkl45' +
      'r9FWNJ9nlChb40HbY0VfXx5n93Qp+BndyTdKBRLl1le0CaF7APB1o4z0c+yUjZN3dEaGWLoj+M4pebiYTAssy+7ASG2p4JfeVgYpuMMzcREbu/VwWOWUhIpq22qrnoOLfe0FD2InjeIQ' +
      'BIehhvpHv57SPzVoU4bNlGGLZIeBbGTb/rVBzDgGZWNQNrHnDb8+U0EHZy9ylrGyLLN8UXDoE4BiBBQTgDXuU/un5DeReEsicxahi9SNXJ37a75/qeDXW8H4CcQ3UEsBAhQDFAAAAAgA' +
      'FnV+Xb1c/ZDyAAAAHAIAABMAAAAAAAAAAAAAAIABAAAAAFtDb250ZW50X1R5cGVzXS54bWxQSwECFAMUAAAACAAWdX5dHEn3vqQAAAAWAQAACwAAAAAAAAAAAAAAgAEjAQAAX3JlbHMv' +
      'LnJlbHNQSwECFAMUAAAACAAWdX5dWzwH4K0AAAAJAQAADwAAAAAAAAAAAAAAgAHwAQAAeGwvd29ya2Jvb2sueG1sUEsBAhQDFAAAAAgAFnV+XfCmYoGmAAAAFwEAABoAAAAAAAAAAAAA' +
      'AIABygIAAHhsL19yZWxzL3dvcmtib29rLnhtbC5yZWxzUEsBAhQDFAAAAAgAFnV+XWmbY4oCAQAANgIAABgAAAAAAAAAAAAAAIABqAMAAHhsL3dvcmtzaGVldHMvc2hlZXQxLnhtbFBL' +
      'BQYAAAAABQAFAEUBAADgBAAAAAA=',
  ),
  (letter) => letter.charCodeAt(0),
)

/** A workbook whose list stands on its second sheet. */
const TWO_SHEETS = Uint8Array.from(
  atob(
    'UEsDBBQAAAAIAJl5fl0p/5fihwAAAO0AAAALAAAAX3JlbHMvLnJlbHONzzsOwjAQBNCrWD5ANqKgQI4rGlrEBRaz/iix17IdEW6Py4AoKEczetKoKy3YAqfqQ65ii0uqk/St5RNANZ4i' +
      '1oEzpd5YLhFbj8VBRjOjIziM4xHK3pBa7U1xeUwSpbi9Mv0Ds7XB0JnNGim1H/7XostYHLVJbgs8ucx35nnoqASt4OOdfgNQSwMEFAAAAAgAmXl+XT3vR3CeAAAADAEAAA8AAAB4bC93' +
      'b3JrYm9vay54bWyNkDsOwjAMQK8S+QCkdGCo2k4sSGycIG1dErWOIycVcHv6oRJsTP49PVsuHyxDwzyoJ40+VmBTCoXWsbVIJh44oJ8nPQuZNJdy1zEImi5axESjzrPspMk4D5uhkH8c' +
      '3PeuxTO3E6FPm0RwNMmxj9aFCHW5boifqLwhrOA2ERl5gVqbl66CIygp3JwY0L/sdbnyi8x3sllIvev1/oH6DVBLAwQUAAAACACZeX5d8yWZR5QAAAB4AQAAGgAAAHhsL19yZWxzL3dv' +
      'cmtib29rLnhtbC5yZWxzvdBNCsJADAXgq5Q5QFO7cCGdrty4FS8Qx7QztPPDJKLe3kFQKnThylVIHnw80h1pRnExsHWJq7ufA2tlRdIOgI0lj1zHRKEkQ8wepax5hIRmwpGgbZot5KWh' +
      '+m5pVoeLVqiq0yPRL3AcBmdoH83VU5AVH24xT2yJpKCYRxKtPieG19jURVWw0uT85ybtuwl8Pbp/AlBLAwQUAAAACACZeX5dD3HeRZQAAADPAAAAGAAAAHhsL3dvcmtzaGVldHMvc2hl' +
      'ZXQxLnhtbE2PTQoCMQxGr1J6AOO4cCGZgOLSnScIY3WK/RnSMOPxbUcRNyF54XshuGR5ltE5Na8YUuntqDodAMowushlkyeX6uaeJbLWUR5QJnF8W0MxwG673UNknyzhys6sTCh5MdLb' +
      'rtKhNcfOGu2tT8End1Wp3BdCpUtzGZ8Mh4CghNA4DN/cqRlm6hDmD4VqrvXvFPx+oDdQSwMEFAAAAAgAmXl+XedQehytAAAAQgEAABgAAAB4bC93b3Jrc2hlZXRzL3NoZWV0Mi54bWx1' +
      'UEsKwjAQvUrJAZwkWheSBiquRfAEoY0m2CQlGVqPb1qkFLG7eW/ehxkxhvhKRmss3q7zqSIGsT8BpMZop9Iu9NrnzSNEpzDD+ITUR63a2eQ64JQewSnriRQzd1GopIhhLGJFWGabaagZ' +
      'KbAi1nfW6zvGzNskBcqrcloASgEThuarP2/pbyb4HwPksqWRL418I6Fu1b/CyThIxikvy5Kyw17AsM6H1XWwvE1+AFBLAQIUAxQAAAAIAJl5fl0p/5fihwAAAO0AAAALAAAAAAAAAAAA' +
      'AACAAQAAAABfcmVscy8ucmVsc1BLAQIUAxQAAAAIAJl5fl0970dwngAAAAwBAAAPAAAAAAAAAAAAAACAAbAAAAB4bC93b3JrYm9vay54bWxQSwECFAMUAAAACACZeX5d8yWZR5QAAAB4' +
      'AQAAGgAAAAAAAAAAAAAAgAF7AQAAeGwvX3JlbHMvd29ya2Jvb2sueG1sLnJlbHNQSwECFAMUAAAACACZeX5dD3HeRZQAAADPAAAAGAAAAAAAAAAAAAAAgAFHAgAAeGwvd29ya3NoZWV0' +
      'cy9zaGVldDEueG1sUEsBAhQDFAAAAAgAmXl+XedQehytAAAAQgEAABgAAAAAAAAAAAAAAIABEQMAAHhsL3dvcmtzaGVldHMvc2hlZXQyLnhtbFBLBQYAAAAABQAFAEoBAAD0AwAAAAA=',
  ),
  (letter) => letter.charCodeAt(0),
)

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
    ['old-workbook', Uint8Array.from([0xd0, 0xcf, 0x11, 0xe0, 1])],
    ['binary', Uint8Array.from([137, 80, 78, 71, 13, 10, 26, 10, 0, 0, 0, 13, 73])],
    ['empty', new Uint8Array()],
    ['empty', bytes(' \r\n\r\n')],
  ])('what is not text is said to be: %s', (what, given) => {
    expect(decode(given)).toEqual({ kind: 'not-text', what })
  })
})

describe('CSV', () => {
  const rows = (text: string) => readCsv(text, headerScore)

  test('rows know their lines, over quoted line breaks and empty rows', () => {
    const { lines } = rows('phone;note\r\n1;"two\r\nlines"\r\n\r\n;\r\n2;x\r\n')
    expect(lines).toEqual([
      { line: 1, cells: ['phone', 'note'] },
      { line: 2, cells: ['1', 'two\nlines'] },
      { line: 6, cells: ['2', 'x'] },
    ])
  })

  test.each([',', ';', '\t', '|'])('the delimiter %j is found', (mark) => {
    expect(rows(`a${mark}b\n1${mark}2\n3${mark}4`).width).toBe(2)
  })

  test('a quotation that never ends is named', () => {
    expect(rows('a,b\n1,2\n3,"four\n5,6\n').badQuote).toEqual({ line: 3, open: true })
  })

  test('a quotation with more behind it is named, for it would swallow the rows that follow', () => {
    expect(rows('a,b\n"two\nlines",2\n"Bob" Smith,3\nAda,4\nChi,"5"\n').badQuote).toEqual({ line: 4, open: false })
  })

  test('quotation marks within a cell, doubled or not, and blanks around quoted cells are fine', () => {
    const { lines, badQuote } = rows('5" pipe,1\n"a ""b"" c",2\nAda "Bob" Smith, "3" \n')
    expect(badQuote).toBeNull()
    expect(lines.map(({ cells }) => cells[0])).toEqual(['5" pipe', 'a "b" c', 'Ada "Bob" Smith'])
  })

  test('what we write opens in a spreadsheet without running anything', () => {
    expect(writeCsv([['+12025550143', '=HYPERLINK("x")', 'a,b']])).toBe(`+12025550143,"'=HYPERLINK(""x"")","a,b"`)
  })
})

describe('columns', () => {
  const targets = async (headers: string, row: string) =>
    Object.values((await Opened.of(`${headers}\n${row}\n`)).targets)

  test('are guessed by their names', async () => {
    const headers = 'First Name,Last Name,Mobile,Time zone,State,Notes,Customer ID,Company,'
    expect(await targets(headers, 'Ada,Okafor,(202) 555-0143,,NY,,7,Acme,')).toEqual([
      'name',
      'name',
      'phone',
      'timezone',
      'state',
      'note',
      'external_id',
      'keep',
      'keep',
    ])
  })

  test('an order number is not a phone number', async () => {
    expect(await targets('Order number,Phone', '2025550144,+12025550143')).toEqual(['keep', 'phone'])
  })

  test('where no column is named a phone, one that mentions it and looks like it is taken', async () => {
    expect(await targets('Order,Phone of the boss', '2025550100,(202) 555-0143')).toEqual(['keep', 'phone'])
  })

  test('a column named a phone that holds none is kept, and the next one taken', async () => {
    expect(await targets('Phone,Mobile', 'home,+12025550143')).toEqual(['keep', 'phone'])
  })

  test('without telling names, the column that looks like numbers is the one', async () => {
    const list = await Opened.of('Ada,202 555 0143\nBob,2025550144\n')
    expect(Object.values(list.targets)).toEqual(['keep', 'phone'])
  })

  test('the family name comes last, whatever the order of the columns', async () => {
    const list = await Opened.of('Last name,First name,Phone\nOkafor, Ada ,+12025550143\n')
    expect(list.sent()).toEqual([{ name: 'Ada Okafor', phone: '+12025550143' }])
  })

  test('a column that is kept as it is never stands for a field, whatever it is called', async () => {
    const list = await Opened.of('Mobile,Phone,Time zone\n+12025550143,home,EST\n')
    list.decide('Time zone', 'keep')
    expect(list.sent()).toEqual([{ phone: '+12025550143', 'extra.Phone': 'home', 'extra.Time zone': 'EST' }])
  })

  test('an own column that an export named so is kept under its own name', async () => {
    expect((await Opened.of('phone,extra.Company\n+12025550143,Acme\n')).sent()).toEqual([
      { phone: '+12025550143', 'extra.Company': 'Acme' },
    ])
  })

  test('a list that this page wrote is understood again, without what became of its leads', async () => {
    const list = await Opened.of(
      'phone,call_status,imported_at,held,do_not_call,extra\n+12025550143,busy,2026-01-05,,,"{""Company"":""Acme""}"\n',
    )
    expect(Object.values(list.targets)).toEqual(['phone', 'skip', 'skip', 'skip', 'do_not_call', 'keep'])
    expect(list.sent()).toEqual([{ phone: '+12025550143', 'extra.Company': 'Acme' }])
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
    expect(normalise(given, { region, country: null, withoutPlus: false })).toEqual({ ok: true, e164 })
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
    expect(normalise(given, { region: 'US', country: null, withoutPlus: false })).toEqual({ ok: false, reason })
  })

  test('a cell of forty thousand digits is refused without being searched', () => {
    expect(normalise('2'.repeat(40_000), { region: 'US', country: null, withoutPlus: false })).toEqual({
      ok: false,
      reason: 'not-a-number',
    })
  })
})

describe('a dropped file', () => {
  test.each([
    'phone,dnc,name\n2025550143,,Ada\n2025550144,,Bob\n+12025550143,x,Ada\n',
    'phone,dnc,name\n+12025550143,x,Ada\n2025550143,,Ada\n2025550144,,Bob\n',
  ])(
    'that marks a number as not to be called says so to the server, and sends no other row of it, whatever the order: %#',
    async (text) => {
      const list = await Opened.of(text)
      const [piece] = list.pieces()
      expect(piece?.leads.filter((lead) => lead.phone === '+12025550143')).toEqual([
        { phone: '+12025550143', do_not_call: 'yes' },
      ])
      expect(piece?.refused.map(({ flaw }) => flaw)).toEqual(['marked-elsewhere'])
      expect(list.rows(['+12025550143']).sort()).toEqual([
        '+12025550143 marked now-in-list',
        '+12025550144 created',
        'refused marked-elsewhere',
      ])
    },
  )

  test('whose rows are marked is sent with the marks alone, however wrong the rest of the row is', async () => {
    const list = await Opened.of(`phone,time zone,note,dnc\n2025550143,Mars/Olympus,${'x'.repeat(5_000)},1\n`)
    expect(list.sent()).toEqual([{ phone: '+12025550143', do_not_call: 'yes' }])
    expect(list.rows()).toEqual(['+12025550143 marked'])
  })

  test('that is read in another region has other marks', async () => {
    const list = await Opened.of('phone,dnc\n7012345678,x\n+917012345678,\n')
    const sent = (region: string) => {
      list.choice = { ...list.choice, region }
      return list.sent()
    }
    expect([sent('US'), sent('IN')]).toEqual([
      [{ phone: '+17012345678', do_not_call: 'yes' }, { phone: '+917012345678' }],
      [{ phone: '+917012345678', do_not_call: 'yes' }],
    ])
  })

  test('shows row by row what will be created, merged and refused, and why', async () => {
    const list = await Opened.of(
      'phone,name\n2025550143,Ada\n(202) 555-0143,again\nrubbish,Bob\n,Chi\n+442079460018,Dan\n',
    )
    expect(list.check(['+442079460018']).map(({ line, outcome, reason }) => [line, outcome, reason])).toEqual([
      [2, 'created', null],
      [3, 'merged', 'in-file'],
      [4, 'refused', 'not-a-number'],
      [5, 'refused', 'missing'],
      [6, 'merged', 'in-list'],
    ])
  })

  test('is sent with the very numbers that were shown, in whatever region they are', async () => {
    const list = await Opened.of('phone,name\n7012345678,Asha\n98765 43210,Ravi\n', 'IN')
    const shown = list.check().map(({ phone }) => phone)
    expect(shown).toEqual(['+917012345678', '+919876543210'])
    expect(list.sent().map(({ phone }) => phone)).toEqual(shown)
  })

  test('whose rows are shown as refused does not send them, and names them', async () => {
    const rows = [
      '2-FLOWERS,,',
      ',UTC,',
      '202555014,,no',
      '2025550144,Mars/Olympus,',
      '2025550145,EST,no',
      '442079460018,EST,',
      '2025550146,America/Denver,',
    ]
    const list = await Opened.of(`phone,time zone,opt out\n${rows.join('\n')}\n`)
    const refused = [
      ['letters', 2],
      ['missing', 3],
      ['not-a-number', 4],
      ['not-a-number', 7],
    ]
    const [piece] = list.pieces()
    expect(
      list
        .check()
        .filter(({ outcome }) => outcome === 'refused')
        .map(({ reason, line }) => [reason, line]),
    ).toEqual(refused)
    expect(piece?.refused.map(({ flaw, line }) => [flaw, line])).toEqual(refused)
    expect(piece?.lines).toEqual([5, 6, 8])
    expect(piece?.leads).toEqual([
      { phone: '+12025550144', timezone: 'Mars/Olympus' },
      { phone: '+12025550145', timezone: 'EST' },
      { phone: '+12025550146', timezone: 'America/Denver' },
    ])
  })

  test('whose columns share a name, or have none, loses nothing of them', async () => {
    const [lead] = (await Opened.of('Phone,Tag,Tag,Tag,Tag (2),\n2025550143,a,b,c,d,e\n')).sent()
    expect(lead).toEqual({
      phone: '+12025550143',
      'extra.Tag': 'a',
      'extra.Tag (3)': 'b',
      'extra.Tag (4)': 'c',
      'extra.Tag (2)': 'd',
      'extra.column 6': 'e',
    })
  })

  test('has at most a thousand rows and less than a megabyte in a piece, and loses none', async () => {
    const note = 'x'.repeat(2_000)
    const text = `phone,note\n${Array.from({ length: 2_500 }, (_, index) => `+1202555${String(index).padStart(4, '0')},${index % 2 ? note : ''}`).join('\n')}`
    const pieces = (await Opened.of(text)).pieces()
    for (const piece of pieces) {
      expect(piece.leads.length).toBeLessThanOrEqual(1_000)
      expect(piece.after).toBe(piece.next === null ? 0 : 2_500 - piece.next)
      expect(bytes(JSON.stringify({ leads: piece.leads, first_line: 1 })).length).toBeLessThan(1_000_000)
    }
    expect(pieces.flatMap(({ lines }) => lines)).toEqual(Array.from({ length: 2_500 }, (_, index) => index + 2))
  })

  test('a row that marks several numbers is never torn apart', async () => {
    const rows = Array.from(
      { length: 700 },
      (_, index) => `+1202555${String(index).padStart(4, '0')},+1202556${String(index).padStart(4, '0')},x`,
    )
    const pieces = (await Opened.of(`phone,mobile,dnc\n${rows.join('\n')}\n`)).pieces()
    expect(pieces.map(({ leads }) => leads.length)).toEqual([1_000, 400])
  })

  test('is a workbook as well, whose numbers are read as they were typed', async () => {
    const list = await Opened.of(WORKBOOK)
    expect(list.overview.encoding).toBeNull()
    expect(list.check().map(({ line, name, phone, outcome }) => [line, name, phone, outcome])).toEqual([
      [2, 'Zoë', '+12025550143', 'created'],
      [3, 'Bob', '+12025550144', 'marked'],
    ])
  })

  test('of a workbook, the sheet that looks like a list is read, and the others are named', async () => {
    const list = await Opened.of(TWO_SHEETS)
    expect([list.overview.sheets, list.rows()]).toEqual([
      { sheet: 'Leads', others: ['Summary'] },
      ['+12025550143 created'],
    ])
  })

  test.each([
    ['too-big', new Uint8Array(60_000_000)],
    ['not-text', Uint8Array.from([0x50, 0x4b, 3, 4])],
    ['no-rows', bytes('phone,name\n')],
    ['bad-quote', bytes('phone,name\n1,"Ada\n')],
    ['bad-quote', bytes('phone,name\n1,"Ada" B\n2,Chi\n')],
  ])('that cannot be imported says why: %s', async (kind, given) => {
    expect(await read(given)).toMatchObject({ kind })
    expect(await new Sheet().read(given, 'US')).toMatchObject({ kind })
  })
})
