/** Made of docs/openapi.yaml by `npm run types`: change that, not this. */

export type Id = string
export type Moment = string
export type Basis = 'consumer' | 'customer' | 'business'
export type Status =
  | 'pending'
  | 'claimed'
  | 'queued'
  | 'initiated'
  | 'ringing'
  | 'in-progress'
  | 'unknown'
  | 'completed'
  | 'busy'
  | 'no-answer'
  | 'failed'
  | 'canceled'
/**
 * @maxItems 1000
 *
 * Items: A lead. Other names than these are `extra.<name>`, or explained by `columns`.
 */
export type Rows = {
  phone?: string | number | null
  country?: string | null
  calling_code?: string | number | null
  name?: string | null
  timezone?: string | null
  state?: string | null
  note?: string | null
  external_id?: string | number | null
  [k: string]: string | number | boolean | null | {} | undefined
}[]
/**
 * @maxItems 1000
 */
export type Numbers = string[]
/**
 * What was not taken, by its line, and why.
 */
export type RefusedLines = {
  line: number
  code: string
  /**
   * What the code is about, such as the column.
   */
  detail?: {}
  /**
   * The same in words.
   */
  reason: string
  /**
   * The row is right, and could not be stored now; send it again.
   */
  retry: boolean
}[]
/**
 * What was taken otherwise than it stood, once for each column, by the first line that it concerns.
 */
export type Warnings = {
  line: number
  code: 'shortened' | 'left_out' | 'not_understood'
  detail: {
    column: string
    rows: number
  }
  reason: string
}[]
/**
 * When the call was placed, answered, or ended; null if it was not, or is not known.
 */
export type MomentOrNone = null | Moment
/**
 * What came of the conversation.
 */
export type OutcomeOrNone = null | {
  code: OutcomeCode
  at: Moment
  by: string
}
export type OutcomeCode = string
export type Lead = Call & About
export type LeadWithHistory = Call &
  About & {
    history: {
      at: Moment
      event: string
    }[]
    /**
     * Reports about other calls to this lead than the one it knows; evidence of a double call.
     */
    strays: {}[]
    dnc: {
      since?: Moment
      by?: string
    } | null
    dnc_removed: {
      at?: Moment
      by?: string
    } | null
    claimed_at: null | Moment
  }
export type Window = {
  from: string
  to: string
  /**
   * From 1, a Monday, to 7.
   *
   * @minItems 1
   */
  days?: number[]
} | null
/**
 * How long a conversation is written up, in seconds; `ready`, until the agent says so.
 */
export type WrapUp = (number | null) | 'ready'
/**
 * Nobody of the installation is called until then, because Twilio refuses the account or does not answer, or an
 * operator said so; null if calls may start.
 *
 */
export type Rest = null | {
  until: Moment
  reason: string | null
}

/**
 * What columns of other names are: one of the documented names, `extra.<name>`, `do_not_call.<column>`, `keep` (under its own name, and not looked into) or `ignore`. Several may be `phone`: the first valid number is called, in the order given here.
 */
export interface Columns {
  [k: string]: string | undefined
}
export interface Call {
  lead_id: Id
  attempt_id: string | null
  call_status: Status
  reason: string | null
  call_sid: string | null
  /**
   * Grows with every change that is shown.
   */
  version: number
  /**
   * Of the last change that is shown.
   */
  at: Moment
  placed_at: MomentOrNone
  answered_at: MomentOrNone
  joined_at: MomentOrNone
  abandoned_at: MomentOrNone
  ended_at: MomentOrNone
  duration_s: number | null
  /**
   * How often the lead was called, or may have been, for ever.
   */
  calls: number
  outcome: OutcomeOrNone
  /**
   * Who answered this call, as Twilio thinks; null if it was not asked, or has not said.
   */
  answered_by: string | null
  /**
   * When the lead last called the number that called it. It is still to be answered if it, or
   * `ring_back_asked_at`, is later than `ring_back_heard_at`, `ring_back_done_at` and `placed_at`.
   *
   */
  rang_back_at: MomentOrNone
  /**
   * When the lead, calling, asked to be called back.
   */
  ring_back_asked_at: MomentOrNone
  /**
   * When a lead who called back met the agent.
   */
  ring_back_heard_at: MomentOrNone
  /**
   * What an outcome names: of the last conversation the `attempt_id`, or the SID of the call in which the lead
   * called back; null if there was none since the lead was last called.
   *
   */
  conversation_id: string | null
  /**
   * Of the agent's note, which no event has; null if there is none.
   */
  agent_note_version: number | null
  /**
   * The lead's last call that the agent has dealt with, or has the lead called again for, by its moment.
   */
  ring_back_done_at: MomentOrNone
  /**
   * When a person said that this lead is called again; null once it has been called.
   */
  appointment_at: MomentOrNone
  /**
   * Why a lead that waits is not called now, and until when; null, if only a change by a person helps.
   */
  held: null | {
    reason: string
    until: null | Moment
    /**
     * It will be held again each time, until a person changes something.
     */
    needs_person: boolean
  }
  can_release: boolean
  do_not_call: boolean
}
export interface About {
  phone: string
  /**
   * The number as people write it.
   */
  phone_display: string
  name: string | null
  zones: string[]
  state: string | null
  timezone: string | null
  note: string | null
  external_id: string | null
  extra: {
    [k: string]: string | undefined
  } | null
  /**
   * Who is called; null is a consumer.
   */
  basis: null | Basis
  consent_at: MomentOrNone
  consent_source: string | null
  consent_until: MomentOrNone
  imported_at: Moment
  /**
   * What the agent wrote. No import changes it; `note` is the list's.
   */
  agent_note: null | AgentNote
  /**
   * The calls before this one, where a person had the lead called again; the oldest first.
   */
  earlier_calls: EarlierCall[]
}
export interface AgentNote {
  text: string
  at: Moment
  by: string
  version: number
}
export interface EarlierCall {
  attempt_id: string
  call_status: Status
  claimed_at: MomentOrNone
  answered_at: MomentOrNone
  joined_at: MomentOrNone
  abandoned_at: MomentOrNone
  ended_at: MomentOrNone
  duration_s: number | null
  outcome: OutcomeOrNone
}
export interface OutcomeRequest {
  /**
   * The conversation that the person saw, as `conversation_id`.
   */
  attempt_id: string
  code: OutcomeCode
  /**
   * For a code of the kind call_back; a moment with its zone, when the lead is called again.
   */
  call_back_at?: string
  /**
   * The wrap-up is over; the next call may go.
   */
  ready?: boolean
}
export interface NoteRequest {
  /**
   * Empty takes the note away.
   */
  text: string
  /**
   * The version of the note that was seen; absent or 0, that there was none.
   */
  seen?: number
}
export interface RingBackRequest {
  seen: Moment
  /**
   * Whether the call of that moment is dealt with.
   */
  done: boolean
}
export interface AgainRequest {
  /**
   * The attempt that the person saw.
   */
  attempt_id: string
  /**
   * A moment with its zone; without it, now.
   */
  at?: string
  /**
   * For the history.
   */
  why?: string
}
export interface VoicemailRequest {
  /**
   * The attempt that the person saw.
   */
  attempt_id: string
}
export interface OutcomeChoice {
  code: OutcomeCode
  label: string
  /**
   * What it leads to. `call_back`, an appointment; `do_not_call`, no further call, ever.
   */
  kind: 'ordinary' | 'call_back' | 'voicemail' | 'do_not_call'
}
export interface Installation {
  /**
   * @minItems 1
   * @maxItems 20
   */
  outcomes: OutcomeChoice[]
  /**
   * How often a number may be called within seven days, whoever calls it.
   */
  again_per_week: number
  version: number
}
export interface InstallationChange {
  /**
   * @minItems 1
   * @maxItems 20
   */
  outcomes?: OutcomeChoice[]
  again_per_week?: number
  /**
   * The one that was read; refused with 409 if there is another, unless all of this is set already.
   */
  version: number
}
export interface SettingsChange {
  lines?: number | null
  /**
   * The calls are connected to this phone.
   */
  agent_phone?: string | null
  window?: Window
  /**
   * How the agent is on the line; null: as it was before.
   */
  via?: 'browser' | 'phone' | null
  wrap_up_s?: WrapUp
  /**
   * A moment within a year; calls start again by themselves then.
   */
  resume_at?: string | null
  /**
   * The one that was read; refused with 409 if there is another, unless all of this is set already.
   */
  version?: number | null
}
export interface Session {
  session_id: string | null
  via: 'browser' | 'phone' | null
  phase: 'ringing' | 'live' | 'ended'
  /**
   * Why it has ended.
   */
  reason: string | null
  asked_at: MomentOrNone
  live_since: MomentOrNone
  /**
   * null: a wrap-up ends when the agent says so.
   */
  wrap_up_s: number | null
  /**
   * The lead that the agent is kept for, or talks with.
   */
  call: null | {
    lead_id: Id
    /**
     * Of a lead who calls back, the SID of that call.
     */
    attempt_id: string
    /**
     * Whether the lead calls back.
     */
    inbound: boolean
    until: Moment
    taken: MomentOrNone
    joined: MomentOrNone
    /**
     * Since when the lead is on hold.
     */
    held: MomentOrNone
    done: MomentOrNone
  }
  /**
   * The conversation that is written up, and until when the next call waits.
   */
  wrap_up: null | {
    lead_id: Id
    /**
     * Of a lead who called back, the SID of that call.
     */
    attempt_id: string
    /**
     * Whether the lead called back.
     */
    inbound: boolean
    until: MomentOrNone
  }
  version: number
  at: Moment
}
export interface OpenedSession {
  session_id: string | null
  via: 'browser' | 'phone' | null
  phase: 'ringing' | 'live' | 'ended'
  /**
   * Why it has ended.
   */
  reason: string | null
  asked_at: MomentOrNone
  live_since: MomentOrNone
  /**
   * null: a wrap-up ends when the agent says so.
   */
  wrap_up_s: number | null
  /**
   * The lead that the agent is kept for, or talks with.
   */
  call: null | {
    lead_id: Id
    /**
     * Of a lead who calls back, the SID of that call.
     */
    attempt_id: string
    /**
     * Whether the lead calls back.
     */
    inbound: boolean
    until: Moment
    taken: MomentOrNone
    joined: MomentOrNone
    /**
     * Since when the lead is on hold.
     */
    held: MomentOrNone
    done: MomentOrNone
  }
  /**
   * The conversation that is written up, and until when the next call waits.
   */
  wrap_up: null | {
    lead_id: Id
    /**
     * Of a lead who called back, the SID of that call.
     */
    attempt_id: string
    /**
     * Whether the lead called back.
     */
    inbound: boolean
    until: MomentOrNone
  }
  version: number
  at: Moment
  /**
   * For the browser alone; a shift long.
   */
  token?: string
  expires_at?: Moment
  identity?: string
}
export interface Settings {
  /**
   * Whether the caller may change what holds for the whole installation.
   */
  admin: boolean
  /**
   * What the server's clock says; a page's own may be wrong.
   */
  at: Moment
  paused: boolean
  version: number
  paused_at: null | Moment
  resume_at: null | Moment
  lines: number | null
  agent_phone: string | null
  window: Window
  via: 'browser' | 'phone' | null
  wrap_up_s: WrapUp
  installation: {
    lines: number
    most_lines: number
    /**
     * 0: without a limit of our own.
     */
    calls_per_second: number
    ring_timeout_s: number
    calling_hours: string
    /**
     * The places, or all, for whose leads the installation itself answers that they consented.
     */
    trust_list_consent: string | null
    default_region: string
    /**
     * agent: nobody is called until their agent is on the line.
     */
    audio: 'agent' | 'message'
    wrap_up_s: number
    /**
     * For how many days a number that one agent has called waits for the others; 0, not at all.
     */
    colleague_days: number
    /**
     * Whether there is a message that an agent can leave on a mailbox.
     */
    voicemail: boolean
    rest: Rest
    /**
     * The places where an operator lets nobody be called, each until a moment.
     */
    closed: {
      place: string
      until: Moment
    }[]
  }
}
export interface Error {
  error: {
    /**
     * For programs.
     */
    code: string
    /**
     * For the person.
     */
    message: string
    /**
     * Where there are several; by name.
     */
    details?: {
      [k: string]: unknown | undefined
    }
  }
}
export interface GatewayError {
  message: string
}
export interface Called {
  phone: string
  /**
   * The id of the agent.
   */
  agent: string
  at: Moment
  /**
   * When all agents together called it lately.
   */
  recent: Moment[]
  /**
   * Until when no other agent calls it; null if they may.
   */
  colleagues_until: null | Moment
  lifted: null | {
    at: Moment
    by: string
  }
}
export interface MayCall {
  may: boolean
  reason: string | null
  /**
   * Null if only a change by a person helps.
   */
  until: null | Moment
  at: Moment
  zones: string[]
  /**
   * Of every place where the number can be; all of them must be kept.
   */
  rules: {
    /**
     * A country, a state such as US-FL, or world.
     */
    place: string
    /**
     * The law.
     */
    cite: string | null
    /**
     * Where it was read.
     */
    url: string | null
    /**
     * When.
     */
    read_on: string | null
    confidence: 'high' | 'medium' | 'uncertain' | null
    note: string | null
    /**
     * Hours and what else is asked as in autocall/hours.
     */
    rule: {}
  }[]
}
export interface ListLeadsResponse {
  items: Lead[]
  /**
   * The cursor of the next page; null behind the last one.
   */
  next: string | null
}
export interface ImportLeadsResponse {
  created: number
  merged: number
  refused: RefusedLines
  warnings: Warnings
}
export interface HangUpResponse {
  hung_up: boolean
}
export interface ForbidNumbersResponse {
  forbidden: number
  /**
   * Whose list it was.
   */
  list: 'own' | 'installation'
  refused: RefusedLines
  /**
   * By which each number goes off the list again, and can be seen if it is a lead; absent for
   * everybody's list.
   *
   */
  lead_ids?: Id[]
  /**
   * Those of them that are being called all the same.
   */
  in_flight?: Id[]
}
export interface AllowNumbersResponse {
  allowed: number
  refused: RefusedLines
}
export interface CountAbandonedResponse {
  since: Moment
  /**
   * Calls in which lead and agent heard each other.
   */
  joined: number
  /**
   * Calls in which nobody was there for the lead.
   */
  abandoned: number
  /**
   * The cursor of the next part; null after the last one.
   */
  next: string | null
}
export interface PauseResponse {
  version: number
  /**
   * The leads that are being called all the same, and no others.
   */
  in_flight: Id[]
  /**
   * Those of them whose calls were ended; only if that was asked for.
   */
  canceled?: Id[]
}
export interface ResumeResponse {
  version: number
  installation: {
    rest: Rest
  }
}
export interface SignOutResponse {
  closed: number
  /**
   * The leads that are being called all the same; once no socket is left, no others.
   */
  in_flight: Id[]
}
