"""One waiting run per agent: a mark beside the agent's profile says that a message is on its way, and what for.

A run looks at everything of the agent, so one waiting run is enough. Whoever finds a fresh mark adds a cause to it and
sends no message. The run takes the mark with its causes in one write before it reads anything: whoever asks later finds
no mark, and queues the next run. A mark older than the longest run is ignored, because its message may be lost.

Three causes change what a run does. `fetched` is over once it is taken: its run tells the page how many will be called.
`hours` and `mended` stay until a run has done what they ask for (bring back leads before their time), whichever run
that is: one that dies half-way leaves them to the next. The mark is the item `queued` in the Agents table. Its writes:

| write | condition | sets |
|---|---|---|
| mark | there is no mark, or one that is too old, or of a clock that is wrong | queued_at, mark_id, the cause |
| join | the mark is the one that was seen | the cause |
| withdraw | the mark is the one whose message could not be sent | (queued_at, mark_id removed) |
| take | there is a mark | taken_fetched (queued_at, mark_id, fetched removed) |
| done | the cause is still the one that was taken | (the cause removed) |
"""

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from autocall.dynamo import Item, Update, WriteResult, write
from autocall.messages import Cause
from autocall.timing import stamp

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_ATTRIBUTES: dict[str, str] = {Cause.FETCHED: "fetched", Cause.HOURS: "hours", Cause.MENDED: "mended"}
_NONE = "none"
_LONGEST_S = 30.0


@dataclass(frozen=True)
class Causes:
    """The causes that change a run; `hours` and `mended` hold the id of the request that asked last."""

    fetched: bool = False
    hours: str | None = None
    mended: str | None = None


class QueuedRuns:
    """The items `queued`, one for each agent; *longest* is how many seconds a run may take."""

    def __init__(self, client: "DynamoDBClient", table: str, longest: float = _LONGEST_S) -> None:
        self._client, self._table, self._longest = client, table, longest

    def mark(self, user: str, cause: str, now: float) -> str:
        """The id of a new mark, whose message must be sent; "" if a run waits already: the cause was added to it."""
        while True:
            own = uuid.uuid4().hex
            asked = {_ATTRIBUTES[cause]: own} if cause in _ATTRIBUTES else {}
            change = Update(
                condition="attribute_not_exists(queued_at) OR NOT queued_at BETWEEN :oldest AND :newest",
                values={"oldest": stamp(now - self._longest), "newest": stamp(now + self._longest)},
                sets={"queued_at": stamp(now), "mark_id": own, **asked},
            )
            marked = self._write(user, change)
            if marked.won:
                return own
            if not asked or (cause == Cause.FETCHED and marked.row.get("fetched")):
                return ""
            if self.join(user, marked.row.get("mark_id", ""), cause):
                return ""

    def join(self, user: str, seen: str, cause: str) -> bool:
        """Add a cause to the mark that was seen; False if that has been taken meanwhile."""
        sets = {_ATTRIBUTES[cause]: uuid.uuid4().hex}
        return self._write(user, Update(condition="mark_id = :seen", values={"seen": seen}, sets=sets)).won

    def withdraw(self, user: str, mark_id: str) -> bool:
        """Remove a mark whose message was not sent, so that the next request sends one. Its causes stay."""
        change = Update(condition="mark_id = :mine", values={"mine": mark_id}, removes=("queued_at", "mark_id"))
        return self._write(user, change).won

    def take(self, user: str) -> Causes:
        """Remove the mark and return its causes: in one write, before the run reads anything."""
        change = Update(
            condition="attribute_exists(queued_at)",
            values={"none": _NONE},
            copies={"taken_fetched": "if_not_exists(fetched, :none)"},
            removes=("queued_at", "mark_id", "fetched"),
        )
        taken = self._write(user, change)
        fetched = taken.won and taken.row.get("taken_fetched") not in (None, _NONE)
        return Causes(fetched, taken.row.get("hours"), taken.row.get("mended"))

    def done(self, user: str, cause: str, taken: str) -> bool:
        """Remove a cause that is done, unless it was asked for again in the meantime."""
        attribute = _ATTRIBUTES[cause]
        change = Update(condition=f"{attribute} = :taken", values={"taken": taken}, removes=(attribute,))
        return self._write(user, change).won

    def _write(self, user: str, change: Update) -> WriteResult[Item]:
        key: dict[str, Any] = {"user_id": user, "item": "queued"}
        return write(self._client, self._table, key, change)
