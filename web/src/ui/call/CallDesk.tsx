import { useState } from 'react'
import { setSingleKeys, singleKeys } from '../../call/keys'
import { outcomeLabel } from '../../call/outcomes'
import { upNext } from '../../call/upNext'
import { when } from '../../format'
import { displayStatus, type Lead, numberOf } from '../../leads/lead'
import { card as words, keyboard, kinds, run } from '../../texts'
import { Dialog } from '../Dialog'
import { errorMessage } from '../errorMessage'
import { useAgentApp, useAgentAppState, useNow, useStoreRevision } from '../hooks'
import { Icon } from '../icons'
import { townTime } from '../localTime'
import { useToast } from '../Toasts'
import { Key } from './Key'
import { useKeys } from './useKeys'

/** Who comes next, who came last, and the keys that work everywhere. */
export function CallDesk({ open }: { open: (lead: string) => void }) {
  const desk = useAgentApp()
  const toast = useToast()
  const [isShown, setShown] = useState(false)
  const pause = () =>
    void desk.setPaused(!desk.current.run.paused).catch((error: unknown) =>
      toast([!desk.current.run.paused && run.notPaused, errorMessage(error)].filter(Boolean).join(' '), {
        tone: 'bad',
      }),
    )
  useKeys({
    p: pause,
    n: () => document.querySelector<HTMLElement>('[data-note]')?.focus() ?? undefined,
    '?': () => setShown(true),
  })
  return (
    <div className="up-next">
      <UpNext open={open} />
      <button
        type="button"
        className="bare small keys-open"
        aria-label={keyboard.open}
        title={keyboard.open}
        onClick={() => setShown(true)}
      >
        <Icon name="keyboard" />
        <Key name="?" />
      </button>
      {isShown && <KeysDialog close={() => setShown(false)} />}
    </div>
  )
}

function UpNext({ open }: { open: (lead: string) => void }) {
  const { store } = useAgentApp()
  const { installation } = useAgentAppState()
  const now = useNow(30_000)
  useStoreRevision()
  const { next, last } = upNext(store.all(), now)
  const choices = installation?.outcomes ?? []
  return (
    <>
      <Line title={words.upNext} leads={next} none={words.nobodyNext} open={open} say={(lead) => townTime(lead, now)} />
      {last.length > 0 && (
        <Line
          title={words.upLast}
          leads={last}
          open={open}
          say={(lead) =>
            [
              lead.outcome ? outcomeLabel(choices, lead.outcome.code) : kinds[displayStatus(lead)],
              when(lead.ended_at, now),
            ]
              .filter(Boolean)
              .join(' ')
          }
        />
      )}
    </>
  )
}

interface LineProps {
  title: string
  leads: readonly Lead[]
  none?: string
  open: (lead: string) => void
  say: (lead: Lead) => string | null
}

function Line({ title, leads, none, open, say }: LineProps) {
  return (
    <p className="up-next-line">
      <b>{title}</b>
      {leads.length === 0 && <span className="quiet">{none}</span>}
      {leads.map((lead) => (
        <span key={lead.lead_id} className="up-next-lead">
          <button type="button" className="link" onClick={() => open(lead.lead_id)}>
            {lead.name || numberOf(lead)}
          </button>{' '}
          <span className="quiet">{say(lead)}</span>
        </span>
      ))}
    </p>
  )
}

const GROUPS: [string, [string[], string][]][] = [
  [
    keyboard.groups.call,
    [
      [['H'], keyboard.does.hangUp],
      [['M'], keyboard.does.mute],
      [['K'], keyboard.does.keypad],
      [['V'], keyboard.does.voicemail],
    ],
  ],
  [
    keyboard.groups.wrapUp,
    [
      [['1', '…', '9', '0'], keyboard.does.outcomes],
      [['Enter'], keyboard.does.save],
      [['W'], keyboard.does.moreTime],
    ],
  ],
  [
    keyboard.groups.page,
    [
      [['P'], keyboard.does.pause],
      [['N'], keyboard.does.note],
      [['Esc'], keyboard.does.leave],
      [['↑', '↓', 'Enter'], keyboard.does.list],
      [['?'], keyboard.does.keys],
    ],
  ],
]

function KeysDialog({ close }: { close: () => void }) {
  const [single, setSingle] = useState(singleKeys)
  const change = (on: boolean) => {
    setSingleKeys(on)
    setSingle(on)
  }
  return (
    <Dialog title={keyboard.title} close={close}>
      <p className="hint">{keyboard.hint}</p>
      {GROUPS.map(([name, keys]) => (
        <section key={name} className="keys">
          <h3>{name}</h3>
          <dl>
            {keys.map(([names, does]) => (
              <div key={does}>
                <dt>
                  {names.map((key) => (
                    <kbd key={key} className="key">
                      {key}
                    </kbd>
                  ))}
                </dt>
                <dd>{does}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
      <label className="choice">
        <input type="checkbox" checked={single} onChange={(event) => change(event.target.checked)} />
        {keyboard.single}
      </label>
      <p className="hint">{keyboard.singleHint}</p>
    </Dialog>
  )
}
