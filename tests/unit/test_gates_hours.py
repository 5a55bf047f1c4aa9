"""Files of calling hours: what they mean, what is wrong with them, and what the one that ships says."""

from typing import Any

import pytest

from autocall.gates import BadHours, load_hours
from autocall.hours_file import read_hours
from tests.unit.minute_by_minute import DEFAULT

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
        ({"world": {"week": {"mo": "08:00-20:00"}}}, "world: 'mo' is no day"),
        ({"world": {"week": {"fri-mon": "08:00-20:00"}}}, "world: 'fri-mon' is no day"),
        ({"world": {"week": {"mon": "8-20"}}}, "'8' is no time of day"),
        ({"world": {"week": {"mon": "08:00"}}}, "is not like"),
        ({"world": {"week": {"mon": "08:00-12:00-13:00"}}}, "is not like"),
        ({"world": {"week": {"mon": "20:00-08:00"}}}, "is not in order"),
        ({"world": {"week": {"mon": "08:00-12:00 11:00-13:00"}}}, "is not in order"),
        ({"world": ALWAYS, "countries": {"DE": {}}}, "DE: its week: must be"),
        ({"world": ALWAYS, "countries": {"AT": "DE"}}, "AT: 'DE' is no country"),
        ({"world": ALWAYS, "countries": {"US": ALWAYS | {"states": []}}}, "US: its states: must be"),
        ({"world": ALWAYS, "countries": {"US": ALWAYS | {"states": {"FL": {}}}}}, "US-FL: its week: must be"),
        ({"world": ALWAYS | {"closed": "US"}}, "closed is a list of dates"),
        ({"world": ALWAYS | {"closed": ["Christmas"]}}, "closed is a list of dates"),
        ({"world": ALWAYS | {"from": {"tomorrow": {}}}}, "from a date on"),
        ({"unrestricted": "yes"}, "world: must be"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(told: Any, why: str) -> None:
    with pytest.raises(BadHours, match=why):
        read_hours(told)


@pytest.mark.parametrize("name", ["nowhere", "../default", "", "Default", "default.json", "/etc/passwd"])
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
        ("XX", "9-20", "10-16", ""),
    ],
)
def test_the_hours_that_ship_know_the_stricter_places(place: str, monday: str, saturday: str, sunday: str) -> None:
    (told,) = load_hours("default").rules(place)
    days = [" ".join(f"{a // 60}-{b // 60}" for a, b in told.on(MONDAY + 7 + day)) for day in (0, 5, 6)]
    assert days == [monday, saturday, sunday]


def test_no_place_opens_before_8_or_after_half_past_9_in_the_evening() -> None:
    hours = load_hours("default")
    for told in [*hours.places.values(), hours.world]:
        assert told
        for day in range(MONDAY, MONDAY + 7):
            assert all(opens >= 480 and closes <= 1290 for opens, closes in told.on(day))


def test_every_rule_that_ships_names_its_source() -> None:
    rules = [rule for rule in DEFAULT["countries"].values() if not isinstance(rule, str)]
    states = [state for rule in rules for state in rule.get("states", {}).values()]
    assert all(rule["source"] for rule in [DEFAULT["world"], *rules, *states])
    assert "verify every line before use" in DEFAULT["about"][0]
