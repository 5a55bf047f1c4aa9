"""Where a lead can be, by its number, its state and its own time zone: what its calling hours depend on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autocall.local_time import zone
from functions.leads_api import whereabouts
from functions.leads_api.lead_row import BadRow, about
from functions.leads_api.states import STATES

BERLIN, NEW_JERSEY, MANHATTAN, FLORIDA = "+4930123456", "+12015550123", "+12125550123", "+13055550123"
PENSACOLA, TOLL_FREE, TORONTO, MOSCOW = "+18504320123", "+18002345678", "+14165550123", "+74951234567"


def zones(phone: str, **given: str) -> list[str]:
    found: list[str] = about({"phone": phone, **given}, "US")["zones"]
    return found


@pytest.mark.parametrize(
    ("phone", "where"),
    [
        (BERLIN, ["DE/Europe/Berlin"]),
        (NEW_JERSEY, ["US-NJ/America/New_York"]),
        (MANHATTAN, ["US-NY/America/New_York"]),
        (FLORIDA, ["US-FL/America/New_York"]),
        (PENSACOLA, ["US-FL/America/Chicago"]),
        (TORONTO, ["CA/America/Toronto"]),
        (MOSCOW, ["RU/Europe/Moscow"]),
        (TOLL_FREE, []),
    ],
)
def test_a_lead_of_which_only_the_number_is_known_is_where_its_number_is(phone: str, where: list[str]) -> None:
    assert zones(phone) == where


@pytest.mark.parametrize("state", ["FL", "fl", "Florida", " FLORIDA ", "F.L.", "Flórida"])
def test_a_state_says_more_than_an_area_code(state: str) -> None:
    assert zones(NEW_JERSEY, state=state) == ["US-FL/America/Chicago", "US-FL/America/New_York"]


@pytest.mark.parametrize("state", ["Ruritania", "12", "??"])
def test_a_state_that_is_none_leaves_it_open_in_which_state_the_lead_is(state: str) -> None:
    assert zones(NEW_JERSEY, state=state) == ["US/America/New_York"]


def test_a_state_finds_a_toll_free_number() -> None:
    assert zones(TOLL_FREE, state="Ontario") == [
        "CA-ON/America/Atikokan",
        "CA-ON/America/Toronto",
        "CA-ON/America/Winnipeg",
    ]


def test_outside_of_north_america_a_state_says_nothing() -> None:
    assert zones(BERLIN, state="DE") == ["DE/Europe/Berlin"]


@pytest.mark.parametrize(
    ("timezone", "where"),
    [
        ("America/Denver", ["US-NJ/America/Denver"]),
        ("America/Los Angeles", ["US-NJ/America/Los_Angeles"]),
        ("EST", ["US-NJ/America/New_York"]),
        ("EDT", ["US-NJ/America/New_York"]),
        ("et", ["US-NJ/America/New_York"]),
        ("Eastern", ["US-NJ/America/New_York"]),
        ("Eastern Time", ["US-NJ/America/New_York"]),
        ("Pacific Standard Time", ["US-NJ/America/Los_Angeles"]),
        ("Pacific Daylight Time", ["US-NJ/America/Los_Angeles"]),
        ("MST", ["US-NJ/America/Denver", "US-NJ/America/Phoenix"]),
        ("Newfoundland Time", ["US-NJ/America/St_Johns"]),
        ("Europe/Berlin", ["US-NJ/Europe/Berlin"]),
        ("UTC", ["US-NJ/UTC"]),
    ],
)
def test_a_leads_own_time_zone_is_where_it_is_whatever_its_number_says(timezone: str, where: list[str]) -> None:
    assert zones(NEW_JERSEY, timezone=timezone) == where


@pytest.mark.parametrize("timezone", ["EST", "Eastern", "pt"])
def test_what_north_americans_call_a_time_zone_means_nothing_elsewhere(timezone: str) -> None:
    with pytest.raises(BadRow, match="timezone"):
        zones(BERLIN, timezone=timezone)


@pytest.mark.parametrize(
    "timezone",
    ["Mars/Base", "soon", "+1", "posix/Europe/Berlin", "../Europe/Berlin", "Europe/", "America", "Etc/Unknown"],
)
def test_a_time_zone_that_is_none_is_refused_instead_of_guessed(timezone: str) -> None:
    with pytest.raises(BadRow, match="timezone"):
        zones(NEW_JERSEY, timezone=timezone)


def test_a_time_zone_and_a_state_are_heeded_together() -> None:
    assert zones(NEW_JERSEY, timezone="America/Chicago", state="FL") == ["US-FL/America/Chicago"]


@pytest.mark.parametrize("place", STATES)
def test_a_state_is_known_by_its_name_and_its_letters_and_all_its_zones_exist(place: str) -> None:
    name, names, codes = STATES[place]
    assert whereabouts.state_of(name) == place
    assert whereabouts.state_of(place.rpartition("-")[2]) == place
    assert all(zone(one) for one in names)
    for code in codes.split():
        assert whereabouts.zones("US", names, code, None, "") == sorted(f"{place}/{one}" for one in names)


def test_no_area_code_is_of_two_states() -> None:
    codes = [code for _, _, codes in STATES.values() for code in codes.split()]
    assert len(set(codes)) == len(codes)


@given(st.text(max_size=30), st.booleans())
def test_any_text_for_a_time_zone_is_one_or_is_none(told: str, north_american: bool) -> None:
    for name in whereabouts.time_zones(told, north_american) or ():
        assert zone(name)
