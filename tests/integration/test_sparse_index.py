"""What stands in the index that runs read, and in which order: read strongly consistent, right after each write."""

from itertools import pairwise

import pytest

from autocall import reasons
from autocall.dynamo import Item
from autocall.lead_table import LeadTable
from autocall.leads import DUE_LINE, DUE_LOST, DUE_WAIT, FINAL, Attempt, Due, LeadKey
from autocall.timing import stamp

NOW = 1_780_000_000.0
SID = "CA" + "1" * 32


def _import(leads: LeadTable, user: str, *names: str) -> None:
    """As an import does: a file is called from top to bottom."""
    for index, name in enumerate(names):
        before_now = (len(names) - index) / 1000
        assert leads.create(LeadKey(user, name), {"phone": "+12025550100", "zones": ["UTC"]}, NOW - before_now, NOW).won


def _waiting(leads: LeadTable, user: str, limit: int = 1000) -> list[Item]:
    return [row for page, _ in leads.waiting(user, limit) for row in page]


def _names(rows: list[Item]) -> list[str]:
    return [row["lead_id"] for row in rows]


def test_a_file_is_called_from_top_to_bottom(leads: LeadTable, user: str) -> None:
    """The index has the order of the file, whatever the keys are, over many pages as over one."""
    names = [f"{(index * 7) % 30:02d}" for index in range(30)]
    _import(leads, user, *names)
    assert _names(_waiting(leads, user)) == names
    assert _names(_waiting(leads, user, limit=4)) == names
    pages = list(leads.waiting(user, 15))
    assert pages[0][1], "more pages follow, and are said to"
    assert _names([row for page, _ in pages for row in page]) == names


def test_a_row_stands_where_its_state_says_at_once(leads: LeadTable, user: str) -> None:
    """Through one lead's life every read after a write sees it: waiting, in flight, for a person, waiting, gone."""
    _import(leads, user, "one")
    assert _place(leads, user) == DUE_WAIT
    assert leads.claim(Attempt(user, "one", "a"), "c", NOW).won
    assert _place(leads, user) == DUE_LINE
    assert leads.mark_unknown(Attempt(user, "one", "a"), reasons.TIMEOUT, NOW).won
    assert _place(leads, user) == DUE_LINE
    seen = leads.get(LeadKey(user, "one"))["due"]
    assert leads.mark_lost(Attempt(user, "one", "a"), seen, "no such call", NOW + 3600, NOW).won
    assert _place(leads, user) == DUE_LOST
    assert leads.release_by_agent(Attempt(user, "one", "a"), "ada", NOW).won
    assert _place(leads, user) == DUE_WAIT
    assert leads.claim(Attempt(user, "one", "b"), "c", NOW + 1).won
    assert leads.mark_placed(Attempt(user, "one", "b"), SID, NOW).won
    assert _place(leads, user) == DUE_LINE
    assert leads.record_end(Attempt(user, "one", "b"), SID, "busy", "callback", NOW).won
    assert _place(leads, user) is None


def _place(leads: LeadTable, user: str) -> str | None:
    rows = [*_waiting(leads, user), *leads.unsettled(user)]
    assert len(rows) <= 1
    return str(rows[0]["due"])[: len(DUE_LINE)] if rows else None


@pytest.mark.parametrize("status", FINAL)
def test_what_has_ended_is_in_no_run_of_the_index(leads: LeadTable, user: str, status: str) -> None:
    """An ended lead costs a run nothing, however many there are."""
    _import(leads, user, "one", "two")
    assert leads.claim(Attempt(user, "one", "a"), "c", NOW).won
    assert leads.record_end(Attempt(user, "one", "a"), SID, status, "callback", NOW).won
    assert _names(_waiting(leads, user)) == ["two"]
    assert leads.unsettled(user) == []


def test_parked_and_deleted_leads_leave_the_index_and_stubs_never_enter_it(leads: LeadTable, user: str) -> None:
    """Do-not-call and deletion take a lead out of every run's sight; the explicit removal brings it back."""
    _import(leads, user, "parked", "deleted", "waits")
    assert leads.add_to_dnc(LeadKey(user, "parked"), "+12025550100", "ada", NOW).won
    assert leads.park(LeadKey(user, "parked"), NOW).won
    assert leads.delete(LeadKey(user, "deleted"), "ada", NOW).won
    assert leads.add_to_dnc(LeadKey(user, "stub"), "+12025550101", "ada", NOW).won
    assert _names(_waiting(leads, user)) == ["waits"]
    assert leads.remove_from_dnc(LeadKey(user, "parked"), "ada", NOW + 1).won
    assert _names(_waiting(leads, user)) == ["waits", "parked"]


def test_busy_lines_are_counted_by_one_query_that_sees_no_waiting_lead(leads: LeadTable, user: str) -> None:
    """Calls in flight come soonest to be asked about first; those that wait for a person follow and hold no line."""
    _import(leads, user, "lost", "late", "soon", "waits")
    for name, claimed_at in (("late", NOW + 60), ("soon", NOW), ("lost", NOW)):
        assert leads.claim(Attempt(user, name, "a"), "c", claimed_at).won
    assert leads.mark_unknown(Attempt(user, "lost", "a"), "reset", NOW).won
    assert leads.mark_lost(
        Attempt(user, "lost", "a"), leads.get(LeadKey(user, "lost"))["due"], "no such call", NOW, NOW
    ).won
    rows = leads.unsettled(user)
    assert _names(rows) == ["soon", "late", "lost"]
    assert [row["due"][: len(DUE_LINE)] for row in rows] == [DUE_LINE, DUE_LINE, DUE_LOST]


def test_held_leads_keep_their_order_behind_those_that_may_be_called(leads: LeadTable, user: str) -> None:
    """The query for what may be called now ends before the first held lead; reasons and zones come along."""
    _import(leads, user, "one", "two", "three")
    due = leads.get(LeadKey(user, "one"))["due"]
    assert leads.hold(LeadKey(user, "one"), due, "hours", NOW + 600, NOW).won
    rows = _waiting(leads, user)
    assert _names(rows) == ["two", "three", "one"]
    assert all(first["due"] < second["due"] for first, second in pairwise(rows))
    assert stamp(Due.of(rows[2]).moment) == stamp(NOW + 600)
    assert rows[2]["held"]["reason"] == "hours"
    assert rows[0]["zones"] == ["UTC"]
    assert "phone" not in rows[0]


def test_users_do_not_see_each_other_in_the_index(leads: LeadTable, user: str) -> None:
    """One user's index holds that user's leads only."""
    other = f"{user}-other"
    _import(leads, user, "one")
    _import(leads, other, "two")
    assert leads.claim(Attempt(other, "two", "a"), "c", NOW).won
    assert _names(_waiting(leads, user)) == ["one"]
    assert leads.unsettled(user) == []
    assert _waiting(leads, other) == []
