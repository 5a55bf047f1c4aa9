"""Calling hours worked out the slow way: one minute after the other, on what a clock on the wall would show.

It shares nothing with the code it checks: rules are read from the JSON again, as text, and no clock change is ever
looked for.
"""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

MINUTE = 60
HORIZON_MINUTES = 8 * 24 * 60
CLOCKS = [f"{hour:02}:{minute:02}" for hour in range(24) for minute in range(60)]
DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

DEFAULT: dict[str, Any] = json.loads(Path("autocall/hours/default.json").read_text())


def rules(told: dict[str, Any], place: str) -> list[dict[str, Any]]:
    """The rules of a file that must all be open in a place."""
    country, _, state = place.partition("-")
    own = told.get("countries", {}).get(country, told["world"])
    if isinstance(own, str):
        own = told["countries"][own]
        return [own]
    states = own.get("states", {})
    if state:
        return [states.get(state, own)]
    return [own, *states.values()]


class Wall:
    """A rule as the wall shows it: local date and clock in, open or closed out."""

    def __init__(self, rule: dict[str, Any], holidays: dict[str, list[str]]) -> None:
        self._rule = rule
        closed = rule.get("closed", [])
        self._closed = holidays[closed] if isinstance(closed, str) else closed
        self._stretches = cache(self._on)

    def open(self, local: datetime) -> bool:
        clock = CLOCKS[local.hour * 60 + local.minute]
        return any(opens <= clock < closes for opens, closes in self._stretches(local.date()))

    def _on(self, day: date) -> list[list[str]]:
        then = day.isoformat()
        if then in self._closed or then[5:] in self._closed:
            return []
        week = self._rule["week"]
        for since in sorted(self._rule.get("from", {})):
            if then >= since:
                week = self._rule["from"][since]
        today = DAYS[day.weekday()]
        return [stretch.split("-") for names, text in week.items() if _among(today, names) for stretch in text.split()]


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
        own = [window_rule(window)] if window else []
        self._walls = []
        for zone in zones:
            place, _, name = zone.partition("/")
            walls = [Wall(rule, told.get("holidays", {})) for rule in rules(told, place) + own]
            self._walls.append((ZoneInfo(name), walls))

    def open(self, moment: float) -> bool:
        utc = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=moment)
        return all(
            wall.open(local) for zone, walls in self._walls for local in [utc.astimezone(zone)] for wall in walls
        )

    def next_openings(self, start: int, minutes: int) -> Iterator[tuple[int, int | None]]:
        """For each of the *minutes* from *start* on: the first open minute of the 8 days behind it, None if none is."""
        table = [self.open(start + minute * MINUTE) for minute in range(minutes + HORIZON_MINUTES)]
        following: list[int | None] = [None] * (len(table) + 1)
        for minute in range(len(table) - 1, -1, -1):
            following[minute] = minute if table[minute] else following[minute + 1]
        for minute in range(minutes):
            opens = following[minute]
            within = opens is not None and opens < minute + HORIZON_MINUTES
            yield start + minute * MINUTE, start + opens * MINUTE if within and opens is not None else None


def clock_changes(name: str, first: datetime, last: datetime) -> list[int]:
    """The moments when the clock of a zone changes, found by looking every minute around every hour that differs."""
    zone, changes = ZoneInfo(name), []
    moment = int(first.timestamp())
    before = datetime.fromtimestamp(moment, zone).utcoffset()
    while moment < last.timestamp():
        moment += 3600
        if datetime.fromtimestamp(moment, zone).utcoffset() != before:
            change = moment - 3600
            while datetime.fromtimestamp(change, zone).utcoffset() == before:
                change += MINUTE
            changes.append(change)
            before = datetime.fromtimestamp(moment, zone).utcoffset()
    return changes
