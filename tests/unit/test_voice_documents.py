"""TwiML is what Twilio's own library would write, and holds nothing of people."""

from dataclasses import replace
from xml.etree.ElementTree import fromstring

import pytest
from twilio.twiml.voice_response import Conference, Dial, Gather, VoiceResponse

from functions.voice.documents import Documents, label, parts_of
from functions.voice.inbound_documents import InboundDocuments
from functions.voice.phrases import LANGUAGES
from functions.voice.twiml import document, element

DOCUMENTS = Documents(LANGUAGES["en"], "Müller & Söhne <GmbH>", "+12015550199", "https://calls.example.com")


def test_a_document_is_what_twilios_library_writes() -> None:
    response = VoiceResponse()
    dial = Dial(action='https://example.com/left?a=1&b="2"')
    dial.append(
        Conference(
            "room & <board>",
            start_conference_on_enter=False,
            beep="onEnter",
            wait_url="",
            status_callback_event="start end",
        )
    )
    response.append(dial)
    gather = Gather(num_digits=1, timeout=5)
    gather.say("Größe > 1")
    response.append(gather)
    response.hangup()
    room = element(
        "Conference",
        "room & <board>",
        beep="onEnter",
        startConferenceOnEnter=False,
        statusCallbackEvent="start end",
        waitUrl="",
    )
    ours = document(
        element("Dial", room, action='https://example.com/left?a=1&b="2"'),
        element("Gather", element("Say", "Größe > 1"), numDigits=1, timeout=5),
        element("Hangup"),
    )
    assert _parsed(ours) == _parsed(str(response))


def _parsed(text: str) -> object:
    def plain(node: object) -> object:
        return (node.tag, dict(node.attrib), node.text, [plain(child) for child in node])  # type: ignore[attr-defined]

    return plain(fromstring(text))  # noqa: S314  what we have written ourselves


def test_every_document_can_be_read_and_all_but_silence_end() -> None:
    user, lead, attempt = "~user-1", "lead_1-x", "a" * 32
    endless = {"silence", "wait", "ask_again"}  # these go on to another document, or are over with the room
    made = {
        "press_one": DOCUMENTS.press_one(user, "s"),
        "agent": DOCUMENTS.agent(user, "s"),
        "not_this_line": DOCUMENTS.not_this_line(),
        "lead": DOCUMENTS.lead(user, lead, attempt, "s"),
        "ask_again": DOCUMENTS.ask_again(user, lead, attempt),
        "wait": DOCUMENTS.wait(user, lead, attempt, "s"),
        "silence": DOCUMENTS.silence(),
        "sorry": DOCUMENTS.sorry(user, lead, attempt),
        "never_again": DOCUMENTS.never_again(),
        "it_is_over": DOCUMENTS.it_is_over(),
        "goodbye": DOCUMENTS.goodbye(),
    }
    assert {name for name in vars(Documents) if not name.startswith("_")} - {"company", "callback_number"} >= set(made)
    for name, text in made.items():
        _parsed(text)
        assert len(text.encode()) < 4000
        assert text.endswith("<Hangup /></Response>") is (name not in endless)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_in_the_installations_language_and_read_by_its_voice(language: str) -> None:
    """None is left in English, none has a name or number that was not put in."""
    phrases = LANGUAGES[language]
    documents = replace(DOCUMENTS, phrases=phrases)
    inbound = InboundDocuments(phrases, DOCUMENTS.company, "", "https://calls.example.com")
    made = [
        *(documents.press_one("u", "s"), documents.not_this_line(), documents.sorry("u", "l", "a")),
        *(documents.never_again(), documents.it_is_over(), documents.goodbye()),
        *(inbound.menu(), inbound.one_moment("u", "l", 0), inbound.noted(), inbound.never_again()),
        *(inbound.goodbye(), inbound.unavailable()),
    ]
    for text in made:
        said = list(fromstring(text).iter("Say"))  # noqa: S314  what we have written ourselves
        assert {say.get("language") for say in said} == {phrases.code}
        assert not any("{" in (say.text or "") for say in said)
    others = [other for name, other in LANGUAGES.items() if name != language]
    assert not {*vars(phrases).values()} & {value for other in others for value in vars(other).values()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_was_called_hears_who_called_and_the_number_to_call_back_digit_by_digit(language: str) -> None:
    documents = replace(DOCUMENTS, phrases=LANGUAGES[language])
    for text in (documents.sorry("u", "l", "a"), documents.goodbye(), documents.it_is_over()):
        said = " ".join(say.text or "" for say in fromstring(text).iter("Say"))  # noqa: S314
        assert "Müller & Söhne <GmbH>" in said
        assert "1 2 0 1 5 5 5 0 1 9 9" in said


def test_a_participants_label_says_whose_it_is() -> None:
    lead = "Ab_-" * 10
    assert parts_of(label("a" * 32, lead)) == ("a" * 32, lead)
    assert len(label("a" * 32, "x" * 64)) <= 128
    assert parts_of("agent") == parts_of("") == ("", "")
