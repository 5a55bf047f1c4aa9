/** The regions a number without a `+` can be from, named in the reader's language. */
const CODES = (
  'AE AR AT AU BE BG BR CA CH CL CN CO CR CY CZ DE DK EE EG ES FI FR GB GR HK HR HU ID IE IL IN IS IT JP KE KR LT LU ' +
  'LV MA MT MX MY NG NL NO NZ PE PH PK PL PR PT RO RS SA SE SG SI SK TH TR TW UA US VN ZA'
).split(' ')

/** All of them by name, with *own* among them even where it is a rarer one. */
export function regionNames(own: string): [string, string][] {
  const names = new Intl.DisplayNames(undefined, { type: 'region' })
  const codes = CODES.includes(own) ? CODES : [...CODES, own]
  return codes
    .map((code): [string, string] => [code, names.of(code) ?? code])
    .sort(([, a], [, b]) => a.localeCompare(b))
}
