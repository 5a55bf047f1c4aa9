"""The agent says that they have dealt with a call of a lead's that nobody answered, or takes that back."""

from autocall.leads import is_lead, last_ring_back
from autocall.timing import parse, stamp
from functions.leads_api.lead_list import shown
from functions.leads_api.one_lead import own_lead
from functions.leads_api.request import Request
from functions.leads_api.response import HttpError, Response, no_such_lead
from functions.leads_api.services import Services


def save(services: Services, request: Request) -> Response:
    """Close the call of the moment that the agent saw, or open it again. Safe to repeat.

    A lead who has called once more since then is still to be answered.
    """
    seen, is_done = _seen(request), _is_done(request)
    if seen > last_ring_back(own_lead(services, request)):
        raise HttpError(409, "not_rung_back", "this lead has not called at that moment: load it again")
    write = services.leads.close_ring_back if is_done else services.leads.reopen_ring_back
    written = write(request.key, seen, request.received_at)
    if not is_lead(written.row):
        raise no_such_lead()
    if written.won:
        services.tell(request.user, written.row)
    return Response(data=shown(written.row))


def _seen(request: Request) -> str:
    """The moment as the row has it: moments of one form are in the order of their texts."""
    seen = request.json_object().get("seen")
    try:
        if isinstance(seen, str) and stamp(parse(seen)) == seen:
            return seen
    except ValueError:
        pass
    raise HttpError(400, "bad_field", "seen must be the moment at which the lead called, as the lead has it")


def _is_done(request: Request) -> bool:
    if not request.says("done"):
        raise HttpError(400, "bad_field", "done must be true or false")
    return request.boolean("done")
