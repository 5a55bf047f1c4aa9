"""Killed before and after every effect of every function: redelivered, repaired, nobody twice and nobody forgotten.

The points are counted in runs without faults, so that a new step cannot be forgotten. The moment before an effect is
the moment after the one before it; after a read all is as before it; and what two scenarios do alike up to a point is
struck there once. AWS fails at every effect that a function meets first, and at a sixth of those it meets again:
another sixth every day, all in `make soak`. Where no callback comes either, it is a third of those.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from tests.faults.effects import AWS_FAULTS, Fault
from tests.faults.scenarios import READS, SCENARIOS, THREE_WAIT, Scenario
from tests.faults.world import World
from tests.rotation import of_today

ASKS = {"fetch", "to_number", "serves"}
TWILIOS = {"place", "cancel", "say"} | ASKS
ON_READS = ("throttled", "5xx", "timeout, not applied")
AGAIN, READ_AGAIN = ("throttled", "timeout, applied"), ("throttled",)


@dataclass(frozen=True)
class Point:
    """An effect of a scenario, and whether this is the first one of its kind that the function has."""

    scenario: Scenario
    index: int
    effect: str
    first: bool

    @property
    def aws_faults(self) -> tuple[str, ...]:
        """All of them where an effect is met first; where it is met again, what it may have done or not."""
        if self.effect in TWILIOS:
            return ()
        reads = self.effect in READS
        if self.first:
            return ON_READS if reads else AWS_FAULTS
        return READ_AGAIN if reads or self.effect == "push" else AGAIN

    def struck_by(self, *kinds: str) -> list[Any]:
        name = self.scenario.name
        return [
            pytest.param(self.scenario, Fault(kind, self.index), id=f"{name}: {kind} {self.index} {self.effect}")
            for kind in kinds
        ]


def _points() -> Iterator[Point]:
    """Each effect of each scenario that comes after others than in any scenario before."""
    paths: set[tuple[str, ...]] = set()
    met: set[tuple[str, str]] = set()
    for scenario in SCENARIOS:
        effects, function = scenario.effects(), scenario.name.partition(":")[0]
        for index, effect in enumerate(effects):
            path = (function, *effects[: index + 1])
            if path not in paths:
                yield Point(scenario, index, effect, (function, effect) not in met)
            paths.add(path)
            met.add((function, effect))


POINTS = list(_points())
FIRST, AGAIN_MET = [point for point in POINTS if point.first], [point for point in POINTS if not point.first]


def _kills(points: list[Point]) -> list[Any]:
    return [
        *(case for point in points if point.index == 0 for case in point.struck_by("killed before")),
        *(case for point in points if point.effect not in READS | ASKS for case in point.struck_by("killed after")),
    ]


AWS_FAILS = [
    *(case for point in FIRST for case in point.struck_by(*point.aws_faults)),
    *of_today([case for point in AGAIN_MET for case in point.struck_by(*point.aws_faults)], 6),
]


KILLS = _kills(POINTS)


def _leaves_a_call(case: Any) -> bool:
    """Whether it is a function that makes calls or hears of them, and more than a page that misses what it dies of."""
    scenario, _ = case.values
    return ":" in scenario.name and not case.id.endswith(" push")


UNHEARD = [
    *filter(_leaves_a_call, _kills(FIRST)),
    *of_today([case for case in _kills(AGAIN_MET) if _leaves_a_call(case)], 3),
]

WRITTEN = [point for point in POINTS if point.effect not in TWILIOS | READS]
SENT_AGAIN = [
    case
    for point in (*(one for one in WRITTEN if one.first), *of_today([one for one in WRITTEN if not one.first], 6))
    for case in point.struck_by("answer lost, sent again")
]


@contextmanager
def _struck(scenario: Scenario, fault: Fault) -> Iterator[World]:
    """The world after the fault has struck; it must come to rest."""
    with scenario.begun() as here:
        struck = Fault(fault.kind, fault.at)
        scenario.act(here, struck)
        assert struck.struck, "it has not come to that effect"
        here.check()
        yield here
        here.rest()


@pytest.mark.parametrize(("scenario", "fault"), KILLS)
def test_killed_there_nobody_is_called_twice_and_nobody_forgotten(scenario: Scenario, fault: Fault) -> None:
    with _struck(scenario, fault):
        pass


@pytest.mark.parametrize(("scenario", "fault"), UNHEARD)
def test_the_same_if_no_callback_ever_comes_and_twilio_lists_late(scenario: Scenario, fault: Fault) -> None:
    """What remains is to ask, again and again, until Twilio knows."""
    with _struck(scenario, fault) as here:
        here.twilio.lists_late(600)
        here.twilio.silent = True
        here.twilio.callbacks.clear()


@pytest.mark.parametrize(("scenario", "fault"), AWS_FAILS)
def test_aws_fails_there_and_nobody_is_called_twice_or_forgotten(scenario: Scenario, fault: Fault) -> None:
    """Throttled, 5xx, timeouts with the write applied and not, and the SDK's own second try."""
    with _struck(scenario, fault):
        pass


@pytest.mark.parametrize(("scenario", "fault"), SENT_AGAIN)
def test_a_second_try_of_the_sdk_is_no_second_winner_and_no_loser(scenario: Scenario, fault: Fault) -> None:
    """The first try had won: the page hears what it hears without the fault, and the rows end the same."""
    seen = []
    for struck in (None, Fault(fault.kind, fault.at)):
        with scenario.begun() as here:
            scenario.act(here, struck)
            frames = [frame for frames in here.sockets.frames.values() for frame in frames]
            calls = [frame["data"] | {"event": frame["event"]} for frame in frames if frame["event"][:5] == "call:"]
            told = {(call["event"], call["call_status"]) for call in calls}
            seen.append((told, [here.row(phone).get("call_status") for phone in THREE_WAIT]))
    assert seen[0] == seen[1]
