"""Random histories with agents on the line: `line_history.py` says what happens in them."""

import os
from collections import Counter

import pytest

from autocall import session_table
from autocall.lead_table import LeadTable
from autocall.session_table import SessionTable
from tests.faults import interleaved, line_history, writes
from tests.faults.line_history import LineHistory

SEEDS, AT_ONCE = int(os.environ.get("LINE_SEEDS", "400")), 100
OVERLAPPING = int(os.environ.get("OVERLAPPING_LINE_SEEDS", "400"))
REACHED = {writes.word(SessionTable, name) for name in writes.names(SessionTable)}
REACHED |= {writes.word(LeadTable, name) for name in ("mark_joined", "mark_abandoned", "set_outcome", "again")}
REACHED |= {writes.word(LeadTable, name) for name in ("mark_rang_back", "mark_ring_back_heard")}


@pytest.mark.parametrize("first", range(0, SEEDS, AT_ONCE))
def test_whatever_happens_nobody_is_called_without_their_agent_and_nobody_hears_nothing(first: int) -> None:
    """Never two leads in one mix, one conversation at a time, no state for ever, and once ever all the same."""
    told: Counter[str] = Counter()
    for seed in range(first, first + AT_ONCE):
        history = LineHistory(seed)
        try:
            told += history.play()
        except AssertionError as broken:
            raise AssertionError(f"seed {seed}: {' '.join(history.script)}") from broken
    assert not [write for write in REACHED if told[write] < 5], "writes that are hardly reached"


@pytest.mark.parametrize("first", range(0, OVERLAPPING, AT_ONCE))
def test_the_same_where_all_of_it_overlaps_effect_by_effect(first: int) -> None:
    for seed in range(first, first + AT_ONCE):
        interleaved.proven(line_history.setting(seed), seed)


_ANYTHING = "attribute_exists(user_id)"


@pytest.mark.parametrize(
    ("constant", "broken"),
    [
        pytest.param("_FREE", _ANYTHING, id="an agent is kept for two leads"),
        pytest.param("_NOT_WRAPPING", _ANYTHING, id="an agent is kept while they write up"),
        pytest.param("_OF_A_LEG", (*session_table._OF_A_LEG, *session_table._CALL), id="a reload forgets the lead"),
    ],
)
def test_a_write_that_assumes_less_is_noticed(constant: str, broken: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of them is what a history must be able to break: else the proof above would prove nothing of it."""
    monkeypatch.setattr(session_table, constant, broken)
    with pytest.raises(AssertionError, match=r"is kept for|was on the line"):
        _play_all(400)


def _play_all(seeds: int) -> None:
    for seed in range(seeds):
        LineHistory(seed).play()
