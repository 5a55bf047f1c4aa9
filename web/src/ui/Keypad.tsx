import { type KeyboardEvent, useState } from 'react'
import { line as words } from '../texts'

const KEYS = [...'123456789*0#']

/** The keys of a telephone, for menus that ask for one; the computer's own keys do as well. */
export function Keypad({ press }: { press: (key: string) => void }) {
  const [pressed, setPressed] = useState('')
  const enter = (key: string) => {
    press(key)
    setPressed((before) => (before + key).slice(-16))
  }
  const typed = (event: KeyboardEvent) => {
    if (KEYS.includes(event.key) && !event.altKey && !event.ctrlKey && !event.metaKey) enter(event.key)
  }
  return (
    <div className="menu-body keypad-body" role="group" aria-label={words.keypad} onKeyDown={typed}>
      <output className="keypad-pressed" aria-label={words.pressed}>
        {pressed || words.nothingPressed}
      </output>
      {KEYS.map((key) => (
        <button key={key} type="button" onClick={() => enter(key)}>
          {key}
        </button>
      ))}
    </div>
  )
}
