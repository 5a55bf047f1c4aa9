"""What a benchmark says is what it has measured."""

from collections import Counter

import pytest
from twilio.request_validator import RequestValidator

from benchmarks import __main__ as benchmarks
from benchmarks.answering import MOST_OVER_BARE, Handlers
from benchmarks.answering import _figures as shares
from benchmarks.in_process import Spent
from benchmarks.scaling import BURST, LISTS, Rounds, _figures
from tests.unit.shipped_functions import TOKEN, shipped


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


def test_an_answer_and_the_bare_update_lead_into_the_same_room_by_one_request_each() -> None:
    """What is compared does the same; else the ratio would say nothing."""
    with pytest.MonkeyPatch.context() as monkeypatch, shipped(monkeypatch, AUDIO="agent") as world:
        handlers = Handlers(world.function("voice"), RequestValidator(TOKEN))
        handlers.keep_the_agent()
        event = handlers.event()
        handlers.answer(event)  # Twilio's secret is read once
        world.requests.clear()
        assert ">session</Conference>" in handlers.answer(event)
        assert world.requests == {"UpdateItem": 1}
        assert ">session</Conference>" in handlers.bare(event)
        assert world.requests == {"UpdateItem": 2}


def test_the_handler_is_held_against_the_bare_update_by_their_middle() -> None:
    (figure,) = shares([0.1, 0.115, 9.0], [0.1, 0.1, 0.1])
    assert figure.value == pytest.approx(MOST_OVER_BARE)
    assert shares([0.12], [0.1])[0].met is False
