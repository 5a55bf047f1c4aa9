export type Theme = 'system' | 'light' | 'dark'

const KEY = 'autocall.theme'

export function theme(): Theme {
  const kept = localStorage.getItem(KEY)
  return kept === 'light' || kept === 'dark' ? kept : 'system'
}

/** Shows the page in the chosen appearance, or as the system has it. */
export function applyTheme(chosen: Theme = theme()): void {
  if (chosen === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = chosen
}

export function chooseTheme(chosen: Theme): void {
  if (chosen === 'system') localStorage.removeItem(KEY)
  else localStorage.setItem(KEY, chosen)
  applyTheme(chosen)
  for (const tell of [...watchers]) tell()
}

const watchers = new Set<() => void>()

/** Hears of every choice of appearance, in whichever tab of this browser it is made. */
export function watchTheme(changed: () => void): () => void {
  watchers.add(changed)
  return () => watchers.delete(changed)
}

/** Shows this tab as another one was told to. */
export function followTheme(): void {
  window.addEventListener('storage', (event) => {
    if (event.key !== KEY && event.key !== null) return
    applyTheme()
    for (const tell of [...watchers]) tell()
  })
}
