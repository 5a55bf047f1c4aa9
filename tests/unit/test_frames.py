"""What each frame of a page does: answered, never with silence and never with a crash."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autocall.agent_table import AgentTable
from autocall.lead_table import LeadTable
from autocall.messages import MAX_FRAME
from autocall.push import Push
from autocall.session_table import SessionTable
from autocall.timing import Timing, now
from functions.leads_fetched.agent_frames import AgentFrames
from functions.leads_fetched.frames import Frame, FrameHandler
from tests.faults.tables import AGENTS, LEADS, Tables
from tests.unit.dialer_world import FakeQueue
from tests.unit.leads_api_world import FakeSockets
from tests.unit.stopped_clock import stopped

AGENT = "agent"


class World:
    """An agent with two open pages."""

    def __init__(self, client: Any) -> None:
        self.agents, self.sockets, self.queue = AgentTable(client, AGENTS), FakeSockets(), FakeQueue()
        sockets: Any = self.sockets
        queue: Any = self.queue
        self.leads = LeadTable(client, LEADS, Timing())
        self.sessions = SessionTable(client, AGENTS, Timing())
        self.desk = FrameHandler(
            self.agents,
            self.leads,
            queue,
            Push(sockets, self.agents),
            AgentFrames(self.sessions, queue, Push(sockets, self.agents)),
        )
        for connection in ("one", "two"):
            self.agents.connect(AGENT, connection, int(now()) + 3600, now() - 100)

    def send(self, body: Any, connection: str = "one", expires_in: float = 3600) -> str:
        """What the log says of the frame."""
        text = body if body is None or isinstance(body, str) else json.dumps(body)
        return self.desk.handle(Frame(AGENT, connection, int(now() + expires_in), "frame", text))

    def seen(self, connection: str) -> float | None:
        tabs = {tab.connection_id: tab.seen_at for tab in self.agents.get_agent(AGENT).connections}
        return tabs.get(connection)


@pytest.fixture
def world() -> Iterator[World]:
    with stopped():
        yield World(Tables())


def test_leads_fetched_queues_a_run_and_answers_nothing_itself(world: World) -> None:
    assert world.send({"event": "leads:fetched"}) == "leads:fetched"
    assert world.queue.runs == [(AGENT, "leads:fetched", "frame")]
    assert world.sockets.frames == []


def test_a_ping_is_answered_to_the_page_that_sent_it(world: World) -> None:
    world.send({"event": "ping", "data": {}})
    assert world.sockets.frames == [("one", "pong", None)]
    assert world.queue.runs == []


def test_a_pause_reaches_all_pages_and_queues_nothing(world: World) -> None:
    world.send({"event": "autocall:pause"})
    assert [(to, event) for to, event, _ in world.sockets.frames] == [
        ("one", "autocall:paused"),
        ("two", "autocall:paused"),
    ]
    assert world.agents.get_agent(AGENT).paused
    assert world.queue.runs == []


def test_resuming_reaches_all_pages_and_queues_a_run(world: World) -> None:
    world.send({"event": "autocall:pause"})
    world.send({"event": "autocall:resume"})
    assert not world.agents.get_agent(AGENT).paused
    assert world.queue.runs == [(AGENT, "resumed", "frame")]


def test_calls_are_not_canceled_over_the_socket_and_nothing_is_paused_then(world: World) -> None:
    assert world.send({"event": "autocall:pause", "data": {"cancel_ringing": True}}) == "malformed_frame"
    assert not world.agents.get_agent(AGENT).paused
    assert world.sockets.frames[0][1] == "error"


@pytest.mark.parametrize(
    "body", [{"event": "ping"}, {"event": "leads:fetched"}, {"event": "nothing"}, "{", None], ids=str
)
def test_every_frame_shows_that_somebody_is_there(world: World, body: Any) -> None:
    assert world.seen("one") is None
    world.send(body)
    assert world.seen("one") == now()
    assert world.seen("two") is None


MALFORMED: dict[str, Any] = {
    "nothing": None,
    "empty": "",
    "no JSON": "leads:fetched",
    "broken off": '{"event": "ping"',
    "a text": '"ping"',
    "a list": '["ping"]',
    "a number": "1",
    "null": "null",
    "no event": {},
    "an event of another kind": {"event": 1},
    "an event of null": {"event": None},
    "data of another kind": {"event": "ping", "data": []},
    "data as text": {"event": "ping", "data": "x"},
    "too deep": "[" * 20_000,
    "a number of too many digits": '{"event": ' + "1" * 5000 + "}",
    "too large": {"event": "ping", "data": {"x": "x" * MAX_FRAME}},
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_frame_that_cannot_be_read_is_told_why_and_does_nothing(world: World, body: Any) -> None:
    assert world.send(body) == "malformed_frame"
    [(to, event, data)] = world.sockets.frames
    assert (to, event, data["code"]) == ("one", "error", "malformed_frame")
    assert data["message"]
    assert (world.queue.runs, world.sockets.closed) == ([], [])


@pytest.mark.parametrize("event", ["", "call:started", "Ping", "leads:fetched ", "x" * 5000, "\x00", "🙂"])
def test_an_unknown_event_is_told_so_in_few_words(world: World, event: str) -> None:
    assert world.send({"event": event}) == "unknown_event"
    [(_, told, data)] = world.sockets.frames
    assert (told, data["code"]) == ("error", "unknown_event")
    assert len(data["message"]) < 300


@pytest.mark.parametrize("body", [{"event": "leads:fetched"}, {"event": "autocall:pause"}, "{"], ids=str)
@pytest.mark.parametrize("expires_in", [0, -1, -10_000])
def test_a_token_that_has_expired_closes_its_connection_and_does_nothing(
    world: World, body: Any, expires_in: float
) -> None:
    assert world.send(body, expires_in=expires_in) == "token_expired"
    assert [(to, data["code"]) for to, _, data in world.sockets.frames] == [("one", "token_expired")]
    assert world.sockets.closed == ["one"]
    assert world.seen("one") is None
    assert world.queue.runs == []


def test_a_connection_that_was_signed_out_is_closed_and_never_comes_back(world: World) -> None:
    world.agents.disconnect(AGENT, "one")
    assert world.send({"event": "leads:fetched"}) == "connection_closed"
    assert world.sockets.closed == ["one"]
    assert [tab.connection_id for tab in world.agents.get_agent(AGENT).connections] == ["two"]
    assert world.queue.runs == []


def test_a_burst_of_frames_is_a_burst_of_answers(world: World) -> None:
    for _ in range(20):
        world.send({"event": "ping"})
        world.send({"event": "leads:fetched"})
    assert [event for _, event, _ in world.sockets.frames] == ["pong", *["pong", "error"] * 19]
    assert len(world.queue.runs) == 1


def test_a_page_may_ask_for_a_run_once_a_second(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it asks for meanwhile is refused in words, and its other frames are answered."""
    told = []
    for later in (0, 0.5, 0.999, 1.0, 1.5, 2.0):
        monkeypatch.setattr("functions.leads_fetched.frames.now", lambda later=later: now() + later)
        told.append(world.send({"event": "leads:fetched"}))
        assert world.send({"event": "ping"}) == "ping"
    assert told == ["leads:fetched", "too_fast", "too_fast", "leads:fetched", "too_fast", "leads:fetched"]
    assert len(world.queue.runs) == 3


def test_one_page_does_not_count_for_another(world: World) -> None:
    assert [world.send({"event": "leads:fetched"}, tab) for tab in ("one", "two")] == ["leads:fetched"] * 2


def test_a_page_whose_clock_was_ahead_when_it_asked_is_not_shut_out(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("functions.leads_fetched.frames.now", lambda: now() + 3600)
    world.send({"event": "leads:fetched"}, expires_in=7200)
    monkeypatch.setattr("functions.leads_fetched.frames.now", now)
    assert world.send({"event": "leads:fetched"}) == "leads:fetched"


def test_a_frame_of_a_closed_connection_queues_nothing(world: World) -> None:
    world.agents.disconnect(AGENT, "one")
    assert world.send({"event": "leads:fetched"}) == "connection_closed"
    assert world.queue.runs == []


def test_a_page_that_is_gone_is_no_reason_to_fail(world: World) -> None:
    def gone(**_: Any) -> None:
        raise world.sockets.exceptions.GoneException

    world.sockets.post_to_connection = gone  # type: ignore[assignment, method-assign]
    assert world.send({"event": "ping"}) == "ping"


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
)
FRAMES = (
    st.text(max_size=60)
    | ANYTHING
    | st.fixed_dictionaries({"event": st.text(max_size=20)}, optional={"data": ANYTHING})
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(body=FRAMES)
def test_whatever_comes_is_answered(world: World, body: Any) -> None:
    world.sockets.frames.clear()
    told = world.send(body)
    assert told in ("malformed_frame", "unknown_event")
    assert [event for _, event, _ in world.sockets.frames] == ["error"]
