"""Whether a lead may be called now, by the hours of every place it can be in. Pure.

The hours need only the lead's `zones`, because the index of waiting leads has nothing else. Each is a place and a time
zone, `DE/Europe/Berlin` or `US-FL/America/New_York`. All of them must be open: by the rule of the place, and within the
agent's own window, `{"from": "09:00", "to": "17:30", "days": [1, 2, 3, 4, 5]}`, both in the lead's local time. What is
not known counts as closed. What else a law requires is on the lead's own row: `autocall.terms`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from autocall import reasons
from autocall.calling_hours import CONFIRM, CONSENT, Hours, Rule, Week
from autocall.hours_file import BadHours, load_hours, minutes
from autocall.local_time import UnknownZone, first_common_opening, open_spans, zone
from autocall.terms import BASES, Terms
from autocall.timing import DAY_S, FAR

__all__ = [
    "BadHours",
    "Held",
    "Hours",
    "UnknownZone",
    "caps_in_force",
    "lead_gate",
    "load_hours",
    "mode_gate",
    "opens_wider",
    "rules_in_force",
    "validate_window",
]

Jurisdictions = list[tuple[str, ZoneInfo]]
Pairs = frozenset[tuple[ZoneInfo, Rule]]

HORIZON_S = 8 * DAY_S
RECHECK_S = DAY_S

_ZONE = re.compile(r"([A-Z]{2}(?:-[A-Z0-9]{1,3})?)/(.+)")
_EVERY_KIND = [
    Terms(basis, recorded=recorded).kinds(consented)
    for basis in BASES
    for recorded in (True, False)
    for consented in (True, False)
]
_EVERY_DAY = [1, 2, 3, 4, 5, 6, 7]


@dataclass(frozen=True)
class Held:
    """Why a lead is not called now, and when to check again (None: when a person has changed something)."""

    reason: str
    until: float | None = None


def lead_gate(
    zones: Iterable[str],
    window: Mapping[str, Any] | None,
    hours: Hours,
    now: float,
    terms: Terms | None = None,
    closed: Mapping[str, float] = MappingProxyType({}),
) -> Held | None:
    """None if the lead may be called now; `until` is the first moment when all its zones are open together.

    Without *terms*, as in the index, a lead is held only if no call of any kind could start. *closed* are the places
    that an operator has closed, each until a moment.

    Reason `zone`: the zones are unknown or never open together. Reason `window`: the agent's window is invalid. Both
    are checked again a day later, like hours that never open. Reasons `consent` and `confirm`: only a person can
    release the lead.
    """
    closed = {jurisdiction: until for jurisdiction, until in closed.items() if until > now}
    if hours.unrestricted and window is None and not closed:
        return None
    try:
        jurisdictions = _jurisdictions(zones)
        own = {_window_rule(window)} if window is not None else set()
    except UnknownZone:
        only_closed = hours.unrestricted and window is None
        return Held(reasons.CLOSED, max(closed.values())) if only_closed else Held(reasons.ZONE, now + RECHECK_S)
    except BadHours:
        return Held(reasons.WINDOW, now + RECHECK_S)
    if terms and (asked := mode_gate(zones, hours, now, terms)):
        return asked
    shut = max(
        (
            until
            for one, until in closed.items()
            if any(_covers(one, jurisdiction) for jurisdiction, _ in jurisdictions)
        ),
        default=now,
    )
    windows = {(zone_, rule) for _, zone_ in jurisdictions for rule in own}
    held = [_hours_gate(pairs | windows, shut) for pairs in _timetables(jurisdictions, hours, now, terms)]
    soonest = None if None in held else min(filter(None, held), key=lambda one: one.until or FAR)
    if shut > now:
        return Held(reasons.CLOSED, soonest.until if soonest else shut)
    return soonest


def mode_gate(zones: Iterable[str], hours: Hours, now: float, terms: Terms) -> Held | None:
    """Held if a place requires consent, or a person to start the call, and the lead lacks it; the strictest counts."""
    if hours.unrestricted:
        return None
    in_force = [
        one
        for jurisdiction in {jurisdiction for jurisdiction, _ in _jurisdictions(zones)}
        for one in _in_force(jurisdiction, hours, now, terms)
    ]
    if any(rule.mode == CONSENT and not consented for _, rule, consented in in_force):
        return Held(reasons.CONSENT, FAR)
    confirmed = terms.confirmed_until is not None and now < terms.confirmed_until
    if any(rule.mode == CONFIRM for _, rule, _ in in_force) and not confirmed:
        return Held(reasons.CONFIRM, FAR)
    return None


def caps_in_force(zones: Iterable[str], hours: Hours, now: float, terms: Terms) -> set[tuple[int, float]]:
    """How many calls in how many seconds the number may get, by every place where it can be; raises UnknownZone."""
    if hours.unrestricted:
        return set()
    return {cap for _, rule in rules_in_force(zones, hours, now, terms) for cap in rule.caps}


def rules_in_force(zones: Iterable[str], hours: Hours, now: float, terms: Terms) -> list[tuple[str, Rule]]:
    """The rules that apply to a call to the lead, each with its place; raises UnknownZone if its zones are unknown."""
    jurisdictions = sorted({jurisdiction for jurisdiction, _ in _jurisdictions(zones)})
    return [
        (name, rule) for jurisdiction in jurisdictions for name, rule, _ in _in_force(jurisdiction, hours, now, terms)
    ]


def _hours_gate(pairs: Pairs, now: float) -> Held | None:
    required = list(pairs)
    if not required:
        return None
    opens = _first_opening(required, now)
    if opens is None:
        each_opens = all(_first_opening([one for one in required if one[0] is tz], now) for tz, _ in required)
        return Held(reasons.ZONE if each_opens else reasons.HOURS, now + RECHECK_S)
    return Held(reasons.HOURS, opens) if opens > now else None


def _jurisdictions(zones: Iterable[str]) -> list[tuple[str, ZoneInfo]]:
    """Every place with its time zone; raises UnknownZone if there is none."""
    found = [_ZONE.fullmatch(str(zone)) for zone in set(zones)]
    if not found:
        raise UnknownZone("no zones")
    if None in found:
        raise UnknownZone("not a place and a zone")
    return [(match[1], zone(match[2])) for match in found if match]


def _timetables(jurisdictions: Jurisdictions, hours: Hours, now: float, terms: Terms | None) -> set[Pairs]:
    """The zones and rules that must all be open: for this call, or for each kind of call to the lead."""
    if terms:
        this = (
            (zone_, rule)
            for jurisdiction, zone_ in jurisdictions
            for _, rule, _ in _in_force(jurisdiction, hours, now, terms)
        )
        return {frozenset((zone_, rule.only_hours) for zone_, rule in this)}
    named = [(zone_, rule) for jurisdiction, zone_ in jurisdictions for rule in hours.rules(jurisdiction)]
    kinds = _EVERY_KIND if any(rule.variants for _, rule in named) else _EVERY_KIND[:1]
    return {frozenset((at, one.only_hours) for at, rule in named for one in rule.of_kind(kind)) for kind in kinds}


def _in_force(jurisdiction: str, hours: Hours, now: float, terms: Terms) -> Iterator[tuple[str, Rule, bool]]:
    """The rules that apply to this call: the place of each, the rule, and whether there is consent.

    An installation may vouch for the consent, until it has ended.
    """
    for name, rule in hours.by_jurisdiction(jurisdiction).items():
        trusted = (hours.trusts(name) or hours.trusts(jurisdiction)) and not terms.withdrawn(now)
        consented = trusted or terms.consented(rule, now)
        yield from ((name, one, consented) for one in rule.of_kind(terms.kinds(consented)))


def _covers(closed: str, jurisdiction: str) -> bool:
    """Whether a lead in *jurisdiction* may be in the *closed* place: the same, one of its states, or its country."""
    return closed == jurisdiction or jurisdiction.startswith(f"{closed}-") or closed.startswith(f"{jurisdiction}-")


def _first_opening(required: list[tuple[ZoneInfo, Rule]], now: float) -> float | None:
    end = now + HORIZON_S
    return first_common_opening([open_spans(tz, rule, now, end) for tz, rule in required], now)


def validate_window(window: Any) -> dict[str, Any] | None:
    """Validate an agent's window and fill in its days; None is no window. BadHours says what is wrong."""
    if window is None:
        return None
    if not isinstance(window, Mapping) or not {"from", "to"} <= set(window) <= {"from", "to", "days"}:
        raise BadHours("must be {from, to, days}, or null")
    if minutes(window["from"]) >= minutes(window["to"]):
        raise BadHours("from must be before to, on the same day")
    days = window.get("days", _EVERY_DAY)
    if not isinstance(days, list) or not days or not all(type(day) is int and 1 <= day <= 7 for day in days):
        raise BadHours("days must list at least one of 1 (Monday) to 7 (Sunday)")
    return {"from": window["from"], "to": window["to"], "days": sorted(set(days))}


def opens_wider(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> bool:
    """Whether *new* is open at some minute of the week at which *old* was closed."""
    if old is None or new is None:
        return old is not None
    return any(
        after and (not before or after[0][0] < before[0][0] or after[0][1] > before[0][1])
        for before, after in zip(_window_week(old), _window_week(new), strict=True)
    )


def _window_rule(window: Mapping[str, Any]) -> Rule:
    return Rule((("", _window_week(window)),))


def _window_week(window: Mapping[str, Any]) -> Week:
    checked = validate_window(window)
    assert checked
    stretch = (minutes(checked["from"]), minutes(checked["to"]))
    return tuple((stretch,) if day in checked["days"] else () for day in _EVERY_DAY)
