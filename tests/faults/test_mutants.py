"""docs/conditions.md says what finds each change of a condition, a look or an order: a part of it is tried every day.

`make mutants` tries all of them, and makes the page.
"""

import pytest

from tests.faults import mutants
from tests.faults.mutants import Mutant
from tests.rotation import of_today

ALL = mutants.prepare()
TOLD = mutants.read_page()


def _found(by: str) -> list[Mutant]:
    return [mutant for mutant in ALL if by in TOLD.get(mutants.key(mutant), "")]


def test_the_clauses_of_a_condition_are_those_joined_by_and_and_or_at_any_depth() -> None:
    text = "a = :a AND (b BETWEEN :c AND :d OR (e = :e AND NOT f IN (:g, :h)))"
    told = mutants.clauses(text)
    assert [text[clause.start : clause.end] for clause in told] == [
        *("a = :a", "b BETWEEN :c AND :d", "e = :e", "NOT f IN (:g, :h)")
    ]
    assert [clause.in_or for clause in told] == [False, True, False, False]


@pytest.mark.parametrize("mutant", of_today(_found("matrix"), 13), ids=str)
def test_a_clause_that_is_changed_breaks_the_matrix(mutant: Mutant) -> None:
    with mutant.apply():
        assert mutants.breaks_the_matrix(mutant)


def test_the_code_as_it_is_breaks_nothing() -> None:
    mutants.check_the_matrices()
