"""Sends requests that do not depend on each other at the same time: they take as long as the slowest of them."""

from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor, wait
from functools import cache
from typing import Any, TypeVar, overload

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")

_WORKERS = 4  # an environment has one invocation at a time, whose own thread sends the first request


@cache
def _pool() -> Executor:
    return ThreadPoolExecutor(_WORKERS, thread_name_prefix="together")


@overload
def together(first: Callable[[], A], second: Callable[[], B], /) -> tuple[A, B]: ...
@overload
def together(first: Callable[[], A], second: Callable[[], B], third: Callable[[], C], /) -> tuple[A, B, C]: ...
def together(first: Callable[[], Any], /, *others: Callable[[], Any]) -> tuple[Any, ...]:
    """Do all, in whatever order; their results in the order given.

    If one fails, the others are done all the same: when this returns or raises, none of them goes on.
    """
    begun = [_pool().submit(other) for other in others]
    try:
        own = first()
    finally:
        wait(begun)
    return own, *(each.result() for each in begun)
