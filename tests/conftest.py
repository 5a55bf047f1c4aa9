"""The running stack that tests share: brought up when the first test that wants it is collected, stopped at the end.

And one name for the logs of all functions, set before any is loaded: a module's logger looks for its parent's.
"""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from aws_lambda_powertools import Logger

from local import stack as stacks
from local.places import SHARED, Place
from local.wishes import Wishes

os.environ |= {"POWERTOOLS_SERVICE_NAME": "autocall", "POWERTOOLS_METRICS_NAMESPACE": "autocall"}
Logger()

SHARED_BY_TESTS = Place(SHARED / "e2e")
_OURS = pytest.StashKey[bool]()


def _no_word(_text: str) -> None:
    """What the stack would say while it comes up."""


def pytest_collection_finish(session: pytest.Session) -> None:
    """Bring the stack up here, where no test's time runs."""
    wanted = any("stack" in getattr(item, "fixturenames", ()) for item in session.items)
    if wanted and not session.config.option.collectonly:
        stacks.up(SHARED_BY_TESTS, Wishes(samples=False), _no_word)


def pytest_configure(config: pytest.Config) -> None:
    """Remember whether somebody else had the stack up, who may want to keep it."""
    config.stash[_OURS] = not hasattr(config, "workerinput") and not stacks.is_up(SHARED_BY_TESTS)


def pytest_unconfigure(config: pytest.Config) -> None:
    if config.stash.get(_OURS, False):
        stacks.down(SHARED_BY_TESTS, _no_word)


@pytest.fixture(scope="session")
def stack() -> dict[str, Any]:
    """The outputs of the stack that all tests share."""
    return SHARED_BY_TESTS.read_outputs()


@pytest.fixture(scope="session")
def another_stack() -> Iterator[Callable[..., dict[str, Any]]]:
    """Bring up a further stack by a name and the wishes for it; all are stopped at the end."""
    places: list[Place] = []

    def bring_up(name: str, **wishes: Any) -> dict[str, Any]:
        places.append(Place(SHARED / name))
        return stacks.up(places[-1], Wishes(**({"samples": False, "page": False} | wishes)), _no_word)

    yield bring_up
    for place in places:
        stacks.down(place, _no_word)
