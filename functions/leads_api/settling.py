"""A person says that a lead of unknown outcome was called: it has ended, and is never called again."""

from autocall import leads, reasons
from functions.leads_api.answer import Answer
from functions.leads_api.lead_list import shown
from functions.leads_api.one_lead import own_lead
from functions.leads_api.request import Request
from functions.leads_api.tools import Tools
from functions.leads_api.undecided import check_undecided, seen_attempt


def settle(tools: Tools, request: Request) -> Answer:
    """The lead has ended as called, unless it is not what the person saw. Twilio need not be asked: nobody is called.

    A repeat is answered as the first request was.
    """
    row = own_lead(tools, request)
    attempt = seen_attempt(request)
    if not _is_settled(row, attempt):
        check_undecided(row, attempt)
        called_at = row["claimed_at"]
        settled = tools.leads.settle_by_person(request.user, request.lead, attempt, request.user, called_at, request.at)
        row = settled.row
        if not settled.ours and not _is_settled(row, attempt):
            check_undecided(row, attempt)
    tools.push.row(request.user, row)
    return Answer(data=shown(row))


def _is_settled(row: leads.Row, attempt: str) -> bool:
    return row.get("reason") == reasons.BY_PERSON and row.get("attempt_id") == attempt
