"""What a call hears: where its documents come from, what they do, and who ends them."""

from collections.abc import Iterator
from typing import Any

import pytest
from twilio.request_validator import RequestValidator

from local.options import ACCOUNT_SID, AUTH_TOKEN
from tests.unit.simulator_world import LASTS, LEAD, SENDER, Pages, Simulator, response, running, wait

SAY = "<Say>Hello.</Say>"


@pytest.fixture
def twilio() -> Iterator[Simulator]:
    with running(speed=50) as made:
        made.script(number=LEAD, outcome="completed", ring_s=1, talk_s=LASTS, presses=None)
        yield made


@pytest.fixture
def pages() -> Iterator[Pages]:
    made = Pages()
    yield made
    made.close()


def call(twilio: Simulator, pages: Pages, path: str, **parameters: Any) -> str:
    """A call whose document is one of these pages."""
    return twilio.call(**{"Twiml": None, "Url": f"{pages.url}/{path}"} | parameters)


def ends(twilio: Simulator, sid: str) -> list[str]:
    """Wait for the end of the call; what was said to it."""
    twilio.reaches(sid, "completed")
    return twilio.heard.sentences(LEAD)


def codes(twilio: Simulator) -> list[int]:
    return [error["code"] for error in twilio.heard.errors()]


# -- where documents come from -----------------------------------------------------------------------------------------


def test_a_document_is_asked_for_once_somebody_has_answered(twilio: Simulator, pages: Pages) -> None:
    pages.pages["answer"] = response(SAY)
    sid = call(twilio, pages, "answer?attempt=a1#rt=2500&rc=1&rp=5xx,ct")
    assert ends(twilio, sid) == ["Hello."]
    (asked,) = pages.asked
    assert (asked.method, asked.path) == ("POST", "/answer?attempt=a1")
    form = asked.form
    assert (form["CallSid"], form["AccountSid"], form["CallStatus"]) == (sid, ACCOUNT_SID, "in-progress")
    assert (form["From"], form["To"], form["Caller"], form["Called"]) == (SENDER, LEAD, SENDER, LEAD)
    assert (form["Direction"], form["ApiVersion"], form["ToZip"]) == ("outbound-api", "2010-04-01", "")
    validator = RequestValidator(AUTH_TOKEN)
    assert validator.validate(f"{pages.url}/answer?attempt=a1", form, asked.headers["x-twilio-signature"])


def test_a_document_may_be_had_by_get(twilio: Simulator, pages: Pages) -> None:
    pages.pages["answer"] = response(SAY)
    assert ends(twilio, call(twilio, pages, "answer", Method="GET")) == ["Hello."]
    assert pages.asked[0].method == "GET"
    assert pages.asked[0].form["To"] == LEAD


def test_nobody_is_asked_for_the_document_of_a_call_that_nobody_answers(twilio: Simulator, pages: Pages) -> None:
    twilio.forget_scripts()
    twilio.script(outcome="busy", ring_s=1)
    twilio.reaches(call(twilio, pages, "answer"), "busy")
    assert not pages.asked


def test_a_document_that_breaks_is_asked_for_once_more(twilio: Simulator, pages: Pages) -> None:
    answers: list[str | int] = [500, response(SAY)]
    pages.pages["answer"] = lambda _form: answers.pop(0)
    assert ends(twilio, call(twilio, pages, "answer")) == ["Hello."]
    assert len({form["CallSid"] for form in pages.forms("answer")}) == 1
    assert len(pages.asked) == 2
    assert codes(twilio) == []


def test_the_fallback_is_heard_where_there_is_no_document(twilio: Simulator, pages: Pages) -> None:
    pages.pages |= {"answer": 500, "fallback": response("<Say>Call us back.</Say>")}
    sid = call(twilio, pages, "answer?a=1#rc=1", FallbackUrl=f"{pages.url}/fallback", FallbackMethod="GET")
    assert ends(twilio, sid) == ["Call us back."]
    assert len(pages.forms("answer")) == 2
    (asked,) = [one for one in pages.asked if one.path.startswith("/fallback")]
    assert (asked.method, asked.form["ErrorCode"]) == ("GET", "11200")
    assert asked.form["ErrorUrl"] == f"{pages.url}/answer?a=1"


@pytest.mark.parametrize(
    ("page", "code"),
    [(500, 11200), (404, 11200), (204, 12300), ("Hello", 12300), ("<Response><Sing/></Response>", 12200)],
)
def test_a_document_that_is_none_ends_the_call_with_an_apology(
    twilio: Simulator, pages: Pages, page: str | int, code: int
) -> None:
    pages.pages["answer"] = page
    (said,) = ends(twilio, call(twilio, pages, "answer"))
    assert "application error" in said
    assert codes(twilio) == [code]


def test_the_fallback_is_heard_once(twilio: Simulator, pages: Pages) -> None:
    pages.pages |= {"answer": 404, "fallback": 404}
    (said,) = ends(twilio, call(twilio, pages, "answer", FallbackUrl=f"{pages.url}/fallback"))
    assert "application error" in said
    assert codes(twilio) == [11200, 11200]
    assert len(pages.forms("fallback")) == 1


def test_one_document_leads_to_another(twilio: Simulator, pages: Pages) -> None:
    pages.pages |= {
        "answer": response(SAY, '<Redirect method="POST">next?n=1</Redirect>', "<Say>Never.</Say>"),
        "next": response("<Say>Goodbye.</Say>", "<Hangup/>", "<Say>Never.</Say>"),
    }
    assert ends(twilio, call(twilio, pages, "answer")) == ["Hello.", "Goodbye."]
    assert pages.asked[1].path == "/next?n=1"


def test_a_document_that_came_with_the_call_names_whole_addresses(twilio: Simulator) -> None:
    sid = twilio.call(Twiml=response("<Redirect>/next</Redirect>"))
    twilio.reaches(sid, "completed")
    assert codes(twilio) == [11100]


def test_a_message_lasts_until_the_person_hangs_up(twilio: Simulator) -> None:
    twilio.forget_scripts()
    twilio.script(outcome="completed", ring_s=0, talk_s=100)
    sid = twilio.call(Twiml=response(SAY, "<Say>Goodbye.</Say>"))
    assert int(twilio.reaches(sid, "completed")["duration"]) >= 100
    first, last = twilio.heard.leg(LEAD)["sentences"]
    assert first["to_s"] - first["from_s"] < 50 < last["to_s"] - last["from_s"]


def test_words_take_time_and_a_pause_is_silence(twilio: Simulator, pages: Pages) -> None:
    pages.pages["answer"] = response('<Pause length="20"/>', f"<Say>{'word ' * 50}</Say>", '<Pause length="40"/>')
    sid = call(twilio, pages, "answer")
    assert int(twilio.reaches(sid, "completed")["duration"]) >= 80
    leg = twilio.heard.leg(LEAD)
    (said,) = leg["sentences"]
    assert said["to_s"] - said["from_s"] >= 20
    assert 40 <= leg["longest_alone_s"] < 80
    assert len(leg["alone"]) == 2


@pytest.mark.parametrize("scripted", [True, False])
def test_whoever_has_no_script_waits_for_the_first_word(twilio: Simulator, pages: Pages, scripted: bool) -> None:
    """A back end takes as long as it takes, and the faster calls go the longer that is for a person."""
    twilio.forget_scripts()
    talk = {"talk_s": 5} if scripted else {}
    twilio.script(outcome="completed", ring_s=1, documents={"delay_s": 2}, **talk)
    pages.pages["answer"] = response('<Say loop="0">Hello.</Say>')
    assert ends(twilio, call(twilio, pages, "answer")) == ([] if scripted else ["Hello."])


# -- keys --------------------------------------------------------------------------------------------------------------

GATHER = '<Gather numDigits="1" timeout="10" action="pressed"><Say>Press 1 to begin.</Say></Gather>'


@pytest.mark.parametrize("presses", ["1", "12", "*"])
def test_what_somebody_presses_goes_to_the_gathers_address(twilio: Simulator, pages: Pages, presses: str) -> None:
    twilio.forget_scripts()
    twilio.script(outcome="completed", ring_s=1, talk_s=LASTS, presses=presses)
    pages.pages |= {"answer": response(GATHER, "<Hangup/>"), "pressed": response(SAY)}
    assert ends(twilio, call(twilio, pages, "answer"))[-1] == "Hello."
    assert pages.forms("pressed")[0]["Digits"] == presses[0]


def test_who_presses_nothing_hears_what_comes_next(twilio: Simulator, pages: Pages) -> None:
    pages.pages["answer"] = response(GATHER, "<Say>Goodbye.</Say>")
    assert ends(twilio, call(twilio, pages, "answer")) == ["Press 1 to begin.", "Goodbye."]
    assert not pages.forms("pressed")


def test_a_mailbox_presses_nothing(twilio: Simulator, pages: Pages) -> None:
    twilio.forget_scripts()
    twilio.script(outcome="machine", ring_s=1, talk_s=LASTS, presses="1")
    pages.pages["answer"] = response(GATHER, "<Hangup/>")
    twilio.reaches(call(twilio, pages, "answer"), "completed")
    assert not pages.forms("pressed")


@pytest.mark.parametrize(("asked", "pressed"), [("Press 1 to begin.", True), ("Press 9 never to be called.", False)])
def test_whoever_has_no_script_presses_1_and_nothing_else(
    twilio: Simulator, pages: Pages, asked: str, pressed: bool
) -> None:
    twilio.forget_scripts()
    twilio.script(outcome="completed", ring_s=1, talk_s=LASTS)
    pages.pages |= {"answer": response(GATHER.replace("Press 1 to begin.", asked)), "pressed": response()}
    twilio.reaches(call(twilio, pages, "answer"), "completed")
    assert bool(pages.forms("pressed")) == pressed


def test_digits_are_gathered_until_the_key_that_ends_them(twilio: Simulator, pages: Pages) -> None:
    twilio.forget_scripts()
    twilio.script(outcome="completed", ring_s=1, talk_s=LASTS, presses="421#7")
    pages.pages |= {"answer": response('<Gather action="pressed" timeout="30"/>'), "pressed": response()}
    twilio.reaches(call(twilio, pages, "answer"), "completed")
    form = pages.forms("pressed")[0]
    assert (form["Digits"], form["FinishedOnKey"]) == ("421", "#")


def test_each_gather_takes_its_own_digits(twilio: Simulator, pages: Pages) -> None:
    twilio.forget_scripts()
    twilio.script(outcome="completed", ring_s=1, talk_s=LASTS, presses="19")
    second = GATHER.replace("pressed", "again")
    pages.pages |= {"answer": response(GATHER), "pressed": response(second), "again": response()}
    twilio.reaches(call(twilio, pages, "answer"), "completed")
    assert pages.forms("pressed")[0]["Digits"] == "1"
    assert pages.forms("again")[0]["Digits"] == "9"


def test_a_key_can_be_pressed_by_hand(twilio: Simulator, pages: Pages) -> None:
    pages.pages |= {"answer": response(GATHER.replace('"10"', '"10000"')), "pressed": response()}
    sid = call(twilio, pages, "answer")
    wait(lambda: pages.forms("answer") and twilio.heard.sentences(LEAD))
    twilio.heard.press(sid, "7")
    twilio.reaches(sid, "completed")
    assert pages.forms("pressed")[0]["Digits"] == "7"


def test_whoever_presses_1_unscripted_stays(twilio: Simulator, pages: Pages) -> None:
    """Past the moment at which they would have hung up, had nobody asked them anything."""
    twilio.forget_scripts()
    twilio.script(outcome="completed", ring_s=1, talk_s=60)
    pages.pages |= {"answer": response(GATHER), "pressed": response('<Pause length="100"/>', SAY)}
    assert ends(twilio, call(twilio, pages, "answer"))[-1] == "Hello."


# -- requests that go wrong --------------------------------------------------------------------------------------------


def test_a_back_end_that_cannot_be_reached_leaves_the_fallback(twilio: Simulator, pages: Pages) -> None:
    twilio.forget_scripts()
    twilio.script(outcome="completed", ring_s=1, talk_s=LASTS, documents={"lose": True})
    pages.pages |= {"answer": response(SAY), "fallback": response("<Say>Call us back.</Say>")}
    assert ends(twilio, call(twilio, pages, "answer", FallbackUrl=f"{pages.url}/fallback")) == ["Call us back."]
    assert not pages.forms("answer")


def test_a_document_may_be_asked_for_twice_and_late(twilio: Simulator, pages: Pages) -> None:
    twilio.forget_scripts()
    twilio.script(outcome="completed", ring_s=1, talk_s=LASTS, documents={"repeat": 2, "delay_s": 0.2})
    answers = iter([response("<Say>First.</Say>"), response("<Say>Second.</Say>")])
    pages.pages["answer"] = lambda _form: next(answers)
    assert ends(twilio, call(twilio, pages, "answer")) == ["Second."]
    assert len(pages.forms("answer")) == 2
    assert twilio.heard.leg(LEAD)["longest_alone_s"] >= 0.2 * 50


# -- another document, by the API --------------------------------------------------------------------------------------


@pytest.mark.parametrize("by_address", [True, False])
def test_a_live_call_can_be_given_another_document(twilio: Simulator, pages: Pages, by_address: bool) -> None:
    pages.pages |= {"answer": response('<Pause length="10000"/>'), "other": response(SAY)}
    sid = call(twilio, pages, "answer")
    twilio.reaches(sid, "in-progress")
    wait(lambda: pages.forms("answer"))
    told = {"Url": f"{pages.url}/other"} if by_address else {"Twiml": response(SAY)}
    answer = twilio.update(sid, **told)
    assert (answer.status_code, answer.json()["status"]) == (200, "in-progress")
    assert ends(twilio, sid) == ["Hello."]


def test_the_last_document_given_is_the_one_that_is_heard(twilio: Simulator, pages: Pages) -> None:
    pages.pages["answer"] = response('<Pause length="10000"/>')
    sid = call(twilio, pages, "answer")
    twilio.reaches(sid, "in-progress")
    twilio.update(sid, Twiml=response('<Say loop="0">First.</Say>'))
    wait(lambda: twilio.heard.sentences(LEAD))
    twilio.update(sid, Twiml=response("<Say>Last.</Say>"))
    assert ends(twilio, sid)[-1] == "Last."


@pytest.mark.parametrize("told", [{"Twiml": response()}, {"Url": "https://example.com/"}, {"Status": "completed"}])
def test_a_call_that_is_gone_can_be_told_nothing(twilio: Simulator, pages: Pages, told: dict[str, str]) -> None:
    pages.pages["answer"] = response("<Hangup/>")
    sid = call(twilio, pages, "answer")
    twilio.reaches(sid, "completed")
    answer = twilio.update(sid, **told)
    assert (answer.status_code, answer.json()["code"]) == (400, 21220)


@pytest.mark.parametrize(("told", "code"), [({"Url": "nowhere"}, 21205), ({"Twiml": "x" * 4001}, 32018)])
def test_a_document_that_cannot_be_one_is_refused(twilio: Simulator, told: dict[str, str], code: int) -> None:
    sid = twilio.call()
    twilio.reaches(sid, "in-progress")
    assert twilio.update(sid, **told).json()["code"] == code
    assert twilio.fetch(sid)["status"] == "in-progress"


# -- who answered ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("script", "found"),
    [
        ({"outcome": "completed"}, "human"),
        ({"outcome": "machine"}, "machine_start"),
        ({"outcome": "completed", "answered_by": "machine_start"}, "machine_start"),
    ],
)
def test_who_answered_is_told_meanwhile(twilio: Simulator, pages: Pages, script: dict[str, str], found: str) -> None:
    twilio.forget_scripts()
    twilio.script(**script, ring_s=1, talk_s=LASTS, detected_after_s=50)
    pages.pages["answer"] = response('<Pause length="10000"/>')
    sid = call(
        *(twilio, pages, "answer"),
        MachineDetection="Enable",
        AsyncAmd="true",
        AsyncAmdStatusCallback=f"{pages.url}/detected?attempt=a1",
    )
    wait(lambda: pages.forms("answer"))
    assert twilio.fetch(sid)["answered_by"] is None
    wait(lambda: pages.forms("detected"))
    assert pages.forms("detected") == [
        {"CallSid": sid, "AccountSid": ACCOUNT_SID, "AnsweredBy": found, "MachineDetectionDuration": "50000"}
    ]
    assert twilio.fetch(sid)["answered_by"] == found
    assert "AnsweredBy" not in pages.forms("answer")[0]


def test_detection_that_is_waited_for_is_told_with_the_first_request(twilio: Simulator, pages: Pages) -> None:
    pages.pages["answer"] = response()
    twilio.reaches(call(twilio, pages, "answer", MachineDetection="Enable"), "completed")
    assert pages.forms("answer")[0]["AnsweredBy"] == "human"


# -- stages that never come --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", ["completed", "busy"])
def test_a_carrier_may_say_nothing_before_the_end(twilio: Simulator, pages: Pages, outcome: str) -> None:
    twilio.forget_scripts()
    twilio.script(outcome=outcome, ring_s=1, talk_s=1, skips=["initiated", "ringing"])
    events = ["initiated", "ringing", "answered", "completed"]
    sid = twilio.call(StatusCallback=f"{pages.url}/status", StatusCallbackEvent=events)
    call = twilio.reaches(sid, outcome)
    told = ["in-progress", "completed"] if outcome == "completed" else ["busy"]
    wait(lambda: len(pages.forms("status")) == len(told))
    assert [form["CallStatus"] for form in pages.events("status")] == told
    assert call["start_time"]
