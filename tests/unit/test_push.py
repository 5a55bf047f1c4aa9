"""Events to the tabs: posted to each, and no failure of one is anybody else's."""

import io
import threading
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError

from autocall import leads
from autocall.agent_table import AgentTable, Connection
from autocall.outboxes import WORKERS
from autocall.push import Push
from autocall.timing import now
from tests.faults.tables import AGENTS, Tables
from tests.unit.leads_api_world import FakeSockets, Gone

AGENT = "agent"
FAILURES = [
    ClientError({"Error": {"Code": "LimitExceededException"}}, "PostToConnection"),
    ClientError({"Error": {"Code": "ForbiddenException"}}, "PostToConnection"),
    ConnectTimeoutError(endpoint_url="https://example.com"),
]
ROW = {"lead_id": "lead", "phone": "+15005550100", "name": "Ada", "version": 3, "attempt_id": "a"}


class Sockets(FakeSockets):
    """Sockets of which some fail."""

    def __init__(self) -> None:
        super().__init__()
        self.failing: dict[str, Exception] = {}

    def post_to_connection(self, ConnectionId: str, Data: bytes) -> None:  # noqa: N803 - boto3's names
        if ConnectionId in self.failing:
            raise self.failing[ConnectionId]
        super().post_to_connection(ConnectionId, Data)

    def delete_connection(self, ConnectionId: str) -> None:  # noqa: N803
        if ConnectionId in self.failing:
            raise self.failing[ConnectionId]
        super().delete_connection(ConnectionId)


class World:
    """An agent with three tabs, each of which has sent a frame."""

    def __init__(self, client: Any) -> None:
        self.sockets, self.agents = Sockets(), AgentTable(client, AGENTS)
        sockets: Any = self.sockets
        self.push = Push(sockets, self.agents)
        for tab in ("a", "b", "c"):
            self.agents.connect(AGENT, tab, int(now()) + 3600, now())
            self.agents.touch(AGENT, tab, now())

    @property
    def tabs(self) -> list[str]:
        return [tab.connection_id for tab in self.agents.get_agent(AGENT).connections]

    @property
    def heard(self) -> list[tuple[str, str]]:
        """What each tab heard, in its order; the tabs by their names, for no order between them is promised."""
        return sorted(((to, event) for to, event, _ in self.sockets.frames), key=lambda one: one[0])


@pytest.fixture
def world() -> World:
    return World(Tables())


def test_an_event_goes_to_every_tab_of_the_user_and_to_nobody_else(world: World) -> None:
    world.agents.connect("another", "x", int(now()) + 3600, now())
    world.push.broadcast(AGENT, "autocall:paused", {"version": 1})
    assert world.heard == [(tab, "autocall:paused") for tab in "abc"]


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: type(failure).__name__)
def test_a_tab_that_fails_keeps_no_other_from_hearing(world: World, failure: Exception) -> None:
    world.sockets.failing["a"] = failure
    world.push.broadcast(AGENT, "pong", None)
    assert world.heard == [("b", "pong"), ("c", "pong")]
    assert world.tabs == ["a", "b", "c"]
    assert world.push.counts() == {"pushes": 3, "pushes_failed": 1}


def test_a_tab_that_is_gone_is_forgotten_and_no_other(world: World) -> None:
    world.sockets.failing["b"] = Gone()
    world.push.broadcast(AGENT, "pong", None)
    assert world.tabs == ["a", "c"]
    assert world.push.counts() == {"pushes": 3, "pushes_gone": 1}


def test_a_tab_in_its_handshake_is_not_forgotten(world: World) -> None:
    world.agents.connect(AGENT, "new", int(now()) + 3600, now())
    world.sockets.failing["new"] = Gone()
    world.push.broadcast(AGENT, "pong", None)
    assert "new" in world.tabs


def test_a_tab_that_cannot_be_forgotten_fails_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise FAILURES[0]

    monkeypatch.setattr(world.agents, "delete_if_gone", refuse)
    world.sockets.failing["b"] = Gone()
    world.push.broadcast(AGENT, "pong", None)
    assert world.heard == [("a", "pong"), ("c", "pong")]


@pytest.mark.parametrize("failure", [*FAILURES[:1], FAILURES[2]], ids=lambda failure: type(failure).__name__)
def test_closing_a_socket_that_cannot_be_closed_fails_nothing(world: World, failure: Exception) -> None:
    world.sockets.failing["a"] = failure
    world.push.close("a")
    world.push.close("b")
    assert world.sockets.closed == ["b"]


def test_a_tab_whose_token_is_over_hears_nothing_more(world: World) -> None:
    world.agents.connect(AGENT, "expired", int(now()) - 1, now() - 3600)
    world.push.broadcast(AGENT, "autocall:paused", {"version": 1})
    assert world.heard == [(tab, "autocall:paused") for tab in "abc"]


class Slow(Sockets):
    """Every post takes *takes_s*; those to *stuck* do not come back until they are let.

    The first ones, *together*, come back once all of these are under way; fails if they never are.
    """

    def __init__(self, takes_s: float, stuck: str = "", together: int = 1) -> None:
        super().__init__()
        self.together, self.meet = together, threading.Barrier(together, timeout=30)
        self.takes_s, self.stuck, self.let = takes_s, stuck, threading.Event()
        self.at_once = self.most_at_once = 0
        self.lock = threading.Lock()

    def post_to_connection(self, ConnectionId: str, Data: bytes) -> None:  # noqa: N803
        with self.lock:
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
            self.together -= 1
            is_first = self.together >= 0
        if is_first:
            self.meet.wait()
        self.let.wait() if ConnectionId == self.stuck else time.sleep(self.takes_s)
        with self.lock:
            self.at_once -= 1
            super().post_to_connection(ConnectionId, Data)


def _open(count: int) -> list[Connection]:
    return [Connection(f"tab-{index:03}", now(), now() + 3600, now() + 3600) for index in range(count)]


def _push_to(sockets: Slow) -> Push:
    fakes: Any = sockets
    nobody: Any = None
    return Push(fakes, nobody)


@pytest.mark.parametrize("count", [20, 60, 150])
def test_the_pushes_of_one_event_go_out_together(count: int) -> None:
    """The first ones wait for each other: one after the other they would never come back."""
    sockets = Slow(0, together=WORKERS)
    _push_to(sockets).broadcast(AGENT, "pong", None, _open(count))
    assert len(sockets.frames) == count
    assert sockets.most_at_once == WORKERS


def test_every_tab_hears_all_events_in_their_order() -> None:
    sockets = Slow(0.001)
    push, tabs = _push_to(sockets), _open(25)
    for number in range(20):
        push.broadcast(AGENT, f"event {number}", None, tabs)
    push.counts()
    for tab in tabs:
        heard = [event for to, event, _ in sockets.frames if to == tab.connection_id]
        assert heard == [f"event {number}" for number in range(20)]


def test_who_does_not_wait_is_not_held_up_and_the_tab_hears_all_in_order() -> None:
    sockets = Slow(0, stuck="tab-000")
    push, tabs = _push_to(sockets), _open(1)
    for number in range(5):
        push.broadcast(AGENT, f"event {number}", None, tabs, waits=False)
    assert sockets.frames == []
    sockets.let.set()
    assert push.counts() == {"pushes": 5}
    assert [event for _, event, _ in sockets.frames] == [f"event {number}" for number in range(5)]


def test_a_tab_that_is_stuck_holds_up_one_event_and_no_other_tab(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autocall.push._PATIENCE_S", 0.2)
    monkeypatch.setattr("autocall.push._FLUSH_S", 0.2)
    sockets = Slow(0, stuck="tab-001")
    push, tabs = _push_to(sockets), _open(3)
    began = time.monotonic()
    for number in range(50):
        push.broadcast(AGENT, f"event {number}", None, tabs)
    counts = push.counts()
    took = time.monotonic() - began
    for tab in ("tab-000", "tab-002"):
        assert [event for to, event, _ in sockets.frames if to == tab] == [f"event {number}" for number in range(50)]
    sockets.let.set()
    assert took < 2
    assert counts == {"pushes": 101, "pushes_failed": 49}


def test_what_a_stuck_tab_missed_comes_late_and_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autocall.push._PATIENCE_S", 0.05)
    sockets = Slow(0, stuck="tab-000")
    push, tabs = _push_to(sockets), _open(1)
    for number in range(5):
        push.broadcast(AGENT, f"event {number}", None, tabs)
    sockets.let.set()
    assert push.counts() == {"pushes": 5}
    assert [event for _, event, _ in sockets.frames] == [f"event {number}" for number in range(5)]


def test_a_mistake_of_ours_in_a_push_is_not_swallowed(world: World) -> None:
    """Only what AWS answers is nobody else's trouble."""
    world.sockets.failing["a"] = RuntimeError("ours")
    with pytest.raises(RuntimeError, match="ours"):
        world.push.broadcast(AGENT, "pong", None)


def test_nor_is_it_where_nobody_waited_for_the_push(world: World) -> None:
    world.sockets.failing["a"] = RuntimeError("ours")
    world.push.broadcast(AGENT, "pong", None, waits=False)
    with pytest.raises(RuntimeError, match="ours"):
        world.push.counts()


def test_what_was_counted_is_counted_once(world: World) -> None:
    world.push.send(AGENT, "a", "pong")
    assert world.push.counts() == {"pushes": 1}
    assert world.push.counts() == {}


def test_a_row_is_told_without_its_number_and_name(world: World) -> None:
    world.push.push_lead(AGENT, ROW | {"call_status": "ringing", "was": "queued"})
    assert {name for _, _, data in world.sockets.frames for name in data} & {"phone", "name", "zones", "note"} == set()
    assert "+1500" not in repr(world.sockets.frames)


def test_nothing_of_a_lead_but_its_id_is_logged(world: World, logged: io.StringIO) -> None:
    world.sockets.failing["a"] = FAILURES[0]
    world.push.push_lead(AGENT, ROW | {"call_status": "ringing", "was": "queued"})
    assert '"lead_id":"lead"' in logged.getvalue()
    assert "push failed" in logged.getvalue()
    assert "+1500" not in logged.getvalue()
    assert "Ada" not in logged.getvalue()


STARTED, UPDATED, COMPLETED = "call:started", "call:status_updated", "call:completed"
TOLD: list[tuple[str, str, list[str]]] = [
    ("claimed", "queued", [STARTED]),
    ("unknown", "queued", [STARTED]),
    ("claimed", "ringing", [STARTED]),
    ("pending", "in-progress", [STARTED]),
    ("queued", "initiated", [UPDATED]),
    ("queued", "ringing", [UPDATED]),
    ("ringing", "in-progress", [UPDATED]),
    ("unknown", "ringing", [UPDATED]),
    ("claimed", "unknown", [UPDATED]),
    ("claimed", "pending", [UPDATED]),
    ("in-progress", "completed", [COMPLETED]),
    ("ringing", "busy", [COMPLETED]),
    ("queued", "completed", [UPDATED, COMPLETED]),
    ("claimed", "completed", [STARTED, UPDATED, COMPLETED]),
    ("pending", "no-answer", [STARTED, UPDATED, COMPLETED]),
]


@pytest.mark.parametrize(("was", "status", "events"), TOLD)
def test_a_write_that_skips_a_stage_tells_the_skipped_ones_first(
    world: World, was: str, status: str, events: list[str]
) -> None:
    world.push.push_lead(AGENT, ROW | {"call_status": status, "was": was, "call_sid": "CA1"})
    assert [event for to, event in world.heard if to == "a"] == events


def test_a_call_that_was_refused_never_started() -> None:
    assert leads.events_of_last_write({"call_status": "failed", "was": "claimed"}) == (COMPLETED,)
