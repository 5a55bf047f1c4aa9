"""A push to a socket that is closed: that connection's record is deleted, no other, and none in its handshake."""

import uuid
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

from autocall.agent_table import AgentTable, Touch
from autocall.push import Push
from autocall.timing import now
from tests.e2e.agents import PATIENCE_S, Person, close_tabs, eventually, sign_up
from tests.integration.conftest import Client


@pytest.fixture
def agent(stack: dict[str, Any]) -> Iterator[Person]:
    person = sign_up(stack)
    yield person
    close_tabs(person)


@pytest.fixture
def push(stack: dict[str, Any], client: Client, agents: AgentTable) -> Push:
    """As a function has it: the socket's management API beside the socket's own address."""
    endpoint = stack["websocket_url"].replace("ws", "http", 1)
    return Push(client("apigatewaymanagementapi", endpoint_url=endpoint), agents)


def _records(agents: AgentTable, user: str) -> set[str]:
    return {connection.connection_id for connection in agents.get_agent(user).connections}


def _a_dead_connection(agents: AgentTable, user: str, *, shook_hands: bool) -> str:
    """The record of a socket that API Gateway does not have: its `$disconnect` never came."""
    connection = uuid.uuid4().hex[:16]
    agents.connect(user, connection, int(now()) + 3600, now())
    if shook_hands:
        assert agents.touch(user, connection, now()) is Touch.NOTED
    return connection


def test_a_push_to_a_closed_socket_deletes_that_record_and_reaches_the_others(
    agents: AgentTable, push: Push, agent: Person, user: str
) -> None:
    """The closed one is forgotten; the open tab hears the event and stays; another user's dead record stays too."""
    tab = agent.tab()
    tab.emit("ping")
    tab.wait(lambda tab: tab.events("pong"))
    (open_one,) = _records(agents, agent.user_id)
    dead = _a_dead_connection(agents, agent.user_id, shook_hands=True)
    somebody_elses = _a_dead_connection(agents, user, shook_hands=True)

    push.broadcast(agent.user_id, "autocall:resumed", {"version": 1})

    tab.wait(lambda tab: tab.events("autocall:resumed"))
    assert dead not in _records(agents, agent.user_id)
    assert _records(agents, agent.user_id) == {open_one}
    assert _records(agents, user) == {somebody_elses}
    assert push.counts() == {"pushes": 2, "pushes_gone": 1}


def test_a_record_in_its_handshake_is_not_deleted(agents: AgentTable, push: Push, user: str) -> None:
    """Between `$connect` and the open socket a push finds nobody: the record stays, and the first frame counts."""
    in_handshake = _a_dead_connection(agents, user, shook_hands=False)
    push.broadcast(user, "autocall:resumed", {"version": 1})
    assert push.counts() == {"pushes": 1, "pushes_gone": 1}
    assert _records(agents, user) == {in_handshake}
    assert agents.touch(user, in_handshake, now()) is Touch.NOTED


def test_a_deleted_record_never_comes_back(agents: AgentTable, push: Push, user: str) -> None:
    """A frame that was on its way when its connection was forgotten does not revive the record."""
    dead = _a_dead_connection(agents, user, shook_hands=True)
    push.broadcast(user, "autocall:resumed", {"version": 1})
    assert agents.touch(user, dead, now()) is Touch.GONE
    assert _records(agents, user) == set()


def test_a_socket_that_dies_without_a_word_is_forgotten(agents: AgentTable, push: Push, agent: Person) -> None:
    """A browser that is killed leaves a record only until it is noticed, by `$disconnect` or by the next push."""
    socket: ClientConnection
    address = f"{agent.outputs['websocket_url']}?token={agent.token}"
    with closing(connect(address, open_timeout=PATIENCE_S, ping_interval=None)) as socket:
        socket.send('{"event":"ping"}')
        assert "pong" in str(socket.recv(timeout=PATIENCE_S))
        assert len(_records(agents, agent.user_id)) == 1
        socket.socket.close()
        eventually(lambda: not push.broadcast(agent.user_id, "pong", {}) and not _records(agents, agent.user_id))
