"""Twilio's secret is made once, from the environment or by asking, and shown to nobody."""

import io
import json
import sys
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from ops import secret
from ops.installation import OpsError

NAME = "autocall/twilio"
GIVEN = {
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_API_KEY": "SK" + "1" * 32,
    "TWILIO_API_SECRET": "an-api-secret",
    "TWILIO_AUTH_TOKEN": "an-auth-token",
}


@pytest.fixture(autouse=True)
def _account(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in GIVEN:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setattr(sys, "stdin", io.StringIO())  # nobody is there, wherever the tests run
    with mock_aws():
        yield


def _held() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(boto3.client("secretsmanager").get_secret_value(SecretId=NAME)["SecretString"])
    return read


def _never(question: str) -> Any:
    raise AssertionError(f"asked for {question}")


def test_it_is_made_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is asked for what is there, and nothing of it is said."""
    for name, value in GIVEN.items():
        monkeypatch.setenv(name, value)
    said: list[str] = []
    secret.ensure(NAME, said.append, _never)
    assert _held() == {
        "account_sid": GIVEN["TWILIO_ACCOUNT_SID"],
        "api_key": GIVEN["TWILIO_API_KEY"],
        "api_secret": "an-api-secret",
        "auth_tokens": ["an-auth-token"],
    }
    assert not [value for value in GIVEN.values() if value in "".join(said)]


def test_what_is_missing_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what the environment does not give, each by what Twilio's console calls it."""
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", GIVEN["TWILIO_ACCOUNT_SID"])
    asked: list[str] = []
    answers = iter([GIVEN["TWILIO_API_KEY"], " an-api-secret ", "an-auth-token"])

    def ask(question: str) -> str:
        asked.append(question)
        return next(answers)

    secret.ensure(NAME, lambda _: None, ask)
    assert asked == ["API key's SID (SK...): ", "API key's secret: ", "Account's auth token: "]
    assert _held()["api_secret"] == "an-api-secret"


def test_one_that_is_there_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second deployment neither asks nor overwrites."""
    for name, value in GIVEN.items():
        monkeypatch.setenv(name, value)
    secret.ensure(NAME, lambda _: None, _never)
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "another-token")
    secret.ensure(NAME, _never, _never)
    assert _held()["auth_tokens"] == ["an-auth-token"]


def test_what_cannot_be_meant_is_refused_and_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    """The wrong thing in the wrong place is named by what was asked for, not by what was given."""
    for name, value in GIVEN.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("TWILIO_API_KEY", GIVEN["TWILIO_ACCOUNT_SID"])
    with pytest.raises(OpsError, match="API key's SID") as refused:
        secret.ensure(NAME, lambda _: None, _never)
    assert GIVEN["TWILIO_ACCOUNT_SID"] not in str(refused.value)


@pytest.fixture
def _made(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in GIVEN.items():
        monkeypatch.setenv(name, value)
    secret.ensure(NAME, lambda _: None, _never)


@pytest.mark.usefixtures("_made")
def test_tokens_are_added_in_front_and_left_alone_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rotation goes from one to two to one; it is said how the one ends; the key is not touched."""
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "promoted-token")
    assert secret.add_token(NAME, _never) == 2
    assert _held()["auth_tokens"] == ["promoted-token", "an-auth-token"]
    assert secret.only_token(NAME, _never) == "...oken"
    assert _held()["auth_tokens"] == ["promoted-token"]
    assert _held()["api_key"] == GIVEN["TWILIO_API_KEY"]


@pytest.mark.usefixtures("_made")
@pytest.mark.parametrize(("rotate", "token"), [(secret.add_token, "an-auth-token"), (secret.only_token, "a-new-one")])
def test_a_token_that_changes_nothing_or_too_much_is_refused(
    monkeypatch: pytest.MonkeyPatch, rotate: Callable[..., object], token: str
) -> None:
    """Added, it must be new; alone, it must be one of those that Twilio may be signing with."""
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", token)
    with pytest.raises(OpsError, match="nothing was changed") as refused:
        rotate(NAME, _never)
    assert token not in str(refused.value)
    assert _held()["auth_tokens"] == ["an-auth-token"]


@pytest.mark.usefixtures("_made")
def test_with_a_terminal_a_rotation_asks_whatever_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell in which the installation was made still has what is to be replaced."""
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(isatty=lambda: True))
    assert secret.add_token(NAME, lambda _: "promoted-token") == 2
    secret.only_token(NAME, lambda _: "promoted-token")
    assert _held()["auth_tokens"] == ["promoted-token"]
    answers = iter(["SK" + "2" * 32, "a-second-secret"])
    secret.replace_key(NAME, lambda _: next(answers))
    assert (_held()["api_key"], _held()["api_secret"]) == ("SK" + "2" * 32, "a-second-secret")


@pytest.mark.parametrize("text", ["", "not JSON", "[]", "{}", json.dumps({"api_key": "SK", "auth_tokens": "one"})])
def test_a_secret_that_no_function_can_read_is_said_to_be_one(text: str) -> None:
    """Before it is deployed with, looked at or rotated; what it holds is not repeated."""
    boto3.client("secretsmanager").create_secret(Name=NAME, SecretString=text or " ")
    with pytest.raises(OpsError, match=f"^{NAME}: the secret of Twilio's credentials"):
        secret.ensure(NAME, lambda _: None, _never)
    with pytest.raises(OpsError, match="put it right in Secrets Manager"):
        secret.held(NAME)


def test_a_key_is_replaced_with_its_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both halves change together, and nothing else does."""
    for name, value in GIVEN.items():
        monkeypatch.setenv(name, value)
    secret.ensure(NAME, lambda _: None, _never)
    before = _held()
    monkeypatch.setenv("TWILIO_API_KEY", "SK" + "2" * 32)
    monkeypatch.setenv("TWILIO_API_SECRET", "a-second-secret")
    secret.replace_key(NAME, _never)
    assert _held() == before | {"api_key": "SK" + "2" * 32, "api_secret": "a-second-secret"}


def test_without_a_secret_there_is_nothing_to_rotate(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what to do instead."""
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "promoted-token")
    with pytest.raises(OpsError, match="make deploy"):
        secret.add_token(NAME, _never)
