import { createContext, type ReactNode, useCallback, useContext, useMemo, useRef, useState } from 'react'
import { app } from '../texts'
import { Icon } from './icons'

interface Toast {
  id: number
  text: string
  tone: 'good' | 'bad'
  action?: { label: string; run: () => void }
}

type Say = (text: string, options?: { tone?: Toast['tone']; action?: Toast['action'] }) => void

const Saying = createContext<Say>(() => {})

const STAYS_MS = 8_000

export const useToast = () => useContext(Saying)

/** Short messages at the edge; errors interrupt a screen reader, the rest waits its turn. */
export function Toasts({ children }: { children: ReactNode }) {
  const [toasts, setToasts] = useState<Toast[]>([])
  const last = useRef(0)
  const dismiss = useCallback((id: number) => setToasts((shown) => shown.filter((toast) => toast.id !== id)), [])
  const say = useCallback<Say>(
    (text, { tone = 'good', action } = {}) => {
      const id = ++last.current
      const toast: Toast = { id, text, tone, ...(action ? { action } : {}) }
      setToasts((shown) => [...shown.filter((old) => old.text !== text).slice(-2), toast])
      setTimeout(() => dismiss(id), STAYS_MS)
    },
    [dismiss],
  )
  const bad = useMemo(() => toasts.filter(({ tone }) => tone === 'bad'), [toasts])
  const good = useMemo(() => toasts.filter(({ tone }) => tone === 'good'), [toasts])
  return (
    <Saying value={say}>
      {children}
      <div className="toasts">
        <div role="alert">{bad.map((toast) => <Line key={toast.id} toast={toast} dismiss={dismiss} />)}</div>
        <div role="status">{good.map((toast) => <Line key={toast.id} toast={toast} dismiss={dismiss} />)}</div>
      </div>
    </Saying>
  )
}

function Line({ toast, dismiss }: { toast: Toast; dismiss: (id: number) => void }) {
  return (
    <div className="toast" data-tone={toast.tone}>
      <Icon name={toast.tone === 'good' ? 'check' : 'look'} />
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
