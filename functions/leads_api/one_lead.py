"""One lead of the caller: seen with its history, deleted, put on the do-not-call list and taken off it."""

from typing import Any

from autocall import leads
from autocall.leads import is_lead
from autocall.messages import Cause
from functions.leads_api.lead_list import shown
from functions.leads_api.request import Request
from functions.leads_api.response import HttpError, Response, no_such_lead
from functions.leads_api.services import Services

_DETAIL_DEFAULTS: dict[str, Any] = {"history": [], "strays": [], "dnc": None, "dnc_removed": None, "claimed_at": None}


def show(tools: Services, request: Request) -> Response:
    """The lead with all that happened to it."""
    row = own_lead(tools, request)
    return Response(data=shown(row) | {name: row.get(name, default) for name, default in _DETAIL_DEFAULTS.items()})


def delete(tools: Services, request: Request) -> Response:
    """Forget who the lead was; that its number was called stays."""
    deleted = tools.leads.delete(request.user, request.lead, request.user, request.received_at)
    if not deleted.won and is_lead(deleted.row):
        raise HttpError(409, "call_in_flight", "a call to this lead is in flight: delete it when the call has ended")
    if not deleted.won:
        raise no_such_lead()
    return Response(204)


def add_to_dnc(tools: Services, request: Request) -> Response:
    """Never call this number; a call that is in flight already shows in the answer's status."""
    row = own_lead(tools, request)
    forbidden = tools.leads.add_to_dnc(request.user, request.lead, row["phone"], request.user, request.received_at).row
    tools.tell(request.user, forbidden)
    return Response(data=shown(forbidden))


def remove_from_dnc(tools: Services, request: Request) -> Response:
    """The explicit, recorded removal from the do-not-call list; a waiting lead is called again.

    One that was taken off already queues a run all the same: the first try may have died before it did. A number that
    is no lead can be taken off too, and there is nothing to show of it.
    """
    ours, row = tools.leads.remove_from_dnc(request.user, request.lead, request.user, request.received_at)
    was_on_it = "dnc_removed" in row
    if not is_lead(row) and not was_on_it:
        raise no_such_lead()
    if not is_lead(row):
        return Response(204)
    if ours:
        tools.tell(request.user, row)
    if was_on_it and row["call_status"] == leads.PENDING:
        tools.queue.enqueue_run(request.user, Cause.ALLOWED, request.correlation_id)
    return Response(data=shown(row))


def own_lead(tools: Services, request: Request) -> leads.Row:
    """The caller's lead that the path names."""
    row = tools.leads.get(request.user, request.lead)
    if not is_lead(row):
        raise no_such_lead()
    return row
