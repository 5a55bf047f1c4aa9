"""The simulator's time of day: the machine's, with an offset that tests can set."""

import time
from datetime import datetime
from email.utils import formatdate
from typing import Any


class BadTime(ValueError):
    """Invalid time for the clock; the message says why."""


class Clock:
    """The clock of calls, callbacks and list filters. The offset changes timestamps, and not how long things take."""

    def __init__(self) -> None:
        self.offset_s = 0.0

    def now(self) -> float:
        return time.time() + self.offset_s

    def set(self, setting: Any) -> None:
        """Set the clock with `{"offset_s": seconds}`, or to a time with `{"at": "2026-03-08T01:59:00Z"}`."""
        match setting:
            case {"offset_s": int() | float() as offset_s} if len(setting) == 1:
                self.offset_s = float(offset_s)
            case {"at": str() as at} if len(setting) == 1:
                self.offset_s = moment(at) - time.time()
            case _:
                raise BadTime('{"offset_s": seconds} or {"at": "2026-03-08T01:59:00Z"}')


def moment(text: str) -> float:
    """The moment of an ISO 8601 text; BadTime if it is invalid, or has no time zone."""
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadTime(str(error)) from error
    if parsed.tzinfo is None:
        raise BadTime(f"{text!r} has no time zone")
    return parsed.timestamp()


def rfc2822(moment: float) -> str:
    """A time as Twilio writes it: `Tue, 31 Aug 2010 20:36:28 +0000`."""
    return formatdate(moment).replace("-0000", "+0000")
