"""A small world in every order of everything that happens in it: no state breaks the promise, and none is forgotten."""

import pytest

from functions.dialer.dial import Dialer
from tests.faults import exhaustive
from tests.faults.exhaustive import QUICK, Small, Violation, explore
from tests.faults.planted import BUGS


def test_one_lead_one_run_two_callbacks_and_a_crash_anywhere_in_every_order() -> None:
    explored = explore(QUICK)
    assert explored.complete
    assert explored.states > 300
    assert explored.ends > 10


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
