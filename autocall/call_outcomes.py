"""What Twilio's answers mean: the outcomes of a request for a call, a call as Twilio describes it, its codes. Pure."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, Literal

from autocall import reasons

# -- Twilio's error codes, and what they mean for a call that was not made; the classes are ours ---------------------

LEAD_CODES = frozenset({21202, 21211, 21214, 21217})
"""This number cannot be called (premium, invalid, unreachable): the lead has ended, the run goes on."""

PERMISSION_CODES = frozenset({21203, 21215, 21216, 21219})
"""The account may not call this number yet: the lead waits a day, the run goes on.

No international calls at all (21203), its country (21215), a trial (21219), or blocked by Twilio (21216): for fraud, or
because the account has no customer profile yet, and then so is every number of +1 (twilio.com/docs/errors/21216).
"""

BLOCKED = 21216
"""Of the permissions, the one that may be about a single number, for good: such a lead has ended after its last try."""

CALLER_ID_CODES = frozenset({21210, 21212, 21213, 21264, 21300, 32018})
"""Twilio refuses the number that calls are made from: it rests. An installation with one number has no other."""

ACCOUNT_CODES = frozenset(
    {
        *(10001, 10002, 10005),  # closed, a trial that may not, calls not enabled
        *(20003, 20004, 20005, 20006, 20008, 20010, 20403, 20404),  # credentials, suspended, another account's
        *(21201, 21205, 21206, 21208, 21209, 21218),  # a parameter that is the same for every lead
        *CALLER_ID_CODES,
    }
)
"""Twilio refuses whatever is asked of this account: everybody rests. All that stands here concerns every lead alike."""

TRIES = 5
"""A lead that met a code which stands in no set, so often, has ended with that code as its reason."""

THROTTLE_CODES = frozenset({10004, 20429, 22005})
"""Never processed and safe to repeat later."""

NOT_FOUND = 20404
"""Twilio itself knows no such call; any other 404 is of something on the way."""


# -- the outcomes of a request for a call, and a call ----------------------------------------------------------------


_DIGITS = re.compile(r"[0-9]{5}")
RefusalScope = Literal["lead", "permission", "account", "unlisted"]


@dataclass(frozen=True)
class Placed:
    """Twilio has the call."""

    sid: str


@dataclass(frozen=True)
class Refused:
    """No call was made. *scope*: `lead` (this number never), `permission` (not yet), `account` (no number at all).

    The scope of an `unlisted` code is not known: the next lead that is tried will show it.
    """

    scope: RefusalScope
    code: int
    reason: str


@dataclass(frozen=True)
class Throttled:
    """No call was made; later it may be. *detail* is for the log."""

    detail: str


@dataclass(frozen=True)
class NotSent:
    """No byte of the request left: no call was made. *detail* is for the log."""

    detail: str


@dataclass(frozen=True)
class Unknown:
    """A call may have been made: the machine never dials this lead again. *reason* is for pages, *detail* for logs."""

    reason: str
    detail: str


Outcome = Placed | Refused | Throttled | NotSent | Unknown


@dataclass(frozen=True)
class TwilioCall:
    """A call of Twilio's REST API, with its `status`; `created_at` is in seconds since the epoch."""

    sid: str
    status: str
    sender: str
    created_at: float | None
    duration_s: int | None

    @classmethod
    def parse(cls, payload: Mapping[str, Any]) -> "TwilioCall":
        """One call of an answer; raises Unreachable if it is not one."""
        try:
            created, duration = payload.get("date_created"), payload.get("duration")
            return cls(
                str(payload["sid"]),
                str(payload["status"]),
                str(payload.get("from")),
                parsedate_to_datetime(created).timestamp() if created else None,
                int(duration) if duration else None,
            )
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise Unreachable("Twilio's answer cannot be read") from error


class Unreachable(Exception):
    """Twilio gave no usable answer to a query; the query may be repeated later."""


# -- reading an answer -----------------------------------------------------------------------------------------------


def classify_response(status: int, text: str) -> Outcome:
    """Classify an answer to the POST: by its HTTP status first, then by Twilio's own code."""
    body = parse_object(text) or {}
    if 200 <= status < 300:
        sid = str(body.get("sid") or "")
        if sid.startswith("CA") and len(sid) == 34:
            return Placed(sid)
        return Unknown(reasons.NO_CLEAR_ANSWER, f"{status} without a call's SID")
    code = _code(body.get("code"))
    if status == 429 or (code in THROTTLE_CODES and 400 <= status < 500):
        return Throttled(f"Twilio asks for patience ({code or status})")
    if not 400 <= status < 500 or code is None:
        return Unknown(reasons.NO_CLEAR_ANSWER, f"Twilio answered {status}")
    return Refused(_scope(code), code, reasons.refused(code))


def _scope(code: int) -> RefusalScope:
    if code in LEAD_CODES:
        return "lead"
    if code in PERMISSION_CODES:
        return "permission"
    return "account" if code in ACCOUNT_CODES else "unlisted"


def _code(value: Any) -> int | None:
    """Twilio's own error code, as a number or, if it should come so, in quotes."""
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        return int(value)
    return value if type(value) is int else None


def parse_object(text: str) -> dict[str, Any] | None:
    """The JSON object of an answer; None if it is not one."""
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, dict) else None
