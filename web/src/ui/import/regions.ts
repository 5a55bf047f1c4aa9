/** The regions a number without a `+` can be from, named in the reader's language. */
const CODES = (
  'AE AR AT AU BE BG BR CA CH CL CN CO CR CY CZ DE DK EE EG ES FI FR GB GR HK HR HU ID IE IL IN IS IT JP KE KR LT LU ' +
  'LV MA MT MX MY NG NL NO NZ PE PH PK PL PR PT RO RS SA SE SG SI SK TH TR TW UA US VN ZA'
).split(' ')

let named: [string, string][] | null = null

export function regionNames(): [string, string][] {
  named ??= name()
  return named
}

function name(): [string, string][] {
  const names = new Intl.DisplayNames(undefined, { type: 'region' })
  return CODES.map((code): [string, string] => [code, names.of(code) ?? code]).sort(([, a], [, b]) => a.localeCompare(b))
}
