import { tinykeys } from 'tinykeys'

type Keys = Record<string, () => unknown>

const STORED = 'autocall.keys'
const LETTER = /^[a-z]$/
const FIELDS = 'input:not([type=radio], [type=checkbox], [type=button]), textarea, select, [contenteditable]'

/** Whether single letters and digits do something; who speaks to their computer may not want that. */
export const singleKeys = () => localStorage.getItem(STORED) !== 'off'

export function setSingleKeys(on: boolean): void {
  if (on) localStorage.removeItem(STORED)
  else localStorage.setItem(STORED, 'off')
}

/** Whether somebody types there, or a window or a menu has the keyboard. */
function isTaken(event: KeyboardEvent): boolean {
  const target = event.target instanceof Element ? event.target : null
  if (target?.closest(FIELDS)) return true
  return Boolean(document.querySelector('dialog:modal, [role=menu], [data-keys-taken]'))
}

/**
 * The letter that this press means, for a part of the page with keys of its own, which hears of presses within it alone:
 * as everywhere plain, unless somebody types, or with Alt. Null if it means none.
 */
export function letterOf(event: Pick<KeyboardEvent, 'key' | 'code' | 'target' | 'repeat' | KeyWith>): string | null {
  if (event.repeat || event.ctrlKey || event.metaKey) return null
  if (event.altKey) return /^Key[A-Z]$/.test(event.code) ? event.code.slice(3).toLowerCase() : null
  const isTyped = event.target instanceof Element && event.target.closest(FIELDS) !== null
  return !isTyped && singleKeys() && LETTER.test(event.key) ? event.key : null
}

type KeyWith = 'altKey' | 'ctrlKey' | 'metaKey'

/** Enter belongs to whatever has the focus and does something by it. */
const isPressable = (event: KeyboardEvent) =>
  event.target instanceof Element &&
  event.target.closest('button:not([role=radio]), a, summary, aside, [data-lead-id]') !== null

/**
 * Runs an action at its key, unless somebody types; letters also with Alt, wherever the focus is. Letters go by what
 * they print, all other keys by `KeyboardEvent.code`. An action that answers false leaves the key to the browser.
 */
export function watchKeys(keys: Keys): () => void {
  const run = (event: KeyboardEvent, act: Keys[string]) => {
    if (!event.repeat && act() !== false) event.preventDefault()
  }
  const bindings = Object.entries(keys).flatMap(([key, act]) => {
    const plain = (event: KeyboardEvent) => {
      if ((key !== 'Enter' && !singleKeys()) || isTaken(event) || (key === 'Enter' && isPressable(event))) return
      run(event, act)
    }
    const withAlt = (event: KeyboardEvent) => void (document.querySelector('dialog:modal') || run(event, act))
    if (key === '?') return [[key, plain] as const, [`Shift+${key}`, plain] as const]
    return LETTER.test(key)
      ? [[key, plain] as const, [`Alt+Key${key.toUpperCase()}`, withAlt] as const]
      : [[key, plain] as const]
  })
  return tinykeys(window, Object.fromEntries(bindings))
}
