"""A message left on a mailbox over the HTTP API: the lead's call goes on with it, the agent's with the next lead."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, cast

import pytest

from autocall.audio import VoicemailMessage
from autocall.call_outcomes import Unreachable
from autocall.gates import Hours, load_hours
from autocall.hours_file import read_hours
from autocall.leads import Attempt, LeadKey
from autocall.secret import Secret
from autocall.session import Session
from autocall.session_table import SessionTable
from autocall.timing import Timing, now
from functions.leads_api.services import Lines
from tests.faults.tables import AGENTS
from tests.unit import leads_api_world
from tests.unit.leads_api_world import AGENT, OTHER, PHONE, Told
from tests.unit.leads_api_world import World as ApiWorld

VOICEMAIL, OUTCOME = "POST /api/leads/{id}/voicemail", "POST /api/leads/{id}/outcome"
TEXT = "This is Acme & Co. Call us back at +1 201 555 0123."
SAID = "<Say>This is Acme &amp; Co. Call us back at +1 201 555 0123.</Say><Hangup /></Response>"
ALWAYS = {"week": {"mon-sun": "00:00-24:00"}}
ADMINS = {"groups": "[admins]"}


@dataclass
class FakeTwilio:
    """Redirects calls that are not *over*; answers nothing while it is unreachable."""

    redirected: list[tuple[str, str]] = field(default_factory=list)
    over: bool = False
    unreachable: bool = False

    def redirect(self, sid: str, twiml: str) -> bool:
        if self.unreachable:
            raise Unreachable("timeout")
        if self.over:
            return False
        self.redirected.append((sid, twiml))
        return True


class World(ApiWorld):
    """An installation with a message for mailboxes, whose agent talks with a lead."""

    def __init__(self, client: Any) -> None:
        super().__init__(client)
        self.sessions, self.line = SessionTable(client, AGENTS, Timing()), FakeTwilio()
        lines = Lines(self.sessions, cast(Secret, None), None, "https://calls.example.com", 30)
        line: Any = self.line
        self.tools = replace(self.tools, lines=lines, voicemail=VoicemailMessage(text=TEXT), twilio=lambda: line)
        self.have_hours(load_hours("always", ""))

    def talks(self, **about: Any) -> str:
        """A lead that the agent hears, or its mailbox."""
        lead = self.ringing("CA9", **about)
        attempt = Attempt(AGENT, lead, "attempt")
        assert self.leads.record_live(attempt, "CA9", "in-progress", "callback", now() - 70).won
        assert self.leads.mark_joined(attempt, now() - 70).won
        assert self.sessions.open(AGENT, "session", "browser", 30, now()).won
        assert self.sessions.live(AGENT, "session", "CA1", now()).won
        assert self.sessions.reserve(AGENT, "session", lead, "attempt", now()).won
        assert self.sessions.take(AGENT, "attempt", 600, now()).won
        assert self.sessions.joined(AGENT, "attempt", now()).won
        return lead

    def drops(self, lead: str, attempt: Any = "attempt", **more: Any) -> Told:
        return self.ask(VOICEMAIL, {"attempt_id": attempt}, lead=lead, **more)

    def leaves_the_room(self) -> Session:
        """Twilio reports that the lead has left the agent's room."""
        return Session(self.sessions.free(AGENT, "attempt", now()).row)

    def is_refused(self, lead: str, code: str, **more: Any) -> bool:
        """With a 409, and nothing is played or written."""
        before = self.row(lead), self.sessions.get(AGENT)
        told = self.drops(lead, **more)
        assert (told.status, told.code) == (409, code)
        return not self.line.redirected and before == (self.row(lead), self.sessions.get(AGENT))


def _hours(recorded: dict[str, str]) -> Hours:
    """Always open, and a person may call anybody; for a recorded message the law asks for that."""
    return read_hours({"world": ALWAYS, "countries": {"US": ALWAYS | {"for": {"recorded": recorded}}}})


@pytest.fixture
def world() -> Iterator[World]:
    with leads_api_world.stopped():
        yield World(leads_api_world.Memory())


def test_the_leads_call_goes_on_with_the_message_and_ends_with_it(world: World) -> None:
    told = world.drops(world.talks())
    assert told.status == 200
    [(sid, twiml)] = world.line.redirected
    assert (sid, twiml.endswith(SAID)) == ("CA9", True)


def test_a_recording_is_played(world: World) -> None:
    world.tools = replace(world.tools, voicemail=VoicemailMessage(url="https://example.com/message.mp3?a=1&b=2"))
    world.drops(world.talks())
    [(_, twiml)] = world.line.redirected
    assert twiml.endswith("<Play>https://example.com/message.mp3?a=1&amp;b=2</Play><Hangup /></Response>")


def test_the_agent_is_free_without_a_wrap_up_as_soon_as_the_lead_leaves_the_room(world: World) -> None:
    world.drops(world.talks())
    assert world.sessions.get(AGENT).is_engaged(now())  # Twilio may still let them hear each other
    session = world.leaves_the_room()
    assert (session.is_engaged(now()), session.is_wrapping(now())) == (False, False)


def test_the_wrap_up_ends_and_the_next_call_goes_if_the_lead_has_left_before(world: World) -> None:
    lead = world.talks()
    assert world.leaves_the_room().is_wrapping(now())
    world.drops(lead)
    assert not world.sessions.get(AGENT).is_wrapping(now())
    assert world.queue.runs == [(AGENT, "ready")]


def test_the_outcome_is_preset_and_all_tabs_are_told(world: World) -> None:
    lead = world.talks()
    world.tab("one")
    assert world.drops(lead).data["outcome"]["code"] == "voicemail"
    assert world.row(lead)["history"][-1]["code"] == "voicemail"
    assert [event for _, event, _ in world.sockets.frames] == ["call:status_updated", "agent:session"]
    assert world.sockets.frames[0][2]["outcome"]["code"] == "voicemail"


def test_what_the_agent_has_said_stands(world: World) -> None:
    lead = world.talks()
    world.ask(OUTCOME, {"attempt_id": "attempt", "code": "interested"}, lead=lead)
    assert world.drops(lead).data["outcome"]["code"] == "interested"
    attempt = Attempt(AGENT, lead, "attempt")
    assert not world.leads.set_outcome(attempt, "voicemail", AGENT, now(), preset=True).won


def test_the_preset_outcome_is_that_of_its_kind_if_the_installation_has_one(world: World) -> None:
    lead = world.talks()
    left = {"code": "left_message", "label": "Left a message", "kind": "voicemail"}
    sold = {"code": "sold", "label": "Sold", "kind": "ordinary"}
    world.ask("PUT /api/installation", {"outcomes": [sold], "version": 0}, **ADMINS)
    assert world.drops(lead).data["outcome"] is None
    world.ask("PUT /api/installation", {"outcomes": [sold, left], "version": 1}, **ADMINS)
    assert world.drops(lead).data["outcome"]["code"] == "left_message"


def test_a_repeat_plays_the_message_again_and_has_the_same_outcome(world: World) -> None:
    lead = world.talks()
    first, second = world.drops(lead), world.drops(lead)
    assert (second.status, second.data["outcome"]) == (200, first.data["outcome"])
    assert len(world.line.redirected) == 2
    assert [entry["event"] for entry in world.row(lead)["history"]].count("outcome") == 1


def test_a_repeat_does_not_touch_the_conversation_that_comes_next(world: World) -> None:
    lead = world.talks()
    world.drops(lead)
    world.leaves_the_room()
    assert world.sessions.reserve(AGENT, "session", "another", "next", now()).won
    world.drops(lead)
    assert world.sessions.get(AGENT).attempt == "next"
    assert "call_done" not in world.sessions.get(AGENT).item


def test_a_call_that_is_over_is_said_to_be_and_nothing_is_written(world: World) -> None:
    world.line.over = True
    assert world.is_refused(world.talks(), "call_over")


def test_while_twilio_cannot_be_reached_nothing_is_written(world: World) -> None:
    lead, world.line.unreachable = world.talks(), True
    told = world.drops(lead)
    assert (told.status, told.code) == (503, "twilio_unreachable")
    assert "outcome" not in world.row(lead)
    assert "call_done" not in world.sessions.get(AGENT).item


def test_an_installation_without_a_message_plays_none(world: World) -> None:
    world.tools = replace(world.tools, voicemail=None)
    assert world.is_refused(world.talks(), "no_voicemail_message")


def test_only_the_call_that_the_agent_sees_gets_the_message(world: World) -> None:
    lead = world.talks()
    assert world.is_refused(lead, "another_attempt", attempt="old")
    assert world.drops(lead, 1).code == "bad_field"
    assert world.drops(lead, user=OTHER).status == 404
    assert world.line.redirected == []


@pytest.mark.parametrize("state", ["waiting", "claimed", "ringing", "ended"])
def test_no_message_is_left_where_nobody_has_answered_the_agent(world: World, state: str) -> None:
    lead = getattr(world, state)()
    attempt = world.row(lead).get("attempt_id", "attempt")
    if state == "waiting":
        assert world.drops(lead, attempt).code == "another_attempt"
    else:
        assert world.is_refused(lead, "not_in_a_call")


def test_a_number_that_is_forbidden_meanwhile_gets_no_message(world: World) -> None:
    lead = world.talks()
    assert world.leads.add_to_dnc(LeadKey(AGENT, lead), PHONE, AGENT, now()).won
    assert world.is_refused(lead, "do_not_call")


@pytest.mark.parametrize(
    ("mode", "about", "reason"),
    [
        ("consent", {}, "consent"),
        ("consent", {"consent_at": "2020-01-01T00:00:00.000Z"}, None),
        ("confirm", {}, "confirm"),
        (None, {}, None),
    ],
)
def test_the_law_of_the_place_decides_about_a_recorded_message(
    world: World, mode: str | None, about: dict[str, Any], reason: str | None
) -> None:
    """A conversation with a person is free there; a recording is not."""
    world.have_hours(_hours({"mode": mode} if mode else {}))
    lead = world.talks(zones=["US-NY/America/New_York"], **about)
    if reason is None:
        assert world.drops(lead).status == 200
    else:
        told = world.drops(lead)
        assert (told.status, told.code) == (409, "not_now")
        assert told.data["error"]["details"] == {"reason": reason, "until": None}
        assert world.line.redirected == []


def test_a_call_that_a_person_started_may_be_ended_with_a_message_however_long_it_lasts(world: World) -> None:
    world.have_hours(_hours({"mode": "confirm"}))
    lead = world.talks(zones=["US-NY/America/New_York"])
    world.keeps(lead, confirmed_until=leads_api_world.soon(-60))  # after its claim, and over by now
    assert world.drops(lead).status == 200
    world.keeps(lead, confirmed_until=leads_api_world.soon(-3600))
    assert world.drops(lead).code == "not_now"


def test_where_a_leads_place_is_not_known_no_message_is_left(world: World) -> None:
    world.have_hours(_hours({}))
    told = world.drops(world.talks(zones=["nowhere"]))
    assert (told.code, told.data["error"]["details"]["reason"]) == ("not_now", "zone")


@pytest.mark.parametrize(
    ("settings", "offers"),
    [
        ({}, False),
        ({"VOICEMAIL_MESSAGE": TEXT}, True),
        ({"VOICEMAIL_URL": "https://example.com/message.mp3"}, True),
        ({"VOICEMAIL_MESSAGE": TEXT, "AUDIO": "message"}, False),
    ],
)
def test_pages_are_told_whether_there_is_a_message(world: World, settings: dict[str, str], offers: bool) -> None:
    deployed = leads_api_world.handler._services({**os.environ, "AUDIO": "agent", **settings})
    world.tools = replace(world.tools, installation=deployed.installation)
    assert world.ask("GET /api/settings").data["installation"]["voicemail"] is offers
    assert (deployed.voicemail is not None) is offers
