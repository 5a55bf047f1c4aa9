"""How many of those who answered met no agent: the figure that the law of many countries bounds, over 30 days.

It is counted from the leads themselves. A row says one of both, `joined_at` or `abandoned_at`, never both: whoever is
marked as joined is no longer marked as abandoned, and the other way around nothing is written.
"""

from dataclasses import dataclass

from autocall.dynamo import from_dynamo, to_dynamo
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
    joined = abandoned = 0
    for page in pages.paginate(
        TableName=installation["LeadsTable"],
        FilterExpression="joined_at >= :since OR abandoned_at >= :since",
        ProjectionExpression="joined_at, abandoned_at",
        ExpressionAttributeValues=to_dynamo({":since": stamp(now - days * DAY_S)}),
        ConsistentRead=True,
    ):
        for item in page["Items"]:
            was_joined = "joined_at" in from_dynamo(item)
            joined, abandoned = joined + was_joined, abandoned + (not was_joined)
    return Abandonment(joined, abandoned)
