import { useEffect, useRef } from 'react'
import { watchKeys } from '../../call/keys'

type Keys = Record<string, (() => unknown) | null | false | undefined>

/** Runs these actions at their keys for as long as the component stands; one that is null has no key now. */
export function useKeys(keys: Keys): void {
  const latest = useRef(keys)
  useEffect(() => {
    latest.current = keys
  })
  const names = Object.keys(keys).join(' ')
  useEffect(
    () =>
      watchKeys(
        Object.fromEntries(
          names.split(' ').map((name) => [
            name,
            () => {
              const act = latest.current[name]
              return act ? act() : false
            },
          ]),
        ),
      ),
    [names],
  )
}
