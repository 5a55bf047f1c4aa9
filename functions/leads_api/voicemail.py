"""An agent leaves the installation's message on a mailbox, and is free at once for the next call."""

from dataclasses import replace
from typing import Any

from autocall import reasons
from autocall.audio import VoicemailMessage
from autocall.call_outcomes import Unreachable
from autocall.gates import Held, UnknownZone, mode_gate
from autocall.installation_settings import VOICEMAIL
from autocall.leads import LIVE, Attempt, LeadRow
from autocall.terms import Terms
from autocall.timing import FAR, parse
from functions.leads_api.lead_list import shown
from functions.leads_api.may_call import gate_view
from functions.leads_api.one_lead import own_lead
from functions.leads_api.outcome import let_next_call_go
from functions.leads_api.request import Request
from functions.leads_api.response import HttpError, Response
from functions.leads_api.services import Services
from functions.leads_api.unknown_outcome import check_attempt, seen_attempt


def drop(services: Services, request: Request) -> Response:
    """Play the message in the call of the attempt that the agent sees; the call ends with it.

    The lead leaves the agent's room by that, and Twilio's report of it frees the agent. A repeat plays the message from
    its start, so that a mailbox has all of it.
    """
    attempt, message = seen_attempt(request), services.voicemail
    row = own_lead(services, request)
    check_attempt(row, attempt)
    if message is None:
        raise HttpError(409, "no_voicemail_message", "this installation has no message for a mailbox")
    if row.get("call_status") not in LIVE or not row.get("joined_at") or not row.get("call_sid"):
        raise HttpError(409, "not_in_a_call", "you are not in a call with this lead")
    _check_permitted(services, row, request.received_at)
    _play(services, row["call_sid"], message)
    row = _with_outcome(services, request, row, attempt)
    services.tell(request.user, row)
    let_next_call_go(services, request, attempt)
    return Response(data=shown(row))


def _check_permitted(services: Services, row: LeadRow, moment: float) -> None:
    """HttpError where the law asks for more before a recorded message than this lead has, or it is on a list."""
    if row.get("dnc"):
        raise HttpError(409, "do_not_call", "this number is on your do-not-call list")
    terms = Terms.of(row, recorded=True)
    if terms.confirmed_until is not None and terms.confirmed_until > parse(row["claimed_at"]):
        terms = replace(terms, confirmed_until=FAR)  # a person has started this call, however long it lasts
    try:
        held = mode_gate(row.get("zones") or (), services.hours(), moment, terms)
    except UnknownZone:
        held = Held(reasons.ZONE)
    if held:
        raise HttpError(409, "not_now", f"no message may be left for this lead: {held.reason}", gate_view(held))


def _play(services: Services, sid: str, message: VoicemailMessage) -> None:
    try:
        plays = services.twilio().redirect(sid, _twiml(message))
    except Unreachable:
        message_text = "Twilio cannot be reached now: it is not known whether the message is played, try again"
        raise HttpError(503, "twilio_unreachable", message_text) from None
    if not plays:
        raise HttpError(409, "call_over", "the call is over")


def _twiml(message: VoicemailMessage) -> str:
    from twilio.twiml.voice_response import VoiceResponse

    response: Any = VoiceResponse()
    if message.url:
        response.play(message.url)
    else:
        response.say(message.text)
    response.hangup()
    return str(response)


def _with_outcome(services: Services, request: Request, row: LeadRow, attempt: str) -> LeadRow:
    """The outcome is preset, unless the agent has said one or the installation has none for a mailbox."""
    if "outcome" in row:
        return row
    outcomes = services.installation_table.get_settings().outcomes
    code = next((choice.code for choice in outcomes if choice.kind == VOICEMAIL), None)
    if code is None:
        return row
    whose = Attempt(request.user, request.lead, attempt)
    return services.leads.set_outcome(whose, code, request.user, request.received_at, preset=True).row
