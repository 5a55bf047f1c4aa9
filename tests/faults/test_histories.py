"""Random histories against the truth that only the model of Twilio knows: once ever, and nobody forgotten."""

import os
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from autocall.agent_table import AgentTable
from autocall.called_table import CalledTable
from autocall.installation_table import InstallationTable
from autocall.lead_table import LeadTable
from autocall.queued_run import QueuedRuns
from tests.faults import soak, writes
from tests.faults.history import LONGEST, Step, begin, installation, script, step, take
from tests.faults.world import world
from tests.rotation import SOAK, of_today

HISTORIES = int(os.environ.get("HISTORIES", "400" if SOAK else "200"))
SEEDS, AT_ONCE = 1_600, 400
ALWAYS, *OTHERS = range(0, SEEDS, AT_ONCE)
OFTEN = 5
# An operator's word, and an administrator's: no history has them.
NOT_HERE = {writes.word(InstallationTable, name) for name in ("set_breaker", "remove_from_dnc", "close", "reopen")}
NOT_HERE |= {writes.word(CalledTable, "lift"), writes.word(InstallationTable, "change_settings")}
# A fault must strike just the sending of a message.
RARE = {writes.word(QueuedRuns, "withdraw")}
# Leads of two agents behind one another must meet the same new code: in a few of the soak's, and in `test_dial.py`.
NOT_HERE.add(writes.word(InstallationTable, "refused_alike"))
# Of agents on the line: `test_line_histories.py` has them.
ON_THE_LINE = ("mark_joined", "mark_abandoned", "mark_answered_by", "mark_rang_back", "set_outcome")
NOT_HERE |= {writes.word(LeadTable, name) for name in ON_THE_LINE}
TABLES = (LeadTable, AgentTable, InstallationTable, QueuedRuns, CalledTable)
WRITES = {writes.word(table, name) for table in TABLES for name in writes.names(table)} - NOT_HERE


@st.composite
def installations(draw: st.DrawFn) -> dict[str, Any]:
    return installation(lambda options: draw(st.sampled_from(options)))


@st.composite
def steps(draw: st.DrawFn) -> Step:
    return step(lambda options: draw(st.sampled_from(options)))


@settings(
    max_examples=HISTORIES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(installations(), st.lists(steps(), max_size=LONGEST))
def test_whatever_happens_each_number_is_called_once_and_nobody_is_forgotten(
    choices: dict[str, Any], history: list[Step]
) -> None:
    """Whatever fails, overtakes or repeats: at most one call for each number at any moment, and in the end one."""
    note(script(choices, history))
    with world(**choices) as here:
        begin(here)
        take(here, history)
        here.rest()


@pytest.mark.parametrize("first", [ALWAYS, *of_today(OTHERS, len(OTHERS))])
def test_the_same_in_histories_that_are_always_the_same(first: int) -> None:
    """By seeds, so that a change is held against what held before; every write is reached. `make soak` plays others."""
    told: Counter[str] = Counter()
    for seed in range(first, first + AT_ONCE):
        try:
            told += soak.play(seed)
        except AssertionError as broken:
            raise AssertionError(f"seed {seed}\n{script(*soak.history(seed))}") from broken
    hardly = {write: told[write] for write in WRITES if told[write] < (1 if write in RARE else OFTEN)}
    assert not hardly, "writes that are hardly reached"
