"""The simulator's time of day: the machine's, moved as a test wishes."""

import time
from datetime import datetime
from email.utils import formatdate
from typing import Any


class BadTime(ValueError):
    """A clock cannot be set like this; the text says why."""


class Clock:
    """What calls, callbacks and the list's filters take their times from; what takes time takes as long as ever."""

    def __init__(self) -> None:
        self.offset_s = 0.0

    def now(self) -> float:
        return time.time() + self.offset_s

    def set(self, told: Any) -> None:
        """By `{"offset_s": seconds}`, or `{"at": "2026-03-08T01:59:00Z"}` for what it shall show now."""
        match told:
            case {"offset_s": int() | float() as offset_s} if len(told) == 1:
                self.offset_s = float(offset_s)
            case {"at": str() as at} if len(told) == 1:
                self.offset_s = moment(at) - time.time()
            case _:
                raise BadTime('{"offset_s": seconds} or {"at": "2026-03-08T01:59:00Z"}')


def moment(text: str) -> float:
    """The moment that an ISO 8601 text names; BadTime if it names none, or leaves its zone open."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadTime(str(error)) from error
    if read.tzinfo is None:
        raise BadTime(f"{text!r} does not say in which zone")
    return read.timestamp()


def rfc2822(moment: float) -> str:
    """A time as Twilio writes it: `Tue, 31 Aug 2010 20:36:28 +0000`."""
    return formatdate(moment).replace("-0000", "+0000")
