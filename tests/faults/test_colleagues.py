"""Random histories of two agents with one list: one call for each number, and no number blocked that nobody called."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest

from autocall import called
from autocall.called_table import CalledTable
from functions.dialer import number_gate
from tests.faults import writes
from tests.faults.colleagues import History

SEEDS, AT_ONCE = 120, 60


@pytest.mark.parametrize("first", range(0, SEEDS, AT_ONCE))
def test_whatever_happens_one_of_two_agents_calls_a_number_and_none_is_blocked_for_nothing(first: int) -> None:
    told: Counter[str] = Counter()
    for seed in range(first, first + AT_ONCE):
        history = History(seed)
        try:
            told += history.play().written
        except AssertionError as broken:
            raise AssertionError(f"seed {seed}: {' '.join(history.script)}") from broken
    assert told[writes.word(CalledTable, "mark")] > AT_ONCE
    assert told[writes.word(CalledTable, "put_back")] > AT_ONCE / 10


def _never(*_: Any) -> bool:
    return False


def _unless_it_is_known(row: Mapping[str, Any], _attempt: str) -> bool:
    return row.get("call_status") in ("pending", "unknown")


@pytest.mark.parametrize(
    ("where", "what", "broken", "noticed", "first"),
    [
        pytest.param(called, "is_colleagues", _never, "was called 2 times", 0, id="nobody looks who called"),
        pytest.param(number_gate, "made_no_call", _never, "blocked by", 125, id="nobody asks the row"),
        pytest.param(
            number_gate, "made_no_call", _unless_it_is_known, "may have been made", 5, id="a doubt is no call"
        ),
    ],
)
def test_a_rule_that_is_left_out_is_noticed(
    where: Any, what: str, broken: Any, noticed: str, first: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the proof above would prove nothing of it. By the seed *first* or one of those that follow."""
    monkeypatch.setattr(where, what, broken)
    with pytest.raises(AssertionError, match=noticed):
        _play_on(first)


def _play_on(first: int) -> None:
    for seed in range(first, first + 300):
        History(seed).play()
