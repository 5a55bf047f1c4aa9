import { useCallback, useEffect, useRef, useState } from 'react'
import { fileSize } from '../../format'
import { MOST_BYTES } from '../../import/limits'
import type { Checked, Choice, Overview, Trouble } from '../../import/sheet'
import { SheetClient } from '../../import/sheetClient'
import { importing } from '../../texts'
import { Dialog } from '../Dialog'
import { useDesk, useDeskState } from '../hooks'
import { Icon } from '../icons'
import { Columns } from './Columns'
import { Preview } from './Preview'
import { Sending } from './Sending'

type Step =
  | { kind: 'choose'; trouble: string | null }
  | { kind: 'reading' }
  | { kind: 'columns'; overview: Overview; choice: Choice }
  | { kind: 'checking'; overview: Overview; choice: Choice; done: number }
  | { kind: 'preview'; overview: Overview; choice: Choice; checked: Checked[] }
  | { kind: 'sending'; overview: Overview; choice: Choice; checked: Checked[] }

/** From a dropped file to leads: choose, say what is what, see what will happen, send. */
export default function ImportDialog({ files, close }: { files: readonly File[]; close: () => void }) {
  const desk = useDesk()
  const sheet = useSheet()
  const { settings } = useDeskState()
  const [step, setStep] = useState<Step>({ kind: 'choose', trouble: null })
  const [name, setName] = useState(files[0]?.name ?? '')
  const region = String(settings?.installation?.default_region ?? 'US')

  const read = useCallback(
    async (chosen: File) => {
      setName(chosen.name)
      setStep({ kind: 'reading' })
      const found = await sheet.current?.read(chosen).catch(() => null)
      if (!found || !('rows' in found)) return setStep({ kind: 'choose', trouble: found ? troubleText(found) : importing.trouble.unreadable })
      const { header, targets } = found
      setStep({ kind: 'columns', overview: found, choice: { header, targets, region } })
    },
    [sheet, region],
  )
  const take = (given: readonly File[]) => {
    const [file] = given
    if (given.length > 1) setStep({ kind: 'choose', trouble: importing.trouble.several(given.length) })
    else if (file) void read(file)
  }
  useEffect(() => {
    if (step.kind === 'choose') take(files)
    // what is dropped on the page later disturbs no import that is under way
  }, [files])

  const check = async (overview: Overview, choice: Choice) => {
    setStep({ kind: 'checking', overview, choice, done: 0 })
    const known = desk.store.all().map((lead) => lead.phone)
    const progress = (done: number) => setStep({ kind: 'checking', overview, choice, done })
    try {
      const checked = await (sheet.current as SheetClient).check(choice, known, progress)
      setStep({ kind: 'preview', overview, choice, checked })
    } catch {
      setStep({ kind: 'choose', trouble: importing.trouble.unchecked })
    }
  }

  const title = name && step.kind !== 'choose' ? `${importing.title}: ${name}` : importing.title
  const restart = () => setStep({ kind: 'choose', trouble: null })
  switch (step.kind) {
    case 'choose':
      return (
        <Dialog title={title} close={close}>
          <Choose trouble={step.trouble} chosen={take} />
        </Dialog>
      )
    case 'reading':
      return <Busy title={title} text={importing.reading} close={close} />
    case 'checking':
      return <Busy title={title} text={importing.checking(step.done, step.overview.rows)} close={close} />
    case 'columns':
      return <Columns {...step} title={title} back={restart} close={close} next={(choice) => void check({ ...step.overview, doubtful: [] }, choice)} />
    case 'preview': {
      const back = () => setStep({ kind: 'columns', overview: step.overview, choice: step.choice })
      return <Preview {...step} title={title} back={back} close={close} next={() => setStep({ ...step, kind: 'sending' })} />
    }
    case 'sending':
      return <Sending {...step} title={title} sheet={sheet} close={close} />
  }
}

/** One worker for as long as the dialog is open. */
function useSheet() {
  const sheet = useRef<SheetClient | null>(null)
  sheet.current ??= new SheetClient()
  useEffect(() => () => sheet.current?.close(), [])
  return sheet
}

function troubleText(trouble: Trouble): string {
  switch (trouble.kind) {
    case 'too-big':
      return importing.trouble.tooBig(fileSize(trouble.bytes), fileSize(MOST_BYTES))
    case 'not-text':
      return importing.trouble[trouble.what]
    case 'no-rows':
      return importing.trouble.noRows
    case 'bad-quote':
      return importing.trouble[trouble.open ? 'openQuote' : 'strayQuote'](trouble.line)
  }
}

function Busy({ title, text, close }: { title: string; text: string; close: () => void }) {
  return (
    <Dialog title={title} close={close}>
      <p className="busy" role="status">
        {text}
      </p>
    </Dialog>
  )
}

function Choose({ trouble, chosen }: { trouble: string | null; chosen: (files: readonly File[]) => void }) {
  const input = useRef<HTMLInputElement>(null)
  const [over, setOver] = useState(false)
  return (
    <>
      {trouble && (
        <p className="problem" role="alert">
          <Icon name="look" />
          <span>{trouble}</span>
        </p>
      )}
      <div
        className="drop"
        data-over={over}
        onDragOver={(event) => {
          event.preventDefault()
          setOver(true)
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault()
          event.stopPropagation()
          setOver(false)
          chosen([...event.dataTransfer.files])
        }}
      >
        <Icon name="upload" size={32} />
        <strong>{importing.drop}</strong>
        <span className="quiet">{importing.or}</span>
        <button type="button" className="primary" data-autofocus onClick={() => input.current?.click()}>
          {importing.choose}
        </button>
        <input
          ref={input}
          className="sr-only"
          type="file"
          tabIndex={-1}
          aria-label={importing.choose}
          accept=".csv,.txt,.tsv,text/csv,text/plain"
          onChange={(event) => {
            chosen([...(event.target.files ?? [])])
            event.target.value = ''
          }}
        />
      </div>
      <p className="quiet">{importing.hint}</p>
    </>
  )
}
