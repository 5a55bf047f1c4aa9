import { createContext, type ReactNode, useContext } from 'react'
import type { Lead } from '../leads/lead'
import type { Marker, Marks } from '../leads/search'

/** What is being searched for; null while nothing is. */
export const SearchContext = createContext<Marker | null>(null)

/** A text in which what was searched for stands out. */
export function Marked({ text, phoneOf }: { text: string; phoneOf?: Pick<Lead, 'phone'> }): ReactNode {
  const search = useContext(SearchContext)
  if (search === null || text === '') return text
  return withMarks(text, phoneOf ? search.phone(phoneOf, text) : search.text(text))
}

export function withMarks(text: string, marks: Marks): ReactNode {
  if (marks.length === 0) return text
  const parts: ReactNode[] = []
  let from = 0
  for (const [start, end] of marks) {
    parts.push(text.slice(from, start), <mark key={start}>{text.slice(start, end)}</mark>)
    from = end
  }
  return [...parts, text.slice(from)]
}

const BEFORE = 8

/** The part of a long text in which something was found, from a little before it. */
export function excerpt(text: string, marks: Marks): { text: string; marks: Marks } {
  const first = marks[0]?.[0] ?? 0
  if (first <= BEFORE) return { text, marks }
  const space = text.indexOf(' ', first - BEFORE)
  const cut = space >= 0 && space < first ? space + 1 : first - BEFORE
  return { text: `… ${text.slice(cut)}`, marks: marks.map(([from, to]) => [from - cut + 2, to - cut + 2] as const) }
}
