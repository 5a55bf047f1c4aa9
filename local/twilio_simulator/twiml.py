"""Parses TwiML into verbs, and refuses what Twilio does not know or this simulator cannot do."""

import re
from collections.abc import Callable, Sequence
from xml.etree import ElementTree

from local.twilio_simulator.verbs import (
    Callback,
    Client,
    Conference,
    Dial,
    Gather,
    Hangup,
    Number,
    Pause,
    Play,
    Redirect,
    Reject,
    Say,
    Verb,
)

_DO_NOT_PARSE, _DO_NOT_KNOW = 12100, 12200
_ROOM_EVENTS = ("start", "end", "join", "leave", "mute", "hold", "modify", "speaker", "announcement")
_CALL_EVENTS = ("initiated", "ringing", "answered", "completed")
_KEYS = re.compile(r"[0-9*#wW]+")


class BadTwiml(ValueError):
    """Invalid document, with Twilio's error code."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code


class _Attributes:
    """The attributes of one element; attributes that are not read are unknown."""

    def __init__(self, element: ElementTree.Element) -> None:
        self._tag, self._left = element.tag, dict(element.attrib)

    def text(self, name: str, usual: str = "") -> str:
        return self._left.pop(name, usual)

    def maybe(self, name: str) -> str | None:
        return self._left.pop(name, None)

    def ignore(self, *names: str) -> None:
        """Accept attributes that have no effect here: voices, languages, buffers."""
        for name in names:
            self._left.pop(name, None)

    def whole(self, name: str, usual: int, least: int = 0, most: int = 86_400) -> int:
        text = self._left.pop(name, None)
        if text is None:
            return usual
        if not text.isdecimal() or not least <= int(text) <= most:
            raise self._bad(name, text)
        return int(text)

    def flag(self, name: str, usual: bool) -> bool:
        return self.one_of(name, str(usual).lower(), "true", "false") == "true"

    def one_of(self, name: str, usual: str, *known: str) -> str:
        text = self._left.pop(name, usual)
        if text not in known:
            raise self._bad(name, text)
        return text

    def method(self, name: str = "method") -> str:
        return self.one_of(name, "POST", "GET", "POST")

    def callback(self, known: Sequence[str], usual: str) -> Callback:
        url, method = self.text("statusCallback"), self.method("statusCallbackMethod")
        events = tuple(self.text("statusCallbackEvent", usual).split())
        if set(events) - set(known):
            raise self._bad("statusCallbackEvent", " ".join(events))
        return Callback(url, method, events)

    def nothing_left(self) -> None:
        for name in self._left:
            raise BadTwiml(_DO_NOT_KNOW, f"<{self._tag}> has no attribute {name!r} here")

    def _bad(self, name: str, text: str) -> BadTwiml:
        return BadTwiml(_DO_NOT_KNOW, f"{name}={text!r} of <{self._tag}> is not a valid value")


def parse(text: str) -> list[Verb]:
    """The verbs of a document, in order; BadTwiml says what is wrong with it."""
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 - documents of our own functions and tests
    except ElementTree.ParseError as error:
        raise BadTwiml(_DO_NOT_PARSE, f"invalid XML: {error}") from error
    if root.tag != "Response":
        raise BadTwiml(_DO_NOT_PARSE, f"<{root.tag}> is not <Response>")
    _Attributes(root).nothing_left()
    _no_text(root)
    return [_read(element, _VERBS, "<Response>") for element in root]


def _read(
    element: ElementTree.Element, known: dict[str, Callable[[ElementTree.Element, _Attributes], Verb]], where: str
) -> Verb:
    if element.tag not in known:
        raise BadTwiml(_DO_NOT_KNOW, f"<{element.tag}> is not a verb in {where} here")
    attributes = _Attributes(element)
    verb = known[element.tag](element, attributes)
    attributes.nothing_left()
    return verb


def _no_text(element: ElementTree.Element) -> None:
    for text in (element.text, *(child.tail for child in element)):
        if text and text.strip():
            raise BadTwiml(_DO_NOT_KNOW, f"<{element.tag}> holds verbs, not {text.strip()!r}")


def _text(element: ElementTree.Element) -> str:
    if len(element):
        raise BadTwiml(_DO_NOT_KNOW, f"<{element.tag}> holds text, not <{element[0].tag}>")
    return " ".join((element.text or "").split())


def _say(element: ElementTree.Element, given: _Attributes) -> Say:
    given.ignore("voice", "language")
    return Say(_text(element), given.whole("loop", 1))


def _play(element: ElementTree.Element, given: _Attributes) -> Play:
    url, digits = _text(element), given.text("digits")
    if not (url or _KEYS.fullmatch(digits)):
        raise BadTwiml(_DO_NOT_KNOW, "<Play> plays an address, or digits")
    return Play(url, given.whole("loop", 1), digits)


def _pause(element: ElementTree.Element, given: _Attributes) -> Pause:
    _text(element)
    return Pause(given.whole("length", 1))


def _redirect(element: ElementTree.Element, given: _Attributes) -> Redirect:
    return Redirect(_text(element), given.method())


def _hangup(element: ElementTree.Element, _given: _Attributes) -> Hangup:
    _text(element)
    return Hangup()


def _reject(element: ElementTree.Element, given: _Attributes) -> Reject:
    _text(element)
    return Reject(given.one_of("reason", "rejected", "rejected", "busy"))


def _gather(element: ElementTree.Element, given: _Attributes) -> Gather:
    _no_text(element)
    given.one_of("input", "dtmf", "dtmf")
    given.ignore("language")
    prompts = [_read(child, {"Say": _say, "Play": _play, "Pause": _pause}, "<Gather>") for child in element]
    return Gather(
        prompts=tuple(prompt for prompt in prompts if isinstance(prompt, Say | Play | Pause)),
        num_digits=given.whole("numDigits", 0, 1) or None,
        timeout_s=given.whole("timeout", 5),
        finish_on_key=given.text("finishOnKey", "#"),
        action=given.text("action"),
        method=given.method(),
        action_on_empty=given.flag("actionOnEmptyResult", usual=False),
    )


def _dial(element: ElementTree.Element, given: _Attributes) -> Dial:
    nouns = [_noun(child) for child in element]
    rooms = [noun for noun in nouns if isinstance(noun, Conference)]
    if element.text and element.text.strip():
        nouns = [Number(element.text.strip(), Callback("", "POST", ()))]
    if not nouns or (rooms and len(nouns) > 1) or len(nouns) > 10:
        raise BadTwiml(_DO_NOT_KNOW, "<Dial> dials up to ten numbers or clients, or one conference")
    given.ignore("ringTone", "sequential")
    return Dial(
        nouns=tuple(noun for noun in nouns if not isinstance(noun, Conference)),
        conference=rooms[0] if rooms else None,
        action=given.text("action"),
        method=given.method(),
        timeout_s=given.whole("timeout", 30, 5, 600),
        time_limit_s=given.whole("timeLimit", 14_400, 1),
        caller_id=given.text("callerId"),
        answer_on_bridge=given.flag("answerOnBridge", usual=False),
        hangup_on_star=given.flag("hangupOnStar", usual=False),
    )


def _noun(element: ElementTree.Element) -> Number | Client | Conference:
    given = _Attributes(element)
    noun: Number | Client | Conference
    match element.tag:
        case "Number":
            noun = Number(_text(element), given.callback(_CALL_EVENTS, "completed"))
        case "Client":
            noun = Client(_text(element), given.callback(_CALL_EVENTS, "completed"))
        case "Conference":
            noun = _conference(_text(element), given)
        case other:
            raise BadTwiml(_DO_NOT_KNOW, f"<{other}> is not allowed in <Dial> here")
    given.nothing_left()
    return noun


def _conference(name: str, given: _Attributes) -> Conference:
    label = given.text("participantLabel")
    if not 1 <= len(name) <= 128 or len(label) > 128:
        raise BadTwiml(_DO_NOT_KNOW, "a conference and a participant have names of at most 128 characters")
    given.one_of("jitterBufferSize", "large", "off", "small", "medium", "large")
    given.one_of("record", "do-not-record", "do-not-record")
    return Conference(
        name=name,
        start_on_enter=given.flag("startConferenceOnEnter", usual=True),
        end_on_exit=given.flag("endConferenceOnExit", usual=False),
        beep=given.one_of("beep", "true", "true", "false", "onEnter", "onExit"),
        wait_url=given.maybe("waitUrl"),
        wait_method=given.method("waitMethod"),
        label=label,
        muted=given.flag("muted", usual=False),
        max_participants=given.whole("maxParticipants", 250, 1, 250),
        callback=given.callback(_ROOM_EVENTS, "start end"),
    )


_VERBS: dict[str, Callable[[ElementTree.Element, _Attributes], Verb]] = {
    "Say": _say,
    "Play": _play,
    "Pause": _pause,
    "Redirect": _redirect,
    "Hangup": _hangup,
    "Reject": _reject,
    "Gather": _gather,
    "Dial": _dial,
}
