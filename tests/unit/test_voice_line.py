"""The agent's own call: into their room, the room's events in any order and number, and its end."""

from collections.abc import Iterator
from itertools import permutations

import pytest

from autocall import reasons
from autocall.session import ENDED, LIVE, RINGING
from autocall.timing import stamp
from tests.unit.agent_world import AGENT, LEG, SESSION, AgentWorld, agent_world


@pytest.fixture
def world() -> Iterator[AgentWorld]:
    with agent_world() as made:
        yield made


@pytest.fixture
def lead(world: AgentWorld) -> str:
    """A lead who has answered."""
    (lead,) = world.waiting()
    world.by_browser()
    world.run()
    world.answers(lead)
    return lead


def test_the_agents_room_begins_with_them_and_ends_with_them(world: AgentWorld) -> None:
    world.sessions.open(AGENT, SESSION, "browser", 30, world.now)
    document = world.agent_calls.document(AGENT, SESSION, LEG, "voice", world.now)
    for attribute in ('startConferenceOnEnter="true"', 'endConferenceOnExit="true"', 'waitUrl=""', 'beep="false"'):
        assert attribute in document
    assert 'participantLabel="agent"' in document
    assert world.session.phase == LIVE
    assert world.told("agent:session")["phase"] == LIVE


def test_a_second_page_with_the_same_session_is_told_that_the_line_is_taken(world: AgentWorld) -> None:
    world.by_browser()
    assert "not in use" in world.agent_calls.document(AGENT, SESSION, "CA" + "c" * 32, "voice", world.now)
    assert world.session.call_sid == LEG


def test_the_same_request_again_has_the_room_and_queues_a_run_again(world: AgentWorld) -> None:
    world.by_browser()
    assert "<Conference" in world.agent_calls.document(AGENT, SESSION, LEG, "voice", world.now)
    assert world.causes == ["on the line"] * 2


def test_when_the_lead_joins_the_page_says_connected(world: AgentWorld, lead: str) -> None:
    world.now += 1
    world.joins(lead)
    assert world.row(lead)["joined_at"] == stamp(world.now)
    assert world.told("call:status_updated")["joined_at"] == stamp(world.now)
    assert world.told("agent:session")["call"]["joined"] == stamp(world.now)
    counts, measured = world.counts.take()
    assert counts["joined"] == 1
    assert "joined_late" not in counts
    assert measured == {"join_time": pytest.approx(1000)}


def test_who_waited_for_more_than_two_seconds_is_counted_apart(world: AgentWorld, lead: str) -> None:
    world.now += 3
    world.joins(lead)
    assert world.counted()["joined_late"] == 1


def test_a_doubled_event_counts_once_and_is_told_once(world: AgentWorld, lead: str) -> None:
    world.joins(lead)
    told = len(world.sockets.frames)
    world.joins(lead)
    assert len(world.sockets.frames) == told
    assert world.counted()["joined"] == 1


def test_a_lead_who_comes_into_an_empty_room_has_joined_nobody(world: AgentWorld, lead: str) -> None:
    """The room's events are those that the first who came in asked for: here the lead."""
    attempt = world.attempt(lead)
    world.room("participant-join", f"{attempt}.{lead}", attempt=attempt, lead=lead)
    assert "joined_at" not in world.row(lead)
    world.room("participant-join", "agent", attempt=attempt, lead=lead)
    assert "joined_at" in world.row(lead)


@pytest.mark.parametrize("order", list(permutations(["joins", "leaves", "ends"])), ids=" ".join)
def test_in_whatever_order_the_reports_come_the_agent_is_free_in_the_end(
    world: AgentWorld, lead: str, order: tuple[str, ...]
) -> None:
    for word in order * 2:
        getattr(world, word)(lead)
    assert not world.session.is_engaged(world.now)
    assert "joined_at" in world.row(lead)
    world.now += 31
    assert not world.session.is_wrapping(world.now)


def test_the_rooms_end_is_the_end_of_the_agents_call_and_spends_no_lead(world: AgentWorld, lead: str) -> None:
    world.room("conference-end")
    assert (world.session.phase, world.session.reason) == (ENDED, reasons.LEFT)
    assert world.session.attempt == world.attempt(lead)


def test_an_event_of_an_old_room_does_nothing_to_the_new_session(world: AgentWorld) -> None:
    world.by_browser()
    world.by_browser("s2", "CA" + "b" * 32)
    world.room("conference-end")
    world.agent_calls.over(AGENT, "", LEG, "completed", world.now)
    assert (world.session.phase, world.session.session_id) == (LIVE, "s2")


def test_a_report_that_the_leg_goes_on_ends_nothing(world: AgentWorld) -> None:
    world.by_browser()
    world.agent_calls.over(AGENT, "", LEG, "in-progress", world.now)
    assert world.session.phase == LIVE


def test_a_leg_that_ended_before_its_room_was_asked_for_is_not_brought_back(world: AgentWorld) -> None:
    world.sessions.open(AGENT, SESSION, "phone", 30, world.now)
    assert world.session.phase == RINGING
    world.agent_calls.over(AGENT, SESSION, LEG, "no-answer", world.now)
    assert "not in use" in world.agent_calls.document(AGENT, SESSION, LEG, "voice", world.now)


def test_any_word_of_the_room_shows_that_the_agent_is_there_once_a_minute(world: AgentWorld) -> None:
    world.by_browser()
    world.room("conference-start")
    heard = world.session.item["heard_at"]
    world.now += 61
    world.room("participant-join", "agent")
    assert world.session.item["heard_at"] == stamp(world.now) > heard


# -- what the page says ------------------------------------------------------------------------------------------------


def test_typing_lets_the_wrap_up_go_on(world: AgentWorld, lead: str) -> None:
    world.joins(lead)
    world.leaves(lead)
    world.now += 29
    world.frames.answer(AGENT, "agent:typing", {"attempt_id": world.attempt(lead)}, "frame", world.now)
    assert world.told("agent:session")["wrap_up"]["until"] == stamp(world.now + 60)


def test_ready_while_they_still_talk_queues_no_run_and_leaves_out_the_wrap_up(world: AgentWorld, lead: str) -> None:
    world.joins(lead)
    causes = list(world.causes)
    world.frames.answer(AGENT, "agent:ready", {"attempt_id": world.attempt(lead)}, "frame", world.now)
    assert world.causes == causes
    world.leaves(lead)
    assert world.causes == [*causes, "call ended"]
    assert not world.session.is_wrapping(world.now)


def test_the_page_hears_that_the_agents_call_is_over(world: AgentWorld) -> None:
    world.by_browser()
    world.agent_calls.over(AGENT, SESSION, LEG, "completed", world.now)
    assert world.told("agent:session")["phase"] == ENDED


def test_an_agent_who_leaves_the_room_has_ended_their_call(world: AgentWorld) -> None:
    """Whether the room's own end is reported or not."""
    world.by_browser()
    world.room("participant-leave", "agent")
    assert (world.session.phase, world.session.reason) == (ENDED, reasons.LEFT)


def test_a_lead_who_comes_into_the_room_first_keeps_their_agent(world: AgentWorld, lead: str) -> None:
    attempt = world.attempt(lead)
    world.room("participant-join", f"{attempt}.{lead}", attempt=attempt, lead=lead)
    assert world.session.attempt == attempt


def test_whoever_is_nobodys_lead_and_leaves_lets_no_run_start(world: AgentWorld) -> None:
    world.by_browser()
    world.queue.runs.clear()
    world.room("participant-leave", "a listener")
    assert world.causes == []


def test_the_page_is_shown_that_the_agent_is_free_though_no_run_can_be_queued(
    world: AgentWorld, lead: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_about: object) -> None:
        raise ConnectionError

    world.sockets.frames.clear()
    monkeypatch.setattr(world.queue, "enqueue_run", fails)
    with pytest.raises(ConnectionError):
        world.leaves(lead)
    assert world.told("agent:session")["call"] is None
