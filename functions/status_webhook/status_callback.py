"""What a status callback does to its lead: recorded once, never backwards, then the next run, then the page."""

from dataclasses import dataclass

from aws_lambda_powertools import Logger

from autocall import leads, reasons
from autocall.call_status import apply_call_status
from autocall.dial_queue import DialQueue
from autocall.dynamo import WriteResult
from autocall.lead_table import LeadTable
from autocall.leads import Attempt
from autocall.messages import Cause
from autocall.push import Push
from autocall.session import Session
from autocall.session_table import SessionTable
from autocall.timing import stamp

logger = Logger(child=True)


@dataclass(frozen=True)
class StatusCallback:
    """One signed callback: which attempt of which lead, and what Twilio says of the call."""

    user: str
    lead: str
    attempt: str
    sid: str
    status: str
    duration_s: int | None = None
    sip_code: str = ""

    @property
    def about(self) -> Attempt:
        return Attempt(self.user, self.lead, self.attempt)

    @property
    def reason(self) -> str | None:
        return reasons.not_connected(self.sip_code) if self.status == "failed" and self.sip_code else None


@dataclass(frozen=True)
class CallbackHandler:
    """Where reports go; *sessions* is there where agents are on the line before anybody is called."""

    table: LeadTable
    queue: DialQueue
    push: Push
    sessions: SessionTable | None = None

    def handle(self, report: StatusCallback, now: float) -> str:
        """Apply the report: applied, abandoned, repeated, stray or ignored; raises if it must come again."""
        written = self._record(report, now)
        freed = self._free(report, now)
        if written is None or not written.row:
            return "ignored"
        logger.set_correlation_id(written.row.get("correlation_id"))
        if written.row.get("attempt_id") != report.attempt or written.row.get("call_sid") not in (None, report.sid):
            return self._stray(report, now)
        try:
            if self._lets_a_run_start(report, written, freed, now):
                self.queue.enqueue_run(report.user, Cause.CALL_ENDED, written.row.get("correlation_id", ""))
        finally:  # the report will come again for the queue, but then it is no news for the page
            became = self._tell(report, written, freed, now)
        return became

    def _free(self, report: StatusCallback, now: float) -> WriteResult | None:
        """The call is over, whatever becomes of its report: who was kept for it is free, or wraps up."""
        if self.sessions is None or report.status not in leads.FINAL:
            return None
        return self.sessions.free(report.user, report.attempt, now)

    def _lets_a_run_start(
        self, report: StatusCallback, written: WriteResult, freed: WriteResult | None, now: float
    ) -> bool:
        """Also at a repeat, whose first try may have died before the queue; but none before a wrap-up is over."""
        over = report.status in leads.FINAL and written.row.get("call_status") in leads.FINAL
        return over and not (freed and Session(freed.row).is_wrapping_of(report.attempt, now))

    def _tell(self, report: StatusCallback, written: WriteResult, freed: WriteResult | None, now: float) -> str:
        """Tell the page; applied or repeated, or abandoned: it was answered, and no agent was ever there."""
        to = None
        if freed and freed.won:
            to = self.push.connections(report.user)
            self.push.session(report.user, Session(freed.row), now, to)
        abandoned = self._abandon(report, written, freed, now)
        if written.won:
            self.push.push_lead(report.user, written.row | ({"abandoned_at": stamp(now)} if abandoned else {}), to)
        if abandoned or (written.won and "abandoned_at" in written.row):
            return "abandoned"
        return "applied" if written.won else "repeated"

    def _abandon(self, report: StatusCallback, written: WriteResult, freed: WriteResult | None, now: float) -> bool:
        """Whether it is this report that shows it: answered, and no agent was ever there, nor was it said before."""
        told = {"joined_at", "abandoned_at"} & written.row.keys()
        if not freed or told or written.row.get("call_status") != "completed":
            return False
        return self.table.mark_abandoned(*report.about, now).won

    def _record(self, report: StatusCallback, now: float) -> WriteResult | None:
        return apply_call_status(
            self.table,
            report.about,
            now,
            sid=report.sid,
            status=report.status,
            evidence="callback",
            duration_s=report.duration_s,
            reason=report.reason,
        )

    def _stray(self, report: StatusCallback, now: float) -> str:
        """A call that is not the row's lives: kept as evidence, and the alarm for a double call."""
        self.table.add_stray(*report.about, report.sid, report.status, now)
        logger.error(
            "stray callback", extra={"lead_id": report.lead, "attempt_id": report.attempt, "call_sid": report.sid}
        )
        return "stray"
