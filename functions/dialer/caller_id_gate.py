"""Which of our numbers calls a lead, and whether it may now: decided after each claim, before its POST."""

from collections.abc import Mapping
from dataclasses import dataclass

from autocall import reasons
from autocall.caller_id_table import CallerIdTable
from autocall.caller_ids import CallerIds, CallerIdState
from autocall.gates import Held
from autocall.leads import LeadRow, calls_made
from autocall.timing import Timing


@dataclass(frozen=True)
class CallerIdGate:
    """The installation's numbers; what is known of each is read with what else a call must meet."""

    caller_ids: CallerIds
    table: CallerIdTable
    timing: Timing

    def __post_init__(self) -> None:
        if not self.caller_ids.numbers:
            raise ValueError("CALL_FROM must be set: the number that calls are made from")

    def choose(self, row: LeadRow, states: Mapping[str, CallerIdState], moment: float) -> tuple[str, Held | None]:
        """The number to call the claimed lead from, and why it may not be called if that rests."""
        was_called = calls_made(row) > 1  # the claim has counted this call already
        former = row.get("sender", "") if was_called else ""
        chosen = self.caller_ids.choose(row["phone"], former, states, moment)
        return chosen.number, Held(reasons.CALLER_ID, chosen.rests_until) if chosen.rests_until else None

    def rest(self, row: LeadRow, reason: str, states: Mapping[str, CallerIdState], moment: float) -> float | None:
        """Let the number that Twilio refused rest; until when the lead waits, None if another number may call it."""
        number = row["sender"]
        rests = self.table.rest_if_refused(number, reason, moment + self.timing.caller_id_refused, moment)
        _, held = self.choose(row, {**states, number: rests}, moment)
        return held.until if held else None
