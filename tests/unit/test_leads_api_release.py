"""A person releases a lead of unknown outcome: only after Twilio was asked once more, and only what they saw."""

from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError

from autocall.call_outcomes import TwilioCall
from autocall.leads import Attempt
from tests.unit import leads_api_world
from tests.unit.leads_api_world import AGENT, Told, World

RELEASE = "POST /api/leads/{id}/release"


@pytest.fixture
def world() -> Iterator[World]:
    with leads_api_world.world() as made:
        yield made


def release(world: World, lead: str, attempt: object = "attempt") -> Told:
    return world.ask(RELEASE, {"attempt_id": attempt}, lead=lead)


def test_a_lead_whose_call_twilio_does_not_know_waits_again(world: World) -> None:
    lead = world.lost()
    told = release(world, lead)
    assert (told.status, told.data["call_status"]) == (200, "pending")
    assert world.leads.claim(Attempt(AGENT, lead, "again"), "run", 1_900_000_000.0).won


def test_a_release_is_recorded_with_who_made_it(world: World) -> None:
    lead = world.lost()
    release(world, lead)
    entry = world.row(lead)["history"][-1]
    assert (entry["event"], entry["by"], entry["attempt_id"]) == ("released", AGENT, "attempt")


def test_a_release_queues_a_run_and_tells_the_tabs(world: World) -> None:
    lead = world.lost()
    world.tab("one")
    release(world, lead)
    assert world.queue.runs == [(AGENT, "released")]
    assert [(to, event) for to, event, _ in world.sockets.frames] == [("one", "call:status_updated")]


def test_a_lead_is_released_once(world: World) -> None:
    """A repeat is answered as the first was, and changes nothing."""
    lead = world.lost()
    told = [release(world, lead) for _ in range(2)]
    assert (told[0].status, told[0].data["call_status"]) == (200, "pending")
    assert told[1] == told[0]
    assert [entry["event"] for entry in world.row(lead)["history"]].count("released") == 1


def test_a_release_whose_run_could_not_be_queued_is_made_up_for_by_its_repeat(world: World) -> None:
    lead = world.lost()
    world.tab("one")
    world.queue.fails = 1
    with pytest.raises(ClientError):
        release(world, lead)
    assert release(world, lead).status == 200
    assert world.queue.runs == [(AGENT, "released")]
    assert [event for _, event, _ in world.sockets.frames] == ["call:status_updated"]


def test_a_repeat_is_no_release_of_the_next_attempt(world: World) -> None:
    lead = world.lost()
    release(world, lead)
    assert world.leads.claim(Attempt(AGENT, lead, "again"), "run", 1_900_000_000.0).won
    assert release(world, lead).status == 409
    assert world.leads.release(Attempt(AGENT, lead, "again"), "throttled", 1_900_000_000.0, 1_900_000_000.0).won
    assert release(world, lead).status == 409
    assert world.queue.runs == [(AGENT, "released")]


def test_of_two_who_release_at_once_both_are_answered_that_it_waits_again(world: World) -> None:
    lead = world.lost()

    class Overtaken:
        def to_number(self, _phone: str) -> list[TwilioCall]:
            assert world.leads.release_by_agent(Attempt(AGENT, lead, "attempt"), AGENT, 1.0).won
            return []

    object.__setattr__(world.tools, "twilio", Overtaken)
    assert release(world, lead).status == 200
    assert world.queue.runs == [(AGENT, "released")]


def test_while_twilio_is_still_being_asked_nobody_can_release(world: World) -> None:
    lead = world.asked_about()
    told = release(world, lead)
    assert (told.status, told.code) == (409, "too_early")
    assert world.row(lead)["call_status"] == "unknown"


@pytest.mark.parametrize("status", ["waiting", "claimed", "ringing", "ended"])
def test_only_an_unknown_lead_can_be_released(world: World, status: str) -> None:
    lead = getattr(world, status)()
    before = world.row(lead)
    told = release(world, lead)
    assert (told.status, told.code) == (409, "not_releasable")
    assert world.row(lead) == before


def test_an_attempt_that_the_person_did_not_see_is_not_released(world: World) -> None:
    lead = world.lost()
    told = release(world, lead, "an earlier one")
    assert (told.status, told.code) == (409, "another_attempt")
    assert world.row(lead)["call_status"] == "unknown"


@pytest.mark.parametrize("attempt", [None, 5, ["attempt"], {"S": "attempt"}])
def test_the_attempt_must_be_named(world: World, attempt: object) -> None:
    assert release(world, world.lost(), attempt).status == 400


def test_twilio_out_of_reach_changes_nothing(world: World) -> None:
    lead = world.lost()
    world.twilio.unreachable = True
    before = world.row(lead)
    told = release(world, lead)
    assert (told.status, told.code) == (503, "twilio_unreachable")
    assert world.row(lead) == before
    assert world.queue.runs == []


def test_a_call_that_ended_is_recorded_instead_and_the_person_is_told(world: World) -> None:
    lead = world.lost()
    world.tab("one")
    world.twilio.calls = [world.a_call("CA1", "completed")]
    told = release(world, lead)
    assert (told.status, told.code) == (409, "was_called")
    row = world.row(lead)
    assert (row["call_status"], row["call_sid"], row["duration_s"]) == ("completed", "CA1", 12)
    assert row["history"][-1]["evidence"] == "asked Twilio before a release"
    assert [event for _, event, _ in world.sockets.frames] == ["call:completed"]


def test_a_call_that_still_rings_is_recorded_instead(world: World) -> None:
    lead = world.lost()
    world.twilio.calls = [world.a_call("CA1", "ringing")]
    assert release(world, lead).status == 409
    row = world.row(lead)
    assert (row["call_status"], row["call_sid"], row["due"][:5]) == ("ringing", "CA1", "busy#")


def test_a_call_in_a_status_that_we_do_not_know_is_a_call_all_the_same(world: World) -> None:
    lead = world.lost()
    world.twilio.calls = [world.a_call("CA1", "levitating")]
    assert release(world, lead).status == 409
    assert world.row(lead)["call_status"] == "unknown"


def test_several_calls_that_fit_are_not_guessed_between_and_not_called_again(world: World) -> None:
    lead = world.lost()
    world.twilio.calls = [world.a_call("CA1"), world.a_call("CA2")]
    told = release(world, lead)
    assert (told.status, told.code) == (409, "was_called")
    assert world.row(lead)["call_status"] == "unknown"


@pytest.mark.parametrize("after", [-3600, 3600])
def test_a_call_of_another_time_does_not_keep_the_lead(world: World, after: float) -> None:
    lead = world.lost()
    world.twilio.calls = [world.a_call("CA1", after=after)]
    assert release(world, lead).status == 200


def test_a_call_from_somebody_elses_number_does_not_keep_the_lead(world: World) -> None:
    lead = world.lost()
    world.twilio.calls = [world.a_call("CA1", sender="+15005550000")]
    assert release(world, lead).status == 200


def test_a_call_that_an_earlier_attempt_made_does_not_keep_the_lead(world: World) -> None:
    lead = world.lost()
    world.leads.add_stray(Attempt(AGENT, lead, "earlier"), "CA1", "completed", 1.0)
    world.twilio.calls = [world.a_call("CA1")]
    assert release(world, lead).status == 200


def test_a_callback_that_settles_the_lead_while_twilio_is_asked_wins(world: World) -> None:
    lead = world.lost()

    class Overtaken:
        def to_number(self, _phone: str) -> list[TwilioCall]:
            world.leads.record_end(Attempt(AGENT, lead, "attempt"), "CA1", "busy", "callback", 1.0)
            return []

    object.__setattr__(world.tools, "twilio", Overtaken)
    told = release(world, lead)
    assert (told.status, told.code) == (409, "not_releasable")
    assert "busy" in told.data["error"]["message"]
    assert world.row(lead)["call_status"] == "busy"
    assert world.queue.runs == []


def test_a_call_whose_status_nobody_knows_is_named_without_it(world: World) -> None:
    """Of a status that is known the answer says it."""
    strange, busy = world.lost(), world.lost(phone="+12015550124", attempt="attempt")
    world.twilio.calls = [world.a_call("CA1", "levitating")]
    assert "details" not in release(world, strange).data["error"]
    world.twilio.calls = [world.a_call("CA2", "busy")]
    world.twilio.to_number = lambda _phone: world.twilio.calls  # type: ignore[method-assign]
    assert release(world, busy).data["error"]["details"] == {"call_status": "busy"}


def test_a_call_that_has_ended_lets_the_next_run_start_and_one_that_goes_on_does_not(world: World) -> None:
    lead = world.lost()
    world.twilio.calls = [world.a_call("CA1", "ringing")]
    assert release(world, lead).status == 409
    assert world.queue.runs == []
    lead = world.lost(phone="+12015550124")
    world.twilio.to_number = lambda _phone: [world.a_call("CA2", "busy")]  # type: ignore[method-assign]
    assert release(world, lead).status == 409
    assert world.queue.runs == [(AGENT, "call ended")]


def test_a_call_that_its_own_callback_has_recorded_meanwhile_is_shown_once(world: World) -> None:
    lead = world.lost()
    world.tab("one")
    attempt = Attempt(AGENT, lead, "attempt")
    world.twilio.calls = [world.a_call("CA1", "busy")]
    world.overtake("record_end", lambda: world.leads.record_end(attempt, "CA1", "busy", "callback", 1.0))
    assert release(world, lead).code == "was_called"
    assert world.sockets.frames == []
    assert world.queue.runs == [(AGENT, "call ended")]


def test_the_pages_are_shown_a_call_that_has_ended_though_no_run_can_be_queued(world: World) -> None:
    lead = world.lost()
    world.tab("one")
    world.twilio.calls, world.queue.fails = [world.a_call("CA1", "busy")], 1
    with pytest.raises(ClientError):
        release(world, lead)
    assert [event for _, event, _ in world.sockets.frames] == ["call:completed"]
