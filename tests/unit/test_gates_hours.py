"""Files of calling hours: what they mean, what is wrong with them, and what the one that ships says."""

from typing import Any

import pytest

from autocall.gates import BadHours, load_hours
from autocall.hours_file import read_calendars, read_hours

MONDAY = 20_780  # 2026-11-23, in days from 1970-01-01
ALWAYS = {"week": {"mon-sun": "00:00-24:00"}}
NEVER: dict[str, Any] = {"week": {}}


def rule(**about: Any) -> Any:
    """The one rule of a file."""
    (only,) = read_hours({"world": {"week": {}, **about}}).rules("DE")
    return only


def test_a_day_without_hours_is_closed() -> None:
    told = rule(week={"mon-fri": "09:00-12:30 14:00-20:00", "sat": "10:00-16:00"})
    assert told.on(MONDAY) == ((540, 750), (840, 1200))
    assert told.on(MONDAY + 5) == ((600, 960),)
    assert told.on(MONDAY + 6) == ()


def test_a_closed_day_comes_every_year_or_once() -> None:
    told = rule(week={"mon-sun": "08:00-20:00"}, closed=["11-23", "2026-11-25"])
    assert [bool(told.on(MONDAY + day)) for day in (0, 1, 2, 365, 367)] == [False, True, False, False, True]


def test_a_closed_day_may_be_in_a_list_of_the_file() -> None:
    hours = read_hours({"holidays": {"X": ["11-23"]}, "world": ALWAYS | {"closed": "X"}})
    (told,) = hours.rules("DE")
    assert told.on(MONDAY) == ()


def test_later_weeks_replace_the_first_from_their_date_on() -> None:
    later = {"2026-11-26": {"mon-sun": "10:00-12:00"}, "2026-11-24": {"mon-sun": "09:00-12:00"}}
    told = rule(week={"mon-sun": "08:00-12:00"}, **{"from": later})
    assert [told.on(MONDAY + day)[0][0] // 60 for day in range(5)] == [8, 9, 9, 10, 10]


def test_a_date_may_have_hours_of_its_own_every_year_or_once() -> None:
    told = rule(
        week={"mon-sun": "08:00-20:00"}, on={"11-23": "10:00-12:00", "2026-11-24": "", "2027-11-23": "09:00-10:00"}
    )
    hours = [told.on(MONDAY + day) for day in (0, 1, 2, 365, 366, 731)]
    assert hours == [((600, 720),), (), ((480, 1200),), ((540, 600),), ((480, 1200),), ((600, 720),)]


def test_what_is_closed_stays_closed_though_its_date_has_hours() -> None:
    told = rule(week={"mon-sun": "08:00-20:00"}, on={"11-23": "10:00-12:00"}, closed=["11-23"])
    assert told.on(MONDAY) == ()


def test_the_day_before_a_closed_one_may_be_shorter_and_never_opens_for_that() -> None:
    told = rule(week={"mon-sat": "08:00-13:00 15:00-20:00"}, closed=["11-24", "11-30"], eve="10:00-19:00")
    assert told.on(MONDAY) == ((600, 780), (900, 1140))
    assert told.on(MONDAY + 1) == ()
    assert told.on(MONDAY + 2) == ((480, 780), (900, 1200))
    assert told.on(MONDAY + 6) == ()  # a Sunday before a holiday


def holidays(**about: Any) -> Any:
    """The rule of a place that closes on its public holidays, and knows the years 2026 and 2027."""
    calendars = read_calendars(
        {
            "holidays": {"XX": {"2026": "11-23", "2027": ""}, "YY": {"2026": "11-24"}},
            "half_days": {"XX": {"2026": "11-25"}},
        }
    )
    told = {"world": NEVER, "countries": {"XX": ALWAYS | {"public_holidays": "closed"} | about, "YY": "XX", "ZZ": "XX"}}
    return read_hours(told, calendars)


def test_a_place_closes_on_the_public_holidays_of_its_own() -> None:
    (own,), (other,), (without) = holidays().rules("XX"), holidays().rules("YY"), holidays().rules("ZZ")
    assert [bool(own.on(MONDAY + day)) for day in (0, 1, 2, 3)] == [False, True, False, True]
    assert [bool(other.on(MONDAY + day)) for day in (0, 1, 2, 3)] == [True, False, True, True]
    assert [bool(one.on(MONDAY)) for one in without] == [False]


def test_a_half_day_is_closed_or_keeps_the_hours_that_the_rule_leaves_it() -> None:
    (told,) = holidays(half_day="09:00-12:00").rules("XX")
    assert told.on(MONDAY + 2) == ((540, 720),)


def test_every_day_is_closed_in_a_year_whose_holidays_nobody_knows() -> None:
    (told,) = holidays().rules("XX")
    assert [bool(told.on(MONDAY + day)) for day in (38, 39, 403, 404)] == [True, True, True, False]
    assert not told.on(MONDAY - 365)


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ([], "holidays.json: must be a JSON object"),
        ({"holidays": {}}, "half_days: must be a JSON object"),
        ({"holidays": {"DE": []}, "half_days": {}}, "DE: must be a JSON object"),
        ({"holidays": {"DE": {"2026": "1-1"}}, "half_days": {}}, "DE 2026: must be days such as"),
        ({"holidays": {"DE": {"2026": ["01-01"]}}, "half_days": {}}, "DE 2026: must be days such as"),
    ],
)
def test_what_is_wrong_with_the_holidays_is_said(told: Any, why: str) -> None:
    with pytest.raises(BadHours, match=why):
        read_calendars(told)


def test_a_place_has_the_nearest_rule() -> None:
    told = {"world": NEVER, "countries": {"DE": ALWAYS, "AT": "DE", "US": NEVER | {"states": {"FL": ALWAYS}}}}
    hours = read_hours(told)
    always = hours.rules("DE")
    never = hours.rules("XX")
    assert hours.rules("AT") == hours.rules("DE-BY") == hours.rules("US-FL") == always
    assert hours.rules("US-OH") == hours.rules("XX-AA") == never
    assert hours.rules("US") == always | never


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ([], "calling hours: must be a JSON object"),
        ({}, "world: must be a JSON object"),
        ({"world": {}}, "world: its week: must be a JSON object"),
        ({"world": {"week": {"mo": "08:00-20:00"}}}, "world: 'mo' is not a day"),
        ({"world": {"week": {"fri-mon": "08:00-20:00"}}}, "world: 'fri-mon' is not a day"),
        ({"world": {"week": {"mon": "8-20"}}}, "'8' is not a time of day"),
        ({"world": {"week": {"mon": "08:00"}}}, "must look like"),
        ({"world": {"week": {"mon": "08:00-12:00-13:00"}}}, "must look like"),
        ({"world": {"week": {"mon": "20:00-08:00"}}}, "is not in order"),
        ({"world": {"week": {"mon": "08:00-12:00 11:00-13:00"}}}, "is not in order"),
        ({"world": ALWAYS, "countries": {"DE": {}}}, "DE: its week: must be"),
        ({"world": ALWAYS, "countries": {"AT": "DE"}}, "AT: 'DE' is not a country"),
        ({"world": ALWAYS, "countries": {"US": ALWAYS | {"states": []}}}, "US: its states: must be"),
        ({"world": ALWAYS, "countries": {"US": ALWAYS | {"states": {"FL": {}}}}}, "US-FL: its week: must be"),
        ({"world": ALWAYS | {"closed": "US"}}, "closed must be a list of dates"),
        ({"world": ALWAYS | {"closed": ["Christmas"]}}, "closed must be a list of dates"),
        ({"world": ALWAYS | {"from": {"tomorrow": {}}}}, "from has weeks by the date"),
        ({"unrestricted": "yes"}, "unknown key 'unrestricted'"),
        ({"world": ALWAYS | {"weak": {}}}, "world: unknown key 'weak': the keys are at_most, cite, closed"),
        (
            {"world": ALWAYS, "countries": {"US": ALWAYS | {"states": {"FL": ALWAYS | {"colsed": []}}}}},
            "US-FL: unknown key 'colsed'",
        ),
        ({"world": ALWAYS | {"states": {}}}, "world: unknown key 'states'"),
        ({"world": ALWAYS | {"on": {"christmas": ""}}}, "world: on must have the hours of dates"),
        ({"world": ALWAYS | {"on": {"12-24": "8-12"}}}, "'8' is not a time of day"),
        ({"world": ALWAYS | {"on": {"12-24": None}}}, "world: None must look like"),
        ({"world": ALWAYS | {"eve": "10:00"}}, "world: '10:00' must look like"),
        ({"world": ALWAYS | {"half_day": ["09:00-12:00"]}}, "world: .* must look like"),
        ({"world": ALWAYS | {"public_holidays": "open"}}, "world: public_holidays can only be 'closed'"),
        ({"world": ALWAYS, "countries": {"DE": ALWAYS | {"public_holidays": "closed"}}}, "DE: holidays.json does not"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(told: Any, why: str) -> None:
    with pytest.raises(BadHours, match=why):
        read_hours(told)


@pytest.mark.parametrize("name", ["nowhere", "../default", "", "Default", "default.json", "holidays", "/etc/passwd"])
def test_hours_that_are_not_there_are_said(name: str) -> None:
    with pytest.raises(BadHours, match="calling hours"):
        load_hours(name)


@pytest.mark.parametrize(
    ("place", "monday", "saturday", "sunday"),
    [
        ("US-OH", "8-21", "8-21", "8-21"),
        ("US-FL", "8-20", "8-20", "8-20"),
        ("US-OK", "8-20", "8-20", "8-20"),
        ("US-MD", "8-20", "8-20", "8-20"),
        ("US-WA", "8-20", "8-20", "8-20"),
        ("US-WY", "8-20", "8-20", "8-20"),
        ("US-KY", "10-21", "10-21", "10-21"),
        ("US-TX", "9-21", "9-21", "12-21"),
        ("US-PA", "9-19", "9-19", ""),
        ("GB", "8-21", "9-21", ""),
        ("FR", "10-13 14-20", "", ""),
        ("US-OR", "8-20", "8-20", "8-20"),
        ("US-SD", "9-21", "", ""),
        ("US-UT", "8-21", "8-21", ""),
        ("AE", "9-18", "", ""),
        ("CO", "7-19", "8-15", ""),
        ("ZA", "8-20", "9-13", ""),
        ("XX", "9-20", "10-16", ""),
    ],
)
def test_the_hours_that_ship_know_the_stricter_places(place: str, monday: str, saturday: str, sunday: str) -> None:
    (told,) = load_hours("default").rules(place)
    days = [" ".join(f"{a // 60}-{b // 60}" for a, b in told.on(MONDAY + 7 + day)) for day in (0, 5, 6)]
    assert days == [monday, saturday, sunday]


def test_no_place_opens_before_8_or_after_half_past_9_in_the_evening() -> None:
    """Colombia's law names 7 itself."""
    hours = load_hours("default")
    for place, told in [*hours.jurisdictions.items(), ("world", hours.world)]:
        assert told
        for day in range(MONDAY, MONDAY + 7):
            first = 420 if place == "CO" else 480
            assert all(opens >= first and closes <= 1290 for opens, closes in told.on(day))
