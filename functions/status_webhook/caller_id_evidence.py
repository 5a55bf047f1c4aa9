"""What the end of a call says about the number that it came from: for its rest, and for the metrics by number."""

from collections.abc import Iterator
from dataclasses import dataclass

from aws_lambda_powertools import Logger

from autocall import reasons
from autocall.caller_id_table import REJECTED_IN_A_ROW, CallerIdTable
from autocall.caller_ids import DECLINED, REJECTED, CallerIds
from autocall.leads import FINAL
from autocall.timing import Timing
from functions.status_webhook.status_callback import StatusCallback

logger = Logger(child=True)

SHORT_S = 6
"""An answered call that is shorter counts as short: many of them get a number labelled as spam."""


@dataclass(frozen=True)
class CallerIdEvidence:
    """Notes which of our numbers networks reject, and lets such a number rest."""

    caller_ids: CallerIds
    table: CallerIdTable
    timing: Timing

    def note(self, callback: StatusCallback, now: float) -> bool:
        """Note an end for or against its number, also if it comes again; whether that lets the number rest now."""
        if callback.status not in FINAL or callback.sender not in self.caller_ids.numbers:
            return False
        if callback.sip_code in REJECTED:
            return self._rejected(callback, now)
        if callback.status == "completed" and callback.doubted:
            self.table.accept(callback.sender)
        return False

    def percentages(self, callback: StatusCallback) -> Iterator[tuple[str, int]]:
        """What this end adds to the metrics of its number: 100 for a call that is such, 0 for one that is not."""
        if callback.status not in FINAL:
            return
        yield "declined_percent", 100 * (callback.sip_code in DECLINED)
        if callback.status == "completed" and callback.duration_s is not None:
            yield "short_percent", 100 * (callback.duration_s < SHORT_S)

    def label(self, callback: StatusCallback) -> str:
        return self.caller_ids.label(callback.sender)

    def _rejected(self, callback: StatusCallback, now: float) -> bool:
        rejected = self.table.reject(callback.sender, callback.sid, now)
        logger.warning(
            "a network rejects a number of ours", extra={"number": self.label(callback), "in_a_row": rejected}
        )
        if rejected < REJECTED_IN_A_ROW:
            return False
        reason, until = reasons.not_connected(callback.sip_code), now + self.timing.caller_id_rejected
        return self.table.rest_if_rejected(callback.sender, reason, until, now)
