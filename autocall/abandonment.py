"""How many of those who answered met no agent: the figure that the law of many countries bounds, over 30 days.

It is counted from the leads themselves: of each its last call, and those before that a person had made again. A call
has one of both, `joined_at` or `abandoned_at`, never both: whoever is marked as joined is no longer marked as
abandoned, and the other way around nothing is written.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from autocall.leads import LeadRow, earlier_calls

DAYS = 30


@dataclass(frozen=True)
class Abandonment:
    """Of the calls that were answered since a moment, as far as their leads are there still."""

    joined: int = 0
    abandoned: int = 0

    @property
    def answered(self) -> int:
        return self.joined + self.abandoned

    def __add__(self, other: "Abandonment") -> "Abandonment":
        return Abandonment(self.joined + other.joined, self.abandoned + other.abandoned)

    def __str__(self) -> str:
        if not self.answered:
            return "nobody has answered"
        return f"{self.abandoned} of {self.answered} who answered met no agent: {self.abandoned / self.answered:.2%}"


def count(rows: Iterable[LeadRow], since: str) -> Abandonment:
    """Count the answered calls of these leads since *since*, a stamp."""
    calls = [call for row in rows for call in (row, *earlier_calls(row))]
    return Abandonment(
        joined=sum((call.get("joined_at") or "") >= since for call in calls),
        abandoned=sum((call.get("abandoned_at") or "") >= since for call in calls),
    )
