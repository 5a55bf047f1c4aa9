"""`<Dial>` of phones: who rings, who talks to whom, and what the document hears of it."""

from collections.abc import Iterator

import pytest

from tests.unit.simulator_world import LASTS, LEAD, SENDER, Pages, Simulator, response, running, wait

AGENT, SECOND = "+12025550171", "+12025550172"


@pytest.fixture
def twilio() -> Iterator[Simulator]:
    with running(speed=50) as made:
        made.script(number=LEAD, outcome="completed", ring_s=1, talk_s=40)
        yield made


@pytest.fixture
def pages() -> Iterator[Pages]:
    made = Pages(done=response())
    yield made
    made.close()


def dial(twilio: Simulator, pages: Pages, *numbers: str, more: str = "") -> str:
    nouns = "".join(f"<Number>{number}</Number>" for number in numbers)
    return twilio.call(Twiml=response(f'<Dial action="{pages.url}/done" {more}>{nouns}</Dial>'))


def test_the_phone_that_is_dialled_picks_up_and_talks_until_the_lead_hangs_up(twilio: Simulator, pages: Pages) -> None:
    sid = dial(twilio, pages, AGENT)
    assert int(twilio.reaches(sid, "completed")["duration"]) >= 40
    agent, lead = (twilio.heard.leg(number) for number in (AGENT, LEAD))
    assert (agent["role"], agent["direction"], agent["parent"], agent["status"]) == (
        *("agent", "outbound-dial", sid),
        "completed",
    )
    assert lead["role"] == "lead"
    assert lead["joined_after_s"] == lead["heard_after_s"] >= 2
    assert lead["longest_alone_s"] >= 2
    assert twilio.list(ParentCallSid=sid) == [agent["sid"]]


def test_only_the_calls_that_were_asked_for_are_counted(twilio: Simulator, pages: Pages) -> None:
    twilio.reaches(dial(twilio, pages, AGENT), "completed")
    told = twilio.witness()
    assert (told["calls"], set(told["numbers"]), told["statuses"]) == (1, {LEAD}, {"completed": 1})


@pytest.mark.parametrize("outcome", ["busy", "no-answer", "failed"])
def test_a_phone_that_does_not_answer_is_told_to_the_document(twilio: Simulator, pages: Pages, outcome: str) -> None:
    twilio.script(number=AGENT, outcome=outcome, ring_s=1)
    twilio.reaches(dial(twilio, pages, AGENT), "completed")
    (form,) = pages.forms("done")
    assert (form["DialCallStatus"], form["DialBridged"], form["DialCallDuration"]) == (outcome, "false", "0")
    assert form["DialCallSid"].startswith("CA")


def test_the_agent_who_hangs_up_leads_to_the_action(twilio: Simulator, pages: Pages) -> None:
    twilio.script(number=AGENT, outcome="completed", ring_s=1, talk_s=20)
    twilio.reaches(dial(twilio, pages, AGENT), "completed")
    (form,) = pages.forms("done")
    assert (form["DialCallStatus"], form["DialBridged"]) == ("completed", "true")
    assert int(form["DialCallDuration"]) >= 20


def test_a_phone_rings_no_longer_than_the_document_says_and_five_seconds(twilio: Simulator, pages: Pages) -> None:
    twilio.script(number=AGENT, outcome="completed", ring_s=18)
    twilio.reaches(dial(twilio, pages, AGENT, more='timeout="12"'), "completed")
    assert pages.forms("done")[0]["DialCallStatus"] == "no-answer"


def test_the_first_that_answers_has_the_call(twilio: Simulator, pages: Pages) -> None:
    twilio.script(number=AGENT, outcome="completed", ring_s=600)
    twilio.script(number=SECOND, outcome="completed", ring_s=1, talk_s=20)
    sid = dial(twilio, pages, AGENT, SECOND, more='timeout="600"')
    twilio.reaches(sid, "completed")
    statuses = {twilio.fetch(child)["to"]: twilio.fetch(child)["status"] for child in twilio.list(ParentCallSid=sid)}
    assert statuses == {AGENT: "canceled", SECOND: "completed"}


def test_the_lead_who_hangs_up_ends_the_ringing(twilio: Simulator, pages: Pages) -> None:
    twilio.script(number=AGENT, outcome="completed", ring_s=10_000)
    sid = dial(twilio, pages, AGENT, more='timeout="600"')
    twilio.reaches(sid, "completed")
    (child,) = wait(lambda: twilio.list(ParentCallSid=sid))
    assert twilio.reaches(child, "canceled", "no-answer")["status"] == "canceled"
    assert not pages.forms("done")


def test_a_live_bridge_is_left_for_another_document(twilio: Simulator, pages: Pages) -> None:
    twilio.forget_scripts()
    twilio.script(number=LEAD, outcome="completed", ring_s=1, talk_s=LASTS)
    sid = dial(twilio, pages, AGENT)
    wait(lambda: twilio.heard.legs(LEAD) and twilio.heard.leg(LEAD)["joined_after_s"] is not None)
    twilio.update(sid, Twiml=response("<Say>Goodbye.</Say>", "<Hangup/>"))
    twilio.reaches(sid, "completed")
    assert twilio.heard.sentences(LEAD) == ["Goodbye."]
    assert twilio.fetch(twilio.heard.leg(AGENT)["sid"])["status"] == "completed"


def test_a_phones_own_words_are_told_where_its_noun_says(twilio: Simulator, pages: Pages) -> None:
    noun = f'<Number statusCallback="{pages.url}/leg" statusCallbackEvent="answered completed">{AGENT}</Number>'
    sid = twilio.call(Twiml=response(f"<Dial>{noun}</Dial>"))
    wait(lambda: len(pages.forms("leg")) == 2)
    answered, completed = pages.events("leg")
    assert (answered["CallStatus"], completed["CallStatus"]) == ("in-progress", "completed")
    assert {form["ParentCallSid"] for form in (answered, completed)} == {sid}
    assert answered["Direction"] == "outbound-dial"


def test_a_script_for_anybody_is_not_used_up_by_a_phone_that_a_document_dials(twilio: Simulator, pages: Pages) -> None:
    twilio.script(refuse=21217, times=1)
    twilio.reaches(dial(twilio, pages, AGENT), "completed")
    assert twilio.post(To=SECOND).status_code == 400


@pytest.mark.parametrize(("number", "more", "code"), [("12", "", 13223), (AGENT, 'callerId="+12025550199"', 13214)])
def test_what_cannot_be_dialled_is_written_down(number: str, more: str, code: int) -> None:
    pages = Pages(done=response())
    with running(speed=50, only_own_numbers=True) as twilio:
        twilio.script(number=LEAD, outcome="completed", ring_s=1, talk_s=LASTS)
        twilio.reaches(dial(twilio, pages, number, more=more), "completed")
        assert [error["code"] for error in twilio.heard.errors()] == [code]
        assert pages.forms("done")[0]["DialCallStatus"] == "failed"
    pages.close()


def test_the_caller_that_a_phone_sees_is_the_one_the_document_names(twilio: Simulator, pages: Pages) -> None:
    sid = dial(twilio, pages, AGENT, more=f'callerId="{SENDER}"')
    twilio.reaches(sid, "completed")
    assert twilio.fetch(twilio.heard.leg(AGENT)["sid"])["from"] == SENDER
