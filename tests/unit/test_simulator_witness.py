"""What the simulator tells of itself, what it can be told, and the simulator as a process."""

import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from local.paths import ROOT
from local.twilio_simulator.witness import densest
from tests.unit.free_ports import free_port
from tests.unit.simulator_world import ALL_EVENTS, LEAD, PATIENCE_S, Receiver, Simulator, at_most, running, wait

OTHER, THIRD = "+12025550144", "+12025550145"


@pytest.fixture
def twilio() -> Iterator[Simulator]:
    with running() as made:
        yield made


def refused(twilio: Simulator, number: str) -> int | None:
    """The code that a call to the number is refused with."""
    code: int | None = twilio.post(To=number).json().get("code")
    return code


# -- the witness -------------------------------------------------------------------------------------------------------


def test_who_was_dialled_is_counted(twilio: Simulator) -> None:
    for number in (LEAD, OTHER, LEAD):
        twilio.call(To=number)
    told = twilio.witness()
    assert {number: about["dialled"] for number, about in told["numbers"].items()} == {LEAD: 2, OTHER: 1}
    assert (told["calls"], told["most_per_number"], told["posts"]) == (3, 2, 3)


def test_a_refused_call_is_asked_for_but_not_dialled(twilio: Simulator) -> None:
    twilio.script(refuse=21217, times=1)
    twilio.post()
    twilio.post(To="nobody")
    told = twilio.witness()
    assert (told["calls"], told["most_per_number"], told["posts"]) == (0, 0, 2)
    assert told["numbers"][LEAD] == {"dialled": 0, "posts": 1, "calls": []}


def test_a_call_is_told_of_with_its_attempt(twilio: Simulator) -> None:
    twilio.script(outcome="busy", ring_s=0)
    receiver = Receiver()
    sid = twilio.call(StatusCallback=receiver.url)
    receiver.wait(1)
    [call] = twilio.witness()["numbers"][LEAD]["calls"]
    assert (call["sid"], call["attempt"], call["status"]) == (sid, "a1", "busy")
    assert twilio.witness()["statuses"] == {"busy": 1}
    receiver.close()


def test_callbacks_are_counted_with_what_was_answered(twilio: Simulator) -> None:
    twilio.script(outcome="busy", ring_s=0)
    receiver = Receiver(204, 500, 403)
    twilio.call(StatusCallback=receiver.url + "#rc=1&rp=5xx", StatusCallbackEvent=ALL_EVENTS)
    told = wait(lambda: (about := twilio.witness()["callbacks"])["sent"] == 3 and about)
    assert told == {"waiting": 0, "sent": 3, "tries": 4, "answered": {"204": 2, "403": 1}}
    receiver.close()


@pytest.mark.parametrize(
    ("moments", "most"), [([], 0), ([5.0], 1), ([3, 0, 0.1, 0.9, 1.05, 1.09], 4), ([0, 1, 2], 1), ([0, 0.999], 2)]
)
def test_the_densest_second_is_told(moments: list[float], most: int) -> None:
    assert densest(moments) == most


def test_the_witness_can_forget_and_then_nothing_more_is_told_of_old_calls(twilio: Simulator) -> None:
    receiver = Receiver()
    twilio.script(outcome="busy", ring_s=0, callbacks={"delay_s": 3600}, times=1)
    old = twilio.call(StatusCallback=receiver.url, StatusCallbackEvent=ALL_EVENTS)
    twilio.reaches(old, "busy")
    assert twilio.witness()["callbacks"]["waiting"] > 0
    assert requests.delete(f"{twilio.url}/_witness", timeout=PATIENCE_S).status_code == 204
    told = twilio.witness()
    assert (told["numbers"], told["calls"], told["posts"], told["callbacks"]["waiting"]) == ({}, 0, 0, 0)
    new = twilio.call(StatusCallback=receiver.url)
    assert {callback.form["CallSid"] for callback in receiver.wait(1)} == {new}
    receiver.close()


# -- scripts -----------------------------------------------------------------------------------------------------------


def test_a_script_happens_as_often_as_it_says(twilio: Simulator) -> None:
    twilio.script(refuse=21217, times=2)
    assert [refused(twilio, number) for number in (LEAD, OTHER, THIRD)] == [21217, 21217, None]


def test_a_script_without_times_happens_for_ever(twilio: Simulator) -> None:
    twilio.script(number=LEAD, refuse=21217)
    assert [refused(twilio, LEAD) for _ in range(5)] == [21217] * 5
    twilio.forget_scripts()
    assert refused(twilio, LEAD) is None


def test_each_number_has_its_own_scripts(twilio: Simulator) -> None:
    twilio.script(number=LEAD, refuse=21217, times=1)
    twilio.script(number=OTHER, refuse=21214, times=2)
    told = [refused(twilio, number) for number in (THIRD, OTHER, LEAD, LEAD, OTHER, OTHER)]
    assert told == [None, 21214, 21217, None, 21214, None]


def test_the_oldest_script_happens_first(twilio: Simulator) -> None:
    twilio.script(refuse=21217, times=1)
    twilio.script(number=LEAD, refuse=21214, times=1)
    assert [refused(twilio, LEAD) for _ in range(3)] == [21217, 21214, None]


def test_scripts_of_other_requests_do_not_touch_new_calls(twilio: Simulator) -> None:
    twilio.script(list={"fault": "500"}, times=1)
    assert refused(twilio, LEAD) is None
    assert twilio.ask("GET").status_code == 500
    assert twilio.ask("GET").status_code == 200


def test_what_has_not_happened_yet_can_be_asked_for(twilio: Simulator) -> None:
    twilio.script(number=LEAD, refuse=21217, times=2)
    twilio.script(list={"fault": "reset"})
    twilio.post()
    assert requests.get(f"{twilio.url}/_script", timeout=PATIENCE_S).json() == [
        {"number": LEAD, "times": 1, "refuse": 21217},
        {"number": None, "times": None, "list": {"fault": "reset"}},
    ]


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ([], "a script must be an object"),
        ({}, "nothing happens"),
        ({"number": LEAD, "times": 1}, "nothing happens"),
        ({"outcom": "busy"}, "'outcom' is not one of"),
        ({"outcome": "happy"}, "'outcome' must be one of completed, machine"),
        ({"outcome": ["busy"]}, "'outcome' must be one of"),
        ({"ring_s": -1}, "'ring_s' must be a number of seconds"),
        ({"talk_s": "5"}, "'talk_s' must be a number of seconds"),
        ({"talk_s": True}, "'talk_s' must be a number of seconds"),
        ({"sip_code": "busy"}, "'sip_code' must be a SIP status"),
        ({"refuse": "21211"}, "'refuse' must be one of Twilio's error codes"),
        ({"refuse": 404}, "'refuse' must be one of Twilio's error codes"),
        ({"fault": "418"}, "'fault' must be one of 500"),
        ({"fault": "500", "refuse": 21211}, "exclude each other"),
        ({"made": True, "outcome": "busy"}, "'made' needs a 'fault'"),
        ({"fault": "500", "made": 1}, "'made' must be true or false"),
        ({"outcome": "busy", "times": 0}, "'times' must be a whole number"),
        ({"outcome": "busy", "times": 1.5}, "'times' must be a whole number"),
        ({"outcome": "busy", "number": 1}, "'number' must be a number in E.164"),
        ({"outcome": "busy", "number": "2025550143"}, "'number' must be a number in E.164"),
        ({"callbacks": True}, "'callbacks' must be an object"),
        ({"callbacks": {"loose": True}}, "'loose' is not one of 'callbacks'"),
        ({"callbacks": {"lose": ["answered"]}}, "'lose' must be true, a share, or a list of initiated"),
        ({"callbacks": {"lose": 1.5}}, "'lose' must be"),
        ({"callbacks": {"repeat": 0}}, "'repeat' must be a whole number"),
        ({"callbacks": {"shuffle": "yes"}}, "'shuffle' must be true or false"),
        ({"list": "500"}, "'list' must be an object"),
        ({"list": {}}, "nothing happens"),
        ({"list": {"outcome": "busy"}}, "'outcome' is not one of 'list'"),
        ({"fetch": {"fault": "500"}, "outcome": "busy"}, "'fetch' needs a script of its own"),
        ({"fetch": {"fault": "500"}, "list": {"fault": "500"}}, "'list' needs a script of its own"),
    ],
)
def test_a_bad_script_is_refused_with_what_is_wrong_with_it(twilio: Simulator, told: Any, why: str) -> None:
    answer = requests.post(f"{twilio.url}/_script", json=told, timeout=PATIENCE_S)
    assert answer.status_code == 400
    assert why in answer.json()["error"]
    assert requests.get(f"{twilio.url}/_script", timeout=PATIENCE_S).json() == []


@pytest.mark.parametrize("path", ["_script", "_clock", "_callback"])
def test_what_is_no_json_is_refused(twilio: Simulator, path: str) -> None:
    answer = requests.post(f"{twilio.url}/{path}", data=b"{", timeout=PATIENCE_S)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_every_field_that_is_documented_can_be_told(twilio: Simulator) -> None:
    twilio.script(number=LEAD, times=1, outcome="no-answer", ring_s=1.5, talk_s=0, sip_code="480", delay_s=0)
    twilio.script(fault=500, made=True, delay_s=0.1)
    twilio.script(callbacks={"lose": ["initiated"], "repeat": 2, "delay_s": 0.1, "shuffle": True})
    twilio.script(callbacks={"lose": 0.1})
    twilio.script(update={"refuse": 20429}, number=LEAD)
    assert len(requests.get(f"{twilio.url}/_script", timeout=PATIENCE_S).json()) == 5


# -- the process -------------------------------------------------------------------------------------------------------


@contextmanager
def process(*options: str) -> Iterator[Simulator]:
    """The simulator as `make run` starts it."""
    port = free_port()
    command = [sys.executable, "-m", "local.twilio_simulator", "--port", str(port), *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as started:
        assert started.stdout is not None
        assert "Twilio simulator on" in started.stdout.readline()
        twilio = Simulator(f"http://127.0.0.1:{port}")
        wait(lambda: answers(twilio))
        yield twilio
        started.terminate()
        assert started.wait(PATIENCE_S) == 0


def answers(twilio: Simulator) -> bool:
    try:
        with urllib.request.urlopen(f"{twilio.url}/_witness", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def test_the_count_outlives_a_restart_if_asked(tmp_path: Path) -> None:
    state = ("--state", str(tmp_path / "twilio.json"))
    with process(*state) as twilio:
        twilio.call()
        twilio.call(To=OTHER)
    with process(*state) as twilio:
        twilio.call()
        told = twilio.witness()
        assert {number: about["dialled"] for number, about in told["numbers"].items()} == {LEAD: 2, OTHER: 1}
        assert told["most_per_number"] == 2
    with process() as twilio:
        assert twilio.witness()["calls"] == 0


def test_the_process_takes_its_account_and_its_pace_from_its_options() -> None:
    account = ("--account-sid", "AC" + "2" * 32, "--auth-token", "secret")
    with process(*account, "--cps", "0.01", "--speed", "500") as twilio:
        assert twilio.post().status_code == 401
        twilio.account, twilio.login = account[1], (account[1], "secret")
        twilio.script(outcome="completed", ring_s=1, talk_s=300)
        began = time.monotonic()
        first, second = twilio.call(), twilio.call()
        assert 100_000 - at_most(began, 1000) <= int(twilio.fetch(second)["queue_time"]) <= 100_000
        assert 300 <= int(twilio.reaches(first, "completed")["duration"]) <= at_most(began, 500)
