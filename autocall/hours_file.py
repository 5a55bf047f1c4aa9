"""Parses and validates an installation's calling hours, `hours/<name>.json`.

A file has a rule for the `world`, rules for `countries`, which may have `states`, and lists of `holidays`. A country
may name another country and share its rule. `{"unrestricted": true}` allows calls at any time. A rule has

- `week`: `{"mon-fri": "09:00-12:30 14:00-20:00", "sat": "10:00-16:00"}`; a day without hours is closed;
- `from`: weeks that replace the first one from a date on, `{"2027-01-01": week}`;
- `on`: the hours of single dates, every year or once, `{"12-24": "10:00-18:30", "2027-05-04": "10:00-12:00"}`;
- `closed`: dates without hours (`12-25`, `2027-03-26`), or the name of one of the `holidays` of the file;
- `public_holidays`: `"closed"` on the public holidays of the place (of its own country, where a rule is shared), as in
  `hours/holidays.json`, which `make holidays` writes; in a year that the file does not have, every day is closed;
- `half_day`: the hours of a half-day holiday; without it the whole day is closed;
- `eve`: the hours that are left on the day before a closed one, `"10:00-19:00"`;
- `mode`: what is required before each call: `call` (nothing; the default), `confirm` (a person starts each call) or
  `consent` (the lead has consented, and not more than `consent_days` ago if that is given);
- `at_most`: how often one number may be called, by all agents together: `{"24 hours": 3, "30 days": 4}`;
- `for`: rules for kinds of calls, each with what differs: `consumer` (no other basis is known), `customer`, `business`,
  `consented`, `recorded` (the call opens with a recording), `person`; where several apply, all of them must be open;
- the source: `cite` (the law), `url`, `read_on` (the date when somebody last read it there), `confidence`
  (`high`: the law's own text or several independent reports; `medium`: one good report; `uncertain`: the rule is then
  the stricter reading) and a `note`. These are for people and the page; the gate does not use them.

Any other key is refused, because a misspelt rule would have no effect.
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
    """The hours are invalid; the message is for the person who wrote them."""


def load_hours(name: str, trusted: str = "") -> Hours:
    """The hours in `hours/<name>.json`, with the holidays in `hours/holidays.json`.

    *trusted* is the setting `trust_list_consent`: places separated by commas, `all`, or nothing.
    """
    if not _NAME.fullmatch(name) or name == _HOLIDAYS:
        raise BadHours(f"the name of calling hours has only the characters a-z 0-9 _ -: {name!r} is not one")
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


def read_hours(raw: Any, calendars: Calendars = MappingProxyType({})) -> Hours:
    """Parse the content of a file of calling hours."""
    if _object("calling hours", raw).get("unrestricted") is True:
        return Hours()
    _refuse_unknown_keys("calling hours", raw, {"about", "holidays", "world", "countries"})
    lists = _object("holidays", raw.get("holidays", {}))
    countries = _object("countries", raw.get("countries", {}))
    jurisdictions: dict[str, Rule] = {}
    for country, rule in countries.items():
        if not isinstance(rule, str):
            jurisdictions |= _jurisdictions(country, _object(country, rule), lists, calendars)
    for country, like in countries.items():
        if isinstance(like, str):
            if like not in jurisdictions:
                raise BadHours(f"{country}: {like!r} is not a country with its own rule")
            jurisdictions[country] = _shared(jurisdictions[like], calendars.get(country))
    world = _object("world", raw.get("world"))
    return Hours(_rule("world", world, lists, None), jurisdictions)


def read_calendars(raw: Any) -> dict[str, Calendar]:
    """Parse the content of `hours/holidays.json`: a line of days for each place and year."""
    whole = _object("holidays", _object("holidays.json", raw).get("holidays"))
    halves = _object("half_days", raw.get("half_days"))
    return {
        jurisdiction: Calendar(_years(jurisdiction, days), _years(jurisdiction, halves.get(jurisdiction, {})))
        for jurisdiction, days in whole.items()
    }


def minutes(clock: Any) -> int:
    """The minutes from midnight to a time of day such as 08:30; 24:00 is the end of the day."""
    if not (isinstance(clock, str) and _CLOCK.fullmatch(clock)):
        raise BadHours(f"{clock!r} is not a time of day such as '08:30'")
    return int(clock[:2]) * 60 + int(clock[3:])


def _object(what: str, raw: Any) -> Mapping[str, Any]:
    if not isinstance(raw, dict):
        raise BadHours(f"{what}: must be a JSON object")
    return raw


def _refuse_unknown_keys(what: str, raw: Mapping[str, Any], known: set[str]) -> None:
    for name in raw:
        if name not in known:
            raise BadHours(f"{what}: unknown key {name!r}: the keys are {', '.join(sorted(known))}")


def _shared(rule: Rule, own: Calendar | None) -> Rule:
    """The rule of another country with the own country's holidays, if they are known."""
    variants = tuple((kind, _shared(one, own)) for kind, one in rule.variants)
    return replace(rule, calendar=rule.calendar and (own or rule.calendar), variants=variants)


def _years(jurisdiction: str, raw: Any) -> Mapping[str, str]:
    for year, days in _object(jurisdiction, raw).items():
        if not (isinstance(days, str) and _DAYS_OF_A_YEAR.fullmatch(days)):
            raise BadHours(f"holidays.json: {jurisdiction} {year}: must be days such as '01-01 12-25'")
    years: Mapping[str, str] = raw
    return years


def _jurisdictions(
    country: str, raw: Mapping[str, Any], lists: Mapping[str, Any], calendars: Calendars
) -> dict[str, Rule]:
    states = {
        f"{country}-{state}": rule for state, rule in _object(f"{country}: its states", raw.get("states", {})).items()
    }
    own = {name: value for name, value in raw.items() if name != "states"}
    return {
        country: _rule(country, own, lists, calendars.get(country)),
        **{
            jurisdiction: _rule(jurisdiction, _object(jurisdiction, rule), lists, calendars.get(jurisdiction))
            for jurisdiction, rule in states.items()
        },
    }


def _rule(jurisdiction: str, raw: Mapping[str, Any], lists: Mapping[str, Any], calendar: Calendar | None) -> Rule:
    _refuse_unknown_keys(jurisdiction, raw, _SAYS_WHEN | _INFORMS | {"for"})
    first = ("", _week(jurisdiction, raw.get("week")))
    later = sorted(_object(jurisdiction, raw.get("from", {})).items())
    if not all(_DATE.fullmatch(since) for since, _ in later):
        raise BadHours(f"{jurisdiction}: from has weeks by the date from which they apply, such as 2027-01-01")
    return Rule(
        weeks=(first, *((since, _week(jurisdiction, week)) for since, week in later)),
        closed=_closed(jurisdiction, raw.get("closed", []), lists),
        calendar=_calendar(jurisdiction, raw.get("public_holidays"), calendar),
        dates=_on(jurisdiction, _object(f"{jurisdiction}: on", raw.get("on", {}))),
        half_day=_stretches(jurisdiction, raw.get("half_day", "")),
        eve=_stretches(jurisdiction, raw["eve"]) if "eve" in raw else None,
        mode=_mode(jurisdiction, raw.get("mode", CALL)),
        consent_days=_consent_days(jurisdiction, raw.get("consent_days")),
        caps=_caps(jurisdiction, _object(f"{jurisdiction}: at_most", raw.get("at_most", {}))),
        variants=_variants(jurisdiction, raw, lists, calendar),
    )


def _mode(jurisdiction: str, raw: Any) -> str:
    if raw not in (CALL, CONFIRM, CONSENT):
        raise BadHours(f"{jurisdiction}: {raw!r} is not a mode: use {CALL}, {CONFIRM} or {CONSENT}")
    return str(raw)


def _consent_days(jurisdiction: str, raw: Any) -> int | None:
    if raw is not None and (type(raw) is not int or raw < 1):
        raise BadHours(f"{jurisdiction}: consent_days must be a whole number of days")
    return raw


def _caps(jurisdiction: str, raw: Mapping[str, Any]) -> tuple[tuple[int, float], ...]:
    """How many calls in how many seconds; a number's calls are not remembered for longer than a year."""
    found = []
    for span, most in raw.items():
        match = _SPAN.fullmatch(span)
        seconds = int(match[1]) * (HOUR_S if match[2] == "hours" else DAY_S) if match else 0
        if not 0 < seconds <= _LONGEST_SPAN_S or type(most) is not int or not 1 <= most <= MOST_COUNTED:
            raise BadHours(
                f"{jurisdiction}: at_most is like {{'24 hours': 3}}: 1 to {MOST_COUNTED} calls, 366 days at most"
            )
        found.append((most, float(seconds)))
    return tuple(sorted(found))


def _variants(
    jurisdiction: str, raw: Mapping[str, Any], lists: Mapping[str, Any], calendar: Calendar | None
) -> tuple[tuple[str, Rule], ...]:
    """The rules for kinds of calls: the rule itself with what differs."""
    differs = _object(f"{jurisdiction}: for", raw.get("for", {}))
    _refuse_unknown_keys(f"{jurisdiction}: for", differs, set(KINDS))
    own = {name: value for name, value in raw.items() if name != "for"}
    return tuple(
        (kind, _variant(f"{jurisdiction}, {kind}", own, _object(f"{jurisdiction}, {kind}", change), lists, calendar))
        for kind, change in differs.items()
    )


def _variant(
    jurisdiction: str,
    own: Mapping[str, Any],
    change: Mapping[str, Any],
    lists: Mapping[str, Any],
    calendar: Calendar | None,
) -> Rule:
    _refuse_unknown_keys(jurisdiction, change, _SAYS_WHEN | _INFORMS)
    return _rule(jurisdiction, {**own, **change}, lists, calendar)


def _closed(jurisdiction: str, raw: Any, lists: Mapping[str, Any]) -> frozenset[str]:
    days = lists.get(raw) if isinstance(raw, str) else raw
    if not (isinstance(days, list) and all(isinstance(day, str) and _CLOSED.fullmatch(day) for day in days)):
        raise BadHours(f"{jurisdiction}: closed must be a list of dates, or the name of one of the holidays")
    return frozenset(days)


def _calendar(jurisdiction: str, raw: Any, calendar: Calendar | None) -> Calendar | None:
    if raw is None:
        return None
    if raw != "closed":
        raise BadHours(f"{jurisdiction}: public_holidays can only be 'closed'")
    if calendar is None:
        raise BadHours(f"{jurisdiction}: holidays.json does not have its public holidays: make holidays")
    return calendar


def _on(jurisdiction: str, raw: Mapping[str, Any]) -> tuple[tuple[str, Stretches], ...]:
    if not all(_CLOSED.fullmatch(day) for day in raw):
        raise BadHours(f"{jurisdiction}: on must have the hours of dates, such as 12-24 or 2027-12-24")
    return tuple((day, _stretches(jurisdiction, hours)) for day, hours in sorted(raw.items()))


def _week(jurisdiction: str, raw: Any) -> Week:
    week: list[Stretches] = [()] * 7
    for names, stretches in _object(f"{jurisdiction}: its week", raw).items():
        days = _days(jurisdiction, names)
        week[days.start : days.stop] = [_stretches(jurisdiction, stretches)] * len(days)
    return tuple(week)


def _days(jurisdiction: str, names: str) -> range:
    first, _, last = names.partition("-")
    last = last or first
    if first not in DAYS or last not in DAYS or DAYS.index(last) < DAYS.index(first):
        raise BadHours(f"{jurisdiction}: {names!r} is not a day or a range of days: {' '.join(DAYS)}")
    return range(DAYS.index(first), DAYS.index(last) + 1)


def _stretches(jurisdiction: str, raw: Any) -> Stretches:
    ends = [text.split("-") for text in str(raw).split()]
    if not isinstance(raw, str) or not all(len(pair) == 2 for pair in ends):
        raise BadHours(f"{jurisdiction}: {raw!r} must look like '08:00-12:00 14:00-21:00'")
    clocks = [minutes(clock) for pair in ends for clock in pair]
    if any(clock >= later for clock, later in pairwise(clocks)):
        raise BadHours(f"{jurisdiction}: {raw!r} is not in order")
    return tuple(zip(clocks[::2], clocks[1::2], strict=True))
