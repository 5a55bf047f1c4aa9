"""The gate against hours worked out minute by minute: around the changes of clocks, at every edge, and anywhere.

Each run looks at every zone, but away from the edges only at some minutes, others every day; with SOAK=1 at all.
"""

import random
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autocall.gates import Held, lead_gate, load_hours
from autocall.hours_file import DAYS, read_hours
from tests.rotation import SOAK, TODAY
from tests.unit.minute_by_minute import DEFAULT, HORIZON_MINUTES, MINUTE, Minutes, clock_changes, distinct_zones

FIRST, LAST = datetime(2026, 9, 1, tzinfo=UTC), datetime(2027, 9, 1, tzinfo=UTC)
AROUND_MINUTES = 36 * 60
NEAR_MINUTES = 20
EVERY = 13
DAY = 86_400
HOURS = load_hours("default")

# Two zones at once, a state of its own, changes at midnight, by half an hour, at 45 minutes past, and none at all.
SAMPLE = [
    ["US-FL/America/New_York", "US-FL/America/Chicago"],
    ["AU/Australia/Lord_Howe", "AU/Australia/Perth"],
    ["US-TX/America/Denver"],
    ["GB/Europe/London"],
    ["FR/Europe/Paris"],
    ["CL/America/Santiago"],
    ["EG/Africa/Cairo"],
    ["LB/Asia/Beirut"],
    ["MA/Africa/Casablanca"],
    ["NZ/Pacific/Chatham"],
    ["CA-NL/America/St_Johns"],
    ["IN/Asia/Kolkata"],
]


def changes(zone: str) -> list[int]:
    return [moment for moment, _ in clock_changes(zone, FIRST, LAST)[1:]]


# All zones there are, those with the same clock once; the place, and the ordinary days, are others every day.
ZONES = distinct_zones(FIRST, LAST)
PLACES = [
    *(country for country, rule in DEFAULT["countries"].items() if isinstance(rule, str) or not rule.get("states")),
    *(f"US-{state}" for state in DEFAULT["countries"]["US"]["states"]),
    *("XX", "US-OH"),
]
DRAWN = random.Random(TODAY)
CHANGES = [(zone, change) for zone in ZONES for change in changes(zone)]
AROUND_CHANGES = [
    *((zones, change) for zones in SAMPLE[:2] for zone in zones for change in changes(zone.partition("/")[2])),
    *(([f"{DRAWN.choice(PLACES)}/{zone}"], change) for zone, change in CHANGES),
]
ORDINARY = [([f"{DRAWN.choice(PLACES)}/{zone}"], int(FIRST.timestamp()) + DRAWN.randrange(365) * DAY) for zone in ZONES]
WINDOW = {"from": "09:30", "to": "17:15", "days": [1, 2, 3, 4, 6, 7]}


def agree(held: Held | None, now: int, opens: int | None) -> bool:
    """Whether the gate says what the calendar says."""
    if opens == now:
        return held is None
    return held is not None and held.until == (now + DAY if opens is None else opens)


def name_of(told: Any) -> str:
    """Without what is drawn anew every day."""
    return "-".join(zone.partition("/")[2] for zone in told) if isinstance(told, list) else "at"


@pytest.mark.parametrize(("zones", "change"), AROUND_CHANGES, ids=name_of)
def test_the_minutes_around_every_change_of_clocks(zones: list[str], change: int) -> None:
    """36 hours before and after, in every zone; what another day drew is played again by TESTS_OF=2027-03-14."""
    check_the_minutes(zones, change, None)


@pytest.mark.parametrize(("zones", "moment"), ORDINARY, ids=name_of)
def test_the_minutes_around_the_edges_of_a_window(zones: list[str], moment: int) -> None:
    """Three days in every zone, with the edges of the place's hours and of an agent's window in them."""
    check_the_minutes(zones, moment, WINDOW)


def check_the_minutes(zones: list[str], middle: int, window: dict[str, Any] | None) -> None:
    start = middle - AROUND_MINUTES * MINUTE
    minutes = list(Minutes(DEFAULT, zones, window).next_openings(start, 2 * AROUND_MINUTES))
    is_open = [opens == now for now, opens in minutes]
    edges = [index for index in range(1, len(minutes)) if is_open[index] != is_open[index - 1]]
    near = {edge + off for edge in [*edges, AROUND_MINUTES] for off in range(-NEAR_MINUTES, NEAR_MINUTES + 1)}
    first = random.Random(f"{TODAY} {zones}").randrange(EVERY)
    for index, (now, opens) in enumerate(minutes):
        if not SOAK and index not in near and index % EVERY != first:
            continue
        assert agree(lead_gate(zones, window, HOURS, now), now, opens), f"{zones} at {now}"


@pytest.mark.parametrize("zones", [*SAMPLE, ["US/America/Chicago"]], ids=lambda zones: zones[0].replace("/", "_"))
def test_the_millisecond_at_every_edge(zones: list[str]) -> None:
    """A week, and what lies a millisecond before and after each minute in which the gate opens or closes."""
    wall = Minutes(DEFAULT, zones)
    start = int(datetime(2026, 12, 21, tzinfo=UTC).timestamp())
    table = [wall.open(start + minute * MINUTE) for minute in range(8 * 1440)]
    edges = [minute for minute in range(1, len(table)) if table[minute] != table[minute - 1]]
    assert len(edges) >= 6
    for edge in edges:
        moment = start + edge * MINUTE
        before, after = (lead_gate(zones, None, HOURS, moment + off) is None for off in (-0.001, 0))
        assert (before, after) == (table[edge - 1], table[edge])
        if table[edge]:
            assert lead_gate(zones, None, HOURS, moment - 0.001) == Held("hours", moment)


clocks = st.integers(0, 96).map(lambda quarter: f"{quarter // 4:02}:{quarter % 4 * 15:02}")


@st.composite
def weeks(draw: st.DrawFn) -> dict[str, str]:
    """Any week: some days closed, some with up to three stretches, edges also in the hours when clocks change."""
    week = {}
    for day in DAYS:
        ends = sorted(draw(st.sets(clocks, max_size=6)))
        pairs = zip(ends[::2], ends[1::2], strict=False)
        week[day] = " ".join(f"{opens}-{closes}" for opens, closes in pairs)
    return week


windows = st.none() | st.fixed_dictionaries(
    {"from": st.sampled_from(["00:00", "01:30", "09:00"]), "to": st.sampled_from(["02:15", "17:30", "24:00"])},
    optional={"days": st.lists(st.integers(1, 7), min_size=1, max_size=7)},
).filter(lambda window: window["from"] < window["to"])
near_a_change = st.tuples(st.sampled_from(CHANGES), st.integers(-5000, 5000)).map(lambda t: t[0][1] + t[1] * 30)
anywhere = st.integers(int(FIRST.timestamp()), int(LAST.timestamp()))
names = st.sampled_from([zone.partition("/")[2] for zones in SAMPLE for zone in zones])


@settings(max_examples=50)
@given(
    week=weeks(),
    later=st.none() | weeks(),
    closed=st.sets(st.sampled_from(["10-31", "11-01", "2027-03-14", "03-28"]), max_size=2),
    of_a_date=st.dictionaries(st.sampled_from(["10-31", "03-13", "2026-11-01"]), st.sampled_from(["", "01:15-02:45"])),
    eve=st.none() | st.sampled_from(["", "00:30-09:15", "10:00-19:00 20:00-24:00"]),
    places=st.lists(st.tuples(st.sampled_from(["AA", "BB", "CC"]), names), min_size=1, max_size=3),
    window=windows,
    now=near_a_change | anywhere,
)
def test_any_hours_in_any_zones_at_any_moment(
    week: dict[str, str],
    later: dict[str, str] | None,
    closed: set[str],
    of_a_date: dict[str, str],
    eve: str | None,
    places: list[tuple[str, str]],
    window: dict[str, Any] | None,
    now: int,
) -> None:
    first = {"week": week, "closed": sorted(closed), **({"from": {"2026-12-01": later}} if later else {})}
    first |= {"on": of_a_date, **({"eve": eve} if eve is not None else {})}
    told = {"world": first, "countries": {"AA": {"week": {"mon-sun": "06:00-23:00"}}}}
    zones = [f"{place}/{name}" for place, name in places]
    held = lead_gate(zones, window, read_hours(told), now)
    wall = Minutes(told, zones, window)
    if held is None:
        assert wall.open(now)
        return
    assert held.until
    assert not wall.open(now)
    minute = now - now % MINUTE + MINUTE
    opens = next((then for then in range(minute, now + HORIZON_MINUTES * MINUTE, MINUTE) if wall.open(then)), None)
    assert held.until == (now + DAY if opens is None else opens)
