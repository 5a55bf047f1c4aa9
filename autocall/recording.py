"""What Twilio says of a call, in a callback or when it is asked, brought into the call's row."""

from autocall import leads
from autocall.dynamo import Written
from autocall.lead_table import LeadTable


def record(
    table: LeadTable,
    user: str,
    lead: str,
    attempt: str,
    sid: str,
    status: str,
    evidence: str,
    now: float,
    *,
    duration_s: int | None = None,
    reason: str | None = None,
) -> Written | None:
    """The call has ended, or goes on; None for a status that says neither, which changes nothing."""
    if status in leads.FINAL:
        return table.end(user, lead, attempt, sid, status, evidence, now, duration_s=duration_s, reason=reason)
    return table.live(user, lead, attempt, sid, status, evidence, now) if status in leads.LIVE else None
