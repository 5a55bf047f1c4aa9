"""Applies a status callback to its lead, once and never backwards; then queues a run and updates the page."""

from dataclasses import dataclass

from aws_lambda_powertools import Logger

from autocall import leads, reasons
from autocall.call_status import apply_call_status
from autocall.dial_queue import DialQueue
from autocall.lead_table import LeadTable, LeadWrite
from autocall.leads import Attempt, LeadRow
from autocall.messages import Cause
from autocall.push import Push
from autocall.session import Session
from autocall.session_table import SessionTable, SessionWrite
from autocall.together import together

logger = Logger(child=True)


@dataclass(frozen=True)
class StatusCallback:
    """One signed callback: the attempt, and the call's status.

    *sender* is the number that the call comes from; *doubted*: networks had rejected calls of it before this one.
    """

    user: str
    lead: str
    attempt: str
    sid: str
    status: str
    duration_s: int | None = None
    sip_code: str = ""
    sender: str = ""
    doubted: bool = False

    @property
    def about(self) -> Attempt:
        return Attempt(self.user, self.lead, self.attempt)

    @property
    def reason(self) -> str | None:
        return reasons.not_connected(self.sip_code) if self.status == "failed" and self.sip_code else None


@dataclass(frozen=True)
class CallbackHandler:
    """Handles status callbacks; *sessions* is None where called people hear a message instead of an agent."""

    table: LeadTable
    queue: DialQueue
    push: Push
    sessions: SessionTable | None = None

    def handle(self, callback: StatusCallback, now: float) -> str:
        """Apply the callback; returns applied, abandoned, repeated, stray or ignored. Raises if Twilio must retry."""
        written = self._record(callback, now)
        freed = self._free(callback, now)
        if written is None or not written.row:
            return "ignored"
        logger.set_correlation_id(written.row.get("correlation_id"))
        if _is_of_an_earlier_call(written.row, callback):
            return "repeated"
        if written.row.get("attempt_id") != callback.attempt or written.row.get("call_sid") not in (None, callback.sid):
            return self._stray(callback, now)
        if not self._lets_a_run_start(callback, written, freed, now):
            return self._tell(callback, written, freed, now)
        became, _ = together(  # the page is told even if queueing fails: the retry will be a repeat, and push nothing
            lambda: self._tell(callback, written, freed, now),
            lambda: self.queue.enqueue_run(callback.user, Cause.CALL_ENDED, written.row.get("correlation_id", "")),
        )
        return became

    def _free(self, callback: StatusCallback, now: float) -> SessionWrite | None:
        """Free the agent who was reserved for this call, or start their wrap-up; the call is over in any case."""
        if self.sessions is None or callback.status not in leads.FINAL:
            return None
        return self.sessions.free(callback.user, callback.attempt, now)

    def _lets_a_run_start(
        self, callback: StatusCallback, written: LeadWrite, freed: SessionWrite | None, now: float
    ) -> bool:
        """True also for a repeat, because the first try may have failed before queueing; False during a wrap-up."""
        over = callback.status in leads.FINAL and written.row.get("call_status") in leads.FINAL
        return over and not (freed and Session(freed.row).is_wrapping_of(callback.attempt, now))

    def _tell(self, callback: StatusCallback, written: LeadWrite, freed: SessionWrite | None, now: float) -> str:
        """Update the page; returns applied, repeated or abandoned (answered, but no agent ever joined)."""
        to = None
        if freed and freed.won:
            to = self.push.connections(callback.user)
            self.push.session(callback.user, Session(freed.row), now, to, waits=False)
        if not written.won:
            return "repeated"
        self.push.push_lead(callback.user, written.row, to)
        return "abandoned" if "abandoned_at" in written.row else "applied"

    def _record(self, callback: StatusCallback, now: float) -> LeadWrite | None:
        return apply_call_status(
            self.table,
            callback.about,
            now,
            sid=callback.sid,
            status=callback.status,
            evidence="callback",
            agent_first=self.sessions is not None,
            duration_s=callback.duration_s,
            reason=callback.reason,
        )

    def _stray(self, callback: StatusCallback, now: float) -> str:
        """Record a call that is not the row's own, as evidence; the log line and metric raise the double-call alarm."""
        self.table.add_stray(callback.about, callback.sid, callback.status, now)
        about = {"lead_id": callback.lead, "attempt_id": callback.attempt, "call_sid": callback.sid}
        logger.error("stray callback", extra={"rule": "ONCE-005", **about})
        return "stray"


def _is_of_an_earlier_call(row: LeadRow, callback: StatusCallback) -> bool:
    """Whether the lead has been called again since, and its history knows this call: the report is only late."""
    known = {"attempt_id": callback.attempt, "call_sid": callback.sid}
    return row.get("attempt_id") != callback.attempt and any(
        known.items() <= entry.items() for entry in row.get("history", [])
    )
