"""A lead of unknown outcome, Twilio asked in vain: a person decides, about the attempt that they saw."""

from autocall import leads
from functions.leads_api.answer import Problem
from functions.leads_api.request import Request


def seen_attempt(request: Request) -> str:
    """The attempt that the person saw when they decided."""
    attempt = request.json_object().get("attempt_id")
    if not isinstance(attempt, str):
        raise Problem(400, "bad_field", "attempt_id is the attempt that you saw: a text")
    return attempt


def check_undecided(row: leads.Row, attempt: str) -> None:
    """Refuse, in words that a person understands, what is not a lead of that attempt for a person to decide about."""
    status = row.get("call_status")
    if status != leads.UNKNOWN:
        raise Problem(
            409, "not_releasable", f"only a lead whose outcome is unknown can be decided about: this one is {status}"
        )
    if row.get("attempt_id") != attempt:
        raise Problem(409, "another_attempt", "this lead has been called again since you saw it: load it again")
    if not leads.can_release(row):
        raise Problem(409, "too_early", "Twilio is still being asked what became of this call: wait for its answer")
