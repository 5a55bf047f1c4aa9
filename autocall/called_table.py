"""The items `called` of the Agents table: which number was called last by whom, one partition for each number.

| write | condition | sets |
|---|---|---|
| mark | it names the attempt that was read, or none | agent, lead_id, attempt_id, at, recent, expires_at, before |
| put_back | it names this attempt: no call was made | what was read, as it was |
| lift | it names the attempt that was read | lifted: at, by |

`called.py` says what follows from them. The partition is `called#` and a hash of the number: whoever reads the table
can find out whether a number that they know was called.
"""

from typing import TYPE_CHECKING, Any

from autocall.called import Called
from autocall.calling_hours import MOST_COUNTED
from autocall.dynamo import Item, Update, WriteResult, get, write
from autocall.leads import Attempt
from autocall.timing import stamp

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PARTITION = "called#"
_OF_A_CALL = ("agent", "lead_id", "attempt_id", "at", "recent", "lifted", "before")


class CalledTable:
    """What is remembered of each number, by the first of its hashes."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client, self._table = client, table

    def get(self, number_hash: str, now: float) -> Called:
        return Called.of(get(self._client, self._table, called_key(number_hash)), now)

    def mark(self, number_hash: str, seen: Called, attempt: Attempt, now: float, until: float) -> WriteResult[Item]:
        """Note that this attempt is about to call the number, unless another has been noted since *seen* was read."""
        before = seen.attributes()
        written = self._write(
            number_hash,
            seen.stored,
            sets={
                "agent": attempt.user,
                "lead_id": attempt.lead,
                "attempt_id": attempt.id,
                "at": stamp(now),
                "recent": [*seen.recent, stamp(now)][-MOST_COUNTED:],
                "expires_at": int(until),
            }
            | ({"before": before} if before else {}),
            removes=("lifted",) if before else ("lifted", "before"),
        )
        # Our first try may have won, its answer been lost: an attempt is noted by nobody else.
        return WriteResult(written.won or written.row.get("attempt_id") == attempt.id, written.row)

    def put_back(self, number_hash: str, seen: Called, attempt: str) -> bool:
        """Restore what was read before `mark`, for this attempt certainly made no call; False if another is noted."""
        sets = seen.attributes()
        removes = tuple(name for name in _OF_A_CALL if name not in sets)
        return self._write(number_hash, attempt, sets=sets, removes=removes).won

    def lift(self, number_hash: str, seen: Called, by: str, now: float) -> WriteResult[Item]:
        """An administrator lets other agents call the number, although a colleague of theirs has called it."""
        return self._write(number_hash, seen.stored, sets={"lifted": {"at": stamp(now), "by": by}})

    def _write(self, number_hash: str, seen: str, sets: Item, removes: tuple[str, ...] = ()) -> WriteResult[Item]:
        change = Update(
            condition="attempt_id = :seen" if seen else "attribute_not_exists(attempt_id)",
            values={"seen": seen} if seen else {},
            sets=sets,
            removes=removes,
        )
        return write(self._client, self._table, called_key(number_hash), change)


def called_key(number_hash: str) -> dict[str, Any]:
    return {"user_id": PARTITION + number_hash, "item": "called"}
