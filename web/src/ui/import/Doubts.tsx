import type { Choice, Overview } from '../../import/sheet'
import type { Doubt, Target } from '../../import/targets'
import { importing } from '../../texts'

interface Props {
  overview: Overview
  choice: Choice
  decided: readonly boolean[]
  label: (column: number) => string
  become: (column: number, target: Target, concerns: number | null, words: boolean) => void
}

interface Answer {
  text: string
  target: Target
  concerns: number | null
  /** whether its cells that are do-not-call phrases mark, besides what the column is */
  words: boolean
}

/** Asked rather than guessed: whoever is not marked is called. */
export function Doubts({ overview, choice, decided, label, become }: Props) {
  const asked = overview.doubts.flatMap((doubt, column) => (doubt ? [{ doubt, column }] : []))
  if (asked.length === 0) return null
  return (
    <section className="doubts" aria-label={importing.questionsTitle}>
      <h3>{importing.questionsTitle}</h3>
      <p className="quiet">{importing.questionsHint}</p>
      {asked.map(({ doubt, column }) => (
        <fieldset key={column} className="doubt">
          <legend>{say(doubt, column, label)}</legend>
          {answers(doubt, overview.targets[column] ?? 'keep', label).map(({ text, target, concerns, words }) => (
            <label key={text}>
              <input
                type="radio"
                name={`doubt-${column}`}
                checked={
                  decided[column] === true &&
                  choice.targets[column] === target &&
                  (choice.concerns[column] ?? null) === concerns &&
                  choice.words[column] === words
                }
                onChange={() => become(column, target, concerns, words)}
              />
              {text}
            </label>
          ))}
        </fieldset>
      ))}
    </section>
  )
}

function say(doubt: Doubt, column: number, label: Props['label']): string {
  if (doubt.kind === 'words')
    return importing.doubt.words(label(column), doubt.words.map((word) => `“${word}”`).join(', '))
  if (doubt.kind === 'beside') return importing.doubt.beside(label(column), label(doubt.phone))
  return importing.doubt[doubt.kind](label(column))
}

/** What the column may be; *guessed* is what it is if it is no mark. */
function answers(doubt: Doubt, guessed: Target, label: Props['label']): Answer[] {
  const words = importing.answer
  const one = (text: string, target: Target, concerns: number | null = null): Answer => ({
    text,
    target,
    concerns,
    words: false,
  })
  switch (doubt.kind) {
    case 'ticks':
      return [one(words.yesMarks, 'do_not_call'), one(words.noMarks, 'consent'), one(words.none, guessed)]
    case 'about':
      return [one(words.filledMarks, 'do_not_call'), one(words.none, guessed)]
    case 'consent':
      return [one(words.denialMarks, 'consent'), one(words.noMark, guessed)]
    case 'words':
      return [{ ...one(words.wordsMark, guessed), words: true }, one(words.noMark, guessed)]
    case 'beside':
      return [
        one(words.onlyThat(label(doubt.phone)), 'do_not_call', doubt.phone),
        one(words.wholeRow, 'do_not_call'),
        one(words.none, 'keep'),
      ]
  }
}
