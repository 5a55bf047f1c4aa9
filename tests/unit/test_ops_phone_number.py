"""Our number leads to us: `make number` says so at Twilio, and `make smoke` looks; on a Twilio of this machine."""

from argparse import Namespace
from collections.abc import Iterator
from dataclasses import replace

import pytest

from ops import smoke
from ops.__main__ import _number as ops_number
from ops.installation import Installation, OpsError
from ops.phone_number import differs, point
from ops.twiml_app import Twilio, Unmade
from tests.unit.simulator_world import SENDER, Simulator, running

PUBLIC_URL, FALLBACK = "https://calls.example.com", "https://page.example.com/sorry.xml"


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with running() as made:
        yield made


@pytest.fixture
def twilio(simulator: Simulator) -> Twilio:
    key, secret = simulator.login
    return Twilio(simulator.url, simulator.account_url.rpartition("/")[2], key, secret)


def _number(simulator: Simulator) -> dict[str, str]:
    found = simulator.resource("GET", "IncomingPhoneNumbers.json", params={"PhoneNumber": SENDER}).json()
    return dict(found["incoming_phone_numbers"][0])


def test_the_number_is_pointed_at_us_once_and_again(simulator: Simulator, twilio: Twilio) -> None:
    assert "make number sets it" in differs(twilio, SENDER, PUBLIC_URL)
    for _ in range(2):
        point(twilio, SENDER, PUBLIC_URL, FALLBACK)
        assert differs(twilio, SENDER, PUBLIC_URL) == ""
    number = _number(simulator)
    assert number["voice_url"] == f"{PUBLIC_URL}/twilio/inbound"
    assert number["status_callback"] == f"{PUBLIC_URL}/twilio/inbound/over"
    assert (number["voice_fallback_url"], number["voice_fallback_method"]) == (FALLBACK, "GET")


def test_an_application_of_the_numbers_own_is_seen_and_removed(simulator: Simulator, twilio: Twilio) -> None:
    point(twilio, SENDER, PUBLIC_URL, FALLBACK)
    simulator.resource(
        "POST", f"IncomingPhoneNumbers/{_number(simulator)['sid']}.json", data={"VoiceApplicationSid": "AP1"}
    )
    assert "voice_application_sid" in differs(twilio, SENDER, PUBLIC_URL)
    point(twilio, SENDER, PUBLIC_URL, FALLBACK)
    assert differs(twilio, SENDER, PUBLIC_URL) == ""


def test_a_number_that_the_account_does_not_own_is_named(twilio: Twilio) -> None:
    assert "is not a number of this Twilio account" in differs(twilio, "+12015550199", PUBLIC_URL)
    with pytest.raises(Unmade, match="is not a number"):
        point(twilio, "+12015550199", PUBLIC_URL, FALLBACK)


def test_what_twilio_refuses_is_said(twilio: Twilio) -> None:
    refused = replace(twilio, api_secret="wrong")
    assert "401" in differs(refused, SENDER, PUBLIC_URL)
    with pytest.raises(Unmade, match="401"):
        point(refused, SENDER, PUBLIC_URL, FALLBACK)


def test_every_number_of_the_setting_is_set_and_looked_at_and_what_is_wrong_with_each_is_said(
    twilio: Twilio, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One that the account does not own keeps none of the others from being set."""
    outputs = {"TwilioUrl": "", "TwilioSecret": "", "PublicUrl": PUBLIC_URL, "InboundFallbackUrl": FALLBACK}
    installation = Installation("autocall", outputs | {"CallFrom": f"DE:+4930123456,{SENDER}"})
    monkeypatch.setattr("ops.twiml_app.Twilio.of", lambda *_: twilio)
    monkeypatch.setattr("ops.secret.held", lambda _: {})
    monkeypatch.setattr("ops.__main__._installation", lambda _: installation)
    with pytest.raises(OpsError, match=r"^\+4930123456 is not a number of this Twilio account"):
        ops_number(Namespace())
    assert capsys.readouterr().out == f"Whoever calls {SENDER} reaches autocall.\n"
    (check,) = smoke._OF_THE_NUMBER.values()
    assert check(installation).startswith("+4930123456 is not a number of this Twilio account")
    assert SENDER not in check(installation)
