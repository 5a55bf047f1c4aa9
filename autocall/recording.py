"""What Twilio says of a call, in a callback or when it is asked, brought into the call's row."""

from autocall.dynamo import Written
from autocall.lead_table import LeadTable
from autocall.leads import FINAL, LIVE, Attempt


def record(
    table: LeadTable,
    attempt: Attempt,
    now: float,
    *,
    sid: str,
    status: str,
    evidence: str,
    duration_s: int | None = None,
    reason: str | None = None,
) -> Written | None:
    """The call has ended, or goes on; None for a status that says neither, which changes nothing."""
    if status in FINAL:
        return table.end(*attempt, sid, status, evidence, now, duration_s=duration_s, reason=reason)
    return table.live(*attempt, sid, status, evidence, now) if status in LIVE else None
