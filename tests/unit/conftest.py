"""What the functions log, for tests that read it; and moto, started once for all tests of a module."""

import io
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.unit import moto_tables

# How long an example takes says something of the machine, which may stand still in the middle of it.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


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
