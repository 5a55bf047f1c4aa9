"""The agent's word about a call of a lead's that nobody answered, over the HTTP API."""

from collections.abc import Iterator
from typing import Any

import pytest

from autocall.leads import LeadKey
from autocall.timing import now, stamp
from tests.unit import leads_api_world
from tests.unit.leads_api_world import AGENT, OTHER, Told, World

RING_BACK, AGAIN = "PUT /api/leads/{id}/ring-back", "POST /api/leads/{id}/again"


@pytest.fixture
def world() -> Iterator[World]:
    with leads_api_world.world() as made:
        yield made


def rang_back(world: World, lead: str, ago_s: float = 60, *, asked: bool = False) -> str:
    """The lead calls, and perhaps asks to be called; the moment."""
    key, moment = LeadKey(AGENT, lead), now() - ago_s
    assert world.leads.mark_rang_back(key, f"CA{ago_s}", moment).won
    if asked:
        assert world.leads.mark_ring_back_asked(key, moment).won
    return stamp(moment)


def say(world: World, lead: str, seen: Any, done: Any = True, **about: Any) -> Told:
    return world.ask(RING_BACK, {"seen": seen, "done": done}, lead=lead, **about)


def test_what_is_dealt_with_is_kept_and_all_pages_hear_of_it(world: World) -> None:
    lead = world.ended()
    seen = rang_back(world, lead)
    world.tab("one")
    told = say(world, lead, seen)
    assert (told.status, told.data["ring_back_done_at"]) == (200, seen)
    [(_, event, data)] = world.sockets.frames
    assert (event, data["ring_back_done_at"]) == ("call:status_updated", seen)


def test_a_repeat_is_answered_as_the_first_request_and_tells_nobody(world: World) -> None:
    lead = world.ended()
    seen = rang_back(world, lead)
    first = say(world, lead, seen)
    world.tab("one")
    assert say(world, lead, seen).data == first.data
    assert world.sockets.frames == []


def test_who_has_called_once_more_since_is_still_to_be_answered(world: World) -> None:
    lead = world.ended()
    seen = rang_back(world, lead, 60)
    later = rang_back(world, lead, 10, asked=True)
    assert say(world, lead, seen).data["ring_back_done_at"] == seen
    assert say(world, lead, later).data["ring_back_done_at"] == later
    assert say(world, lead, seen).data["ring_back_done_at"] == later  # late: it takes nothing back


def test_it_can_be_taken_back(world: World) -> None:
    lead = world.ended()
    seen = rang_back(world, lead)
    say(world, lead, seen)
    assert say(world, lead, seen, done=False).data["ring_back_done_at"] is None
    assert say(world, lead, seen, done=False).status == 200


def test_nothing_is_closed_before_it_has_happened(world: World) -> None:
    lead = world.ended()
    assert say(world, lead, stamp(now())).code == "not_rung_back"
    rang_back(world, lead)
    told = say(world, lead, stamp(now() + 3600))
    assert (told.status, told.code) == (409, "not_rung_back")
    assert "ring_back_done_at" not in world.row(lead)


@pytest.mark.parametrize(
    ("seen", "done"),
    [("yesterday", True), ("", True), (None, True), (5, True), ("2026-01-01T00:00:00Z", True), (stamp(0), "perhaps")],
)
def test_what_cannot_be_read_is_refused(world: World, seen: Any, done: Any) -> None:
    told = say(world, world.ended(), seen, done)
    assert (told.status, told.code) == (400, "bad_field")


def test_a_word_that_does_not_say_whether_is_refused(world: World) -> None:
    lead = world.ended()
    told = world.ask(RING_BACK, {"seen": rang_back(world, lead)}, lead=lead)
    assert (told.status, told.code) == (400, "bad_field")


def test_a_lead_of_somebody_else_is_not_there(world: World) -> None:
    lead = world.ended()
    seen = rang_back(world, lead)
    assert say(world, lead, seen, user=OTHER).status == 404


@pytest.mark.parametrize("later", [False, True])
def test_another_call_that_the_agent_wants_is_the_answer(world: World, later: bool) -> None:
    lead = world.ended()
    seen = rang_back(world, lead)
    at = {"at": stamp(now() + 3600)} if later else {}
    told = world.ask(AGAIN, {"attempt_id": "attempt"} | at, lead=lead)
    assert (told.status, told.data["call_status"], told.data["ring_back_done_at"]) == (200, "pending", seen)


def test_who_waits_to_be_called_again_and_calls_meanwhile_is_answered_by_the_same_word(world: World) -> None:
    lead = world.ended()
    assert world.ask(AGAIN, {"attempt_id": "attempt"}, lead=lead).status == 200
    seen = rang_back(world, lead, 10)
    told = world.ask(AGAIN, {"attempt_id": "attempt"}, lead=lead)
    assert (told.status, told.data["ring_back_done_at"]) == (200, seen)
    version = world.row(lead)["version"]
    assert world.ask(AGAIN, {"attempt_id": "attempt"}, lead=lead).status == 200
    assert world.row(lead)["version"] == version


def test_the_answer_to_an_earlier_call_is_none_to_a_later_one(world: World) -> None:
    """The word is about the row as it was read: a call in between makes it read again."""
    lead = world.ended()
    rang_back(world, lead, 60)
    row = world.row(lead)
    later = rang_back(world, lead, 10)
    assert not world.leads.again(row, AGENT, now()).won
    assert world.leads.again(world.row(lead), AGENT, now()).row["ring_back_done_at"] == later
