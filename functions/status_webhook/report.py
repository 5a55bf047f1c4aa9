"""What a status callback does to its lead: recorded once, never backwards, then the next run, then the page."""

from dataclasses import dataclass

from aws_lambda_powertools import Logger

from autocall import leads, reasons
from autocall.dial_queue import DialQueue
from autocall.dynamo import Written
from autocall.lead_table import LeadTable
from autocall.leads import Attempt
from autocall.push import Push
from autocall.recording import record

logger = Logger(child=True)

CAUSE = "call ended"


@dataclass(frozen=True)
class Report:
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
class Reports:
    """Where reports go."""

    table: LeadTable
    queue: DialQueue
    push: Push

    def receive(self, report: Report, now: float) -> str:
        """Apply the report: applied, repeated, stray or ignored; raises if it must come again."""
        written = self._record(report, now)
        if written is None or not written.row:
            return "ignored"
        logger.set_correlation_id(written.row.get("correlation_id"))
        if written.row.get("attempt_id") != report.attempt or written.row.get("call_sid") not in (None, report.sid):
            return self._stray(report, now)
        try:
            if report.status in leads.FINAL and written.row.get("call_status") in leads.FINAL:
                self.queue.look_again(report.user, CAUSE, written.row.get("correlation_id", ""))
        finally:  # the report will come again for the queue, but then it is no news for the page
            if written.ours:
                self.push.row(report.user, written.row)
        return "applied" if written.ours else "repeated"

    def _record(self, report: Report, now: float) -> Written | None:
        return record(
            self.table,
            report.about,
            now,
            sid=report.sid,
            status=report.status,
            evidence="callback",
            duration_s=report.duration_s,
            reason=report.reason,
        )

    def _stray(self, report: Report, now: float) -> str:
        """A call that is not the row's lives: kept as evidence, and the alarm for a double call."""
        self.table.stray(*report.about, report.sid, report.status, now)
        logger.error(
            "stray callback", extra={"lead_id": report.lead, "attempt_id": report.attempt, "call_sid": report.sid}
        )
        return "stray"
