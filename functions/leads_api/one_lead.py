"""One lead of the agent: show it with its history, delete it, add it to the do-not-call list and remove it."""

from typing import Any

from autocall import leads
from autocall.leads import is_lead
from autocall.messages import Cause
from functions.leads_api.lead_list import shown
from functions.leads_api.request import Request
from functions.leads_api.response import HttpError, Response, no_such_lead
from functions.leads_api.services import Services

_DETAIL_DEFAULTS: dict[str, Any] = {"history": [], "strays": [], "dnc": None, "dnc_removed": None, "claimed_at": None}


def show(services: Services, request: Request) -> Response:
    """The lead with its history."""
    row = own_lead(services, request)
    details = {name: row.get(name, default) for name, default in _DETAIL_DEFAULTS.items()}
    return Response(data=shown(row) | details | {"history": _history(row)})


def _history(row: leads.LeadRow) -> list[dict[str, Any]]:
    """With why a person let the lead be called again, which is kept apart: a deletion forgets it."""
    why = {said["at"]: said["why"] for said in row.get("why_again", [])}
    return [
        {**entry, "why": why[entry["at"]]} if entry.get("event") == "again" and entry["at"] in why else {**entry}
        for entry in row.get("history", [])
    ]


def delete(services: Services, request: Request) -> Response:
    """Delete the lead's data; the fact that its number was called stays."""
    deleted = services.leads.delete(request.key, request.user, request.received_at)
    if not deleted.won and is_lead(deleted.row):
        raise HttpError(409, "call_in_flight", "a call to this lead is in flight: delete it when the call has ended")
    if not deleted.won:
        raise no_such_lead()
    return Response(204)


def add_to_dnc(services: Services, request: Request) -> Response:
    """Never call this number. If a call is already in flight, the response's status shows it."""
    row = own_lead(services, request)
    forbidden = services.leads.add_to_dnc(request.key, row["phone"], request.user, request.received_at).row
    services.tell(request.user, forbidden)
    return Response(data=shown(forbidden))


def remove_from_dnc(services: Services, request: Request) -> Response:
    """Remove the number from the do-not-call list, which is recorded; a waiting lead may be called again.

    A repeat queues a run again, because the first request may have failed before it queued one. A number that is not a
    lead can be removed too; then the response is empty.
    """
    ours, row = services.leads.remove_from_dnc(request.key, request.user, request.received_at)
    was_on_it = "dnc_removed" in row
    if not is_lead(row) and not was_on_it:
        raise no_such_lead()
    if not is_lead(row):
        return Response(204)
    if ours:
        services.tell(request.user, row)
    if was_on_it and row["call_status"] == leads.PENDING:
        services.queue.enqueue_run(request.user, Cause.ALLOWED, request.correlation_id)
    return Response(data=shown(row))


def own_lead(services: Services, request: Request) -> leads.LeadRow:
    """The agent's lead that the path names."""
    row = services.leads.get(request.key)
    if not is_lead(row):
        raise no_such_lead()
    return row
