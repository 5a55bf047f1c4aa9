import { duration } from '../format'
import { outcomeLabel } from '../call/outcomes'
import { today as words } from '../texts'
import { useInstallation, useTodayCounts } from './hooks'

/** What the agent has done today, at a glance. */
export function Today() {
  const { calls, conversations, talkMs, outcomes } = useTodayCounts()
  const choices = useInstallation()?.outcomes ?? []
  return (
    <section className="today" aria-label={words.region} data-testid="today">
      <dl>
        <Count name={words.calls(calls)} value={calls.toLocaleString()} hint={words.callsHint} />
        <Count
          name={words.conversations(conversations)}
          value={conversations.toLocaleString()}
          hint={words.conversationsHint}
        />
        <Count name={words.talk} value={duration(talkMs / 1000)} hint={words.talkHint} />
        {outcomes.map(([code, count]) => (
          <Count
            key={code}
            name={outcomeLabel(choices, code)}
            value={count.toLocaleString()}
            hint={words.outcomeHint}
          />
        ))}
      </dl>
    </section>
  )
}

function Count({ name, value, hint }: { name: string; value: string; hint: string }) {
  return (
    <div title={hint}>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  )
}
