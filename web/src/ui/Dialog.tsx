import { type ReactNode, useId, useLayoutEffect, useRef } from 'react'
import { app } from '../texts'
import { Icon } from './icons'

interface Props {
  title: string
  children: ReactNode
  /** the buttons at the foot */
  foot?: ReactNode
  wide?: boolean
  /** false while something must not be left half-way */
  closable?: boolean
  close: () => void
}

/** A modal window: the browser keeps the focus inside and gives it back. */
export function Dialog({ title, children, foot, wide = false, closable = true, close }: Props) {
  const element = useRef<HTMLDialogElement>(null)
  const heading = useId()
  useLayoutEffect(() => {
    const dialog = element.current
    if (dialog && !dialog.open) dialog.showModal()
    start(dialog)?.focus({ preventScroll: true })
    return () => dialog?.close()
  }, [])
  /** A browser closes it unasked at a second Escape, which cannot be prevented; not all of them know `closedby`. */
  const closed = () => {
    const dialog = element.current
    if (!dialog || dialog.open) return
    if (closable) close()
    else dialog.showModal()
  }
  return (
    <dialog
      ref={element}
      className="dialog"
      data-wide={wide}
      aria-labelledby={heading}
      closedby={closable ? 'closerequest' : 'none'}
      onCancel={(event) => {
        event.preventDefault()
        if (closable) close()
      }}
      onClose={closed}
    >
      <header>
        <h2 id={heading} tabIndex={-1}>
          {title}
        </h2>
        {closable && (
          <button type="button" className="bare" aria-label={app.close} onClick={close}>
            <Icon name="close" size={18} />
          </button>
        )}
      </header>
      <div className="dialog-body">{children}</div>
      {foot && <footer>{foot}</footer>}
    </dialog>
  )
}

/** Where the focus begins: left to itself, the browser gives it to the button that closes. */
function start(dialog: HTMLDialogElement | null): HTMLElement | null | undefined {
  const find = (what: string) => dialog?.querySelector<HTMLElement>(what)
  return find('[data-autofocus]') ?? find('footer .primary:not(:disabled)') ?? find('h2')
}

interface QuestionProps {
  title: string
  children: ReactNode
  yes: string
  no: string
  answer: (yes: boolean) => void
}

/** A yes-or-no question; the safe answer has the focus. */
export function Question({ title, children, yes, no, answer }: QuestionProps) {
  const foot = (
    <>
      <button type="button" data-autofocus onClick={() => answer(false)}>
        {no}
      </button>
      <button type="button" className="danger" onClick={() => answer(true)}>
        {yes}
      </button>
    </>
  )
  return (
    <Dialog title={title} close={() => answer(false)} foot={foot}>
      {children}
    </Dialog>
  )
}
