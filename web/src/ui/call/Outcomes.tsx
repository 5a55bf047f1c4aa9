import { RadioGroup } from 'radix-ui'
import { keysOf, type OutcomeChoice } from '../../call/outcomes'
import { card as words } from '../../texts'
import { Key } from './Key'

interface Props {
  choices: readonly OutcomeChoice[]
  chosen: string | null
  choose: (code: string) => void
  /** whether their keys are shown, since they choose */
  keyed?: boolean
}

/** The outcomes of a conversation, one of which is chosen by a press or its key. */
export function Outcomes({ choices, chosen, choose, keyed = false }: Props) {
  const keys = keysOf(choices)
  return (
    <RadioGroup.Root
      className="outcome-choices"
      aria-label={words.outcome}
      orientation="horizontal"
      value={chosen ?? ''}
      onValueChange={choose}
    >
      {choices.map(({ code, label, kind }) => (
        <RadioGroup.Item
          key={code}
          value={code}
          className="outcome-choice"
          data-outcome={kind}
          {...(keyed && keys.has(code) ? { 'aria-keyshortcuts': keys.get(code) } : {})}
        >
          {keyed && keys.has(code) && <Key name={keys.get(code) as string} />}
          {label}
        </RadioGroup.Item>
      ))}
    </RadioGroup.Root>
  )
}
