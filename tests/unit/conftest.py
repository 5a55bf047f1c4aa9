"""What the functions log, for tests that read it."""

import io
import logging
from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """What the functions log during a test."""
    handler: Any = logging.getLogger("autocall").handlers[0]
    stream = io.StringIO()
    before = handler.setStream(stream)
    yield stream
    handler.setStream(before)
