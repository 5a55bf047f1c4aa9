import { useEffect, useMemo, useRef } from 'react'

/** A `details` that is a menu. */
export function useMenu() {
  const ref = useRef<HTMLDetailsElement>(null)
  useEffect(() => closeOutside(ref.current), [])
  return useMemo(() => ({ ref, close: () => close(ref.current), toggle: () => toggle(ref.current) }), [])
}

/** Closes an open menu at Escape or a press elsewhere, and gives the focus back. */
function closeOutside(menu: HTMLDetailsElement | null): (() => void) | undefined {
  if (!menu) return
  const stop = new AbortController()
  const press = (event: Event) => {
    if (menu.open && !menu.contains(event.target as Node)) menu.open = false
  }
  const key = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && menu.open) close(menu)
  }
  document.addEventListener('pointerdown', press, { signal: stop.signal })
  menu.addEventListener('keydown', key, { signal: stop.signal })
  return () => stop.abort()
}

function toggle(menu: HTMLDetailsElement | null): void {
  if (!menu) return
  if (menu.open) return close(menu)
  menu.open = true
  menu.querySelector<HTMLElement>('.menu-body button')?.focus()
}

function close(menu: HTMLDetailsElement | null): void {
  if (!menu) return
  menu.open = false
  menu.querySelector('summary')?.focus()
}
