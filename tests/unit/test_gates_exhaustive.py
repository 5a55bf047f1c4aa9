"""Every time zone there is, every minute of a year; only with SOAK=1 in the environment, for it takes minutes."""

import os
from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest

from autocall.gates import Held, lead_gate, load_hours
from autocall.local_time import open_spans, zone
from tests.unit.minute_by_minute import DEFAULT, MINUTE, Minutes

SOAK = os.environ.get("SOAK") == "1"
START = int(datetime(2026, 6, 1, tzinfo=UTC).timestamp())
MINUTES = 366 * 24 * 60
HOURS = load_hours("default")
PLACES = ["US-TX", "US-PA", "FR", "GB", "XX"]


def distinct_zones() -> list[str]:
    """One of each group of zones whose clocks show the same all year."""
    found: dict[tuple[object, ...], str] = {}
    for name in sorted(available_timezones() - {"localtime"}):
        offsets = [
            datetime.fromtimestamp(START + hour * 3600, ZoneInfo(name)).utcoffset() for hour in range(MINUTES // 60)
        ]
        found.setdefault(tuple(offsets), name)
    return sorted(found.values())


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", distinct_zones() if SOAK else [])
def test_every_minute_of_a_year(name: str) -> None:
    place = PLACES[sum(name.encode()) % len(PLACES)]
    told = f"{place}/{name}"
    wall = Minutes(DEFAULT, [told])
    table = [wall.open(START + minute * MINUTE) for minute in range(MINUTES)]
    (rule,) = HOURS.rules(place)
    found = [False] * MINUTES
    for opens, closes in open_spans(zone(name), rule, START, START + MINUTES * MINUTE):
        assert (opens - START) % MINUTE == (closes - START) % MINUTE == 0
        for minute in range(int(opens - START) // MINUTE, int(closes - START) // MINUTE):
            found[minute] = True
    assert found == table
    edges = [minute for minute in range(1, MINUTES) if table[minute] != table[minute - 1]]
    for edge, following in pairwise(edges):
        moment = START + edge * MINUTE
        for off in (-MINUTE, -0.001):
            assert (lead_gate([told], None, HOURS, moment + off) is None) == table[edge - 1]
        for off in (0, 0.001, MINUTE):
            expected = None if table[edge] else Held("hours", START + following * MINUTE)
            assert lead_gate([told], None, HOURS, moment + off) == expected
