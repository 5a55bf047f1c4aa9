"""The agent's own call over HTTP: opened by browser or phone, looked at, ended; and a lead's call hung up."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from autocall import reasons
from autocall.call_outcomes import Outcome, Placed, Refused, Throttled
from autocall.secret import TwilioSecret, UnreadableSecret
from autocall.session import LIVE
from autocall.session_table import SessionTable
from autocall.timing import Timing, now, stamp
from functions.leads_api.services import Lines
from tests.unit import leads_api_world
from tests.unit.leads_api_world import AGENT
from tests.unit.leads_api_world import World as ApiWorld
from tests.unit.moto_tables import AGENTS

SHOW, OPEN, END = "GET /api/phone", "POST /api/phone", "DELETE /api/phone"
HANG_UP = "POST /api/leads/{id}/hang-up"
LEG, BACK = "CA" + "1" * 32, "CA" + "3" * 32
SECRET = TwilioSecret("AC" + "1" * 32, "SK1", "shh", ("token",), "AP" + "1" * 32)


class FakeSecret:
    """What is read of Twilio's credentials; None if they cannot be."""

    held: TwilioSecret | None = SECRET
    read_again = False

    def get(self) -> TwilioSecret:
        if self.held is None:
            raise UnreadableSecret("gone")
        return self.held

    def invalidate(self) -> bool:
        self.read_again = True
        return True


class FakeTwilio:
    """Answers calls with the next of *outcomes*."""

    def __init__(self) -> None:
        self.outcomes: list[Outcome] = []
        self.posted: list[dict[str, Any]] = []
        self.hung_up: list[str] = []

    def place(self, call: dict[str, Any]) -> Outcome:
        self.posted.append(call)
        return self.outcomes.pop(0) if self.outcomes else Placed(LEG)

    def hang_up(self, sid: str) -> bool:
        self.hung_up.append(sid)
        return True


class World(ApiWorld):
    """An installation whose agents are on the line."""

    def __init__(self, client: Any) -> None:
        super().__init__(client)
        self.sessions = SessionTable(client, AGENTS, Timing())
        self.secret = FakeSecret()
        self.line = FakeTwilio()
        secret: Any = self.secret
        line: Any = self.line
        lines = Lines(self.sessions, secret, None, "https://calls.example.com", 30)
        self.tools = replace(self.tools, lines=lines, twilio=lambda: line)
        self.tab("one")

    def on_the_line(self, session: str = "s1") -> None:
        assert self.sessions.open(AGENT, session, "browser", 30, now()).won
        assert self.sessions.live(AGENT, session, LEG, now()).won


@pytest.fixture
def world() -> Iterator[World]:
    with leads_api_world.stopped():
        yield World(leads_api_world.Memory())


def test_a_page_opens_a_session_and_gets_the_token_for_its_call(world: World) -> None:
    told = world.ask(OPEN, {"via": "browser"})
    assert told.status == 201
    assert told.data["phase"] == "ringing"
    assert told.data["session_id"] == world.sessions.get(AGENT).session_id
    assert told.data["token"].count(".") == 2
    assert told.data["identity"] == AGENT
    assert told.data["expires_at"] == stamp(now() + 12 * 3600)
    assert SECRET.api_secret not in told.body
    assert [event for _, event, _ in world.sockets.frames] == ["agent:session"]
    assert "token" not in json.dumps(world.sockets.frames)


def test_the_newest_session_counts_and_the_former_leg_is_ended(world: World) -> None:
    world.on_the_line()
    assert world.ask(OPEN).data["session_id"] != "s1"
    assert world.line.hung_up == [LEG]


def test_a_phone_is_rung_once_and_its_leg_is_known_while_it_rings(world: World) -> None:
    world.agents.update_profile(AGENT, {"agent_phone": "+12015550111"})
    told = world.ask(OPEN, {"via": "phone"})
    assert (told.status, told.data["via"], told.data["phase"]) == (201, "phone", "ringing")
    assert [call["To"] for call in world.line.posted] == ["+12015550111"]
    assert "token" not in told.data
    assert world.sessions.get(AGENT).call_sid == LEG


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [(Refused("lead", 21211, reasons.refused(21211)), reasons.refused(21211)), (Throttled("429"), "throttled")],
)
def test_why_a_phone_cannot_be_rung_is_told(world: World, outcome: Outcome, reason: str) -> None:
    world.agents.update_profile(AGENT, {"agent_phone": "+12015550111"})
    world.line.outcomes = [outcome]
    told = world.ask(OPEN, {"via": "phone"}).data
    assert (told["phase"], told["reason"]) == ("ended", reason)


@pytest.mark.parametrize(
    ("body", "status", "code"), [({"via": "fax"}, 400, "bad_field"), ({"via": "phone"}, 409, "no_phone")]
)
def test_what_cannot_be_opened_is_refused_and_changes_nothing(
    world: World, body: dict[str, str], status: int, code: str
) -> None:
    world.on_the_line()
    told = world.ask(OPEN, body)
    assert (told.status, told.code) == (status, code)
    assert world.sessions.get(AGENT).session_id == "s1"
    assert world.line.hung_up == []


@pytest.mark.parametrize(
    ("held", "status", "code"), [(None, 503, "no_credentials"), (replace(SECRET, app_sid=""), 409, "no_app")]
)
def test_without_credentials_or_an_app_no_page_can_call(
    world: World, held: TwilioSecret | None, status: int, code: str
) -> None:
    world.secret.held = held
    told = world.ask(OPEN)
    assert (told.status, told.code) == (status, code)
    assert world.sessions.get(AGENT).session_id == ""


def test_a_page_that_was_loaded_anew_learns_how_it_stands(world: World) -> None:
    assert world.ask(SHOW).data["phase"] == "ended"
    world.on_the_line()
    assert world.ask(SHOW).data["phase"] == LIVE


def test_hanging_up_ends_the_session_and_the_call(world: World) -> None:
    world.on_the_line()
    told = world.ask(END).data
    assert (told["phase"], told["reason"]) == ("ended", reasons.SIGNED_OUT)
    assert world.line.hung_up == [LEG]
    world.ask(END)
    assert world.line.hung_up == [LEG]


@pytest.mark.parametrize(("query", "ended"), [(None, True), ({"connection": "one"}, False)])
def test_whoever_signs_out_everywhere_is_not_on_the_line_any_more(
    world: World, query: dict[str, str] | None, ended: bool
) -> None:
    world.on_the_line()
    assert world.ask("DELETE /api/connections", query=query).status == 200
    assert (world.sessions.get(AGENT).phase == "ended") is ended
    assert world.line.hung_up == ([LEG] if ended else [])


@pytest.mark.parametrize("route", [SHOW, OPEN, END])
def test_where_leads_hear_a_message_there_is_no_line(world: World, route: str) -> None:
    world.tools = replace(world.tools, lines=None)
    told = world.ask(route)
    assert (told.status, told.code) == (409, "no_line")


# -- a lead's call -----------------------------------------------------------------------------------------------------


def test_a_leads_call_is_ended_and_the_agents_goes_on(world: World) -> None:
    world.on_the_line()
    lead = world.ringing("CA9")
    assert world.ask(HANG_UP, {"attempt_id": "attempt"}, lead=lead).data == {"hung_up": True}
    assert world.line.hung_up == ["CA9"]
    assert world.sessions.get(AGENT).phase == LIVE


@pytest.mark.parametrize(
    ("body", "code"), [({}, "bad_field"), ({"attempt_id": 1}, "bad_field"), ({"attempt_id": "old"}, "another_attempt")]
)
def test_only_the_call_that_the_agent_sees_is_ended(world: World, body: dict[str, Any], code: str) -> None:
    lead = world.ringing("CA9")
    assert world.ask(HANG_UP, body, lead=lead).code == code
    assert world.line.hung_up == []


def test_who_calls_back_is_hung_up_by_the_call_that_the_agent_sees(world: World) -> None:
    world.on_the_line()
    called, other = world.ended(), world.waiting("+12015550199")
    assert world.sessions.take_inbound(AGENT, called, BACK, 3600, now()).won
    assert world.ask(HANG_UP, {"attempt_id": BACK}, lead=called).data == {"hung_up": True}
    assert world.line.hung_up == [BACK]
    for lead, attempt in ((other, BACK), (called, "CA" + "4" * 32)):
        assert world.ask(HANG_UP, {"attempt_id": attempt}, lead=lead).code == "another_attempt"
    assert world.line.hung_up == [BACK]


def test_what_has_ended_or_is_not_known_cannot_be_hung_up(world: World) -> None:
    assert world.ask(HANG_UP, {"attempt_id": "attempt"}, lead=world.ended()).code == "not_in_a_call"
    assert world.ask(HANG_UP, {"attempt_id": "x"}, lead="nobody").status == 404


# -- settings ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("setting", [{"via": "phone"}, {"wrap_up_s": 90}, {"wrap_up_s": "ready"}, {"via": None}])
def test_an_agent_says_how_they_are_reached_and_how_long_they_write(world: World, setting: dict[str, Any]) -> None:
    told = world.ask("PUT /api/settings", setting)
    assert told.status == 200
    assert setting.items() <= told.data.items()


@pytest.mark.parametrize("setting", [{"via": "fax"}, {"wrap_up_s": 29}, {"wrap_up_s": 3601}, {"wrap_up_s": "never"}])
def test_no_agent_writes_for_less_time_than_the_installation_says(world: World, setting: dict[str, Any]) -> None:
    assert world.ask("PUT /api/settings", setting).status == 400


# -- how long a wrap-up lasts ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("chosen", "counts"), [(90, 90), ("ready", None), (None, 30)])
def test_another_length_of_the_wrap_up_counts_for_the_session_that_is_open(
    world: World, chosen: int | str | None, counts: int | None
) -> None:
    world.on_the_line()
    assert world.ask("PUT /api/settings", {"wrap_up_s": 60}).status == 200
    assert world.ask("PUT /api/settings", {"wrap_up_s": chosen}).status == 200
    assert world.sessions.get(AGENT).item.get("wrap_up_s") == counts
    told = [data for _, event, data in world.sockets.frames if event == "agent:session"]
    assert told[-1]["wrap_up_s"] == counts


def test_the_length_is_set_again_by_a_repeat_whose_first_try_died_between_the_writes(world: World) -> None:
    world.on_the_line()
    world.agents.update_profile(AGENT, {"wrap_up_s": 60})
    assert world.ask("PUT /api/settings", {"wrap_up_s": 60}).status == 200
    assert world.sessions.get(AGENT).item["wrap_up_s"] == 60


def test_the_length_of_the_wrap_up_can_be_chosen_before_any_session(world: World) -> None:
    assert world.ask("PUT /api/settings", {"wrap_up_s": 60}).data["wrap_up_s"] == 60
    assert world.sessions.get(AGENT).item == {}
