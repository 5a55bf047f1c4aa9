"""An agent hangs up on a lead; the agent's own call goes on."""

from autocall.leads import LIVE, LeadRow
from functions.leads_api.one_lead import own_lead
from functions.leads_api.request import Request
from functions.leads_api.response import HttpError, Response
from functions.leads_api.services import Services
from functions.leads_api.unknown_outcome import check_attempt, seen_attempt


def hang_up(services: Services, request: Request) -> Response:
    """End the call of the attempt that the agent sees, or in which the lead calls back. Safe to repeat.

    Twilio's callback then ends the lead's row, or frees the agent.
    """
    return Response(data={"hung_up": services.twilio().hang_up(call_of(services, request))})


def call_of(services: Services, request: Request) -> str:
    """The SID of the call that the agent sees; HttpError if this lead is not in it."""
    row, attempt = own_lead(services, request), seen_attempt(request)
    is_inbound = row.get("attempt_id") != attempt and _is_inbound(services, request, attempt)
    return attempt if is_inbound else _call_of(row, attempt)


def _is_inbound(services: Services, request: Request, attempt: str) -> bool:
    """Whether *attempt* is the SID of the call in which this lead calls back and talks with the agent."""
    if services.lines is None:
        return False
    session = services.lines.sessions.get(request.user)
    return (session.attempt, session.lead, session.inbound_call) == (attempt, request.lead, attempt)


def _call_of(row: LeadRow, attempt: str) -> str:
    check_attempt(row, attempt)
    if row.get("call_status") not in LIVE or not row.get("call_sid"):
        raise HttpError(409, "not_in_a_call", "this lead is not in a call")
    return row["call_sid"]
