"""Writes a status that Twilio reports, in a callback or an answer, to the lead's row."""

from autocall.lead_table import LeadTable, LeadWrite
from autocall.leads import FINAL, LIVE, Attempt


def apply_call_status(
    table: LeadTable,
    attempt: Attempt,
    now: float,
    *,
    sid: str,
    status: str,
    evidence: str,
    agent_first: bool,
    duration_s: int | None = None,
    reason: str | None = None,
) -> LeadWrite | None:
    """Apply a Twilio status to the row. Returns None for a status that we ignore.

    *agent_first*: agents are on the line before anybody is called, so an answered call without one was abandoned.
    """
    if status in LIVE:
        return table.record_live(attempt, sid, status, evidence, now)
    if status not in FINAL:
        return None
    if status == "completed" and agent_first:
        return _record_answered_end(table, attempt, now, sid, evidence, duration_s)
    return table.record_end(attempt, sid, status, evidence, now, duration_s=duration_s, reason=reason)


def _record_answered_end(
    table: LeadTable, attempt: Attempt, now: float, sid: str, evidence: str, duration_s: int | None
) -> LeadWrite:
    """Record the end of an answered call; in the same write that no agent was there, if the row says neither.

    So no crash leaves a row that tells neither. A late report of the conversation removes the mark.
    """
    ended = table.record_end(attempt, sid, "completed", evidence, now, duration_s=duration_s, if_met_or_abandoned=True)
    if ended.won or _is_met_or_abandoned(ended, attempt):
        return ended
    alone = table.record_end_without_agent(attempt, sid, evidence, now, duration_s=duration_s)
    if alone.won or not _is_met_or_abandoned(alone, attempt):
        return alone
    # a report came between the two
    return table.record_end(attempt, sid, "completed", evidence, now, duration_s=duration_s, if_met_or_abandoned=True)


def _is_met_or_abandoned(written: LeadWrite, attempt: Attempt) -> bool:
    """Whether the row says one of both; what it says of another attempt is not about this call."""
    return written.row.get("attempt_id") != attempt.id or bool({"joined_at", "abandoned_at"} & written.row.keys())
