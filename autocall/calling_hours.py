"""The hours in which a place may be called, in its own local time. Pure.

A place is a country (`DE`), or a country and a state (`US-FL`).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

Minutes = tuple[int, int]
Stretches = tuple[Minutes, ...]
Week = tuple[Stretches, ...]

CALL, CONFIRM, CONSENT = "call", "confirm", "consent"
"""What a place requires before a call: nothing, a person who starts each call, or the lead's consent."""
CONSUMER, CUSTOMER, BUSINESS = "consumer", "customer", "business"
"""Who is called: a consumer, somebody with whom there is a business relationship, or a business."""
CONSENTED, RECORDED, PERSON = "consented", "recorded", "person"
KINDS = (CONSUMER, CUSTOMER, BUSINESS, CONSENTED, RECORDED, PERSON)

MOST_COUNTED = 20
"""So many calls to one number are counted: no cap may ask for more."""

_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, eq=False)
class Calendar:
    """The public holidays of one place, whole and half days: for each known year a text such as `01-01 12-25`."""

    holidays: Mapping[str, str]
    half_days: Mapping[str, str] = field(default_factory=dict)

    def is_holiday(self, day: str) -> bool:
        """True also for every day of an unknown year."""
        return day[:4] not in self.holidays or day[5:] in self.holidays[day[:4]]

    def is_half_day(self, day: str) -> bool:
        return day[5:] in self.half_days.get(day[:4], "")


@dataclass(frozen=True)
class Rule:
    """The hours of one place: its weeks, each valid from a date on, soonest first, and the dates that differ.

    `dates` have their own hours. `closed` days and the calendar's holidays have none. On a half day only the hours of
    `half_day` are left, on the day before a closed one only those of `eve`. In a year that the calendar does not know,
    every day is closed.

    `mode` is what the place requires before each call; consent that is older than `consent_days` does not count.
    `caps` limit how many calls one number may get in so many seconds, from all agents together. `variants` are the
    rules for kinds of calls that the law distinguishes.
    """

    weeks: tuple[tuple[str, Week], ...]
    closed: frozenset[str] = frozenset()
    calendar: Calendar | None = None
    dates: tuple[tuple[str, Stretches], ...] = ()
    half_day: Stretches = ()
    eve: Stretches | None = None
    mode: str = CALL
    consent_days: int | None = None
    caps: tuple[tuple[int, float], ...] = ()
    variants: tuple[tuple[str, "Rule"], ...] = ()

    def of_kind(self, kinds: Collection[str]) -> frozenset["Rule"]:
        """The rules that apply, all together, to a call of these kinds; the rule itself if no variant is for them."""
        return frozenset(rule for kind, rule in self.variants if kind in kinds) or frozenset({self})

    def on(self, day: int) -> Stretches:
        """The open stretches of a local *day* (counted from 1970-01-01), in minutes from its midnight, in order."""
        weekday = (day + _EPOCH.weekday()) % 7
        if self._every_week_is_alike:
            return self.weeks[0][1][weekday]
        then = _iso(day)
        if self._is_closed(then):
            return ()
        of_dates = dict(self.dates)
        week = [week for since, week in self.weeks if since <= then][-1]
        hours = of_dates.get(then, of_dates.get(then[5:], week[weekday]))
        if self.calendar and self.calendar.is_half_day(then):
            hours = _within(hours, self.half_day)
        if hours and self.eve is not None and self._is_closed(_iso(day + 1)):
            hours = _within(hours, self.eve)
        return hours

    @cached_property
    def only_hours(self) -> "Rule":
        """The rule without mode, consent and variants, so that rules with the same hours are equal."""
        if self.mode == CALL and not (self.consent_days or self.caps or self.variants):
            return self
        return replace(self, mode=CALL, consent_days=None, caps=(), variants=())

    @cached_property
    def _every_week_is_alike(self) -> bool:
        return len(self.weeks) == 1 and not (self.closed or self.calendar or self.dates)

    def _is_closed(self, then: str) -> bool:
        if then in self.closed or then[5:] in self.closed:
            return True
        return self.calendar is not None and self.calendar.is_holiday(then)


@dataclass(frozen=True)
class Hours:
    """The rules of an installation, by place. Without a rule for the rest of the world, calls are unrestricted.

    *trusted* are the places, or `all`, in which the installation itself vouches for the consent of its leads.
    """

    world: Rule | None = None
    jurisdictions: Mapping[str, Rule] = field(default_factory=dict)
    trusted: frozenset[str] = frozenset()

    @property
    def unrestricted(self) -> bool:
        return self.world is None

    def rules(self, jurisdiction: str) -> frozenset[Rule]:
        """The rules that must all be open; for a country without a state, those of all its states."""
        return frozenset(self.by_jurisdiction(jurisdiction).values())

    def by_jurisdiction(self, jurisdiction: str) -> Mapping[str, Rule]:
        """The same rules by their places; `world` is the rule for the rest of the world."""
        if not self.world:
            return {}
        country, _, state = jurisdiction.partition("-")
        name = next((known for known in (jurisdiction, country) if known in self.jurisdictions), "world")
        own = {name: self.jurisdictions.get(name, self.world)}
        return own if state else own | self._states.get(country, {})

    def trusts(self, jurisdiction: str) -> bool:
        """Whether the installation vouches for the consent of leads there."""
        return bool(self.trusted & {"all", jurisdiction, jurisdiction.partition("-")[0]})

    @cached_property
    def _states(self) -> dict[str, dict[str, Rule]]:
        states: dict[str, dict[str, Rule]] = {}
        for jurisdiction, rule in self.jurisdictions.items():
            country, _, state = jurisdiction.partition("-")
            if state:
                states.setdefault(country, {})[jurisdiction] = rule
        return states


def _iso(day: int) -> str:
    return date.fromordinal(_EPOCH.toordinal() + day).isoformat()


def _within(hours: Stretches, bounds: Stretches) -> Stretches:
    """The part of *hours* that is inside *bounds*; bounds never open closed hours."""
    both = [(max(opens, first), min(closes, last)) for opens, closes in hours for first, last in bounds]
    return tuple(sorted((opens, closes) for opens, closes in both if opens < closes))
