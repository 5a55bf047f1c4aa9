"""Asks Twilio for the state of overdue calls. Nothing is ever assumed from the clock."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from aws_lambda_powertools import Logger

from autocall import leads, reasons
from autocall.call_matching import match
from autocall.call_outcomes import TwilioCall, Unreachable
from autocall.call_status import apply_call_status
from autocall.dynamo import WriteResult
from autocall.lead_table import LeadTable, LeadWrite
from autocall.leads import Attempt, Due, LeadKey, LeadRow
from autocall.timing import Timing, now, parse, stamp
from autocall.twilio_calls import TwilioCalls

logger = Logger(child=True)

MAX_CHECKS = 5
_EVIDENCE = "asked Twilio"


@dataclass(frozen=True)
class Reconciler:
    """Brings overdue rows up to date with Twilio.

    *agent_first*: agents are on the line before anybody is called, so an answered call without one was abandoned.
    """

    table: LeadTable
    calls: TwilioCalls
    timing: Timing
    sender: str
    agent_first: bool = False

    def overdue(self, in_flight: Iterable[LeadRow], moment: float) -> list[LeadRow]:
        """The rows to ask about now, the longest overdue first."""
        rows = [row for row in in_flight if Due.of(row).at <= stamp(moment)]
        return sorted(rows, key=lambda row: Due.of(row).at)[:MAX_CHECKS]

    def reconcile_overdue(self, in_flight: Iterable[LeadRow], until: float) -> Iterator[tuple[LeadKey, LeadWrite]]:
        """Reconcile what is overdue, as far as there is time: the row's key, and the result of `reconcile`."""
        for row in self.overdue(in_flight, now()):
            if now() + self.timing.post > until:
                return
            key = LeadKey.of(row)
            yield key, self.reconcile(key)

    def reconcile(self, key: LeadKey) -> LeadWrite:
        """Ask about one row and record the answer. Returns the row after that; `won` if pages must hear of it."""
        row = self.table.get(key)
        if Due.of(row).kind not in (leads.DUE_LINE, leads.DUE_LOST):
            return WriteResult(False, row)
        try:
            call = self._ask(row)
        except Unreachable as unreachable:
            logger.warning("Twilio cannot say", extra={"lead_id": key.lead, "error": str(unreachable)})
            return self._later(row)
        settled = self._apply(row, call) if call else self._not_found(row)
        logger.info(
            "asked Twilio", extra={"lead_id": key.lead, "found": bool(call), "status": settled.row.get("call_status")}
        )
        return settled

    def _ask(self, row: LeadRow) -> TwilioCall | None:
        if row.get("call_sid"):
            return self.calls.fetch(row["call_sid"])
        return match(row, self.calls.to_number(row["phone"]), self.timing, self.sender) if row.get("phone") else None

    def _apply(self, row: LeadRow, call: TwilioCall) -> LeadWrite:
        if not _is_news(row, call.status):
            return self._later(row)
        written = apply_call_status(
            self.table,
            Attempt.of(row),
            now(),
            sid=call.sid,
            status=call.status,
            evidence=_EVIDENCE,
            agent_first=self.agent_first,
            duration_s=call.duration_s,
        )
        return written if written and written.won else self._later(row)

    def _not_found(self, row: LeadRow) -> LeadWrite:
        attempt, moment = Attempt.of(row), now()
        past_bound = moment - parse(row["claimed_at"]) > self.timing.give_up_after
        if row["call_status"] == leads.CLAIMED:
            return self.table.mark_unknown(attempt, reasons.NOT_FOUND, moment)
        if row["call_status"] == leads.UNKNOWN and past_bound and not leads.can_release(row):
            again_at = self.timing.check_lost_at(moment, moment)
            return self.table.mark_lost(attempt, row["due"], reasons.NOT_FOUND, again_at, moment)
        if row["call_status"] == leads.UNKNOWN and leads.is_in_flight(row) and self._rung_out(row, moment):
            freed = self.table.free_line(attempt, row["due"], moment + self.timing.margin)
            return WriteResult(False, freed.row)
        if row["call_status"] in leads.LIVE and past_bound:
            return self.table.record_end(
                attempt, row["call_sid"], "failed", _EVIDENCE, moment, reason=reasons.FORGOTTEN
            )
        return self._later(row)

    def _rung_out(self, row: LeadRow, moment: float) -> bool:
        """Whether it is too late for any call of this attempt to ring."""
        return moment - parse(row["claimed_at"]) > self.timing.rung_out

    def _later(self, row: LeadRow) -> LeadWrite:
        """No news: ask again later; more and more rarely for a lead that waits for a person."""
        moment = now()
        claimed_at = parse(row["claimed_at"])
        if leads.can_release(row):
            again_at = self.timing.check_lost_at(moment, claimed_at)
        elif row["call_status"] == "in-progress":
            again_at = self.timing.check_in_progress_at(moment)
        else:
            again_at = moment + self.timing.margin
        asked = self.table.reschedule_check(Attempt.of(row), row["due"], again_at)
        return WriteResult(False, asked.row)


def _is_news(row: LeadRow, status: str) -> bool:
    return status in (*leads.LIVE, *leads.FINAL) and row["call_status"] in leads.predecessors(status)
