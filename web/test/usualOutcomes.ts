import type { OutcomeChoice } from '../src/call/outcomes.ts'

/** The outcomes of an installation that has not chosen its own. */
export const USUAL_OUTCOMES: OutcomeChoice[] = [
  { code: 'meeting', label: 'Meeting', kind: 'ordinary' },
  { code: 'interested', label: 'Interested', kind: 'ordinary' },
  { code: 'call_back', label: 'Call back', kind: 'call_back' },
  { code: 'not_interested', label: 'Not interested', kind: 'ordinary' },
  { code: 'wrong_person', label: 'Wrong person', kind: 'ordinary' },
  { code: 'voicemail', label: 'Voicemail', kind: 'voicemail' },
  { code: 'do_not_call', label: 'Do not call', kind: 'do_not_call' },
]
