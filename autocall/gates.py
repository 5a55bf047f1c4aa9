"""Whether a lead may be called now, by the hours of every place it can be in. Pure.

A lead's `zones` say all that this needs of it, for the index of waiting leads carries nothing else: each is a place and
a time zone, `DE/Europe/Berlin` or `US-FL/America/New_York`. All of them must be open: by the rule of the place, and
within the agent's own window, `{"from": "09:00", "to": "17:30", "days": [1, 2, 3, 4, 5]}`, both in the lead's local
time. What cannot be known is closed.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from autocall import reasons
from autocall.calling_hours import Hours, Rule, Week
from autocall.hours_file import BadHours, load_hours, minutes
from autocall.local_time import UnknownZone, first_together, open_spans, zone
from autocall.timing import DAY_S

__all__ = ["BadHours", "Held", "Hours", "lead_gate", "load_hours", "opens_wider", "validate_window"]

HORIZON_S = 8 * DAY_S
AGAIN_S = DAY_S

_ZONE = re.compile(r"([A-Z]{2}(?:-[A-Z0-9]{1,3})?)/(.+)")
_EVERY_DAY = [1, 2, 3, 4, 5, 6, 7]


@dataclass(frozen=True)
class Held:
    """Why a lead is not called now, and when to look again (None: when a person has changed something)."""

    reason: str
    until: float | None = None


def lead_gate(zones: Iterable[str], window: Mapping[str, Any] | None, hours: Hours, now: float) -> Held | None:
    """None if the lead may be called now; `until` is the first moment when all its zones are open together.

    Held for `zone` is one whose zones are not known, or so many that they are never open together; for `window` one
    whose agent has a window that is none. Both are looked at again a day later, like hours that never come.
    """
    if hours.unrestricted and window is None:
        return None
    try:
        closures = list(_closures(zones, window, hours))
    except UnknownZone:
        return Held(reasons.ZONE, now + AGAIN_S)
    except BadHours:
        return Held(reasons.WINDOW, now + AGAIN_S)
    opens = _first(closures, now)
    if opens is None:
        each_opens = all(_first([one for one in closures if one[0] is place], now) for place, _ in closures)
        return Held(reasons.ZONE if each_opens else reasons.HOURS, now + AGAIN_S)
    return Held(reasons.HOURS, opens) if opens > now else None


def _closures(zones: Iterable[str], window: Mapping[str, Any] | None, hours: Hours) -> Iterator[tuple[ZoneInfo, Rule]]:
    """Every pair of a zone and a rule that must be open; UnknownZone if there is none."""
    known = set(zones)
    if not known:
        raise UnknownZone("none")
    own = {_window_rule(window)} if window is not None else set()
    for told in known:
        found = _ZONE.fullmatch(str(told))
        if not found:
            raise UnknownZone(told)
        for rule in hours.rules(found[1]) | own:
            yield zone(found[2]), rule


def _first(closures: list[tuple[ZoneInfo, Rule]], now: float) -> float | None:
    end = now + HORIZON_S
    return first_together([open_spans(place, rule, now, end) for place, rule in closures], now)


def validate_window(told: Any) -> dict[str, Any] | None:
    """An agent's window in full, None for no window; BadHours says what is wrong with it."""
    if told is None:
        return None
    if not isinstance(told, Mapping) or not {"from", "to"} <= set(told) <= {"from", "to", "days"}:
        raise BadHours("must be {from, to, days}, or null")
    if minutes(told["from"]) >= minutes(told["to"]):
        raise BadHours("from must be before to, on the same day")
    days = told.get("days", _EVERY_DAY)
    if not isinstance(days, list) or not days or not all(type(day) is int and 1 <= day <= 7 for day in days):
        raise BadHours("days is a list of 1 (Monday) to 7 (Sunday), with at least one of them")
    return {"from": told["from"], "to": told["to"], "days": sorted(set(days))}


def opens_wider(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> bool:
    """Whether there is a minute of the week when *new* is open and *old* was not."""
    if old is None or new is None:
        return old is not None
    return any(
        after and (not before or after[0][0] < before[0][0] or after[0][1] > before[0][1])
        for before, after in zip(_window_week(old), _window_week(new), strict=True)
    )


def _window_rule(told: Mapping[str, Any]) -> Rule:
    return Rule((("", _window_week(told)),))


def _window_week(told: Mapping[str, Any]) -> Week:
    window = validate_window(told)
    assert window
    stretch = (minutes(window["from"]), minutes(window["to"]))
    return tuple((stretch,) if day in window["days"] else () for day in _EVERY_DAY)
