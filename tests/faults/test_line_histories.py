"""Random histories with agents on the line: `line_history.py` says what happens in them."""

import os
from collections import Counter

import pytest

from autocall import session_table
from autocall.lead_table import LeadTable
from autocall.session_table import SessionTable
from tests.faults import interleaved, line_history, writes
from tests.faults.line_history import LineHistory
from tests.rotation import of_today

AT_ONCE = 100
SEEDS = range(0, int(os.environ.get("LINE_SEEDS", "400")), AT_ONCE)
OVERLAPPING = range(0, int(os.environ.get("OVERLAPPING_LINE_SEEDS", "400")), AT_ONCE)
REACHED = {writes.word(SessionTable, name) for name in writes.names(SessionTable)}
REACHED |= {writes.word(LeadTable, name) for name in ("mark_joined", "mark_abandoned", "set_outcome", "again")}
REACHED |= {writes.word(LeadTable, name) for name in ("mark_rang_back", "mark_ring_back_heard")}
REACHED.add(writes.word(LeadTable, "record_end_without_agent"))


def _of_today(seeds: range) -> list[int]:
    """The first of them every day, and one of the others; in `make soak` all."""
    return [*seeds[:1], *of_today(seeds[1:], 3)]


@pytest.mark.parametrize("first", _of_today(SEEDS))
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


@pytest.mark.parametrize("first", _of_today(OVERLAPPING))
def test_the_same_where_all_of_it_overlaps_effect_by_effect(first: int) -> None:
    for seed in range(first, first + AT_ONCE):
        interleaved.proven(line_history.setting(seed), seed)


_ANYTHING = "attribute_exists(user_id)"


@pytest.mark.parametrize(
    ("constant", "broken", "first"),
    [
        pytest.param("_FREE", _ANYTHING, 53, id="an agent is kept for two leads"),
        pytest.param("_NOT_WRAPPING", _ANYTHING, 0, id="an agent is kept while they write up"),
        pytest.param("_OF_A_LEG", (*session_table._OF_A_LEG, *session_table._CALL), 0, id="a reload forgets the lead"),
    ],
)
def test_a_write_that_assumes_less_is_noticed(
    constant: str, broken: object, first: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of them is what a history must be able to break: else the proof above would prove nothing of it.

    By the seed *first* or one of those that follow.
    """
    monkeypatch.setattr(session_table, constant, broken)
    with pytest.raises(AssertionError, match=r"is kept for|was on the line"):
        _play_on(first)


def _play_on(first: int) -> None:
    for seed in range(first, first + 400):
        LineHistory(seed).play()
