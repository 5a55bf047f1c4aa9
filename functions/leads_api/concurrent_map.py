"""Runs many writes of one request concurrently, in bounded time."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from autocall.timing import now

T = TypeVar("T")
R = TypeVar("R")

_WORKERS = 10  # the size of an AWS client's connection pool


def map_until(work: Callable[[T], R], items: Sequence[T], until: float) -> list[R | None]:
    """The result of *work* for every item, in order; None for items that were not started by *until*."""

    def in_time(item: T) -> R | None:
        return work(item) if now() < until else None

    with ThreadPoolExecutor(_WORKERS) as pool:
        return list(pool.map(in_time, items))
