"""One name for the logs of all functions, set before any is loaded: a module's logger looks for its parent's."""

import io
import logging
import os
from collections.abc import Iterator
from typing import Any

import pytest
from aws_lambda_powertools import Logger

os.environ |= {"POWERTOOLS_SERVICE_NAME": "autocall", "POWERTOOLS_METRICS_NAMESPACE": "autocall"}
Logger()


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """What the functions log during a test."""
    handler: Any = logging.getLogger("autocall").handlers[0]
    stream = io.StringIO()
    before = handler.setStream(stream)
    yield stream
    handler.setStream(before)
