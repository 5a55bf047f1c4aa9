"""A person releases a lead whose outcome is unknown, after Twilio was queried once more about its call."""

from autocall import leads
from autocall.leads import Attempt, LeadRow
from autocall.messages import Cause
from functions.leads_api.known_calls import known_calls, was_called
from functions.leads_api.lead_list import shown
from functions.leads_api.one_lead import own_lead
from functions.leads_api.request import Request
from functions.leads_api.response import HttpError, Response
from functions.leads_api.services import Services
from functions.leads_api.unknown_outcome import check_unknown, seen_attempt


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
    if calls := known_calls(services, row):
        raise was_called(services, request, row, calls)
    released = services.leads.release_by_agent(
        Attempt(request.user, request.lead, attempt), request.user, request.received_at
    ).row
    if not _waits_again(released, attempt):
        check_unknown(released, attempt)
        raise HttpError(409, "not_releasable", "this lead has been released too often")
    return released
