"""What a benchmark says is what it has measured."""

from collections import Counter

import pytest

from benchmarks import __main__ as benchmarks
from benchmarks.in_process import Spent
from benchmarks.scaling import BURST, LISTS, Rounds, _figures


@pytest.mark.parametrize(("quick", "bar"), [(False, 600), (True, 90)])
def test_measuring_has_a_bar_of_its_own(quick: bool, bar: float) -> None:
    assert benchmarks._took(bar, quick=quick).met is True
    assert benchmarks._took(bar + 1, quick=quick).met is False


def test_a_round_that_sent_more_is_not_hidden_by_one_that_sent_less() -> None:
    """Of CPU the best round is told, of requests the worst."""
    rounds = [Spent(cpu_s, Counter(Query=sent), rows=sent) for cpu_s, sent in ((0.2, 20), (0.1, 40), (0.3, 20))]
    (figure,) = _figures(LISTS[0], shortest := Rounds(rounds), shortest)
    assert figure.value == pytest.approx(0.1 / BURST * 1000)
    assert figure.about == "best of 3 rounds: 10.0 ms of own CPU; worst: 4.0 requests and 4 rows read a lead"
