"""Calls that were once let out though a law, or the usage of the place, forbids them; and their neighbours."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from autocall.gates import lead_gate, load_hours

HOURS = load_hours("default")


def is_open(zone: str, local: str) -> bool:
    """Whether a lead may be called at a moment on its own clock."""
    moment = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone.partition("/")[2])).timestamp()
    return lead_gate([zone], None, HOURS, moment) is None


@pytest.mark.parametrize(
    ("zone", "closed", "open_"),
    [
        ("US-OR/America/Los_Angeles", "2026-12-01T20:30", "2026-12-01T19:59"),
        ("AE/Asia/Dubai", "2026-12-01T18:30", "2026-12-01T09:00"),
        ("AE/Asia/Dubai", "2026-12-05T12:00", "2026-12-04T12:00"),
        ("CO/America/Bogota", "2026-12-01T19:30", "2026-12-01T07:00"),
        ("CO/America/Bogota", "2026-12-05T15:30", "2026-12-05T14:59"),
        ("CO/America/Bogota", "2026-12-08T12:00", "2026-12-09T12:00"),
        ("CO/America/Bogota", "2027-01-11T12:00", "2027-01-06T12:00"),  # Epiphany moves to Monday
        ("ZA/Africa/Johannesburg", "2026-12-05T14:00", "2026-12-05T12:59"),
        ("ZA/Africa/Johannesburg", "2026-12-16T12:00", "2026-12-17T12:00"),
        ("ZA/Africa/Johannesburg", "2027-03-22T12:00", "2027-03-23T12:00"),  # a holiday on a Sunday
        ("IT/Europe/Rome", "2026-12-24T09:30", "2026-12-24T10:00"),
        ("IT/Europe/Rome", "2026-12-24T19:30", "2026-12-24T18:59"),
        ("IT/Europe/Rome", "2026-12-07T19:00", "2026-12-10T19:30"),
        ("US-SD/America/Chicago", "2026-12-05T12:00", "2026-12-04T12:00"),
        ("US-UT/America/Denver", "2028-07-24T12:00", "2028-07-25T12:00"),
        ("US-UT/America/Denver", "2027-07-23T12:00", "2027-07-26T12:00"),
        ("US-RI/America/New_York", "2027-08-09T12:00", "2027-08-10T12:00"),
        ("US-RI/America/New_York", "2027-05-04T12:00", "2027-05-05T12:00"),
        ("US-RI/America/New_York", "2028-11-07T12:00", "2027-11-02T12:00"),  # election day
        ("US-LA/America/Chicago", "2027-02-09T12:00", "2027-02-10T12:00"),
        ("US-LA/America/Chicago", "2026-11-27T12:00", "2026-11-28T12:00"),
        ("US-LA/America/Chicago", "2027-03-26T12:00", "2027-03-27T12:00"),
        ("US-AL/America/Chicago", "2026-12-01T12:00", "2026-12-02T12:00"),
        ("US-AL/America/Chicago", "2027-04-26T12:00", "2027-04-27T12:00"),
        ("US-MS/America/Chicago", "2027-07-05T12:00", "2027-07-06T12:00"),
        ("US-PA/America/New_York", "2027-03-26T12:00", "2027-03-27T12:00"),
        ("US-PA/America/New_York", "2027-06-14T12:00", "2027-06-15T12:00"),
        ("US-PA/America/New_York", "2026-12-15T12:00", "2026-12-16T12:00"),
        ("CA-BC/America/Vancouver", "2026-12-25T12:00", "2026-12-26T12:00"),
        ("CA-BC/America/Vancouver", "2027-08-02T12:00", "2027-08-03T12:00"),
        ("GB/Europe/London", "2026-12-28T12:00", "2026-12-29T12:00"),
        ("AU/Australia/Sydney", "2026-12-28T12:00", "2026-12-29T12:00"),
        ("NL/Europe/Amsterdam", "2026-12-24T18:30", "2026-12-24T18:29"),
        ("FR/Europe/Paris", "2027-05-17T11:00", "2027-05-18T11:00"),
        ("DE/Europe/Berlin", "2027-05-06T12:00", "2027-05-07T12:00"),
    ],
)
def test_what_is_forbidden_is_closed_and_what_stands_beside_it_is_open(zone: str, closed: str, open_: str) -> None:
    assert not is_open(zone, closed)
    assert is_open(zone, open_)


def test_no_year_that_comes_soon_is_without_holidays() -> None:
    """Beyond the last one every place with holidays is closed: `make holidays` with a later LAST comes in time."""
    calendars = [rule.calendar for rule in HOURS.jurisdictions.values() if rule.calendar]
    assert calendars
    assert all(str(datetime.now(UTC).year + 3) in calendar.holidays for calendar in calendars)
