import { type ReactNode, useId, useLayoutEffect, useRef, useState } from 'react'
import { app, importing } from '../texts'
import { Icon } from './icons'

interface Props {
  title: string
  children: ReactNode
  /** the buttons at the foot */
  foot?: ReactNode
  wide?: boolean
  /** false while something must not be left half-way */
  closable?: boolean
  /** beside the page, which stays in use, instead of in front of it */
  beside?: boolean
  close: () => void
}

/** A window: in front of the page, where the browser keeps the focus inside, or beside it. */
export function Dialog({ title, children, foot, wide = false, closable = true, beside = false, close }: Props) {
  const element = useRef<HTMLDialogElement>(null)
  const heading = useId()
  const [folded, setFolded] = useState(false)
  useLayoutEffect(() => {
    const dialog = element.current
    if (dialog && !dialog.open) open(dialog, beside)
    start(dialog)?.focus({ preventScroll: true })
    return () => dialog?.close()
  }, [])
  /** A browser closes it unasked at a second Escape, which cannot be prevented; not all of them know `closedby`. */
  const closed = () => {
    const dialog = element.current
    if (!dialog || dialog.open) return
    if (closable) close()
    else open(dialog, beside)
  }
  return (
    <dialog
      ref={element}
      className="dialog"
      data-wide={wide}
      data-beside={beside}
      data-folded={folded}
      aria-labelledby={heading}
      closedby={closable && !beside ? 'closerequest' : 'none'}
      onKeyDown={(event) => {
        if (beside && closable && event.key === 'Escape' && !event.defaultPrevented) close()
      }}
      onCancel={(event) => {
        event.preventDefault()
        if (closable) close()
      }}
      onClose={closed}
    >
      <div className="dialog-head">
        <h2 id={heading} tabIndex={-1}>
          {title}
        </h2>
        {beside && (
          <button
            type="button"
            className="bare"
            aria-expanded={!folded}
            aria-label={folded ? importing.unfold : importing.fold}
            title={folded ? importing.unfold : importing.fold}
            onClick={() => setFolded(!folded)}
          >
            <Icon name={folded ? 'up' : 'down'} size={18} />
          </button>
        )}
        {closable && (
          <button type="button" className="bare" aria-label={app.close} onClick={close}>
            <Icon name="close" size={18} />
          </button>
        )}
      </div>
      <div className="dialog-body" hidden={folded}>
        {children}
      </div>
      {foot && (
        <div className="dialog-foot" hidden={folded}>
          {foot}
        </div>
      )}
    </dialog>
  )
}

function open(dialog: HTMLDialogElement, beside: boolean): void {
  if (beside) dialog.show()
  else dialog.showModal()
}

/** Where the focus begins: left to itself, the browser gives it to the button that closes. */
function start(dialog: HTMLDialogElement | null): HTMLElement | null | undefined {
  const find = (what: string) => dialog?.querySelector<HTMLElement>(what)
  return find('[data-autofocus]') ?? find('.dialog-foot .primary:not(:disabled)') ?? find('h2')
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
