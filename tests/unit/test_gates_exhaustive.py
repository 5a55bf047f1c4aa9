"""Every time zone there is, every minute of a year: two minutes, and so only with SOAK=1 in the environment."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest

from autocall.gates import Held, lead_gate, load_hours
from autocall.local_time import open_spans, zone
from tests.rotation import SOAK
from tests.unit.minute_by_minute import DEFAULT, MINUTE, Minutes, distinct_zones

FIRST, LAST = datetime(2026, 6, 1, tzinfo=UTC), datetime(2027, 6, 2, tzinfo=UTC)
START, MINUTES = int(FIRST.timestamp()), (LAST - FIRST).days * 24 * 60
HOURS = load_hours("default")
PLACES = ["US-TX", "US-PA", "FR", "GB", "XX", "IT", "NL", "US-LA", "CO"]


@pytest.mark.parametrize("name", distinct_zones(FIRST, LAST) if SOAK else [])
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
