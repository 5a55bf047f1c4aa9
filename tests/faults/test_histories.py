"""Random histories against the truth that only the model of Twilio knows: once ever, and nobody forgotten."""

import os

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from tests.faults import soak
from tests.faults.history import LONGEST, Step, script, step, take
from tests.faults.world import PHONES, world

HISTORIES = int(os.environ.get("HISTORIES", "400"))


@st.composite
def steps(draw: st.DrawFn) -> Step:
    return step(lambda options: draw(st.sampled_from(options)))


@settings(
    max_examples=HISTORIES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(st.lists(steps(), max_size=LONGEST))
def test_whatever_happens_each_number_is_called_once_and_nobody_is_forgotten(history: list[Step]) -> None:
    """Whatever fails, overtakes or repeats: at most one call for each number at any moment, and in the end one."""
    note(script(history))
    with world() as here:
        here.imports(*PHONES[:3])
        here.open_tab()
        take(here, history)
        here.rest()


@pytest.mark.parametrize("first", range(0, 2_000, 500))
def test_the_same_in_two_thousand_histories_that_are_always_the_same(first: int) -> None:
    """By seeds, so that a change is held against what held before; `make soak` plays others."""
    for seed in range(first, first + 500):
        try:
            soak.play(seed)
        except AssertionError as broken:
            raise AssertionError(f"seed {seed}\n{script(soak.history(seed))}") from broken
