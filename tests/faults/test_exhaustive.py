"""A small world in every order of everything that happens in it: no state breaks the promise, and none is forgotten."""

from dataclasses import replace

import pytest

from functions.dialer.dial import Dialer
from tests.faults import exhaustive
from tests.faults.exhaustive import LARGE, QUICK, Small, Violation, explore
from tests.faults.planted import BUGS
from tests.rotation import SOAK, of_today


def test_one_lead_one_run_two_callbacks_and_a_crash_anywhere_in_every_order() -> None:
    explored = explore(QUICK)
    assert explored.complete
    assert explored.states > 300
    assert explored.ends > 10


_TAKE_LONG = () if SOAK else LARGE[-2:]


@pytest.mark.parametrize(
    "small", of_today([small for small in LARGE if small not in _TAKE_LONG], 3), ids=lambda small: small.name
)
def test_a_larger_world_in_every_order_in_which_nothing_is_interrupted(small: Small) -> None:
    explored = explore(replace(small, crashes=0), switches=0)
    assert explored.complete
    assert explored.ends > 1


def test_more_switches_reach_more_states_until_there_are_no_more() -> None:
    small = replace(QUICK, crashes=0)
    states = [explore(small, switches=switches).states for switches in (0, 1, 2, 9)]
    assert states == sorted(set(states))
    assert states[-1] == explore(small).states


def test_an_order_that_breaks_the_promise_is_found_and_said() -> None:
    """Here a claim takes a lead whatever has become of it, and two runs are at it at once."""
    _, claims_anything = BUGS["ONCE-001"]
    small = Small("two runs at once", exhaustive._leads(1, beside=True), (exhaustive.RUN, exhaustive.BESIDE), crashes=0)
    with (
        claims_anything(),
        pytest.raises(Violation, match=r"claim moved a lead from queued to claimed(?s:.*)run beside it"),
    ):
        explore(small)


def test_a_pause_that_is_not_looked_at_again_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    recheck = Dialer._recheck
    monkeypatch.setattr(Dialer, "_recheck", lambda *about: (recheck(*about)[0], None))
    small = Small("a pause", exhaustive._leads(1), (exhaustive.RUN, exhaustive.PAUSE), crashes=0)
    with pytest.raises(Violation, match="although the agent has paused"):
        explore(small)
