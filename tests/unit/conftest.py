"""What the functions log, for tests that read it; and moto, started once for all tests of a module."""

import io
import logging
import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.unit import moto_tables

# What `make unit` leaves out: it takes four fifths of the time, and `make test` has it all.
_NOT_QUICK = {
    "thousands of examples": ["dynamo_values", "gates_exhaustive", "gates_properties", "list_csv"],
    "the CDK": ["operators_documents", "ops_deploy", "session_documents"],
    "every request of every event, or moto": ["connect_handler", "ops_leave", "ops_secret", "request_counts"],
    "servers and other programs": [
        "local_commands",
        "local_pins",
        "readme",
        "simulator_callbacks",
        "simulator_documents",
        "simulator_life",
        "simulator_rooms",
        "status_webhook",
    ],
}
_quick = bool(os.environ.get("QUICK"))
collect_ignore = [f"test_{name}.py" for names in _NOT_QUICK.values() for name in names if _quick]

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
