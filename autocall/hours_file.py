"""Calling hours as an installation writes them down: `hours/<name>.json`, checked as it is read.

A file has a rule for the `world`, rules for `countries`, which may have `states`, and lists of `holidays`; a country
may also name another one whose rule it shares. `{"unrestricted": true}` is no hours at all. A rule has

- `week`: `{"mon-fri": "09:00-12:30 14:00-20:00", "sat": "10:00-16:00"}`; a day without hours is closed;
- `from`: weeks that replace the first one from a date on, `{"2027-01-01": week}`;
- `on`: hours of single dates, every year or once, `{"12-24": "10:00-18:30", "2027-05-04": "10:00-12:00"}`;
- `closed`: dates without hours (`12-25`, `2027-03-26`), or the name of one of the `holidays` of the file;
- `public_holidays`: `"closed"` for the place's own, and those that share the rule for theirs, from the
  file `hours/holidays.json`, which `make holidays` makes; beyond the years that it knows every day is closed;
- `half_day`: the hours that are left on a half day of those holidays; without it they are closed like whole ones;
- `eve`: the hours that are left on a day before a closed one, `"10:00-19:00"`;
- `mode`: what is asked before each call: `call` (nothing; the default), `confirm` (a person starts each call) or
  `consent` (only who has consented is called, and for `consent_days` if that is given);
- `at_most`: how often one number may be called, by all agents together: `{"24 hours": 3, "30 days": 4}`;
- `for`: rules for kinds of calls, each with what differs: `consumer` (who has no other basis), `customer`, `business`,
  `consented`, `recorded` (the call opens with a recording), `person`; where several fit, all of them must be open;
- where it comes from: `cite` (the law), `url`, `read_on` (the date when somebody last read it there), `confidence`
  (`high`: the law's own text or several independent reports; `medium`: one good report; `uncertain`: then the rule is
  the stricter reading) and a `note`. People and the page read these; the gate does not.

Any other key is refused: a rule that is misspelt would be no rule.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Any

from autocall.calling_hours import (
    CALL,
    CONFIRM,
    CONSENT,
    KINDS,
    MOST_COUNTED,
    Calendar,
    Hours,
    Rule,
    Stretches,
    Week,
)
from autocall.timing import DAY_S, HOUR_S

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_FOLDER = Path(__file__).with_name("hours")
_NAME = re.compile(r"[a-z0-9_-]{1,64}")
_CLOCK = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CLOSED = re.compile(r"(?:[0-9]{4}-)?[0-9]{2}-[0-9]{2}")
_DAYS_OF_A_YEAR = re.compile(r"(?:[0-9]{2}-[0-9]{2} ?)*")
_SAYS_WHEN = {"week", "from", "on", "closed", "public_holidays", "half_day", "eve", "mode", "consent_days", "at_most"}
_INFORMS = {"source", "cite", "url", "read_on", "confidence", "note"}
_HOLIDAYS = "holidays"
_SPAN = re.compile(r"([1-9][0-9]{0,3}) (hours|days)")
_LONGEST_SPAN_S = 366 * DAY_S

Calendars = Mapping[str, Calendar]


class BadHours(ValueError):
    """Hours that cannot be understood, in words for whoever wrote them."""


def load_hours(name: str, trusted: str = "") -> Hours:
    """The hours in `hours/<name>.json`, with the holidays in `hours/holidays.json`.

    *trusted* is the setting `trust_list_consent`: places with commas between, `all`, or nothing.
    """
    if not _NAME.fullmatch(name) or name == _HOLIDAYS:
        raise BadHours(f"calling hours have a name of [a-z0-9_-], not {name!r}")
    hours = read_hours(load_json(name), read_calendars(load_json(_HOLIDAYS)))
    return replace(hours, trusted=frozenset(filter(None, trusted.split(","))))


def load_json(name: str) -> Any:
    """The JSON in `hours/<name>.json`."""
    try:
        return json.loads((_FOLDER / f"{name}.json").read_bytes())
    except FileNotFoundError:
        raise BadHours(f"there are no calling hours named {name!r}") from None
    except ValueError as error:
        raise BadHours(f"{name}.json is not JSON: {error}") from None


def read_hours(told: Any, calendars: Calendars = MappingProxyType({})) -> Hours:
    """The hours that a file means."""
    if _object("calling hours", told).get("unrestricted") is True:
        return Hours()
    _refuse_the_rest("calling hours", told, {"about", "holidays", "world", "countries"})
    lists = _object("holidays", told.get("holidays", {}))
    countries = _object("countries", told.get("countries", {}))
    places: dict[str, Rule] = {}
    for country, rule in countries.items():
        if not isinstance(rule, str):
            places |= _places(country, _object(country, rule), lists, calendars)
    for country, like in countries.items():
        if isinstance(like, str):
            if like not in places:
                raise BadHours(f"{country}: {like!r} is no country with a rule of its own")
            places[country] = _shared(places[like], calendars.get(country))
    world = _object("world", told.get("world"))
    return Hours(_rule("world", world, lists, None), places)


def read_calendars(told: Any) -> dict[str, Calendar]:
    """The holidays that `hours/holidays.json` means: a line of days for each place and year."""
    whole = _object("holidays", _object("holidays.json", told).get("holidays"))
    halves = _object("half_days", told.get("half_days"))
    return {place: Calendar(_years(place, days), _years(place, halves.get(place, {}))) for place, days in whole.items()}


def minutes(clock: Any) -> int:
    """The minutes from midnight to a time of day such as 08:30; 24:00 is the end of the day."""
    if not (isinstance(clock, str) and _CLOCK.fullmatch(clock)):
        raise BadHours(f"{clock!r} is no time of day such as '08:30'")
    return int(clock[:2]) * 60 + int(clock[3:])


def _object(what: str, told: Any) -> Mapping[str, Any]:
    if not isinstance(told, dict):
        raise BadHours(f"{what}: must be a JSON object")
    return told


def _refuse_the_rest(what: str, told: Mapping[str, Any], known: set[str]) -> None:
    for name in told:
        if name not in known:
            raise BadHours(f"{what}: {name!r} says nothing here; there are {', '.join(sorted(known))}")


def _shared(rule: Rule, own: Calendar | None) -> Rule:
    """The rule of another country, with the holidays of one's own where they are known."""
    variants = tuple((kind, _shared(one, own)) for kind, one in rule.variants)
    return replace(rule, calendar=rule.calendar and (own or rule.calendar), variants=variants)


def _years(place: str, told: Any) -> Mapping[str, str]:
    for year, days in _object(place, told).items():
        if not (isinstance(days, str) and _DAYS_OF_A_YEAR.fullmatch(days)):
            raise BadHours(f"holidays.json: {place} {year}: must be days such as '01-01 12-25'")
    years: Mapping[str, str] = told
    return years


def _places(country: str, told: Mapping[str, Any], lists: Mapping[str, Any], calendars: Calendars) -> dict[str, Rule]:
    states = {
        f"{country}-{state}": rule for state, rule in _object(f"{country}: its states", told.get("states", {})).items()
    }
    own = {name: value for name, value in told.items() if name != "states"}
    return {
        country: _rule(country, own, lists, calendars.get(country)),
        **{place: _rule(place, _object(place, rule), lists, calendars.get(place)) for place, rule in states.items()},
    }


def _rule(place: str, told: Mapping[str, Any], lists: Mapping[str, Any], calendar: Calendar | None) -> Rule:
    _refuse_the_rest(place, told, _SAYS_WHEN | _INFORMS | {"for"})
    first = ("", _week(place, told.get("week")))
    later = sorted(_object(place, told.get("from", {})).items())
    if not all(_DATE.fullmatch(since) for since, _ in later):
        raise BadHours(f"{place}: a week is from a date on, such as 2027-01-01")
    return Rule(
        weeks=(first, *((since, _week(place, week)) for since, week in later)),
        closed=_closed(place, told.get("closed", []), lists),
        calendar=_calendar(place, told.get("public_holidays"), calendar),
        dates=_on(place, _object(f"{place}: on", told.get("on", {}))),
        half_day=_stretches(place, told.get("half_day", "")),
        eve=_stretches(place, told["eve"]) if "eve" in told else None,
        mode=_mode(place, told.get("mode", CALL)),
        consent_days=_consent_days(place, told.get("consent_days")),
        caps=_caps(place, _object(f"{place}: at_most", told.get("at_most", {}))),
        variants=_variants(place, told, lists, calendar),
    )


def _mode(place: str, told: Any) -> str:
    if told not in (CALL, CONFIRM, CONSENT):
        raise BadHours(f"{place}: {told!r} is no mode: there are {CALL}, {CONFIRM} and {CONSENT}")
    return str(told)


def _consent_days(place: str, told: Any) -> int | None:
    if told is not None and (type(told) is not int or told < 1):
        raise BadHours(f"{place}: consent_days is a whole number of days")
    return told


def _caps(place: str, told: Mapping[str, Any]) -> tuple[tuple[int, float], ...]:
    """How many calls in how many seconds; a number's calls are not remembered for longer than a year."""
    found = []
    for span, most in told.items():
        match = _SPAN.fullmatch(span)
        seconds = int(match[1]) * (HOUR_S if match[2] == "hours" else DAY_S) if match else 0
        if not 0 < seconds <= _LONGEST_SPAN_S or type(most) is not int or not 1 <= most <= MOST_COUNTED:
            raise BadHours(f"{place}: at_most is like {{'24 hours': 3}}: 1 to {MOST_COUNTED} calls, 366 days at most")
        found.append((most, float(seconds)))
    return tuple(sorted(found))


def _variants(
    place: str, told: Mapping[str, Any], lists: Mapping[str, Any], calendar: Calendar | None
) -> tuple[tuple[str, Rule], ...]:
    """The rules for kinds of calls: what differs, laid over the rule itself."""
    differs = _object(f"{place}: for", told.get("for", {}))
    _refuse_the_rest(f"{place}: for", differs, set(KINDS))
    own = {name: value for name, value in told.items() if name != "for"}
    return tuple(
        (kind, _variant(f"{place}, {kind}", own, _object(f"{place}, {kind}", change), lists, calendar))
        for kind, change in differs.items()
    )


def _variant(
    place: str, own: Mapping[str, Any], change: Mapping[str, Any], lists: Mapping[str, Any], calendar: Calendar | None
) -> Rule:
    _refuse_the_rest(place, change, _SAYS_WHEN | _INFORMS)
    return _rule(place, {**own, **change}, lists, calendar)


def _closed(place: str, told: Any, lists: Mapping[str, Any]) -> frozenset[str]:
    days = lists.get(told) if isinstance(told, str) else told
    if not (isinstance(days, list) and all(isinstance(day, str) and _CLOSED.fullmatch(day) for day in days)):
        raise BadHours(f"{place}: closed is a list of dates, or the name of one of the holidays")
    return frozenset(days)


def _calendar(place: str, told: Any, calendar: Calendar | None) -> Calendar | None:
    if told is None:
        return None
    if told != "closed":
        raise BadHours(f"{place}: public_holidays can only be 'closed'")
    if calendar is None:
        raise BadHours(f"{place}: holidays.json does not have its public holidays: make holidays")
    return calendar


def _on(place: str, told: Mapping[str, Any]) -> tuple[tuple[str, Stretches], ...]:
    if not all(_CLOSED.fullmatch(day) for day in told):
        raise BadHours(f"{place}: on has the hours of dates, such as 12-24 or 2027-12-24")
    return tuple((day, _stretches(place, hours)) for day, hours in sorted(told.items()))


def _week(place: str, told: Any) -> Week:
    week: list[Stretches] = [()] * 7
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


def _stretches(place: str, told: Any) -> Stretches:
    ends = [text.split("-") for text in str(told).split()]
    if not isinstance(told, str) or not all(len(pair) == 2 for pair in ends):
        raise BadHours(f"{place}: {told!r} is not like '08:00-12:00 14:00-21:00'")
    clocks = [minutes(clock) for pair in ends for clock in pair]
    if any(clock >= later for clock, later in pairwise(clocks)):
        raise BadHours(f"{place}: {told!r} is not in order")
    return tuple(zip(clocks[::2], clocks[1::2], strict=True))
