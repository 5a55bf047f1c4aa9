"""Status callbacks: which, in which words and order, signed how, tried again when, and broken as scripts ask."""

import re
import socket
import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from twilio.request_validator import RequestValidator

from local.options import ACCOUNT_SID, AUTH_TOKEN
from local.twilio_simulator.callbacks import signature
from tests.unit.simulator_world import (
    ALL_EVENTS,
    LEAD,
    PATIENCE_S,
    SENDER,
    Callback,
    Receiver,
    Simulator,
    at_most,
    running,
    wait,
)

ANSWERED = ["initiated", "ringing", "in-progress", "completed"]
ALWAYS = {
    *("CallSid", "AccountSid", "From", "To", "CallStatus", "ApiVersion", "Direction", "Caller", "Called"),
    *("Timestamp", "CallbackSource", "SequenceNumber"),
    *(whose + what for whose in ("Called", "To", "Caller", "From") for what in ("City", "State", "Zip", "Country")),
}
AT_THE_END = {"CallDuration", "Duration", "SipResponseCode"}


@pytest.fixture
def twilio() -> Iterator[Simulator]:
    with running() as made:
        made.script(outcome="completed", ring_s=1, talk_s=61)
        yield made


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


def call(twilio: Simulator, receiver: Receiver, fragment: str = "", **parameters: Any) -> str:
    """Make a call that is told of to the last detail."""
    return twilio.call(**{"StatusCallback": receiver.url + fragment, "StatusCallbackEvent": ALL_EVENTS} | parameters)


def genuine(callback: Callback, receiver: Receiver, token: str = AUTH_TOKEN) -> bool:
    url = f"http://{urlsplit(receiver.url).netloc}{callback.path}"
    form = callback.form if callback.method == "POST" else {}
    return bool(RequestValidator(token).validate(url, form, callback.headers["x-twilio-signature"]))


# -- which, and in which words -----------------------------------------------------------------------------------------


def test_every_stage_is_told_in_order(receiver: Receiver) -> None:
    with running(speed=5) as twilio:
        twilio.script(outcome="completed", ring_s=1, talk_s=1)
        sid = call(twilio, receiver)
        receiver.wait(4)
    told = receiver.received
    assert [callback.status for callback in told] == ANSWERED
    assert [callback.form["SequenceNumber"] for callback in told] == ["0", "1", "2", "3"]
    assert {callback.form["CallSid"] for callback in told} == {sid}


@pytest.mark.parametrize(
    ("outcome", "stages", "sip_code"),
    [
        ("busy", ["initiated", "ringing", "busy"], "486"),
        ("no-answer", ["initiated", "ringing", "no-answer"], "487"),
        ("canceled", ["initiated", "ringing", "canceled"], "487"),
        ("failed", ["initiated", "failed"], "404"),
    ],
)
def test_a_call_that_nobody_answers_ends_early(
    twilio: Simulator, receiver: Receiver, outcome: str, stages: list[str], sip_code: str
) -> None:
    twilio.forget_scripts()
    twilio.script(outcome=outcome, ring_s=1)
    call(twilio, receiver)
    told = receiver.wait(len(stages))
    assert [callback.status for callback in told] == stages
    assert [callback.form["SequenceNumber"] for callback in told] == [str(number) for number in range(len(stages))]
    end = told[-1].form
    assert (end["SipResponseCode"], end["CallDuration"], end["Duration"]) == (sip_code, "0", "0")


def test_a_script_says_why_a_call_failed(twilio: Simulator, receiver: Receiver) -> None:
    twilio.forget_scripts()
    twilio.script(outcome="failed", sip_code=603, ring_s=0)
    call(twilio, receiver)
    assert receiver.wait(2)[-1].form["SipResponseCode"] == "603"


@pytest.mark.parametrize(
    ("events", "told"),
    [
        (None, ["completed"]),
        (["initiated"], ["initiated"]),
        (["answered", "completed"], ["in-progress", "completed"]),
        (["ringing completed"], ["ringing", "completed"]),
    ],
)
def test_only_the_events_that_were_asked_for_are_told(
    twilio: Simulator, receiver: Receiver, events: list[str] | None, told: list[str]
) -> None:
    sid = call(twilio, receiver, StatusCallbackEvent=events)
    twilio.reaches(sid, "completed")
    assert [callback.status for callback in receiver.wait(len(told))] == told


def test_unasked_stages_count_in_the_sequence(twilio: Simulator, receiver: Receiver) -> None:
    call(twilio, receiver, StatusCallbackEvent="completed")
    assert receiver.wait(1)[0].form["SequenceNumber"] == "3"


def test_a_callback_says_all_that_twilio_says(twilio: Simulator, receiver: Receiver) -> None:
    sid = call(twilio, receiver)
    for callback in receiver.wait(4):
        form = callback.form
        expected = ALWAYS | (AT_THE_END if form["CallStatus"] == "completed" else set())
        assert set(form) - {"StirStatus"} == expected
        assert (form["To"], form["Called"], form["From"], form["Caller"]) == (LEAD, LEAD, SENDER, SENDER)
        assert (form["CallSid"], form["AccountSid"], form["ApiVersion"]) == (sid, ACCOUNT_SID, "2010-04-01")
        assert (form["Direction"], form["CallbackSource"]) == ("outbound-api", "call-progress-events")
        assert parsedate_to_datetime(form["Timestamp"]).utcoffset().total_seconds() == 0
        assert ("StirStatus" in form) == (form["CallStatus"] in ("ringing", "in-progress"))


def test_the_end_says_how_long_was_talked_in_seconds_and_in_begun_minutes(
    twilio: Simulator, receiver: Receiver
) -> None:
    began = time.monotonic()
    sid = call(twilio, receiver)
    end = receiver.wait(4)[-1].form
    assert 61 <= int(end["CallDuration"]) <= at_most(began)
    assert int(end["Duration"]) == -(-int(end["CallDuration"]) // 60)
    assert end["CallDuration"] == twilio.fetch(sid)["duration"]
    assert end["SipResponseCode"] == "200"


def test_a_form_is_spelled_as_twilio_spells_it(twilio: Simulator, receiver: Receiver) -> None:
    call(twilio, receiver)
    body = receiver.wait(1)[0].body
    names = [name for name, _value in parse_qsl(body, keep_blank_values=True)]
    assert names != sorted(names)
    assert "ToZip=&" in body
    assert "+" not in body
    assert "%20" in body
    assert f"To={LEAD.replace('+', '%2B')}" in body


def test_the_headers_are_twilios(twilio: Simulator, receiver: Receiver) -> None:
    call(twilio, receiver)
    told = receiver.wait(4)
    assert all(callback.headers["user-agent"] == "TwilioProxy/1.1" for callback in told)
    assert all(callback.headers["content-type"].startswith("application/x-www-form-urlencoded") for callback in told)
    tokens = [callback.headers["i-twilio-idempotency-token"] for callback in told]
    assert all(re.fullmatch("[0-9a-f-]{36}", token) for token in tokens)
    assert len(set(tokens)) == 4


def test_the_address_is_asked_as_it_was_given(twilio: Simulator, receiver: Receiver) -> None:
    odd = receiver.url + "&note=a%20b%7Ec%2f+d"
    twilio.call(StatusCallback=odd + "#rc=5&rp=all")
    callback = receiver.wait(1)[0]
    assert callback.path == "/status?attempt=a1&note=a%20b%7Ec%2f+d"
    assert genuine(callback, receiver)


# -- signatures --------------------------------------------------------------------------------------------------------


def test_twilios_own_validator_finds_every_callback_genuine(twilio: Simulator, receiver: Receiver) -> None:
    call(twilio, receiver, "#rc=5&rp=all")
    for callback in receiver.wait(4):
        assert genuine(callback, receiver)
        assert not genuine(callback, receiver, "another-token")
        callback.body = callback.body.replace("outbound-api", "inbound")
        assert not genuine(callback, receiver)


def test_a_callback_by_get_has_its_form_in_the_address(twilio: Simulator, receiver: Receiver) -> None:
    call(twilio, receiver, StatusCallbackMethod="GET")
    told = receiver.wait(4)
    assert [callback.method for callback in told] == ["GET"] * 4
    assert [callback.status for callback in told] == ANSWERED
    assert all(callback.path.startswith("/status?attempt=a1&Called=") for callback in told)
    assert all(genuine(callback, receiver) for callback in told)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/status?a=1",
        "https://example.com:8443/status?a=1#rc=5",
        "https://ada:secret@example.com:8443/status",
        "http://example.com:8080/status",
        "http://ada:secret@example.com/status#rp=all",
    ],
)
def test_signatures_are_those_of_twilios_library(url: str) -> None:
    form = {"To": "+12025550143", "ToZip": "", "CallStatus": "busy", "a": "ä & ö"}
    bare = url.partition("#")[0].replace("ada:secret@", "")
    assert RequestValidator("token").validate(bare, form, signature(url, form, "token"))


# -- trying again ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fragment", "answers", "tries"),
    [
        ("", [500], 1),
        ("", [404], 1),
        ("#rc=5&rp=all", [500, 503, 404], 4),
        ("#rc=5&rp=all", [500] * 9, 6),
        ("#rc=9&rp=all", [500] * 9, 6),
        ("#rc=2&rp=5xx", [500, 500, 500], 3),
        ("#rc=2&rp=5xx", [403], 1),
        ("#rc=2&rp=ct,4xx", [403], 2),
        ("#rc=2&rp=4xx", [500], 1),
        ("#rc=0&rp=all", [500], 1),
        ("#rc=5&rp=all", [204], 1),
        ("#rc=5&rp=all", [302], 1),
        ("#rc=5&rp=all", ["drop"], 2),
        ("#rc=5&rp=ct", ["drop"], 1),
        ("#rc=5&rp=rt&rt=1000", ["hang"], 1),
    ],
)
def test_a_callback_is_tried_again_as_its_address_asks(
    twilio: Simulator, fragment: str, answers: list[int | str], tries: int
) -> None:
    receiver = Receiver(*answers)
    call(twilio, receiver, fragment, StatusCallbackEvent="completed")
    wait(lambda: twilio.witness()["callbacks"]["sent"] == 1)
    assert len(receiver.received) == tries
    assert len({callback.headers["i-twilio-idempotency-token"] for callback in receiver.received}) == 1
    assert len({callback.body for callback in receiver.received}) == 1
    assert all(genuine(callback, receiver) for callback in receiver.received)
    receiver.close()


@pytest.mark.parametrize(("fragment", "tries"), [("", 2), ("#rc=3&rp=ct", 4), ("#rc=3&rp=5xx", 1), ("#rc=0", 1)])
def test_connecting_is_tried_once_more_by_default(twilio: Simulator, fragment: str, tries: int) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        sid = twilio.call(StatusCallback=f"http://127.0.0.1:{taken.getsockname()[1]}/{fragment}")
        told = wait(lambda: twilio.witness()["callbacks"]["answered"])
    assert told == {"0": 1}
    assert twilio.witness()["callbacks"]["tries"] == tries
    assert twilio.fetch(sid)["status"] == "completed"


def test_nothing_is_tried_for_longer_than_its_address_allows(twilio: Simulator) -> None:
    receiver = Receiver("hang", "hang", "hang")
    call(twilio, receiver, "#rc=5&rp=all&tt=1000", StatusCallbackEvent="completed")
    wait(lambda: twilio.witness()["callbacks"]["sent"] == 1)
    assert len(receiver.received) == 1
    receiver.close()


# -- as a script asks --------------------------------------------------------------------------------------------------


def scripted(twilio: Simulator, receiver: Receiver, **callbacks: Any) -> list[Callback]:
    """All callbacks of a call whose script has something to say about them, as they were fired."""
    twilio.forget_scripts()
    twilio.script(outcome="completed", ring_s=1, talk_s=1, callbacks=callbacks)
    receiver.received.clear()
    twilio.reaches(call(twilio, receiver), "completed")
    call(twilio, receiver, To=(last := "+12025550199"))
    wait(lambda: twilio.witness()["numbers"][last]["calls"][0]["status"] == "completed")
    wait(lambda: not twilio.witness()["callbacks"]["waiting"])
    return [callback for callback in receiver.wait(0) if callback.form["To"] == LEAD]


@pytest.mark.parametrize(
    ("lose", "left"),
    [
        (["initiated", "completed"], ["ringing", "in-progress"]),
        (["in-progress"], ["initiated", "ringing", "completed"]),
        (True, []),
        (1.0, []),
        (False, ANSWERED),
        (0, ANSWERED),
    ],
)
def test_callbacks_get_lost(twilio: Simulator, receiver: Receiver, lose: Any, left: list[str]) -> None:
    assert [callback.status for callback in scripted(twilio, receiver, lose=lose)] == left


def test_callbacks_are_repeated_word_for_word(twilio: Simulator, receiver: Receiver) -> None:
    told = scripted(twilio, receiver, repeat=3)
    assert sorted(callback.status for callback in told) == sorted(ANSWERED * 3)
    for status in ANSWERED:
        same = [callback for callback in told if callback.status == status]
        assert len({(callback.body, callback.headers["i-twilio-idempotency-token"]) for callback in same}) == 1


def test_callbacks_come_late(twilio: Simulator, receiver: Receiver) -> None:
    twilio.forget_scripts()
    twilio.script(outcome="busy", ring_s=0, callbacks={"delay_s": 1})
    began = time.monotonic()
    call(twilio, receiver)
    told = receiver.wait(3)
    assert [callback.status for callback in told] == ["initiated", "ringing", "busy"]
    assert all(callback.at - began >= 1 for callback in told)


def test_callbacks_come_in_any_order_and_in_the_same_one_for_the_same_seed(receiver: Receiver) -> None:
    def order(seed: int) -> list[str]:
        with running(seed=seed, speed=2000) as twilio:
            scripted(twilio, receiver, shuffle=True)
            return [callback.status for callback in receiver.received if callback.form["To"] == LEAD]

    orders = {seed: order(seed) for seed in (1, 7, 32)}  # whose delays are too far apart for a slow machine to mix
    assert all(sorted(told) == sorted(ANSWERED) for told in orders.values())
    assert len({tuple(told) for told in (*orders.values(), ANSWERED)}) == 4
    assert order(1) == orders[1]


def test_a_share_of_callbacks_gets_lost_the_same_for_the_same_seed(receiver: Receiver) -> None:
    numbers = [f"+120255501{line:02d}" for line in range(40)]

    def arrived(seed: int) -> set[tuple[str, str]]:
        receiver.received.clear()
        with running(seed=seed, speed=2000) as twilio:
            twilio.script(outcome="busy", ring_s=0, callbacks={"lose": 0.5})
            for number in numbers:
                call(twilio, receiver, To=number, From="+12025550200")
            wait(lambda: twilio.witness()["statuses"] == {"busy": 40} and not twilio.witness()["callbacks"]["waiting"])
        return {(callback.form["To"], callback.status) for callback in receiver.received}

    first = arrived(1)
    assert 30 < len(first) < 90
    assert arrived(1) == first
    assert arrived(2) != first


def test_a_callback_can_be_sent_by_hand(twilio: Simulator, receiver: Receiver) -> None:
    sid = call(twilio, receiver)
    receiver.wait(4)
    for told in ({"status": "ringing", "sequence": 1}, {"status": "busy", "token": "foreign"}):
        answer = requests.post(f"{twilio.url}/_callback", json={"sid": sid} | told, timeout=PATIENCE_S)
        assert answer.json() == {"answered": [204]}
    replayed, foreign = receiver.received[4:]
    assert (replayed.status, replayed.form["SequenceNumber"]) == ("ringing", "1")
    assert genuine(replayed, receiver)
    assert not genuine(foreign, receiver)
    assert genuine(foreign, receiver, "foreign")


@pytest.mark.parametrize("told", [{}, {"sid": "CA0", "status": "busy"}, {"status": "busy"}])
def test_no_callback_can_be_sent_for_a_call_that_there_is_not(twilio: Simulator, told: dict[str, str]) -> None:
    assert requests.post(f"{twilio.url}/_callback", json=told, timeout=PATIENCE_S).status_code == 400


def test_callbacks_of_one_call_are_fired_in_time(twilio: Simulator, receiver: Receiver) -> None:
    call(twilio, receiver)
    told = [parsedate_to_datetime(callback.form["Timestamp"]) for callback in receiver.wait(4)]
    assert all(earlier <= later for earlier, later in pairwise(told))
