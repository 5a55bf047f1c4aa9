"""The functions' clock, stopped: what a test expects of a moment holds however long the test takes."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest


@contextmanager
def stopped() -> Iterator[None]:
    """`now` answers the same whole second, so that a stamp says it without rounding."""
    moment = float(int(time.time()))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("autocall.timing.time", SimpleNamespace(time=lambda: moment))
        yield
