"""When a lead may be called: the answers a person would work out with a calendar and a clock."""

from datetime import UTC, datetime
from typing import Any

import pytest

from autocall.gates import BadHours, Held, lead_gate, load_hours, opens_wider, validate_window
from autocall.hours_file import read_hours

DEFAULT = load_hours("default")
ALWAYS = load_hours("always")
DAY = 86_400

NEW_YORK, FLORIDA = "US-NY/America/New_York", "US-FL/America/New_York"
WORKDAY = {"from": "09:00", "to": "17:30", "days": [1, 2, 3, 4, 5]}


def at(text: str) -> float:
    """A moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def opens(zones: list[str], moment: str, window: Any = None) -> str | None:
    """When the gate opens, as UTC text; None if it is open."""
    held = lead_gate(zones, window, DEFAULT, at(moment))
    if held is None:
        return None
    assert held.reason == "hours"
    assert held.until
    return datetime.fromtimestamp(held.until, UTC).strftime("%Y-%m-%dT%H:%M:%S")


@pytest.mark.parametrize(
    ("zone", "moment", "until"),
    [
        (NEW_YORK, "2026-11-23T12:59:59.999", "2026-11-23T13:00:00"),
        (NEW_YORK, "2026-11-23T13:00:00", None),
        (NEW_YORK, "2026-11-24T01:59:59.999", None),
        (NEW_YORK, "2026-11-24T02:00:00", "2026-11-24T13:00:00"),
        (FLORIDA, "2026-11-24T01:00:00", "2026-11-24T13:00:00"),
        ("US-KY/America/New_York", "2026-11-23T14:00:00", "2026-11-23T15:00:00"),
        ("US-TX/America/Chicago", "2026-11-22T17:59:00", "2026-11-22T18:00:00"),
        ("US-TX/America/Chicago", "2026-11-23T15:00:00", None),
        ("GB/Europe/London", "2026-11-22T12:00:00", "2026-11-23T08:00:00"),
        ("GB/Europe/London", "2026-12-24T21:00:00", "2026-12-29T08:00:00"),
        ("FR/Europe/Paris", "2026-11-23T12:00:00", "2026-11-23T13:00:00"),
        ("CA-ON/America/Toronto", "2026-11-21T14:30:00", "2026-11-21T15:00:00"),
        ("CH/Europe/Zurich", "2026-11-23T08:00:00", None),
        ("JP/Asia/Tokyo", "2026-11-22T23:59:00", "2026-11-23T00:00:00"),
        ("SA/Asia/Riyadh", "2026-11-27T08:00:00", "2026-11-29T07:00:00"),
        ("US-PR/America/Puerto_Rico", "2026-11-23T12:00:00", None),
    ],
)
def test_each_place_has_its_hours(zone: str, moment: str, until: str | None) -> None:
    assert opens([zone], moment) == until


@pytest.mark.parametrize(("sunday", "until"), [("2026-10-11", None), ("2026-10-18", "2026-10-19T13:00:00")])
def test_a_rule_changes_on_its_day(sunday: str, until: str | None) -> None:
    assert opens(["US-PA/America/New_York"], f"{sunday}T16:00:00") == until


def test_a_state_without_rules_of_its_own_has_its_countrys() -> None:
    assert opens(["US-OH/America/New_York"], "2026-11-24T01:30:00") is None


def test_a_state_that_is_not_known_has_the_rules_of_all() -> None:
    everywhere = opens(["US/America/New_York"], "2026-11-23T13:00:00")
    assert everywhere == "2026-11-23T15:00:00"
    assert opens(["US/America/New_York"], "2026-11-23T23:00:00") == "2026-11-24T15:00:00"


def test_all_zones_must_be_open() -> None:
    both = [FLORIDA, "US-FL/America/Chicago"]
    assert opens(both, "2026-11-23T13:00:00") == "2026-11-23T14:00:00"
    assert opens(both, "2026-11-24T00:59:59") is None
    assert opens(both, "2026-11-24T01:00:00") == "2026-11-24T14:00:00"


def test_zones_far_apart_wait_for_the_hours_they_share() -> None:
    assert opens(["US-CA/America/Los_Angeles", "GB/Europe/London"], "2026-11-23T12:00:00") == "2026-11-23T16:00:00"
    assert opens(["US-CA/America/Los_Angeles", "GB/Europe/London"], "2026-11-20T21:00:00") == "2026-11-21T16:00:00"
    assert opens([NEW_YORK, "IN/Asia/Kolkata"], "2026-11-23T13:30:00") == "2026-11-24T13:00:00"


# -- the accidents of others -----------------------------------------------------------------------------------------


def test_the_window_is_the_leads_and_not_that_of_utc() -> None:
    """A window of 10 to 19 in India, kept by a clock in UTC, called until half past midnight."""
    assert opens(["IN/Asia/Kolkata"], "2026-11-23T18:59:00") == "2026-11-24T04:30:00"
    assert opens(["IN/Asia/Kolkata"], "2026-11-23T05:00:00") is None


@pytest.mark.parametrize(
    ("closes", "opens_again"),
    [
        ("2026-10-31T00:00:00", "2026-10-31T13:00:00"),
        ("2026-11-01T00:00:00", "2026-11-01T14:00:00"),
        ("2027-03-14T01:00:00", "2027-03-14T13:00:00"),
    ],
)
def test_tomorrow_is_a_day_on_the_calendar_and_not_24_hours(closes: str, opens_again: str) -> None:
    """A window of so many hours from now on once rang people at 3 in the morning."""
    nine_to_eight = read_hours({"world": {"week": {"mon-sun": "09:00-20:00"}}})
    assert lead_gate([NEW_YORK], None, nine_to_eight, at(closes) - 0.001) is None
    assert lead_gate([NEW_YORK], None, nine_to_eight, at(closes)) == Held("hours", at(opens_again))


@pytest.mark.parametrize(
    ("stretch", "moment", "until"),
    [
        ("02:15-04:00", "2027-03-14T06:59:59", "2027-03-14T07:00:00"),  # 02:15 does not exist that night
        ("02:15-02:45", "2027-03-14T06:00:00", "2027-03-15T06:15:00"),
        ("01:15-01:45", "2026-11-01T05:45:00", "2026-11-01T06:15:00"),  # 01:15 comes twice that night
        ("01:15-01:45", "2026-11-01T06:45:00", "2026-11-02T06:15:00"),
    ],
)
def test_an_hour_may_be_missing_or_come_twice(stretch: str, moment: str, until: str) -> None:
    hours = read_hours({"world": {"week": {"mon-sun": stretch}}})
    assert lead_gate([NEW_YORK], None, hours, at(moment)) == Held("hours", at(until))


@pytest.mark.parametrize(
    "zones",
    [
        [],
        [""],
        ["America/New_York"],
        ["US/"],
        ["US/Nowhere"],
        ["US/America"],
        ["US/../../etc/passwd"],
        ["us/America/New_York"],
        ["US/EST5EDT/x"],
        [FLORIDA, "US-FL/America/Miami"],
    ],
)
def test_a_zone_that_is_not_known_is_closed(zones: list[str]) -> None:
    now = at("2026-11-23T16:00:00")
    assert lead_gate(zones, None, DEFAULT, now) == Held("zone", now + DAY)


def test_nothing_waits_for_ever_for_zones_that_are_never_open_together() -> None:
    now = at("2026-11-23T16:00:00")
    apart = [NEW_YORK, "AU/Australia/Perth", "GB/Europe/London"]
    assert lead_gate(apart, None, DEFAULT, now) == Held("zone", now + DAY)


def test_hours_that_never_come_are_looked_at_again_the_next_day() -> None:
    now = at("2026-11-23T16:00:00")
    assert lead_gate([NEW_YORK], {"from": "06:00", "to": "07:00"}, DEFAULT, now) == Held("hours", now + DAY)


# -- the agent's own window ------------------------------------------------------------------------------------------


def test_the_window_narrows_in_the_leads_time() -> None:
    assert opens([NEW_YORK], "2026-11-23T13:30:00", WORKDAY) == "2026-11-23T14:00:00"
    assert opens([NEW_YORK], "2026-11-23T22:29:59", WORKDAY) is None
    assert opens([NEW_YORK], "2026-11-27T22:30:00", WORKDAY) == "2026-11-30T14:00:00"


def test_the_window_never_widens() -> None:
    all_day = {"from": "00:00", "to": "24:00"}
    assert opens([FLORIDA], "2026-11-24T01:00:00", all_day) == opens([FLORIDA], "2026-11-24T01:00:00")


def test_every_zone_must_be_within_the_window() -> None:
    two = [NEW_YORK, "US-CA/America/Los_Angeles"]
    assert opens(two, "2026-11-23T14:00:00", WORKDAY) == "2026-11-23T17:00:00"


@pytest.mark.parametrize("zones", [[], ["US/Nowhere"], [NEW_YORK]])
def test_without_hours_everything_is_open(zones: list[str]) -> None:
    assert lead_gate(zones, None, ALWAYS, at("2026-11-24T08:00:00")) is None


def test_without_hours_the_window_still_holds() -> None:
    now = at("2026-11-24T08:00:00")
    assert lead_gate([NEW_YORK], WORKDAY, ALWAYS, now) == Held("hours", at("2026-11-24T14:00:00"))
    assert lead_gate([], WORKDAY, ALWAYS, now) == Held("zone", now + DAY)


@pytest.mark.parametrize("window", [{}, {"from": "9"}, {"from": "17:00", "to": "09:00"}, [], "09:00-17:00"])
def test_a_window_that_is_none_is_closed(window: Any) -> None:
    now = at("2026-11-23T16:00:00")
    assert lead_gate([NEW_YORK], window, DEFAULT, now) == Held("window", now + DAY)


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        (None, None),
        ({"from": "09:00", "to": "17:30"}, {"from": "09:00", "to": "17:30", "days": [1, 2, 3, 4, 5, 6, 7]}),
        ({"from": "00:00", "to": "24:00", "days": [7, 1, 7]}, {"from": "00:00", "to": "24:00", "days": [1, 7]}),
    ],
)
def test_a_window_is_kept_in_full(told: Any, meant: Any) -> None:
    assert validate_window(told) == meant


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({}, "must be {from, to, days}"),
        ("09:00-17:00", "must be {from, to, days}"),
        ([], "must be {from, to, days}"),
        (False, "must be {from, to, days}"),
        ({"from": "09:00"}, "must be {from, to, days}"),
        ({"from": "09:00", "to": "17:00", "zone": "UTC"}, "must be {from, to, days}"),
        ({"from": "9:00", "to": "17:00"}, "'9:00' is not a time of day"),
        ({"from": "09:00", "to": "25:00"}, "'25:00' is not a time of day"),
        ({"from": "09:00", "to": "17:60"}, "'17:60' is not a time of day"),
        ({"from": "24:30", "to": "24:00"}, "'24:30' is not a time of day"),
        ({"from": 9, "to": 17}, "9 is not a time of day"),
        ({"from": "\u0660\u0669:\u0660\u0660", "to": "17:00"}, "is not a time of day"),
        ({"from": "17:00", "to": "17:00"}, "from must be before to"),
        ({"from": "22:00", "to": "06:00"}, "from must be before to"),
        ({"from": "09:00", "to": "17:00", "days": []}, "days must list at least one"),
        ({"from": "09:00", "to": "17:00", "days": None}, "days must list at least one"),
        ({"from": "09:00", "to": "17:00", "days": [0]}, "days must list at least one"),
        ({"from": "09:00", "to": "17:00", "days": [8]}, "days must list at least one"),
        ({"from": "09:00", "to": "17:00", "days": [True]}, "days must list at least one"),
        ({"from": "09:00", "to": "17:00", "days": ["mon"]}, "days must list at least one"),
        ({"from": "09:00", "to": "17:00", "days": 5}, "days must list at least one"),
    ],
)
def test_what_is_wrong_with_a_window_is_said(told: Any, why: str) -> None:
    with pytest.raises(BadHours, match=why):
        validate_window(told)


@pytest.mark.parametrize(
    ("old", "new", "wider"),
    [
        (None, None, False),
        (None, WORKDAY, False),
        (WORKDAY, None, True),
        (WORKDAY, WORKDAY, False),
        (WORKDAY, WORKDAY | {"from": "10:00"}, False),
        (WORKDAY, WORKDAY | {"from": "08:00", "to": "12:00"}, True),
        (WORKDAY, WORKDAY | {"to": "18:00"}, True),
        (WORKDAY, WORKDAY | {"days": [1, 2]}, False),
        (WORKDAY, WORKDAY | {"days": [6]}, True),
    ],
)
def test_a_window_that_opens_wider_is_noticed(old: Any, new: Any, wider: bool) -> None:
    assert opens_wider(old, new) is wider
