"""A row of the Leads table in every state that it can be in."""

from typing import Any

from autocall import leads, reasons
from autocall.timing import Timing, stamp

NOW = 1_780_000_000.0
USER, MINE, SID = "agent", "mine", "CA1"
TIMING = Timing()
CLAIMED_AT = NOW - 60

_PAST, _SOON = stamp(NOW - 100), stamp(NOW + 100)
_BASE: dict[str, Any] = {"phone": "+15005550100", "name": "Ada", "imported_at": _PAST, "version": 7, "write_id": "w"}
_WAITING = _BASE | {"call_status": "pending", "has_been_called": False, "due": leads.DUE_WAIT + _PAST}
_ATTEMPT = {"attempt_id": MINE, "claimed_at": stamp(CLAIMED_AT), "has_been_called": True}
_DNC = {"dnc": {"since": _PAST, "by": USER}}

STATES: dict[str, dict[str, Any]] = {
    "none": {},
    "stub": {"phone": "+15005550100", "version": 1} | _DNC,
    "pending": _WAITING,
    "held": _WAITING | {"held": {"reason": "hours", "since": _PAST}, "due": leads.DUE_WAIT + _SOON},
    "released": _WAITING | {"attempt_id": MINE, "claimed_at": stamp(CLAIMED_AT)},
    "wanted again": _WAITING
    | {"attempt_id": MINE, "claimed_at": stamp(CLAIMED_AT), "call_sid": SID, "ended_at": _PAST, "calls": 1},
    "forbidden": _WAITING | _DNC,
    "parked": {name: value for name, value in _WAITING.items() if name != "due"} | _DNC,
    "deleted": {"call_status": "pending", "has_been_called": False, "deleted_at": _PAST, "version": 8},
    "deleted after its call": {"call_status": "completed", "deleted_at": _PAST, "call_sid": SID} | _ATTEMPT,
    "claimed": _BASE | _ATTEMPT | {"call_status": "claimed", "due": leads.DUE_LINE + _SOON},
    "unknown": _BASE | _ATTEMPT | {"call_status": "unknown", "reason": reasons.TIMEOUT, "due": leads.DUE_LINE + _SOON},
    "lost": _BASE | _ATTEMPT | {"call_status": "unknown", "reason": "no such call", "due": leads.DUE_LOST + _SOON},
    **{
        status: _BASE | _ATTEMPT | {"call_status": status, "call_sid": SID, "due": leads.DUE_LINE + _SOON}
        for status in leads.LIVE
    },
    **{
        status: _BASE | _ATTEMPT | {"call_status": status, "call_sid": SID, "ended_at": _PAST, "duration_s": 9}
        for status in leads.FINAL
    },
    "talked": _BASE
    | _ATTEMPT
    | {"call_status": "completed", "call_sid": SID, "joined_at": _PAST, "ended_at": _PAST, "calls": 1},
}
ALL = frozenset(STATES)
LIVE, FINAL = frozenset(leads.LIVE), frozenset(leads.FINAL)
