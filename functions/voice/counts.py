"""Collects the counts and durations of one request for its metrics."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Counts:
    """Counts by name, and milliseconds by name."""

    _counts: Counter[str] = field(default_factory=Counter)
    _milliseconds: dict[str, float] = field(default_factory=dict)

    def add(self, name: str) -> None:
        self._counts[name] += 1

    def measure(self, name: str, milliseconds: float) -> None:
        self._milliseconds[name] = milliseconds

    def take(self) -> tuple[Counter[str], dict[str, float]]:
        """Everything since the last call."""
        counts, milliseconds = self._counts, self._milliseconds
        self._counts, self._milliseconds = Counter(), {}
        return counts, milliseconds
