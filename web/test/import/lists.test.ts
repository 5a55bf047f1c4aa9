import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { bytes, inOneByte, Opened, read } from './opened'

const [ONE, TWO, THREE] = ['+12015550141', '+12015550142', '+12015550143'] as const

/** Lists as people have them, each kind with its right value. */
describe('who must not be called', () => {
  test.each([
    ['Status', 'NEW', 'DNC'],
    ['status', 'NEW', 'DNCL'],
    ['Lead Status', 'Open', 'Do Not Contact'],
    ['Tags', 'warm', 'hot; do-not-call'],
    ['Last Disposition', 'No answer', 'DNC - Internal'],
    ['Subscription', 'member', 'unsubscribed'],
    ['Result', 'Allow', 'Do Not Allow'],
    ['Notes', 'nice man', 'Do not call'],
    ['State', 'open', 'DNC'],
    ['Reference', 'R-1', 'opt-out'],
  ])(
    'a cell of the column %s that is itself a do-not-call phrase is asked about: %s, %s',
    async (column, fine, phrase) => {
      const list = await Opened.of(`Phone,${column}\n${ONE},${fine}\n${TWO},${phrase}\n`)
      expect(list.doubt(column)).toEqual({ kind: 'words', words: [phrase] })
      expect(list.decide(column, 'marking_words').rows()).toEqual([`${ONE} created`, `${TWO} marked`])
      expect(list.sent()[1]).toEqual({ phone: TWO, do_not_call: 'yes' })
    },
  )

  test('a name with "do not call" in it is asked about, and stays the name of the others', async () => {
    const list = await Opened.of(`Phone,Name\n${ONE},Ann Bee\n${TWO},DO NOT CALL - Ben Cee\n${THREE},Cat Dee (DNC)\n`)
    expect(list.doubt('Name')).toEqual({ kind: 'words', words: ['DO NOT CALL - Ben Cee', 'Cat Dee (DNC)'] })
    list.choice = { ...list.choice, words: [false, true] }
    expect(list.rows()).toEqual([`${ONE} created`, `${TWO} marked`, `${THREE} marked`])
    expect(list.sent()[0]).toEqual({ phone: ONE, name: 'Ann Bee' })
  })

  test('"do not call" instead of a number forbids the other numbers of the row', async () => {
    expect((await Opened.of(`Phone,Mobile\n${ONE},\nDO NOT CALL,${TWO}\n`)).rows()).toEqual([
      `${ONE} created`,
      `${TWO} marked`,
    ])
  })

  test('a name is nobody’s mark', async () => {
    expect(
      (await Opened.of(`Phone,Name,Company\n${ONE},Ann Robinson,Robinson\n${TWO},Nix,Sperre\n`)).overview.doubts.filter(
        Boolean,
      ),
    ).toEqual([])
  })

  test('a status that speaks of something else is not asked about', async () => {
    const list = await Opened.of(
      `Phone,Status,Note\n${ONE},Lost Quotation,please do not forget the contract\n${TWO},No answer,call before noon\n`,
    )
    expect([list.doubt('Status'), list.doubt('Note')]).toEqual([null, null])
  })

  test('"Do not allow Phone Calls" is a mark, and Allow denies it; mail is no matter of calls', async () => {
    const list = await Opened.of(
      `Mobile Phone,Do not allow Phone Calls,Do not allow Emails\n${ONE},Do Not Allow,Allow\n${TWO},Allow,Do Not Allow\n`,
    )
    expect(list.targets).toMatchObject({ 'Do not allow Phone Calls': 'do_not_call', 'Do not allow Emails': 'keep' })
    expect(list.overview.doubts.filter(Boolean)).toEqual([])
    expect(list.rows()).toEqual([`${ONE} marked`, `${TWO} created`])
  })

  test.each([
    'donotphone',
    'Não perturbe',
    'Registro Pubblico Opposizioni',
    'RPO',
    'NIX',
    'Bel-me-niet',
    'Nie dzwonić',
    'Ring ikke',
    'Nevolat',
    'Ne pas déranger',
    'Sperrkennzeichen',
    'Telephone Preference Service',
    'TCPA Litigator',
    'Cease and Desist',
    'Call Restricted',
    'Not callable',
    'Excluded',
    'Suppressed by client',
    '電話禁止',
  ])('a column %j marks', async (column) => {
    const list = await Opened.of(`Phone,${column}\n${ONE},\n${TWO},x\n`)
    expect(list.rows()).toEqual([`${ONE} created`, `${TWO} marked`])
  })

  test.each(['OK to call', 'Can call', 'Callable', 'Phone consent', 'TCPA Consent'])(
    'a denial in a column of consent, %j, is asked about',
    async (column) => {
      const list = await Opened.of(`Phone,${column}\n${ONE},yes\n${TWO},No\n${THREE},\n`)
      expect(list.doubt(column)).toEqual({ kind: 'consent' })
      expect(list.decide(column, 'consent').rows()).toEqual([`${ONE} created`, `${TWO} marked`, `${THREE} created`])
    },
  )

  test('a column of consent without a denial is not asked about', async () => {
    expect((await Opened.of(`Phone,Phone consent\n${ONE},yes\n${TWO},\n`)).doubt('Phone consent')).toBeNull()
  })

  test.each([
    ['x', ''],
    ['Y', 'N'],
    ['TRUE', 'FALSE'],
    ['no', 'no'],
    ['✓', '-'],
  ])('a column of nothing but ticks and denials is asked about, whatever it is called: %j, %j', async (one, other) => {
    expect((await Opened.of(`Phone,Raus\n${ONE},${one}\n${TWO},${other}\n`)).doubt('Raus')).toEqual({ kind: 'ticks' })
  })

  test('a column of words, or of noughts of something that is counted, is not', async () => {
    const list = await Opened.of(`Phone,Colour,List ID,E-mail opt out\n${ONE},red,0,yes\n${TWO},x,0,no\n`)
    expect(list.overview.doubts.filter(Boolean)).toEqual([])
  })

  test('of a column of ticks a person says whether the yes or the no forbids', async () => {
    const list = await Opened.of(`Phone,Ring\n${ONE},yes\n${TWO},no\n`)
    expect(list.decide('Ring', 'do_not_call').rows()).toEqual([`${ONE} marked`, `${TWO} created`])
    expect(list.decide('Ring', 'consent').rows()).toEqual([`${ONE} created`, `${TWO} marked`])
  })

  test('a mark forbids every number of its row, and no other row calls one of them', async () => {
    const list = await Opened.of(
      `Name,Phone,Mobile,Do Not Call\nA,${ONE},${TWO},yes\nA (mobile),${TWO},,\nB,,${THREE},yes\nB,${THREE},,\nC,201 555 0164 ext 3,,yes\nC,2015550164,,\nD,"2015550165; 2015550166",,yes\n`,
    )
    expect(list.rows()).toEqual([
      `${ONE} marked`,
      'refused marked-elsewhere',
      `${THREE} marked`,
      'refused marked-elsewhere',
      '+12015550164 marked',
      'refused marked-elsewhere',
      '+12015550165 marked',
    ])
    expect(list.sent()).toEqual(
      [ONE, TWO, THREE, '+12015550164', '+12015550165', '+12015550166'].map((phone) => ({ phone, do_not_call: 'yes' })),
    )
  })

  test('a mark without any number that can be read is refused, never passed over', async () => {
    expect((await Opened.of(`Phone,DNC\n${ONE},\nnone,x\n,x\n`)).rows()).toEqual([
      `${ONE} created`,
      'refused mark-without-number',
      'refused mark-without-number',
    ])
  })

  test('a mark whose number may be read in two ways forbids both', async () => {
    const list = await Opened.of('Telefon,Sperre\n491716783154,x\n', 'DE')
    expect(list.sent().map(({ phone }) => phone)).toEqual(['+491716783154', '+49491716783154'])
  })

  test.each([
    ['Phone 1,Phone 1 DNC,Phone 2,Phone 2 DNC', 'Phone 1 DNC', 'Phone 1'],
    ['Mobile,Home Phone,DNC Mobile', 'DNC Mobile', 'Mobile'],
  ])(
    'a flag beside one of several phones is asked about, and concerns that phone: %s',
    async (headers, flag, phone) => {
      const names = headers.split(',')
      const cells = names.map((name) => (name === flag ? 'Y' : name.includes('DNC') ? 'N' : name === phone ? ONE : TWO))
      const list = await Opened.of(`${headers}\n${cells.join(',')}\n`)
      expect(list.doubt(flag)).toEqual({ kind: 'beside', phone: names.indexOf(phone) })
      expect(list.decide(flag, 'do_not_call', phone).rows()).toEqual([`${TWO} created`])
      expect(list.sent().map(({ phone, do_not_call }) => [phone, do_not_call])).toEqual([
        [ONE, 'yes'],
        [TWO, undefined],
      ])
      expect(list.decide(flag, 'do_not_call').rows()).toEqual([`${ONE} marked`])
    },
  )

  test('as many flags as phones, each behind its own, concern their phones', async () => {
    const list = await Opened.of(`Mobile,DNC,Home Phone,DNC\n${ONE},Y,${TWO},N\n`)
    expect([list.doubt('DNC'), list.doubt('DNC (2)')]).toEqual([
      { kind: 'beside', phone: 0 },
      { kind: 'beside', phone: 2 },
    ])
  })

  test('a list of numbers that are not to be called is one by its columns, and nobody of it becomes a lead', async () => {
    const list = await Opened.of('Last Name,DNC_Home,DNC_Cell,DNC_Work\nSmith,2015550124,2015550125,2015550126\n')
    expect(list.targets).toMatchObject({ DNC_Home: 'dnc_phone', DNC_Cell: 'dnc_phone', DNC_Work: 'dnc_phone' })
    expect(list.sent()).toEqual(
      ['+12015550124', '+12015550125', '+12015550126'].map((phone) => ({ phone, do_not_call: 'yes' })),
    )
  })

  test('one line has one identity, however it is written', async () => {
    const marked = (one: string, other: string) =>
      Opened.of(`Phone,DNC\n${one},yes\n${other},\n`).then((list) => list.rows()[1])
    expect(await marked('+54 11 2345-6788', '+54 9 11 2345-6788')).toBe('refused marked-elsewhere')
    expect(await marked('+52 1 55 1234 5678', '+52 55 1234 5678')).toBe('refused marked-elsewhere')
    const twice = await Opened.of('Phone\n+54 9 11 2345-6789\n+54 11 2345-6789\n+54 11 15-2345-6789\n')
    expect(twice.rows()).toEqual([
      '+5491123456789 created',
      '+541123456789 merged in-file',
      '+5491123456789 merged in-file',
    ])
    expect(twice.rows(['+541123456789'])).toEqual([
      '+5491123456789 merged in-list',
      '+541123456789 merged in-file',
      '+5491123456789 merged in-file',
    ])
  })
})

describe('the header', () => {
  test.each([
    ['sep=;\r\nName;Phone;Do Not Call\r\nAmy;+12015550141;\r\nNed;+12015550142;yes\r\n'],
    ['"sep=;"\r\n"Name";"Phone";"Do Not Call"\r\n"Amy";"+12015550141";\r\n"Ned";"+12015550142";"yes"\r\n'],
    ['\ufeffSEP=;\nName;Phone;Do Not Call\nAmy;+12015550141;\nNed;+12015550142;yes\n'],
    ['sep=\t\nName\tPhone\tDo Not Call\nAmy\t+12015550141\t\nNed\t+12015550142\tyes\n'],
    ['Open Leads Report\nAs of 2026-11-20 10:00\n\nName,Phone,Do Not Call\nAmy,+12015550141,0\nNed,+12015550142,1\n'],
    ['Phone,,\nName,Number,DNC\nAmy,2015550141,\nNed,2015550142,x\n'],
  ])('is found below what is no header: %j', async (text) => {
    const list = await Opened.of(text)
    expect(list.overview.headerIsSure).toBe(true)
    expect(list.check().map(({ name, phone, outcome }) => [name, phone, outcome])).toEqual([
      ['Amy', ONE, 'created'],
      ['Ned', TWO, 'marked'],
    ])
  })

  test('keeps the lines of the file in mind, whatever stands above', async () => {
    expect((await Opened.of(`sep=,\nMy list\n\nName,Phone\nAmy,${ONE}\n`)).check()[0]?.line).toBe(5)
  })

  test('is asked for where words that nobody knows stand between titles and numbers', async () => {
    const list = await Opened.of(`Some report\nof a day\nWho,Where to\nAmy,${ONE}\n`)
    expect([list.overview.header, list.overview.headerIsSure]).toEqual([2, false])
    expect(list.overview.top.map(({ line, text }) => `${line} ${text}`)).toEqual([
      '1 Some report',
      '2 of a day',
      '3 Who · Where to',
      `4 Amy · ${ONE}`,
    ])
  })

  test('chosen anew, the columns are guessed anew', async () => {
    const { sheet } = await Opened.of(`Name,Phone\nNombre,Teléfono,No llamar\nAmy,${ONE},si\n`)
    expect(sheet.overview(1, 'US')).toMatchObject({ targets: ['name', 'phone', 'do_not_call'], rows: 1 })
    expect(sheet.overview(null, 'US')).toMatchObject({ rows: 3 })
  })

  test.each([
    'Numéro de téléphone',
    'Phone1',
    'Phone Numbers',
    'Phone(s)',
    'mobilephone',
    'Telefoonnummer',
    'GSM',
    'Numer telefonu',
    'Número de celular',
    'Numero di telefono',
    'Телефон',
    '電話番号',
    'Phone (Mobile)',
    'Contact No.',
    'Mobile No.',
    'τηλέφωνο',
    '전화번호',
    'هاتف',
  ])('of the phone may be %s', async (phone) => {
    const list = await Opened.of(`x,${phone}\na,${ONE}\n`)
    expect(list.phones).toEqual([phone])
  })

  test('a first row with a number in it is a lead', async () => {
    const list = await Opened.of(`Ada Finch,${ONE}\n`)
    expect([list.overview.header, list.rows()]).toEqual([null, [`${ONE} created`]])
  })
})

describe('numbers', () => {
  test('of several columns the first that has a valid number is called, in the order shown, and the others stay', async () => {
    const list = await Opened.of(
      'Name,Business Phone,Home Phone,Mobile Phone,Company Main Phone\nRob,(201) 555-0131,,,2015550199\nSue,,(201) 555-0132,,\nTim,(201) 555-0133,,(201) 555-0134,\nVal,no idea,,(201) 555-0135,\n',
    )
    expect(list.phones).toEqual(['Mobile Phone', 'Business Phone', 'Home Phone'])
    list.choice.phones.unshift(...list.choice.phones.splice(1, 1)) // as a person orders them
    expect(list.rows()).toEqual(['31', '32', '33', '35'].map((end) => `+120155501${end} created`))
    expect(list.sent()[2]).toEqual({ name: 'Tim', phone: '+12015550133', 'extra.Mobile Phone': '(201) 555-0134' })
    expect(list.sent()[3]).toMatchObject({ 'extra.Business Phone': 'no idea' })
  })

  test('columns are ranked by name, by how many cells they fill and by how many of those are numbers', async () => {
    const rows = Array.from(
      { length: 10 },
      (_, index) =>
        `${index < 4 ? `20155502${10 + index}` : ''},20155503${10 + index},${index < 9 ? 'none' : '2015550400'}`,
    )
    const list = await Opened.of(`Mobile,Work phone,Phone\n${rows.join('\n')}\n`)
    expect(list.phones).toEqual(['Work phone', 'Mobile', 'Phone'])
    expect(list.overview.reports).toEqual([
      { filled: 4, valid: 4, looked: 4 },
      { filled: 10, valid: 10, looked: 10 },
      { filled: 10, valid: 1, looked: 10 },
    ])
  })

  test('a column that few rows fill is one of them all the same, for a mark forbids its numbers too', async () => {
    const rows = Array.from(
      { length: 5_000 },
      (_, index) => `+1201${2_000_000 + index},${index === 4_998 ? '+12125550199' : ''},${index === 4_998 ? 'x' : ''}`,
    )
    const list = await Opened.of(`Phone,Home phone,DNC\n${rows.join('\n')}\n`)
    expect(list.phones).toEqual(['Phone', 'Home phone'])
    expect(list.sent().filter(({ do_not_call }) => do_not_call)).toHaveLength(2)
  })

  test('an empty column of the plainest name does not hide the one with numbers', async () => {
    expect((await Opened.of('Phone,Mobile No.\n,+1 201 555 0141\n')).rows()).toEqual([`${ONE} created`])
  })

  test('two columns of one name are two columns', async () => {
    const list = await Opened.of(`Name,Phone,Phone,Do Not Call,Do Not Call\nA,,${ONE},,\nB,${TWO},${THREE},,yes\n`)
    expect(list.rows()).toEqual([`${ONE} created`, `${TWO} marked`])
    expect(list.sent()).toHaveLength(3)
  })

  test.each([
    '2015550127; 2015550128',
    '2015550129 / 2015550130',
    '+1 201-555-0141 ::: +1 201-555-0142',
    '+49 30 1234567/68',
    '+49 30 123456-12/13',
    '+39 02 1234567/8',
  ])('two of them in a cell are told as that: %s', async (cell) => {
    expect((await Opened.of(`Phone\n"${cell}"\n`)).rows()).toEqual(['refused several'])
  })

  test.each([
    ['+49 30/1234567', '+49301234567'],
    ["'12015550141", ONE],
    ['p:+12015550141', ONE],
    ['tel:+12015550141', ONE],
    ['\u202a+1 201\u2011555\u20110141\u202c', ONE],
    ['２０１５５５０１４１', ONE],
    ['="2015550141"', ONE],
    ['2015550141.0', ONE],
    ['001 201 555 0141', ONE],
    ['+52 1 55 1234 5678', '+525512345678'],
    ['+1 436 555 0123', '+14365550123'],
    ['+1 483 555 0123', '+14835550123'],
    ['+1 679 555 0123', '+16795550123'],
    ['+800 1234 5678', '+80012345678'],
  ])('what is around one is seen through: %j', async (cell, phone) => {
    expect(
      (await Opened.of(`Phone\n${cell.startsWith('=') ? `"${cell.replaceAll('"', '""')}"` : cell}\n`)).rows(),
    ).toEqual([`${phone} created`])
  })

  test.each([
    ['4.47E+11', 'damaged'],
    ['2015550123 ext 9', 'extension'],
    ['+229 97 00 00 00', 'not-a-number'],
    ['+55 31 8888 8888', 'not-a-number'],
    ['+979 123456789', 'never-called'],
  ])('one that cannot be dialled is refused in words: %s is %s', async (cell, reason) => {
    expect((await Opened.of(`Phone\n${cell}\n`)).rows()).toEqual([`refused ${reason}`])
  })

  test('a country or calling code in another column counts', async () => {
    const named = await Opened.of(
      'Phone,Country\n2079460959,United Kingdom\n3012345678,Germany\n92 34 56 78,NO\n201-555-0141,USA\n,\n',
    )
    expect(named.rows().slice(0, 4)).toEqual([
      '+442079460959 created',
      '+493012345678 created',
      '+4792345678 created',
      `${ONE} created`,
    ])
    const coded = await Opened.of(
      'phone_code,phone_number\n44,2079460959\n49,3012345678\n1,2015550141\n+34,612345678\n',
    )
    expect(coded.rows()).toEqual([
      '+442079460959 created',
      '+493012345678 created',
      `${ONE} created`,
      '+34612345678 created',
    ])
    const mixed = await Opened.of('Phone,Country Code\n2079460959,+44\n2015550141,1\n')
    expect(mixed.rows()).toEqual(['+442079460959 created', `${ONE} created`])
    const twenty = await Opened.of(
      'Phones / Primary Phone Number,Phones / Primary Phone Calling Code\n2079460958,+44\n',
    )
    expect(twenty.rows()).toEqual(['+442079460958 created'])
  })

  test('one that contradicts the column of the country is asked about', async () => {
    const list = await Opened.of(
      'Phone,Country\n+12015550141,United Kingdom\n020 7946 0959,United Kingdom\n2015550142,Neverland\n020 7946 0960,UK\n020 7946 0961,UK\n',
    )
    expect(list.rows().slice(0, 3)).toEqual(['asked other-country', '+442079460959 created', 'asked unknown-country'])
    list.choice = { ...list.choice, answers: { 'other-country': 0, 'unknown-country': 'out' } }
    expect(list.rows().slice(0, 3)).toEqual([`${ONE} created`, '+442079460959 created', 'refused left-out'])
  })

  test('a column of countries that nobody knows is asked about where numbers lack theirs', async () => {
    const list = await Opened.of(`Phone,Country\n2015550141,EMEA\n${TWO},EMEA\n`)
    expect(list.rows()).toEqual(['asked unknown-country', `${TWO} created`])
  })

  test('one that begins with the region’s own code, and may be meant with it or without, is asked about', async () => {
    const list = await Opened.of('Telefon\n491716783154\n+49 171 6783154\n030 1234567\n', 'DE')
    expect(list.rows()).toEqual(['asked with-code', '+491716783154 created', '+49301234567 created'])
    expect(list.check()[0]?.readings).toEqual(['+491716783154', '+49491716783154'])
    expect(list.sent().map(({ phone }) => phone)).toEqual(['+491716783154', '+49301234567']) // never by a guess
    list.choice = { ...list.choice, answers: { 'with-code': 0 } }
    expect(list.rows()[0]).toBe('+491716783154 created')
  })

  test('our own export that a spreadsheet took the + from is read as it was', async () => {
    const list = await Opened.of(
      'phone,name,call_status,imported_at\n4792345678,Nils,pending,x\n12015550141,Ora,pending,x\n442079460958,Gil,pending,x\n',
    )
    expect(list.rows()).toEqual(['+4792345678 created', `${ONE} created`, '+442079460958 created'])
  })
})

describe('nothing is lost', () => {
  test('a long header, a long cell and sixty columns cost no row: they are shortened or left out, and named', async () => {
    const many = Array.from({ length: 60 }, (_, index) => `c${index}`)
    const list = await Opened.of(
      `phone,note,${'h'.repeat(300)},${many.join(',')}\n${ONE},${'n'.repeat(5_000)},${'x'.repeat(3_000)},${many.join(',')}\n`,
    )
    const [row] = list.check()
    expect(row).toMatchObject({ outcome: 'created', shortened: ['note', `${'h'.repeat(94)}…`] })
    expect(row?.leftOut).toEqual(['c49', 'c50', 'c51', 'c52', 'c53', 'c54', 'c55', 'c56', 'c57', 'c58', 'c59'])
    const [lead] = list.sent()
    expect([lead?.note?.length, Object.keys(lead ?? {}).filter((name) => name.startsWith('extra.')).length]).toEqual([
      4_000, 50,
    ])
  })

  test('a time zone that names no place says nothing, and one in another spelling is understood', async () => {
    const list = await Opened.of(
      `Phone,Time Zone\n${ONE},UTC\n${TWO},Etc/GMT-5\n${THREE},N/A\n+12015550144,america_slash_new_york\n+12015550145,-\n+12015550146,EST\n`,
    )
    expect(list.sent().map(({ timezone }) => timezone)).toEqual([
      undefined,
      undefined,
      undefined,
      'America/New_York',
      undefined,
      'EST',
    ])
  })

  test('a time zone that nobody knows costs no row, and is named', async () => {
    const list = await Opened.of(`Phone,Time Zone\n${ONE},Mars/Olympus\n`)
    expect(list.check()).toMatchObject([{ outcome: 'created', oddZone: true }])
    expect(list.sent()).toEqual([{ phone: ONE, timezone: 'Mars/Olympus' }])
  })

  test('a note that reads like a mark, and is none as a person says, is kept as it is', async () => {
    const list = await Opened.of(`Phone,Note\n${ONE},Do not call\n${TWO},nice\n`)
    expect(list.sent()).toEqual([
      { phone: ONE, 'extra.Note': 'Do not call' },
      { phone: TWO, note: 'nice' },
    ])
  })

  test('line breaks, semicolons and commas in cells cut no row', async () => {
    const rows = Array.from(
      { length: 300 },
      (_, index) =>
        `L${index};"morgens\nam besten, gegen 10,\nunten;${index}";+1201200${String(index).padStart(4, '0')}`,
    )
    const list = await Opened.of(`Name;"Wann, wie, wo, und warum, bitte kurz";Telefon\n${rows.join('\n')}\n`)
    expect(list.check().filter(({ outcome }) => outcome === 'created')).toHaveLength(300)
    const other = await Opened.of(
      `Name,"Topics (a; b; c; d)",Phone\n${Array.from({ length: 9 }, (_, index) => `L${index},"one\ntwo",+1201300000${index}`).join('\n')}\n`,
    )
    expect(other.phones).toEqual(['Phone'])
  })

  test('rows that are too short or too long, and footers, cost no other row', async () => {
    const list = await Opened.of('Name,Phone,City,Do Not Call\nA,2015550141,"Newark, NJ",no\nC,2015550142\nTotal,3\n')
    expect(list.rows()).toEqual([`${ONE} created`, `${TWO} created`, 'refused not-a-number'])
  })
})

describe('encodings', () => {
  test.each([
    ['windows-1252', 'Nome,Telefone,Não ligar\nJoão,+12015550141,\nRita,+12015550142,sim\n', 'João'],
    ['macintosh', 'Nome,Telefone,Não ligar\nJoão,+12015550141,\nRita,+12015550142,sim\n', 'João'],
    [
      'windows-1250',
      'Imię,Telefon,Nie dzwonić\nMichał Wójcik,+12015550141,\nGrażyna,+12015550142,tak\n',
      'Michał Wójcik',
    ],
    [
      'windows-1250',
      'Jméno,Telefon,Nevolat\nJiří Dvořák,+12015550141,\nŘehoř Křížek,+12015550142,ano\n',
      'Jiří Dvořák',
    ],
    ['windows-1251', 'Имя,Телефон,Не звонить\nИван Петров,+12015550141,\nПётр,+12015550142,да\n', 'Иван Петров'],
    ['koi8-r', 'Имя,Телефон,Не звонить\nИван Петров,+12015550141,\nПётр,+12015550142,да\n', 'Иван Петров'],
  ])('%s is found, and the mark in it is heeded', async (encoding, text, name) => {
    const list = await Opened.of(inOneByte(text, encoding))
    expect(list.overview.encoding).toBe(encoding)
    expect(list.check().map((row) => [row.name, row.outcome])[0]).toEqual([name, 'created'])
    expect(list.rows()[1]).toBe(`${TWO} marked`)
  })

  test('Shift-JIS is found', async () => {
    // 名前,電話番号 / 田中太郎
    const names = [0x96, 0xbc, 0x91, 0x4f, 0x2c, 0x93, 0x64, 0x98, 0x62, 0x94, 0xd4, 0x8d, 0x86, 0x0a]
    const tanaka = [0x93, 0x63, 0x92, 0x86, 0x91, 0xbe, 0x98, 0x59, 0x2c, ...bytes(`${ONE}\n`)]
    const list = await Opened.of(Uint8Array.from([...names, ...tanaka]))
    expect([list.overview.encoding, list.check()[0]?.name, list.rows()]).toEqual([
      'shift_jis',
      '田中太郎',
      [`${ONE} created`],
    ])
  })

  test('a row that has lost letters is refused, and its mark heeded', async () => {
    const list = await Opened.of(`Name,Phone,DNC\nZo\ufffd,${ONE},\nRen\ufffd,${TWO},x\n`)
    expect(list.rows()).toEqual(['refused lost-letters', `${TWO} marked`])
  })

  test('a person may choose another', async () => {
    const { sheet, overview } = await Opened.of(inOneByte('Name,Phone\nŠtěpán,+12015550141\n', 'windows-1250'))
    expect(overview.encoding).not.toBe('utf-8')
    expect(await sheet.reread('US', 'windows-1250')).toMatchObject({
      encoding: 'windows-1250',
      sample: [['Štěpán', ONE]],
    })
    expect(await sheet.reread('US', 'windows-1252')).toMatchObject({ encoding: 'windows-1252' })
  })
})

describe('what is no list is said in a sentence', () => {
  test.each([
    ['vcard', 'BEGIN:VCARD\nVERSION:3.0\nTEL:+12015550141\nEND:VCARD\n'],
    ['rtf', '{\\rtf1 list}'],
    ['pdf', '%PDF-1.7\n1 0 obj\n'],
    ['html', '<html><body><table><tr><td>+12015550141</td></tr></table></body></html>'],
    ['html', '\n<!DOCTYPE html><table></table>'],
    ['xml', '<?xml version="1.0"?><Workbook><Cell>2015550141</Cell></Workbook>'],
    ['json', '[{"name":"Amy","phone":"+12015550141"}]'],
    ['json', '{"leads": []}'],
  ])('%s', async (what, text) => {
    expect(await read(text)).toEqual({ kind: 'not-text', what })
  })

  test('a workbook that is broken, or of an old kind', async () => {
    expect(await read(Uint8Array.from([0x50, 0x4b, 3, 4, 20, 0, 1, 2, 3]))).toEqual({
      kind: 'not-text',
      what: 'broken-workbook',
    })
    expect(await read(Uint8Array.from([0xd0, 0xcf, 0x11, 0xe0, 1]))).toEqual({ kind: 'not-text', what: 'old-workbook' })
  })

  test.each(['phone,name\n', 'Foo,Bar\n'])('a header and nothing below: %j', async (text) => {
    expect(await read(text)).toEqual({ kind: 'no-rows' })
  })
})

const LISTS = new URL('../../../../shared/data/lists/', import.meta.url)

/** The lists that were tried in public, where they are at hand. */
describe.skipIf(!existsSync(LISTS))('lists that were tried', () => {
  const of = (name: string, region = 'US') => Opened.of(new Uint8Array(readFileSync(new URL(name, LISTS))), region)

  test.each(existsSync(LISTS) ? readdirSync(LISTS).filter((name) => !/^(c20|c33[bcd])/.test(name)) : [])(
    '%s is read, and has numbers',
    async (name) => {
      const list = await of(name, name.startsWith('c09') ? 'DE' : 'US')
      expect(list.check().length).toBeGreaterThan(0)
      expect(list.choice.phones.length + Number(list.choice.targets.includes('dnc_phone'))).toBeGreaterThan(0)
    },
  )

  test('nobody of them is called who is marked', async () => {
    const created = async (name: string, decide: (list: Opened) => Opened = (list) => list) =>
      decide(await of(name))
        .check()
        .filter(({ outcome }) => outcome === 'created')
        .map(({ name }) => name)
    expect(
      await created('c01b_vicidial_status_dnc.txt', (list) => list.decide('status', 'marking_words')),
    ).toHaveLength(1)
    expect(await created('c02_erpnext_status.csv', (list) => list.decide('Status', 'marking_words'))).toEqual([
      'Tess Lang',
    ])
    expect(await created('l4_sep_uk.csv')).toEqual(['Amy Dorn'])
    expect(await created('c18e_preamble.csv')).toEqual(['Amy Dorn'])
    expect(await created('c19k_macroman_nao_ligar.csv')).toEqual(['Joana'])
    expect(await created('c30_marked_elsewhere.csv')).toEqual([])
    expect(await created('l2_dynamics_uk.csv')).toEqual(['Saul Kerr'])
  })

  test('our own export comes back whole', async () => {
    const list = await of('c26_roundtrip_export.csv')
    expect(list.check().every(({ outcome }) => outcome === 'created')).toBe(true)
    expect(list.overview.doubts.filter(Boolean)).toEqual([])
  })
})
