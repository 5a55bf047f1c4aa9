"""What the functions log, for tests that read it; and moto, started once for all tests of a module."""

import io
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from tests.unit import moto_tables


@pytest.fixture(scope="module", autouse=True)
def moto_starts_once() -> Iterator[None]:
    with moto_tables.kept():
        yield


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """What the functions log during a test."""
    handler: Any = logging.getLogger("autocall").handlers[0]
    stream = io.StringIO()
    before = handler.setStream(stream)
    yield stream
    handler.setStream(before)
