"""A person lets a lead that has ended be called once more, now or at a time."""

from datetime import datetime

from autocall import leads
from autocall.leads import LeadRow
from autocall.messages import Cause
from autocall.timing import stamp
from functions.leads_api.known_calls import known_calls, record_call, was_called
from functions.leads_api.lead_list import shown
from functions.leads_api.one_lead import own_lead
from functions.leads_api.request import Request
from functions.leads_api.response import HttpError, Response, no_such_lead
from functions.leads_api.services import Services
from functions.leads_api.unknown_outcome import check_attempt, check_unknown, seen_attempt

LONGEST_WHY = 200
_LATEST_S = 366 * 86_400
_TRIES = 3


def again(services: Services, request: Request) -> Response:
    """Let the lead be called again, with the permission for one call; all gates hold as ever.

    A repeat queues a run again, because the first request may have failed before it queued one.
    """
    row, attempt = own_lead(services, request), seen_attempt(request)
    at, why = appointment(request, "at"), _why(request)
    row = let_again(services, request, row, attempt, at, why)
    return Response(data=shown(row))


def appointment(request: Request, name: str) -> float | None:
    """The moment in this field of the body; None if it is absent. One in the past, by a wrong clock, is now."""
    given = request.json_object().get(name)
    if given is None:
        return None
    try:
        moment = datetime.fromisoformat(given)
        at = moment.timestamp() if moment.tzinfo else None
    except (TypeError, ValueError, OverflowError):
        at = None
    if at is None or at > request.received_at + _LATEST_S:
        raise HttpError(400, "bad_field", f"{name} must be a time within a year, such as 2026-12-31T08:00:00Z")
    return max(at, request.received_at)


def let_again(
    services: Services, request: Request, row: LeadRow, attempt: str, at: float | None, why: str = ""
) -> LeadRow:
    """The row once it waits for another call; HttpError if it must not. Goes first when its time has come."""
    row = _waiting(services, request, row, attempt, at, why)
    due_at = leads.Due.of(row).moment if leads.Due.of(row).kind == leads.DUE_WAIT else request.received_at
    services.agents.put_first(request.user, request.lead, due_at)
    services.queue.enqueue_run(request.user, Cause.AGAIN, request.correlation_id)
    services.tell(request.user, row)
    return row


def check_again(row: LeadRow, attempt: str) -> None:
    """HttpError with a readable reason if this person must not let this lead be called again."""
    check_attempt(row, attempt)
    if row.get("dnc"):
        raise HttpError(409, "do_not_call", "this number is on your do-not-call list")


def _waiting(services: Services, request: Request, row: LeadRow, attempt: str, at: float | None, why: str) -> LeadRow:
    wanted = stamp(at) if at is not None and at > request.received_at else None
    later = at if wanted else None
    for _ in range(_TRIES):
        if not leads.is_lead(row):
            raise no_such_lead()
        check_again(row, attempt)
        if row["call_status"] == leads.PENDING and row.get("appointment_at") == wanted and not _rang_back(row):
            return row
        if row["call_status"] == leads.PENDING:
            written = services.leads.reappoint(row, request.user, request.received_at, at=later)
        else:
            row = _over(services, request, row)
            written = services.leads.again(row, request.user, request.received_at, at=later, why=why)
        if written.won:
            return written.row
        if written.row.get("version") == row.get("version"):
            raise HttpError(409, "too_often", "too much has happened to this lead: it is not called again")
        row = written.row
    raise HttpError(409, "changing", "this lead is changing right now: try again")


def _rang_back(row: LeadRow) -> bool:
    """Whether the lead has called us, and this is the first answer to that."""
    return leads.last_ring_back(row) > row.get("ring_back_done_at", "")


def _over(services: Services, request: Request, row: LeadRow) -> LeadRow:
    """The row of a call that is over, for certain; Twilio is asked where the row does not say so."""
    if row["call_status"] in leads.FINAL:
        return row
    if row["call_status"] == leads.UNKNOWN:
        check_unknown(row, row["attempt_id"])
        if calls := known_calls(services, row):
            raise was_called(services, request, row, calls)
        return row
    if row.get("call_sid"):
        for call in known_calls(services, row):
            written = record_call(services, request, row, call)
            if written and written.row.get("call_status") in leads.FINAL:
                return written.row
    raise HttpError(409, "call_not_over", "the call to this lead is not over yet")


def _why(request: Request) -> str:
    why = request.json_object().get("why", "")
    if not isinstance(why, str) or len(why) > LONGEST_WHY:
        raise HttpError(400, "bad_field", f"why must be a text of at most {LONGEST_WHY} characters")
    return why.strip()
