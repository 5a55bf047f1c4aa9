/** What a file is that is no list of rows. */
export type NoList =
  | 'empty'
  | 'binary'
  | 'old-workbook'
  | 'broken-workbook'
  | 'vcard'
  | 'rtf'
  | 'pdf'
  | 'html'
  | 'xml'
  | 'json'

/** What a text is that is no list of rows; null if it may be one. */
export function whatItIs(text: string): NoList | null {
  const start = text
    .slice(0, 2_000)
    .replace(/^\ufeff/, '')
    .trimStart()
  if (/^BEGIN:VCARD\b/i.test(start)) return 'vcard'
  if (start.startsWith('{\\rtf')) return 'rtf'
  if (start.startsWith('%PDF-')) return 'pdf'
  if (/^(<!--[\s\S]*?-->\s*)?<(!doctype html|html|head|body|table|meta)\b/i.test(start)) return 'html'
  if (/^<(\?xml|[a-z][\w:.-]*(\s[^>]*)?>)/i.test(start)) return /<html\b/i.test(start) ? 'html' : 'xml'
  if (/^(\[\s*(\{|\[|"|\])|\{\s*("|\}))/.test(start)) return 'json'
  return null
}
