import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useRef, useState } from 'react'
import { app } from '../texts'
import { Icon } from './icons'
import { STAYS_MS } from './toastTime'

interface Toast {
  id: number
  text: string
  tone: 'good' | 'bad'
  action?: { label: string; run: () => void }
}

type Say = (text: string, options?: { tone?: Toast['tone']; action?: Toast['action'] }) => void

const Saying = createContext<Say>(() => {})

export const useToast = () => useContext(Saying)

/**
 * Short messages at the edge; errors interrupt a screen reader, the rest waits its turn.
 *
 * By hand, because sonner puts its styles into the page, which the content security policy refuses, and Radix's toast
 * adds 11 kB to a first load that may have 150.
 */
export function Toasts({ children }: { children: ReactNode }) {
  const [toasts, setToasts] = useState<Toast[]>([])
  const last = useRef(0)
  const dismiss = useCallback((id: number) => setToasts((shown) => shown.filter((toast) => toast.id !== id)), [])
  const say = useCallback<Say>((text, { tone = 'good', action } = {}) => {
    const id = ++last.current
    const toast: Toast = { id, text, tone, ...(action ? { action } : {}) }
    setToasts((shown) => [...shown.filter((old) => old.text !== text).slice(-2), toast])
  }, [])
  const [pointed, setPointed] = useState(false)
  const [focused, setFocused] = useState(false)
  const stays = toasts.length > 0 && (pointed || focused)
  useEffect(() => {
    if (toasts.length > 0) return
    setPointed(false) // what goes from under the pointer, or with the focus, tells nobody
    setFocused(false)
  }, [toasts.length])
  const bad = useMemo(() => toasts.filter(({ tone }) => tone === 'bad'), [toasts])
  const good = useMemo(() => toasts.filter(({ tone }) => tone === 'good'), [toasts])
  return (
    <Saying value={say}>
      {children}
      <div
        className="toasts"
        onPointerEnter={() => setPointed(true)}
        onPointerLeave={() => setPointed(false)}
        onFocus={() => setFocused(true)}
        onBlur={() => setFocused(false)}
      >
        <div role="alert">
          {bad.map((toast) => (
            <Line key={toast.id} {...{ toast, stays, dismiss }} />
          ))}
        </div>
        <div role="status">
          {good.map((toast) => (
            <Line key={toast.id} {...{ toast, stays, dismiss }} />
          ))}
        </div>
      </div>
    </Saying>
  )
}

/** One message; it goes by itself, unless it *stays*, for somebody reads it or has the focus on it. */
function Line({ toast, stays, dismiss }: { toast: Toast; stays: boolean; dismiss: (id: number) => void }) {
  useEffect(() => {
    if (stays) return
    const timer = setTimeout(() => dismiss(toast.id), STAYS_MS)
    return () => clearTimeout(timer)
  }, [stays, dismiss, toast.id])
  return (
    <div className="toast" data-tone={toast.tone}>
      <Icon name={toast.tone === 'good' ? 'check' : 'warning'} />
      <span>{toast.text}</span>
      {toast.action && (
        <button
          type="button"
          className="link"
          onClick={() => {
            toast.action?.run()
            dismiss(toast.id)
          }}
        >
          {toast.action.label}
        </button>
      )}
      <button type="button" className="bare" aria-label={app.dismiss} onClick={() => dismiss(toast.id)}>
        <Icon name="close" size={14} />
      </button>
    </div>
  )
}
