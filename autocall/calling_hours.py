"""When a place may be called, in its own local time. Pure.

A place is a country, `DE`, or a country and a state, `US-FL`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

Minutes = tuple[int, int]
Week = tuple[tuple[Minutes, ...], ...]

_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Rule:
    """The hours of one place: its weeks, each in force from a date on, soonest first, and the dates without hours."""

    weeks: tuple[tuple[str, Week], ...]
    closed: frozenset[str] = frozenset()

    def on(self, day: int) -> tuple[Minutes, ...]:
        """The open stretches of a local *day* (counted from 1970-01-01), in minutes from its midnight, in order."""
        weekday = (day + _EPOCH.weekday()) % 7
        if len(self.weeks) == 1 and not self.closed:
            return self.weeks[0][1][weekday]
        then = date.fromordinal(_EPOCH.toordinal() + day).isoformat()
        if then in self.closed or then[5:] in self.closed:
            return ()
        return [week for since, week in self.weeks if since <= then][-1][weekday]


@dataclass(frozen=True)
class Hours:
    """The rules of an installation, by place; without one for the rest of the world there are no hours at all."""

    world: Rule | None = None
    places: Mapping[str, Rule] = field(default_factory=dict)

    @property
    def unrestricted(self) -> bool:
        return self.world is None

    def rules(self, place: str) -> frozenset[Rule]:
        """The rules that must all be open; for a country whose state is not known, those of every state."""
        if not self.world:
            return frozenset()
        country, _, state = place.partition("-")
        own = self.places.get(place) or self.places.get(country) or self.world
        return frozenset({own} if state else {own, *self._states.get(country, ())})

    @cached_property
    def _states(self) -> dict[str, set[Rule]]:
        states: dict[str, set[Rule]] = {}
        for place, rule in self.places.items():
            country, _, state = place.partition("-")
            if state:
                states.setdefault(country, set()).add(rule)
        return states
