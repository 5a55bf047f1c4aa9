"""Whoever calls us: people, and browsers through TwiML Apps; and what the account may do at once."""

from collections.abc import Iterator

import pytest

from local.options import ACCOUNT_SID
from tests.unit.simulator_world import LASTS, LEAD, SENDER, Pages, Simulator, response, running, wait

SAY = response("<Say>Hello.</Say>")


@pytest.fixture
def twilio() -> Iterator[Simulator]:
    with running(speed=50) as made:
        yield made


@pytest.fixture
def pages() -> Iterator[Pages]:
    made = Pages(voice=SAY)
    yield made
    made.close()


def application(twilio: Simulator, pages: Pages, path: str = "voice") -> str:
    answer = twilio.resource(
        "POST", "Applications.json", data={"FriendlyName": "autocall", "VoiceUrl": f"{pages.url}/{path}"}
    )
    assert answer.status_code == 201
    return str(answer.json()["sid"])


def number(twilio: Simulator, **settings: str) -> str:
    """Our only number, with these settings; its SID."""
    (found,) = twilio.resource("GET", "IncomingPhoneNumbers.json", params={"PhoneNumber": SENDER}).json()[
        "incoming_phone_numbers"
    ]
    answer = twilio.resource("POST", f"IncomingPhoneNumbers/{found['sid']}.json", data=settings)
    assert answer.status_code == 200
    return str(found["sid"])


# -- applications ------------------------------------------------------------------------------------------------------


def test_an_application_is_made_found_changed_and_deleted(twilio: Simulator, pages: Pages) -> None:
    sid = application(twilio, pages)
    found = twilio.resource("GET", "Applications.json", params={"FriendlyName": "autocall"}).json()["applications"]
    assert [one["sid"] for one in found] == [sid]
    assert (found[0]["voice_url"], found[0]["voice_method"], found[0]["account_sid"]) == (
        *(f"{pages.url}/voice", "POST"),
        ACCOUNT_SID,
    )
    assert twilio.resource("GET", "Applications.json", params={"FriendlyName": "x"}).json()["applications"] == []
    changed = twilio.resource("POST", f"Applications/{sid}.json", data={"VoiceUrl": "https://example.com/"}).json()
    assert (changed["voice_url"], changed["friendly_name"]) == ("https://example.com/", "autocall")
    assert twilio.resource("GET", f"Applications/{sid}.json").json() == changed
    assert twilio.resource("DELETE", f"Applications/{sid}.json").status_code == 204
    for method in ("GET", "POST", "DELETE"):
        assert twilio.resource(method, f"Applications/{sid}.json").status_code == 404


def test_a_browser_calls_through_an_application(twilio: Simulator, pages: Pages) -> None:
    app = application(twilio, pages)
    sid = twilio.heard.browser("ada7", app, {"session": "s 1", "To": ""})
    call = twilio.reaches(sid, "completed")
    assert (call["direction"], call["from"]) == ("inbound", "client:ada7")
    (form,) = pages.forms("voice")
    assert (form["CallSid"], form["ApplicationSid"], form["CallStatus"]) == (sid, app, "ringing")
    assert (form["From"], form["Caller"], form["Direction"]) == ("client:ada7", "client:ada7", "inbound")
    assert form["session"] == "s 1"
    leg = twilio.heard.leg("client:ada7")
    assert (leg["role"], [said["text"] for said in leg["sentences"]]) == ("agent", ["Hello."])
    assert twilio.witness()["calls"] == 0


def test_a_browsers_parameters_are_told_with_its_first_request_only(twilio: Simulator, pages: Pages) -> None:
    pages.pages |= {"voice": response("<Redirect>next</Redirect>"), "next": SAY}
    twilio.reaches(twilio.heard.browser("ada", application(twilio, pages), {"session": "s1"}), "completed")
    assert "session" not in pages.forms("next")[0]


def test_a_browser_may_be_turned_away(twilio: Simulator, pages: Pages) -> None:
    pages.pages["voice"] = response("<Reject/>")
    sid = twilio.heard.browser("ada", application(twilio, pages))
    assert twilio.reaches(sid, "no-answer", "completed")["status"] == "no-answer"


@pytest.mark.parametrize("told", [("", True), ("ada", False)])
def test_no_browser_calls_without_a_name_and_an_application(
    twilio: Simulator, pages: Pages, told: tuple[str, bool]
) -> None:
    identity, known = told
    with pytest.raises(ValueError, match="an identity"):
        twilio.heard.browser(identity, application(twilio, pages) if known else "AP1")


def test_a_call_of_ours_may_hear_an_application(twilio: Simulator, pages: Pages) -> None:
    twilio.script(number=LEAD, outcome="completed", ring_s=1, talk_s=LASTS)
    app = application(twilio, pages)
    twilio.reaches(twilio.call(Twiml=None, ApplicationSid=app), "completed")
    assert pages.forms("voice")[0]["ApplicationSid"] == app


# -- people who call our number ----------------------------------------------------------------------------------------


def test_a_number_tells_whom_it_asks(twilio: Simulator, pages: Pages) -> None:
    sid = number(twilio, VoiceUrl=f"{pages.url}/voice", StatusCallback=f"{pages.url}/status")
    found = twilio.resource("GET", f"IncomingPhoneNumbers/{sid}.json").json()
    assert (found["phone_number"], found["voice_url"]) == (SENDER, f"{pages.url}/voice")
    assert twilio.resource("GET", "IncomingPhoneNumbers/PN0.json").status_code == 404


def test_somebody_calls_our_number_and_hears_its_document(twilio: Simulator, pages: Pages) -> None:
    number(twilio, VoiceUrl=f"{pages.url}/voice", StatusCallback=f"{pages.url}/status")
    sid = twilio.heard.ring(LEAD, SENDER, stir="TN-Validation-Passed-A", call_token="t", talk_s=1000)
    assert twilio.reaches(sid, "completed")["direction"] == "inbound"
    (form,) = pages.forms("voice")
    assert (form["From"], form["To"], form["CallStatus"], form["Direction"]) == (LEAD, SENDER, "ringing", "inbound")
    assert (form["StirVerstat"], form["CallToken"]) == ("TN-Validation-Passed-A", "t")
    wait(lambda: pages.forms("status"))
    (end,) = pages.forms("status")
    assert (end["CallSid"], end["CallStatus"], end["Direction"]) == (sid, "completed", "inbound")
    assert twilio.heard.sentences(LEAD) == ["Hello."]


def test_whoever_hides_a_number_is_anonymous(twilio: Simulator, pages: Pages) -> None:
    number(twilio, VoiceUrl=f"{pages.url}/voice")
    twilio.reaches(twilio.heard.ring("anonymous", SENDER), "completed")
    assert pages.forms("voice")[0]["From"] == "anonymous"
    assert not {"StirVerstat", "CallToken"} & set(pages.forms("voice")[0])


def test_a_caller_hangs_up_when_they_like(twilio: Simulator, pages: Pages) -> None:
    pages.pages["voice"] = response('<Say loop="0">Hello.</Say>')
    number(twilio, VoiceUrl=f"{pages.url}/voice")
    sid = twilio.heard.ring(LEAD, SENDER, talk_s=30)
    assert int(twilio.reaches(sid, "completed")["duration"]) >= 20


def test_a_caller_presses_what_their_script_says(twilio: Simulator, pages: Pages) -> None:
    pages.pages |= {"voice": response('<Gather numDigits="1" action="pressed"/>'), "pressed": SAY}
    number(twilio, VoiceUrl=f"{pages.url}/voice")
    twilio.reaches(twilio.heard.ring(LEAD, SENDER, presses="9"), "completed")
    assert pages.forms("pressed")[0]["Digits"] == "9"


@pytest.mark.parametrize(("reason", "status"), [("busy", "busy"), ("rejected", "no-answer")])
def test_a_caller_may_be_turned_away_before_anybody_answers(
    twilio: Simulator, pages: Pages, reason: str, status: str
) -> None:
    pages.pages["voice"] = response(f'<Reject reason="{reason}"/>')
    number(twilio, VoiceUrl=f"{pages.url}/voice")
    sid = twilio.heard.ring(LEAD, SENDER)
    assert twilio.reaches(sid, status, "completed")["status"] == status
    assert twilio.heard.legs() == []


def test_a_number_may_use_an_application(twilio: Simulator, pages: Pages) -> None:
    app = application(twilio, pages)
    number(twilio, VoiceUrl=f"{pages.url}/other", VoiceApplicationSid=app)
    twilio.reaches(twilio.heard.ring(LEAD, SENDER), "completed")
    assert pages.forms("voice")[0]["ApplicationSid"] == app
    assert not pages.forms("other")


def test_nobody_calls_a_number_that_asks_nobody_or_is_not_ours(twilio: Simulator) -> None:
    with pytest.raises(ValueError, match="no VoiceUrl"):
        twilio.heard.ring(LEAD, SENDER)
    with pytest.raises(ValueError, match="one of the account's numbers"):
        twilio.heard.ring(LEAD, LEAD)
    with pytest.raises(ValueError, match="'outcome' is not one of a person's fields"):
        twilio.heard.ring(LEAD, SENDER, outcome="busy")


def test_only_who_is_on_the_line_can_do_anything(twilio: Simulator) -> None:
    twilio.script(outcome="completed", ring_s=10_000)
    sid = twilio.call(Timeout=600)
    for act in (twilio.heard.hang_up, lambda sid: twilio.heard.press(sid, "1")):
        with pytest.raises(ValueError, match="a live call needs"):
            act(sid)
    with pytest.raises(ValueError, match="a live call needs"):
        twilio.heard.die("CA0", 1)


# -- what the account may do -------------------------------------------------------------------------------------------


def test_an_account_has_no_more_calls_at_once_than_it_may(pages: Pages) -> None:
    with running(speed=50, concurrent=2) as twilio:
        twilio.script(outcome="completed", ring_s=1, talk_s=LASTS)
        first, _second = twilio.call(), twilio.call(To="+12025550144")
        answer = twilio.post(To="+12025550145")
        assert (answer.status_code, answer.json()["code"]) == (400, 10004)
        assert twilio.witness()["calls"] == 2
        sid = twilio.heard.browser("ada", application(twilio, pages))
        assert twilio.fetch(sid)["status"] == "busy"
        twilio.reaches(first, "in-progress")
        twilio.update(first, Status="completed")
        assert twilio.post(To="+12025550145").status_code == 201


def test_an_account_may_call_with_its_own_numbers_only() -> None:
    with running(speed=50, only_own_numbers=True, number=[SENDER, "+12025550101"]) as twilio:
        assert twilio.post(From="+12025550101").status_code == 201
        assert twilio.post(From="+12025550199").json()["code"] == 21210


def test_an_agents_phone_picks_up_presses_1_and_stays(twilio: Simulator, pages: Pages) -> None:
    gather = '<Gather numDigits="1" timeout="10" action="pressed"><Say>Press 1 to begin.</Say></Gather>'
    pages.pages |= {"agent": response(gather, "<Hangup/>"), "pressed": response('<Pause length="10000"/>')}
    twilio.heard.agent_phones(LEAD)
    twilio.script(outcome="busy")  # which is about people
    sid = twilio.call(Twiml=None, Url=f"{pages.url}/agent")
    wait(lambda: pages.forms("pressed"))
    assert pages.forms("pressed")[0]["Digits"] == "1"
    assert twilio.fetch(sid)["status"] == "in-progress"
    assert twilio.heard.leg(LEAD)["role"] == "agent"
    assert twilio.heard.calls_to(LEAD)[0]["sid"] == sid


def test_an_agents_phone_does_what_its_own_script_says_and_is_refused_like_any(twilio: Simulator) -> None:
    twilio.heard.agent_phones(LEAD)
    twilio.script(number=LEAD, outcome="no-answer", ring_s=1, times=1)
    assert twilio.reaches(twilio.call(), "no-answer", "completed")["status"] == "no-answer"
    twilio.script(refuse=20003, times=1)
    assert twilio.post().json()["code"] == 20003
