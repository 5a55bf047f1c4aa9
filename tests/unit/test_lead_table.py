"""Every write of the state machine, from every state: it wins where it may, and changes nothing where it may not.

On tables in memory, which answer as moto's do (`test_tables.py`); on the emulator's it is `test_write_matrix.py`.
"""

from collections.abc import Callable
from itertools import count, product
from typing import Any

import pytest

from autocall import lead_writes, leads, reasons
from autocall.dynamo import WriteResult, to_dynamo
from autocall.lead_table import LeadTable
from autocall.leads import Attempt, LeadKey
from autocall.timing import stamp
from tests.faults.tables import LEADS, Tables
from tests.unit.lead_rows import ALL, FINAL, LIVE, MINE, NOW, SID, STATES, TIMING, USER

Row = dict[str, Any]
Write = Callable[[LeadTable, str, Row], WriteResult]

GONE = {"none", "stub", "deleted", "deleted after its call"}
UNSETTLED = {"claimed", "unknown", "lost"}
OPEN = UNSETTLED | LIVE
WAITS = {"pending", "released", "wanted again"}
OVER = FINAL | {"lost", "talked"}
ABOUT = {"phone": "+15005550100", "name": "Grace"}


def _of_mine(lead: str, row: Row) -> Any:
    """The row as a person saw it who saw this attempt."""
    return {"user_id": USER, "lead_id": lead, "version": 0, "call_status": ""} | row | {"attempt_id": MINE}


WRITES: dict[str, tuple[Write, set[str] | frozenset[str]]] = {
    "import": (lambda t, lead, _: t.create(LeadKey(USER, lead), ABOUT, NOW, NOW), {"none", "stub", "deleted"}),
    "merge": (lambda t, lead, _: t.merge(LeadKey(USER, lead), ABOUT, NOW), ALL - GONE),
    "dnc": (lambda t, lead, _: t.add_to_dnc(LeadKey(USER, lead), "+15005550100", USER, NOW), ALL),
    "undnc": (lambda t, lead, _: t.remove_from_dnc(LeadKey(USER, lead), USER, NOW), {"stub", "forbidden", "parked"}),
    "park": (lambda t, lead, _: t.park(LeadKey(USER, lead), NOW), {"forbidden", "parked"}),
    "hold": (
        lambda t, lead, row: t.hold(LeadKey(USER, lead), row.get("due", "?"), "hours", NOW + 9, NOW),
        {"pending", "held", "released", "wanted again", "forbidden"},
    ),
    "unhold": (lambda t, lead, row: t.unhold(LeadKey(USER, lead), row.get("due", "?"), NOW), {"held"}),
    "claim": (
        lambda t, lead, _: t.claim(Attempt(USER, lead, "new"), "run", NOW),
        {"pending", "released", "wanted again"},
    ),
    "placed": (lambda t, lead, _: t.mark_placed(Attempt(USER, lead, MINE), SID, NOW), UNSETTLED),
    "refused": (lambda t, lead, _: t.mark_refused(Attempt(USER, lead, MINE), "why", NOW), UNSETTLED),
    "release": (lambda t, lead, _: t.release(Attempt(USER, lead, MINE), "why", NOW + 9, NOW), UNSETTLED),
    "unknown": (lambda t, lead, _: t.mark_unknown(Attempt(USER, lead, MINE), "why", NOW), {"claimed"}),
    "initiated": (
        lambda t, lead, _: t.record_live(Attempt(USER, lead, MINE), SID, "initiated", "callback", NOW),
        UNSETTLED | {"released", "queued"},
    ),
    "ringing": (
        lambda t, lead, _: t.record_live(Attempt(USER, lead, MINE), SID, "ringing", "callback", NOW),
        UNSETTLED | {"released", "queued", "initiated"},
    ),
    "in-progress": (
        lambda t, lead, _: t.record_live(Attempt(USER, lead, MINE), SID, "in-progress", "callback", NOW),
        UNSETTLED | {"released", "queued", "initiated", "ringing"},
    ),
    **{
        status: (
            lambda t, lead, _, status=status: t.record_end(Attempt(USER, lead, MINE), SID, status, "callback", NOW),
            OPEN | {"released"},
        )
        for status in sorted(FINAL)
    },
    "ask": (
        lambda t, lead, row: t.reschedule_check(Attempt(USER, lead, MINE), row.get("due", "?"), NOW + 9),
        OPEN | {"released", "wanted again"},
    ),
    "lost": (
        lambda t, lead, row: t.mark_lost(Attempt(USER, lead, MINE), row.get("due", "?"), "why", NOW + 9, NOW),
        {"unknown", "lost"},
    ),
    "person": (lambda t, lead, _: t.release_by_agent(Attempt(USER, lead, MINE), USER, NOW), {"lost"}),
    "settle_by_person": (
        lambda t, lead, _: t.settle_by_agent(Attempt(USER, lead, MINE), USER, stamp(NOW - 900), NOW),
        {"lost"},
    ),
    "outcome": (lambda t, lead, _: t.set_outcome(Attempt(USER, lead, MINE), "meeting", USER, NOW), {"talked"}),
    "preset outcome": (
        lambda t, lead, _: t.set_outcome(Attempt(USER, lead, MINE), "voicemail", USER, NOW, preset=True),
        {"talked"},
    ),
    "annotate": (lambda t, lead, _: t.annotate(LeadKey(USER, lead), 0, "text", USER, NOW), ALL - GONE),
    "again": (lambda t, lead, row: t.again(_of_mine(lead, row), USER, NOW), OVER),
    "again, later": (lambda t, lead, row: t.again(_of_mine(lead, row), USER, NOW, at=NOW + 9), OVER),
    "reappoint": (
        lambda t, lead, row: t.reappoint(_of_mine(lead, row), USER, NOW, at=NOW + 9),
        {"released", "wanted again"},
    ),
    "answered by": (
        lambda t, lead, _: t.mark_answered_by(Attempt(USER, lead, MINE), "human", NOW),
        OPEN | FINAL | {"talked", "deleted after its call"},
    ),
    "delete": (lambda t, lead, _: t.delete(LeadKey(USER, lead), USER, NOW), ALL - GONE - OPEN | {"lost"}),
}
SILENT = {"ask"}
OF_THE_ATTEMPT = [
    "placed",
    "refused",
    "release",
    "unknown",
    "ringing",
    "completed",
    "ask",
    "lost",
    "person",
    "settle_by_person",
    "outcome",
    "again",
    "reappoint",
    "answered by",
]
WITH_A_SID = ["placed", "ringing", "completed"]
WITHOUT_A_SID = ["refused", "release"]
WON = [(write, state) for write, (_, states) in WRITES.items() for state in sorted(states)]
LEAVES_ITS_CONDITION = [pair for pair in WON if pair[0] not in ("merge", "dnc", "park", "outcome")]
DUE = {
    **dict.fromkeys(["import", "undnc", "unhold", "person", "again"], leads.DUE_WAIT + stamp(NOW)),
    **dict.fromkeys(["hold", "release", "again, later", "reappoint"], leads.DUE_WAIT + stamp(NOW + 9)),
    "claim": leads.DUE_LINE + stamp(NOW + 60),
    **dict.fromkeys(["placed", "initiated", "ringing"], leads.DUE_LINE + stamp(NOW + 25 + 30)),
    "in-progress": leads.DUE_LINE + stamp(NOW + 300),
    "unknown": leads.DUE_LINE + stamp(NOW + 25 + 60),
    "lost": leads.DUE_LOST + stamp(NOW + 9),
    **dict.fromkeys(["park", "refused", "delete", "settle_by_person", *FINAL]),
}


@pytest.mark.parametrize("state", ["deleted", "deleted after its call"])
def test_a_do_not_call_mark_brings_no_number_back_to_who_was_deleted(state: str) -> None:
    """Yet the mark holds: whoever imports the number again finds it forbidden."""
    rows = Rows()
    lead = rows.put(state)
    written = rows.write("dnc", lead)
    assert written.won
    assert "phone" not in written.row
    assert written.row["dnc"]["by"] == USER


def test_a_do_not_call_mark_keeps_the_number_of_a_lead_and_of_a_number_that_is_none_yet() -> None:
    rows = Rows()
    for state in ("none", "pending"):
        assert rows.write("dnc", rows.put(state)).row["phone"] == "+15005550100"


class Twice:
    """A client whose every write is sent again, as the SDK does when the first answer is lost on the way."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def update_item(self, **request: Any) -> Any:
        self._client.update_item(**request)
        return self._client.update_item(**request)


class Rows:
    """Rows put into a state by hand, each under a lead of its own."""

    def __init__(self) -> None:
        client: Any = Tables()
        twice: Any = Twice(client)
        self._client, self._leads = client, count()
        self.table, self.twice = LeadTable(client, LEADS, TIMING), LeadTable(twice, LEADS, TIMING)

    def put(self, state: str, /, **more: Any) -> str:
        lead = f"lead{next(self._leads)}"
        row = {name: value for name, value in (STATES[state] | more).items() if value is not None}
        if STATES[state]:
            self._client.put_item(TableName=LEADS, Item=to_dynamo({"user_id": USER, "lead_id": lead} | row))
        return lead

    def write(self, name: str, lead: str, *, twice: bool = False) -> WriteResult:
        return WRITES[name][0](self.twice if twice else self.table, lead, self.table.get(LeadKey(USER, lead)))


@pytest.fixture(scope="module")
def rows() -> Rows:
    return Rows()


@pytest.mark.parametrize("write", WRITES)
def test_a_write_wins_from_the_states_it_is_for_and_no_others(rows: Rows, write: str) -> None:
    won = {state for state in STATES if rows.write(write, rows.put(state)).won}
    assert won == WRITES[write][1]


@pytest.mark.parametrize("write", WRITES)
def test_a_write_that_loses_changes_nothing_and_answers_the_row(rows: Rows, write: str) -> None:
    for state in ALL - WRITES[write][1]:
        lead = rows.put(state)
        before = rows.table.get(LeadKey(USER, lead))
        assert rows.write(write, lead) == WriteResult(False, before), state
        assert rows.table.get(LeadKey(USER, lead)) == before, state


@pytest.mark.parametrize(
    ("write", "state"),
    [("person", "lost"), ("outcome", "talked"), ("again", "completed"), ("reappoint", "released")],
)
def test_a_persons_word_is_refused_where_the_history_has_no_room_for_it(rows: Rows, write: str, state: str) -> None:
    for entries in (lead_writes.MOST_HISTORY - 1, lead_writes.MOST_HISTORY):
        lead = rows.put(state, history=[{"event": "e"}] * entries)
        assert rows.write(write, lead).won is (entries < lead_writes.MOST_HISTORY)


def test_a_call_is_started_by_a_person_only_where_the_history_has_room_for_that(rows: Rows) -> None:
    due, held = leads.DUE_WAIT + stamp(NOW), {"reason": reasons.CONFIRM, "since": stamp(NOW)}
    for entries in (None, lead_writes.MOST_HISTORY - 1, lead_writes.MOST_HISTORY):
        lead = rows.put("pending", due=due, held=held, history=[{"event": "e"}] * entries if entries else None)
        written = rows.table.confirm(LeadKey(USER, lead), due, USER, NOW)
        assert written.won is (entries != lead_writes.MOST_HISTORY)


@pytest.mark.parametrize("asked", [False, True])
def test_a_later_call_of_the_lead_is_dealt_with_by_itself_and_none_of_a_deleted_one(rows: Rows, asked: bool) -> None:
    first, second = stamp(NOW), stamp(NOW + 60)
    rang = {"rang_back_at": first, "ring_back_asked_at": second} if asked else {"rang_back_at": second}
    lead = rows.put("talked", ring_back_done_at=first, **rang)
    assert not rows.table.close_ring_back(LeadKey(USER, lead), first, NOW).won
    assert not rows.table.close_ring_back(LeadKey(USER, lead), stamp(NOW + 61), NOW).won
    assert rows.table.close_ring_back(LeadKey(USER, lead), second, NOW).won
    deleted = rows.put("deleted after its call", rang_back_at=first)
    assert not rows.table.close_ring_back(LeadKey(USER, deleted), first, NOW).won


@pytest.mark.parametrize(("write", "state"), WON)
def test_a_write_that_wins_answers_the_row_and_counts_what_the_page_sees(rows: Rows, write: str, state: str) -> None:
    lead = rows.put(state)
    before = rows.table.get(LeadKey(USER, lead))
    after = rows.write(write, lead).row
    assert after == rows.table.get(LeadKey(USER, lead))
    assert after.get("version", 0) - before.get("version", 0) == (write not in SILENT)
    assert after["write_id"] != before.get("write_id")


@pytest.mark.parametrize(("write", "state"), LEAVES_ITS_CONDITION)
def test_a_write_whose_answer_was_lost_knows_itself_as_the_winner(rows: Rows, write: str, state: str) -> None:
    lead = rows.put(state)
    version = rows.table.get(LeadKey(USER, lead)).get("version", 0)
    written = rows.write(write, lead, twice=True)
    assert written.won
    assert written.row.get("version", 0) - version == (write not in SILENT)


@pytest.mark.parametrize(("write", "state"), [pair for pair in WON if pair[0] in DUE and pair[1] != "stub"])
def test_due_says_what_a_run_does_with_the_row(rows: Rows, write: str, state: str) -> None:
    due = rows.write(write, rows.put(state)).row.get("due")
    assert (due and leads.Due.parse(due).kind + stamp(leads.Due.parse(due).moment)) == DUE[write]


def test_a_held_lead_keeps_its_place_however_often_it_is_held(rows: Rows) -> None:
    """By the milliseconds of its place, as further decimals: rows that come due together come in the list's order."""
    lead = rows.put("pending")
    place = leads.Due.of(rows.table.get(LeadKey(USER, lead))).moment
    for until in (NOW + 100, NOW + 50, NOW + 9):
        held = rows.table.hold(LeadKey(USER, lead), rows.table.get(LeadKey(USER, lead))["due"], "hours", until, NOW).row
        assert (leads.Due.of(held).moment, leads.Due.of(held).position) == (until, place)


@pytest.mark.parametrize(
    ("write", "state"), [(write, state) for write in OF_THE_ATTEMPT for state in sorted(WRITES[write][1])]
)
def test_another_attempts_row_is_never_touched(rows: Rows, write: str, state: str) -> None:
    assert not rows.write(write, rows.put(state, attempt_id="another")).won


@pytest.mark.parametrize(("write", "state"), list(product(WITH_A_SID + WITHOUT_A_SID, sorted(UNSETTLED))))
def test_a_row_that_knows_another_call_is_never_touched(rows: Rows, write: str, state: str) -> None:
    assert not rows.write(write, rows.put(state, call_sid="CA2")).won


@pytest.mark.parametrize(
    ("write", "ours"), [(write, True) for write in WITH_A_SID] + [(w, False) for w in WITHOUT_A_SID]
)
def test_a_row_that_knows_the_same_call_was_not_refused(rows: Rows, write: str, ours: bool) -> None:
    assert rows.write(write, rows.put("unknown", call_sid=SID)).won is ours


# -- the claim ---------------------------------------------------------------------------------------------------------


def test_a_lead_is_claimed_once(rows: Rows) -> None:
    lead = rows.put("pending")
    assert [rows.table.claim(Attempt(USER, lead, attempt), "run", NOW).won for attempt in "abc"] == [True, False, False]
    assert rows.table.get(LeadKey(USER, lead))["attempt_id"] == "a"


@pytest.mark.parametrize(
    "change",
    [
        {"has_been_called": True},
        {"due": leads.DUE_WAIT + stamp(NOW + 1)},
        {"due": leads.DUE_LINE + stamp(NOW - 1)},
        {"due": None},
    ],
    ids=["called", "later", "busy", "not due"],
)
def test_a_pending_row_that_is_not_to_be_called_now_is_not_claimed(rows: Rows, change: Row) -> None:
    assert not rows.table.claim(Attempt(USER, rows.put("pending", **change), "new"), "run", NOW).won


def test_a_row_of_an_earlier_release_without_the_flag_is_claimed(rows: Rows) -> None:
    assert rows.table.claim(Attempt(USER, rows.put("pending", has_been_called=None), "new"), "run", NOW).won


def test_a_claim_leaves_nothing_of_an_earlier_attempt(rows: Rows) -> None:
    old = {
        "reason": "x",
        "held": {"reason": "rate"},
        "placed_at": "x",
        "ended_at": "x",
        "duration_s": 3,
        "call_sid": SID,
    }
    row = rows.table.claim(Attempt(USER, rows.put("released", **old), "new"), "run", NOW).row
    assert not set(old) & set(row)
    assert (row["attempt_id"], row["claimed_at"], row["has_been_called"]) == ("new", stamp(NOW), True)


def test_a_claim_whose_answer_was_lost_and_whose_row_changed_since_is_still_ours(rows: Rows) -> None:
    lead = rows.put("pending")
    rows.table.claim(Attempt(USER, lead, "new"), "run", NOW)
    rows.table.merge(LeadKey(USER, lead), {"note": "changed meanwhile"}, NOW)
    assert rows.table.claim(Attempt(USER, lead, "new"), "run", NOW).won


def test_a_claim_that_was_settled_meanwhile_is_not_ours_to_call(rows: Rows) -> None:
    lead = rows.put("pending")
    rows.table.claim(Attempt(USER, lead, "new"), "run", NOW)
    rows.table.mark_unknown(Attempt(USER, lead, "new"), "timeout", NOW)
    assert not rows.table.claim(Attempt(USER, lead, "new"), "run", NOW).won


# -- what a write leaves -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("write", "called"),
    [
        ("release", False),
        ("person", False),
        ("again", False),
        ("settle_by_person", True),
        ("ringing", True),
        ("busy", True),
    ],
)
def test_has_been_called_is_false_only_while_it_is_certain(rows: Rows, write: str, called: bool) -> None:
    for state in WRITES[write][1]:
        assert rows.write(write, rows.put(state)).row["has_been_called"] is called


def test_the_history_tells_what_happened_to_calls_and_not_what_the_machine_held(rows: Rows) -> None:
    told = {write for write, state in WON if rows.write(write, rows.put(state)).row.get("history")}
    assert (
        told
        == {"placed", "refused", "unknown", "lost", "person", "settle_by_person", "delete"}
        | {"outcome", "preset outcome", "again", "again, later", "reappoint"}
        | {"initiated", "ringing", "in-progress"}
        | FINAL
    )


def test_an_end_keeps_what_twilio_said_of_it(rows: Rows) -> None:
    lead = rows.put("in-progress", reason="old", duration_s=1)
    row = rows.table.record_end(Attempt(USER, lead, MINE), SID, "completed", "callback", NOW, duration_s=12).row
    assert (row["duration_s"], row.get("reason"), row["ended_at"]) == (12, None, stamp(NOW))
    assert row["history"][-1]["evidence"] == "callback"


def test_a_deleted_lead_leaves_no_personal_data(rows: Rows) -> None:
    personal = {"name": "Ada", "zones": ["z"], "state": "NY", "timezone": "z", "note": "n", "external_id": "e"}
    for state in WRITES["delete"][1]:
        row = rows.write("delete", rows.put(state, extra={"a": "b"}, **personal)).row
        assert not {*personal, "phone", "extra", "due", "held"} & set(row)


def test_a_lead_that_is_imported_and_deleted_again_and_again_has_a_bounded_history(rows: Rows) -> None:
    lead = rows.put("pending", history=[{"event": "deleted"}] * 200)
    deleted = rows.write("delete", lead)
    assert deleted.won
    assert "deleted_at" in deleted.row
    assert len(deleted.row["history"]) == 200


def test_a_lead_that_is_parked_while_it_is_allowed_waits_again(rows: Rows) -> None:
    """The first of the two writes finds it claimed; before the second it is put back, and parked."""
    lead = rows.put("claimed", dnc={"since": stamp(NOW), "by": USER})
    visible = rows.table._apply

    def meanwhile(*args: Any, **kwargs: Any) -> WriteResult:
        rows.table._apply = visible  # type: ignore[method-assign]
        written = visible(*args, **kwargs)
        assert not written.won
        assert rows.table.release(Attempt(USER, lead, MINE), "throttled", NOW, NOW).won
        assert rows.table.park(LeadKey(USER, lead), NOW).won
        return written

    rows.table._apply = meanwhile  # type: ignore[method-assign]
    allowed = rows.table.remove_from_dnc(LeadKey(USER, lead), USER, NOW)
    assert allowed.won
    assert (allowed.row["due"], allowed.row.get("dnc")) == (leads.DUE_WAIT + stamp(NOW), None)


def test_a_lead_that_was_called_before_it_was_deleted_never_waits_again(rows: Rows) -> None:
    lead = rows.put("deleted after its call")
    assert not rows.write("import", lead).won
    assert not rows.table.claim(Attempt(USER, lead, "new"), "run", NOW).won


def test_a_merge_changes_neither_the_number_nor_the_call(rows: Rows) -> None:
    for state in WRITES["merge"][1]:
        lead = rows.put(state)
        before = rows.table.get(LeadKey(USER, lead))
        after = rows.table.merge(LeadKey(USER, lead), {"phone": "+15005550199", "note": "n"}, NOW).row
        changed = {name for name in after if after[name] != before.get(name)}
        assert changed == {"note", "at", "was", "write_id", "version"}


def test_a_stray_is_kept_as_evidence_and_changes_nothing_else(rows: Rows) -> None:
    lead = rows.put("ringing")
    before = rows.table.get(LeadKey(USER, lead))
    written = rows.table.add_stray(Attempt(USER, lead, "another"), "CA2", "completed", NOW)
    stray = {"at": stamp(NOW), "attempt_id": "another", "call_sid": "CA2", "status": "completed"}
    assert written.won
    assert written.row == before | {"strays": [stray], "write_id": written.row["write_id"]}


def test_a_report_of_the_rows_own_attempt_is_no_stray(rows: Rows) -> None:
    assert not rows.table.add_stray(Attempt(USER, rows.put("ringing"), MINE), SID, "completed", NOW).won


def test_a_report_of_another_call_of_the_rows_own_attempt_is_a_stray(rows: Rows) -> None:
    assert rows.table.add_stray(Attempt(USER, rows.put("ringing"), MINE), "CA2", "completed", NOW).won


def test_when_a_call_was_answered_is_kept_until_the_next_attempt(rows: Rows) -> None:
    lead = rows.put("ringing")
    assert rows.table.record_live(Attempt(USER, lead, MINE), SID, "in-progress", "callback", NOW).row[
        "answered_at"
    ] == stamp(NOW)
    ended = rows.table.record_end(Attempt(USER, lead, MINE), SID, "completed", "callback", NOW + 60)
    assert (ended.row["answered_at"], ended.row["ended_at"]) == (stamp(NOW), stamp(NOW + 60))


def test_a_lead_that_a_person_put_back_shows_nothing_of_its_last_call(rows: Rows) -> None:
    released = rows.write("person", rows.put("lost", placed_at=stamp(NOW), answered_at=stamp(NOW)))
    assert released.won
    assert not {"call_sid", "placed_at", "answered_at"} & set(released.row)


@pytest.mark.parametrize("state", sorted(OVER))
def test_a_late_report_of_the_last_call_does_not_take_a_persons_word_away(rows: Rows, state: str) -> None:
    """Whether the row knew that call's SID, or a person settled it, or let it be called again, without one."""
    lead = rows.put(state)
    assert rows.write("again", lead).won
    before = rows.table.get(LeadKey(USER, lead))
    for status in ("ringing", "in-progress", "completed", "busy"):
        assert not rows.write(status, lead).won
    assert rows.table.get(LeadKey(USER, lead)) == before
    assert rows.write("claim", lead).won


def test_a_person_lets_one_call_be_made_with_each_word(rows: Rows) -> None:
    lead = rows.put("completed")
    for calls, attempt in ((2, "second"), (3, "third")):
        assert rows.table.again(rows.table.get(LeadKey(USER, lead)), USER, NOW).won
        row = rows.table.claim(Attempt(USER, lead, attempt), "run", NOW).row
        assert (row["calls"], row["has_been_called"], row.get("call_sid")) == (calls, True, None)
        assert not rows.table.claim(Attempt(USER, lead, "another"), "run", NOW).won
        assert rows.table.record_end(Attempt(USER, lead, attempt), f"CA{calls}", "busy", "callback", NOW).won
        assert not rows.table.claim(Attempt(USER, lead, "another"), "run", NOW).won


def test_calls_are_counted_for_ever_but_those_that_were_certainly_not_made(rows: Rows) -> None:
    lead = rows.put("pending")
    for _ in range(2):
        assert rows.table.claim(Attempt(USER, lead, MINE), "run", NOW).row["calls"] == 1
        assert rows.table.release(Attempt(USER, lead, MINE), "why", NOW, NOW).row["calls"] == 0
    assert rows.write("delete", lead).won
    assert rows.table.create(LeadKey(USER, lead), ABOUT, NOW, NOW).won


def test_a_claim_of_an_earlier_release_that_is_given_back_leaves_no_call_counted(rows: Rows) -> None:
    assert rows.write("release", rows.put("claimed")).row["calls"] == 0


def test_an_import_brings_no_lead_back_that_was_called_and_deleted_while_it_waited_again(rows: Rows) -> None:
    """It would be called by nobody's word: the person's went with the lead."""
    lead = rows.put("completed")
    assert rows.write("again", lead).won
    assert rows.write("delete", lead).won
    assert not rows.write("import", lead).won


@pytest.mark.parametrize(
    ("change", "brought_back"),
    [
        ({"has_been_called": True}, False),
        ({"has_been_called": None}, True),  # an earlier release did not write it
        ({"calls": 0}, True),
        ({"calls": 1}, False),
    ],
)
def test_an_import_brings_a_lead_back_of_which_it_is_certain_that_nobody_called_it(
    rows: Rows, change: Row, brought_back: bool
) -> None:
    assert rows.write("import", rows.put("deleted", **change)).won is brought_back


def test_a_lead_that_waits_again_has_all_of_its_last_call_and_the_next_claim_forgets_it(rows: Rows) -> None:
    outcome = {"code": "interested", "at": stamp(NOW - 5), "by": USER}
    lead = rows.put("talked", outcome=outcome, answered_by="human")
    again = rows.table.again(_of_mine(lead, rows.table.get(LeadKey(USER, lead))), USER, NOW, why="they asked").row
    assert again["earlier_calls"] == [leads.call_record(_of_mine(lead, STATES["talked"] | {"outcome": outcome}))]
    assert (again["outcome"], again["joined_at"]) == (outcome, STATES["talked"]["joined_at"])
    assert again["history"] == [{"at": stamp(NOW), "event": "again", "attempt_id": MINE, "by": USER}]
    assert again["why_again"] == [{"at": stamp(NOW), "why": "they asked"}]
    claimed = rows.write("claim", lead).row
    assert not {"outcome", "joined_at", "ended_at", "answered_by", "call_sid"} & set(claimed)
    assert claimed["earlier_calls"][0]["outcome"] == outcome


def test_an_appointment_is_not_called_before_its_time(rows: Rows) -> None:
    lead = rows.put("completed")
    row = rows.write("again, later", lead).row
    assert row["appointment_at"] == stamp(NOW + 9)
    assert row["history"][-1]["appointment_at"] == stamp(NOW + 9)
    assert not rows.write("claim", lead).won
    assert rows.table.claim(Attempt(USER, lead, "new"), "run", NOW + 9).won


def test_a_number_that_comes_off_the_do_not_call_list_keeps_its_appointment(rows: Rows) -> None:
    lead = rows.put("completed")
    rows.write("again, later", lead)
    rows.write("dnc", lead)
    rows.write("park", lead)
    allowed = rows.write("undnc", lead)
    assert allowed.won
    assert (allowed.row["due"], allowed.row.get("dnc")) == (leads.DUE_WAIT + stamp(NOW + 9), None)


def test_a_number_that_comes_off_the_do_not_call_list_after_its_appointment_is_due_at_once(rows: Rows) -> None:
    lead = rows.put("forbidden", appointment_at=stamp(NOW - 1))
    assert rows.write("undnc", lead).row["due"] == leads.DUE_WAIT + stamp(NOW)


def test_what_a_person_saw_must_still_stand(rows: Rows) -> None:
    lead = rows.put("talked")
    seen = _of_mine(lead, rows.table.get(LeadKey(USER, lead)))
    assert rows.write("outcome", lead).won
    assert not rows.table.again(seen, USER, NOW).won
    assert rows.write("again", lead).won


@pytest.mark.parametrize("write", ["again", "reappoint", "outcome"])
def test_a_full_history_takes_no_further_word(rows: Rows, write: str) -> None:
    state = "wanted again" if write == "reappoint" else "talked"
    assert not rows.write(write, rows.put(state, history=[{"event": "again"}] * 200)).won


def test_nobody_who_is_on_the_do_not_call_list_is_called_again(rows: Rows) -> None:
    assert not rows.write("again", rows.put("talked", dnc={"since": stamp(NOW), "by": USER})).won


def test_a_note_is_written_over_the_one_that_was_seen_and_no_other(rows: Rows) -> None:
    key = LeadKey(USER, rows.put("talked"))
    versions = [
        rows.table.annotate(key, seen, text, USER, NOW).row["agent_note"]["version"]
        for seen, text in ((0, "a"), (1, "ab"), (2, ""))
    ]
    assert versions == [1, 2, 3]
    refused = rows.table.annotate(key, 2, "of another tab", USER, NOW)
    assert (refused.won, refused.row["agent_note"]["text"]) == (False, "")


def test_an_outcome_needs_a_conversation(rows: Rows) -> None:
    assert not rows.write("outcome", rows.put("completed")).won
    assert not rows.write("outcome", rows.put("completed", rang_back_at=stamp(NOW), ring_back_heard_sid="CA2")).won


def test_the_outcome_of_a_call_back_names_that_call_and_no_other(rows: Rows) -> None:
    key = LeadKey(USER, rows.put("completed"))

    def outcome(sid: str) -> bool:
        return rows.table.set_outcome(Attempt(*key, sid), "meeting", USER, NOW).won

    assert rows.table.mark_rang_back(key, "CA2", NOW).won
    assert not outcome("CA2"), "they have not met"
    assert rows.table.mark_ring_back_heard(key, "CA2", NOW + 1).won
    assert outcome("CA2")
    assert rows.table.mark_rang_back(key, "CA3", NOW + 9).won
    assert outcome("CA2"), "another call back takes no outcome from the one that is written up"
    assert not outcome("CA3")
    assert rows.table.mark_ring_back_heard(key, "CA3", NOW + 10).won
    assert [outcome("CA2"), outcome("CA3")] == [False, True]


def test_a_call_back_is_marked_once_however_late_its_reports_come_again(rows: Rows) -> None:
    key = LeadKey(USER, rows.put("completed"))
    for sid, moment in (("CA2", NOW), ("CA3", NOW + 9)):
        assert rows.table.mark_rang_back(key, sid, moment).won
        assert not rows.table.mark_rang_back(key, sid, moment + 1).won
        assert rows.table.mark_ring_back_heard(key, sid, moment + 2).won
        assert not rows.table.mark_ring_back_heard(key, sid, moment + 3).won
    assert not rows.table.mark_ring_back_heard(key, "CA2", NOW + 20).won
    row = rows.table.get(key)
    assert (row["ring_back_heard_sid"], row["ring_back_heard_at"]) == ("CA3", stamp(NOW + 11))


def test_after_the_next_call_an_earlier_call_back_has_no_outcome(rows: Rows) -> None:
    key = LeadKey(USER, rows.put("wanted again"))
    assert rows.table.mark_rang_back(key, "CA2", NOW).won
    assert rows.table.mark_ring_back_heard(key, "CA2", NOW + 1).won
    assert rows.table.claim(Attempt(*key, "next"), "run", NOW + 2).won
    assert not rows.table.mark_ring_back_heard(key, "CA2", NOW + 3).won
    assert not rows.table.set_outcome(Attempt(*key, "CA2"), "meeting", USER, NOW + 4).won


def test_strays_are_bounded(rows: Rows) -> None:
    lead = rows.put("ringing")
    kept = [rows.table.add_stray(Attempt(USER, lead, "another"), "CA2", "ringing", NOW).won for _ in range(25)]
    assert kept == [True] * 20 + [False] * 5


def test_a_person_cannot_release_without_end(rows: Rows) -> None:
    assert not rows.write("person", rows.put("lost", history=[{"event": "released"}] * 200)).won


@pytest.mark.parametrize("state", sorted(ALL - GONE))
def test_asking_stays_within_the_prefix_it_found(rows: Rows, state: str) -> None:
    lead = rows.put(state)
    seen = rows.table.get(LeadKey(USER, lead)).get("due", "?")
    if rows.write("ask", lead).won:
        assert rows.table.get(LeadKey(USER, lead))["due"] == seen[:5] + stamp(NOW + 9)


# -- reading -----------------------------------------------------------------------------------------------------------


def test_the_index_has_what_is_in_flight_and_what_waits_in_calling_order(rows: Rows) -> None:
    for state in STATES:
        rows.put(state, user_id="one of everything")
    in_flight = [row["due"][:5] for row in rows.table.unsettled("one of everything")]
    waiting = [row["due"] for page, _ in rows.table.waiting("one of everything", 2) for row in page]
    assert in_flight == ["busy#"] * (2 + len(LIVE)) + ["lost#"]
    assert waiting == sorted(waiting)
    assert len(waiting) == len(["pending", "held", "released", "wanted again", "forbidden"])
    assert rows.table.unsettled("somebody else") == []


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8, 100])
@pytest.mark.parametrize("user", ["one of everything", "only in flight", "only waiting", "nobody"])
def test_one_look_at_the_index_finds_both_however_its_pages_fall(rows: Rows, user: str, limit: int) -> None:
    for state in STATES:
        rows.put(state, user_id="one of everything")
        if state in LIVE:
            rows.put(state, user_id="only in flight")
    rows.put("pending", user_id="only waiting")
    in_flight, pages = rows.table.due(user, limit)
    waiting = list(pages)
    assert in_flight == rows.table.unsettled(user)
    assert [row for page, _ in waiting for row in page] == [
        row for page, _ in rows.table.waiting(user, limit) for row in page
    ]
    assert [more for _, more in waiting] == [True] * (len(waiting) - 1) + [False]
