"""Who a token speaks for: good ones of one issuer, and for everything else a refusal, never a crash."""

import hashlib
import hmac
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.connect.token import JwksKeys, KeysUnavailable, Refused, Verifier
from tests.unit.issuer import CLIENT, ISSUER, Issuer, by_hand, claims
from tests.unit.scripted_server import Answer, ScriptedServer, ended, reset, scripted_server, told, told_json, truncated

SIGNER, STRANGER = Issuer(), Issuer()


@pytest.fixture
def served() -> Iterator[ScriptedServer]:
    with scripted_server(told_json(200, SIGNER.jwks)) as server:
        yield server


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The moment that the keys believe it is."""
    moment = [1000.0]
    monkeypatch.setattr("functions.connect.token.time", SimpleNamespace(monotonic=lambda: moment[0]))
    return moment


def _verifier(server: ScriptedServer, *audiences: str) -> Verifier:
    return Verifier(JwksKeys(server.url + "/jwks.json"), ISSUER, frozenset(audiences or {CLIENT}))


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_a_good_token_speaks_for_its_subject_until_its_end(served: ScriptedServer, algorithm: str) -> None:
    exp = int(time.time()) + 60
    bearer = _verifier(served).verify(SIGNER.token(algorithm, exp=exp))
    assert (bearer.subject, bearer.expires_at, bearer.groups) == ("ada", exp, ())


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": None, "client_id": CLIENT, "token_use": "access"},
        {"aud": [CLIENT, "another"]},
        {"nbf": 1_700_000_000},
        {"iat": None},
    ],
    ids=["access token", "several audiences", "valid since", "no iat"],
)
def test_every_shape_of_good_token_is_good(served: ScriptedServer, changes: dict[str, Any]) -> None:
    assert _verifier(served).verify(SIGNER.token(**changes)).subject == "ada"


@pytest.mark.parametrize("name", ["cognito:groups", "groups"])
def test_the_issuers_groups_are_the_bearers(served: ScriptedServer, name: str) -> None:
    assert _verifier(served).verify(SIGNER.token(**{name: ["admins", "staff"]})).groups == ("admins", "staff")
    assert _verifier(served).verify(SIGNER.token(**{name: "admins"})).groups == ("admins",)


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://evil.example.com"},
        {"iss": ISSUER + "/"},
        {"iss": None},
        {"aud": "another"},
        {"aud": None},
        {"aud": []},
        {"aud": ["another"]},
        {"aud": "another", "client_id": CLIENT},
        {"aud": None, "client_id": "another"},
        {"aud": None, "client_id": CLIENT},
        {"aud": None, "client_id": CLIENT, "token_use": "id"},
        {"aud": None, "client_id": "another", "token_use": "access"},
        {"token_use": "refresh"},
        {"token_use": ["id"]},
        {"token_use": ""},
        {"exp": 1},
        {"exp": None},
        {"exp": "soon"},
        {"nbf": 9_999_999_999},
        {"iat": 9_999_999_999},
        {"sub": None},
    ],
    ids=str,
)
@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_a_token_with_wrong_claims_is_refused(served: ScriptedServer, algorithm: str, changes: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        _verifier(served).verify(SIGNER.token(algorithm, **changes))


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", ""])
def test_an_unsigned_token_is_refused(served: ScriptedServer, algorithm: str) -> None:
    with pytest.raises(Refused):
        _verifier(served).verify(by_hand({"alg": algorithm, "kid": "rsa"}, claims()))


@pytest.mark.parametrize("algorithm", ["HS256", "RS256"])
def test_the_public_key_is_no_shared_secret(served: ScriptedServer, algorithm: str) -> None:
    """The oldest trick: what everybody can read, used as the key of a keyed hash."""
    unsigned = by_hand({"alg": algorithm, "kid": "rsa", "typ": "JWT"}, claims()).rstrip(".")
    signature = hmac.new(SIGNER.public_pem, unsigned.encode(), hashlib.sha256).digest()
    forged = unsigned + "." + by_hand({}, {}, signature).rsplit(".", 1)[1]
    with pytest.raises(Refused):
        _verifier(served).verify(forged)


@pytest.mark.parametrize("algorithm", ["RS384", "RS512", "PS256"])
def test_an_algorithm_that_is_not_allowed_is_refused_though_its_signature_is_good(
    served: ScriptedServer, algorithm: str
) -> None:
    with pytest.raises(Refused, match="algorithm"):
        _verifier(served).verify(SIGNER.token(algorithm))


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_a_strangers_signature_is_refused_though_it_names_a_known_key(served: ScriptedServer, algorithm: str) -> None:
    with pytest.raises(Refused):
        _verifier(served).verify(STRANGER.token(algorithm))


@pytest.mark.parametrize(("algorithm", "kid"), [("RS256", "ec"), ("ES256", "rsa")])
def test_a_key_of_another_kind_is_refused(served: ScriptedServer, algorithm: str, kid: str) -> None:
    with pytest.raises(Refused):
        _verifier(served).verify(SIGNER.token(algorithm, kid))


@pytest.mark.parametrize("header", [{}, {"kid": None}, {"kid": ""}, {"kid": "nobody's"}, {"kid": ["rsa"]}, {"kid": 1}])
def test_a_key_that_the_issuer_has_not_is_refused(served: ScriptedServer, header: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        _verifier(served).verify(by_hand({"alg": "RS256"} | header, claims(), b"x" * 256))


def test_a_token_brings_no_key_of_its_own(served: ScriptedServer) -> None:
    jwk = STRANGER.jwks["keys"][0]
    headers = {"kid": "mine", "jwk": jwk, "jku": served.url, "x5u": served.url}
    with pytest.raises(Refused):
        _verifier(served).verify(jwt.encode(claims(), STRANGER.rsa, algorithm="RS256", headers=headers))


@pytest.mark.parametrize("change", [slice(0, -10), slice(1, None), slice(0, 40)])
def test_a_token_that_was_cut_is_refused(served: ScriptedServer, change: slice) -> None:
    with pytest.raises(Refused):
        _verifier(served).verify(SIGNER.token()[change])


def test_claims_that_were_changed_after_signing_are_refused(served: ScriptedServer) -> None:
    head, _, signature = SIGNER.token().split(".")
    body = by_hand({}, claims(sub="somebody else")).split(".")[1]
    with pytest.raises(Refused):
        _verifier(served).verify(f"{head}.{body}.{signature}")


@pytest.mark.parametrize(
    "token", ["", ".", "..", "...", "a.b.c", "Bearer x", "\x00", "ü.ü.ü", "x" * 100_000, by_hand({"alg": "RS256"}, [])]
)
def test_what_is_no_token_is_refused(served: ScriptedServer, token: str) -> None:
    with pytest.raises(Refused):
        _verifier(served).verify(token)


@given(st.text(max_size=80) | st.binary(max_size=40).map(lambda junk: by_hand({"alg": "RS256"}, {}, junk)))
def test_whatever_comes_is_refused_and_not_a_crash(token: str) -> None:
    unreachable = Verifier(JwksKeys("http://127.0.0.1:9/jwks.json"), ISSUER, frozenset({CLIENT}))
    with pytest.raises((Refused, KeysUnavailable)):
        unreachable.verify(token)


# -- the issuer's keys -------------------------------------------------------------------------------------------------


def test_the_keys_are_fetched_once_for_many_tokens(served: ScriptedServer) -> None:
    verifier = _verifier(served)
    for _ in range(20):
        verifier.verify(SIGNER.token())
        verifier.verify(SIGNER.token("ES256"))
    assert len(served.asked) == 1


def test_strangers_cannot_make_us_fetch_the_keys_at_their_pace(served: ScriptedServer, clock: list[float]) -> None:
    verifier = _verifier(served)
    for _ in range(20):
        with pytest.raises(Refused):
            verifier.verify(SIGNER.token(kid="nobody's"))
        clock[0] += 1
    assert len(served.asked) == 2


def test_a_key_that_was_rotated_in_is_fetched_when_first_seen(clock: list[float]) -> None:
    with scripted_server(told_json(200, SIGNER.jwks), told_json(200, {"keys": _renamed()})) as server:
        verifier = _verifier(server)
        verifier.verify(SIGNER.token())
        clock[0] += 60
        assert verifier.verify(SIGNER.token(kid="new")).subject == "ada"
        with pytest.raises(Refused):
            verifier.verify(SIGNER.token(kid="rsa"))
        assert len(server.asked) == 2


def _renamed() -> list[dict[str, Any]]:
    return [key | {"kid": "new"} for key in SIGNER.jwks["keys"] if key["kid"] == "rsa"]


def test_the_keys_are_fetched_again_after_an_hour(served: ScriptedServer, clock: list[float]) -> None:
    verifier = _verifier(served)
    for wait in (0, 3599, 2):
        clock[0] += wait
        verifier.verify(SIGNER.token())
    assert len(served.asked) == 2


def test_while_the_issuer_is_down_its_keys_are_good_for_a_day_and_it_is_asked_now_and_then(clock: list[float]) -> None:
    with scripted_server(told_json(200, SIGNER.jwks), *[told(500)] * 20) as server:
        verifier = _verifier(server)
        verifier.verify(SIGNER.token())
        clock[0] += 3601
        for _ in range(5):
            clock[0] += 1
            assert verifier.verify(SIGNER.token()).subject == "ada"
        assert len(server.asked) == 2
        clock[0] += 24 * 3600
        with pytest.raises(KeysUnavailable):
            verifier.verify(SIGNER.token())


DOWN: dict[str, Answer] = {
    "reset": reset,
    "ended": ended,
    "truncated": truncated,
    "500": told(500),
    "404": told(404),
    "empty": told(200),
    "HTML": told(200, "<html>"),
    "a list": told_json(200, []),
    "a text": told_json(200, "keys"),
    "no keys": told_json(200, {"keys": []}),
    "broken keys": told_json(200, {"keys": [{"kty": "RSA", "kid": "rsa", "n": "!", "e": "!"}]}),
    "keys of null": told_json(200, {"keys": None}),
    "keys as numbers": told_json(200, {"keys": [1]}),
}


@pytest.mark.parametrize("answer", DOWN.values(), ids=DOWN.keys())
def test_while_keys_cannot_be_had_no_token_is_refused_for_that_but_the_function_fails(answer: Answer) -> None:
    """A refusal would be nobody's alarm, and tell the page to log in again."""
    with scripted_server(answer) as server:
        with pytest.raises(KeysUnavailable):
            _verifier(server).verify(SIGNER.token())
        assert len(server.asked) >= 1


def test_keys_of_another_kind_verify_nothing() -> None:
    with (
        scripted_server(told_json(200, {"keys": [{"kty": "oct", "k": "eA", "kid": "rsa"}]})) as server,
        pytest.raises(Refused),
    ):
        _verifier(server).verify(SIGNER.token())


def test_an_issuer_that_comes_back_is_believed_a_second_later(clock: list[float]) -> None:
    with scripted_server(told(500), told_json(200, SIGNER.jwks)) as server:
        verifier = _verifier(server)
        for _ in range(2):
            with pytest.raises(KeysUnavailable):
                verifier.verify(SIGNER.token())
        assert len(server.asked) == 1
        clock[0] += 1
        assert verifier.verify(SIGNER.token()).subject == "ada"


@pytest.mark.parametrize("known", [True, False], ids=["after an hour with keys", "without any key"])
def test_strangers_cannot_make_us_ask_an_issuer_that_is_down_at_their_pace(clock: list[float], known: bool) -> None:
    """Whatever key they name; one token a second for a minute asks six times, or as often as a second passes."""
    answers = [*([told_json(200, SIGNER.jwks)] if known else []), *[told(500)] * 100]
    with scripted_server(*answers) as server:
        verifier = _verifier(server)
        if known:
            verifier.verify(SIGNER.token())
            clock[0] += 60
        before = len(server.asked)
        for second in range(60):
            for stranger in range(5):
                with pytest.raises(KeysUnavailable):
                    verifier.verify(SIGNER.token(kid=f"nobody's {second} {stranger}"))
            if known:
                assert verifier.verify(SIGNER.token()).subject == "ada"
            clock[0] += 1
        assert len(server.asked) - before == (6 if known else 60)


def test_a_key_that_was_rotated_in_while_the_issuer_was_down_is_had_when_it_is_back(clock: list[float]) -> None:
    answers = [told_json(200, SIGNER.jwks), told(500), told_json(200, {"keys": _renamed()})]
    with scripted_server(*answers) as server:
        verifier = _verifier(server)
        verifier.verify(SIGNER.token())
        clock[0] += 60
        with pytest.raises(KeysUnavailable):
            verifier.verify(SIGNER.token(kid="new"))
        clock[0] += 10
        assert verifier.verify(SIGNER.token(kid="new")).subject == "ada"
