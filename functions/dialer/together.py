"""Reads that do not wait for each other: sent at once, so that a run waits for the slowest and not for all in turn."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any, Protocol

_MOST = 4
_pool = ThreadPoolExecutor(_MOST - 1)


class Together(Protocol):
    """Does all of it, and gives the answers in the same order; the first failure is raised when none is under way."""

    def __call__(self, *reads: Callable[[], Any]) -> list[Any]: ...


def together(*reads: Callable[[], Any]) -> list[Any]:
    """At most four, each in a thread of its own; botocore's clients are made for that."""
    first, *others = reads
    asked = [_pool.submit(read) for read in others]
    try:
        return [first(), *(read.result() for read in asked)]
    finally:
        wait(asked)
