"""Where a lead can be, by its number, its state and its own time zone: what its calling hours depend on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autocall.local_time import zone
from functions.leads_api.lists import phone_numbers
from functions.leads_api.lists import zones as where_zones
from functions.leads_api.lists.us_ca_regions import STATES

BERLIN, NEW_JERSEY, MANHATTAN, FLORIDA = "+4930123456", "+12015550123", "+12125550123", "+13055550123"
PENSACOLA, TOLL_FREE, TORONTO, MOSCOW = "+18504320123", "+18002345678", "+14165550123", "+74951234567"


def zones(phone: str, **given: str) -> list[str]:
    number = phone_numbers.parse(phone, "US")
    return where_zones.zones(number, given.get("timezone", ""), given.get("state", ""))


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


@pytest.mark.parametrize(
    "state",
    [
        *(
            "US-CA",
            "CA - California",
            "California (CA)",
            "California, USA",
            "Calif.",
            "Cal",
            "CA 94105",
            "Los Angeles, CA",
        ),
        *("USA-CA", "State of California", "california"),
    ],
)
def test_a_state_is_known_however_people_write_it(state: str) -> None:
    assert zones(NEW_JERSEY, state=state) == ["US-CA/America/Los_Angeles"]


@pytest.mark.parametrize(
    ("state", "place"), [("W. Va.", "US-WV"), ("D.C.", "US-DC"), ("Ont.", "CA-ON"), ("CA-ON", "CA-ON")]
)
def test_abbreviations_of_the_press_are_known(state: str, place: str) -> None:
    assert where_zones.state_of(state) == place


@pytest.mark.parametrize(
    "state", ["Ruritania", "Californa", "NY/NJ", "Portland, OR/ME", "DE, Germany", "CA, Canada", "Bayern"]
)
def test_a_state_that_is_not_understood_opens_when_all_zones_of_the_country_are_open(state: str) -> None:
    found = zones(NEW_JERSEY, state=state)
    assert {"US/America/New_York", "US/America/Los_Angeles", "US/Pacific/Honolulu", "US/America/Anchorage"} <= set(
        found
    )


@pytest.mark.parametrize("state", ["", "-", "N/A", "unknown", "USA", "US", "United States"])
def test_a_state_that_says_nothing_leaves_the_area_code(state: str) -> None:
    assert zones(NEW_JERSEY, state=state) == ["US-NJ/America/New_York"]


def test_elsewhere_too_a_state_that_nobody_knows_opens_when_all_zones_are_open() -> None:
    sydney = "+61212345678"
    assert zones(sydney) == ["AU/Australia/Sydney"]
    assert "AU/Australia/Perth" in zones(sydney, state="Western Australia")


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
        ("Newfoundland Time", ["US-NJ/America/New_York", "US-NJ/America/St_Johns"]),
        ("Europe/Berlin", ["US-NJ/America/New_York", "US-NJ/Europe/Berlin"]),
        ("(UTC-08:00) Pacific Time (US & Canada)", ["US-NJ/America/Los_Angeles"]),
        ("US/Pacific", ["US-NJ/America/Los_Angeles"]),
    ],
)
def test_a_leads_own_time_zone_of_its_country_is_where_it_is_whatever_its_number_says(
    timezone: str, where: list[str]
) -> None:
    assert zones(NEW_JERSEY, timezone=timezone) == where


@pytest.mark.parametrize(
    "timezone", ["UTC", "utc", "Etc/GMT-5", "Etc/UTC", "GMT", "GMT+1", "UTC-05:00", "Z", "N/A", "-", "+1"]
)
def test_what_is_no_place_is_no_time_zone(timezone: str) -> None:
    """Many programs write UTC where they know nothing; `Etc/GMT-5` is east of Greenwich besides."""
    assert zones(NEW_JERSEY, timezone=timezone) == ["US-NJ/America/New_York"]
    assert zones(BERLIN, timezone=timezone) == ["DE/Europe/Berlin"]


@pytest.mark.parametrize("timezone", ["EST", "Eastern", "pt"])
def test_what_north_americans_call_a_time_zone_means_nothing_elsewhere(timezone: str) -> None:
    assert where_zones.time_zones(timezone, north_american=False) is None
    assert zones(BERLIN, timezone=timezone) == ["DE/Europe/Berlin"]


@pytest.mark.parametrize(
    "timezone", ["Mars/Base", "soon", "posix/Europe/Berlin", "../Europe/Berlin", "Europe/", "America"]
)
def test_a_time_zone_that_is_not_understood_opens_when_all_zones_of_the_country_are_open(timezone: str) -> None:
    assert where_zones.time_zones(timezone, north_american=True) is None
    assert {"US-NJ/America/New_York", "US-NJ/Pacific/Honolulu"} <= set(zones(NEW_JERSEY, timezone=timezone))


@pytest.mark.parametrize("timezone", ["Europe/London", "Asia/Tokyo", "America/Bogota", "America/Sao_Paulo"])
def test_a_time_zone_of_another_country_never_widens_the_hours(timezone: str) -> None:
    assert set(zones(NEW_JERSEY, timezone=timezone)) == {"US-NJ/America/New_York", f"US-NJ/{timezone}"}


@pytest.mark.parametrize(("area", "place"), [("436", "US-OH"), ("483", "US-AL"), ("679", "US-MI")])
def test_an_area_code_that_is_newer_than_libphonenumber_is_in_its_state(area: str, place: str) -> None:
    assert zones(f"+1{area}5550123") == sorted(f"{place}/{name}" for name in STATES[place][1])


def test_an_area_code_that_nobody_knows_can_be_anywhere_in_the_usa_or_canada() -> None:
    found = zones("+12325550123")
    assert {"US/America/Detroit", "US/Pacific/Honolulu", "CA/America/St_Johns"} <= set(found)


def test_a_time_zone_and_a_state_are_heeded_together() -> None:
    assert zones(NEW_JERSEY, timezone="America/Chicago", state="FL") == ["US-FL/America/Chicago"]


@pytest.mark.parametrize("place", STATES)
def test_a_state_is_known_by_its_name_and_its_letters_and_all_its_zones_exist(place: str) -> None:
    name, names, codes = STATES[place]
    assert where_zones.state_of(name) == place
    assert where_zones.state_of(place.rpartition("-")[2]) == place
    assert all(zone(one) for one in names)
    for code in codes.split():
        number = phone_numbers.Number(f"+1{code}5550123", "US", names, code, 1)
        assert where_zones.zones(number, "", "") == sorted(f"{place}/{one}" for one in names)


def test_no_area_code_is_of_two_states() -> None:
    codes = [code for _, _, codes in STATES.values() for code in codes.split()]
    assert len(set(codes)) == len(codes)


@given(st.text(max_size=30), st.booleans())
def test_any_text_for_a_time_zone_is_one_or_is_none(told: str, north_american: bool) -> None:
    for name in where_zones.time_zones(told, north_american) or ():
        assert zone(name)
