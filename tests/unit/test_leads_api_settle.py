"""A person says that a lead of unknown outcome was called: it has ended for good, and only what they saw."""

from collections.abc import Iterator

import pytest

from autocall import reasons
from autocall.leads import Attempt
from autocall.timing import stamp
from tests.unit import leads_api_world
from tests.unit.leads_api_world import AGENT, Told, World

SETTLE = "POST /api/leads/{id}/settle"
LATER = 1_900_000_000.0


@pytest.fixture
def world() -> Iterator[World]:
    with leads_api_world.world() as made:
        yield made


def settle(world: World, lead: str, attempt: object = "attempt") -> Told:
    return world.ask(SETTLE, {"attempt_id": attempt}, lead=lead)


def test_a_lead_that_was_called_has_ended_and_is_never_claimed_again(world: World) -> None:
    lead = world.lost()
    told = settle(world, lead)
    assert (told.status, told.data["call_status"], told.data["reason"]) == (200, "completed", reasons.BY_PERSON)
    row = world.row(lead)
    assert row["has_been_called"]
    assert "due" not in row
    assert not world.leads.claim(Attempt(AGENT, lead, "again"), "run", LATER).won


def test_its_call_is_shown_at_the_time_of_its_attempt_and_not_at_that_of_the_answer(world: World) -> None:
    lead = world.lost()
    claimed_at = world.row(lead)["claimed_at"]
    assert settle(world, lead).data["ended_at"] == claimed_at


def test_it_is_recorded_who_said_so(world: World) -> None:
    lead = world.lost()
    settle(world, lead)
    entry = world.row(lead)["history"][-1]
    assert (entry["event"], entry["by"], entry["attempt_id"]) == ("settled", AGENT, "attempt")


def test_the_tabs_are_told_and_no_run_is_needed(world: World) -> None:
    lead = world.lost()
    world.tab("one")
    settle(world, lead)
    assert [(to, event) for to, event, _ in world.sockets.frames] == [("one", "call:completed")]
    assert world.queue.runs == []


def test_twilio_need_not_be_reachable(world: World) -> None:
    world.twilio.unreachable = True
    assert settle(world, world.lost()).status == 200


def test_a_repeat_is_answered_as_the_first_and_changes_nothing(world: World) -> None:
    lead = world.lost()
    first = settle(world, lead)
    row = world.row(lead)
    assert settle(world, lead) == first
    assert world.row(lead) == row


def test_while_twilio_is_still_being_asked_nobody_decides(world: World) -> None:
    lead = world.asked_about()
    told = settle(world, lead)
    assert (told.status, told.code) == (409, "too_early")
    assert world.row(lead)["call_status"] == "unknown"


@pytest.mark.parametrize("status", ["waiting", "claimed", "ringing", "ended"])
def test_only_an_unknown_lead_can_be_settled(world: World, status: str) -> None:
    lead = getattr(world, status)()
    before = world.row(lead)
    told = settle(world, lead)
    assert (told.status, told.code) == (409, "not_releasable")
    assert world.row(lead) == before


def test_an_attempt_that_the_person_did_not_see_is_not_settled(world: World) -> None:
    lead = world.lost()
    told = settle(world, lead, "an earlier one")
    assert (told.status, told.code) == (409, "another_attempt")
    assert world.row(lead)["call_status"] == "unknown"


def test_of_two_people_who_decide_otherwise_the_first_wins(world: World) -> None:
    lead = world.lost()
    assert world.ask("POST /api/leads/{id}/release", {"attempt_id": "attempt"}, lead=lead).status == 200
    assert settle(world, lead).status == 409
    assert world.row(lead)["call_status"] == "pending"


def test_who_says_called_first_keeps_it_from_being_called_again(world: World) -> None:
    lead = world.lost()
    assert settle(world, lead).status == 200
    assert world.ask("POST /api/leads/{id}/release", {"attempt_id": "attempt"}, lead=lead).status == 409
    assert world.row(lead)["call_status"] == "completed"


@pytest.mark.parametrize("attempt", [None, 5, ["attempt"], {"S": "attempt"}])
def test_the_attempt_must_be_named(world: World, attempt: object) -> None:
    assert settle(world, world.lost(), attempt).status == 400


def test_a_callback_that_ends_the_lead_just_before_wins(world: World) -> None:
    lead = world.lost()
    world.overtake(
        "settle_by_agent",
        lambda: world.leads.record_end(Attempt(AGENT, lead, "attempt"), "CA1", "busy", "callback", 1.0),
    )
    told = settle(world, lead)
    assert (told.status, told.code) == (409, "not_releasable")
    assert world.row(lead)["call_status"] == "busy"


def test_of_two_who_settle_at_once_both_are_answered_that_it_was_called(world: World) -> None:
    lead = world.lost()
    world.overtake(
        "settle_by_agent",
        lambda: world.leads.settle_by_agent(Attempt(AGENT, lead, "attempt"), "another", stamp(1.0), 1.0),
    )
    told = settle(world, lead)
    assert (told.status, told.data["call_status"]) == (200, "completed")


def test_a_repeat_is_no_word_about_an_attempt_that_was_settled_later(world: World) -> None:
    lead = world.lost()
    settle(world, lead)
    assert settle(world, lead, "an earlier one").status == 409
