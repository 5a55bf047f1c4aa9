"""What is remembered of a number is changed by whoever read what stands there, and by nobody else."""

from typing import Any

import pytest

from autocall.called_table import CalledTable
from autocall.leads import Attempt
from tests.faults.tables import AGENTS, Tables

NOW, UNTIL, NUMBER = 1_780_000_000.0, 1_790_000_000.0, "hash"


@pytest.fixture
def called() -> CalledTable:
    tables: Any = Tables()
    return CalledTable(tables, AGENTS)


def _mark(called: CalledTable, seen: Any, attempt: str) -> bool:
    return called.mark(NUMBER, seen, Attempt("ada", "lead", attempt), NOW, UNTIL).won


def test_of_two_who_read_the_same_one_marks_the_number(called: CalledTable) -> None:
    for first, second in (("a", "b"), ("c", "d")):  # nobody has called it; it was called before
        seen = called.get(NUMBER, NOW)
        assert _mark(called, seen, first)
        assert not _mark(called, seen, second)
        assert called.get(NUMBER, NOW).stored == first


def test_an_attempt_that_made_no_call_puts_back_its_own_mark_and_no_others(called: CalledTable) -> None:
    nobody = called.get(NUMBER, NOW)
    assert _mark(called, nobody, "a")
    after_a = called.get(NUMBER, NOW)
    assert _mark(called, after_a, "b")
    assert not called.put_back(NUMBER, nobody, "a")
    assert called.get(NUMBER, NOW).stored == "b"
    assert called.put_back(NUMBER, after_a, "b")
    assert called.get(NUMBER, NOW).stored == "a"


def test_a_number_that_was_called_since_the_page_was_read_is_not_let_others_call(called: CalledTable) -> None:
    seen = called.get(NUMBER, NOW)
    assert _mark(called, seen, "a")
    assert not called.lift(NUMBER, seen, "grace", NOW).won
    assert called.lift(NUMBER, called.get(NUMBER, NOW), "grace", NOW).won
