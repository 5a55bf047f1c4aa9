"""POST /Calls: what is taken, and what is refused as Twilio refuses it."""

import re
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
import requests
from twilio.request_validator import RequestValidator

from local.options import ACCOUNT_SID, API_KEY, API_SECRET, AUTH_TOKEN
from local.twilio_simulator.__main__ import TEST_ACCOUNT_SID, TEST_AUTH_TOKEN
from tests.unit.simulator_world import LEAD, PATIENCE_S, SENDER, Receiver, Simulator, running, wait

STRANGERS = [("", ""), (API_KEY, "wrong"), (ACCOUNT_SID, API_SECRET), ("SK" + "0" * 32, API_SECRET)]


@pytest.fixture
def twilio() -> Iterator[Simulator]:
    with running() as made:
        yield made


def told(answer: requests.Response) -> tuple[int, int]:
    return answer.status_code, answer.json().get("code")


def test_a_call_is_queued_before_anything_happens_to_it(twilio: Simulator) -> None:
    answer = twilio.post()
    call = answer.json()
    assert answer.status_code == 201
    assert re.fullmatch("CA[0-9a-f]{32}", call["sid"])
    assert (call["status"], call["direction"], call["to"], call["from"]) == ("queued", "outbound-api", LEAD, SENDER)
    assert call["to_formatted"] == "(202) 555-0143"
    assert call["account_sid"] == ACCOUNT_SID
    assert [call[name] for name in ("start_time", "end_time", "duration", "price", "answered_by")] == [None] * 5
    assert call["uri"] == f"/2010-04-01/Accounts/{ACCOUNT_SID}/Calls/{call['sid']}.json"
    assert parsedate_to_datetime(call["date_created"]).tzinfo is not None
    assert call["date_created"].endswith(" +0000")


def test_an_answer_names_its_request(twilio: Simulator) -> None:
    headers = twilio.post().headers
    assert re.fullmatch("RQ[0-9a-f]{32}", headers["Twilio-Request-Id"])
    assert headers["Twilio-Concurrent-Requests"] == "1"
    assert float(headers["Twilio-Request-Duration"]) >= 0
    assert headers["X-Home-Region"] == "us1"


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"To": None}, 21201),
        ({"To": ""}, 21201),
        ({"From": None}, 21213),
        ({"To": None, "From": None}, 21201),
        ({"Twiml": None}, 21205),
        ({"Url": "ftp://example.com"}, 21205),
        ({"Url": "/twiml"}, 21205),
        ({"Twiml": "x" * 4001}, 32018),
        ({"Twiml": None, "ApplicationSid": "AP1"}, 21218),
        ({"Twiml": None, "ApplicationSid": "AP" + "0" * 32}, 21218),
        ({"FallbackUrl": "fallback"}, 21205),
        ({"Timeout": "0"}, 21208),
        ({"Timeout": "601"}, 21208),
        ({"Timeout": "soon"}, 21208),
        ({"TimeLimit": "an hour"}, 20001),
        ({"Method": "PUT"}, 21209),
        ({"StatusCallbackMethod": "post"}, 21209),
        ({"To": "2025550143"}, 21211),
        ({"To": "+1202"}, 21211),
        ({"To": "+0445550143"}, 21211),
        ({"To": "+1 202 555 0143"}, 21211),
        ({"To": SENDER}, 21211),
        ({"From": "autocall"}, 21212),
        ({"From": "client:ada"}, 21212),
        ({"From": "+15005550001"}, 21212),
        ({"StatusCallback": "status"}, 21609),
        ({"StatusCallback": "https://my_host/status"}, 21609),
        ({"StatusCallbackEvent": ["initiated", "done"]}, 21626),
    ],
)
def test_what_is_wrong_with_a_call_is_told_by_its_code(
    twilio: Simulator, parameters: dict[str, Any], code: int
) -> None:
    answer = twilio.post(**parameters)
    assert told(answer) == (400, code)
    assert twilio.witness()["calls"] == 0


@pytest.mark.parametrize(
    "parameters",
    [
        {"Twiml": None, "Url": "http://127.0.0.1:1/twiml?lead=1"},
        {"Timeout": "1"},
        {"Timeout": "600"},
        {"To": "client:ada", "From": "client:autocall"},
        {"To": "sip:ada@example.com"},
        {"Twiml": "x" * 4000},
        {"Nonsense": "is ignored"},
    ],
)
def test_what_twilio_takes_is_taken(twilio: Simulator, parameters: dict[str, Any]) -> None:
    assert twilio.post(**parameters).status_code == 201


def test_an_error_is_written_as_twilio_writes_it(twilio: Simulator) -> None:
    answer = twilio.post(To="5551234")
    assert answer.headers["Content-Type"].startswith("application/json")
    assert answer.json() == {
        "code": 21211,
        "message": "The phone number you are attempting to call is not valid.",
        "more_info": "https://www.twilio.com/docs/errors/21211",
        "status": 400,
    }


@pytest.mark.parametrize(
    ("code", "status"),
    [
        (20003, 401), (20404, 404), (20429, 429), (20500, 500), (20503, 503), (20008, 403), (10001, 400),
        (21215, 400), (21219, 400), (22005, 400), (12345, 400),
    ],
)  # fmt: skip
def test_any_error_can_be_asked_for(twilio: Simulator, code: int, status: int) -> None:
    twilio.script(refuse=code, times=1)
    answer = twilio.post()
    assert told(answer) == (status, code)
    assert answer.json()["status"] == status
    assert twilio.post().status_code == 201


@pytest.mark.parametrize("login", [(API_KEY, API_SECRET), (ACCOUNT_SID, AUTH_TOKEN)])
def test_the_account_and_its_key_may_call(twilio: Simulator, login: tuple[str, str]) -> None:
    twilio.login = login
    sid = twilio.call()
    assert twilio.fetch(sid)["sid"] == sid
    assert twilio.list() == [sid]


@pytest.mark.parametrize("login", STRANGERS)
def test_strangers_are_refused_everywhere(twilio: Simulator, login: tuple[str, str]) -> None:
    sid = twilio.call()
    for method, path in (("POST", ".json"), ("GET", ".json"), ("GET", f"/{sid}.json"), ("POST", f"/{sid}.json")):
        answer = twilio.ask(method, path, auth=login, data={"To": LEAD})
        assert told(answer) == (401, 20003)
        assert answer.headers["WWW-Authenticate"].startswith("Basic")
    assert twilio.witness()["calls"] == 1


def test_without_a_login_nothing_is_answered(twilio: Simulator) -> None:
    assert told(requests.get(f"{twilio.calls_url}.json", timeout=PATIENCE_S)) == (401, 20003)


def test_another_accounts_calls_are_not_ours_to_make(twilio: Simulator) -> None:
    twilio.account = "AC" + "1" * 32
    assert told(twilio.post()) == (401, 20003)


def test_a_stranger_uses_up_no_script(twilio: Simulator) -> None:
    twilio.script(refuse=21217, times=1)
    assert twilio.ask("POST", auth=("SK", "no"), data={"To": LEAD}).status_code == 401
    assert told(twilio.post(To="nobody")) == (400, 21211)
    assert told(twilio.post()) == (400, 21217)


def test_unknown_paths_and_methods_are_answered_in_json(twilio: Simulator) -> None:
    assert told(twilio.ask("GET", "/CA1/Nothing.json")) == (404, 20404)
    assert told(twilio.ask("PUT")) == (405, 20004)


def test_credentials_can_be_changed_as_in_twilios_console(twilio: Simulator) -> None:
    other = "SK" + "5" * 32
    changed = {"auth_token": "renewed", "keys": {other: "its secret"}}
    assert requests.post(f"{twilio.url}/_credentials", json=changed, timeout=PATIENCE_S).status_code == 204
    assert told(twilio.post()) == (401, 20003)
    for login in ((other, "its secret"), (ACCOUNT_SID, "renewed")):
        assert twilio.ask("GET", auth=login).status_code == 200
    assert told(twilio.ask("GET", auth=(ACCOUNT_SID, AUTH_TOKEN))) == (401, 20003)
    receiver = Receiver()
    twilio.login = (other, "its secret")
    twilio.script(outcome="busy", ring_s=0)
    twilio.call(StatusCallback=receiver.url)
    [callback] = receiver.wait(1)
    assert RequestValidator("renewed").validate(receiver.url, callback.form, callback.headers["x-twilio-signature"])
    receiver.close()


# -- test credentials --------------------------------------------------------------------------------------------------


@pytest.fixture
def tested(twilio: Simulator) -> Simulator:
    """The same simulator, asked with test credentials."""
    return Simulator(twilio.url, TEST_ACCOUNT_SID, (TEST_ACCOUNT_SID, TEST_AUTH_TOKEN))


@pytest.mark.parametrize(
    ("sender", "to", "answer"),
    [
        ("+15005550006", LEAD, (201, None)),
        ("+15005550006", "+15005550001", (400, 21217)),
        ("+15005550006", "+15005550002", (400, 21214)),
        ("+15005550006", "+15005550003", (400, 21215)),
        ("+15005550006", "+15005550004", (400, 21216)),
        ("+15005550006", "nobody", (400, 21211)),
        ("+15005550001", LEAD, (400, 21212)),
        (SENDER, LEAD, (400, 21210)),
    ],
)
def test_test_credentials_know_the_magic_numbers(
    tested: Simulator, sender: str, to: str, answer: tuple[int, int | None]
) -> None:
    assert told(tested.post(From=sender, To=to)) == answer


def test_test_credentials_call_nobody(twilio: Simulator, tested: Simulator) -> None:
    receiver = Receiver()
    sid = tested.call(From="+15005550006", StatusCallback=receiver.url, StatusCallbackEvent="initiated")
    other = twilio.call(StatusCallback=receiver.url)
    wait(lambda: any(callback.form["CallSid"] == other for callback in receiver.received))
    assert {callback.form["CallSid"] for callback in receiver.received} == {other}
    assert twilio.list() == [other]
    assert twilio.ask("GET", f"/{sid}.json").status_code == 404
    receiver.close()


def test_test_credentials_may_do_nothing_else(twilio: Simulator, tested: Simulator) -> None:
    sid = twilio.call()
    for method, path in (("GET", ".json"), ("GET", f"/{sid}.json"), ("POST", f"/{sid}.json")):
        assert told(tested.ask(method, path)) == (403, 20008)
