import { linkOf } from '../call/facts'
import { card as words } from '../texts'
import { Icon } from './icons'
import { useToast } from './Toasts'

export type Fact = readonly [name: string, value: string | null | undefined]

/** What is known about a lead: addresses and numbers as links, and all of it to copy. */
export function FactList({ facts }: { facts: readonly Fact[] }) {
  return (
    <dl className="facts-list">
      {facts.map(([name, value]) =>
        value ? (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <Value text={value} />
              <Copy name={name} text={value} />
            </dd>
          </div>
        ) : null,
      )}
    </dl>
  )
}

function Value({ text }: { text: string }) {
  const link = linkOf(text)
  if (!link) return <span>{text}</span>
  return (
    <a href={link.href} {...(link.outside ? { target: '_blank', rel: 'noreferrer' } : {})}>
      {text}
    </a>
  )
}

/** Puts a value where it can be pasted from. */
export function Copy({ name, text }: { name: string; text: string }) {
  const say = useToast()
  const copy = () =>
    navigator.clipboard
      ? navigator.clipboard.writeText(text).then(
          () => say(words.copied(name)),
          () => say(words.notCopied, { tone: 'bad' }),
        )
      : say(words.notCopied, { tone: 'bad' })
  return (
    <button
      type="button"
      className="bare copy"
      aria-label={words.copy(name)}
      title={words.copy(name)}
      onClick={() => void copy()}
    >
      <Icon name="copy" size={14} />
    </button>
  )
}
