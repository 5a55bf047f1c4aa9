"""Writes a status that Twilio reports, in a callback or an answer, to the lead's row."""

from autocall.lead_table import LeadTable, LeadWrite
from autocall.leads import FINAL, LIVE, Attempt, LeadRow


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
) -> LeadWrite | None:
    """Apply a Twilio status to the row. Returns None for a status that we ignore."""
    if status in FINAL:
        return table.record_end(attempt, sid, status, evidence, now, duration_s=duration_s, reason=reason)
    return table.record_live(attempt, sid, status, evidence, now) if status in LIVE else None


def abandon_before_end(table: LeadTable, row: LeadRow, status: str, now: float) -> None:
    """Mark a call that was answered and has ended without an agent; call it before the end itself is recorded.

    So a crash between the two writes loses nothing: whoever asks again does both. Only for installations whose agents
    are on the line before. A report of the conversation that comes later removes the mark.
    """
    if status == "completed" and not {"joined_at", "abandoned_at"} & row.keys():
        table.mark_abandoned(Attempt.of(row), now)
