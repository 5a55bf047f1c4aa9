"""What one run has done, and when the next one is due: counted for the metrics, shown to the agent's pages. Pure."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from autocall import leads
from autocall.lead_table import LeadWrite
from autocall.leads import Due, LeadRow
from autocall.timing import is_far, stamp
from functions.dialer.agent_gate import Stop
from functions.dialer.dial_result import DialResult


@dataclass
class RunReport:
    """`totals` counts leads, `metrics` what else is measured; `next_times` are the moments at which there is work."""

    totals: Counter[str] = field(default_factory=Counter)
    metrics: Counter[str] = field(default_factory=Counter)
    next_times: list[float] = field(default_factory=list)

    @property
    def has_progress(self) -> bool:
        """Whether the run has changed a lead."""
        return any(self.totals[name] for name in ("called", "held", "failed", "parked", "settled"))

    # -- counting ----------------------------------------------------------------------------------------------------

    def add_reconciled(self, settled: LeadWrite) -> None:
        """One overdue call that Twilio was asked about; `unknown` and `lost` are metrics, for they ring an alarm."""
        if not settled.won:
            return
        self.totals["settled"] += 1
        if settled.row.get("call_status") == leads.UNKNOWN:
            self.metrics["lost" if Due.of(settled.row).kind == leads.DUE_LOST else "unknown"] += 1

    def add_unsettled(self, rows: Iterable[LeadRow]) -> None:
        """When Twilio is asked about these calls next."""
        unsettled = (leads.DUE_LINE, leads.DUE_LOST)
        self.next_times += [Due.of(row).moment for row in rows if Due.of(row).kind in unsettled]

    def add_call_back(self, check_at: float | None) -> None:
        """When Twilio is asked next whether a lead who calls back is still there; None if nobody does."""
        if check_at is not None:
            self.next_times.append(check_at)

    def add_dialed(self, dialled: DialResult, moment: float) -> None:
        """One lead that the dialer has tried to call."""
        self.totals[dialled.outcome.total] += 1
        self.metrics["claimed"] += dialled.outcome.was_claimed
        if dialled.metric:
            self.metrics[dialled.metric] += 1
        if dialled.until and dialled.until > moment:
            self.next_times.append(dialled.until)
        if dialled.written and leads.is_in_flight(dialled.written.row):
            self.next_times.append(Due.of(dialled.written.row).moment)

    # -- what the pages are told ---------------------------------------------------------------------------------------

    def started(self, held: Collection[str | None], more: bool) -> dict[str, Any]:
        """The data of `autocall:started`: how many leads will be called, and how many are held, by reason.

        *held* has a reason or None for each lead of the first page; *more* says that others follow.
        """
        self.metrics["waiting"] = len(held)
        by_reason = Counter(reason for reason in held if reason)
        return {"pending": len(held) - by_reason.total(), "held": dict(by_reason), "more": more}

    def finished(self, stop: Stop | None, rows_left: bool, moment: float) -> dict[str, Any]:
        """The data of `autocall:finished`. Overdue times count too, or no page would ask again."""
        due = [at for at in self.next_times if not is_far(stamp(at))]
        if stop and stop.until and rows_left:
            due.append(stop.until)
        return {
            "called": self.totals["called"],
            "held": self.totals["held"],
            "failed": self.totals["failed"],
            "next_at": stamp(max(min(due), moment)) if due else None,
            "at": stamp(moment),  # a page's clock may be wrong: it waits from `at` to `next_at`
            "reason": stop.reason if stop else None,
        }
