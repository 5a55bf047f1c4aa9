"""Releases leads whose hold no longer applies: wider hours, a refusal or a number of ours that is mended."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from autocall import leads, reasons
from autocall.dial_queue import DialQueue
from autocall.gates import UnknownZone, mode_gate
from autocall.lead_table import LeadTable, LeadWrite
from autocall.leads import Due, LeadKey, LeadRow
from autocall.messages import Cause, RunMessage
from autocall.queued_run import Causes
from autocall.terms import Terms
from autocall.timing import MINUTE_S, Timing, now
from functions.dialer.lead_gates import LeadGates

_PAGE = 1000


def wanted(message: RunMessage, causes: Causes) -> dict[Cause, str | None]:
    """For which causes holds are looked at, each with what the run has taken from the agent's mark."""
    asked = {Cause.HOURS: causes.hours, Cause.MENDED: causes.mended}
    return {cause: taken for cause, taken in asked.items() if taken or message.cause == cause}


@dataclass(frozen=True)
class StaleHolds:
    """The held leads of one agent; *push* shows each one that was released."""

    leads: LeadTable
    queue: DialQueue
    timing: Timing
    gates: LeadGates
    push: Callable[[LeadWrite], None]

    def release(self, message: RunMessage, wanted: Mapping[Cause, str | None]) -> None:
        """Make the leads due, keeping calling order: for a second, then the first is called.

        The causes stay on the agent's mark until all leads are done; the run that is queued goes on.
        """
        no_longer = [{Cause.HOURS: self._would_open_earlier, Cause.MENDED: self._is_mended}[cause] for cause in wanted]
        pages = self.leads.waiting(message.user_id, _PAGE)
        held = [row for page, _ in pages for row in page if row.get("held")]
        rows = [row for row in held if any(applies(row) for applies in no_longer)]
        if not self._unhold_in_time(sorted(rows, key=lambda row: Due.of(row).position)):
            for cause in wanted:
                self.queue.enqueue_run(message.user_id, cause, message.correlation_id)
            return
        for cause, taken in wanted.items():
            self.queue.done(message.user_id, cause, taken)

    def _unhold_in_time(self, rows: list[LeadRow]) -> bool:
        """Whether the time sufficed for all of them."""
        moment = now()
        for index, row in enumerate(rows):
            if now() > moment + self.timing.holding:
                return False
            back_at, due, reason = moment - (len(rows) - index) / 1000, Due.of(row), row["held"]["reason"]
            position = due.position if due.keeps_position else back_at
            self.push(self.leads.unhold(LeadKey.of(row), row["due"], moment, reason, position))
        return True

    def _would_open_earlier(self, row: LeadRow) -> bool:
        """Whether it would open a minute earlier, or more: leads that are held together differ by milliseconds."""
        if row["held"]["reason"] not in (reasons.HOURS, reasons.ZONE, reasons.WINDOW, reasons.CLOSED):
            return self._needs_no_terms(row)
        held = self.gates.held(row)
        opens = now() if held is None else held.until
        return opens is not None and opens + MINUTE_S < Due.of(row).moment

    def _is_mended(self, row: LeadRow) -> bool:
        held = leads.held_reason(row)
        return reasons.is_refusal(held) or held == reasons.CALLER_ID or self._needs_no_terms(row)

    def _needs_no_terms(self, row: LeadRow) -> bool:
        """Whether it is held for consent or confirmation, and its places require neither any more.

        The index does not have the lead's own terms: an import that brings them releases the lead.
        """
        if row["held"]["reason"] not in (reasons.CONSENT, reasons.CONFIRM):
            return False
        try:
            return mode_gate(row.get("zones") or (), self.gates.hours, now(), Terms()) is None
        except UnknownZone:
            return False
