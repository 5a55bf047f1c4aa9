"""The sample leads, for the first agent."""

from typing import Any

from local.environments import Say


def import_samples(outputs: dict[str, Any], say: Say) -> None:
    """Import `samples/leads.csv`."""
