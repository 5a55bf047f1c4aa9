"""Calling hours as an installation writes them down: `hours/<name>.json`, checked as it is read.

A file has a rule for the `world`, rules for `countries`, which may have `states`, and lists of `holidays`; a country
may also name another one whose rule it shares. A rule is `{"week": …, "closed": …, "from": {"2027-01-01": week}}`.
Its week is `{"mon-fri": "09:00-12:30 14:00-20:00", "sat": "10:00-16:00"}`: a day without hours is closed. `closed`
lists dates (`12-25`, `2027-03-26`) or names one of the `holidays`; `from` holds weeks that replace the first one from
a date on. `{"unrestricted": true}` is no hours at all. What only informs people, such as `source`, is not read.
"""

import json
import re
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

from autocall.calling_hours import Hours, Minutes, Rule, Week

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_FOLDER = Path(__file__).with_name("hours")
_NAME = re.compile(r"[a-z0-9_-]{1,64}")
_CLOCK = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CLOSED = re.compile(r"(?:[0-9]{4}-)?[0-9]{2}-[0-9]{2}")


class BadHours(ValueError):
    """Hours that cannot be understood, in words for whoever wrote them."""


def load_hours(name: str) -> Hours:
    """The hours in `hours/<name>.json`."""
    if not _NAME.fullmatch(name):
        raise BadHours(f"calling hours have a name of [a-z0-9_-], not {name!r}")
    try:
        told = json.loads((_FOLDER / f"{name}.json").read_bytes())
    except FileNotFoundError:
        raise BadHours(f"there are no calling hours named {name!r}") from None
    except ValueError as error:
        raise BadHours(f"{name}.json is not JSON: {error}") from None
    return read_hours(told)


def read_hours(told: Any) -> Hours:
    """The hours that a file means."""
    if _object("calling hours", told).get("unrestricted") is True:
        return Hours()
    holidays = _object("holidays", told.get("holidays", {}))
    countries = _object("countries", told.get("countries", {}))
    places: dict[str, Rule] = {}
    for country, rule in countries.items():
        if not isinstance(rule, str):
            places |= _places(country, _object(country, rule), holidays)
    for country, like in countries.items():
        if isinstance(like, str):
            if like not in places:
                raise BadHours(f"{country}: {like!r} is no country with a rule of its own")
            places[country] = places[like]
    return Hours(_rule("world", told.get("world"), holidays), places)


def minutes(clock: Any) -> int:
    """The minutes from midnight to a time of day such as 08:30; 24:00 is the end of the day."""
    if not (isinstance(clock, str) and _CLOCK.fullmatch(clock)):
        raise BadHours(f"{clock!r} is no time of day such as '08:30'")
    return int(clock[:2]) * 60 + int(clock[3:])


def _object(what: str, told: Any) -> Mapping[str, Any]:
    if not isinstance(told, dict):
        raise BadHours(f"{what}: must be a JSON object")
    return told


def _places(country: str, told: Mapping[str, Any], holidays: Mapping[str, Any]) -> dict[str, Rule]:
    states = _object(f"{country}: its states", told.get("states", {}))
    own = {f"{country}-{state}": _rule(f"{country}-{state}", rule, holidays) for state, rule in states.items()}
    return {country: _rule(country, told, holidays), **own}


def _rule(place: str, told: Any, holidays: Mapping[str, Any]) -> Rule:
    first = ("", _week(place, _object(place, told).get("week")))
    later = sorted(_object(place, told.get("from", {})).items())
    if not all(_DATE.fullmatch(since) for since, _ in later):
        raise BadHours(f"{place}: a week is from a date on, such as 2027-01-01")
    closed = told.get("closed", [])
    closed = holidays.get(closed) if isinstance(closed, str) else closed
    if not (isinstance(closed, list) and all(isinstance(day, str) and _CLOSED.fullmatch(day) for day in closed)):
        raise BadHours(f"{place}: closed is a list of dates, or the name of one of the holidays")
    return Rule((first, *((since, _week(place, week)) for since, week in later)), frozenset(closed))


def _week(place: str, told: Any) -> Week:
    week: list[tuple[Minutes, ...]] = [()] * 7
    for names, stretches in _object(f"{place}: its week", told).items():
        days = _days(place, names)
        week[days.start : days.stop] = [_stretches(place, stretches)] * len(days)
    return tuple(week)


def _days(place: str, names: str) -> range:
    first, _, last = names.partition("-")
    last = last or first
    if first not in DAYS or last not in DAYS or DAYS.index(last) < DAYS.index(first):
        raise BadHours(f"{place}: {names!r} is no day, nor days in order: {' '.join(DAYS)}")
    return range(DAYS.index(first), DAYS.index(last) + 1)


def _stretches(place: str, told: Any) -> tuple[Minutes, ...]:
    ends = [text.split("-") for text in str(told).split()]
    if not all(len(pair) == 2 for pair in ends):
        raise BadHours(f"{place}: {told!r} is not like '08:00-12:00 14:00-21:00'")
    clocks = [minutes(clock) for pair in ends for clock in pair]
    if any(clock >= later for clock, later in pairwise(clocks)):
        raise BadHours(f"{place}: {told!r} is not in order")
    return tuple(zip(clocks[::2], clocks[1::2], strict=True))
