"""Writes the public holidays of every jurisdiction whose calling hours close on them: `make holidays`.

They come from the package `holidays`, with substitute days and half days, and from the laws of some places (`_ALSO`).
The list is checked in, so that the changes of a new release are seen as a diff; no function ships the package.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import holidays

FOLDER = Path(__file__).parents[1] / "autocall" / "hours"
FIRST, LAST = 2026, 2032
_OBSERVED = " (observed)"
_FEDERAL = "US"  # its states keep the federal holidays besides their own

Days = Iterable[date]
_MONDAY, _THURSDAY = 0, 3


def text() -> str:
    """The text of `hours/holidays.json`: a line for each jurisdiction and year."""
    hours = json.loads((FOLDER / "default.json").read_text())
    jurisdictions = sorted(closing(hours))
    years = range(FIRST, LAST + 1)
    whole = {jurisdiction: {year: _days(jurisdiction, year) for year in years} for jurisdiction in jurisdictions}
    halves = {jurisdiction: {year: _half_days(jurisdiction, year) for year in years} for jurisdiction in jurisdictions}
    about = "Made by `make holidays`; do not edit. Who closes on them stands in default.json."
    return _lines(about, whole, {jurisdiction: days for jurisdiction, days in halves.items() if any(days.values())})


def closing(hours: Mapping[str, Any]) -> set[str]:
    """The jurisdictions that close on their public holidays, and those that share the rule of such a one."""
    found = set[str]()
    for country, rule in hours["countries"].items():
        own = hours["countries"][rule] if isinstance(rule, str) else rule
        rules = {country: own} | {
            f"{country}-{state}": state_rule
            for state, state_rule in (own.get("states", {}) if own is rule else {}).items()
        }
        found |= {jurisdiction for jurisdiction, state_rule in rules.items() if _closes(state_rule)}
    return found


def _closes(rule: Mapping[str, Any]) -> bool:
    """Whether the rule closes on public holidays, for all calls or for some kinds only."""
    return "public_holidays" in rule or any("public_holidays" in own for own in rule.get("for", {}).values())


# -- what a year has ---------------------------------------------------------------------------------------------------


def _days(jurisdiction: str, year: int) -> set[date]:
    country, _, state = jurisdiction.partition("-")
    days = set(_of(country, state or _PART_OF.get(country), year))
    days |= set(_of(country, None, year)) if state and country == _FEDERAL else set()
    days |= set(_substitutes_anywhere(country, year)) if country == "AU" else set()
    return (
        days | {day for also in _ALSO.get(jurisdiction, ()) for day in also(year)} | _also_in_europe(jurisdiction, year)
    )


def _of(country: str, state: str | None, year: int) -> Days:
    return holidays.country_holidays(country, subdiv=state, years=year)


def _half_days(jurisdiction: str, year: int) -> set[date]:
    country, _, state = jurisdiction.partition("-")
    about = holidays.country_holidays(country, subdiv=state or None)
    if "half_day" not in about.supported_categories:
        return set()
    found = holidays.country_holidays(country, subdiv=state or None, years=year, categories=("half_day",))
    return set(found) - _days(jurisdiction, year)


def _substitutes_anywhere(country: str, year: int) -> Days:
    """The substitute days of national holidays on a weekend, of any state: each state chooses its own."""
    national = set(holidays.country_holidays(country, years=year).values())
    for state in holidays.country_holidays(country).subdivisions:
        for day, name in holidays.country_holidays(country, subdiv=state, years=year).items():
            if name.endswith(_OBSERVED) and name.removesuffix(_OBSERVED) in national:
                yield day


def _also_in_europe(jurisdiction: str, year: int) -> set[date]:
    """Days without business calls in all of Europe, even if they are not in the country's list."""
    if jurisdiction not in _europe():
        return set()
    return {*_on(1, 1)(year), *_from_easter(-2, 1)(year), *_on(5, 1)(year), *_on(12, 25)(year), *_on(12, 26)(year)}


def _europe() -> set[str]:
    countries = json.loads((FOLDER / "default.json").read_text())["countries"]
    return {*_OWN_IN_EUROPE, *(country for country, rule in countries.items() if rule == "BE")}


# -- what laws add -----------------------------------------------------------------------------------------------------


def _on(month: int, day: int) -> Callable[[int], Days]:
    return lambda year: [date(year, month, day)]


def _from_easter(*days: int) -> Callable[[int], Days]:
    return lambda year: [_easter(year) + timedelta(day) for day in days]


def _easter(year: int) -> date:
    (found,) = (
        day
        for day, name in holidays.country_holidays("US", years=year, categories=("unofficial",)).items()
        if name == "Easter Sunday"
    )
    return found


def _election(year: int) -> Days:
    """Election day of states that vote in even years: the Tuesday after the first Monday of November."""
    return [_nth(year, 11, _MONDAY, 1) + timedelta(1)] if year % 2 == 0 else []


def _every_election(year: int) -> Days:
    return [_nth(year, 11, _MONDAY, 1) + timedelta(1)]


def _day_after_thanksgiving(year: int) -> Days:
    return [_nth(year, 11, _THURSDAY, 4) + timedelta(1)]


def _nth(year: int, month: int, weekday: int, number: int) -> date:
    first = date(year, month, 1)
    return first + timedelta((weekday - first.weekday()) % 7 + 7 * (number - 1))


_GOOD_FRIDAY, _MARDI_GRAS = _from_easter(-2), _from_easter(-47)
_ALSO: Mapping[str, tuple[Callable[[int], Days], ...]] = {
    "US-AL": (_MARDI_GRAS, _on(12, 1)),  # two counties keep Mardi Gras; Rosa Parks Day
    "US-LA": (_MARDI_GRAS, _GOOD_FRIDAY, _election, _day_after_thanksgiving),
    "US-PA": (_GOOD_FRIDAY, _on(6, 14), _every_election, _on(12, 15)),  # Flag Day; Bill of Rights Day
    "US-RI": (_on(5, 4), _election),  # the state's Independence Day
}
_OWN_IN_EUROPE = ("AT", "BE", "CZ", "DE", "DK", "NL", "PL")
_PART_OF = {"GB": "ENG"}  # a mobile number does not show its part of the country: most people live in England


# -- as a file ---------------------------------------------------------------------------------------------------------


def _lines(about: str, whole: Mapping[str, Any], halves: Mapping[str, Any]) -> str:
    both = f'  "holidays": {_object(whole)},\n  "half_days": {_object(halves)}'
    return f'{{\n  "about": {json.dumps(about)},\n{both}\n}}\n'


def _object(jurisdictions: Mapping[str, Mapping[int, set[date]]]) -> str:
    return (
        "{\n"
        + ",\n".join(
            f'    "{jurisdiction}": {{\n{_years(years)}\n    }}' for jurisdiction, years in jurisdictions.items()
        )
        + "\n  }"
    )


def _years(years: Mapping[int, set[date]]) -> str:
    return ",\n".join(
        f'      "{year}": "{" ".join(sorted(day.isoformat()[5:] for day in days))}"' for year, days in years.items()
    )


if __name__ == "__main__":
    (FOLDER / "holidays.json").write_text(text())
