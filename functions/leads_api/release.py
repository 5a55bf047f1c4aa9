"""A person puts a lead of unknown outcome back, after Twilio has been asked once more what became of its call."""

from autocall import leads
from autocall.call_matching import candidates
from autocall.call_status import apply_call_status
from autocall.dynamo import Item
from autocall.leads import Attempt
from autocall.messages import Cause
from autocall.twilio_calls import TwilioCall, Unreachable
from functions.leads_api.lead_list import shown
from functions.leads_api.one_lead import own_lead
from functions.leads_api.request import Request
from functions.leads_api.response import HttpError, Response
from functions.leads_api.services import Services
from functions.leads_api.unknown_outcome import check_unknown, seen_attempt

_EVIDENCE = "asked Twilio before a release"


def release(tools: Services, request: Request) -> Response:
    """The lead waits again, unless Twilio knows of a call, or the lead is not what the person saw.

    One that waits again already queues a run all the same: the first try may have died before it did.
    """
    row = dict(own_lead(tools, request))
    attempt = seen_attempt(request)
    if not _waits_again(row, attempt):
        row = _released(tools, request, row, attempt)
    tools.queue.enqueue_run(request.user, Cause.RELEASED, request.correlation_id)
    tools.push.push_lead(request.user, row)
    return Response(data=shown(row))


def _waits_again(row: leads.Row, attempt: str) -> bool:
    return row.get("call_status") == leads.PENDING and row.get("attempt_id") == attempt


def _released(tools: Services, request: Request, row: Item, attempt: str) -> Item:
    """The row once it waits again; Problem if it must not."""
    check_unknown(row, attempt)
    if calls := _ask(tools, row):
        raise _settled(tools, request, row, calls)
    released = tools.leads.release_by_agent(request.user, request.lead, attempt, request.user, request.received_at)
    if not released.won and not _waits_again(released.row, attempt):
        check_unknown(released.row, attempt)
        raise HttpError(409, "not_releasable", "this lead has been released too often")
    return released.row


def _ask(tools: Services, row: Item) -> list[TwilioCall]:
    try:
        if not row.get("call_sid"):
            return candidates(row, tools.twilio().to_number(row["phone"]), tools.timing, tools.sender)
        call = tools.twilio().fetch(row["call_sid"])
    except Unreachable:
        raise HttpError(
            503, "twilio_unreachable", "Twilio cannot be asked now: nothing has changed, try later"
        ) from None
    return [call] if call else []


def _settled(tools: Services, request: Request, row: Item, calls: list[TwilioCall]) -> HttpError:
    """There was a call: what Twilio says of it is recorded, and the person is told instead."""
    if len(calls) > 1:
        message = "Twilio has several calls to this number from that moment: it was called, look there which is which"
        return HttpError(409, "was_called", message)
    call = calls[0]
    written = apply_call_status(
        tools.leads,
        Attempt.of(row),
        request.received_at,
        sid=call.sid,
        status=call.status,
        evidence=_EVIDENCE,
        duration_s=call.duration_s,
    )
    if written is None:
        return HttpError(409, "was_called", "Twilio knows this call: the lead was called")
    if call.status in leads.FINAL:
        tools.queue.enqueue_run(request.user, Cause.CALL_ENDED, request.correlation_id)
    if written.won:
        tools.push.push_lead(request.user, written.row)
    return HttpError(409, "was_called", f"Twilio knows this call: it is {call.status}", {"call_status": call.status})
