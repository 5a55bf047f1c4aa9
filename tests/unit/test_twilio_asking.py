"""Asking Twilio about calls: what it says, or that it cannot say; no fault on the way passes for *there is no call*."""

from datetime import UTC, datetime
from typing import Any

import pytest
from requests import Session

from autocall.call_outcomes import TwilioCall, Unreachable
from tests.unit.scripted_server import Answer, ended, reset, scripted_server, told, told_json, truncated
from tests.unit.test_twilio_calls import calls_at

SID = "CA" + "0" * 32
TOLD = {
    "sid": SID,
    "status": "completed",
    "from": "+15005550006",
    "date_created": "Tue, 24 Nov 2026 10:00:00 +0000",
    "duration": "12",
}
CALL = TwilioCall(SID, "completed", "+15005550006", datetime(2026, 11, 24, 10, tzinfo=UTC).timestamp(), 12)
NO_ANSWERS: dict[str, Answer] = {
    "reset": reset,
    "ended": ended,
    "truncated": truncated,
    "500": told(500),
    "503": told_json(503, {"code": 20503}),
    "307": told(307, Location="/elsewhere"),
    "401": told_json(401, {"code": 20003}),
    "429": told_json(429, {"code": 20429}),
    "empty": told(200),
    "HTML": told(200, "<html>"),
    "a list": told_json(200, [TOLD]),
    "404 of something on the way": told(404, "<html>"),
    "no sid": told_json(200, {"status": "completed", "calls": [{"status": "completed"}]}),
    "no date": told_json(200, TOLD | {"date_created": "yesterday", "calls": [TOLD | {"date_created": "yesterday"}]}),
    "calls of null": told_json(200, {"calls": None}),
}


def test_a_call_is_what_twilio_says_of_it() -> None:
    with scripted_server(told_json(200, TOLD)) as server:
        assert calls_at(server.url).fetch(SID) == CALL
        assert [(asked.method, asked.path) for asked in server.asked] == [
            ("GET", f"/2010-04-01/Accounts/AC1/Calls/{SID}.json")
        ]


def test_a_call_that_has_not_ended_has_no_duration() -> None:
    with scripted_server(told_json(200, TOLD | {"status": "ringing", "duration": None})) as server:
        call = calls_at(server.url).fetch(SID)
        assert call
        assert (call.status, call.duration_s) == ("ringing", None)


def test_a_question_waits_half_as_long_as_a_call_so_that_a_run_has_time_for_both(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waits: list[Any] = []
    send = Session.send

    def noting(self: Session, request: Any, **how: Any) -> Any:
        waits.append(how["timeout"])
        return send(self, request, **how)

    monkeypatch.setattr(Session, "send", noting)
    with scripted_server(told_json(200, TOLD), told_json(201, {"sid": SID})) as server:
        calls = calls_at(server.url, timeout_s=20)
        calls.fetch(SID)
        calls.place({"To": "+15005550100"})
    assert waits == [10, (3.05, 20)]


def test_a_call_that_twilio_does_not_know_is_none() -> None:
    with scripted_server(told_json(404, {"code": 20404})) as server:
        assert calls_at(server.url).fetch(SID) is None


@pytest.mark.parametrize("fault", NO_ANSWERS.values(), ids=NO_ANSWERS.keys())
def test_a_fault_is_not_taken_for_an_answer_about_a_call(fault: Answer) -> None:
    with scripted_server(fault) as server, pytest.raises(Unreachable):
        calls_at(server.url).fetch(SID)


@pytest.mark.parametrize("fault", [*NO_ANSWERS.values(), told_json(404, {"code": 20404}), told_json(200, {})])
def test_a_fault_is_not_taken_for_an_empty_list(fault: Answer) -> None:
    with scripted_server(fault) as server, pytest.raises(Unreachable):
        calls_at(server.url).to_number("+15005550100")


def test_a_number_that_was_never_called_has_no_calls() -> None:
    with scripted_server(told_json(200, {"calls": [], "next_page_uri": None})) as server:
        assert calls_at(server.url).to_number("+15005550100") == []
        assert server.asked[0].query == {"To": ["+15005550100"], "PageSize": ["1000"]}


def test_all_pages_of_a_numbers_calls_are_read() -> None:
    further = "/2010-04-01/Accounts/AC1/Calls.json?Page=1&PageToken=x"
    pages: list[Any] = [{"calls": [TOLD], "next_page_uri": further}, {"calls": [TOLD], "next_page_uri": None}]
    with scripted_server(*(told_json(200, page) for page in pages)) as server:
        assert calls_at(server.url).to_number("+15005550100") == [CALL, CALL]
        assert server.asked[1].url == further


def test_a_page_that_cannot_be_had_is_not_the_end_of_the_list() -> None:
    first = {"calls": [TOLD], "next_page_uri": "/2010-04-01/Accounts/AC1/Calls.json?Page=1"}
    with scripted_server(told_json(200, first), told(500)) as server, pytest.raises(Unreachable):
        calls_at(server.url).to_number("+15005550100")


@pytest.mark.parametrize(
    ("answer", "canceled"),
    [
        (told_json(200, {"sid": SID, "status": "canceled"}), "canceled"),
        (told_json(200, {"sid": SID, "status": "in-progress"}), "in-progress"),
        (told_json(200, {"sid": SID}), None),
        (told(200), None),
        (told_json(400, {"code": 21220}), None),
        (told_json(404, {"code": 20404}), None),
        (told(500), None),
        (reset, None),
    ],
    ids=["ringing", "answered", "without a status", "empty", "refused", "not known", "500", "reset"],
)
def test_a_call_is_what_twilio_says_of_it_when_it_is_to_be_canceled(answer: Answer, canceled: str | None) -> None:
    """A 200 alone ends nothing: it is also the answer about a call that goes on."""
    with scripted_server(answer) as server:
        call = calls_at(server.url).cancel(SID)
        assert (call and call.status) == canceled
        assert [asked.form for asked in server.asked] == [{"Status": ["canceled"]}]


@pytest.mark.parametrize(
    ("answer", "plays"),
    [
        (told_json(200, {"sid": SID, "status": "in-progress"}), True),
        (told_json(400, {"code": 21220}), False),
        (told_json(404, {"code": 20404}), False),
        (told_json(400, {"code": 21201}), None),
        (told_json(401, {"code": 20003}), None),
        (told(500), None),
        (reset, None),
    ],
    ids=["plays", "over", "not known", "refused", "no credentials", "500", "reset"],
)
def test_a_call_is_redirected_or_over_and_anything_else_is_no_answer(answer: Answer, plays: bool | None) -> None:
    with scripted_server(answer, answer) as server:
        calls = calls_at(server.url)
        if plays is None:
            with pytest.raises(Unreachable):
                calls.redirect(SID, "<Response/>")
        else:
            assert calls.redirect(SID, "<Response/>") is plays
        assert calls.say(SID, "<Response/>") is bool(plays)
        assert [asked.form for asked in server.asked] == [{"Twiml": ["<Response/>"]}] * 2


ROOM = told_json(200, {"conferences": [{"sid": "CF1"}]})


@pytest.mark.parametrize(
    ("answers", "held"),
    [
        ((ROOM, told_json(200, {"hold": True})), True),
        ((told_json(200, {"conferences": []}),), False),
        ((ROOM, told_json(404, {"code": 20404})), False),
        ((told(500),), None),
        ((ROOM, told(500)), None),
        ((ROOM, told_json(400, {"code": 20001})), None),
        ((ROOM, reset), None),
    ],
    ids=["held", "no room", "has left", "room: 500", "500", "refused", "reset"],
)
def test_a_call_is_on_hold_or_over_and_anything_else_is_no_answer(
    answers: tuple[Answer, ...], held: bool | None
) -> None:
    with scripted_server(*answers) as server:
        calls = calls_at(server.url)
        if held is None:
            with pytest.raises(Unreachable):
                calls.hold("room", SID, True)
        else:
            assert calls.hold("room", SID, True) is held
        asked = [(one.method, one.url.partition("/Accounts/")[2].partition("/")[2], one.form) for one in server.asked]
    assert asked[0][:2] == ("GET", "Conferences.json?FriendlyName=room&Status=in-progress")
    assert asked[1:] in ([], [("POST", f"Conferences/CF1/Participants/{SID}.json", {"Hold": ["true"]})])


@pytest.mark.parametrize(
    ("answer", "serves"),
    [
        (told_json(200, {"calls": []}), True),
        (told_json(401, {"code": 20003}), False),
        (told(503), False),
        (reset, False),
    ],
    ids=["a list", "401", "503", "reset"],
)
def test_twilio_serves_if_it_answers_a_question_that_changes_nothing(answer: Answer, serves: bool) -> None:
    with scripted_server(answer) as server:
        assert calls_at(server.url).serves() is serves
        assert [(asked.method, asked.url.rpartition("/")[2]) for asked in server.asked] == [
            ("GET", "Calls.json?PageSize=1")
        ]
