"""The TwiML App that pages call through is made once, found again, and kept in step; on a Twilio of this machine."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from ops.twiml_app import Twilio, Unmade, differs, ensure
from tests.unit.simulator_world import Simulator, running

NAME, PUBLIC_URL = "autocall-test", "https://calls.example.com"


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with running() as made:
        yield made


@pytest.fixture
def twilio(simulator: Simulator) -> Iterator[Twilio]:
    key, secret = simulator.login
    account = simulator.account_url.rpartition("/")[2]
    yield Twilio(simulator.url, account, key, secret)
    for app in _apps(simulator):
        simulator.resource("DELETE", f"Applications/{app}.json")


def _apps(simulator: Simulator) -> list[str]:
    return [app["sid"] for app in simulator.resource("GET", "Applications.json").json()["applications"]]


def test_the_app_is_made_once_and_says_where_a_pages_call_is_answered(simulator: Simulator, twilio: Twilio) -> None:
    sid = ensure(twilio, NAME, PUBLIC_URL, "")
    assert ensure(twilio, NAME, PUBLIC_URL, sid) == sid
    assert _apps(simulator) == [sid]
    assert differs(twilio, NAME, PUBLIC_URL, sid) == ""


def test_an_app_whose_sid_was_lost_is_found_by_its_name(simulator: Simulator, twilio: Twilio) -> None:
    sid = ensure(twilio, NAME, PUBLIC_URL, "")
    assert ensure(twilio, NAME, PUBLIC_URL, "") == sid
    assert ensure(twilio, NAME, PUBLIC_URL, "AP" + "0" * 32) == sid
    assert _apps(simulator) == [sid]


def test_an_app_of_another_address_is_seen_and_mended(twilio: Twilio) -> None:
    sid = ensure(twilio, NAME, "https://old.example.com", "")
    assert "voice_url and status_callback" in differs(twilio, NAME, PUBLIC_URL, sid)
    assert ensure(twilio, NAME, PUBLIC_URL, sid) == sid
    assert differs(twilio, NAME, PUBLIC_URL, sid) == ""


def test_what_twilio_does_not_know_or_allow_is_said(twilio: Twilio) -> None:
    assert "make deploy creates it" in differs(twilio, NAME, PUBLIC_URL, "")
    assert "404" in differs(twilio, NAME, PUBLIC_URL, "AP" + "0" * 32)
    with pytest.raises(Unmade, match="401"):
        ensure(replace(twilio, api_secret="wrong"), NAME, PUBLIC_URL, "")
