import type { Window as HappyWindow } from 'happy-dom'
import { vi } from 'vitest'

// The files with a page share one window and what is loaded in it, which takes half of the time: each begins as if the
// page had just been opened.
vi.useRealTimers()
vi.unstubAllGlobals()
Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })
const { happyDOM } = window as unknown as HappyWindow
happyDOM.setURL('http://localhost:3000/')
localStorage.clear()
sessionStorage.clear()
document.title = ''
document.body.innerHTML = ''
for (const name of Object.keys(document.documentElement.dataset)) delete document.documentElement.dataset[name]
for (const name of Object.keys(navigator)) Reflect.deleteProperty(navigator, name)
