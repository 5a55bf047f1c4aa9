"""Many writes in one request, side by side and in bounded time."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from autocall.timing import now

T = TypeVar("T")
R = TypeVar("R")

_WORKERS = 10  # as many as a client of AWS keeps connections


def map_until(work: Callable[[T], R], items: Sequence[T], until: float) -> list[R | None]:
    """What *work* answers for every item, in order; None for those whose turn had not come by *until*."""

    def in_time(item: T) -> R | None:
        return work(item) if now() < until else None

    with ThreadPoolExecutor(_WORKERS) as pool:
        return list(pool.map(in_time, items))
