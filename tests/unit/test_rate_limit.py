"""The account's calls per second, shared by all dialers through one slot."""

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import pytest

from autocall.installation_table import InstallationTable
from autocall.rate_limit import RateLimiter
from autocall.timing import parse, stamp
from tests.faults.tables import AGENTS, Tables

NOW = 1_780_000_000.0


@dataclass
class Clock:
    """A clock that goes on only while somebody sleeps."""

    moment: float = NOW
    slept: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.moment

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.moment += seconds


@pytest.fixture
def installation() -> InstallationTable:
    client: Any = Tables()
    return InstallationTable(client, AGENTS)


def _pacer(installation: InstallationTable, clock: Clock, gap: float = 1.0) -> RateLimiter:
    return RateLimiter(installation, gap, 5.0, clock.now, clock.sleep)


def test_the_first_call_does_not_wait(installation: InstallationTable) -> None:
    clock = Clock()
    assert _pacer(installation, clock).wait_for_slot(None) is None
    assert clock.slept == [0]


@pytest.mark.parametrize("gap", [0.1, 1.0, 4.0])
def test_calls_start_a_gap_apart(installation: InstallationTable, gap: float) -> None:
    clock, starts = Clock(), []
    for _ in range(4):
        assert _pacer(installation, clock, gap).wait_for_slot(installation.get_installation().next_slot) is None
        starts.append(clock.moment)
    assert [round(later - earlier, 3) for earlier, later in pairwise(starts)] == [gap] * 3


def test_dialers_that_have_seen_the_same_slot_do_not_share_it(installation: InstallationTable) -> None:
    clocks = [Clock() for _ in range(4)]
    for clock in clocks:
        assert _pacer(installation, clock).wait_for_slot(None) is None
    assert [clock.slept for clock in clocks] == [[0], [1], [2], [3]]


def test_a_slot_that_is_free_since_long_is_not_saved_up(installation: InstallationTable) -> None:
    installation.take_slot(None, stamp(NOW - 100))
    clock = Clock()
    for _ in range(3):
        _pacer(installation, clock).wait_for_slot(installation.get_installation().next_slot)
    assert clock.slept == [0, 1, 1]


def test_a_slot_too_far_ahead_is_not_taken_and_says_when_to_try_again(installation: InstallationTable) -> None:
    installation.take_slot(None, stamp(NOW + 20))
    clock = Clock()
    again_at = _pacer(installation, clock).wait_for_slot(installation.get_installation().next_slot)
    assert again_at
    assert NOW + 20 <= again_at <= NOW + 25
    assert clock.slept == []
    assert installation.get_installation().next_slot == stamp(NOW + 20)


def test_the_last_slot_within_patience_is_taken(installation: InstallationTable) -> None:
    installation.take_slot(None, stamp(NOW + 5))
    clock = Clock()
    assert _pacer(installation, clock).wait_for_slot(installation.get_installation().next_slot) is None
    assert clock.slept == [5]


def test_a_slot_that_a_wrong_clock_wrote_stops_nobody(installation: InstallationTable) -> None:
    installation.take_slot(None, stamp(NOW + 3600))
    clock = Clock()
    assert _pacer(installation, clock).wait_for_slot(installation.get_installation().next_slot) is None
    next_slot = installation.get_installation().next_slot
    assert next_slot
    assert parse(next_slot) == NOW + 1
