"""An agent hangs up on a lead; the agent's own call goes on."""

from autocall.leads import LIVE
from functions.leads_api.one_lead import own_lead
from functions.leads_api.request import Request
from functions.leads_api.response import HttpError, Response
from functions.leads_api.services import Services
from functions.leads_api.unknown_outcome import check_attempt, seen_attempt


def hang_up(services: Services, request: Request) -> Response:
    """End the call of the attempt that the agent sees. Safe to repeat; Twilio's callback then ends the lead's row."""
    row = own_lead(services, request)
    check_attempt(row, seen_attempt(request))
    if row.get("call_status") not in LIVE or not row.get("call_sid"):
        raise HttpError(409, "not_in_a_call", "this lead is not in a call")
    return Response(data={"hung_up": services.twilio().hang_up(row["call_sid"])})
