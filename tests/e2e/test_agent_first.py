"""On the running stack, by what the witness of Twilio's rooms says: who hears whom, how soon, and who never does."""

import json
import os
from collections.abc import Iterator
from typing import Any

import pytest

from local.twilio_simulator.client import Witness
from tests.e2e.agents import Numbers, Outputs, Person, Twilio, aws, close_tabs, eventually, sign_up

OWN_PHONES = [f"+1202555017{line}" for line in range(10)]
PICKS_UP = {"outcome": "completed", "ring_s": 1, "talk_s": 4}

SOON_S = 2 if "PYTEST_XDIST_WORKER" not in os.environ else 20  # beside other tests a cold start takes its time


@pytest.fixture
def twilio(line: Outputs) -> Twilio:
    return Twilio(line)


@pytest.fixture
def witness(line: Outputs) -> Witness:
    return Witness(line["twilio_simulator_url"])


@pytest.fixture
def agent(line: Outputs) -> Iterator[Person]:
    """Somebody who is reached by a phone of their own, which is picked up and accepted."""
    person = sign_up(line)
    settings = {"agent_phone": OWN_PHONES.pop(), "via": "phone"}
    assert person.api("PUT", "/api/settings", json=settings).status_code == 200
    yield person
    close_tabs(person)


def _row(agent: Person, lead: str) -> dict[str, Any]:
    found: dict[str, Any] = agent.api("GET", f"/api/leads/{lead}").json()
    return found


def test_every_lead_who_answers_hears_their_agent_within_two_seconds_and_no_other_lead(
    agent: Person, twilio: Twilio, witness: Witness
) -> None:
    """The agent's phone is rung once, for all of them; one conversation follows another, with a wrap-up between."""
    phones, tab = Numbers.take(3), agent.tab()
    for phone in phones:
        twilio.script(phone, **PICKS_UP)
    leads = agent.imports(*phones)
    tab.start()

    tab.ask_until(lambda: tab.completed() == set(leads))

    assert twilio.dialled(*phones) == [1] * 3
    for phone in phones:
        joined_after_s = witness.seconds_to_agent(phone)
        assert joined_after_s is not None
        assert joined_after_s < SOON_S
    assert witness.leads_together() == []
    assert witness.errors() == []
    rows = [_row(agent, lead) for lead in leads]
    assert all(row["joined_at"] and not row["abandoned_at"] for row in rows)
    ends = sorted(row["ended_at"] for row in rows)
    assert all(row["placed_at"] > end for row, end in zip(sorted(rows, key=_placed)[1:], ends, strict=False))
    assert any(data["wrap_up"] for data in tab.events("agent:session"))


def _placed(row: dict[str, Any]) -> str:
    return str(row["placed_at"])


def test_a_lead_who_answers_after_the_agent_has_hung_up_hears_who_called(
    agent: Person, twilio: Twilio, witness: Witness
) -> None:
    (phone,) = Numbers.take(1)
    twilio.script(phone, outcome="completed", ring_s=6, talk_s=60)
    tab = agent.tab()
    (lead,) = agent.imports(phone)
    tab.start()
    tab.ask_until(lambda: bool(tab.of_lead(lead)))
    assert agent.api("DELETE", "/api/phone").json()["phase"] == "ended"

    eventually(lambda: _row(agent, lead)["call_status"] == "completed")

    leg = witness.leg(phone)
    first = leg["sentences"][0]
    assert "This was a call from Autocall, on one machine." in first["text"]
    assert first["from_s"] - leg["answered_s"] < SOON_S
    assert witness.seconds_to_agent(phone) is None
    assert _row(agent, lead)["abandoned_at"]


def test_nobody_is_called_for_an_agent_whose_phone_is_not_accepted(agent: Person, twilio: Twilio) -> None:
    (phone,) = Numbers.take(1)
    own_phone = agent.api("GET", "/api/settings").json()["agent_phone"]
    twilio.script(own_phone, outcome="completed", ring_s=1, presses="", talk_s=30)
    tab = agent.tab()
    agent.imports(phone)
    tab.start()

    tab.ask_until(lambda: any(data["reason"] == "not accepted" for data in tab.events("agent:session")))

    tab.emit("leads:fetched")
    tab.wait(lambda tab: tab.finished()[-1]["reason"] == "session")
    assert twilio.dialled(phone) == [0]
    assert twilio.dialled(own_phone) == [1]


def test_a_page_calls_through_the_app_that_the_deployment_has_made(
    line: Outputs, agent: Person, twilio: Twilio, witness: Witness
) -> None:
    """A browser of which the simulator takes the part; the page says that it holds the session."""
    assert agent.api("PUT", "/api/settings", json={"via": "browser"}).status_code == 200
    (phone,) = Numbers.take(1)
    twilio.script(phone, **PICKS_UP)
    opened = agent.api("POST", "/api/phone", json={"via": "browser"})
    assert opened.status_code == 201
    session = opened.json()["session_id"]
    tab = agent.tab()
    tab.emit("ping", {"session_id": session})
    witness.browser(opened.json()["identity"], _app(line), {"session": session}, talk_s=600)
    tab.wait(lambda tab: any(data["phase"] == "live" for data in tab.events("agent:session")))
    (lead,) = agent.imports(phone)

    tab.ask_until(lambda: lead in tab.completed())

    joined_after_s = witness.seconds_to_agent(phone)
    assert joined_after_s is not None
    assert joined_after_s < SOON_S
    assert agent.api("GET", "/api/phone").json()["phase"] == "live"


def _app(line: Outputs) -> str:
    held = aws(line, "secretsmanager").get_secret_value(SecretId="autocall/twilio")["SecretString"]
    return str(json.loads(held)["app_sid"])
