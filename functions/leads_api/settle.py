"""A person marks a lead whose outcome is unknown as called: it has ended, and is never called again."""

from autocall import leads, reasons
from autocall.leads import Attempt
from functions.leads_api.lead_list import shown
from functions.leads_api.one_lead import own_lead
from functions.leads_api.request import Request
from functions.leads_api.response import Response
from functions.leads_api.services import Services
from functions.leads_api.unknown_outcome import check_unknown, seen_attempt


def settle(services: Services, request: Request) -> Response:
    """End the lead as called, unless it has changed since the person saw it. Twilio is not queried: nobody is called.

    A repeat gets the same response as the first request.
    """
    row = own_lead(services, request)
    attempt = seen_attempt(request)
    if not _is_settled(row, attempt):
        check_unknown(row, attempt)
        called_at = row["claimed_at"]
        row = services.leads.settle_by_agent(
            Attempt(request.user, request.lead, attempt), request.user, called_at, request.received_at
        ).row
        if not _is_settled(row, attempt):
            check_unknown(row, attempt)
    services.push.push_lead(request.user, row)
    return Response(data=shown(row))


def _is_settled(row: leads.LeadRow, attempt: str) -> bool:
    return row.get("reason") == reasons.BY_PERSON and row.get("attempt_id") == attempt
