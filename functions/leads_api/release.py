"""A person releases a lead whose outcome is unknown, after Twilio was queried once more about its call."""

from autocall import leads
from autocall.call_matching import candidates
from autocall.call_status import apply_call_status
from autocall.leads import Attempt, LeadRow
from autocall.messages import Cause
from autocall.twilio_calls import TwilioCall, Unreachable
from functions.leads_api.lead_list import shown
from functions.leads_api.one_lead import own_lead
from functions.leads_api.request import Request
from functions.leads_api.response import HttpError, Response
from functions.leads_api.services import Services
from functions.leads_api.unknown_outcome import check_unknown, seen_attempt

_EVIDENCE = "asked Twilio before a release"


def release(services: Services, request: Request) -> Response:
    """Let the lead wait for a call again, unless Twilio knows a call, or the lead has changed since the person saw it.

    A repeat queues a run again, because the first request may have failed before it queued one.
    """
    row = own_lead(services, request)
    attempt = seen_attempt(request)
    if not _waits_again(row, attempt):
        row = _released(services, request, row, attempt)
    services.queue.enqueue_run(request.user, Cause.RELEASED, request.correlation_id)
    services.push.push_lead(request.user, row)
    return Response(data=shown(row))


def _waits_again(row: LeadRow, attempt: str) -> bool:
    return row.get("call_status") == leads.PENDING and row.get("attempt_id") == attempt


def _released(services: Services, request: Request, row: LeadRow, attempt: str) -> LeadRow:
    """The row once it is pending again; HttpError if it must not be released."""
    check_unknown(row, attempt)
    if calls := _ask(services, row):
        raise _settled(services, request, row, calls)
    released = services.leads.release_by_agent(
        Attempt(request.user, request.lead, attempt), request.user, request.received_at
    )
    if not released.won and not _waits_again(released.row, attempt):
        check_unknown(released.row, attempt)
        raise HttpError(409, "not_releasable", "this lead has been released too often")
    return released.row


def _ask(services: Services, row: LeadRow) -> list[TwilioCall]:
    try:
        if not row.get("call_sid"):
            return candidates(row, services.twilio().to_number(row["phone"]), services.timing, services.sender)
        call = services.twilio().fetch(row["call_sid"])
    except Unreachable:
        raise HttpError(
            503, "twilio_unreachable", "Twilio cannot be reached now: nothing was changed, try later"
        ) from None
    return [call] if call else []


def _settled(services: Services, request: Request, row: LeadRow, calls: list[TwilioCall]) -> HttpError:
    """There was a call: record its status from Twilio, and return the error that tells the person."""
    if len(calls) > 1:
        message = "Twilio knows several calls to this number from that time: the lead was called, see Twilio's console"
        return HttpError(409, "was_called", message)
    call = calls[0]
    written = apply_call_status(
        services.leads,
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
        services.queue.enqueue_run(request.user, Cause.CALL_ENDED, request.correlation_id)
    if written.won:
        services.push.push_lead(request.user, written.row)
    return HttpError(409, "was_called", f"Twilio knows this call: it is {call.status}", {"call_status": call.status})
