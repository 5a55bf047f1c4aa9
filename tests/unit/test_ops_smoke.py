"""`make smoke`: only a door that is shut for the right reason passes."""

import threading
from collections.abc import Callable, Iterator
from http import HTTPStatus

import boto3
import pytest
from moto import mock_aws
from websockets.sync.server import serve

from ops import smoke
from ops.installation import Installation

SECRET = "autocall/twilio"
SIGNED = "a callback with Twilio's signature is accepted"
Answers = Callable[[HTTPStatus], Installation]


@pytest.fixture
def socket() -> Iterator[Answers]:
    """An installation whose socket answers every handshake with one status."""
    status = [HTTPStatus.OK]
    with serve(lambda _: None, "127.0.0.1", 0, process_request=lambda one, _: one.respond(status[0], "")) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        port = server.socket.getsockname()[1]

        def answers(with_status: HTTPStatus) -> Installation:
            status[0] = with_status
            return Installation("autocall", {"WebsocketUrl": f"ws://127.0.0.1:{port}/live"})

        yield answers
        server.shutdown()


@pytest.mark.parametrize("status", [HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN])
def test_a_handshake_that_is_refused_is_as_it_must_be(socket: Answers, status: HTTPStatus) -> None:
    """Without a token the gateway says so, with a bad one the authorizer."""
    assert smoke._handshake("?token=bad")(socket(status)) == ""


@pytest.mark.parametrize("status", [HTTPStatus.INTERNAL_SERVER_ERROR, HTTPStatus.NOT_FOUND])
def test_a_handshake_that_fails_is_not_taken_for_one_that_is_refused(socket: Answers, status: HTTPStatus) -> None:
    """An authorizer that does not start answers 500 to everybody, also to who has a good token."""
    assert smoke._handshake("?token=bad")(socket(status)) == f"answered {status.value}"


@pytest.mark.parametrize("text", ["not JSON", "{}"])
def test_a_secret_that_cannot_be_read_is_said_and_the_other_checks_go_on(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    """It is named as what is wrong, instead of a door."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setattr(smoke, "_PATIENCE_S", 1)
    places = {
        "WebsocketUrl": "ws://127.0.0.1:9/live",
        "HttpUrl": "http://127.0.0.1:9",
        "PublicUrl": "http://127.0.0.1:9",
    }
    with mock_aws():
        boto3.client("secretsmanager").create_secret(Name=SECRET, SecretString=text)
        found = {
            check.what: check.wrong
            for check in smoke.checks(Installation("autocall", {**places, "TwilioSecret": SECRET}))
        }
    assert found[SIGNED].startswith(f"{SECRET}: the secret of Twilio's credentials")
    assert len(found) == len(smoke._CHECKS)
