"""Asks Twilio about a lead's call before a person's word lets the lead be called again; records what it knows."""

from autocall import leads
from autocall.call_matching import candidates
from autocall.call_outcomes import TwilioCall, Unreachable
from autocall.call_status import apply_call_status
from autocall.lead_table import LeadWrite
from autocall.leads import Attempt, LeadRow
from autocall.messages import Cause
from functions.leads_api.request import Request
from functions.leads_api.response import HttpError
from functions.leads_api.services import Services

_EVIDENCE = "asked Twilio before a release"


def known_calls(services: Services, row: LeadRow) -> list[TwilioCall]:
    """The calls that the row's attempt may have made; HttpError 503 if Twilio cannot say."""
    try:
        if not row.get("call_sid"):
            calls = services.twilio().to_number(row["phone"])
            return candidates(row, calls, services.timing, services.caller_ids.default)
        call = services.twilio().fetch(row["call_sid"])
    except Unreachable:
        raise HttpError(
            503, "twilio_unreachable", "Twilio cannot be reached now: nothing was changed, try later"
        ) from None
    return [call] if call else []


def was_called(services: Services, request: Request, row: LeadRow, calls: list[TwilioCall]) -> HttpError:
    """There was a call: record its status from Twilio, and return the error that tells the person."""
    if len(calls) > 1:
        message = "Twilio knows several calls to this number from that time: the lead was called, see Twilio's console"
        return HttpError(409, "was_called", message)
    call = calls[0]
    written = record_call(services, request, row, call)
    if written is None:
        return HttpError(409, "was_called", "Twilio knows this call: the lead was called")
    return HttpError(409, "was_called", f"Twilio knows this call: it is {call.status}", {"call_status": call.status})


def record_call(services: Services, request: Request, row: LeadRow, call: TwilioCall) -> LeadWrite | None:
    """Write what Twilio says of the call to its row, tell the pages, and queue a run if it has ended."""
    written = apply_call_status(
        services.leads,
        Attempt.of(row),
        request.received_at,
        sid=call.sid,
        status=call.status,
        evidence=_EVIDENCE,
        agent_first=services.lines is not None,
        duration_s=call.duration_s,
    )
    if written and written.won:
        services.push.push_lead(request.user, written.row)  # a repeat finds nothing to show
    if call.status in leads.FINAL:
        services.queue.enqueue_run(request.user, Cause.CALL_ENDED, request.correlation_id)
    return written
