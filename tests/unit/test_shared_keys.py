"""Tokens that a back end of one's own signs: HS256, one kind of key at a time, rotated without a refused token."""

import base64
import json
import time
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from functions.connect.shared_keys import SharedKeys
from functions.connect.token import Refused, Verifier

ISSUER, AUDIENCE = "https://crm.example.com", "autocall"
OLD, NEW = "an old key of thirty-two bytes!!!", "a new key of at least 32 bytes!!!"


class Secrets:
    """A secret that can be changed, and how often it was read."""

    def __init__(self, *keys: str) -> None:
        self.keys, self.reads = list(keys), 0

    def get_secret_value(self, SecretId: str) -> dict[str, str]:  # noqa: N803 - boto3's name
        assert SecretId == "autocall/tokens"
        self.reads += 1
        return {"SecretString": json.dumps({"keys": self.keys})}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The moment that the keys believe it is."""
    moment = [1000.0]
    monkeypatch.setattr("autocall.secret_text.time", SimpleNamespace(monotonic=lambda: moment[0]))
    return moment


def _verifier(secrets: Secrets) -> Verifier:
    client: Any = secrets
    return Verifier(SharedKeys(client, "autocall/tokens"), ISSUER, frozenset({AUDIENCE}))


def _token(key: str, **changes: Any) -> str:
    claims = {"sub": "ada", "iss": ISSUER, "aud": AUDIENCE, "exp": int(time.time()) + 600}
    return jwt.encode(claims | changes, key, algorithm="HS256")


def test_a_token_of_the_back_end_is_good() -> None:
    """Its subject, its end and its groups are what the token says."""
    bearer = _verifier(Secrets(NEW)).verify(_token(NEW, groups=["admins"]))
    assert (bearer.subject, bearer.groups) == ("ada", ("admins",))
    assert bearer.expires_at > time.time()


@pytest.mark.parametrize(
    "changes", [{"iss": "https://evil.example.com"}, {"aud": "other"}, {"exp": 1}, {"sub": None}], ids=str
)
def test_wrong_claims_are_refused(changes: Mapping[str, Any]) -> None:
    """Issuer, audience, expiry and subject count just as they do with published keys."""
    with pytest.raises(Refused):
        _verifier(Secrets(NEW)).verify(_token(NEW, **changes))


def test_a_strangers_key_is_refused() -> None:
    """A token signed by another key opens nothing."""
    with pytest.raises(Refused):
        _verifier(Secrets(NEW)).verify(_token("a key that nobody here has seen!!!"))


def test_other_algorithms_are_refused() -> None:
    """Neither a published-key algorithm nor `none` is accepted where keys are shared."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    claims = {"sub": "ada", "iss": ISSUER, "aud": AUDIENCE, "exp": int(time.time()) + 600}
    unsigned = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    for token in (jwt.encode(claims, pem, algorithm="RS256"), f"{unsigned}.{body}."):
        with pytest.raises(Refused, match="algorithm"):
            _verifier(Secrets(NEW)).verify(token)


def test_no_token_is_refused_during_a_rotation(clock: list[float]) -> None:
    """Both keys are good while the secret holds both; afterwards the old one is not."""
    secrets = Secrets(OLD)
    verifier = _verifier(secrets)
    verifier.verify(_token(OLD))
    secrets.keys = [NEW, OLD]
    clock[0] += 60
    verifier.verify(_token(NEW))
    verifier.verify(_token(OLD))
    secrets.keys = [NEW]
    clock[0] += 60
    with pytest.raises(Refused):
        verifier.verify(_token("a key that nobody here has seen!!!"))
    with pytest.raises(Refused):
        verifier.verify(_token(OLD))


def test_a_key_that_is_taken_out_is_refused_within_five_minutes(clock: list[float]) -> None:
    """Though every token that comes is signed with it, so that no other makes anybody look."""
    secrets = Secrets(NEW, OLD)
    verifier = _verifier(secrets)
    verifier.verify(_token(OLD))
    secrets.keys = [NEW]
    clock[0] += 300
    with pytest.raises(Refused):
        verifier.verify(_token(OLD))
    verifier.verify(_token(NEW))


def test_strangers_cannot_make_us_read_the_secret_at_their_pace(clock: list[float]) -> None:
    """However many bad tokens come, the secret is read at most every ten seconds."""
    secrets = Secrets(NEW)
    verifier = _verifier(secrets)
    for _ in range(20):
        with pytest.raises(Refused):
            verifier.verify(_token("a key that nobody here has seen!!!"))
        clock[0] += 1
    assert secrets.reads == 2


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
def test_a_short_key_is_no_key() -> None:
    """A key that could be guessed is said to be wrong, not used."""
    with pytest.raises(ValueError, match="32 bytes"):
        _verifier(Secrets("short")).verify(_token("short"))
