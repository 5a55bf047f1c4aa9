"""Agents on the running stack."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.e2e.agents import Numbers, Outputs, Person, Twilio, close_tabs, sign_up

PACED, RATE = "paced", 2
SENDER, GERMAN_SENDER = "+12025550100", "+493023125900"
DIALERS = 4  # at once: on two cores more would hold each other up for longer than a slot lasts


@pytest.fixture(scope="session", autouse=True)
def numbers(stack: dict[str, Any]) -> None:
    Numbers.avoid(Twilio(stack).witness())


@pytest.fixture(scope="session")
def paced(another_stack: Callable[..., Outputs]) -> Outputs:
    """A stack of few calls per second, whose Twilio account belongs to the test that is running."""
    context = {"calls_per_second": str(RATE), "max_concurrency": str(DIALERS)}
    own = ("--number", SENDER, "--number", GERMAN_SENDER)
    return another_stack(PACED, context=context | {"call_from": f"DE:{GERMAN_SENDER},{SENDER}"}, simulator=own)


@pytest.fixture
def someone(stack: dict[str, Any]) -> Iterator[Callable[..., Person]]:
    """Make agents who have nothing in common with those of other tests."""
    people: list[Person] = []

    def make(group: str | None = None) -> Person:
        people.append(sign_up(stack, group))
        return people[-1]

    yield make
    close_tabs(*people)


@pytest.fixture
def agent(someone: Callable[..., Person]) -> Person:
    return someone()


@pytest.fixture
def twilio(stack: dict[str, Any]) -> Twilio:
    return Twilio(stack)
