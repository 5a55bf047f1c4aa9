"""Agents on the running stack."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from local.paths import SHARED
from tests.e2e import commands
from tests.e2e.agents import Numbers, Outputs, Person, Twilio, close_tabs, sign_up

Ops = Callable[..., str]
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


@pytest.fixture
def person(paced: Outputs) -> Iterator[Person]:
    """An agent of the paced stack."""
    made = sign_up(paced)
    yield made
    close_tabs(made)


@pytest.fixture
def paced_ops(paced: Outputs) -> Ops:  # noqa: ARG001  the stack must be up
    """Run an operator's command on the paced stack; its output."""

    def run(*words: str, **credentials: str) -> str:
        environment = {f"TWILIO_{name.upper()}": value for name, value in credentials.items()}
        done = commands.run(SHARED / PACED, *words, **environment)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run
