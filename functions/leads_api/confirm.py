"""A person starts a call by hand, where the law asks for that: valid for two minutes and for one claim."""

from dataclasses import replace

from autocall import leads, reasons
from autocall.gates import lead_gate
from autocall.leads import LeadRow
from autocall.messages import Cause
from autocall.terms import CONFIRMED_FOR_S, Terms
from autocall.timing import parse
from functions.leads_api.lead_list import shown
from functions.leads_api.may_call import gate_view
from functions.leads_api.one_lead import own_lead
from functions.leads_api.request import Request
from functions.leads_api.response import HttpError, Response
from functions.leads_api.services import Services


def confirm(services: Services, request: Request) -> Response:
    """Make the lead due now and the first of all, unless something else holds it too: the two minutes are short.

    A repeat queues a run again, because the first request may have failed before it queued one.
    """
    row = own_lead(services, request)
    if not _is_confirmed(row, request.received_at):
        row = _confirmed(services, request, row)
    services.agents.put_first(request.user, request.lead, request.received_at)
    services.queue.enqueue_run(request.user, Cause.CONFIRMED, request.correlation_id)
    services.push.push_lead(request.user, row)
    return Response(data=shown(row))


def _is_confirmed(row: LeadRow, moment: float) -> bool:
    waits = row.get("call_status") == leads.PENDING and not row.get("held")
    return waits and bool(row.get("confirmed_until")) and parse(row["confirmed_until"]) > moment


def _confirmed(services: Services, request: Request, row: LeadRow) -> LeadRow:
    if row.get("call_status") != leads.PENDING or leads.held_reason(row) != reasons.CONFIRM:
        raise HttpError(409, "not_to_confirm", "this lead is not waiting for a person to start its call: load it again")
    if row.get("dnc"):
        raise HttpError(409, "do_not_call", "this number is on your do-not-call list")
    _refuse_what_else_holds(services, request, row)
    confirmed = services.leads.confirm(request.key, row["due"], request.user, request.received_at).row
    if not _is_confirmed(confirmed, request.received_at):
        raise HttpError(409, "not_to_confirm", "this lead has changed since you saw it: load it again")
    return confirmed


def _refuse_what_else_holds(services: Services, request: Request, row: LeadRow) -> None:
    """Tell the person now; otherwise the lead would be held again a moment later."""
    profile = services.agents.get_profile(request.user)
    terms = replace(
        Terms.of(row, not profile.get("agent_phone")), confirmed_until=request.received_at + CONFIRMED_FOR_S
    )
    closed = services.installation_table.get_installation().closed
    held = lead_gate(
        row.get("zones") or (), profile.get("window"), services.hours(), request.received_at, terms, closed
    )
    if held:
        raise HttpError(409, "not_now", f"this lead may not be called now: {held.reason}", gate_view(held))
