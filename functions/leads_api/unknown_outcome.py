"""Checks that a person may decide about a lead whose outcome is unknown, and about the attempt that they saw."""

from autocall import leads
from functions.leads_api.request import Request
from functions.leads_api.response import HttpError


def seen_attempt(request: Request) -> str:
    """The attempt that the person saw when they decided."""
    attempt = request.json_object().get("attempt_id")
    if not isinstance(attempt, str):
        raise HttpError(400, "bad_field", "attempt_id must be a string")
    return attempt


def check_attempt(row: leads.LeadRow, attempt: str) -> None:
    """HttpError if the row is of another attempt than the person saw."""
    if row.get("attempt_id") != attempt:
        raise HttpError(409, "another_attempt", "this lead has been called again since you saw it: load it again")


def check_unknown(row: leads.LeadRow, attempt: str) -> None:
    """HttpError with a readable reason, unless this is the attempt, and a person may decide about it."""
    status = row.get("call_status")
    if status != leads.UNKNOWN:
        raise HttpError(409, "not_releasable", f"this needs a lead whose outcome is unknown: this one is {status}")
    check_attempt(row, attempt)
    if not leads.can_release(row):
        raise HttpError(409, "too_early", "Twilio is still being queried about this call: wait for the result")
