"""The items of the numbers that calls are made from, in the Agents table: evidence against a number, and its rest.

| write | condition | sets |
|---|---|---|
| reject | the number does not rest, and this call is not among them | rejected: the call's SID |
| accept | rejected is there | (rejected removed) |
| rest_if_rejected | five in rejected, the number does not rest | rests_until, reason, since (rejected, by removed) |
| rest_if_refused | the number does not rest for longer already | rests_until, reason, since (rejected, by removed) |
| rest | none: a person's word counts | rests_until, reason, since, by (rejected removed) |
| use_again | none: a person's word counts | (all of them removed) |

A network that rejects a call of a number (SIP 607, 608) is evidence; a call that was answered ends it, as an outcome
that is known ends the circuit breaker's count. Nobody can be called from a number that rests. A report may come twice:
each call counts once. A late report of an answered call only postpones a rest.
"""

from typing import TYPE_CHECKING

from autocall.caller_ids import CallerIdState
from autocall.dynamo import Item, Update, WriteResult, get, write
from autocall.timing import stamp

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

CALLER_IDS = "#caller_ids"
REJECTED_IN_A_ROW = 5
_NOT_RESTING = "(attribute_not_exists(rests_until) OR rests_until <= :now)"
_OF_A_REST = ("rests_until", "reason", "since", "by", "rejected")


class CallerIdTable:
    """One item for each number, all of them in one partition."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client, self._table = client, table

    def get(self, number: str) -> CallerIdState:
        return CallerIdState.of(get(self._client, self._table, caller_id_key(number)))

    def reject(self, number: str, sid: str, now: float) -> int:
        """Note that a network has rejected this call of the number; how many such calls are noted now."""
        change = Update(
            condition=f"{_NOT_RESTING} AND (attribute_not_exists(rejected) OR NOT contains(rejected, :sid))",
            values={"now": stamp(now), "sid": sid},
            appends={"rejected": [sid]},
        )
        return CallerIdState.of(self._write(number, change).row).rejected

    def accept(self, number: str) -> None:
        """A call of the number was answered: forget what was noted against it."""
        self._write(number, Update(condition="attribute_exists(rejected)", removes=("rejected",)))

    def rest_if_rejected(self, number: str, reason: str, until: float, now: float) -> bool:
        """Let the number rest if its last calls were all rejected; whether this was the write that did so."""
        change = self._rest(reason, until, now)
        change.condition = f"size(rejected) >= :most AND {_NOT_RESTING}"
        change.values = {"most": REJECTED_IN_A_ROW, "now": stamp(now)}
        return self._write(number, change).won

    def rest_if_refused(self, number: str, reason: str, until: float, now: float) -> CallerIdState:
        """Let the number rest, for Twilio refuses it; one that rests for longer stays so. Returns what stands."""
        change = self._rest(reason, until, now)
        change.condition = "attribute_not_exists(rests_until) OR rests_until < :until"
        change.values = {"until": stamp(until)}
        return CallerIdState.of(self._write(number, change).row)

    def rest(self, number: str, reason: str, until: float, by: str, now: float) -> None:
        """An operator lets the number rest until *until*."""
        change = self._rest(reason, until, now)
        change.sets, change.removes = {**change.sets, "by": by}, ("rejected",)
        self._write(number, change)

    def use_again(self, number: str) -> None:
        """An operator ends the number's rest, and forgets what was noted against it."""
        self._write(number, Update(removes=_OF_A_REST))

    def _rest(self, reason: str, until: float, now: float) -> Update:
        sets = {"rests_until": stamp(until), "reason": reason, "since": stamp(now)}
        return Update(sets=sets, removes=("rejected", "by"))

    def _write(self, number: str, change: Update) -> WriteResult[Item]:
        return write(self._client, self._table, caller_id_key(number), change)


def caller_id_key(number: str) -> dict[str, str]:
    return {"user_id": CALLER_IDS, "item": number}
