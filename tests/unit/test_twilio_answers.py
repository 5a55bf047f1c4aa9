"""What an answer to the one POST means: by its HTTP status first, then by Twilio's own code."""

import json
from pathlib import Path
from typing import Any

import pytest

from autocall import reasons
from autocall.call_outcomes import NotSent, Outcome, Placed, Refused, Throttled, Unknown, classify_response

SID = "CA" + "0123456789abcdef" * 2
CODES = Path(__file__).parents[3] / "shared" / "data" / "twilio_error_codes_calls.json"
LEAD, PERMISSION, THROTTLE = [21202, 21211, 21214, 21217], [21203, 21215, 21216, 21219], [10004, 20429, 22005]
ACCOUNT = [10001, 10002, 20003, 20004, 20008, 20404, 21201, 21205, 21208, 21209, 21210, 21212, 21213, 21218]
OF_A_CALL_THAT_IS = 21220
UNLISTED = [20409, 20422, 21220, 21265, 21401, 99999]


def _refused(concerns: str, code: int) -> Refused:
    return Refused(concerns, code, f"Twilio refused the call ({code})")


def _body(code: Any, status: int = 400) -> str:
    return json.dumps({"code": code, "message": "why", "more_info": "https://…", "status": status})


@pytest.mark.parametrize("status", [200, 201, 202])
def test_a_2xx_with_a_calls_sid_is_a_placed_call(status: int) -> None:
    assert classify_response(status, json.dumps({"sid": SID, "status": "queued"})) == Placed(SID)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "null",
        "[]",
        '"CA"',
        "<html>welcome</html>",
        "{}",
        '{"sid": null}',
        '{"sid": ""}',
        json.dumps({"sid": SID[:-1]}),
        json.dumps({"sid": SID + "0"}),
        json.dumps({"sid": "SM" + SID[2:]}),
        json.dumps([{"sid": SID}]),
        json.dumps({"sid": SID})[:-1],
        "[" * 100_000,
        "\x00",
    ],
    ids=lambda text: repr(text[:12]),
)
def test_a_2xx_without_a_calls_sid_is_unknown(text: str) -> None:
    assert isinstance(classify_response(201, text), Unknown)


@pytest.mark.parametrize("status", [100, 300, 301, 302, 303, 307, 308, 500, 502, 503, 504, 520, 599, 600])
@pytest.mark.parametrize("text", ["", _body(21211), _body(20429), json.dumps({"sid": SID})])
def test_neither_2xx_nor_4xx_is_unknown_whatever_the_body_says(status: int, text: str) -> None:
    assert isinstance(classify_response(status, text), Unknown)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 408, 409, 422, 499])
@pytest.mark.parametrize(
    "text",
    [
        "",
        "<html>",
        "[]",
        "{}",
        _body(None),
        _body("2e4"),
        _body("212110"),
        _body("\uff12\uff11\uff12\uff11\uff11"),
        _body(True),
        _body(21211.5),
        _body([21211]),
    ],
)
def test_a_4xx_without_twilios_code_is_unknown(status: int, text: str) -> None:
    assert isinstance(classify_response(status, text), Unknown)


@pytest.mark.parametrize("code", LEAD)
def test_a_number_that_cannot_be_called_concerns_the_lead(code: int) -> None:
    assert classify_response(400, _body(code)) == _refused("lead", code)


@pytest.mark.parametrize("code", PERMISSION)
def test_a_number_that_the_account_may_not_call_yet_concerns_its_permissions(code: int) -> None:
    assert classify_response(400, _body(code)) == _refused("permission", code)


@pytest.mark.parametrize("code", ACCOUNT)
@pytest.mark.parametrize("status", [400, 401, 403, 404, 405])
def test_a_code_that_every_lead_would_meet_concerns_the_account(status: int, code: int) -> None:
    assert classify_response(status, _body(code, status)) == _refused("account", code)


@pytest.mark.parametrize("code", UNLISTED)
@pytest.mark.parametrize("status", [400, 403, 404])
def test_of_a_code_that_stands_nowhere_it_is_not_said_whom_it_concerns(status: int, code: int) -> None:
    assert classify_response(status, _body(code, status)) == _refused("unlisted", code)


def test_a_code_in_quotes_is_a_code() -> None:
    assert classify_response(400, _body("21211")) == _refused("lead", 21211)
    assert isinstance(classify_response(400, _body("20429")), Throttled)


@pytest.mark.parametrize("status", [400, 403, 429])
@pytest.mark.parametrize("code", THROTTLE)
def test_a_code_of_patience_is_a_throttle_with_any_4xx(status: int, code: int) -> None:
    assert isinstance(classify_response(status, _body(code, status)), Throttled)


@pytest.mark.parametrize("text", ["", "<html>", _body(20003), _body(21211), json.dumps({"sid": SID})])
def test_a_429_is_a_throttle_whatever_its_body_says(text: str) -> None:
    assert isinstance(classify_response(429, text), Throttled)


def test_no_reason_repeats_what_twilio_wrote() -> None:
    """Twilio's messages hold phone numbers; reasons go into logs and to pages."""
    text = json.dumps({"code": 21211, "message": "The 'To' number +15005550001 is not a valid phone number."})
    for status in (201, 301, 400, 404, 429, 500):
        assert "555" not in repr(classify_response(status, text))


@pytest.mark.parametrize("text", ["", _body(21211), _body(20429), _body(20003), json.dumps({"sid": SID})])
def test_only_a_4xx_says_that_no_call_was_made(text: str) -> None:
    certain = {
        status for status in range(1000) if isinstance(classify_response(status, text), Refused | Throttled | NotSent)
    }
    assert certain <= set(range(400, 500))


def test_every_code_that_twilio_documents_for_calls_is_judged_by_its_class() -> None:
    if not CODES.exists():
        pytest.skip("the collection of Twilio's error codes is not beside this repository; the cases above stand alone")
    for known in json.loads(CODES.read_text())["errors"]:
        code, status = known["code"], known["http_status"] or 400
        if known["class"] == "debugger" or code == OF_A_CALL_THAT_IS:
            continue  # never an answer to a POST that makes a call
        assert classify_response(status, _body(code, status)) == _by_class(known["class"], code, status), code


def _by_class(name: str, code: int, status: int) -> Outcome:
    if name == "unknown":
        return Unknown(reasons.NO_CLEAR_ANSWER, f"Twilio answered {status}")
    if name == "throttle":
        return Throttled(f"Twilio asks for patience ({code})")
    return _refused("permission" if code in PERMISSION else name.replace("request", "account"), code)
