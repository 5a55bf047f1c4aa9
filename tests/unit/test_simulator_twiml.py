"""Reading TwiML: what a document says, and what is refused in it."""

import pytest

from local.twilio_simulator.twiml import BadTwiml, parse
from local.twilio_simulator.verbs import (
    Callback,
    Client,
    Dial,
    Gather,
    Hangup,
    Number,
    Pause,
    Play,
    Redirect,
    Reject,
    Say,
)
from tests.unit.simulator_world import response


def only_dial(text: str) -> Dial:
    (verb,) = parse(response(text))
    assert isinstance(verb, Dial)
    return verb


def test_a_documents_verbs_are_read_in_order() -> None:
    text = response(
        '<Say voice="alice" language="de-DE" loop="2">Guten\n  Tag</Say>',
        "<Play>https://example.com/a.mp3</Play>",
        '<Play digits="12w#"/>',
        '<Pause length="3"/>',
        '<Redirect method="GET">/next</Redirect>',
        "<Hangup/>",
        '<Reject reason="busy"/>',
    )
    assert parse(f'<?xml version="1.0" encoding="UTF-8"?>{text}') == [
        Say("Guten Tag", 2),
        Play("https://example.com/a.mp3"),
        Play("", digits="12w#"),
        Pause(3),
        Redirect("/next", "GET"),
        Hangup(),
        Reject("busy"),
    ]


def test_an_empty_document_is_one() -> None:
    assert parse("<Response/>") == []


def test_what_is_gathered_and_what_is_said_meanwhile_are_read() -> None:
    text = '<Gather numDigits="1" timeout="10" action="/pressed"><Say>Press 1</Say><Pause/></Gather>'
    assert parse(response(text)) == [Gather((Say("Press 1"), Pause(1)), 1, 10, "#", "/pressed", "POST", False)]


def test_a_conference_is_what_twilio_makes_of_it_when_nothing_is_said() -> None:
    dial = only_dial("<Dial><Conference>room</Conference></Dial>")
    noun = dial.conference
    assert noun
    assert (noun.name, noun.start_on_enter, noun.end_on_exit, noun.beep) == ("room", True, False, "true")
    assert (noun.wait_url, noun.label, noun.muted, noun.max_participants) == (None, "", False, 250)
    assert (dial.timeout_s, dial.time_limit_s, dial.action) == (30, 14_400, "")


def test_a_conference_says_all_that_it_can() -> None:
    noun = only_dial(
        '<Dial action="/left" hangupOnStar="true" timeLimit="60"><Conference startConferenceOnEnter="false"'
        ' endConferenceOnExit="true" beep="onEnter" waitUrl="" waitMethod="GET" participantLabel="a1" muted="true"'
        ' maxParticipants="2" jitterBufferSize="small" statusCallback="/room" statusCallbackMethod="GET"'
        ' statusCallbackEvent="join leave">room</Conference></Dial>'
    ).conference
    assert noun
    assert (noun.start_on_enter, noun.end_on_exit, noun.beep, noun.wait_url) == (False, True, "onEnter", "")
    assert (noun.label, noun.muted, noun.max_participants, noun.wait_method) == ("a1", True, 2, "GET")
    assert noun.callback == Callback("/room", "GET", ("join", "leave"))


def test_phones_and_browsers_are_dialled() -> None:
    nothing = Callback("", "POST", ("completed",))
    dial = only_dial("<Dial><Number>+12025550143</Number><Client>ada</Client></Dial>")
    assert dial.nouns == (Number("+12025550143", nothing), Client("ada", nothing))
    assert only_dial("<Dial>+12025550143</Dial>").nouns == (Number("+12025550143", Callback("", "POST", ())),)


@pytest.mark.parametrize(
    ("text", "code", "why"),
    [
        ("", 12100, "invalid XML"),
        ("<Response>", 12100, "invalid XML"),
        ("Hello", 12100, "invalid XML"),
        ("<html/>", 12100, "<html> is not <Response>"),
        ("<response/>", 12100, "<response> is not <Response>"),
        (response("<say>Hi</say>"), 12200, "<say> is not a verb in <Response>"),
        (response("<Record/>"), 12200, "<Record> is not a verb"),
        (response("<Enqueue>a</Enqueue>"), 12200, "<Enqueue> is not a verb"),
        (response("Hello"), 12200, "'Hello'"),
        (response('<Say loud="yes">Hi</Say>'), 12200, "<Say> has no attribute 'loud'"),
        (response("<Say>Hi <b>you</b></Say>"), 12200, "<Say> holds text, not <b>"),
        (response('<Pause length="soon"/>'), 12200, "length='soon' of <Pause>"),
        (response("<Play/>"), 12200, "<Play> plays an address"),
        (response("<Gather><Dial>1</Dial></Gather>"), 12200, "<Dial> is not a verb in <Gather>"),
        (response('<Gather input="speech"/>'), 12200, "input='speech'"),
        (response("<Dial/>"), 12200, "<Dial> dials up to ten"),
        (response("<Dial><Queue>a</Queue></Dial>"), 12200, "<Queue> is not allowed in <Dial>"),
        (response("<Dial><Conference>a</Conference><Number>b</Number></Dial>"), 12200, "or one conference"),
        (response("<Dial><Conference/></Dial>"), 12200, "at most 128"),
        (response(f"<Dial><Conference>{'x' * 129}</Conference></Dial>"), 12200, "at most 128"),
        (response('<Dial><Conference beep="no">a</Conference></Dial>'), 12200, "beep='no'"),
        (response('<Dial><Conference startConferenceOnEnter="False">a</Conference></Dial>'), 12200, "'False'"),
        (response('<Dial><Conference coach="CA1">a</Conference></Dial>'), 12200, "'coach'"),
        (response('<Dial><Conference statusCallbackEvent="joined">a</Conference></Dial>'), 12200, "'joined'"),
        (response('<Dial><Conference maxParticipants="251">a</Conference></Dial>'), 12200, "'251'"),
        (response('<Dial record="true"><Conference>a</Conference></Dial>'), 12200, "'record'"),
        (response('<Dial><Number url="/whisper">+12025550143</Number></Dial>'), 12200, "'url'"),
        (response('<Dial timeout="4">+12025550143</Dial>'), 12200, "timeout='4'"),
        ('<Response version="1"/>', 12200, "'version'"),
    ],
)
def test_what_no_document_may_say_is_refused_with_what_is_wrong(text: str, code: int, why: str) -> None:
    with pytest.raises(BadTwiml) as refused:
        parse(text)
    assert refused.value.code == code
    assert why in str(refused.value)
