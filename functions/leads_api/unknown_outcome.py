"""A lead of unknown outcome, Twilio asked in vain: a person decides, about the attempt that they saw."""

from autocall import leads
from functions.leads_api.request import Request
from functions.leads_api.response import HttpError


def seen_attempt(request: Request) -> str:
    """The attempt that the person saw when they decided."""
    attempt = request.json_object().get("attempt_id")
    if not isinstance(attempt, str):
        raise HttpError(400, "bad_field", "attempt_id is the attempt that you saw: a text")
    return attempt


def check_unknown(row: leads.Row, attempt: str) -> None:
    """Refuse, in words that a person understands, what is not a lead of that attempt for a person to decide about."""
    status = row.get("call_status")
    if status != leads.UNKNOWN:
        raise HttpError(
            409, "not_releasable", f"only a lead whose outcome is unknown can be decided about: this one is {status}"
        )
    if row.get("attempt_id") != attempt:
        raise HttpError(409, "another_attempt", "this lead has been called again since you saw it: load it again")
    if not leads.can_release(row):
        raise HttpError(409, "too_early", "Twilio is still being asked what became of this call: wait for its answer")
