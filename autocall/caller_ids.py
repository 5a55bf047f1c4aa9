"""The numbers that calls are made from: one for each country, one for all others, and which of them rest. Pure.

The setting is a list such as `DE:+4930123456,US:+12015550123,+12015550199`. A number without a country is for all
others. Of several numbers of one country the first is used; the next ones are spares, for leads that nobody has called
yet while the first one rests. A lead that was called keeps its number as long as the setting names it.

A number's *label* is its place in the setting: `DE`, `DE-2` for the first spare, `default`, `default-2`. Logs, metrics
and alarms have the label, never the number.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, NamedTuple

from autocall.call_outcomes import CALLER_ID_CODES
from autocall.countries import countries_of
from autocall.timing import parse

OTHERS = "default"
FORMER = "former"
"""The label of a number that the setting does not name any more."""

REJECTED = frozenset({"607", "608"})
"""SIP answers of networks that let calls of this number through to nobody: unwanted, and rejected by an analysis."""

DECLINED = REJECTED | {"603"}
"""The same, and *decline*: of a person, or of a network that has no better word."""

_ENTRY = re.compile(r"(?:([A-Z]{2}):)?(\+[1-9][0-9]{6,14})")


class Chosen(NamedTuple):
    """The number to call from; with `rests_until` there is none to call from before that moment."""

    number: str
    rests_until: float | None = None


@dataclass(frozen=True)
class CallerIdState:
    """What is known of one number: until when it rests, and why; how many of its last calls networks have rejected."""

    rests_until: float = 0.0
    reason: str = ""
    since: str = ""
    by: str = ""
    rejected: int = 0

    @classmethod
    def of(cls, item: Mapping[str, Any]) -> "CallerIdState":
        """As its item says; {} if nothing was ever noted."""
        until = item.get("rests_until")
        return cls(
            parse(until) if until else 0.0,
            item.get("reason", ""),
            item.get("since", ""),
            item.get("by", ""),
            len(item.get("rejected") or ()),
        )


@dataclass(frozen=True)
class CallerIds:
    """The numbers of an installation, by country and in the order of the setting."""

    by_country: Mapping[str, tuple[str, ...]]
    _labels: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> "CallerIds":
        """Read the setting, "" for no numbers; ValueError says what is wrong with it."""
        if not text:
            return cls({})
        found: dict[str, list[str]] = {}
        labels: dict[str, str] = {}
        for entry in text.split(","):
            match = _ENTRY.fullmatch(entry)
            if not match:
                raise ValueError("CALL_FROM must have numbers in E.164, each with its country or without: DE:+49…,+1…")
            country, number = match[1] or OTHERS, match[2]
            of_country = found.setdefault(country, [])
            of_country.append(number)
            labels.setdefault(number, country if len(of_country) == 1 else f"{country}-{len(of_country)}")
        if OTHERS not in found:
            raise ValueError("CALL_FROM must have one number without a country: the number for all other countries")
        return cls({country: tuple(numbers) for country, numbers in found.items()}, labels)

    @property
    def numbers(self) -> tuple[str, ...]:
        """All numbers, each once, in the order of the setting."""
        return tuple(self._labels)

    @property
    def default(self) -> str:
        """The number for countries that have none of their own, "" without any number."""
        return next(iter(self._of(())), "")

    def label(self, number: str) -> str:
        """The number's place in the setting, for logs and metrics."""
        return self._labels.get(number, FORMER)

    def named(self, text: str) -> str:
        """The number that *text* names, by its label or itself; "" if the setting has none such."""
        return next((number for number, label in self._labels.items() if text in (number, label)), "")

    def concerns_one_number(self, code: int) -> bool:
        """Whether Twilio's code refuses the number that calls, and there are others; else it refuses the account."""
        return code in CALLER_ID_CODES and len(self._labels) > 1

    def number_for(self, phone: str) -> str:
        """The first number for calls to *phone*, whether it rests or not."""
        return next(iter(self._of(countries_of(phone))), "")

    def guess(self, zones: Iterable[str]) -> str:
        """The probable number for a lead of which only the zones are known, such as `DE/Europe/Berlin`."""
        countries = {zone.partition("/")[0].partition("-")[0] for zone in zones}
        return next(iter(self._of(countries)), "") if len(countries) == 1 else self.default

    def choose(self, phone: str, former: str, states: Mapping[str, CallerIdState], now: float) -> Chosen:
        """The number to call *phone* from. *former* is the number that has called it before, "" for none.

        A person who was called sees the same number again, so theirs is not replaced by another while it rests.
        """
        candidates = (former,) if former in self._labels else self._of(countries_of(phone))
        rest = {number: states.get(number, CallerIdState()).rests_until for number in candidates}
        chosen = next((number for number in candidates if rest[number] <= now), None)
        return Chosen(chosen) if chosen else Chosen(candidates[0], min(rest.values()))

    def _of(self, countries: Iterable[str]) -> tuple[str, ...]:
        own = chain.from_iterable(numbers for country, numbers in self.by_country.items() if country in countries)
        return tuple(own) or self.by_country.get(OTHERS, ())
