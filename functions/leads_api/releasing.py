"""A person puts a lead of unknown outcome back, after Twilio has been asked once more what became of its call."""

from autocall import leads
from autocall.dynamo import Item
from autocall.leads import Attempt
from autocall.matching import fitting
from autocall.recording import record
from autocall.twilio_calls import TwilioCall, Unreachable
from functions.leads_api.answer import Answer, Problem
from functions.leads_api.lead_list import shown
from functions.leads_api.one_lead import own_lead
from functions.leads_api.request import Request
from functions.leads_api.tools import Tools
from functions.leads_api.undecided import check_undecided, seen_attempt

_EVIDENCE = "asked Twilio before a release"


def release(tools: Tools, request: Request) -> Answer:
    """The lead waits again, unless Twilio knows of a call, or the lead is not what the person saw.

    One that waits again already queues a run all the same: the first try may have died before it did.
    """
    row = dict(own_lead(tools, request))
    attempt = seen_attempt(request)
    if not _waits_again(row, attempt):
        row = _released(tools, request, row, attempt)
    tools.queue.look_again(request.user, "released", request.correlation_id)
    tools.push.row(request.user, row)
    return Answer(data=shown(row))


def _waits_again(row: leads.Row, attempt: str) -> bool:
    return row.get("call_status") == leads.PENDING and row.get("attempt_id") == attempt


def _released(tools: Tools, request: Request, row: Item, attempt: str) -> Item:
    """The row once it waits again; Problem if it must not."""
    check_undecided(row, attempt)
    if calls := _ask(tools, row):
        raise _settled(tools, request, row, calls)
    released = tools.leads.person(request.user, request.lead, attempt, request.user, request.at)
    if not released.ours and not _waits_again(released.row, attempt):
        check_undecided(released.row, attempt)
        raise Problem(409, "not_releasable", "this lead has been released too often")
    return released.row


def _ask(tools: Tools, row: Item) -> list[TwilioCall]:
    try:
        if not row.get("call_sid"):
            return fitting(row, tools.twilio().to_number(row["phone"]), tools.timing, tools.sender)
        call = tools.twilio().fetch(row["call_sid"])
    except Unreachable:
        raise Problem(503, "twilio_unreachable", "Twilio cannot be asked now: nothing has changed, try later") from None
    return [call] if call else []


def _settled(tools: Tools, request: Request, row: Item, calls: list[TwilioCall]) -> Problem:
    """There was a call: what Twilio says of it is recorded, and the person is told instead."""
    if len(calls) > 1:
        message = "Twilio has several calls to this number from that moment: it was called, look there which is which"
        return Problem(409, "was_called", message)
    call = calls[0]
    written = record(
        tools.leads,
        Attempt.of(row),
        request.at,
        sid=call.sid,
        status=call.status,
        evidence=_EVIDENCE,
        duration_s=call.duration_s,
    )
    if written is None:
        return Problem(409, "was_called", "Twilio knows this call: the lead was called")
    if call.status in leads.FINAL:
        tools.queue.look_again(request.user, "call ended", request.correlation_id)
    if written.ours:
        tools.push.row(request.user, written.row)
    return Problem(409, "was_called", f"Twilio knows this call: it is {call.status}", {"call_status": call.status})
