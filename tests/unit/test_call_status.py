"""The end of an answered call, where agents are on the line: its row always says whether the lead met one."""

from typing import Any

import pytest

from autocall.call_status import apply_call_status
from autocall.dynamo import to_dynamo
from autocall.lead_table import LeadTable, LeadWrite
from autocall.leads import Attempt, LeadKey
from autocall.timing import stamp
from tests.faults.tables import LEADS, Tables
from tests.unit.lead_rows import FINAL, MINE, NOW, SID, STATES, TIMING, USER

KEY = LeadKey(USER, "lead")
ATTEMPT = Attempt(*KEY, MINE)


class Line:
    """One lead's row; at its n-th update something else may happen first."""

    def __init__(self, state: str, **more: Any) -> None:
        client: Any = self
        self._tables, self.updates = Tables(), 0
        self.at: dict[int, Any] = {}
        self.table = LeadTable(client, LEADS, TIMING)
        row = {"user_id": USER, "lead_id": KEY.lead} | STATES[state] | more
        self._tables.put_item(TableName=LEADS, Item=to_dynamo(row))

    def update_item(self, **asked: Any) -> dict[str, Any]:
        self.updates += 1
        if first := self.at.pop(self.updates, None):
            first()
        return self._tables.update_item(**asked)

    @property
    def row(self) -> Any:
        client: Any = self._tables
        return LeadTable(client, LEADS, TIMING).get(KEY)

    def joins(self) -> None:
        client: Any = self._tables
        assert LeadTable(client, LEADS, TIMING).mark_joined(ATTEMPT, NOW - 1).won

    def ends(self, status: str = "completed", *, agent_first: bool = True) -> LeadWrite:
        written = apply_call_status(
            self.table, ATTEMPT, NOW, sid=SID, status=status, evidence="callback", agent_first=agent_first, duration_s=7
        )
        assert written
        return written


def _dies() -> None:
    raise KeyboardInterrupt


def test_an_answered_call_that_ends_unmet_is_abandoned_in_the_same_write() -> None:
    line = Line("in-progress")
    assert line.ends().won
    row = line.row
    assert (row["call_status"], row["abandoned_at"], row["duration_s"]) == ("completed", stamp(NOW), 7)
    assert [entry["event"] for entry in row["history"]] == ["abandoned", "completed"]
    assert line.updates == 2


@pytest.mark.parametrize("update", [1, 2])
def test_wherever_the_function_dies_an_ended_row_says_whether_an_agent_was_met(update: int) -> None:
    """Twilio may never repeat its report: what the row says then is all that is ever counted."""
    line = Line("in-progress")
    line.at[update] = _dies
    with pytest.raises(KeyboardInterrupt):
        line.ends()
    assert line.row["call_status"] == "in-progress"
    assert "due" in line.row  # it is asked about
    assert line.ends().won
    assert "abandoned_at" in line.row


@pytest.mark.parametrize("told", ["joined_at", "abandoned_at"])
def test_the_end_of_a_call_whose_row_says_it_already_is_one_write(told: str) -> None:
    line = Line("in-progress", **{told: stamp(NOW - 5)})
    assert line.ends().won
    assert line.row[told] == stamp(NOW - 5)
    assert {"joined_at", "abandoned_at"} & line.row.keys() == {told}
    assert line.updates == 1


def test_a_conversation_that_is_reported_between_the_two_writes_is_not_abandoned() -> None:
    line = Line("in-progress")
    line.at[2] = line.joins
    assert line.ends().won
    assert (line.row["call_status"], "abandoned_at" in line.row) == ("completed", False)


def test_a_report_of_another_attempt_moves_nothing() -> None:
    line = Line("in-progress", attempt_id="another")
    before = line.row
    assert not line.ends().won
    assert line.row == before
    assert line.updates == 1


def test_a_repeat_of_the_end_moves_nothing() -> None:
    line = Line("in-progress")
    line.ends()
    before = line.row
    assert not line.ends().won
    assert line.row == before


@pytest.mark.parametrize("status", sorted(FINAL - {"completed"}))
def test_a_call_that_nobody_answered_is_not_abandoned(status: str) -> None:
    line = Line("ringing")
    assert line.ends(status).won
    assert (line.row["call_status"], "abandoned_at" in line.row) == (status, False)


def test_where_called_people_hear_a_message_nobody_is_abandoned() -> None:
    line = Line("in-progress")
    assert line.ends(agent_first=False).won
    assert "abandoned_at" not in line.row
