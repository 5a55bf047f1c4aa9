"""What Twilio says of a call, in a callback or when it is asked, brought into the call's row."""

from autocall.dynamo import WriteResult
from autocall.lead_table import LeadTable
from autocall.leads import FINAL, LIVE, Attempt


def apply_call_status(
    table: LeadTable,
    attempt: Attempt,
    now: float,
    *,
    sid: str,
    status: str,
    evidence: str,
    duration_s: int | None = None,
    reason: str | None = None,
) -> WriteResult | None:
    """The call has ended, or goes on; None for a status that says neither, which changes nothing."""
    if status in FINAL:
        return table.record_end(*attempt, sid, status, evidence, now, duration_s=duration_s, reason=reason)
    return table.record_live(*attempt, sid, status, evidence, now) if status in LIVE else None
