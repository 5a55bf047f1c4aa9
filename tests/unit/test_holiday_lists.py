"""The checked-in holidays: what the generator makes, and what a calculation that shares nothing with it finds.

The calculation knows Easter by Gauss's rule in Meeus's form, the nth weekday of a month, and how a place moves a
holiday that falls on a weekend. It says nothing of which days a place ought to have: only when those days are.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest

from cdk import holiday_lists
from tests.unit.minute_by_minute import DEFAULT, HOLIDAYS

YEARS = range(holiday_lists.FIRST, holiday_lists.LAST + 1)
Days = Callable[[int], list[date]]


def test_what_is_checked_in_is_what_make_holidays_makes() -> None:
    assert (holiday_lists.FOLDER / "holidays.json").read_text() == holiday_lists.text()


def test_every_place_that_closes_on_its_holidays_has_them_and_no_other() -> None:
    assert set(HOLIDAYS["holidays"]) == holiday_lists.closing(DEFAULT)
    assert {"US-LA", "CA-BC", "AT", "GG", "GP", "SM", "ZA"} < set(HOLIDAYS["holidays"])


@pytest.mark.parametrize("place", sorted(HOLIDAYS["holidays"]))
def test_no_year_of_a_place_is_missing(place: str) -> None:
    assert [int(year) for year in HOLIDAYS["holidays"][place]] == list(YEARS)
    assert all(len(days.split()) >= 7 for days in HOLIDAYS["holidays"][place].values())


# -- the other calculation ---------------------------------------------------------------------------------------------


def easter(year: int) -> date:
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    f = (b + 8) // 25
    g = (b - f + 1) // 3
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def orthodox_easter(year: int) -> date:
    d = (19 * (year % 19) + 15) % 30
    e = (2 * (year % 4) + 4 * (year % 7) - d + 34) % 7
    month, day = divmod(d + e + 114, 31)
    return date(year, month, day + 1) + timedelta(13)


def on(*days: str) -> Days:
    return lambda year: [date.fromisoformat(f"{year}-{day}") for day in days]


def after_easter(*distances: int) -> Days:
    return lambda year: [easter(year) + timedelta(distance) for distance in distances]


def after_orthodox_easter(*distances: int) -> Days:
    return lambda year: [orthodox_easter(year) + timedelta(distance) for distance in distances]


def nth(month: int, weekday: int, number: int, plus: int = 0) -> Days:
    """The nth weekday of a month, from its end if *number* is negative, and so many days after it."""

    def days(year: int) -> list[date]:
        first, following = date(year, month, 1), date(year + month // 12, month % 12 + 1, 1)
        found = [day for day in span(first, following) if day.weekday() == weekday]
        return [found[number - 1 if number > 0 else number] + timedelta(plus)]

    return days


def span(first: date, end: date) -> Iterator[date]:
    while first < end:
        yield first
        first += timedelta(1)


def or_nearest_weekday(*days: str) -> Days:
    """A Saturday is kept on the Friday before, a Sunday on the Monday after; the day itself stays one."""

    def moved(year: int) -> list[date]:
        own = [day for each in (year, year + 1) for day in on(*days)(each)]
        kept = [day + timedelta({5: -1, 6: 1}.get(day.weekday(), 0)) for day in own]
        return [day for day in {*own, *kept} if day.year == year]

    return moved


def or_monday_after_a_sunday(*days: str) -> Days:
    def moved(year: int) -> list[date]:
        own = on(*days)(year)
        return [*own, *(day + timedelta(1) for day in own if day.weekday() == 6)]

    return moved


def on_the_monday_after(*days: Days) -> Days:
    """Colombia's ley Emiliani: unless it is a Monday."""
    return lambda year: [day + timedelta(-day.weekday() % 7) for each in days for day in each(year)]


def english_christmas(year: int) -> list[date]:
    """The 25th and the 26th, and as many weekdays behind them as fall on a weekend."""
    own = on("12-25", "12-26")(year)
    lost = sum(day.weekday() > 4 for day in own)
    weekdays = [day for day in span(date(year, 12, 27), date(year + 1, 1, 1)) if day.weekday() < 5]
    return own + weekdays[:lost]


def new_years_substitute(year: int) -> list[date]:
    day = date(year, 1, 1)
    return [day, day + timedelta({5: 2, 6: 1}.get(day.weekday(), 0))]


def first_day_of_summer(year: int) -> list[date]:
    """Iceland's: a Thursday in April."""
    return [day for day in span(date(year, 4, 19), date(year, 4, 26)) if day.weekday() == 3]


def midsummer(year: int) -> list[date]:
    (saturday,) = [day for day in span(date(year, 6, 20), date(year, 6, 27)) if day.weekday() == 5]
    return [saturday]


FEDERAL: tuple[Days, ...] = (
    or_nearest_weekday("01-01", "06-19", "07-04", "11-11", "12-25"),
    nth(1, 0, 3),
    nth(2, 0, 3),
    nth(5, 0, -1),
    nth(9, 0, 1),
    nth(10, 0, 2),
    nth(11, 3, 4),
)
GOOD_FRIDAY, EASTER_MONDAY, ASCENSION, WHIT_MONDAY, CORPUS_CHRISTI = -2, 1, 39, 50, 60
MARDI_GRAS = -47
CHRISTMAS = on("12-25", "12-26")
TWO_DAYS = (*(on("01-01", "05-01"), CHRISTMAS), after_easter(GOOD_FRIDAY, EASTER_MONDAY))  # as all of Europe here


def europe(*own: Days) -> tuple[Days, ...]:
    return (*TWO_DAYS, *own)


def election_in_even_years(year: int) -> list[date]:
    return nth(11, 0, 1, plus=1)(year) if year % 2 == 0 else []


EXACT: dict[str, tuple[Days, ...]] = {
    "US-UT": (*FEDERAL, or_nearest_weekday("07-24")),
    "US-RI": (*FEDERAL, on("05-04"), nth(8, 0, 2), election_in_even_years),
    "US-LA": (*FEDERAL, after_easter(MARDI_GRAS, GOOD_FRIDAY), nth(11, 3, 4, plus=1), election_in_even_years),
    "US-AL": (*FEDERAL, after_easter(MARDI_GRAS), on("12-01"), nth(4, 0, 4), nth(6, 0, 1)),
    "US-PA": (*FEDERAL, after_easter(GOOD_FRIDAY), on("06-14", "12-15"), nth(11, 0, 1, 1), nth(11, 3, 4, 1)),
    "US-MS": (*FEDERAL, nth(4, 0, -1)),
    "CO": (
        on("01-01", "05-01", "07-20", "08-07", "12-08", "12-25"),
        after_easter(-3, GOOD_FRIDAY, 43, 64, 71),
        on_the_monday_after(on("01-06", "03-19", "06-29", "07-09", "08-15", "10-12", "11-01", "11-11")),
    ),
    "ZA": (
        or_monday_after_a_sunday(
            "01-01", "03-21", "04-27", "05-01", "06-16", "08-09", "09-24", "12-16", "12-25", "12-26"
        ),
        after_easter(GOOD_FRIDAY, EASTER_MONDAY),
        lambda year: [date(2026, 11, 4)] if year == 2026 else [],  # an election
    ),
    "GB": (
        new_years_substitute,
        english_christmas,
        after_easter(GOOD_FRIDAY, EASTER_MONDAY),
        nth(5, 0, 1),
        nth(5, 0, -1),
        nth(8, 0, -1),
    ),
    "FR": (
        on("01-01", "05-01", "05-08", "07-14", "08-15", "11-01", "11-11", "12-25"),
        after_easter(EASTER_MONDAY, ASCENSION, WHIT_MONDAY),
    ),
    "DE": europe(after_easter(ASCENSION, WHIT_MONDAY), on("10-03")),
    "AT": europe(after_easter(ASCENSION, WHIT_MONDAY, CORPUS_CHRISTI), on("01-06", "08-15", "10-26", "11-01", "12-08")),
    "BE": europe(after_easter(0, ASCENSION, 49, WHIT_MONDAY), on("07-21", "08-15", "11-01", "11-11")),
    "LU": europe(after_easter(ASCENSION, WHIT_MONDAY), on("05-09", "06-23", "08-15", "11-01")),
    "CZ": europe(on("05-08", "07-05", "07-06", "09-28", "10-28", "11-17", "12-24")),
    "DK": europe(after_easter(-3, 0, ASCENSION, 49, WHIT_MONDAY)),
    "EE": europe(after_easter(0, 49), on("02-24", "06-23", "06-24", "08-20", "12-24")),
    "NO": europe(after_easter(-3, 0, ASCENSION, 49, WHIT_MONDAY), on("05-17")),
    "IS": europe(after_easter(-3, 0, ASCENSION, 49, WHIT_MONDAY), on("06-17"), nth(8, 0, 1), first_day_of_summer),
    "PL": europe(after_easter(0, 49, CORPUS_CHRISTI), on("01-06", "05-03", "08-15", "11-01", "11-11", "12-24")),
    "PT": europe(after_easter(0, CORPUS_CHRISTI), on("04-25", "06-10", "08-15", "10-05", "11-01", "12-01", "12-08")),
    "HR": europe(after_easter(0, CORPUS_CHRISTI), on("01-06", "05-30", "06-22", "08-05", "08-15", "11-01", "11-18")),
    "SI": europe(after_easter(0, 49), on("01-02", "02-08", "04-27", "05-02", "06-25", "08-15", "10-31", "11-01")),
    "MT": europe(on("02-10", "03-19", "03-31", "06-07", "06-29", "08-15", "09-08", "09-21", "12-08", "12-13")),
    "LI": europe(
        after_easter(0, ASCENSION, 49, WHIT_MONDAY, CORPUS_CHRISTI),
        on("01-06", "02-02", "03-19", "08-15", "09-08", "11-01", "12-08"),
    ),
    "CH": europe(after_easter(ASCENSION), on("08-01")),
    "LT": europe(
        after_easter(0),
        on("02-16", "03-11", "06-24", "07-06", "08-15", "11-01", "11-02", "12-24"),
        nth(5, 6, 1),
        nth(6, 6, 1),
    ),
}
AMONG_OTHERS: dict[str, tuple[Days, ...]] = {
    "IT": (
        on("01-01", "01-06", "04-25", "05-01", "06-02", "08-15", "10-04", "11-01", "12-08", "12-25", "12-26"),
        after_easter(EASTER_MONDAY),
    ),
    "ES": (on("01-01", "05-01", "12-25"), after_easter(GOOD_FRIDAY)),
    "AU": (CHRISTMAS, on("01-01", "01-26", "04-25"), after_easter(GOOD_FRIDAY, EASTER_MONDAY)),
    "CA-BC": (
        on("01-01", "07-01", "09-30", "11-11", "12-25"),
        after_easter(GOOD_FRIDAY),
        nth(2, 0, 3),
        nth(8, 0, 1),
        nth(9, 0, 1),
        nth(10, 0, 2),
        lambda year: [day for day in span(date(year, 5, 18), date(year, 5, 25)) if day.weekday() == 0],
    ),
    "NL": europe(after_easter(ASCENSION, WHIT_MONDAY)),
    "SE": europe(after_easter(ASCENSION), on("01-06", "06-06"), midsummer),
    "FI": europe(after_easter(ASCENSION), on("01-06", "12-06"), midsummer),
    "IE": europe(nth(5, 0, 1), nth(6, 0, 1), nth(8, 0, 1), nth(10, 0, -1)),
    "HU": europe(after_easter(WHIT_MONDAY), on("03-15", "08-20", "10-23", "11-01")),
    "SK": europe(on("01-06", "07-05", "08-29", "11-01", "12-24")),
    "LV": europe(on("06-23", "06-24", "11-18", "12-24", "12-31")),
    "GR": europe(after_orthodox_easter(-48, GOOD_FRIDAY, EASTER_MONDAY, WHIT_MONDAY), on("01-06", "03-25", "10-28")),
    "CY": europe(after_orthodox_easter(-48, GOOD_FRIDAY, EASTER_MONDAY, WHIT_MONDAY), on("04-01", "10-01", "10-28")),
    "RO": europe(after_orthodox_easter(GOOD_FRIDAY, EASTER_MONDAY, WHIT_MONDAY), on("01-24", "12-01", "11-30")),
    "BG": europe(after_orthodox_easter(GOOD_FRIDAY, EASTER_MONDAY), on("03-03", "05-24", "09-06", "09-22")),
    "GP": (on("05-27", "07-14"), after_easter(EASTER_MONDAY)),
    "RE": (on("12-20", "07-14"), after_easter(EASTER_MONDAY)),
    "JE": (english_christmas, after_easter(GOOD_FRIDAY, EASTER_MONDAY)),
}


def calculated(days: tuple[Days, ...], year: int) -> set[str]:
    return {day.isoformat()[5:] for each in days for day in each(year)}


def test_forty_places_are_calculated_a_second_time() -> None:
    assert len(EXACT) + len(AMONG_OTHERS) >= 40


@pytest.mark.parametrize("place", EXACT)
def test_the_holidays_are_exactly_those_of_the_other_calculation(place: str) -> None:
    for year in YEARS:
        assert set(HOLIDAYS["holidays"][place][str(year)].split()) == calculated(EXACT[place], year), year


@pytest.mark.parametrize("place", AMONG_OTHERS)
def test_the_holidays_of_the_other_calculation_are_there(place: str) -> None:
    for year in YEARS:
        assert calculated(AMONG_OTHERS[place], year) <= set(HOLIDAYS["holidays"][place][str(year)].split()), year
