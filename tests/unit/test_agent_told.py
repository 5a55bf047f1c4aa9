"""Whatever changes of an agent's line, every tab hears of it at once, and of what has not changed none does."""

from collections.abc import Iterator

import pytest

from autocall.timing import stamp
from tests.unit.agent_world import AGENT, LEG, SESSION, AgentWorld, agent_world


@pytest.fixture
def world() -> Iterator[AgentWorld]:
    with agent_world() as made:
        yield made


@pytest.fixture
def lead(world: AgentWorld) -> str:
    """A lead whose phone rings, for an agent who is on the line."""
    (lead,) = world.waiting()
    world.by_browser()
    world.run()
    return lead


def _lines(world: AgentWorld) -> list[dict[str, object]]:
    return [data for _, name, data in world.sockets.frames if name == "agent:session"]


def test_whom_the_machine_calls_is_shown_beside_the_line(world: AgentWorld, lead: str) -> None:
    assert world.told("agent:session")["call"]["lead_id"] == lead


def test_a_line_that_the_clock_has_ended_is_shown_as_ended(world: AgentWorld) -> None:
    world.sessions.open(AGENT, SESSION, "browser", 30, world.now)
    world.now += 86
    world.run()
    assert world.told("agent:session")["phase"] == "ended"


def test_an_agent_whom_a_run_frees_is_shown_as_free(world: AgentWorld) -> None:
    world.by_browser()
    world.sessions.reserve(AGENT, SESSION, "a lead that was never called", "attempt", world.now)
    world.run()
    assert world.told("agent:session")["call"] is None


def test_a_run_that_changes_nothing_of_the_line_shows_none(world: AgentWorld) -> None:
    world.by_browser()
    before = len(_lines(world))
    world.now += 5
    world.run()
    assert len(_lines(world)) == before


def test_the_report_of_the_end_shows_the_wrap_up(world: AgentWorld, lead: str) -> None:
    world.answers(lead)
    world.joins(lead)
    before = len(_lines(world))
    assert world.ends(lead) == "applied"
    assert world.told("agent:session")["wrap_up"]["lead_id"] == lead
    assert len(_lines(world)) == before + 1
    assert world.ends(lead) == "repeated"
    assert len(_lines(world)) == before + 1


def test_a_lead_who_met_nobody_is_shown_so_and_the_dead_line_as_ended(world: AgentWorld, lead: str) -> None:
    world.answers(lead)
    world.lead_calls.alone(world.leg(lead), SESSION, 1, world.now)
    assert world.told("call:status_updated")["abandoned_at"] == stamp(world.now)
    assert world.told("agent:session")["phase"] == "ended"
    before = len(world.sockets.frames)
    world.lead_calls.alone(world.leg(lead), SESSION, 1, world.now)
    assert len(world.sockets.frames) == before, "the second time it is no news"


def test_a_line_that_was_replaced_meanwhile_is_not_ended_for_a_lead_in_the_old_room(
    world: AgentWorld, lead: str
) -> None:
    world.answers(lead)
    world.sessions.open(AGENT, "another session", "browser", 30, world.now)
    world.sessions.live(AGENT, "another session", "CA" + "b" * 32, world.now)
    world.lead_calls.alone(world.leg(lead), SESSION, 1, world.now)
    assert (world.session.session_id, world.session.phase) == ("another session", "live")


def test_what_a_run_learns_of_a_call_is_progress_and_what_it_knew_is_none(world: AgentWorld, lead: str) -> None:
    sid = world.row(lead)["call_sid"]
    world.twilio.known = {sid: "queued", LEG: "in-progress"}
    world.now += 60
    assert not world.run().report.has_progress
    before = world.row(lead)
    world.now += 60
    world.run()
    assert world.row(lead)["version"] == before["version"], "asked, and nothing is new"
    world.twilio.known[sid] = "no-answer"
    world.now += 60
    assert world.run().report.has_progress
    assert world.row(lead)["call_status"] == "no-answer"
