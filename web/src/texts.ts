import type { DisplayStatus } from './leads/lead'
import type { ColumnId } from './leads/columns'
import type { SortKey, StatusFilter } from './leads/view'
import type { Line } from './phone/line'
import type { Unreachable } from './phone/microphone'
import { readReason } from './reason.ts' // by its full name: the tests of Python read this module too
import type { ConnectionState } from './socket'

/** Every word the page says, for whoever translates it; dates and numbers come out of `format.ts`. */

const n = (count: number, one: string, many: string) => `${count.toLocaleString()} ${count === 1 ? one : many}`

export const kinds: Record<DisplayStatus, string> = {
  waiting: 'Waiting',
  held: 'Held',
  calling: 'Calling',
  ringing: 'Ringing',
  connected: 'Connected',
  checking: 'Checking',
  review: 'Needs review',
  completed: 'Completed',
  busy: 'Busy',
  'no-answer': 'No answer',
  failed: 'Failed',
  canceled: 'Canceled',
  dnc: 'Do not call',
  other: 'Unclear',
}

export const filters: Record<StatusFilter | 'call-backs', string> = {
  all: 'All',
  waiting: 'Waiting',
  'call-backs': 'Call backs',
  calls: 'In a call',
  checking: 'Checking',
  review: 'Needs review',
  held: 'Held',
  completed: 'Completed',
  'no-answer': 'No answer',
  busy: 'Busy',
  failed: 'Failed',
  dnc: 'Do not call',
}

export const columns: Record<Exclude<ColumnId, `extra.${string}`>, string> = {
  name: 'Name',
  phone: 'Number',
  local: 'Their time',
  status: 'Status',
  outcome: 'Outcome',
  reason: 'Reason',
  note: 'Note',
  state: 'State',
  external_id: 'Reference',
  basis: 'Who it is',
  calls: 'Calls',
  duration: 'Duration',
  when: 'When',
}

/** A column of the list's own is called as the list calls it. */
export const columnName = (id: ColumnId): string =>
  id.startsWith('extra.') ? id.slice('extra.'.length) : (columns[id as keyof typeof columns] ?? id)

export const sorts = { now: 'Now, next, past', order: 'Calling order' }

export const sortName = (key: SortKey): string => (key === 'now' || key === 'order' ? sorts[key] : columnName(key))

export const today = {
  region: 'Today',
  calls: (count: number) => (count === 1 ? 'call' : 'calls'),
  callsHint: 'Calls that were placed for you since midnight',
  conversations: (count: number) => (count === 1 ? 'conversation' : 'conversations'),
  conversationsHint: 'Calls of today in which you and a person heard each other',
  talk: 'talked',
  talkHint: 'How long you have talked today',
  outcomeHint: 'What today’s conversations have come to',
}

/**
 * Why a lead is held, how its call came to its end, or why calling stopped: the server's words (autocall/reasons.py), and
 * the numbers that stand in brackets behind some of them, as `twilio:<code>` and `sip:<answer>`.
 */
export const reasons: Record<string, string> = {
  hours: 'outside calling hours',
  zone: 'unknown time zone, so calling hours cannot be checked',
  window: 'your own hours are not valid: please set them again',
  consent: 'consent is required there, and none is recorded',
  confirm: 'a person must start each call there',
  closed: 'an administrator has closed this place',
  dnc: 'on the do-not-call list',
  colleague: 'a colleague has called this number',
  'too often': 'this number was called as often as is allowed for now',
  'caller id rests': 'networks refuse our own number for now, or it was stopped',
  'same line': 'the same number was called under another spelling',
  interrupted: 'put back before the call was made, trying again soon',
  absent: 'no page was open',
  paused: 'paused',
  throttled: 'the phone provider asked for a slower pace',
  unreachable: 'the phone provider could not be reached, trying again soon',
  session: 'you are not on the line, so nobody can be reached',
  ringing: 'your own call is being connected',
  unheard: 'your call is open, but no open page holds it',
  on_call: 'you are in a call',
  wrap_up: 'you are wrapping up your last call',
  'not picked up': 'your phone was not picked up',
  'not accepted': 'your phone was picked up, but 1 was not pressed',
  left: 'your call has ended',
  'signed out': 'you have hung up or signed out',
  account: 'all calls are stopped for a while',
  'account refused': 'the phone provider refuses this account’s calls',
  'stopped by an operator': 'an administrator has stopped all calls',
  'resumed by an operator': 'one call is being tried first',
  unknown: 'the outcome of an earlier call is unknown',
  country: 'this country, or this kind of number, is not called from here',
  'taken out': 'this account has been deactivated',
  'agent phone': 'your own phone is not in a country that is called from here',
  'calls of the day': 'today’s limit of calls is reached',
  rate: 'the limit of calls per second is reached',
  probe: 'one call is being tried first',
  time: 'goes on in a moment',
  later: 'not due yet',
  timeout: 'the phone provider did not answer in time',
  connection_lost: 'the connection to the phone provider was lost',
  no_clear_answer: 'the phone provider gave no clear answer',
  not_found: 'the phone provider has no record of this call',
  'settled by a person': 'a person said that the call was made',
  forgotten: 'the phone provider no longer has a record of this call',
  'not connected': 'the phone network could not connect the call',
  'twilio refused the call': 'the phone provider refused the call',
  'twilio:10001': 'the account with the phone provider is not active',
  'twilio:20003': 'the phone provider refuses the login of this installation',
  'twilio:20005': 'the account with the phone provider is not active',
  'twilio:21202': 'a premium number, which the phone provider does not call',
  'twilio:21203': 'calls to other countries are not enabled with the phone provider',
  'twilio:21210': 'the caller’s number is not verified with the phone provider',
  'twilio:21211': 'not a valid number',
  'twilio:21212': 'the caller’s number is not valid',
  'twilio:21214': 'this number cannot be reached',
  'twilio:21215': 'this country is not enabled with the phone provider',
  'twilio:21216': 'the phone provider blocks this call: the number, or an account without a customer profile',
  'twilio:21217': 'not a valid number',
  'twilio:21219': 'the trial account may only call verified numbers',
  'sip:404': 'the phone network does not know this number',
  'sip:484': 'the number is not complete',
  'sip:604': 'the phone network does not know this number',
}

/** A reason in words; one this page does not know is shown as the server said it. */
export function reason(text: string | null | undefined): string {
  const { code, detail } = readReason(text)
  const said = reasons[code.toLowerCase()]
  if (!detail || !said) return said ?? text ?? ''
  const sip = code === 'not connected'
  return reasons[`${sip ? 'sip' : 'twilio'}:${detail}`] ?? `${said} (${sip ? 'SIP ' : ''}${detail})`
}

export const held = {
  until: (when: string) => `Held until ${when}`,
  appointment: (when: string) => `Call back ${when}`,
  open: 'Held',
}

export const connection: Record<ConnectionState, { label: string; hint: string }> = {
  connecting: { label: 'Connecting', hint: 'Loading your leads.' },
  live: { label: 'Live', hint: 'Every change shows here at once.' },
  reconnecting: { label: 'Reconnecting', hint: 'What you see may be a moment old.' },
  offline: {
    label: 'Offline',
    hint: 'What you see may be old. Calls in progress go on, and new ones may start for about three minutes more; then none, unless another page of yours is open.',
  },
  refused: { label: 'Signed out', hint: 'Please log in again.' },
  impossible: {
    label: 'Not connected',
    hint: 'This page is not allowed to open its live connection: the address in config.json does not fit (an https page needs one with wss://). Whoever installed it can help. Nothing is called from here.',
  },
  too_long: {
    label: 'Not connected',
    hint: 'Your login’s token is too long for the live connection: its address may have 4,096 characters. Whoever runs your organisation’s login can shorten it, with fewer groups or claims. Nothing is called from here.',
  },
  replaced: {
    label: 'Disconnected',
    hint: 'You have more than 20 pages open, so this one, the oldest, was disconnected. What you see may be old. Close pages that you do not need, then connect this one again.',
  },
  closed: { label: 'Closed', hint: 'This page is not connected.' },
}

/** Said once, when the server speaks of something this page has never heard of. */
export const outdated =
  'The server told this page something it does not understand. It may be out of date: please reload it.'

export const app = {
  name: 'autocall',
  skip: 'Skip to the leads',
  loading: 'Loading …',
  signOut: 'Sign out',
  signedInAs: 'Signed in as',
  signOutTitle: 'Sign out during a call?',
  signOutQuestion: (count: number) =>
    count === 1
      ? 'One call is in progress. It goes on, but you no longer see it here.'
      : `${count.toLocaleString()} calls are in progress. They go on, but you no longer see them here.`,
  signOutTalking:
    'You are on the line. Signing out ends your call; whoever talks with you hears a sentence and a goodbye.',
  signOutNext: 'No other call starts, in any of your tabs.',
  signOutYes: 'Yes, sign out',
  signOutNo: 'No, stay',
  menu: 'Account',
  settings: 'Settings',
  importLeads: 'Import',
  download: 'Download list',
  downloading: 'Preparing the list …',
  theme: 'Appearance',
  themes: { system: 'As the system', light: 'Light', dark: 'Dark' },
  close: 'Close',
  cancel: 'Cancel',
  dismiss: 'Dismiss',
  tryAgain: 'Try again',
  connectAgain: 'Connect again',
  undo: 'Undo',
}

export const login = {
  title: 'Log in',
  lead: 'Your leads are called while this page is open.',
  username: 'User name or e-mail',
  password: 'Password',
  show: 'Show password',
  hide: 'Hide password',
  submit: 'Log in',
  busy: 'Logging in …',
  redirect: 'Continue to login',
  redirectHint: 'You log in at your organisation’s own page and come back here.',
  ended: 'Your login has ended. Please log in again; nothing is lost.',
  notDone: 'The login was not completed, so you are not logged in. Please try again.',
  newTitle: 'Choose a new password',
  newLead: 'The password you were given works once. From now on, use your own.',
  newPassword: 'New password',
  newSubmit: 'Save and log in',
  back: 'Back to the login',
  left: 'You are signed out. Calls that were already in progress go on; no other is started from here.',
  forgot: 'Forgot password?',
  forgotTitle: 'Reset your password',
  forgotLead: 'A code is mailed to you. With it you can choose a new password.',
  forgotSubmit: 'Mail me a code',
  codeLead: (where: string | null) =>
    `A code was mailed${where ? ` to ${where}` : ''}, if there is such an account. It may take a minute.`,
  code: 'Code from the mail',
  codeAgain: 'Mail another code',
}

const logins: Record<string, string> = {
  NotAuthorizedException: 'Wrong user name or password.',
  UserNotFoundException: 'Wrong user name or password.',
  CodeDeliveryFailureException: 'The code could not be mailed. Please ask whoever set up your account.',
  UserNotConfirmedException: 'This account is not confirmed yet. Please ask whoever set it up.',
  PasswordResetRequiredException: 'The password has to be reset first: please choose “Forgot password?”.',
  TooManyRequestsException: 'Too many tries. Please wait a minute.',
  LimitExceededException: 'Too many tries. Please wait a minute.',
  CodeMismatchException: 'This is not the code that was mailed. Please check it.',
  ExpiredCodeException: 'This code has expired. Please have another one mailed.',
  InvalidParameterException: 'The login service could not read this. Please check both fields.',
  UnsupportedChallenge: 'Your account asks for a step this page does not know. Please ask whoever set it up.',
}

/** Why a login failed; the service's own words where they help (password rules). */
export function loginError(code: string, message: string): string {
  if (code === 'InvalidPasswordException') return message.replace(/^Password did not conform with policy: /, '')
  if (code === 'NotAuthorizedException' && /attempts|disabled|session/i.test(message)) return message
  return logins[code] ?? `The login was refused: ${message}`
}

export const loginUnreachable = 'The login service cannot be reached. Please check your connection and try again.'

export const run = {
  region: 'Calls',
  pause: 'Pause',
  pausing: 'Pausing …',
  resume: 'Resume',
  resumeNow: 'Resume now',
  resuming: 'Resuming …',
  pauseFor: 'Pause for a while',
  pauseMinutes: (minutes: number) => `Pause for ${minutes} minutes`,
  pauseHour: 'Pause for 1 hour',
  pauseUntil: (when: string) => `Pause until ${when}`,
  notPaused: 'Calling was NOT paused.',
  hangUp: 'Hang up ringing calls',
  hangUpTitle: 'Hang up ringing calls?',
  hangUpQuestion: (count: number) =>
    count === 1
      ? 'One phone stops ringing. This person is not called again.'
      : `${count.toLocaleString()} phones stop ringing. These people are not called again.`,
  hangUpPause: 'Calling then stays paused until you resume.',
  hangUpYes: 'Yes, hang up',
  hangUpNo: 'No, let them ring',
  hungUp: (count: number) =>
    count ? `${n(count, 'call was', 'calls were')} hung up.` : 'No call was ringing any more; none was hung up.',
  connecting: 'Loading your leads …',
  soFar: (count: number) => `${count.toLocaleString()} so far`,
  pausedLast: 'paused when last heard',
  calledLast: (done: number, of: number) => `${done.toLocaleString()} of ${of.toLocaleString()} called when last heard`,
  failed: 'Your leads could not be loaded',
  calling: (done: number, of: number) => `Calling ${done.toLocaleString()} of ${of.toLocaleString()}`,
  held: (count: number) => `${count.toLocaleString()} held`,
  lines: (count: number) => `${n(count, 'call', 'calls')} now`,
  checking: (count: number) => `${n(count, 'call', 'calls')} being checked`,
  checkingTitle: (count: number) => `Checking ${n(count, 'call', 'calls')}`,
  checkingDetail: (count: number) =>
    `The phone provider did not answer clearly whether ${count === 1 ? 'this call was' : 'these calls were'} made, and is being asked again. Nobody is being called now.`,
  checkingWhy: (count: number) => `The phone provider is being asked what became of ${n(count, 'call', 'calls')}`,
  soon: 'The next call starts in a moment.',
  /** why nobody is called though leads wait: the agent's own line */
  line: {
    session: 'Nobody is called until you are on the line.',
    ringing: 'Your own call is being connected; then the calls begin.',
    unheard: 'Your line is being confirmed; then the calls begin.',
    on_call: 'The next call starts after this one.',
    wrap_up: 'The next call starts when your wrap-up is over.',
  } as Record<string, string>,
  talking: (who: string, others: number) => `● ${who}${others > 0 ? ` and ${others.toLocaleString()} more` : ''}`,
  answered: (who: string) => `${who} answered.`,
  review: (count: number) => n(count, 'lead needs review', 'leads need review'),
  doneBy: (when: string) => `done by about ${when}`,
  doneBetween: (from: string, to: string) => `done between ${from} and ${to}`,
  waiting: (count: number) => `${n(count, 'lead', 'leads')} waiting`,
  starting: 'Looking for free lines …',
  next: (when: string) => `Goes on at ${when}`,
  paused: 'Paused',
  pausedDetail: 'No new call starts until you resume.',
  pausedUntil: (when: string) => `No new call starts until ${when}, unless you resume before.`,
  inFlight: (count: number) =>
    count === 1
      ? 'The call that was already placed goes on.'
      : `The ${count.toLocaleString()} calls that were already placed go on.`,
  inDoubt: (count: number) =>
    count === 1
      ? 'Whether one more was placed is not certain yet.'
      : `Whether ${count.toLocaleString()} more were placed is not certain yet.`,
  held_hours: 'Outside calling hours',
  heldAll: (count: number, first: string | null) =>
    `${n(count, 'lead is', 'leads are')} held${first ? `${count === 1 ? '' : ', the first'} until ${first}` : ''}. ` +
    `${count === 1 ? 'It is' : 'Each is'} called by itself when its time has come, as long as this page is open.`,
  heldStuck: (count: number) =>
    `${n(count, 'lead is', 'leads are')} held for a reason that only a person can remove; the list says which.`,
  heldOther: 'Everything left is held',
  empty: 'No leads yet',
  emptyDetail: 'Import a CSV file and calling begins by itself.',
  finished: 'Nothing is waiting',
  finishedDetail: (count: number) => (count ? `${n(count, 'call', 'calls')} ended today.` : 'Nothing is left to call.'),
  stopped: 'Calling has stopped',
  account: 'The phone provider refuses this account’s calls',
  accountAdvice:
    'This attempt reached nobody, and nothing is lost. Ask whoever runs this installation to check the account with the phone provider: its balance, its caller number, its credentials.',
  restAdvice:
    'All calls of this installation are stopped for a while. Nothing is lost; your calls go on by themselves.',
  operatorAdvice:
    'An administrator of this installation has stopped all calls. Nothing is lost; your calls go on by themselves.',
  startsAgain: 'Calling starts again',
  startsAgainAdvice:
    'All calls had been stopped. One is being tried first; when it goes through, the others follow by themselves.',
  unknownAdvice: 'Several calls in a row had no clear outcome, so none is tried for a while. Nobody is called twice.',
  probe: (when: string) => `One call is tried again at ${when}.`,
  onlyAdmin: 'Only an administrator can end this sooner.',
  stillRests: (when: string) =>
    `All calls of this installation are stopped until ${when}; only an administrator can end that sooner. Your calls go on by themselves then.`,
  progress: (done: number, of: number) => `${done} of ${of} calls made today`,
}

type PlainLine = Exclude<Line['kind'], 'hidden' | 'unreachable' | 'calling' | 'talking' | 'wrap_up' | 'ended'>

/** The agent's own line. */
export const line = {
  region: 'Your line',
  somebody: 'somebody',
  plain: {
    loading: { title: 'Connecting your line …' },
    opening: { title: 'Connecting your line …', detail: 'Nobody is called before it stands.' },
    check: { title: 'First, check your microphone', detail: 'Nobody is called before you can be heard.' },
    elsewhere: { title: 'Your line is in another tab', detail: 'This tab takes over when that one is closed.' },
    in_conversation: {
      title: 'You are in a call on another device',
      detail: 'Taking the line over here would end that call.',
    },
    taken: {
      title: 'Your line was opened on another page',
      detail: 'That page is on the line now. This one does not take it back by itself.',
    },
    ringing: { title: 'Your phone rings: pick up and press 1', detail: 'Nobody is called before you have pressed 1.' },
    ready: { title: 'You are on the line', detail: 'Whoever answers hears you at once.' },
    no_phone: {
      title: 'You cannot be reached: no phone is set',
      detail: 'Nobody is called. Set your phone in the settings, or choose the browser.',
    },
  } satisfies Record<PlainLine, { title: string; detail?: string }> as Record<
    PlainLine,
    { title: string; detail?: string }
  >,
  unreachable: {
    title: 'You cannot be reached: no microphone',
    denied:
      'This page may not use your microphone, so nobody is called. Allow it beside the address at the top of the browser, then try again; or use your phone.',
    missing: 'No microphone was found, so nobody is called. Plug in a headset and try again, or use your phone.',
    busy: 'Your microphone cannot be used, so nobody is called. Close other programs that use it and try again, or use your phone.',
    insecure:
      'A browser gives a microphone only to a page with https, so nobody is called. Use your phone, or ask whoever installed this page.',
  } satisfies Record<Unreachable | 'title', string>,
  calling: (who: string) => `Calling ${who} …`,
  ringingAt: (who: string) => `It rings at ${who} …`,
  answered: (who: string) => `${who} has answered …`,
  talking: (who: string) => `In a call with ${who}`,
  wrapUp: (who: string) => `Call with ${who} has ended`,
  wrapUpLeft: (seconds: number) => `The next call may start in ${n(seconds, 'second', 'seconds')}.`,
  wrapUpOpen: 'The next call starts when you are ready.',
  ready: 'Ready',
  notHeard: 'The server cannot be told now: this page is not connected. Please try again in a moment.',
  notOn: 'You are not on the line',
  lost: 'Your line was cut off',
  again: 'It is connected again by itself in a moment. Nobody is called meanwhile.',
  nobodyCalled: 'Nobody is called until you are back.',
  notConnected: (code: number) =>
    `The phone network did not connect you${code ? ` (${code})` : ' in time'}. Nobody is called. A firewall may be in the way; or use your phone.`,
  ringsByItself: 'Your phone is rung by itself as soon as somebody is to be called.',
  ringsAtYourWord: 'It is rung again only when you say so. Nobody is called until then.',
  reconnect: 'Reconnect',
  ringMe: 'Ring my phone',
  leave: 'Leave the line',
  useHere: 'Use my line here',
  useMyPhone: 'Use my phone instead',
  setPhone: 'Set my phone',
  checkAgain: 'Check the microphone',
  mute: 'Mute',
  muted: 'You are muted: nobody hears you.',
  keypad: 'Keypad',
  pressed: 'Keys pressed',
  nothingPressed: 'no key yet',
  hangUp: 'Hang up',
  key: (keys: string) => `Key: ${keys}`,
  reconnecting: 'The connection of your call is being restored …',
  /** What the voice SDK warns of, by its names; what the agent cannot mend has no words here. */
  warnings: {
    'high-rtt': 'The sound is late: your network is slow.',
    'low-mos': 'The sound is poor: your network is slow.',
    'high-jitter': 'The sound is poor: your network is unsteady.',
    'high-packet-loss': 'Parts of the sound are lost: your network is unsteady.',
    'low-bytes-sent': 'You may not be heard: your network or a firewall holds your sound back.',
    'low-bytes-received': 'You may not hear others: your network or a firewall holds their sound back.',
    'constant-audio-input-level': 'Your microphone gives no sound. Is it muted on the headset?',
  } as Record<string, string>,
}

export const readyCheck = {
  title: 'Check your microphone',
  lead: 'People who answer hear you at once, through this browser. Please put your headset on and try it; this is asked once.',
  allow: 'Allow the microphone',
  begin: 'Go on the line',
  keep: 'Use these',
  level: 'Your voice',
  speak: 'Say something: the bar should move.',
  heard: 'Your microphone hears you.',
  hearYourself: 'Hear yourself',
  steps: {
    idle: 'Records three seconds and plays them to you.',
    recording: 'Recording: say something …',
    playing: 'Playing …',
    played: 'Did you hear yourself? If not, choose another device.',
    failed: 'This browser could not play it to you. Calls may work all the same.',
  },
  microphone: 'Microphone',
  speaker: 'Headphones or speaker',
  unnamed: (number: number) => `Device ${number}`,
}

export const table = {
  label: 'Leads',
  search: 'Search name, number, note',
  searchShort: 'Search',
  clear: 'Clear search',
  filter: 'Show',
  sorted: (by: string, down: boolean) => `sorted by ${by}, ${down ? 'descending' : 'ascending'}`,
  shown: (shown: number, all: number) =>
    shown === all ? n(all, 'lead', 'leads') : `${shown.toLocaleString()} of ${n(all, 'lead', 'leads')}`,
  noName: 'No name',
  nothing: 'No lead matches this search.',
  nothingHere: 'No lead has this status now.',
  reset: 'Show all leads',
  emptyTitle: 'Your list is empty',
  emptyText: 'Drop a CSV file anywhere on this page, or choose one. You see what will happen before anything is sent.',
  emptyButton: 'Import leads',
  hint: 'Arrow keys move, Enter opens a lead.',
  sortBy: 'Sort by',
  actions: 'Actions',
  columns: 'Columns',
  roomy: 'Higher rows',
  asProposed: 'As proposed',
  foundIn: 'Found in',
  calls: (count: number) => `${count.toLocaleString()}×`,
  toDecide: 'Decide',
  decide: (who: string) => `Decide whether ${who} was called`,
  forbid: (who: string) => `Put ${who} on the do-not-call list`,
}

export const panel = {
  label: 'Lead',
  close: 'Close',
  loading: 'Loading the history …',
  failed: 'The history could not be loaded.',
  history: 'History',
  noHistory: 'Nothing has happened yet.',
  details: 'Details',
  callAgain: 'Call again',
  dnc: 'Do not call',
  undnc: 'Allow calls again',
  number: 'Number',
  localTime: 'Their time',
  zones: (count: number) => `${count.toLocaleString()} time zones`,
  state: 'State',
  note: 'Note',
  externalId: 'Reference',
  callSid: 'Call ID',
  reviewTitle: 'Was this person called?',
  reviewText:
    'The phone provider was asked about this call, and it is not certain whether it was made. This number is not called again automatically: please decide. The provider’s call log may help.',
  reviewReason: 'not certain whether a call was made',
  wasCalled: 'Was called',
  checkingText:
    'The phone provider did not answer clearly. It is being asked what became of this call; please wait a little.',
  deleted: 'This lead has been deleted.',
  unknown: 'There is no such lead in your list. It may have been deleted, or be somebody else’s.',
  startTitle: 'Call?',
  startText:
    'The law there asks that a person starts each call. Yours counts for two minutes and one call, and is recorded.',
  start: 'Call now',
  basis: 'Who it is',
  consent: 'Consent',
  until: (when: string) => `until ${when}`,
}

export const start = { done: (who: string) => `${who} is called as soon as a line is free.` }

export const rules = {
  loading: 'Looking up the rule …',
  none: 'No rule of a place is known for this number.',
  world: 'Everywhere else:',
  read: (on: string | null, confidence: string | null) =>
    [on && `read on ${on}`, confidence && (confidence === 'uncertain' ? 'uncertain' : `${confidence} confidence`)]
      .filter(Boolean)
      .join(', '),
}

export const again = {
  title: 'Call again?',
  question: (who: string) =>
    `It is not certain whether ${who} was called. If the first call did go through, this person will be called a second time.`,
  advice: 'The phone provider is asked once more first. Check its call log, or ask your colleagues, if you can.',
  yes: 'Yes, call again',
  no: 'No, leave it',
  done: (who: string) => `${who} is waiting to be called again.`,
  late: 'It has become clear in the meantime what happened to this call; the number is not called again.',
}

/** For administrators, about a lead whose number another agent has called. */
export const colleague = {
  title: 'Called by a colleague',
  called: (agent: string, at: string, until: string) =>
    [`Agent ${agent} called this number ${at}.`, until && `Nobody else does until ${until}.`].filter(Boolean).join(' '),
  lift: 'Let every agent call',
  done: (who: string) => `Every agent may call ${who} now, until one of them has.`,
}

export const settled = {
  done: (who: string) => `${who} is closed as called.`,
}

export const dnc = {
  on: (who: string) => `${who} is on your do-not-call list.`,
  off: (who: string) => `${who} may be called again.`,
  title: 'Allow calls again?',
  question: (who: string) => `${who} is on your do-not-call list. Taking the number off it is recorded in the history.`,
  yes: 'Yes, allow calls',
  no: 'No, keep it',
}

export const removal = {
  button: 'Delete',
  title: 'Delete this lead?',
  question: (who: string) =>
    `Name, number and notes of ${who} are forgotten. If the number was called, that stays known, so that it is never called again.`,
  yes: 'Yes, delete',
  no: 'No, keep it',
  done: (who: string) => `${who} has been deleted.`,
}

/** The call card and the wrap-up. */
export const card = {
  region: 'Call',
  phase: {
    calling: 'Calling',
    inbound: 'Calls you back',
    ringing: 'Ringing',
    answered: 'Answered',
    talking: 'Connected',
    held: 'On hold',
    wrap_up: 'Wrap-up',
  },
  connected: (who: string, of: string, note: string) =>
    [`Connected: ${who}${of ? `, ${of}` : ''}.`, note && `Note: ${note}`].filter(Boolean).join(' '),
  talked: (time: string) => `talked ${time}`,
  calls: (count: number) => (count === 1 ? 'first call' : `call ${count.toLocaleString()}`),
  called: (count: number) => `Called ${count === 1 ? 'once' : `${count.toLocaleString()} times`}`,
  machine: 'A mailbox has answered',
  human: 'A person has answered',
  rangBack: 'has rung back',
  copy: (what: string) => `Copy ${what}`,
  copied: (what: string) => `${what} copied.`,
  notCopied: 'The browser does not allow copying here.',
  facts: 'From the list',
  listNote: 'Note of the list',
  history: 'History',
  more: 'Everything else',
  hangUp: 'Hang up',
  mute: 'Mute',
  hold: 'Hold',
  keypad: 'Keypad',
  voicemail: 'Drop voicemail',
  voicemailDropped: (who: string) => `The message is played to ${who}; you are free.`,
  doNotCall: 'Do not call',
  pause: 'Pause',
  note: 'Your note',
  noteHint: 'Saved as you type.',
  noteState: {
    saved: 'Saved',
    typed: 'Saving …',
    sending: 'Saving …',
    kept: 'Kept in this browser; sent as soon as the server can be reached.',
    conflict: 'Somebody else has written this note meanwhile:',
    refused: 'Not saved:',
  },
  noteEmpty: 'No note',
  keepBoth: 'Keep both',
  takeTheirs: 'Take theirs',
  outcome: 'How did it go?',
  noOutcomes: 'The list of outcomes could not be loaded.',
  outcomeRefused: (why: string) => `The outcome was not saved: ${why}`,
  save: 'Save and go on',
  savePause: 'Save and pause',
  without: 'Go on without an outcome',
  saved: (who: string, outcome: string) => `${who}: ${outcome}.`,
  kept: 'Kept in this browser; sent as soon as the server can be reached.',
  chooseFirst: 'Please choose an outcome first.',
  chooseTime: 'Please choose when to call back.',
  next: (seconds: number) => `next call in ${seconds.toLocaleString()} s`,
  nextOpen: 'the next call waits for you',
  waits: 'the clock waits while you type',
  over: 'the next call may start any moment',
  moreTime: 'More time',
  when: 'When?',
  inAnHour: 'in 1 hour',
  tomorrowAt: (time: string) => `tomorrow ${time}`,
  theirTime: (zone: string) => `Their time (${zone})`,
  yourTime: 'Your time, for theirs is not known',
  forYou: (when: string) => `${when} for you`,
  past: 'This moment is over.',
  upNext: 'Next',
  upLast: 'Last',
  heldUntil: (when: string) => `held until ${when}`,
  nobodyNext: 'Nobody is waiting.',
  appointment: (when: string) => `Is called again ${when}.`,
  again: 'Call again',
  againOther: 'Another time',
  againNow: 'Call now',
  againAt: 'Call then',
  againLater: 'At a time …',
  againWhy: 'Why (optional)',
  againDone: (who: string) => `${who} is called again as soon as you are free.`,
  againDoneAt: (who: string, when: string) => `${who} is called again ${when}.`,
  againHeld: (who: string, why: string, until: string | null) =>
    until ? `${who} is not called before ${until}: ${why}.` : `${who} is not called: ${why}.`,
  outcomeOf: 'Outcome',
  outcomeBy: (by: string, when: string) => [by, when].filter(Boolean).join(', '),
  changeOutcome: 'Change the outcome',
  giveOutcome: 'Say how it went',
}

/** Who rang back and was not reached. */
export const callBacks = {
  title: 'They rang back',
  count: (count: number) => n(count, 'person was not reached', 'people were not reached'),
  rang: 'nobody was free',
  asked: 'asks to be called back',
  there: (time: string, town: string) => `${time} in ${town}`,
  callNow: 'Call now',
  later: 'Later',
  doNotCall: 'Do not call',
  done: 'Done',
  doneHint: 'Nothing more is to be done about this call',
  hasRung: (who: string) => `${who} has rung back, and nobody was free.`,
  hasAsked: (who: string) => `${who} asks to be called back.`,
  isDone: (who: string) => `The call of ${who} is dealt with.`,
}

export const keyboard = {
  title: 'Keys',
  hint: 'A letter does nothing while you type; with Alt it works even then. Escape leaves the note.',
  single: 'Single keys',
  singleHint: 'Off: only Alt with a letter, for those who speak to their computer.',
  open: 'Show the keys',
  groups: { call: 'In a call', wrapUp: 'In the wrap-up', callBacks: 'Among those who rang back', page: 'Anywhere' },
  does: {
    hangUp: 'hang up',
    mute: 'mute, and unmute',
    hold: 'put on hold, and go on',
    keypad: 'keypad',
    voicemail: 'drop the voicemail message',
    pause: 'pause, and resume',
    outcomes: 'choose an outcome',
    save: 'save, and go on',
    moreTime: 'more time',
    toCallBacks: 'go to those who rang back, from anywhere',
    callBack: 'move there',
    callNow: 'call them now',
    callLater: 'call them later; Enter takes the time that is offered',
    doNotCall: 'never call them again',
    done: 'nothing more is to be done',
    note: 'write the note',
    leave: 'leave the note, close a window',
    list: 'move in the list, open a lead',
    keys: 'show these keys',
  },
}

/** The outcomes, as administrators edit them. */
export const outcomesEditor = {
  title: 'Outcomes',
  hint: 'What agents choose from after a call, in this order; the first nine have the keys 1 to 9, the one that forbids further calls has 0.',
  label: (index: number) => `Outcome ${index}`,
  kind: (index: number) => `What outcome ${index} does`,
  kinds: {
    ordinary: 'is noted',
    call_back: 'is called back',
    voicemail: 'is offered for a mailbox',
    do_not_call: 'forbids further calls',
  },
  up: (label: string) => `Move ${label} up`,
  remove: (label: string) => `Remove ${label}`,
  add: 'Add an outcome',
  week: 'Calls to one number within a week, at most',
  save: 'Save the outcomes',
  saved: 'The outcomes are saved.',
  stale: 'Somebody else has changed the outcomes meanwhile. These are theirs; please change them once more.',
}

/** How many of those who answered met no agent. */
export const abandonedCalls = {
  title: 'Answered, and no agent was there',
  hint: 'The law of many countries allows this for a small part of the answered calls only, often 3 % within 30 days.',
  count: 'Count the last 30 days',
  counting: (answered: number) => `Counting: ${answered.toLocaleString()} answered calls so far …`,
  counted: ({ joined, abandoned }: { joined: number; abandoned: number }) => {
    const answered = joined + abandoned
    if (answered === 0) return 'Nobody has answered in the last 30 days.'
    const share = ((100 * abandoned) / answered).toFixed(2)
    return `In the last 30 days ${abandoned.toLocaleString()} of ${answered.toLocaleString()} who answered met no agent: ${share} %.`
  },
}

/** What a history entry says, by the server's word for it. */
export const happened: Record<string, string> = {
  imported: 'Imported',
  placed: 'Call placed',
  refused: 'No call was made',
  released: 'Put back in the list by a person',
  again: 'To be called again, by a person’s word',
  reappointed: 'To be called again at another time',
  outcome: 'Outcome',
  voicemail: 'Voicemail message left',
  joined: 'Connected with the agent',
  abandoned: 'Answered, and no agent was there',
  settled: 'Closed as called by a person',
  confirmed: 'Call started by a person',
  unknown: 'Not certain whether the call was made',
  lost: 'Needs review',
  queued: 'Call placed',
  initiated: 'Dialling',
  ringing: 'Ringing',
  'in-progress': 'Connected',
  completed: 'Completed',
  busy: 'Busy',
  'no-answer': 'No answer',
  failed: 'Failed',
  canceled: 'Canceled',
  dnc: 'Put on the do-not-call list',
  undnc: 'Taken off the do-not-call list',
  deleted: 'Deleted',
  stray: 'The phone provider reported another call to this number',
}

export const settings = {
  title: 'Settings',
  loading: 'Loading your settings …',
  lines: 'Lines',
  linesHint: (most: number, usual: string) =>
    `How many people may be called for you at once, 1 to ${most}.${usual ? ` Empty: ${usual}, as in this installation.` : ''}`,
  phone: 'Your phone',
  phoneOfAgent: 'Your phone, if you use it',
  phoneOfAgentHint:
    'It is rung once, and stays on the line for all calls: pick up and press 1. For example +1 202 555 0143.',
  via: 'How you talk',
  viaBrowser: 'In this browser, with a headset',
  viaPhone: 'By my phone',
  viaNeedsPhone: 'Please give the number of your phone.',
  wrapUp: 'Time after each call',
  wrapUpReady: 'Until I say that I am ready',
  wrapUpSeconds: 'Seconds',
  wrapUpHint: (least: number) =>
    `To note what was said, before the next call starts. Seconds, ${least} at least. While you type, it waits.`,
  phoneHint:
    'Answered leads are connected to this number, for example +1 202 555 0143. Empty: they hear the installation’s message.',
  window: 'Your own hours',
  windowHint: 'Narrower than the legal calling hours, if you like; in the lead’s local time.',
  from: 'from',
  to: 'to',
  days: 'Days',
  problem:
    'Please give both times, the first before the second, and at least one day. For no hours of your own, leave both times empty and choose every day.',
  wrong: 'Nothing was saved: please look at the fields that are marked.',
  save: 'Save',
  saving: 'Saving …',
  saved: 'Settings saved.',
  installation: 'This installation',
  until: (when: string) => `until ${when}`,
  stale:
    'The settings were changed elsewhere meanwhile. What you typed is still here: please look at it and save once more.',
}

export const installation: Record<string, string> = {
  audio: 'Who answers hears',
  wrap_up_s: 'Time after each call (seconds)',
  lines: 'Lines, unless you choose yours',
  calls_per_second: 'Calls per second, all agents',
  calling_hours: 'Calling hours',
  closed: 'Places that are closed',
  trust_list_consent: 'Consent that is taken for granted in',
  ring_timeout_s: 'Rings for at most (seconds)',
  default_region: 'Numbers without + are in',
}

/** Values of the installation that are codes. */
export const installationValues: Record<string, string> = {
  'audio: agent': 'the agent, at once',
  'audio: message': 'a message',
  'calling_hours: always': 'at any time',
  'calling_hours: default': 'as the law of each place allows',
  'calls_per_second: 0': 'no limit of our own',
}

export const importing = {
  title: 'Import leads',
  fold: 'Fold the import',
  unfold: 'Unfold the import',
  drop: 'Drop a list here',
  or: 'or',
  choose: 'Choose a file',
  hint: 'A CSV file or an Excel workbook (.xlsx): one lead a row, with a phone number. Nothing is sent before you have seen what will happen.',
  reading: 'Reading the file …',
  checking: (done: number, of: number) => `Checking ${done.toLocaleString()} of ${of.toLocaleString()} rows …`,
  columnsTitle: 'What is in each column?',
  columnsCount: (columns: number, rows: number) => `${n(columns, 'column', 'columns')}, ${n(rows, 'row', 'rows')}`,
  column: 'Column',
  content: 'Filled',
  examples: 'Examples',
  field: 'Field',
  filled: (filled: number, of: number) => `${filled.toLocaleString()} of ${of.toLocaleString()}`,
  valid: (valid: number, looked: number, all: boolean) => {
    const share = valid === looked ? 100 : Math.min(99, Math.round((100 * valid) / (looked || 1)))
    return all ? `${valid.toLocaleString()} valid numbers (${share} %)` : `about ${share} % valid numbers`
  },
  order: (number: number) => `Tried as number ${number}`,
  tryFirst: 'Try first',
  onlyOf: (phone: string) => `only for ${phone}`,
  headerRow: 'Names of columns are in',
  headerLine: (line: number, text: string) => `line ${line}: ${text}`,
  noHeaderRow: 'no line: every row is a lead',
  askHeader: 'Please choose',
  headerDoubt:
    'Please say which line holds the columns’ names: there are lines above the first number that may be titles.',
  sheets: (name: string, others: string) =>
    `This workbook has several sheets. “${name}” is read, and not ${others}: save another one on its own to import it.`,
  titles: (lines: number) =>
    `${n(lines, 'line', 'lines')} above the columns’ names ${lines === 1 ? 'is' : 'are'} left out as titles.`,
  region: 'Numbers without + are from',
  readAs: 'Read as',
  noPhone: 'Choose the column that holds the phone numbers.',
  undecided: (columns: number) =>
    `Please answer the ${columns === 1 ? 'question' : `${columns} questions`} above the columns first.`,
  questionsTitle: 'Who must not be called?',
  questionsHint: 'Whoever is not marked is called, so please say what these columns mean.',
  doubt: {
    ticks: (column: string) => `“${column}” holds only yes and no, or ticks`,
    about: (column: string) => `“${column}” speaks of do-not-call marks`,
    consent: (column: string) => `“${column}” holds denials`,
    words: (column: string, words: string) => `“${column}” holds ${words}`,
    beside: (column: string, phone: string) => `“${column}” marks who must not be called, and stands beside “${phone}”`,
  },
  answer: {
    yesMarks: 'A yes means: do not call',
    noMarks: 'A no means: do not call',
    filledMarks: 'Who has something in it is not called',
    denialMarks: 'Who denies is not called',
    wordsMark: 'These are not called',
    onlyThat: (phone: string) => `It forbids only “${phone}”`,
    wholeRow: 'It forbids every number of its row',
    none: 'Neither: it says nothing about calls',
    noMark: 'They may be called all the same',
  },
  noHeader: (number: number) => `Column ${number}`,
  next: 'Preview',
  back: 'Back',
  another: 'Choose another file',
  previewTitle: 'Before anything is sent',
  previewHint:
    'The server checks every row once more. One that it refuses is named with its line when the import is done.',
  outcome: {
    created: 'New',
    merged: 'Already in your list',
    marked: 'Do not call',
    asked: 'Need an answer',
    refused: 'Refused',
  },
  outcomeHint: {
    created: 'will be called',
    merged: 'or further up in this file: no number is called twice',
    marked: 'are marked so in the file, and never called',
    asked: 'the number can be read in more than one way',
    refused: 'are not sent: please mend them in the file',
  },
  markedHint: (known: number) =>
    `are marked so in the file, and never called; ${known.toLocaleString()} of them ${known === 1 ? 'is' : 'are'} in your list now`,
  all: 'All rows',
  allHint: 'press one to see only its rows',
  line: 'Line',
  number: 'Number',
  name: 'Name',
  what: 'What happens',
  question: {
    'with-code': (rows: number) =>
      `${n(rows, 'number begins', 'numbers begin')} with the country’s own code, but without a +. Is that code the country’s?`,
    'other-country': (rows: number) =>
      `In ${n(rows, 'row', 'rows')} the column of the country names another one than the number has. Which is right?`,
    'unknown-country': (rows: number) =>
      `In ${n(rows, 'row', 'rows')} the country is not understood, and the number has no + and code.`,
  },
  readings: {
    'with-code': ['Yes, it is written without its +', 'No, it is the area code'],
    'other-country': ['The number is right'],
    'unknown-country': ['They are numbers of the country chosen before'],
  },
  readingExample: (given: string, phone: string) => `${given} is ${phone}`,
  leaveOut: 'Leave these rows out',
  answersFirst: (rows: number) => `Please answer the question about ${n(rows, 'row', 'rows')} first.`,
  shortened: (columns: string) => `Too long, and shortened: ${columns}.`,
  leftOut: (columns: string) => `Too many columns for a lead, and left out: ${columns}.`,
  oddZones: (rows: number) =>
    `${n(rows, 'row has', 'rows have')} a time zone that is not known: called only when it is day in all of the number’s country.`,
  warnings: 'Taken, but not as it was',
  inRows: (column: string, rows: number) => `${column} (${n(rows, 'row', 'rows')})`,
  downloadRefused: 'Download the refused rows',
  send: (rows: number) => `Import ${n(rows, 'row', 'rows')}`,
  later: 'Import, call later',
  laterHint: 'Calling is paused. Press Resume when the calls may begin.',
  nothingToSend: 'No row of this file can be imported.',
  sending: (done: number, of: number) => `${done.toLocaleString()} of ${n(of, 'row', 'rows')} sent`,
  sendingHint: 'Please leave this page open until all is sent; what has been sent stays in your list.',
  again: (rows: number) =>
    `The server had no time for ${n(rows, 'row', 'rows')} yet: ${rows === 1 ? 'it is sent again by itself' : 'they are sent again by themselves'}.`,
  stop: 'Stop',
  stopped: (done: number, of: number) => `Stopped after ${done.toLocaleString()} of ${n(of, 'row', 'rows')}.`,
  failed: (done: number, of: number) =>
    `Stopped after ${done.toLocaleString()} of ${n(of, 'row', 'rows')}; what was sent is in your list. You can go on from here.`,
  goOn: 'Go on',
  doneTitle: 'Import finished',
  differsTitle: 'Import finished, but not as shown before',
  differs: {
    refused: (rows: number) =>
      `${n(rows, 'row was', 'rows were')} refused by the server, though the preview said otherwise.`,
    unmarked: (rows: number) =>
      `${n(rows, 'row that marks a number was', 'rows that mark numbers were')} not stored as do-not-call marks.`,
    created: (created: number, promised: number) =>
      `${created.toLocaleString()} instead of ${promised.toLocaleString()} are new; the others were in your list already.`,
  },
  done: (created: number, merged: number, marked: number, refused: number) =>
    [
      n(created, 'new lead', 'new leads'),
      `${merged.toLocaleString()} already there`,
      ...(marked ? [`${marked.toLocaleString()} marked “do not call”`] : []),
      `${refused.toLocaleString()} refused.`,
    ].join(', '),
  result: 'Download the result',
  refusedRows: 'Refused rows',
  markedRows: 'Rows marked “do not call”',
  isMarked: 'is never called from now on',
  moreRefused: (count: number) => `${count.toLocaleString()} more; the result you can download names all.`,
  finish: 'Done',
  why: {
    missing: 'no phone number',
    'not-a-number': 'not a phone number',
    damaged: 'damaged by a spreadsheet, which cut off digits',
    several: 'more than one number',
    extension: 'has an extension, which cannot be dialled',
    letters: 'has letters in it',
    'never-called': 'a premium-rate number, a pager or a voicemail',
    'marked-elsewhere': 'marked “do not call” in another row',
    'mark-without-number': 'marked “do not call”, but no number can be read',
    'lost-letters': 'has lost letters (\ufffd): please save the list anew, as UTF-8',
    'left-out': 'left out, as you said',
    'with-code': 'is its beginning the country’s code?',
    'other-country': 'the country’s column names another country',
    'unknown-country': 'the country is not understood',
    'in-file': 'same number further up in this file',
    'in-list': 'what is new in the file is added to it',
    'now-in-list': 'in your list now',
  },
  encodings: {
    'utf-8': 'Unicode (UTF-8)',
    'utf-16le': 'Unicode (UTF-16)',
    'utf-16be': 'Unicode (UTF-16, big-endian)',
    'windows-1252': 'Western European (Windows-1252)',
    macintosh: 'Western European (Macintosh)',
    'windows-1250': 'Central European (Windows-1250)',
    'iso-8859-2': 'Central European (ISO 8859-2)',
    'windows-1251': 'Cyrillic (Windows-1251)',
    'koi8-r': 'Cyrillic (KOI8-R)',
    'x-mac-cyrillic': 'Cyrillic (Macintosh)',
    'windows-1253': 'Greek (Windows-1253)',
    'windows-1254': 'Turkish (Windows-1254)',
    'windows-1255': 'Hebrew (Windows-1255)',
    'windows-1256': 'Arabic (Windows-1256)',
    'windows-1257': 'Baltic (Windows-1257)',
    'windows-1258': 'Vietnamese (Windows-1258)',
    'windows-874': 'Thai (Windows-874)',
    shift_jis: 'Japanese (Shift-JIS)',
    'euc-jp': 'Japanese (EUC-JP)',
    'iso-2022-jp': 'Japanese (ISO-2022-JP)',
    gb18030: 'Chinese, simplified (GB 18030)',
    big5: 'Chinese, traditional (Big5)',
    'euc-kr': 'Korean (EUC-KR)',
  },
  encodingNote: (encoding: string) =>
    `The file is not in UTF-8. It was read as ${encoding}; if names look wrong in the examples, choose another encoding below.`,
  trouble: {
    tooBig: (size: string, most: string) =>
      `This file has ${size}; more than ${most} is too much for one go. Please split it into parts and import them one after the other.`,
    'broken-workbook':
      'This is a workbook or an archive that cannot be read. In Excel, choose “Save as” and “CSV UTF-8”, then drop that file here.',
    'old-workbook':
      'This is a workbook of an old Excel (.xls). In Excel, choose “Save as” and “Excel Workbook (.xlsx)” or “CSV UTF-8”, then drop that file here.',
    vcard:
      'These are contacts as a phone or an address book saves them (vCard), not a table. Please export them as CSV and choose that file.',
    rtf: 'This is a text document (RTF), not a table. Please ask for the list as CSV or as an Excel workbook.',
    pdf: 'This is a PDF, in which there are no rows to read. Please ask for the list as CSV or as an Excel workbook.',
    html: 'This is a web page, though it may be called .xls. Please open it in Excel, choose “Save as” and “CSV UTF-8”, then drop that file here.',
    xml: 'This is an XML file, not a table. Please open it in Excel, or export the list as CSV, and choose that file.',
    json: 'This is a JSON file, not a table. Please export the list as CSV; programs send JSON to the API instead.',
    binary:
      'This is not a text file, so there are no rows to read in it. Please choose a CSV file or an Excel workbook.',
    empty: 'This file is empty.',
    several: (files: number) =>
      `These are ${files.toLocaleString()} files, and none of them was read. Please import one after the other.`,
    noRows: 'There are no leads in this file: it has a first row with names of columns, and nothing below.',
    openQuote: (line: number) =>
      `This file cannot be read as CSV: the quotation marks (") opened near line ${line.toLocaleString()} are never closed. Please repair that line, or save the file again as CSV.`,
    strayQuote: (line: number) =>
      `This file cannot be read as CSV: near line ${line.toLocaleString()}, text follows the closing quotation mark (") of a cell, so that it is not certain where the cell ends. Please repair that line, or save the file again as CSV.`,
    unreadable: 'This file could not be read. Has it been moved, or is it open elsewhere?',
    unchecked: 'The rows of this file could not be checked, and nothing was sent. Please choose it once more.',
  },
  resultFile: {
    line: 'line',
    number: 'number',
    name: 'name',
    result: 'result',
    reason: 'reason',
    accepted: 'imported',
  },
}

export const targets: Record<string, string> = {
  phone: 'Phone number',
  name: 'Name',
  timezone: 'Time zone',
  state: 'State',
  note: 'Note',
  external_id: 'Reference',
  basis: 'Consumer or business',
  consent_at: 'Consent given on',
  consent_source: 'Source of the consent',
  consent_until: 'Consent valid until',
  country: 'Country of the number',
  calling_code: 'Calling code of the number',
  do_not_call: 'Do not call, if marked',
  consent: 'Do not call, if denied',
  marking_words: 'Do not call, where it says so',
  dnc_phone: 'Number not to be called',
  keep: 'Keep',
  skip: 'Leave out',
}

/** What went wrong, for a person, by the API's error code or status. */
export const errors: Record<string, string> = {
  unreachable: 'The server cannot be reached. Please check your connection; nothing is lost.',
  '401': 'Your login has ended. Please log in again.',
  '403': 'You are not allowed to do this.',
  '404': 'This lead no longer exists.',
  '409': 'This has changed in the meantime. Please check it again.',
  '413': 'This is too much for one request.',
  '429': 'The server is busy. Please try again in a moment.',
  '5xx': 'The server had a problem. Nothing is lost; please try again in a moment.',
  other: 'That did not work.',
  crashTitle: 'Something went wrong',
  crash: 'Your leads and calls are safe on the server; nothing is lost. Reload the page to continue.',
  reload: 'Reload the page',
  configTitle: 'This page is not set up yet',
  config: 'It could not read its configuration (config.json). Whoever installed it can help with this detail:',
  list: 'Your leads could not be loaded. The page keeps trying.',
}
