"""One lead of the caller: seen with its history, deleted, put on the do-not-call list and taken off it."""

from typing import Any

from autocall import leads
from autocall.leads import is_lead
from functions.leads_api.answer import Answer, Problem, no_such_lead
from functions.leads_api.lead_list import shown
from functions.leads_api.request import Request
from functions.leads_api.tools import Tools

_LEDGER: dict[str, Any] = {"history": [], "strays": [], "dnc": None, "dnc_removed": None, "claimed_at": None}


def show(tools: Tools, request: Request) -> Answer:
    """The lead with all that happened to it."""
    row = own_lead(tools, request)
    return Answer(data=shown(row) | {name: row.get(name, default) for name, default in _LEDGER.items()})


def delete(tools: Tools, request: Request) -> Answer:
    """Forget who the lead was; that its number was called stays."""
    deleted = tools.leads.delete(request.user, request.lead, request.user, request.at)
    if not deleted.ours and is_lead(deleted.row):
        raise Problem(409, "call_in_flight", "a call to this lead is in flight: delete it when the call has ended")
    if not deleted.ours:
        raise no_such_lead()
    return Answer(204)


def forbid(tools: Tools, request: Request) -> Answer:
    """Never call this number; a call that is in flight already shows in the answer's status."""
    row = own_lead(tools, request)
    forbidden = tools.leads.forbid(request.user, request.lead, row["phone"], request.user, request.at).row
    tools.tell(request.user, forbidden)
    return Answer(data=shown(forbidden))


def allow(tools: Tools, request: Request) -> Answer:
    """The explicit, recorded removal from the do-not-call list; a waiting lead is called again.

    One that was taken off already queues a run all the same: the first try may have died before it did. A number that
    is no lead can be taken off too, and there is nothing to show of it.
    """
    ours, row = tools.leads.allow(request.user, request.lead, request.user, request.at)
    was_on_it = "dnc_removed" in row
    if not is_lead(row) and not was_on_it:
        raise no_such_lead()
    if not is_lead(row):
        return Answer(204)
    if ours:
        tools.tell(request.user, row)
    if was_on_it and row["call_status"] == leads.PENDING:
        tools.queue.look_again(request.user, "allowed", request.correlation_id)
    return Answer(data=shown(row))


def own_lead(tools: Tools, request: Request) -> leads.Row:
    """The caller's lead that the path names."""
    row = tools.leads.get(request.user, request.lead)
    if not is_lead(row):
        raise no_such_lead()
    return row
