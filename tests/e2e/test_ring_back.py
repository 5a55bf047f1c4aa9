"""On the running stack: a lead who was missed rings back while their agent is ready, talks, is away, has signed out."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from local.twilio_simulator.client import Witness
from tests.e2e.agents import LASTS, Numbers, Outputs, Person, Tab, Twilio, aws, close_tabs, eventually, sign_up

MISSED = {"outcome": "no-answer", "ring_s": 0}
STAYS_S = 600
MENU = "To be called back, press 1."


@dataclass
class Agent:
    """Somebody who is on the line by a browser of which the simulator takes the part, and one whom they have missed."""

    person: Person
    tab: Tab
    twilio: Twilio
    witness: Witness
    own_call: str
    phone: str
    lead: str

    def row(self) -> dict[str, Any]:
        return self.person.lead(self.lead)

    def rings_back(self, **does: Any) -> str:
        """The missed lead calls; the SID of the call."""
        return self.witness.ring_back(self.phone, **({"talk_s": STAYS_S} | does))

    def talks(self) -> str:
        """Another lead is in a call with the agent; their number."""
        (phone,) = Numbers.take(1)
        self.twilio.script(phone, **LASTS)
        (lead,) = self.person.imports(phone)
        self.tab.ask_until(lambda: bool(self.person.lead(lead)["joined_at"]))
        return phone

    def heard_in_the_call_back(self) -> str:
        return " ".join(self.witness.sentences(self.phone))

    def was_told(self) -> dict[str, Any]:
        """What the pages were told last of the missed lead."""
        return self.tab.of_lead(self.lead)[-1][1]


@pytest.fixture
def agent(line: Outputs) -> Iterator[Agent]:
    person, twilio, witness = sign_up(line), Twilio(line), Witness(line["twilio_simulator_url"])
    opened = person.api("POST", "/api/phone", json={"via": "browser"}).json()
    session = {"session_id": opened["session_id"]}
    tab = person.tab()
    tab.emit("ping", session)
    secret = aws(line, "secretsmanager").get_secret_value(SecretId="autocall/twilio")["SecretString"]
    app, params = json.loads(secret)["app_sid"], {"session": opened["session_id"]}
    own_call = witness.browser(opened["identity"], app, params, talk_s=STAYS_S)
    tab.wait(lambda tab: any(data["phase"] == "live" for data in tab.events("agent:session")))
    (phone,) = Numbers.take(1)
    twilio.script(phone, times=1, **MISSED)
    (lead,) = person.imports(phone)
    tab.ask_until(lambda: lead in tab.completed())
    yield Agent(person, tab, twilio, witness, own_call, phone, lead)
    close_tabs(person)


def test_an_agent_who_is_ready_is_in_a_call_with_them_at_once_and_writes_it_up(agent: Agent) -> None:
    sid = agent.rings_back()
    eventually(lambda: agent.row()["ring_back_heard_at"])
    assert agent.witness.seconds_to_agent(agent.phone) is not None
    (call,) = {data["call"]["lead_id"] for data in agent.tab.events("agent:session") if data["call"]} - {None}
    assert call == agent.lead
    hung_up = agent.person.api("POST", f"/api/leads/{agent.lead}/hang-up", json={"attempt_id": sid})
    assert hung_up.json() == {"hung_up": True}
    agent.tab.wait(lambda tab: any(data["wrap_up"] for data in tab.events("agent:session")))
    row = agent.row()
    assert (row["call_status"], row["calls"]) == ("no-answer", 1)
    said = {"attempt_id": sid, "code": "meeting"}
    assert agent.person.api("POST", f"/api/leads/{agent.lead}/outcome", json=said).status_code == 200
    assert agent.witness.leads_together() == []


def test_an_agent_who_talks_is_left_alone_and_calls_them_afterwards_by_a_word(agent: Agent) -> None:
    other = agent.talks()
    sid = agent.rings_back()
    eventually(lambda: "One moment, please." in agent.heard_in_the_call_back())
    agent.witness.hang_up(sid)
    agent.twilio.hang_up(other)
    row = agent.row()
    assert row["rang_back_at"]
    assert row["ring_back_heard_at"] is None
    assert agent.was_told()["rang_back_at"] == row["rang_back_at"]

    agent.twilio.script(agent.phone, **LASTS)
    wanted = agent.person.api("POST", f"/api/leads/{agent.lead}/again", json={"attempt_id": row["attempt_id"]})
    assert wanted.json()["ring_back_done_at"] == row["rang_back_at"]
    agent.tab.ask_until(lambda: bool(agent.row()["joined_at"]))
    assert agent.twilio.dialled(agent.phone) == [2]
    assert agent.witness.leads_together() == []


def test_while_the_agent_is_away_they_ask_to_be_called_and_their_page_shows_it_until_it_is_dealt_with(
    agent: Agent,
) -> None:
    agent.witness.hang_up(agent.own_call)
    eventually(lambda: agent.person.api("GET", "/api/phone").json()["phase"] == "ended")
    agent.rings_back(presses="1", presses_after_s=0)
    eventually(lambda: "Thank you." in agent.heard_in_the_call_back())
    assert MENU in agent.heard_in_the_call_back()
    agent.tab.wait(lambda _: agent.was_told()["ring_back_asked_at"])
    seen = agent.row()["ring_back_asked_at"]
    done = agent.person.api("PUT", f"/api/leads/{agent.lead}/ring-back", json={"seen": seen, "done": True})
    assert done.json()["ring_back_done_at"] == seen
    agent.tab.wait(lambda _: agent.was_told()["ring_back_done_at"] == seen)
    assert agent.twilio.dialled(agent.phone) == [1]


def test_after_the_agent_has_signed_out_they_may_ask_never_to_be_called_again(agent: Agent) -> None:
    assert agent.person.api("DELETE", "/api/connections").status_code == 200
    agent.rings_back(presses="9", presses_after_s=0)
    eventually(lambda: "You will not be called again." in agent.heard_in_the_call_back())
    row = agent.row()
    assert row["do_not_call"]
    again = agent.person.api("POST", f"/api/leads/{agent.lead}/again", json={"attempt_id": row["attempt_id"]})
    assert (again.status_code, again.json()["error"]["code"]) == (409, "do_not_call")
