"""How many of those who answered met no agent: the figure that the law of many countries bounds, over 30 days.

It is counted from the leads themselves: of each its last call, and those before that a person had made again. A call
has one of both, `joined_at` or `abandoned_at`, never both: whoever is marked as joined is no longer marked as
abandoned, and the other way around nothing is written.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from autocall.dynamo import from_dynamo, to_dynamo
from autocall.leads import earlier_calls
from autocall.timing import DAY_S, stamp
from ops.installation import Installation, client


@dataclass(frozen=True)
class Abandonment:
    """Of the calls that were answered since then, as far as their leads are there still."""

    joined: int
    abandoned: int

    @property
    def answered(self) -> int:
        return self.joined + self.abandoned

    def __str__(self) -> str:
        if not self.answered:
            return "nobody has answered"
        return f"{self.abandoned} of {self.answered} who answered met no agent: {self.abandoned / self.answered:.2%}"


def of_the_last(installation: Installation, days: int, now: float) -> Abandonment:
    """Every lead of the installation is read once: it takes a while, and no function could wait for it."""
    pages = client("dynamodb").get_paginator("scan")
    counted: Counter[str] = Counter()
    since = stamp(now - days * DAY_S)
    for page in pages.paginate(
        TableName=installation["LeadsTable"],
        FilterExpression="joined_at >= :since OR abandoned_at >= :since OR attribute_exists(earlier_calls)",
        ProjectionExpression="attempt_id, joined_at, abandoned_at, earlier_calls",
        ExpressionAttributeValues=to_dynamo({":since": since}),
        ConsistentRead=True,
    ):
        for item in page["Items"]:
            row: Any = from_dynamo(item)
            for call in (row, *earlier_calls(row)):
                counted.update(name for name in ("joined_at", "abandoned_at") if (call.get(name) or "") >= since)
    return Abandonment(counted["joined_at"], counted["abandoned_at"])
