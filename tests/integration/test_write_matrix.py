"""Every write of the Leads table against every state that a row can be in, on the running table."""

import inspect
import uuid
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from autocall import reasons
from autocall.dynamo import to_dynamo
from autocall.lead_table import LeadTable, LeadWrite
from autocall.leads import DUE_LINE, DUE_LOST, DUE_WAIT, FINAL, LIVE, PENDING, Attempt, LeadKey, LeadRow
from autocall.timing import FAR, stamp
from tests.integration.conftest import Client

NOW = 1_780_000_000.0
PHONE = "+12025550100"
SID, OTHER_SID = "CA" + "1" * 32, "CA" + "2" * 32
MINE, OTHERS = "the-attempt", "another-attempt"


class Lead:
    """One row, with every write at hand as a step that knows the lead, the attempt and the time."""

    def __init__(self, table: LeadTable, user: str, lead: str, since: float = NOW) -> None:
        self.table, self.key = table, LeadKey(user, lead)
        self._moments = count(int(since))

    @property
    def row(self) -> LeadRow:
        return self.table.get(self.key)

    def do(self, write: str, *arguments: Any) -> LeadWrite:
        """A write of an attempt has its id as the first argument."""
        does = getattr(self.table, write)
        if "attempt" in inspect.signature(does).parameters:
            attempt, *arguments_after = arguments
            written: LeadWrite = does(self.attempt(attempt), *arguments_after, now=next(self._moments))
        else:
            written = does(self.key, *arguments, now=next(self._moments))
        return written

    def attempt(self, attempt: str) -> Attempt:
        return Attempt(*self.key, attempt)

    def ask(self, attempt: str, seen: str) -> LeadWrite:
        return self.table.reschedule_check(self.attempt(attempt), seen, NOW + 9_000)

    def stray(self, attempt: str, sid: str) -> LeadWrite:
        return self.table.add_stray(self.attempt(attempt), sid, "ringing", NOW)

    def choose_sender(self, attempt: str) -> LeadWrite:
        return self.table.choose_sender(self.attempt(attempt), "+12015550198")

    def free_line(self, attempt: str) -> LeadWrite:
        return self.table.free_line(self.attempt(attempt), self.due(), NOW + 9_000)

    def end_if_met(self, attempt: str) -> LeadWrite:
        moment = next(self._moments)
        return self.table.record_end(
            self.attempt(attempt), SID, "completed", "callback", moment, if_met_or_abandoned=True
        )

    def word(self, write: str, attempt: str, version: int | None = None, at: float | None = None) -> LeadWrite:
        """A person's word about the lead as it stands, of whom they saw that attempt."""
        row: Any = self.row
        seen = {"user_id": self.key.user, "lead_id": self.key.lead, "version": 0, "call_status": ""} | row
        seen |= {"attempt_id": attempt} | ({} if version is None else {"version": version})
        written: LeadWrite = getattr(self.table, write)(seen, "ada", NOW + 50, at=at)
        return written

    def due(self) -> str:
        return str(self.row.get("due", ""))


Step = Callable[[Lead], Any]


def _do(write: str, *arguments: Any) -> Step:
    """The write with these arguments; those that are functions are asked of the lead first."""
    return lambda lead: lead.do(write, *(told(lead) if callable(told) else told for told in arguments))


def _live(status: str, attempt: str = MINE, sid: str = SID) -> Step:
    return _do("record_live", attempt, sid, status, "callback")


def _end(status: str, attempt: str = MINE, sid: str = SID) -> Step:
    return _do("record_end", attempt, sid, status, "callback")


def _end_if_met(attempt: str = MINE) -> Step:
    return lambda lead: lead.end_if_met(attempt)


IMPORT = _do("create", {"phone": PHONE, "name": "Ada", "zones": ["America/New_York"]}, NOW - 60)
CLAIM = _do("claim", MINE, "correlation")
PLACE = _do("mark_placed", MINE, SID)
UNKNOWN = _do("mark_unknown", MINE, reasons.TIMEOUT)
FREE: Step = lambda lead: lead.free_line(MINE)  # noqa: E731
LOSE = _do("mark_lost", MINE, Lead.due, reasons.NOT_FOUND, NOW + 3600)
RELEASE = _do("release", MINE, reasons.THROTTLED, NOW - 1)
REFUSE = _do("mark_refused", MINE, reasons.refused(21211))
HOLD = _do("hold", Lead.due, "hours", NOW + 3600)
FORBID = _do("add_to_dnc", PHONE, "ada")
PARK = _do("park")
DELETE = _do("delete", "ada")
PERSON = _do("release_by_agent", MINE, "ada")
SETTLE = _do("settle_by_agent", MINE, "ada", "2026-05-28T20:26:40.000Z")
ASKED = _do("hold", Lead.due, reasons.CONFIRM, FAR)
CONFIRM = _do("confirm", Lead.due, "ada")

JOIN = _do("mark_joined", MINE)
ALONE = _do("record_end_without_agent", MINE, SID, "callback")
RING_BACK, MEET = _do("mark_rang_back", OTHER_SID), _do("mark_ring_back_heard", OTHER_SID)
AGAIN: Step = lambda lead: lead.word("again", MINE)  # noqa: E731
CLAIM_LATER: Step = lambda lead: lead.table.claim(lead.attempt(MINE), "correlation", NOW + 60)  # noqa: E731
LATER: Step = lambda lead: lead.word("again", MINE, at=NOW + 9_000)  # noqa: E731
DEALT_WITH = _do("close_ring_back", stamp(NOW))
ENDS = (IMPORT, CLAIM, PLACE, _end("completed"))
TALKS = (IMPORT, CLAIM, PLACE, _live("in-progress"), JOIN)

# How a row comes into each state.
STATES: dict[str, tuple[Step, ...]] = {
    "absent": (),
    "stub of do-not-call": (FORBID,),
    "waiting": (IMPORT,),
    "held by hours": (IMPORT, HOLD),
    "held for another reason": (IMPORT, _do("hold", Lead.due, "rate", NOW + 3600)),
    "held until a person starts it": (IMPORT, ASKED),
    "held until a person starts it, forbidden": (IMPORT, ASKED, FORBID),
    "started by a person": (IMPORT, ASKED, CONFIRM),
    "released": (IMPORT, CLAIM, RELEASE),
    "put back by a person": (IMPORT, CLAIM, UNKNOWN, LOSE, PERSON),
    "waiting, forbidden": (IMPORT, FORBID),
    "parked": (IMPORT, FORBID, PARK),
    "claimed": (IMPORT, CLAIM),
    "claimed, forbidden": (IMPORT, CLAIM, FORBID),
    **{status: (IMPORT, CLAIM, PLACE, *([_live(status)] if status != "queued" else [])) for status in LIVE},
    "ringing before the answer": (IMPORT, CLAIM, _live("ringing")),
    "unknown": (IMPORT, CLAIM, UNKNOWN),
    "unknown, line freed": (IMPORT, CLAIM, UNKNOWN, FREE),
    "lost": (IMPORT, CLAIM, UNKNOWN, LOSE),
    "lost after its line was freed": (IMPORT, CLAIM, UNKNOWN, FREE, LOSE),
    **{status: (IMPORT, CLAIM, PLACE, _end(status)) for status in FINAL},
    "refused": (IMPORT, CLAIM, REFUSE),
    "talks": TALKS,
    "talked": (*TALKS, _end("completed")),
    "abandoned": (IMPORT, CLAIM, PLACE, _live("in-progress"), _do("mark_abandoned", MINE)),
    "abandoned, ended": (IMPORT, CLAIM, PLACE, _live("in-progress"), ALONE),
    "rang back in vain": (*ENDS, RING_BACK),
    "rang back": (*ENDS, RING_BACK, MEET),
    "rang back twice, once in vain": (*ENDS, RING_BACK, MEET, _do("mark_rang_back", "CA3")),
    "rang back, called again": (*ENDS, RING_BACK, MEET, AGAIN, CLAIM_LATER),
    "rang back, dealt with": (*ENDS, RING_BACK, DEALT_WITH),
    "wanted again": (*ENDS, AGAIN),
    "wanted again later": (*ENDS, LATER),
    "wanted again later, forbidden": (*ENDS, LATER, FORBID),
    "deleted, wanted again": (*ENDS, AGAIN, DELETE),
    "settled by a person": (IMPORT, CLAIM, UNKNOWN, LOSE, SETTLE),
    "deleted, never called": (IMPORT, DELETE),
    "deleted, called": (IMPORT, CLAIM, PLACE, _end("completed"), DELETE),
    "deleted while lost": (IMPORT, CLAIM, UNKNOWN, LOSE, DELETE),
    "deleted, talked": (*TALKS, _end("completed"), DELETE),
    "deleted, rang back, dealt with": (*ENDS, RING_BACK, DEALT_WITH, DELETE),
}

EXISTS = {state for state in STATES if state not in ("absent", "stub of do-not-call")}
DELETED = {state for state in EXISTS if state.startswith("deleted")}
IN_CALL = {"claimed", "claimed, forbidden", "ringing before the answer", *LIVE, "unknown", "talks", "abandoned"}
IN_CALL |= {"rang back, called again"}
JUST_CLAIMED = {"claimed", "claimed, forbidden", "rang back, called again"}
HEARD = {"talks", "talked"}
JOINED = {*HEARD, "deleted, talked"}
ALONE_AT_LAST = {"abandoned", "abandoned, ended"}
MET = {"rang back", "rang back twice, once in vain"}
MISSED = {"rang back in vain", *MET}
HAVE_RUNG = {*MISSED, "rang back, dealt with"}
WANTED = {"wanted again", "wanted again later", "wanted again later, forbidden"}
WAITS_WITH_ATTEMPT = {"released", "put back by a person"}
WAITS_FOR_A_PERSON = {"lost", "lost after its line was freed"}
UNSETTLED = {
    "claimed",
    "claimed, forbidden",
    "rang back, called again",
    "unknown",
    "unknown, line freed",
    "deleted while lost",
} | WAITS_FOR_A_PERSON
ASKS = {"held until a person starts it", "held until a person starts it, forbidden"}
WAITS = {"waiting", "held by hours", "held for another reason", "waiting, forbidden", "started by a person"} | ASKS
WAITS |= WAITS_WITH_ATTEMPT | WANTED
NO_ATTEMPT = {"stub of do-not-call", "deleted, never called", "parked"} | (WAITS - WAITS_WITH_ATTEMPT - WANTED)


def _before(status: str) -> set[str]:
    """The states that a report of *status* may follow, for the attempt and its call."""
    lower = set(LIVE if status in FINAL else LIVE[: LIVE.index(status)])
    early = {"ringing before the answer"} if "ringing" in lower else set()
    early |= {"talks", "abandoned"} if status in FINAL else set()
    return WAITS_WITH_ATTEMPT | UNSETTLED | lower | early


# What each write does, and all the states that take it; every other state must refuse it and stay as it is.
WRITES: dict[str, tuple[Step, set[str]]] = {
    "create": (IMPORT, {"absent", "stub of do-not-call", "deleted, never called"}),
    "merge": (_do("merge", {"phone": "+12025550199", "note": "n"}), EXISTS - DELETED),
    "delete": (DELETE, EXISTS - DELETED - IN_CALL),
    "add_to_dnc": (FORBID, set(STATES)),
    "remove_from_dnc": (
        _do("remove_from_dnc", "ada"),
        {"stub of do-not-call", "waiting, forbidden", "parked", "claimed, forbidden"}
        | {"held until a person starts it, forbidden", "wanted again later, forbidden"},
    ),
    "park": (
        PARK,
        {"waiting, forbidden", "parked", "held until a person starts it, forbidden", "wanted again later, forbidden"},
    ),
    "hold": (HOLD, WAITS),
    "hold, seen otherwise": (_do("hold", DUE_WAIT + stamp(NOW), "hours", NOW + 3600), set()),
    "unhold": (_do("unhold", Lead.due), {"held by hours"}),
    "unhold, seen otherwise": (_do("unhold", DUE_WAIT + "then"), set()),
    "confirm": (CONFIRM, {"held until a person starts it"}),
    "confirm, seen otherwise": (_do("confirm", DUE_WAIT + "then", "ada"), set()),
    "claim": (
        _do("claim", OTHERS, "correlation"),
        {"waiting", "started by a person", "wanted again", *WAITS_WITH_ATTEMPT},
    ),
    "choose_sender": (
        lambda lead: lead.choose_sender(MINE),
        {"claimed", "claimed, forbidden", "rang back, called again"},
    ),
    "choose_sender for another attempt": (lambda lead: lead.choose_sender(OTHERS), set()),
    "mark_placed": (PLACE, UNSETTLED),
    "mark_placed for another attempt": (_do("mark_placed", OTHERS, SID), set()),
    "mark_refused": (_do("mark_refused", MINE, "no"), UNSETTLED),
    "mark_refused for another attempt": (_do("mark_refused", OTHERS, "no"), set()),
    "release": (RELEASE, UNSETTLED),
    "release of another attempt": (_do("release", OTHERS, "no", NOW), set()),
    "mark_unknown": (UNKNOWN, JUST_CLAIMED),
    "mark_unknown of another attempt": (_do("mark_unknown", OTHERS, "no"), set()),
    **{f"record_live {status}": (_live(status), _before(status)) for status in LIVE},
    **{f"record_live {status} of another attempt": (_live(status, OTHERS), set[str]()) for status in LIVE},
    "record_live ringing of another call": (_live("ringing", sid=OTHER_SID), WAITS_WITH_ATTEMPT | UNSETTLED),
    **{f"record_end {status}": (_end(status), _before(status)) for status in FINAL},
    "record_end completed of another attempt": (_end("completed", OTHERS), set()),
    "record_end completed of another call": (_end("completed", sid=OTHER_SID), WAITS_WITH_ATTEMPT | UNSETTLED),
    "record_end of one who met an agent": (_end_if_met(), {"talks", "abandoned"}),
    "record_end of one who met an agent, another attempt": (_end_if_met(OTHERS), set()),
    "record_end_without_agent": (ALONE, _before("completed") - {"talks", "abandoned"}),
    "record_end_without_agent of another attempt": (_do("record_end_without_agent", OTHERS, SID, "callback"), set()),
    "record_end_without_agent of another call": (
        _do("record_end_without_agent", MINE, OTHER_SID, "callback"),
        WAITS_WITH_ATTEMPT | UNSETTLED,
    ),
    "mark_joined": (JOIN, EXISTS - NO_ATTEMPT - JOINED),
    "mark_joined, another attempt": (_do("mark_joined", OTHERS), set()),
    "mark_abandoned": (_do("mark_abandoned", MINE), EXISTS - NO_ATTEMPT - JOINED - ALONE_AT_LAST),
    "mark_abandoned, another attempt": (_do("mark_abandoned", OTHERS), set()),
    "mark_rang_back": (
        RING_BACK,
        EXISTS - DELETED - {"rang back in vain", "rang back", "rang back, called again", "rang back, dealt with"},
    ),
    "mark_ring_back_heard": (MEET, {"rang back in vain", "rang back, dealt with"}),
    "mark_ring_back_heard, another call": (_do("mark_ring_back_heard", "CA3"), {"rang back twice, once in vain"}),
    "mark_ring_back_asked": (_do("mark_ring_back_asked"), EXISTS - DELETED),
    "close_ring_back": (DEALT_WITH, MISSED),
    "close_ring_back, of a later call": (_do("close_ring_back", stamp(NOW + 99_999)), set()),
    "reopen_ring_back": (_do("reopen_ring_back", stamp(NOW)), {"rang back, dealt with"}),
    "reopen_ring_back, of another call": (_do("reopen_ring_back", stamp(NOW + 1)), set()),
    "mark_answered_by": (
        _do("mark_answered_by", MINE, "human"),
        EXISTS - NO_ATTEMPT - WAITS_WITH_ATTEMPT - WANTED - {"deleted, wanted again"},
    ),
    "mark_answered_by, another attempt": (_do("mark_answered_by", OTHERS, "human"), set()),
    "add_stray": (lambda lead: lead.stray(OTHERS, OTHER_SID), set(STATES) - {"absent"}),
    "add_stray of its own attempt": (lambda lead: lead.stray(MINE, SID), NO_ATTEMPT),
    "reschedule_check": (
        lambda lead: lead.ask(MINE, lead.due()),
        (IN_CALL | WAITS_FOR_A_PERSON | {"unknown, line freed"} | WAITS_WITH_ATTEMPT | WANTED),
    ),
    "reschedule_check, seen otherwise": (lambda lead: lead.ask(MINE, DUE_LINE + "then"), set()),
    "free_line": (FREE, {"unknown"}),
    "free_line, seen otherwise": (
        lambda lead: lead.table.free_line(lead.attempt(MINE), DUE_LINE + "then", NOW + 9_000),
        set(),
    ),
    "free_line of another attempt": (lambda lead: lead.free_line(OTHERS), set()),
    "mark_lost": (LOSE, {"unknown", "unknown, line freed"} | WAITS_FOR_A_PERSON),
    "mark_lost, seen otherwise": (_do("mark_lost", MINE, DUE_LINE + "then", "no", NOW), set()),
    "release_by_agent": (PERSON, WAITS_FOR_A_PERSON),
    "release_by_agent, another attempt": (_do("release_by_agent", OTHERS, "ada"), set()),
    "settle_by_agent": (SETTLE, WAITS_FOR_A_PERSON),
    "settle_by_agent, another attempt": (_do("settle_by_agent", OTHERS, "ada", "then"), set()),
    "set_outcome": (_do("set_outcome", MINE, "meeting", "ada"), HEARD),
    "set_outcome, another attempt": (_do("set_outcome", OTHERS, "meeting", "ada"), set()),
    "set_outcome of a call back": (_do("set_outcome", OTHER_SID, "meeting", "ada"), MET),
    "set_outcome of another call back": (_do("set_outcome", "CA3", "meeting", "ada"), set()),
    "annotate": (_do("annotate", 0, "text", "ada"), EXISTS - DELETED),
    "annotate, seen otherwise": (_do("annotate", 3, "text", "ada"), set()),
    "again": (
        AGAIN,
        {*FINAL, *HAVE_RUNG, "talked", "abandoned, ended", "refused", "settled by a person"} | WAITS_FOR_A_PERSON,
    ),
    "again, another attempt": (lambda lead: lead.word("again", OTHERS), set()),
    "again, seen otherwise": (lambda lead: lead.word("again", MINE, version=99), set()),
    "reappoint": (
        lambda lead: lead.word("reappoint", MINE, at=NOW + 9_500),
        WAITS_WITH_ATTEMPT | {"wanted again", "wanted again later"},
    ),
    "reappoint, another attempt": (lambda lead: lead.word("reappoint", OTHERS), set()),
}
BATCH = 25  # items in one request
SILENT = ("choose_sender", "add_stray", "reschedule_check", "free_line")


@pytest.fixture(scope="module")
def rows(leads: LeadTable) -> dict[str, LeadRow]:
    """A row in each state, brought there by the writes themselves."""
    user = f"user-{uuid.uuid4().hex}"
    found = {}
    for index, (state, steps) in enumerate(STATES.items()):
        lead = Lead(leads, user, f"lead-{index}")
        for step in steps:
            assert step(lead).won, state
        found[state] = lead.row
    return found


@pytest.fixture
def in_state(
    stack: dict[str, Any], leads: LeadTable, client: Client, rows: dict[str, LeadRow], user: str
) -> dict[str, tuple[Lead, dict[str, Any]]]:
    """A lead in each state, of a user of this test's own, and its row."""
    dynamodb, table = client("dynamodb"), stack["leads_table"]
    found: dict[str, tuple[Lead, dict[str, Any]]] = {}
    for state, row in rows.items():
        lead = Lead(leads, user, uuid.uuid4().hex, since=NOW + 100)
        mine = dict(zip(("user_id", "lead_id"), lead.key, strict=True)) if row else {}
        found[state] = lead, {**row, **mine}
    puts = [{"PutRequest": {"Item": to_dynamo(row)}} for _, row in found.values() if row]
    for first in range(0, len(puts), BATCH):
        told = dynamodb.batch_write_item(RequestItems={table: puts[first : first + BATCH]})
        assert not told.get("UnprocessedItems")
    return found


def test_every_write_of_the_table_is_in_the_matrix() -> None:
    """A new write cannot be forgotten: whatever the table's class can do to a row stands here."""
    writes = {
        name
        for name, method in inspect.getmembers(LeadTable, inspect.isfunction)
        if not name.startswith("_") and inspect.signature(method, eval_str=False).return_annotation is LeadWrite
    }
    assert writes == {write.replace(",", " ").split()[0] for write in WRITES}


def test_the_states_are_what_they_are_called(rows: dict[str, LeadRow]) -> None:
    """Each status occurs, and each place in the index."""
    assert {rows[status]["call_status"] for status in (*LIVE, *FINAL)} == {*LIVE, *FINAL}
    places = {str(row.get("due", "none")).split("#")[0] + "#" for row in rows.values() if row}
    assert places == {DUE_WAIT, DUE_LINE, DUE_LOST, "none#"}


@pytest.mark.parametrize("write", WRITES)
def test_a_write_is_taken_by_the_states_it_is_for_and_refused_by_all_others(
    write: str, in_state: dict[str, tuple[Lead, dict[str, Any]]], leads: LeadTable, user: str
) -> None:
    """Against every state: the invariants hold after it, and a refused write changes nothing at all."""
    step, takes = WRITES[write]
    took = set()
    answers = {state: step(lead) for state, (lead, _) in in_state.items()}
    found: dict[str, Any] = {row["lead_id"]: row for row in leads.page(user, None, 2 * len(STATES))[0]}
    for state, (lead, before) in in_state.items():
        written, after = answers[state], found.get(lead.key.lead, {})
        if written.won:
            took.add(state)
            assert written.row == after, state
            grown = 0 if write.split()[0].strip(",") in SILENT else 1
            assert after["version"] == before.get("version", 0) + grown, state
        else:
            assert after == before, state
            assert written.row == before, state
        _holds_together(before, after, f"{write} on {state}")
    assert took == takes


def _holds_together(before: LeadRow, after: LeadRow, case: str) -> None:
    status, due = after.get("call_status"), str(after.get("due", ""))
    gone = not status or bool(after.get("deleted_at")) or (status == PENDING and bool(after.get("dnc")))
    if status in FINAL:
        assert not due, f"{case}: it has ended, and stands in the index"
    if not due:
        assert status in FINAL or gone, f"{case}: it has not ended, and is forgotten"
    if before.get("call_status") in FINAL and not case.startswith("again on"):
        assert status == before["call_status"], f"{case}: a final status moved"
    if status:
        assert after["has_been_called"] == (status != PENDING), f"{case}: the flag lies"
    if due:
        place = {PENDING: (DUE_WAIT,), "unknown": (DUE_LINE, DUE_LOST)}.get(str(status), (DUE_LINE,))
        assert due.startswith(place), f"{case}: {status} at {due}"
    assert after.get("phone") in (None, PHONE), f"{case}: the number moved"
