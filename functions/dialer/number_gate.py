"""Whether a number may be called, given who has called it before: checked after each claim, noted before its POST."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from autocall.called import Called, Cap, called_gate, is_colleagues, is_settled, made_no_call, remembered_until
from autocall.called_table import CalledTable
from autocall.gates import Held
from autocall.lead_table import LeadTable
from autocall.leads import Attempt, LeadKey, LeadRow, number_hash
from autocall.timing import Timing


@dataclass(frozen=True)
class NumberGate:
    """The calls of all agents to one number; rows of leads say what became of calls."""

    table: CalledTable
    leads: LeadTable
    colleague_days: int
    timing: Timing

    def closed(self, row: LeadRow, called: Called, caps: AbstractSet[Cap], moment: float) -> tuple[Called, Held | None]:
        """Why the number may not be called now; and the calls to it, less those that were never made."""
        while called.lead == row["lead_id"] and made_no_call(row, called.attempt):
            called = called.undone(moment)
        held = called_gate(called, row["user_id"], caps, self.colleague_days, moment)
        if not held or not called.attempt:
            return called, held
        witness = row if called.lead == row["lead_id"] else self.leads.get(LeadKey(called.agent, called.lead))
        if made_no_call(witness, called.attempt):
            return self.closed(row, called.undone(moment), caps, moment)
        if is_colleagues(called, row["user_id"]) and not is_settled(witness, called.attempt):
            soon = self._asks_again(witness, called, moment)
            return called, Held(held.reason, min(soon, held.until or soon))
        return called, held

    def mark(self, row: LeadRow, seen: Called, caps: AbstractSet[Cap], moment: float) -> tuple[Called, Held | None]:
        """Note the call that is about to be made; if another was noted since *seen* was read, look at that first."""
        number, until = number_hash(row["phone"]), remembered_until(moment, caps, self.colleague_days)
        while True:
            written = self.table.mark(number, seen, Attempt.of(row), moment, until)
            if written.won:
                return seen, None
            seen, held = self.closed(row, Called.of(written.row, moment), caps, moment)
            if held:
                return seen, held

    def put_back(self, row: LeadRow, seen: Called) -> None:
        """No call was made: the number is as it was."""
        self.table.put_back(number_hash(row["phone"]), seen, row["attempt_id"])

    def _asks_again(self, witness: LeadRow, called: Called, moment: float) -> float:
        """A colleague's call is being made, or it is not known whether it was: its outcome is looked at again soon."""
        if witness["call_status"] == "claimed":
            return self.timing.check_claimed_at(moment)
        return self.timing.check_lost_at(moment, called.at)
