"""Requests that do not depend on each other are on their way at the same time."""

import threading

import pytest

from autocall.together import together


def test_all_are_on_their_way_at_once_and_answer_in_the_order_given() -> None:
    meet = threading.Barrier(3, timeout=10)

    def ask(answer: str) -> str:
        meet.wait()
        return answer

    assert together(lambda: ask("a"), lambda: ask("b"), lambda: ask("c")) == ("a", "b", "c")


@pytest.mark.parametrize("fails", [0, 1])
def test_if_one_fails_the_other_is_done_before_that_is_known(fails: int) -> None:
    go_on, done = threading.Event(), []

    def fail() -> None:
        go_on.set()
        raise ValueError("no answer")

    def late() -> None:
        go_on.wait(10)
        done.append("late")

    asked = [fail, late] if fails == 0 else [late, fail]
    with pytest.raises(ValueError, match="no answer"):
        together(asked[0], asked[1])
    assert done == ["late"]
