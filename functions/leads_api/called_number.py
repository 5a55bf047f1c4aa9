"""Who called a number last, for administrators; and letting other agents call it all the same.

A number comes in the request's body, never in its URL.
"""

from typing import Any

from autocall import reasons
from autocall.called import Called
from autocall.leads import PENDING, Due, LeadKey, LeadRow, lead_ids, number_hash
from autocall.messages import Cause
from autocall.timing import stamp
from functions.leads_api.concurrent_map import map_until
from functions.leads_api.request import Request
from functions.leads_api.response import HttpError, Response
from functions.leads_api.services import Services


def show(services: Services, request: Request) -> Response:
    """Which agent called the number last, when it was called lately, and until when their colleagues may not."""
    phone, called = _called(services, request)
    return Response(data=_view(services, request, phone, called))


def lift(services: Services, request: Request) -> Response:
    """Let every agent call this number, until one of them has.

    Leads that wait for that are released: those of the administrator and of agents who have a page open at once, all
    others when their time comes. A repeat does so again, because the first request may have failed half-way.
    """
    phone, called = _called(services, request)
    if not called.lifted:
        written = services.called_table.lift(number_hash(phone), called, request.user, request.received_at)
        called = Called.of(written.row, request.received_at)
        if not written.won and not called.lifted:
            raise HttpError(409, "changed_meanwhile", "the number was called meanwhile: look again")
    users = {request.user, *services.agents.connected_users(request.received_at)}
    map_until(lambda user: _release(services, request, user, phone), sorted(users), request.deadline)
    return Response(data=_view(services, request, phone, called))


def _called(services: Services, request: Request) -> tuple[str, Called]:
    if not request.admin:
        raise HttpError(403, "forbidden", "only admins may see who called a number")
    from functions.leads_api.lists import phone_numbers  # heavy: it loads the data of all telephone numbers

    text = request.json_object().get("phone")
    try:
        phone = phone_numbers.parse(text, services.region).e164 if isinstance(text, str) and len(text) <= 64 else ""
    except ValueError:
        phone = ""
    if not phone:
        raise HttpError(400, "bad_field", "phone must be a telephone number")
    called = services.called_table.get(number_hash(phone), request.received_at)
    if not called.attempt:
        raise HttpError(404, "not_called", "nobody has called this number lately")
    return phone, called


def _view(services: Services, request: Request, phone: str, called: Called) -> dict[str, Any]:
    until = called.colleagues_until(services.colleague_days)
    blocks = not called.lifted and until > request.received_at
    return {
        "phone": phone,
        "agent": called.agent,
        "at": stamp(called.at),
        "recent": list(called.recent),
        "colleagues_until": stamp(until) if blocks else None,
        "lifted": dict(called.lifted) if called.lifted else None,
    }


def _release(services: Services, request: Request, user: str, phone: str) -> None:
    """Make this agent's lead of the number due, if a colleague's call is why it waits."""
    for lead in lead_ids(user, phone):
        key = LeadKey(user, lead)
        row = services.leads.get(key)
        if _waits(row):
            moment = request.received_at
            freed = services.leads.unhold(key, row["due"], moment, reasons.COLLEAGUE, Due.of(row).position)
            if freed.won:
                services.tell(user, freed.row)
        if row:
            services.queue.enqueue_run(user, Cause.ALLOWED, request.correlation_id)


def _waits(row: LeadRow) -> bool:
    return row.get("call_status") == PENDING and "held" in row and row["held"]["reason"] == reasons.COLLEAGUE
