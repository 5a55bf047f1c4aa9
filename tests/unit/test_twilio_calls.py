"""The one POST against a real server that fails in every way: never repeated, never said to be more certain."""

import json
import socket
import ssl
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from botocore.exceptions import ClientError

from autocall import reasons
from autocall.call_outcomes import NotSent, Placed, Refused, Throttled, Unknown, Unreachable
from autocall.secret import Secret
from autocall.twilio_calls import TwilioCalls
from tests.unit.certificates import server_and_authority
from tests.unit.scripted_server import (
    Answer,
    ScriptedServer,
    ended,
    garbled,
    reset,
    scripted_server,
    silent_until,
    then_closed,
    told,
    told_json,
    truncated,
)

SIDS = [f"CA{index:032}" for index in range(4)]
PLACED = [told_json(201, {"sid": sid, "status": "queued"}) for sid in SIDS]
CALL = {"To": "+15005550100", "From": "+15005550006", "StatusCallbackEvent": ["initiated", "ringing"]}
PATIENCE_S = 60
SILENCE_S = 2  # long enough for a slow machine to have read the request
NO_WAY_IN_S = 0.5


class Secrets:
    """A secret that can be rotated, and how often it was read."""

    def __init__(self) -> None:
        self.api_secret, self.reads = "first", 0

    def get_secret_value(self, SecretId: str) -> dict[str, str]:  # noqa: N803 - boto3's name
        assert SecretId == "autocall/twilio"
        self.reads += 1
        fields = {"account_sid": "AC1", "api_key": "SK1", "api_secret": self.api_secret, "auth_tokens": ["token"]}
        return {"SecretString": json.dumps(fields)}


class NoSecrets:
    """No secret can be had."""

    def get_secret_value(self, SecretId: str) -> dict[str, str]:  # noqa: N803 - boto3's name
        raise ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": SecretId}}, "GetSecretValue")


class OtherSecrets:
    """The secret has been stored without what it needs."""

    def get_secret_value(self, SecretId: str) -> dict[str, str]:  # noqa: N803 - boto3's name
        return {"SecretString": json.dumps({"name": SecretId})}


@pytest.mark.parametrize("secrets", [NoSecrets(), OtherSecrets()], ids=["none", "another"])
def test_without_credentials_nothing_is_sent_and_nothing_can_be_asked(twilio: ScriptedServer, secrets: Any) -> None:
    calls = calls_at(twilio.url, secrets)
    assert calls.place(CALL) == NotSent("UnreadableSecret")
    with pytest.raises(Unreachable):
        calls.fetch(SIDS[0])
    assert not calls.cancel(SIDS[0])
    assert twilio.asked == []


def calls_at(url: str, secrets: Secrets | None = None, timeout_s: float = PATIENCE_S) -> TwilioCalls:
    """Twilio at that address."""
    client: Any = secrets or Secrets()
    return TwilioCalls(Secret(client, "autocall/twilio"), url, timeout_s)


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, Path]:
    return server_and_authority(tmp_path_factory.mktemp("tls"))


@pytest.fixture(params=["http", "https"])
def serve(
    request: pytest.FixtureRequest, certified: tuple[ssl.SSLContext, Path], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Any]:
    """A scripted server, by plain HTTP and by HTTPS: the client has an adapter of its own for each."""
    context, authority = certified
    if request.param == "http":
        return scripted_server
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority))
    return lambda *script, **more: scripted_server(*script, tls=context, **more)


@pytest.fixture
def twilio() -> Iterator[ScriptedServer]:
    with scripted_server(*PLACED) as server:
        yield server


def _basic(api_secret: str) -> str:
    return "Basic " + b64encode(f"SK1:{api_secret}".encode()).decode()


def test_a_call_is_one_signed_form_to_the_account(twilio: ScriptedServer) -> None:
    assert calls_at(twilio.url + "/").place(CALL) == Placed(SIDS[0])
    asked = twilio.asked[0]
    assert (asked.method, asked.path, asked.query) == ("POST", "/2010-04-01/Accounts/AC1/Calls.json", {})
    assert asked.headers["authorization"] == _basic("first")
    assert asked.form == {"To": [CALL["To"]], "From": [CALL["From"]], "StatusCallbackEvent": ["initiated", "ringing"]}


BROKEN: dict[str, Answer] = {
    "reset after the request was read": reset,
    "ended without an answer": ended,
    "not HTTP": garbled,
    "truncated 2xx": truncated,
}
UNCLEAR: dict[str, Answer] = {
    "empty 2xx": told(201),
    "HTML 2xx": told(201, "<html>"),
    "2xx without a SID": told_json(200, {"status": "queued"}),
    "2xx that says gzip and is not": told(201, json.dumps({"sid": SIDS[0]}), Content_Encoding="gzip"),
    "500": told_json(500, {"code": 20500}),
    "502": told(502, "<html>"),
    "503": told_json(503, {"code": 20503}, Retry_After="0"),
    "504": told(504),
    "404 of something on the way": told(404, "<html>"),
}


LOST = [(fault, reasons.CONNECTION_LOST) for fault in BROKEN.values()]
LOST += [(fault, reasons.NO_CLEAR_ANSWER) for fault in UNCLEAR.values()]


@pytest.mark.parametrize(("fault", "reason"), LOST, ids=[*BROKEN, *UNCLEAR])
def test_what_may_have_become_a_call_is_unknown_and_posted_once(
    serve: Callable[..., Any], fault: Answer, reason: str
) -> None:
    with serve(fault, *PLACED) as server:
        outcome = calls_at(server.url).place(CALL)
        assert isinstance(outcome, Unknown)
        assert outcome.reason == reason
        assert len(server.asked) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(serve: Callable[..., Any], status: int) -> None:
    with serve(told(status, Location="/elsewhere"), *PLACED) as server:
        assert isinstance(calls_at(server.url).place(CALL), Unknown)
        assert len(server.asked) == 1


def test_a_silent_twilio_is_unknown_once_the_time_is_up(serve: Callable[..., Any]) -> None:
    released = Event()
    with serve(silent_until(released), *PLACED) as server:
        assert calls_at(server.url, timeout_s=SILENCE_S).place(CALL) == Unknown(reasons.TIMEOUT, "ReadTimeout")
        assert len(server.asked) == 1
        released.set()


def test_a_reset_before_the_request_is_read_is_not_repeated() -> None:
    with scripted_server(*PLACED, resets_unread=True) as server:
        assert isinstance(calls_at(server.url).place(CALL), Unknown)
        assert (server.connections, server.asked) == (1, [])


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (told_json(400, {"code": 21211}), Refused("lead", 21211, "Twilio refused the call (21211)")),
        (told_json(401, {"code": 20003}), Refused("account", 20003, "Twilio refused the call (20003)")),
        (told_json(429, {"code": 20429}, Retry_After="0"), Throttled("Twilio asks for patience (20429)")),
    ],
    ids=["refused lead", "refused account", "throttled"],
)
def test_a_refusal_is_what_twilio_says_and_not_repeated(
    serve: Callable[..., Any], answer: Answer, outcome: Any
) -> None:
    with serve(answer, *PLACED) as server:
        assert calls_at(server.url).place(CALL) == outcome
        assert len(server.asked) == 1


# -- no byte of the request left ---------------------------------------------------------------------------------------


def test_a_refused_connection_sent_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert isinstance(calls_at(f"http://127.0.0.1:{port}").place(CALL), NotSent)


def test_a_name_that_nobody_knows_sent_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert isinstance(calls_at("https://api.example.com").place(CALL), NotSent)


def test_a_connection_that_does_not_come_about_in_time_sent_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        outcome = calls_at(f"http://127.0.0.1:{full.getsockname()[1]}", timeout_s=NO_WAY_IN_S).place(CALL)
        for one in waiting:
            one.close()
    assert outcome == NotSent("ConnectTimeout")


def test_a_certificate_that_nobody_vouches_for_sent_nothing(certified: tuple[ssl.SSLContext, Path]) -> None:
    with scripted_server(*PLACED, tls=certified[0]) as server:
        assert isinstance(calls_at(server.url).place(CALL), NotSent)
        assert server.asked == []


def test_a_server_without_tls_was_sent_nothing() -> None:
    with scripted_server(*PLACED) as server:
        assert isinstance(calls_at(server.url.replace("http:", "https:")).place(CALL), NotSent)
        assert server.asked == []


# -- sockets that are kept ---------------------------------------------------------------------------------------------


def test_one_connection_serves_several_calls(serve: Callable[..., Any]) -> None:
    with serve(*PLACED) as server:
        calls = calls_at(server.url)
        assert [calls.place(CALL) for _ in range(3)] == [Placed(sid) for sid in SIDS[:3]]
        assert [asked.connection for asked in server.asked] == [1, 1, 1]


def test_a_kept_socket_that_twilio_has_closed_meanwhile_loses_and_doubles_nothing(serve: Callable[..., Any]) -> None:
    with serve(then_closed(PLACED[0]), *PLACED[1:]) as server:
        calls = calls_at(server.url)
        calls.place(CALL)
        assert server.closed.wait(PATIENCE_S)
        assert calls.place(CALL) == Placed(SIDS[1])
        assert [asked.connection for asked in server.asked] == [1, 2]


@pytest.mark.parametrize("fault", [reset, ended], ids=["reset", "ended"])
def test_a_kept_socket_that_closes_on_the_next_call_is_unknown_and_not_repeated(
    serve: Callable[..., Any], fault: Answer
) -> None:
    with serve(PLACED[0], fault, *PLACED[1:]) as server:
        calls = calls_at(server.url)
        calls.place(CALL)
        assert isinstance(calls.place(CALL), Unknown)
        assert len(server.asked) == 2
        assert calls.place(CALL) == Placed(SIDS[1])


def test_a_socket_that_may_have_slept_through_a_freeze_is_not_used_again(
    twilio: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = [1_000_000.0]
    monkeypatch.setattr("autocall.twilio_calls.now", lambda: moment[0])
    calls = calls_at(twilio.url)
    for pause_s in (0, 29, 31):
        moment[0] += pause_s
        calls.place(CALL)
    assert [asked.connection for asked in twilio.asked] == [1, 1, 2]


# -- credentials -------------------------------------------------------------------------------------------------------


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The moment that the secret believes it is."""
    moment = [1000.0]
    monkeypatch.setattr("autocall.secret_text.time.monotonic", lambda: moment[0])
    return moment


@pytest.mark.parametrize("status", [401, 403])
def test_refused_credentials_are_read_again_for_the_next_call(clock: list[float], status: int) -> None:
    secrets = Secrets()
    with scripted_server(PLACED[0], told_json(status, {"code": 20003}), *PLACED[1:]) as server:
        calls = calls_at(server.url, secrets)
        calls.place(CALL)
        secrets.api_secret, clock[0] = "second", clock[0] + 60
        assert calls.place(CALL) == Refused("account", 20003, "Twilio refused the call (20003)")
        assert calls.place(CALL) == Placed(SIDS[1])
    assert [asked.headers["authorization"] for asked in server.asked] == [
        _basic("first"),
        _basic("first"),
        _basic("second"),
    ]


def test_credentials_that_stay_wrong_are_not_read_again_at_the_pace_of_the_calls(clock: list[float]) -> None:
    secrets = Secrets()
    with scripted_server(told_json(401, {"code": 20003})) as server:
        calls = calls_at(server.url, secrets)
        for _ in range(25):
            calls.place(CALL)
            clock[0] += 1
    assert secrets.reads == 3


def test_no_failure_is_told_with_an_address_or_a_number(twilio: ScriptedServer) -> None:
    twilio.stop()
    outcome = calls_at(twilio.url).place(CALL)
    assert isinstance(outcome, NotSent)
    assert outcome.detail.isalpha()
