"""What Twilio asks `voice` for as it arrives: only signed requests, each to its use case, and nobody hears a crash."""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from twilio.request_validator import RequestValidator

from autocall.session import BROWSER, LIVE
from autocall.session_table import SessionTable
from autocall.timing import Timing, now
from autocall.voice_token import identity
from cdk.apis import VOICE
from tests.unit.moto_tables import AGENTS
from tests.unit.shipped_functions import AGENT, PUBLIC_URL, TOKEN, Shipped, shipped

SID = "CA" + "1" * 32


@pytest.fixture(scope="module")
def functions() -> Iterator[Shipped]:
    with pytest.MonkeyPatch.context() as monkeypatch, shipped(monkeypatch, AUDIO="agent") as world:
        yield world


@pytest.fixture
def world(functions: Shipped) -> Iterator[Shipped]:
    yield functions
    functions.queued()


@pytest.fixture
def sessions(world: Shipped) -> SessionTable:
    return SessionTable(world.aws("dynamodb"), AGENTS, Timing())


def ask(
    world: Shipped, route: str, query: str = "", lead: str = "lead", signed_with: str = TOKEN, **form: str
) -> dict[str, Any]:
    path = {"user_id": AGENT, "lead_id": lead}
    path = {name: value for name, value in path.items() if f"{{{name}}}" in route}
    url = PUBLIC_URL + route.format(**path) + (f"?{query}" if query else "")
    form = {"CallSid": SID, "CallStatus": "in-progress", **form}
    answer: dict[str, Any] = world.invoke(
        "voice",
        {
            "routeKey": f"POST {route}",
            "requestContext": {"requestId": "voice"},
            "pathParameters": path or None,
            "rawQueryString": query,
            "headers": {"x-twilio-signature": RequestValidator(signed_with).compute_signature(url, form)},
            "body": urlencode(form),
            "isBase64Encoded": False,
        },
    )
    return answer


@pytest.mark.parametrize("route", VOICE)
def test_what_twilio_has_not_signed_is_refused(world: Shipped, route: str) -> None:
    assert ask(world, route, signed_with="another token") == {"statusCode": 403}


@pytest.mark.parametrize("route", VOICE)
def test_every_route_answers_a_document_or_nothing(world: Shipped, route: str) -> None:
    """Also to a request that says nothing of what it must."""
    answer = ask(world, route)
    assert answer["statusCode"] in (200, 204)
    assert (answer["statusCode"] == 204) is any(word in route for word in ("leg", "room", "over", "amd"))
    if answer["statusCode"] == 200:
        assert answer["headers"]["content-type"].startswith("text/xml")
        assert answer["body"].endswith("</Response>") or answer["body"].endswith("<Response />")


def test_a_page_is_known_by_what_twilio_took_from_its_token_and_by_nothing_else(
    world: Shipped, sessions: SessionTable
) -> None:
    sessions.open(AGENT, "of-a-page", BROWSER, 30, now())
    stranger = ask(world, "/twilio/agent", From="client:stranger", session="of-a-page", user=AGENT)
    assert "not in use" in stranger["body"]
    answer = ask(world, "/twilio/agent", From=f"client:{identity(AGENT)}", session="of-a-page")
    assert ">of-a-page</Conference>" in answer["body"]
    assert sessions.get(AGENT).phase == LIVE
    assert [message.cause for message in world.queued()] == ["on the line"]
    ask(world, "/twilio/leg", From=f"client:{identity(AGENT)}", CallStatus="completed")
    assert sessions.get(AGENT).phase == "ended"


@pytest.mark.parametrize(("digits", "heard"), [("", "Press 1"), ("2", "not in use"), ("1", "</Conference>")])
def test_a_phone_is_in_the_room_once_it_has_pressed_one(
    world: Shipped, sessions: SessionTable, digits: str, heard: str
) -> None:
    session = f"phone{digits}"
    sessions.open(AGENT, session, "phone", 30, now())
    pressed = {"Digits": digits} if digits else {}
    assert heard in ask(world, "/twilio/agent/{user_id}", f"session={session}", **pressed)["body"]


def test_an_answer_that_fails_is_an_error_so_that_twilio_asks_again_and_then_reads_the_fallback(
    world: Shipped, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(world.function("voice").lead_calls.sessions), "take", _down)
    with pytest.raises(ConnectionError):
        ask(world, "/twilio/answer/{user_id}/{lead_id}", "attempt=a")


@pytest.mark.parametrize(("what", "heard"), [("left", "We are sorry"), ("menu", "We are sorry"), ("alone", "n=1")])
def test_later_on_a_lead_hears_something_polite_whatever_fails(
    world: Shipped, monkeypatch: pytest.MonkeyPatch, what: str, heard: str
) -> None:
    handler = world.function("voice")
    monkeypatch.setattr(type(handler.lead_calls.sessions), "get", _down)
    monkeypatch.setattr(type(handler.lead_calls.leads), "add_to_dnc", _down)
    form = {"Digits": "9", "To": "+12015550100"} if what == "menu" else {}
    answer = ask(world, f"/twilio/{what}/{{user_id}}/{{lead_id}}", "attempt=a&session=s&n=1", **form)
    assert answer["statusCode"] == 200
    assert heard in answer["body"]


def _down(*_: object, **__: object) -> None:
    raise ConnectionError


def test_no_cold_start_loads_the_client_of_twilios_api() -> None:
    """It takes longer than all else together: it is for a lead who is alone in a room."""
    loads = "import functions.voice.lead_calls, functions.voice.agent_calls, autocall.signature as _, sys; "
    asked = [sys.executable, "-c", loads + "print('twilio.rest' in sys.modules)"]
    assert subprocess.run(asked, capture_output=True, text=True, check=True).stdout == "False\n"


@pytest.mark.parametrize(
    ("unsigned", "status"),
    [
        ({}, 200),
        ({"CallToken": "t", "StirVerstat": "TN-Validation-Passed-A"}, 200),
        ({"StirVerstat": "TN-Validation-Passed-A"}, 200),
        ({"CallerName": "Ada"}, 403),
        ({"StirVerstat": "TN-Validation-Passed-A", "From": "+12015550124"}, 403),
    ],
)
def test_two_fields_of_an_inbound_call_may_be_outside_its_signature_and_no_other(
    world: Shipped, unsigned: dict[str, str], status: int
) -> None:
    signed = {"CallSid": SID, "From": "+12015550999"}
    signature = RequestValidator(TOKEN).compute_signature(f"{PUBLIC_URL}/twilio/inbound", signed)
    event = {
        "routeKey": "POST /twilio/inbound",
        "requestContext": {"requestId": "voice"},
        "rawQueryString": "",
        "headers": {"x-twilio-signature": signature},
        "body": urlencode(signed | unsigned),
        "isBase64Encoded": False,
    }
    assert world.invoke("voice", event)["statusCode"] == status


def test_what_is_signed_with_those_two_fields_is_taken_too(world: Shipped) -> None:
    answer = ask(world, "/twilio/inbound", From="+12015550999", StirVerstat="TN-Validation-Passed-A", CallToken="t")
    assert "press 9" in answer["body"]
