"""Calling hours worked out the slow way: one minute after the other, on what a clock on the wall would show.

It shares nothing with the code it checks: rules are read from the JSON again, as text, and no clock change is ever
looked for.
"""

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

MINUTE = 60
HORIZON_MINUTES = 8 * 24 * 60
_LOOKS_EVERY_S = 24 * 3600
CLOCKS = [f"{hour:02}:{minute:02}" for hour in range(24) for minute in range(60)]
DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

DEFAULT: dict[str, Any] = json.loads(Path("autocall/hours/default.json").read_text())
HOLIDAYS: dict[str, Any] = json.loads(Path("autocall/hours/holidays.json").read_text())


def rules(told: dict[str, Any], place: str) -> list[tuple[str, dict[str, Any]]]:
    """The rules of a file that must all be open in a place, each with the place whose public holidays it means."""
    country, _, state = place.partition("-")
    own = told.get("countries", {}).get(country, told["world"])
    if isinstance(own, str):
        return [(country if country in HOLIDAYS["holidays"] else own, told["countries"][own])]
    states = own.get("states", {})
    if state:
        return [(place, states[state]) if state in states else (country, own)]
    return [(country, own), *((f"{country}-{name}", rule) for name, rule in states.items())]


class Wall:
    """A rule as the wall shows it: local date and clock in, open or closed out."""

    def __init__(self, rule: dict[str, Any], lists: dict[str, list[str]], place: str = "") -> None:
        self._rule = rule
        closed = rule.get("closed", [])
        self._closed = lists[closed] if isinstance(closed, str) else closed
        heeded = rule.get("public_holidays") == "closed"
        self._holidays = HOLIDAYS["holidays"][place] if heeded else None
        self._half_days = HOLIDAYS["half_days"].get(place, {}) if heeded else {}
        self._stretches = cache(self._on)

    def open(self, local: datetime) -> bool:
        clock = CLOCKS[local.hour * 60 + local.minute]
        return all(any(opens <= clock < closes for opens, closes in told) for told in self._stretches(local.date()))

    def _on(self, day: date) -> list[list[list[str]]]:
        """Lists of stretches, each of which must have the clock in it."""
        if self._is_closed(day):
            return [[]]
        told = [self._hours(day)]
        if day.isoformat()[5:] in self._half_days.get(str(day.year), "").split():
            told.append(_stretches(self._rule.get("half_day", "")))
        if "eve" in self._rule and self._is_closed(day + timedelta(1)):
            told.append(_stretches(self._rule["eve"]))
        return told

    def _is_closed(self, day: date) -> bool:
        then = day.isoformat()
        if then in self._closed or then[5:] in self._closed:
            return True
        return self._holidays is not None and then[5:] in self._holidays.get(str(day.year), then[5:]).split()

    def _hours(self, day: date) -> list[list[str]]:
        then = day.isoformat()
        for name in (then, then[5:]):
            if name in self._rule.get("on", {}):
                return _stretches(self._rule["on"][name])
        week = self._rule["week"]
        for since in sorted(self._rule.get("from", {})):
            if then >= since:
                week = self._rule["from"][since]
        today = DAYS[day.weekday()]
        return [stretch for names, text in week.items() if _among(today, names) for stretch in _stretches(text)]


def _stretches(text: str) -> list[list[str]]:
    return [stretch.split("-") for stretch in text.split()]


def _among(day: str, names: str) -> bool:
    first, last = names.split("-") if "-" in names else (names, names)
    return DAYS.index(first) <= DAYS.index(day) <= DAYS.index(last)


def window_rule(window: dict[str, Any]) -> dict[str, Any]:
    """An agent's window, written as a rule."""
    stretch = f"{window['from']}-{window['to']}"
    return {"week": {DAYS[day - 1]: stretch for day in window.get("days", range(1, 8))}}


class Minutes:
    """Whether all zones of a lead are open, minute for minute."""

    def __init__(self, told: dict[str, Any], zones: list[str], window: dict[str, Any] | None = None) -> None:
        own = [("", window_rule(window))] if window else []
        self._walls = []
        for zone in zones:
            place, _, name = zone.partition("/")
            walls = [Wall(rule, told.get("holidays", {}), of) for of, rule in [*rules(told, place), *own]]
            self._walls.append((ZoneInfo(name), walls))

    def open(self, moment: float) -> bool:
        for zone, walls in self._walls:
            local = datetime.fromtimestamp(moment, zone)
            if not all(wall.open(local) for wall in walls):
                return False
        return True

    def next_openings(self, start: int, minutes: int) -> Iterator[tuple[int, int | None]]:
        """For each of the *minutes* from *start* on: the first open minute of the 8 days behind it, None if none is."""
        table = [self.open(start + minute * MINUTE) for minute in range(minutes)]
        while len(table) < minutes + HORIZON_MINUTES and not (len(table) > minutes and table[-1]):
            table.append(self.open(start + len(table) * MINUTE))
        following: list[int | None] = [None] * (len(table) + 1)
        for minute in range(len(table) - 1, -1, -1):
            following[minute] = minute if table[minute] else following[minute + 1]
        for minute in range(minutes):
            opens = following[minute]
            within = opens is not None and opens < minute + HORIZON_MINUTES
            yield start + minute * MINUTE, start + opens * MINUTE if within and opens is not None else None


@cache
def clock_changes(name: str, first: datetime, last: datetime) -> tuple[tuple[int, timedelta | None], ...]:
    """When the clock of a zone changes, and how far it is from UTC from then on: at *first*, and at every change.

    Found by looking once a day, and by halving the day where two looks differ: no clock changes twice in a day.
    """
    zone, moment = ZoneInfo(name), int(first.timestamp())
    before = datetime.fromtimestamp(moment, zone).utcoffset()
    changes = [(moment, before)]
    while moment < last.timestamp():
        moment += _LOOKS_EVERY_S
        after = datetime.fromtimestamp(moment, zone).utcoffset()
        if after != before:
            same, change = moment - _LOOKS_EVERY_S, moment
            while change - same > MINUTE:
                middle = (same + change) // 2 // MINUTE * MINUTE
                if datetime.fromtimestamp(middle, zone).utcoffset() == before:
                    same = middle
                else:
                    change = middle
            changes.append((change, after))
            before = after
    return tuple(changes)


def distinct_zones(first: datetime, last: datetime) -> list[str]:
    """One of each group of zones whose clocks show the same between two moments."""
    found: dict[tuple[tuple[int, timedelta | None], ...], str] = {}
    for name in sorted(available_timezones() - {"localtime"}):
        found.setdefault(clock_changes(name, first, last), name)
    return sorted(found.values())
