import { useState } from 'react'
import { setSingleKeys, singleKeys } from '../../call/keys'
import { keyboard, run } from '../../texts'
import { Dialog } from '../Dialog'
import { errorMessage } from '../errorMessage'
import { useAgentApp } from '../hooks'
import { useToast } from '../Toasts'
import { useKeys } from './useKeys'

interface Props {
  shown: boolean
  show: (shown: boolean) => void
}

/** The keys that work everywhere on the page, and the list of all keys. */
export function PageKeys({ shown, show }: Props) {
  const desk = useAgentApp()
  const toast = useToast()
  const pause = () => {
    const on = !desk.current.run.paused
    desk
      .setPaused(on)
      .catch((error: unknown) =>
        toast([on && run.notPaused, errorMessage(error)].filter(Boolean).join(' '), { tone: 'bad' }),
      )
  }
  useKeys({
    p: pause,
    n: () => document.querySelector<HTMLElement>('[data-note]')?.focus(),
    '?': () => show(true),
  })
  return shown ? <KeysDialog close={() => show(false)} /> : null
}

const GROUPS: [string, [string[], string][]][] = [
  [
    keyboard.groups.call,
    [
      [['H'], keyboard.does.hangUp],
      [['M'], keyboard.does.mute],
      [['O'], keyboard.does.hold],
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
    keyboard.groups.callBacks,
    [
      [['B'], keyboard.does.toCallBacks],
      [['↑', '↓'], keyboard.does.callBack],
      [['C'], keyboard.does.callNow],
      [['L'], keyboard.does.callLater],
      [['X'], keyboard.does.doNotCall],
      [['D'], keyboard.does.done],
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
