"""The socket's door: who may open it, and what is recorded of who did."""

import hashlib
import io
import time
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from autocall.leads import user_id
from autocall.timing import now
from tests.unit.issuer import CLIENT, ISSUER, Issuer
from tests.unit.leads_api_world import FakeSockets, no_answer
from tests.unit.scripted_server import scripted_server, told_json
from tests.unit.shipped_functions import AGENT, Shipped, shipped

SIGNER = Issuer()
ARN = "arn:aws:execute-api:us-east-1:123456789012:api/live/$connect"
PAGE = "https://page.example.com"


@pytest.fixture(scope="module")
def world() -> Iterator[Shipped]:
    settings = {
        "ISSUER": ISSUER,
        "AUDIENCE": f"{CLIENT},another client",
        "ALLOWED_ORIGINS": f"{PAGE},http://localhost:5173",
    }
    with (
        pytest.MonkeyPatch.context() as patch,
        scripted_server(told_json(200, SIGNER.jwks)) as keys,
        shipped(patch, JWKS_URL=keys.url, **settings) as functions,
    ):
        yield functions


def _handshake(world: Shipped, token: str | None, **headers: str) -> dict[str, Any]:
    query = None if token is None else {"token": token}
    event = {"type": "REQUEST", "methodArn": ARN, "headers": headers, "queryStringParameters": query}
    answer: dict[str, Any] = world.invoke("connect", event)
    return answer


def _effect(answer: dict[str, Any]) -> str:
    [statement] = answer["policyDocument"]["Statement"]
    assert (statement["Action"], statement["Resource"]) == ("execute-api:Invoke", ARN)
    return str(statement["Effect"])


def test_a_good_token_opens_the_socket_and_its_context_rides_along_as_text(world: Shipped) -> None:
    exp = int(time.time()) + 60
    answer = _handshake(world, SIGNER.token(exp=exp), Origin=PAGE)
    assert _effect(answer) == "Allow"
    assert answer["principalId"] == "ada"
    assert answer["context"] == {"user_id": "ada", "token_expires_at": str(exp)}


@pytest.mark.parametrize(
    "subject",
    ["ada@example.com", "auth0|123", "../x", "#installation", "a b", "ü", "🙂", "x" * 65, "~abc", "a/b?c", " ", ""],
)
def test_a_subject_of_strange_characters_becomes_a_key_of_plain_ones(world: Shipped, subject: str) -> None:
    context = _handshake(world, SIGNER.token(sub=subject))["context"]
    assert context["user_id"] == user_id(subject)
    assert context["user_id"].startswith("~")
    assert set(context["user_id"][1:]) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
    assert len(context["user_id"]) == 44


@pytest.mark.parametrize("subject", ["ada", "A-1_b", "x" * 64, "6f9619ff-8b86-d011-b42d-00cf4fc964ff"])
def test_a_plain_subject_is_the_key(world: Shipped, subject: str) -> None:
    assert _handshake(world, SIGNER.token(sub=subject))["context"]["user_id"] == subject


@pytest.mark.parametrize("token", [None, "", "x", "a.b.c"])
def test_no_good_token_no_socket(world: Shipped, token: str | None) -> None:
    answer = _handshake(world, token, Origin=PAGE)
    assert _effect(answer) == "Deny"
    assert "context" not in answer


@pytest.mark.parametrize(
    "changes", [{"exp": 1}, {"iss": "https://evil.example.com"}, {"aud": "a third client"}, {"sub": None}], ids=str
)
def test_a_wrong_token_opens_nothing(world: Shipped, changes: dict[str, Any]) -> None:
    assert _effect(_handshake(world, SIGNER.token(**changes), Origin=PAGE)) == "Deny"


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example.com",
        "null",
        "",
        PAGE + "/",
        PAGE.upper(),
        "http://page.example.com",
        PAGE + ".evil.com",
        "*",
    ],
)
@pytest.mark.parametrize("name", ["Origin", "origin", "ORIGIN"])
def test_a_page_of_another_origin_opens_nothing_with_a_good_token(world: Shipped, name: str, origin: str) -> None:
    assert _effect(_handshake(world, SIGNER.token(), **{name: origin})) == "Deny"


@pytest.mark.parametrize("headers", [{}, {"Origin": PAGE}, {"origin": "http://localhost:5173"}], ids=str)
def test_a_listed_origin_or_no_browser_at_all_is_let_in(world: Shipped, headers: dict[str, str]) -> None:
    assert _effect(_handshake(world, SIGNER.token(), **headers)) == "Allow"


def test_a_handshake_reads_and_writes_nothing(world: Shipped) -> None:
    world.requests.clear()
    _handshake(world, SIGNER.token(), Origin=PAGE)
    assert not world.requests


def test_a_refusal_tells_the_stranger_nothing_and_the_log_the_reason(world: Shipped, logged: io.StringIO) -> None:
    token = SIGNER.token(exp=1)
    answer = _handshake(world, token, Origin=PAGE)
    assert "Expired" not in repr(answer)
    assert "ExpiredSignatureError" in logged.getvalue()
    assert token not in logged.getvalue()


def test_a_token_that_is_too_long_for_an_address_is_named_in_the_log(world: Shipped, logged: io.StringIO) -> None:
    """However good it is: elsewhere than here the gateway turns it away, and nobody would know why."""
    token = SIGNER.token(groups=["x" * 4096])
    assert _effect(_handshake(world, token, Origin=PAGE)) == "Deny"
    assert f"the token has {len(token)} characters" in logged.getvalue()


# -- connections -------------------------------------------------------------------------------------------------------


def test_a_connection_is_recorded_as_not_there_until_its_first_frame(world: Shipped) -> None:
    assert world.door("$connect", "new") == {"statusCode": 200}
    [tab] = [tab for tab in world.agents.get_agent(AGENT).connections if tab.connection_id == "new"]
    assert tab.seen_at is None
    assert not tab.present(now(), 180)
    assert tab.token_expires_at == now() + 3600
    assert tab.expires_at == now() + 2 * 3600 + 300


@pytest.fixture
def sockets(world: Shipped, monkeypatch: pytest.MonkeyPatch) -> FakeSockets:
    """What `connect` posts to and closes; it starts with no connection of the agent."""
    for tab in world.agents.get_agent(AGENT).connections:
        world.agents.disconnect(AGENT, tab.connection_id)
    fake = FakeSockets()
    monkeypatch.setattr(world.function("connect").push, "_client", fake)
    return fake


def _opened(world: Shipped, count: int, since: float) -> list[str]:
    """So many connections, each a second later than the one before, the youngest at *since*; their ids, oldest first.

    The ids' own order, in which the table has them, is another.
    """
    ids = [f"{hash_of(index)}-{index}" for index in range(count)]
    for index, connection in enumerate(ids):
        world.agents.connect(AGENT, connection, int(now()) + 3600, since - count + index)
    return ids


def hash_of(index: int) -> str:
    return hashlib.sha256(str(index).encode()).hexdigest()[:8]


def test_the_twenty_first_connection_closes_the_oldest_which_is_told_why(world: Shipped, sockets: FakeSockets) -> None:
    ids = _opened(world, 20, now() - 1)
    world.door("$connect", "new")
    assert {tab.connection_id for tab in world.agents.get_agent(AGENT).connections} == {*ids[1:], "new"}
    assert sockets.closed == ids[:1]
    assert [(to, event, data["code"]) for to, event, data in sockets.frames] == [
        (ids[0], "error", "too_many_connections")
    ]


def test_twenty_connections_are_nobodys_trouble(world: Shipped, sockets: FakeSockets) -> None:
    _opened(world, 19, now() - 1)
    world.door("$connect", "new")
    assert len(world.agents.get_agent(AGENT).connections) == 20
    assert sockets.closed == []


def test_a_page_that_renews_its_connection_takes_its_own_place_and_no_other_pages(
    world: Shipped, sockets: FakeSockets
) -> None:
    """Twenty pages are open, and the one that renews is not the oldest."""
    ids = _opened(world, 19, now() - 1)
    world.door("$connect", "old", token="t", page="this")
    world.door("$connect", "new", token="t", page="this")
    assert {tab.connection_id for tab in world.agents.get_agent(AGENT).connections} == {*ids, "new"}
    assert sockets.closed == ["old"]


def test_a_page_that_renews_keeps_both_connections_while_there_is_room(world: Shipped, sockets: FakeSockets) -> None:
    for connection in ("old", "new"):
        world.door("$connect", connection, page="this")
    assert {tab.page for tab in world.agents.get_agent(AGENT).connections} == {"this"}
    assert sockets.closed == []


@pytest.mark.usefixtures("sockets")
def test_one_name_for_all_pages_makes_no_more_of_them(world: Shipped) -> None:
    for index in range(25):
        world.door("$connect", f"c{index}", page="p" * 1000)
    tabs = world.agents.get_agent(AGENT).connections
    assert (len(tabs), {len(tab.page) for tab in tabs}) == (20, {64})


def test_what_many_handshakes_at_once_left_over_is_closed_by_the_next(world: Shipped, sockets: FakeSockets) -> None:
    ids = _opened(world, 60, now() - 1)
    world.door("$connect", "new")
    assert {tab.connection_id for tab in world.agents.get_agent(AGENT).connections} == {*ids[41:], "new"}
    assert sockets.closed == ids[:41]


def test_where_connections_cannot_be_read_nobody_comes_in_and_nothing_is_left_of_the_try(
    world: Shipped, sockets: FakeSockets, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether the agent may come in cannot be known."""

    def silent(_user: str) -> None:
        raise no_answer("Query")

    with monkeypatch.context() as patch:
        patch.setattr(world.function("connect").agents, "get_agent", silent)
        with pytest.raises(ClientError):
            world.door("$connect", "new")
    assert world.agents.get_agent(AGENT).connections == ()
    assert sockets.frames == []


@pytest.mark.usefixtures("sockets")
def test_whoever_has_left_is_refused_until_they_are_back(world: Shipped, logged: io.StringIO) -> None:
    world.agents.leave(AGENT, "operator", now())
    assert world.door("$connect", "new") == {"statusCode": 403}
    assert world.agents.get_agent(AGENT).connections == ()
    assert '"reason":"left"' in logged.getvalue()
    assert world.agents.come_back(AGENT)
    assert world.door("$connect", "new") == {"statusCode": 200}


@pytest.mark.usefixtures("sockets")
def test_the_new_connection_is_never_the_one_that_goes(world: Shipped) -> None:
    """Whatever the clocks of those that wrote the others say."""
    _opened(world, 25, now() + 3600)
    world.door("$connect", "new")
    assert "new" in {tab.connection_id for tab in world.agents.get_agent(AGENT).connections}
    assert len(world.agents.get_agent(AGENT).connections) == 20


def test_other_agents_connections_do_not_count(world: Shipped, sockets: FakeSockets) -> None:
    for index in range(30):
        world.agents.connect("another", f"{index}", int(now()) + 3600, now() - 60)
    world.door("$connect", "new")
    assert sockets.closed == []


def test_a_disconnection_forgets_that_connection_and_no_other(world: Shipped) -> None:
    for connection in ("a", "b"):
        world.door("$connect", connection)
    assert world.door("$disconnect", "a") == {"statusCode": 200}
    connections = {tab.connection_id for tab in world.agents.get_agent(AGENT).connections}
    assert "b" in connections
    assert "a" not in connections


@pytest.mark.parametrize("name", ["$disconnect", "$connect"])
def test_a_frame_that_is_named_like_a_route_of_the_gateways_is_an_unknown_event(
    world: Shipped, sockets: FakeSockets, name: str
) -> None:
    """Whatever route it comes by: the connection stays what it was."""
    world.door("$connect", "one")
    world.agents.touch(AGENT, "one", now())
    before = world.agents.get_agent(AGENT)
    event = world._socket_event(name, "one")
    event["requestContext"]["eventType"] = "MESSAGE"
    assert world.invoke("connect", event) == {"statusCode": 200}
    assert world.agents.get_agent(AGENT) == before
    assert [(to, event, data["code"]) for to, event, data in sockets.frames] == [("one", "error", "unknown_event")]


def test_a_disconnection_that_comes_twice_or_first_is_fine(world: Shipped) -> None:
    for _ in range(2):
        assert world.door("$disconnect", "never was") == {"statusCode": 200}


# -- the HTTP API, where this function is its authorizer ---------------------------------------------------------------


def _request(world: Shipped, authorization: str | None) -> dict[str, Any]:
    headers = {} if authorization is None else {"authorization": authorization}
    answer: dict[str, Any] = world.invoke("connect", {"routeArn": ARN, "headers": headers})
    return answer


@pytest.mark.parametrize("kind", ["Bearer", "bearer", "BEARER"])
def test_a_request_with_a_good_token_is_let_in_with_its_groups(world: Shipped, kind: str) -> None:
    answer = _request(world, f"{kind} {SIGNER.token(groups=['admins'])}")
    assert answer == {"isAuthorized": True, "context": {"sub": "ada", "groups": ["admins"]}}


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer ", "Bearer x", "Basic eDp5"])
def test_a_request_without_a_good_token_is_not(world: Shipped, authorization: str | None) -> None:
    assert _request(world, authorization) == {"isAuthorized": False}


def test_a_token_without_its_kind_is_not(world: Shipped) -> None:
    assert _request(world, SIGNER.token()) == {"isAuthorized": False}


@pytest.mark.usefixtures("sockets")
def test_a_page_without_a_name_takes_the_oldest_place_whoever_has_that(world: Shipped) -> None:
    world.agents.connect(AGENT, "named", int(now()) + 3600, now() - 60, "that")
    unnamed = _opened(world, 19, now() - 1)
    world.door("$connect", "new")
    assert {tab.connection_id for tab in world.agents.get_agent(AGENT).connections} == {*unnamed, "new"}
