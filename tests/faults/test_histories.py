"""Random histories against the truth that only the model of Twilio knows: once ever, and nobody forgotten."""

import os

from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from tests.faults.history import LONGEST, Step, script, step, take
from tests.faults.world import PHONES, world

HISTORIES = int(os.environ.get("HISTORIES", "2000"))


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
