"""The token of a page's call is the one that Twilio's own library makes, and its identity is safe everywhere."""

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import VoiceGrant

from autocall.secret import TwilioSecret
from autocall.voice_token import identity, mint, user_of

SECRET = TwilioSecret("AC" + "1" * 32, "SK" + "2" * 32, "a secret of an api key, long enough", ("t",), "AP" + "3" * 32)
NOW = 1_780_000_000


def test_the_token_is_what_twilios_library_makes() -> None:
    theirs = AccessToken(
        SECRET.account_sid, SECRET.api_key, SECRET.api_secret, identity=identity("ada-1"), ttl=3600, nbf=NOW - 60
    )
    theirs.add_grant(VoiceGrant(outgoing_application_sid=SECRET.app_sid))
    ours = mint(SECRET, "ada-1", NOW, 3600)
    assert jwt.get_unverified_header(ours) == jwt.get_unverified_header(theirs.to_jwt())
    options = {"verify_exp": False, "verify_nbf": False}
    read = [jwt.decode(each, SECRET.api_secret, ["HS256"], options=options) for each in (ours, theirs.to_jwt())]  # type: ignore[arg-type]
    assert read[0].keys() == read[1].keys()
    assert read[0]["grants"]["identity"] == read[1]["grants"]["identity"]
    assert read[0]["grants"]["voice"]["outgoing"] == read[1]["grants"]["voice"]["outgoing"]
    assert {read[0][name] == read[1][name] for name in ("iss", "sub", "nbf")} == {True}
    assert read[0]["exp"] == NOW + 3600


@pytest.mark.parametrize("user", ["ada", "a1b2-c3d4", "~Ab_-9", "_5F"])
def test_an_agent_is_known_again_by_their_name_at_twilio(user: str) -> None:
    assert identity(user).replace("_", "").isalnum()
    assert user_of(f"client:{identity(user)}") == user


@given(st.text("abcXYZ019_-~", min_size=1, max_size=64), st.text("abcXYZ019_-~", min_size=1, max_size=64))
def test_no_two_agents_have_one_name(one: str, other: str) -> None:
    assert (identity(one) == identity(other)) is (one == other)


@pytest.mark.parametrize("caller", ["", "+12015550100", "sip:ada@example.com", "anonymous"])
def test_what_is_no_pages_call_is_nobodys(caller: str) -> None:
    assert user_of(caller) == ""
