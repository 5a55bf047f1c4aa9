"""A lead on hold over the HTTP API: they hear music, the agent hears nothing, and every page says so."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from autocall.call_outcomes import Unreachable
from autocall.leads import LeadKey
from autocall.timing import now, stamp
from tests.unit import leads_api_world
from tests.unit.leads_api_world import AGENT, Told
from tests.unit.test_leads_api_voicemail import World

HOLD = "POST /api/leads/{id}/hold"


@dataclass
class FakeTwilio:
    """The participants on hold; answers nothing while it is unreachable, and False once the call is *over*."""

    held: list[tuple[str, str, bool]] = field(default_factory=list)
    over: bool = False
    unreachable: bool = False

    def hold(self, room: str, sid: str, held: bool) -> bool:
        if self.unreachable:
            raise Unreachable("timeout")
        self.held += [] if self.over else [(room, sid, held)]
        return not self.over


@pytest.fixture
def twilio() -> FakeTwilio:
    return FakeTwilio()


@pytest.fixture
def world(twilio: FakeTwilio) -> Iterator[World]:
    with leads_api_world.stopped():
        made, line = World(leads_api_world.Memory()), twilio
        held: Any = line
        made.tools = replace(made.tools, twilio=lambda: held)
        yield made


def hold(world: World, lead: str, held: Any = True, attempt: str = "attempt") -> Told:
    return world.ask(HOLD, {"attempt_id": attempt, "held": held}, lead=lead)


def test_a_lead_is_put_on_hold_and_taken_off_and_every_page_is_told(world: World, twilio: FakeTwilio) -> None:
    lead = world.talks()
    world.tab("one")
    told = [hold(world, lead, held) for held in (True, True, False)]
    assert [one.data["call"]["held"] for one in told] == [stamp(now()), stamp(now()), None]
    assert twilio.held == [("session", "CA9", True), ("session", "CA9", True), ("session", "CA9", False)]
    frames = [(event, data["call"]["held"] is not None) for _, event, data in world.sockets.frames]
    assert frames == [("agent:session", True), ("agent:session", True), ("agent:session", False)]


def test_who_calls_back_is_put_on_hold_too(world: World, twilio: FakeTwilio) -> None:
    lead = world.talks()
    world.sessions.free(AGENT, "attempt", now())
    world.sessions.done(AGENT, "attempt", now())
    world.leads.mark_rang_back(LeadKey(AGENT, lead), "CA5", now())
    assert world.sessions.take_inbound(AGENT, lead, "CA5", 600, now()).won
    assert hold(world, lead, attempt="CA5").code == "not_in_a_call", "they do not hear each other yet"
    world.sessions.joined(AGENT, "CA5", now())
    assert hold(world, lead, attempt="CA5").data["call"]["held"] == stamp(now())
    assert twilio.held == [("session", "CA5", True)]


def test_a_hold_ends_with_the_conversation(world: World) -> None:
    lead = world.talks()
    hold(world, lead)
    session = world.leaves_the_room()
    assert session.is_wrapping(now())
    assert "call_held" not in session.item
    told = hold(world, lead)
    assert (told.status, told.code) == (409, "not_in_a_call")


def test_a_call_that_is_over_or_twilio_that_cannot_be_reached_changes_nothing(world: World, twilio: FakeTwilio) -> None:
    lead = world.talks()
    before = world.sessions.get(AGENT)
    twilio.over = True
    assert (hold(world, lead).status, hold(world, lead).code) == (409, "call_over")
    twilio.over, twilio.unreachable = False, True
    assert (hold(world, lead).status, hold(world, lead).code) == (503, "twilio_unreachable")
    assert world.sessions.get(AGENT) == before


def test_of_another_attempt_nothing_is_held(world: World, twilio: FakeTwilio) -> None:
    lead = world.talks()
    assert hold(world, lead, attempt="earlier").code == "another_attempt"
    assert twilio.held == []


@pytest.mark.parametrize("wrong", [{}, {"held": "perhaps"}, {"held": None}])
def test_whether_must_be_said(world: World, wrong: dict[str, Any]) -> None:
    lead = world.talks()
    told = world.ask(HOLD, {"attempt_id": "attempt"} | wrong, lead=lead)
    assert (told.status, told.code) == (400, "bad_field")
