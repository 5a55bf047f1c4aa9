// @vitest-environment happy-dom
import { act } from 'react'
import { createRoot } from 'react-dom/client'
import { expect, test, vi } from 'vitest'
import type { Desk } from '../../src/desk'
import { DeskContext } from '../../src/ui/hooks'
import ImportDialog from '../../src/ui/import/ImportDialog'

vi.mock('../../src/import/sheetClient', () => ({
  SheetClient: class {
    read = async () => ({ encoding: 'utf-8', first: ['phone'], header: true, rows: 1, sample: [['+12025550143']], targets: ['phone'] })
    check = async () => {
      throw new Error('the thread has died')
    }
    close = () => undefined
  },
}))

const desk = { store: { all: () => [] }, current: { settings: null }, subscribe: () => () => undefined } as unknown as Desk

test('rows that cannot be checked end in a sentence, and another file can be chosen', async () => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true)
  const place = document.body.appendChild(document.createElement('div'))
  const file = new File(['phone\n+12025550143\n'], 'leads.csv')
  await act(async () => createRoot(place).render(<DeskContext value={desk}><ImportDialog file={file} close={() => undefined} /></DeskContext>))
  const next = [...place.querySelectorAll('button')].find((button) => button.textContent === 'See what will happen')
  await act(async () => next?.click())
  expect(place.querySelector('[role=alert]')?.textContent).toMatch(/could not be checked, and nothing was sent/)
  expect(place.textContent).toContain('Choose a file')
})
