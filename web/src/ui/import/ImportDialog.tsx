import { useCallback, useEffect, useRef, useState } from 'react'
import { fileSize } from '../../format'
import { MOST_BYTES } from '../../import/limits'
import type { Checked, Choice, Overview, FileError } from '../../import/sheet'
import { SheetClient, type SheetReader } from '../../import/sheetClient'
import { importing } from '../../texts'
import { Dialog } from '../Dialog'
import { useAgentApp, useAgentAppState } from '../hooks'
import { Icon } from '../icons'
import { Columns } from './Columns'
import { Preview } from './Preview'
import { Sending } from './Sending'

interface Read {
  overview: Overview
  choice: Choice
  /** which columns a person has decided */
  decided: readonly boolean[]
}

type Step =
  | { kind: 'choose'; trouble: string | null }
  | { kind: 'reading' }
  | ({ kind: 'columns' } & Read)
  | ({ kind: 'checking'; done: number } & Read)
  | ({ kind: 'preview'; checked: Checked[] } & Read)
  | ({ kind: 'sending'; checked: Checked[]; later: boolean } & Read)

interface ImportDialogProps {
  files: readonly File[]
  close: () => void
  openSheet?: () => SheetReader
}

/** From a dropped file to leads: choose, say what is what, see what will happen, send. Calls go on beside it. */
export default function ImportDialog({ files, close, openSheet = () => new SheetClient() }: ImportDialogProps) {
  const desk = useAgentApp()
  const sheet = useSheet(openSheet)
  const { settings } = useAgentAppState()
  const [step, setStep] = useState<Step>({ kind: 'choose', trouble: null })
  const [name, setName] = useState(files[0]?.name ?? '')
  const region = String(settings?.installation?.default_region ?? 'US')

  const read = useCallback(
    async (how: (sheet: SheetReader) => Promise<Overview | FileError>, from: string) => {
      setStep({ kind: 'reading' })
      const found = await how(sheet.current as SheetReader).catch(() => null)
      if (!found || !('rows' in found))
        return setStep({ kind: 'choose', trouble: found ? troubleText(found) : importing.trouble.unreadable })
      const { header, targets, phones, concerns } = found
      const choice: Choice = {
        header,
        targets,
        phones,
        concerns,
        words: targets.map(() => false),
        region: from,
        answers: {},
      }
      setStep({ kind: 'columns', overview: found, choice, decided: targets.map(() => false) })
    },
    [sheet],
  )
  const take = (given: readonly File[]) => {
    const [file] = given
    if (given.length > 1) setStep({ kind: 'choose', trouble: importing.trouble.several(given.length) })
    else if (file) {
      setName(file.name)
      void read((sheet) => sheet.read(file, region), region)
    }
  }
  useEffect(() => {
    if (step.kind === 'choose') take(files)
    // what is dropped on the page later disturbs no import that is under way
  }, [files])

  const check = async (before: Read) => {
    setStep({ ...before, kind: 'checking', done: 0 })
    const known = desk.store.all().map((lead) => lead.phone)
    try {
      const checked = await (sheet.current as SheetReader).check(before.choice, known, (done) =>
        setStep({ ...before, kind: 'checking', done }),
      )
      setStep({ ...before, kind: 'preview', checked })
    } catch {
      setStep({ kind: 'choose', trouble: importing.trouble.unchecked })
    }
  }

  const title = name && step.kind !== 'choose' ? `${importing.title}: ${name}` : importing.title
  const restart = () => setStep({ kind: 'choose', trouble: null })
  switch (step.kind) {
    case 'choose':
      return (
        <Dialog title={title} close={close} beside>
          <Choose trouble={step.trouble} chosen={take} />
        </Dialog>
      )
    case 'reading':
      return <Busy title={title} text={importing.reading} close={close} />
    case 'checking':
      return <Busy title={title} text={importing.checking(step.done, step.overview.rows)} close={close} />
    case 'columns': {
      const { choice } = step
      const again: Parameters<typeof Columns>[0]['again'] = (how) => {
        if ('encoding' in how) void read((sheet) => sheet.reread(how.encoding, choice.region), choice.region)
        else if ('region' in how) void read((sheet) => sheet.overview(choice.header, how.region), how.region)
        else void read((sheet) => sheet.overview(how.header, choice.region), choice.region)
      }
      const next = (choice: Choice, decided: readonly boolean[]) =>
        void check({ overview: step.overview, choice: { ...choice, answers: {} }, decided })
      return <Columns {...step} title={title} back={restart} close={close} again={again} next={next} />
    }
    case 'preview':
      return (
        <Preview
          {...step}
          title={title}
          back={() => setStep({ ...step, kind: 'columns' })}
          close={close}
          answer={(answers) => void check({ ...step, choice: { ...step.choice, answers } })}
          next={(later) => setStep({ ...step, kind: 'sending', later })}
        />
      )
    case 'sending':
      return <Sending {...step} title={title} sheet={sheet} close={close} />
  }
}

/** One worker for as long as the dialog is open. */
function useSheet(openSheet: () => SheetReader) {
  const sheet = useRef<SheetReader | null>(null)
  sheet.current ??= openSheet()
  useEffect(() => () => sheet.current?.close(), [])
  return sheet
}

function troubleText(trouble: FileError): string {
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
    <Dialog title={title} close={close} beside>
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
          <Icon name="warning" />
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
          accept=".csv,.txt,.tsv,.tab,.xlsx,text/csv,text/plain"
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
