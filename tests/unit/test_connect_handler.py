"""The socket's door: who may open it, and what is recorded of who did."""

import io
import time
from collections.abc import Iterator
from typing import Any

import pytest

from autocall.leads import user_id
from autocall.timing import now
from tests.unit.issuer import CLIENT, ISSUER, Issuer
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


# -- connections -------------------------------------------------------------------------------------------------------


def test_a_connection_is_recorded_as_not_there_until_its_first_frame(world: Shipped) -> None:
    assert world.door("$connect", "new") == {"statusCode": 200}
    [tab] = [tab for tab in world.agents.look(AGENT).connections if tab.connection_id == "new"]
    assert tab.seen_at is None
    assert not tab.present(now(), 180)
    assert tab.token_expires_at == now() + 3600
    assert tab.expires_at == now() + 2 * 3600 + 300


def test_a_disconnection_forgets_that_connection_and_no_other(world: Shipped) -> None:
    for connection in ("a", "b"):
        world.door("$connect", connection)
    assert world.door("$disconnect", "a") == {"statusCode": 200}
    connections = {tab.connection_id for tab in world.agents.look(AGENT).connections}
    assert "b" in connections
    assert "a" not in connections


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
