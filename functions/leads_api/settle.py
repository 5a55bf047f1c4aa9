"""A person says that a lead of unknown outcome was called: it has ended, and is never called again."""

from autocall import leads, reasons
from functions.leads_api.lead_list import shown
from functions.leads_api.one_lead import own_lead
from functions.leads_api.request import Request
from functions.leads_api.response import Response
from functions.leads_api.services import Services
from functions.leads_api.unknown_outcome import check_unknown, seen_attempt


def settle(tools: Services, request: Request) -> Response:
    """The lead has ended as called, unless it is not what the person saw. Twilio need not be asked: nobody is called.

    A repeat is answered as the first request was.
    """
    row = own_lead(tools, request)
    attempt = seen_attempt(request)
    if not _is_settled(row, attempt):
        check_unknown(row, attempt)
        called_at = row["claimed_at"]
        settled = tools.leads.settle_by_agent(
            request.user, request.lead, attempt, request.user, called_at, request.received_at
        )
        row = settled.row
        if not settled.won and not _is_settled(row, attempt):
            check_unknown(row, attempt)
    tools.push.push_lead(request.user, row)
    return Response(data=shown(row))


def _is_settled(row: leads.Row, attempt: str) -> bool:
    return row.get("reason") == reasons.BY_PERSON and row.get("attempt_id") == attempt
