"""Agents on the running stack."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.e2e.agents import Numbers, Person, Twilio, close_tabs, sign_up


@pytest.fixture(scope="session", autouse=True)
def numbers(stack: dict[str, Any]) -> None:
    Numbers.avoid(Twilio(stack).witness())


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
