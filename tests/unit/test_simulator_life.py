"""What becomes of calls: outcomes, times, the queue, ending by the API, and what GET shows of it all."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
import requests

from tests.unit.simulator_world import (
    ALL_EVENTS,
    LASTS,
    LEAD,
    PATIENCE_S,
    Receiver,
    Simulator,
    at_most,
    running,
    wait,
)

FINAL = ("completed", "busy", "no-answer", "failed", "canceled")
NOON = "2026-03-08T12:00:00Z"


@pytest.fixture
def twilio() -> Iterator[Simulator]:
    with running() as made:
        yield made


@pytest.fixture
def slow() -> Iterator[Simulator]:
    """One whose calls may ring, or be dialled, as long as a test."""
    with running(speed=5) as made:
        yield made


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


def told(answer: requests.Response) -> tuple[int, int]:
    return answer.status_code, answer.json().get("code")


def seconds(told: str) -> float:
    return parsedate_to_datetime(told).timestamp()


@pytest.mark.parametrize("outcome", FINAL)
def test_a_script_says_how_a_call_ends(twilio: Simulator, outcome: str) -> None:
    twilio.script(outcome=outcome, ring_s=1, talk_s=1)
    call = twilio.reaches(twilio.call(), *FINAL)
    assert call["status"] == outcome
    assert call["end_time"]
    assert (int(call["duration"]) > 0) == (outcome == "completed")


def test_a_call_lasts_as_long_as_was_talked(twilio: Simulator) -> None:
    twilio.script(outcome="completed", ring_s=1, talk_s=90)
    began = time.monotonic()
    duration = int(twilio.reaches(twilio.call(), "completed")["duration"])
    assert 90 <= duration <= at_most(began)


def test_a_call_that_lasts_has_no_duration(twilio: Simulator) -> None:
    twilio.script(outcome="completed", ring_s=1, talk_s=LASTS)
    call = twilio.reaches(twilio.call(), "in-progress")
    assert (call["duration"], call["end_time"]) == (None, None)
    assert call["start_time"]


def test_who_rings_longer_than_the_timeout_does_not_answer(twilio: Simulator) -> None:
    twilio.script(outcome="completed", ring_s=60, talk_s=1)
    assert twilio.reaches(twilio.call(Timeout=15), *FINAL)["status"] == "no-answer"


def test_a_call_is_cut_off_at_its_time_limit(twilio: Simulator) -> None:
    twilio.script(outcome="completed", ring_s=1, talk_s=LASTS)
    began = time.monotonic()
    duration = int(twilio.reaches(twilio.call(TimeLimit=60), "completed")["duration"])
    assert 60 <= duration <= min(at_most(began), LASTS - 1)


def test_the_api_never_says_initiated(slow: Simulator, receiver: Receiver) -> None:
    slow.script(outcome="failed", ring_s=3600)
    sid = slow.call(Timeout=600, StatusCallback=receiver.url, StatusCallbackEvent=ALL_EVENTS)
    assert receiver.wait(1)[0].status == "initiated"
    assert slow.fetch(sid)["status"] == "queued"
    assert slow.list(Status="queued") == [sid]


def test_without_a_script_the_seed_and_the_number_say_it_all() -> None:
    numbers = [f"+120255501{line:02d}" for line in range(1, 30)]

    def outcomes(seed: int, order: list[str]) -> dict[str, str]:
        with running(seed=seed, speed=2000) as twilio:
            made = {number: twilio.call(To=number) for number in order}
            return {number: twilio.reaches(sid, *FINAL)["status"] for number, sid in sorted(made.items())}

    first = outcomes(7, numbers)
    assert set(first.values()) >= {"completed", "no-answer"}
    assert outcomes(7, numbers[::-1]) == first
    assert outcomes(8, numbers) != first


# -- answering machines ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "detection", "found"),
    [
        ("machine", "Enable", "machine_start"),
        ("machine", "DetectMessageEnd", "machine_end_beep"),
        ("completed", "Enable", "human"),
        ("machine", None, None),
        ("busy", "Enable", None),
    ],
)
def test_who_answered_is_told_if_somebody_asked(
    twilio: Simulator, receiver: Receiver, outcome: str, detection: str | None, found: str | None
) -> None:
    twilio.script(outcome=outcome, ring_s=1, talk_s=1)
    sid = twilio.call(MachineDetection=detection, StatusCallback=receiver.url)
    end = receiver.wait(1)[0].form
    assert end["CallStatus"] == ("busy" if outcome == "busy" else "completed")
    assert end.get("AnsweredBy") == twilio.fetch(sid)["answered_by"] == found


# -- calls per second --------------------------------------------------------------------------------------------------


def test_calls_beyond_the_rate_wait_in_twilios_queue() -> None:
    """Each a gap longer than the one before it, less what has passed meanwhile."""
    with running(cps=0.01) as twilio:
        began = time.monotonic()
        sids = [twilio.call() for _ in range(5)]
        passed_ms = at_most(began, 1000)
        waited_ms = [int(twilio.fetch(sid)["queue_time"]) for sid in sids]
        assert waited_ms[0] == 0
        for index, queue_ms in enumerate(waited_ms):
            assert index * 100_000 - passed_ms <= queue_ms <= index * 100_000


def test_a_call_in_twilios_queue_starts_when_its_turn_has_come(receiver: Receiver) -> None:
    with running(cps=4) as twilio:
        twilio.script(outcome="busy", ring_s=0)
        asked = {}
        for _ in range(5):
            before = time.monotonic()
            asked[twilio.call(StatusCallback=receiver.url, StatusCallbackEvent="initiated")] = before
        initiated = receiver.wait(5)
        assert [callback.form["CallSid"] for callback in initiated] == list(asked)
        for callback in initiated:
            sid = callback.form["CallSid"]
            assert callback.at - asked[sid] >= int(twilio.fetch(sid)["queue_time"]) / 1000 - 0.001


def test_a_queue_of_more_than_a_day_is_full() -> None:
    with running(cps=0.00001) as twilio:
        twilio.call()
        assert told(twilio.post()) == (400, 22005)
        assert twilio.witness()["calls"] == 1


# -- ending by the API -------------------------------------------------------------------------------------------------


def test_a_call_that_rings_can_be_canceled(slow: Simulator, receiver: Receiver) -> None:
    slow.script(outcome="completed", ring_s=3600)
    sid = slow.call(Timeout=600, StatusCallback=receiver.url)
    slow.reaches(sid, "ringing")
    answer = slow.ask("POST", f"/{sid}.json", data={"Status": "canceled"})
    assert (answer.status_code, answer.json()["status"]) == (200, "canceled")
    assert [callback.status for callback in receiver.wait(1)] == ["canceled"]
    assert receiver.received[0].form["SipResponseCode"] == "487"


def test_a_call_that_waits_is_canceled_in_silence(receiver: Receiver) -> None:
    with running(cps=0.001) as twilio:
        twilio.script(outcome="busy", ring_s=0)
        first, second = (twilio.call(StatusCallback=receiver.url, StatusCallbackEvent=ALL_EVENTS) for _ in range(2))
        assert twilio.ask("POST", f"/{second}.json", data={"Status": "canceled"}).json()["status"] == "canceled"
        assert twilio.fetch(second)["start_time"] is None
        twilio.reaches(first, "busy")
        assert {callback.form["CallSid"] for callback in receiver.wait(3)} == {first}


def test_a_call_that_is_answered_can_only_be_completed(twilio: Simulator, receiver: Receiver) -> None:
    """To cancel it is no error, and changes nothing."""
    twilio.script(outcome="completed", ring_s=1, talk_s=LASTS)
    sid = twilio.call(StatusCallback=receiver.url)
    twilio.reaches(sid, "in-progress")
    canceled = twilio.ask("POST", f"/{sid}.json", data={"Status": "canceled"})
    assert (canceled.status_code, canceled.json()["status"]) == (200, "in-progress")
    assert not receiver.received
    assert twilio.ask("POST", f"/{sid}.json", data={"Status": "completed"}).json()["status"] == "completed"
    assert receiver.wait(1)[0].status == "completed"


def test_a_call_that_has_ended_cannot_be_ended(twilio: Simulator) -> None:
    twilio.script(outcome="busy", ring_s=0)
    sid = twilio.call()
    twilio.reaches(sid, "busy")
    for status in ("canceled", "completed"):
        assert told(twilio.ask("POST", f"/{sid}.json", data={"Status": status})) == (400, 21220)
    assert twilio.fetch(sid)["status"] == "busy"


def test_a_call_can_be_told_nothing_else(twilio: Simulator) -> None:
    sid = twilio.call()
    assert told(twilio.ask("POST", f"/{sid}.json", data={"Status": "busy"})) == (400, 20001)
    assert told(twilio.ask("POST", "/CA" + "0" * 32 + ".json", data={"Status": "canceled"})) == (404, 20404)


def test_only_a_call_that_has_ended_can_be_deleted(twilio: Simulator) -> None:
    twilio.script(outcome="completed", ring_s=1, talk_s=LASTS)
    sid = twilio.call()
    assert told(twilio.ask("DELETE", f"/{sid}.json")) == (409, 20009)
    twilio.reaches(sid, "in-progress")
    twilio.ask("POST", f"/{sid}.json", data={"Status": "completed"})
    assert twilio.ask("DELETE", f"/{sid}.json").status_code == 204
    assert told(twilio.ask("GET", f"/{sid}.json")) == (404, 20404)
    assert twilio.list() == []
    assert twilio.witness()["numbers"][LEAD]["dialled"] == 1


# -- the clock ---------------------------------------------------------------------------------------------------------


def test_the_clock_shows_the_machines_time_until_it_is_set(twilio: Simulator) -> None:
    before = time.time()
    shown = requests.get(f"{twilio.url}/_clock", timeout=PATIENCE_S).json()
    assert before <= shown["now"] <= time.time()
    assert shown["offset_s"] == 0


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ({"at": NOON}, datetime(2026, 3, 8, 12, tzinfo=UTC)),
        ({"at": "2026-03-08T07:00:00-05:00"}, datetime(2026, 3, 8, 12, tzinfo=UTC)),
        ({"offset_s": -86400}, timedelta(days=-1)),
        ({"offset_s": 0}, timedelta()),
    ],
)
def test_the_clock_can_be_set(twilio: Simulator, told: dict[str, Any], shown: datetime | timedelta) -> None:
    before = time.time()
    expected = before + shown.total_seconds() if isinstance(shown, timedelta) else shown.timestamp()
    now = twilio.clock(**told).json()["now"]
    assert -0.001 <= now - expected <= time.time() - before + 0.001


@pytest.mark.parametrize(
    "told",
    [{}, {"at": "noon"}, {"at": "2026-03-08T12:00:00"}, {"at": 5}, {"offset_s": "1"}, {"offset_s": 1, "at": NOON}],
)
def test_a_clock_cannot_be_set_to_nonsense(twilio: Simulator, told: dict[str, Any]) -> None:
    answer = twilio.clock(**told)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_calls_and_callbacks_take_their_times_from_the_clock(twilio: Simulator, receiver: Receiver) -> None:
    began = time.monotonic()
    twilio.clock(at=NOON)
    twilio.script(outcome="completed", ring_s=1, talk_s=20)
    sid = twilio.call(StatusCallback=receiver.url)
    call, noon = twilio.reaches(sid, "completed"), datetime.fromisoformat(NOON).timestamp()
    moments = [seconds(call[name]) for name in ("date_created", "start_time", "end_time", "date_updated")]
    assert moments == sorted(moments)
    moments.append(seconds(receiver.wait(1)[0].form["Timestamp"]))
    assert all(0 <= moment - noon <= time.monotonic() - began for moment in moments)


def test_what_was_stays_when_the_clock_is_set_anew(twilio: Simulator) -> None:
    twilio.clock(at=NOON)
    twilio.script(outcome="completed", ring_s=1, talk_s=30)
    began = time.monotonic()
    sid = twilio.call()
    created = twilio.fetch(sid)["date_created"]
    twilio.clock(offset_s=0)
    call = twilio.reaches(sid, "completed")
    assert call["date_created"] == created
    assert 30 <= int(call["duration"]) <= at_most(began)


# -- scripts for GET ---------------------------------------------------------------------------------------------------


def test_a_call_may_be_seen_as_it_was(twilio: Simulator) -> None:
    twilio.script(outcome="busy", ring_s=0)
    sid = twilio.call()
    twilio.reaches(sid, "busy")
    twilio.script(fetch={"delay_s": 3600}, times=1)
    assert told(twilio.ask("GET", f"/{sid}.json")) == (404, 20404)
    assert twilio.fetch(sid)["status"] == "busy"


def test_the_list_may_lag_behind(twilio: Simulator) -> None:
    twilio.script(list={"delay_s": 3600}, number=LEAD)
    began = time.monotonic()
    sid = twilio.call()
    assert twilio.list(To=LEAD) == []
    assert twilio.list(To="+12025550144") == []
    assert twilio.list() == [sid]
    twilio.forget_scripts()
    twilio.script(list={"delay_s": 1}, number=LEAD)
    wait(lambda: twilio.list(To=LEAD) == [sid])
    assert time.monotonic() - began >= 1


def test_the_list_shows_a_call_as_it_was(twilio: Simulator) -> None:
    twilio.script(outcome="busy", ring_s=0)
    began = time.monotonic()
    sid = twilio.call()
    twilio.reaches(sid, "busy")
    twilio.script(list={"delay_s": 3600})
    assert twilio.list(Status="busy") == []
    twilio.forget_scripts()
    twilio.script(list={"delay_s": 1})
    wait(lambda: twilio.list(Status="busy") == [sid])
    assert time.monotonic() - began >= 1


@pytest.mark.parametrize("request_", ["list", "fetch", "update"])
@pytest.mark.parametrize("fault", ["500", "502", "503", "504", "307", "empty", "truncated", "html"])
def test_an_answer_may_be_broken(twilio: Simulator, request_: str, fault: str) -> None:
    sid = twilio.call()
    twilio.script(**{request_: {"fault": fault}}, times=1)
    method, path = {
        "list": ("GET", ".json"),
        "fetch": ("GET", f"/{sid}.json"),
        "update": ("POST", f"/{sid}.json"),
    }[request_]
    answer = twilio.ask(method, path, data={"Status": "completed"})
    assert answer.status_code == (int(fault) if fault.isdecimal() else 200)
    if fault not in ("500", "503"):
        with pytest.raises(ValueError):
            answer.json()
    assert twilio.ask(method, path, data={"Status": "completed"}).json()


def test_a_broken_update_ends_nothing(twilio: Simulator) -> None:
    twilio.script(outcome="completed", ring_s=1, talk_s=LASTS)
    sid = twilio.call()
    twilio.reaches(sid, "in-progress")
    twilio.script(update={"fault": "reset"}, times=1)
    with pytest.raises(requests.ConnectionError):
        twilio.ask("POST", f"/{sid}.json", data={"Status": "completed"})
    assert twilio.fetch(sid)["status"] == "in-progress"


def test_a_get_may_be_refused(twilio: Simulator) -> None:
    sid = twilio.call()
    twilio.script(fetch={"refuse": 20429}, number=LEAD, times=1)
    assert told(twilio.ask("GET", f"/{sid}.json")) == (429, 20429)
    assert twilio.fetch(sid)["sid"] == sid


# -- scripts for POST --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["500", "502", "503", "504", "307"])
@pytest.mark.parametrize("made", [True, False, None])
def test_a_broken_answer_says_nothing_of_the_call(twilio: Simulator, fault: str, made: bool | None) -> None:
    twilio.script(fault=fault, **({} if made is None else {"made": made}))
    assert twilio.post().status_code == int(fault)
    assert twilio.witness()["calls"] == (1 if made else 0)
    assert twilio.witness()["posts"] == 1


@pytest.mark.parametrize("fault", ["empty", "truncated", "html"])
@pytest.mark.parametrize("made", [True, False, None])
def test_a_created_call_may_be_answered_by_rubbish(twilio: Simulator, fault: str, made: bool | None) -> None:
    twilio.script(fault=fault, **({} if made is None else {"made": made}))
    answer = twilio.post()
    assert answer.status_code == 201
    with pytest.raises(ValueError):
        answer.json()
    assert twilio.witness()["calls"] == (0 if made is False else 1)


@pytest.mark.parametrize("fault", [{"fault": "reset"}, {"fault": "hang", "delay_s": 0.1}])
@pytest.mark.parametrize("made", [True, False])
def test_the_connection_may_break(twilio: Simulator, fault: dict[str, Any], made: bool) -> None:
    twilio.script(**fault, made=made)
    with pytest.raises(requests.ConnectionError):
        twilio.post()
    assert twilio.witness()["calls"] == int(made)


def test_an_answer_may_be_overtaken_by_the_call(twilio: Simulator, receiver: Receiver) -> None:
    twilio.script(outcome="busy", ring_s=0, delay_s=3600, number=LEAD)
    pool = ThreadPoolExecutor(1)
    answer = pool.submit(twilio.post, StatusCallback=receiver.url, StatusCallbackEvent=ALL_EVENTS)
    assert [callback.status for callback in receiver.wait(3)] == ["initiated", "ringing", "busy"]
    assert not answer.done()
    pool.shutdown(wait=False)  # the request ends with the simulator


def test_an_answer_that_comes_late_tells_of_the_moment_when_it_was_asked_for(twilio: Simulator) -> None:
    twilio.script(outcome="busy", ring_s=0, delay_s=0.2)
    assert twilio.post().json()["status"] == "queued"
