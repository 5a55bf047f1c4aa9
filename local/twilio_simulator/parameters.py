"""Parses and validates the form of a POST that creates a call."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from multidict import MultiMapping

from local.twilio_simulator.progress import EVENTS

_NUMBER = re.compile(r"\+[1-9]\d{6,14}")
_OTHER = re.compile(r"client:.+|sip:.+@.+")
_APPLICATION = re.compile(r"AP[0-9a-fA-F]{32}")
_MAGIC_TO = {"+15005550001": 21217, "+15005550002": 21214, "+15005550003": 21215, "+15005550004": 21216}
_MAGIC_INVALID, _MAGIC_FROM = "+15005550001", "+15005550006"


def read(raw: MultiMapping[Any]) -> dict[str, Any]:
    """The form of a POST as a dict; only StatusCallbackEvent is a list."""
    form: dict[str, Any] = {name: str(raw[name]) for name in raw}
    events = [str(event) for event in raw.getall("StatusCallbackEvent", [])]
    return form | {"StatusCallbackEvent": [name for event in events for name in event.split()]}


def wrong(form: dict[str, Any], *, test: bool) -> int | None:
    """Twilio's error code for the first invalid parameter; None if all are valid. *test*: test credentials."""
    return _wrong_numbers(form, test) or _wrong_instructions(form) or _wrong_callback(form)


def _wrong_numbers(form: dict[str, Any], test: bool) -> int | None:
    to, sender = form.get("To", ""), form.get("From", "")
    if not to:
        return 21201
    if not sender:
        return 21213
    if sender == _MAGIC_INVALID:
        return 21212
    if test and sender != _MAGIC_FROM:
        return 21210
    if to in _MAGIC_TO:
        return _MAGIC_TO[to]
    if to == sender or not (_NUMBER.fullmatch(to) or _OTHER.fullmatch(to)):
        return 21211
    if not (_NUMBER.fullmatch(sender) or (_OTHER.fullmatch(sender) and not _NUMBER.fullmatch(to))):
        return 21212
    return None


def _wrong_instructions(form: dict[str, Any]) -> int | None:
    if form.get("ApplicationSid"):
        return None if _APPLICATION.fullmatch(form["ApplicationSid"]) else 21218
    code = wrong_document(form)
    if code:
        return code
    timeout = form.get("Timeout", "60")
    if not timeout.isdecimal() or not 1 <= int(timeout) <= 600:
        return 21208
    return None if form.get("TimeLimit", "1").isdecimal() else 20001


def wrong_document(form: Mapping[str, str]) -> int | None:
    """The error code for an invalid URL of a document, or for an invalid inline document."""
    if form.get("Method", "POST") not in ("GET", "POST"):
        return 21209
    if form.get("Url"):
        return None if _is_address(form["Url"]) else 21205
    if not form.get("Twiml"):
        return 21205
    return 32018 if len(form["Twiml"]) > 4000 else None


def _wrong_callback(form: dict[str, Any]) -> int | None:
    if any(
        form.get(name, "POST") not in ("GET", "POST") for name in ("Method", "FallbackMethod", "StatusCallbackMethod")
    ):
        return 21209
    if form.get("StatusCallback") and not _is_address(form["StatusCallback"]):
        return 21609
    if form.get("FallbackUrl") and not _is_address(form["FallbackUrl"]):
        return 21205
    return 21626 if set(form["StatusCallbackEvent"]) - set(EVENTS) else None


def _is_address(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("http", "https") and bool(parts.hostname) and "_" not in str(parts.hostname)
