"""Scripts for the next calls, or for the calls of one number: `POST /_script`.

A script is a JSON object. `number` (absent: any) and `times` (absent: for ever) say what it is for; the rest says what
happens to a POST that asks for a call: `outcome` (completed, machine, busy, no-answer, failed, canceled) with `ring_s`,
`talk_s` (until the person hangs up), `sip_code`, `skips` (statuses that never come), `presses` (digits, one Gather
after another; null: none) and `presses_after_s`; what detection finds: `answered_by`, `detected_after_s`, `greeting_s`.
Or, instead of a plain 201, `refuse` (any of Twilio's error codes) or `fault` (`500`, `502`, `503`, `504`, `307`,
`reset`, `hang`, `empty`, `truncated` or `html`), with `made` telling whether the call is made all the same; `delay_s`
before the answer; `callbacks`: `lose` (names of statuses, a share, or true for all), `repeat` (how often each is sent),
`delay_s`, `shuffle`; `room`: the same for the words of the room that the call comes into; `documents`: requests for the
call's documents, of which true `lose`s all (the fallback's is never lost), `repeat`, `delay_s`.

Or it says what happens to other requests: `list`, `fetch` or `update`, each with `refuse` or `fault`; for the first two
`delay_s` is how long ago that was what they show, which is how Twilio is eventually consistent.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from local.twilio_simulator.calls import FINAL
from local.twilio_simulator.faults import FAULTS

OUTCOMES = ("completed", "machine", "no-answer", "busy", "failed", "canceled")
VERDICTS = (
    *("human", "machine_start", "machine_end_beep", "machine_end_silence", "machine_end_other"),
    *("fax", "unknown"),
)
ROOM_EVENTS = (
    *("conference-start", "conference-end", "participant-join", "participant-leave"),
    *("participant-mute", "participant-unmute", "participant-hold", "participant-unhold"),
)
OTHERS = ("list", "fetch", "update")
_STATUSES = ("initiated", "ringing", "in-progress", *FINAL)
_FOREVER = float("inf")
Fields = dict[str, tuple[Callable[[Any], bool], str]]


class BadScript(ValueError):
    """Invalid script; the message says what is wrong with it."""


@dataclass
class Script:
    """One script: the request and the number that it applies to, how often it is left, and its effects."""

    request: str
    number: str | None
    left: float
    happens: dict[str, Any]

    @property
    def is_about_the_request(self) -> bool:
        """Whether it has no number, and nothing about a person's behaviour."""
        return self.number is None and not _PERSON & set(self.happens)


class Scripts:
    """All scripts, the oldest first; a request uses the first one that fits."""

    def __init__(self) -> None:
        self._scripts: list[Script] = []

    def add(self, data: Any) -> None:
        """Add a script; BadScript if it is invalid."""
        _check(data, _SCRIPT, "")
        others = [name for name in OTHERS if name in data]
        happens = {name: value for name, value in data.items() if name not in ("number", "times")}
        if others and len(happens) > 1:
            raise BadScript(f"{others[0]!r} needs a script of its own")
        request = others[0] if others else "create"
        happens = happens[others[0]] if others else happens
        if not happens:
            raise BadScript("nothing happens in it")
        if "refuse" in happens and "fault" in happens:
            raise BadScript("'refuse' and 'fault' exclude each other")
        if "made" in happens and "fault" not in happens:
            raise BadScript("'made' needs a 'fault'")
        self._scripts.append(Script(request, data.get("number"), data.get("times", _FOREVER), happens))

    def take(self, request: str, number: str | None) -> dict[str, Any]:
        """The effects on this request about a call to that number."""
        return self._take(request, lambda script: script.number in (None, number))

    def take_for_agent(self, number: str) -> dict[str, Any]:
        """The same for an agent's phone; scripts for any person's behaviour do not apply to it."""
        return self._take("create", lambda script: script.number == number or script.is_about_the_request)

    def take_named(self, number: str) -> dict[str, Any]:
        """The effects on a call to that number that was not created by a POST."""
        return self._take("create", lambda script: script.number == number)

    def _take(self, request: str, fits: Callable[["Script"], bool]) -> dict[str, Any]:
        for script in self._scripts:
            if script.left > 0 and script.request == request and fits(script):
                script.left -= 1
                return script.happens
        return {}

    def clear(self) -> None:
        self._scripts.clear()

    def pending(self) -> list[dict[str, Any]]:
        """The scripts that are not used up."""
        return [
            {"number": script.number, "times": None if script.left == _FOREVER else script.left}
            | (script.happens if script.request == "create" else {script.request: script.happens})
            for script in self._scripts
            if script.left > 0
        ]


def _check(data: Any, fields: Fields, where: str) -> None:
    if not isinstance(data, dict):
        raise BadScript(f"{where or 'a script'} must be an object")
    for name, value in data.items():
        if name not in fields:
            raise BadScript(f"{name!r} is not one of {where or 'a script'}'s fields: {', '.join(fields)}")
        nested = _NESTED.get(name)
        if nested:
            _check(value, nested, repr(name))
        elif not fields[name][0](value):
            raise BadScript(f"{name!r} must be {fields[name][1]}, not {value!r}")


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _count(value: Any) -> bool:
    return _number(value) and isinstance(value, int) and value > 0


def _losses(value: Any, known: tuple[str, ...] = _STATUSES) -> bool:
    if isinstance(value, list):
        return all(status in known for status in value)
    return isinstance(value, bool) or (_number(value) and 0 <= value <= 1)


_SECONDS = (lambda value: _number(value) and value >= 0, "a number of seconds")
_TRUTH = (lambda value: isinstance(value, bool), "true or false")
_COUNT = (_count, "a whole number, at least 1")
_ANSWER: Fields = {
    "refuse": (lambda value: _count(value) and 10_000 <= value <= 99_999, "one of Twilio's error codes"),
    "fault": (lambda value: str(value) in FAULTS, f"one of {', '.join(FAULTS)}"),
    "delay_s": _SECONDS,
}
_CALLBACKS: Fields = {
    "lose": (_losses, f"true, a share, or a list of {', '.join(_STATUSES)}"),
    "repeat": _COUNT,
    "delay_s": _SECONDS,
    "shuffle": _TRUTH,
}
_ROOM: Fields = _CALLBACKS | {
    "lose": (lambda value: _losses(value, ROOM_EVENTS), f"true, a share, or a list of {', '.join(ROOM_EVENTS)}"),
}
_DOCUMENTS: Fields = {"lose": _TRUTH, "repeat": _COUNT, "delay_s": _SECONDS}
_NESTED = {"callbacks": _CALLBACKS, "room": _ROOM, "documents": _DOCUMENTS} | dict.fromkeys(OTHERS, _ANSWER)
PERSON: Fields = {
    "talk_s": _SECONDS,
    "presses": (lambda value: value is None or bool(re.fullmatch(r"[0-9*#]*", str(value))), "digits, or null"),
    "presses_after_s": _SECONDS,
    "room": (lambda _: True, ""),
    "documents": (lambda _: True, ""),
}
_SCRIPT: Fields = {
    "number": (lambda value: str(value).startswith(("+", "client:", "sip:")), "a number in E.164"),
    "times": _COUNT,
    "outcome": (lambda value: value in OUTCOMES, f"one of {', '.join(OUTCOMES)}"),
    "ring_s": _SECONDS,
    "sip_code": (lambda value: bool(re.fullmatch(r"[1-6]\d\d", str(value))), "a SIP status such as 486"),
    "skips": (
        lambda value: isinstance(value, list) and all(status in ("initiated", "ringing") for status in value),
        "a list of initiated, ringing",
    ),
    "answered_by": (lambda value: value in VERDICTS, f"one of {', '.join(VERDICTS)}"),
    "detected_after_s": _SECONDS,
    "greeting_s": _SECONDS,
    **PERSON,
    **_ANSWER,
    "made": _TRUTH,
    **dict.fromkeys(_NESTED, (lambda _: True, "")),
}
_PERSON = set(_SCRIPT) - {"number", "times", "made", "callbacks", "room", "documents", *_ANSWER}


def person(data: dict[str, Any]) -> dict[str, Any]:
    """The behaviour of a person who calls us, validated; BadScript if it is invalid."""
    _check(data, PERSON, "a person")
    return data
