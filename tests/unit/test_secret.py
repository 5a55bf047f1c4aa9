"""Twilio's credentials: read once, again after a failure, never at the pace of failures."""

import json
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError

from autocall.secret import Secret, TwilioSecret

FIELDS: dict[str, Any] = {"account_sid": "AC1", "api_key": "SK1", "api_secret": "shh", "auth_tokens": ["new", "old"]}


class Secrets:
    """A secret that can be changed, and how often it was read."""

    def __init__(self, fields: Any) -> None:
        self.fields, self.reads = fields, 0
        self.fails: Exception | None = None

    def get_secret_value(self, SecretId: str) -> dict[str, str]:  # noqa: N803 - boto3's name
        assert SecretId == "autocall/twilio"
        self.reads += 1
        if self.fails:
            raise self.fails
        return {"SecretString": json.dumps(self.fields)}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    moment = [1000.0]
    monkeypatch.setattr("autocall.secret_text.time", SimpleNamespace(monotonic=lambda: moment[0]))
    return moment


def _secret(secrets: Secrets) -> Secret:
    client: Any = secrets
    return Secret(client, "autocall/twilio")


def test_the_secret_is_read_at_first_use_and_once() -> None:
    secrets = Secrets(FIELDS)
    secret = _secret(secrets)
    assert secrets.reads == 0
    assert secret.get() is secret.get()
    assert secret.get() == TwilioSecret("AC1", "SK1", "shh", ("new", "old"))
    assert secrets.reads == 1


def test_a_renewed_secret_is_read_again(clock: list[float]) -> None:
    secrets = Secrets(FIELDS)
    secret = _secret(secrets)
    secret.get()
    secrets.fields, clock[0] = FIELDS | {"api_secret": "rotated"}, clock[0] + 11
    assert secret.get().api_secret == "shh"
    assert secret.invalidate()
    assert secret.get().api_secret == "rotated"


def test_a_secret_that_was_read_a_moment_ago_is_not_read_again(clock: list[float]) -> None:
    secrets = Secrets(FIELDS)
    secret = _secret(secrets)
    secret.get()
    clock[0] += 9
    assert not secret.invalidate()
    secret.get()
    assert secrets.reads == 1


@pytest.mark.parametrize("name", FIELDS)
@pytest.mark.parametrize("value", ["absent", None, "", []])
def test_a_missing_field_is_named_and_no_other_is_told(name: str, value: Any) -> None:
    fields = {other: FIELDS[other] for other in FIELDS if other != name} | ({} if value == "absent" else {name: value})
    with pytest.raises(ValueError, match=f"has no {name}$") as refusal:
        _secret(Secrets(fields)).get()
    assert "shh" not in str(refusal.value)


def test_a_secret_that_could_not_be_read_is_tried_again_at_the_next_use() -> None:
    secrets = Secrets({})
    secret = _secret(secrets)
    with pytest.raises(ValueError, match="account_sid"):
        secret.get()
    secrets.fields = FIELDS
    assert secret.get().account_sid == "AC1"


@pytest.mark.parametrize("told", ["one token", [""], ["new", ""], ["new", None], {"new": 1}], ids=str)
def test_what_anybody_could_sign_with_is_no_auth_token(told: Any) -> None:
    """Neither the letters of a text nor nothing at all may ever count as a token."""
    with pytest.raises(ValueError, match="auth_tokens"):
        _secret(Secrets(FIELDS | {"auth_tokens": told})).get()


def _told(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code}}, "GetSecretValue")


DOWN = [ConnectTimeoutError(endpoint_url="x"), _told("InternalServiceError"), _told("ThrottlingException")]
GONE = [_told("ResourceNotFoundException"), _told("InvalidRequestException"), _told("AccessDeniedException")]


def test_a_token_that_is_taken_out_stops_working_within_five_minutes(clock: list[float]) -> None:
    """Though nothing ever fails that would make anybody look."""
    secrets = Secrets(FIELDS)
    secret = _secret(secrets)
    secret.get()
    secrets.fields = FIELDS | {"auth_tokens": ["new"]}
    for _ in range(30):
        clock[0] += 10
        secret.get()
    assert secret.get().auth_tokens == ("new",)
    assert secrets.reads == 2


@pytest.mark.parametrize("failure", DOWN, ids=str)
def test_while_secrets_manager_is_down_the_old_secret_is_kept_and_it_is_asked_now_and_then(
    clock: list[float], failure: Exception
) -> None:
    secrets = Secrets(FIELDS)
    secret = _secret(secrets)
    secret.get()
    secrets.fails, clock[0] = failure, clock[0] + 3600
    for _ in range(100):
        assert secret.get().auth_tokens == ("new", "old")
        clock[0] += 1
    assert secrets.reads == 1 + 10
    secrets.fields, secrets.fails, clock[0] = FIELDS | {"auth_tokens": ["new"]}, None, clock[0] + 10
    assert secret.get().auth_tokens == ("new",)


@pytest.mark.parametrize("failure", DOWN, ids=str)
def test_a_renewal_while_secrets_manager_is_down_loses_nothing(clock: list[float], failure: Exception) -> None:
    secrets = Secrets(FIELDS)
    secret = _secret(secrets)
    secret.get()
    secrets.fails, clock[0] = failure, clock[0] + 11
    assert secret.invalidate()
    assert secret.get().api_key == "SK1"
    assert not secret.invalidate()


@pytest.mark.parametrize("failure", GONE, ids=str)
def test_a_secret_that_was_deleted_or_shut_is_not_used_any_longer(clock: list[float], failure: Exception) -> None:
    secrets = Secrets(FIELDS)
    secret = _secret(secrets)
    secret.get()
    secrets.fails, clock[0] = failure, clock[0] + 300
    for _ in range(2):
        with pytest.raises(ValueError, match="cannot be read"):
            secret.get()
