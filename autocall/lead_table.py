"""The Leads table: it reads rows, and applies the writes of the state machine (`lead_writes.py`) to them."""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any

from autocall import lead_writes, leads, reasons
from autocall.dynamo import Item, Update, WriteResult, from_dynamo, to_dynamo, write
from autocall.lead_writes import Counts
from autocall.timing import Timing

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Page = tuple[list[Item], bool]  # index rows, and whether more follow
_FURTHER = 1000


class LeadTable:
    """Rows by `user_id` and `lead_id`; `due` is the sparse index that says what a run does with a row."""

    def __init__(self, client: "DynamoDBClient", table: str, timing: Timing) -> None:
        self._client, self._table, self._timing = client, table, timing

    # -- reading ---------------------------------------------------------------------------------------------------

    def get(self, user: str, lead: str) -> Item:
        """The row, strongly consistent; {} if there is none."""
        answer = self._client.get_item(TableName=self._table, Key=_key(user, lead), ConsistentRead=True)
        return from_dynamo(answer.get("Item"))

    def page(self, user: str, after: str | None, limit: int) -> tuple[list[Item], str | None]:
        """At most *limit* of the user's rows after the lead *after*, and the lead after which the next page starts."""
        start: Any = {"ExclusiveStartKey": _key(user, after)} if after else {}
        answer = self._client.query(
            TableName=self._table,
            KeyConditionExpression="user_id = :user",
            ExpressionAttributeValues=to_dynamo({":user": user}),
            ConsistentRead=True,
            Limit=limit,
            **start,
        )
        last = from_dynamo(answer.get("LastEvaluatedKey"))
        return [from_dynamo(item) for item in answer["Items"]], last.get("lead_id")

    def unsettled(self, user: str) -> list[Item]:
        """The index rows of calls that hold a line (`busy#`) or that Twilio does not know (`lost#`), soonest first."""
        pages = self._index_pages(user, "user_id = :user AND due < :wait", {":wait": leads.DUE_WAIT}, 1000)
        return [row for page, _ in pages for row in page]

    def waiting(self, user: str, limit: int) -> Iterator[Page]:
        """The index rows of all leads still to be called, in calling order."""
        return self._index_pages(user, "user_id = :user AND due >= :wait", {":wait": leads.DUE_WAIT}, limit)

    def due(self, user: str, limit: int) -> tuple[list[Item], Iterator[Page]]:
        """The unsettled rows, and the pages of waiting rows, from one query of the index. Pages are read lazily.

        The first page has *limit* rows, which usually are all that a run needs; further pages are long.
        """
        in_flight: list[Item] = []
        waiting: list[Item] = []
        more = True
        pages = self._index_pages(user, "user_id = :user", {}, limit)
        while more and not waiting:
            page, more = next(pages)
            waiting = [row for row in page if leads.Due.of(row).kind == leads.DUE_WAIT]
            in_flight += page[: len(page) - len(waiting)]
        return in_flight, chain([(waiting, more)], pages)

    def _index_pages(self, user: str, which: str, values: Mapping[str, str], limit: int) -> Iterator[Page]:
        start: Any = {}
        while True:
            answer = self._client.query(
                TableName=self._table,
                IndexName="due",
                KeyConditionExpression=which,
                ExpressionAttributeValues=to_dynamo({":user": user, **values}),
                ConsistentRead=True,
                Limit=limit,
                **start,
            )
            limit = _FURTHER
            yield [from_dynamo(item) for item in answer["Items"]], "LastEvaluatedKey" in answer
            if "LastEvaluatedKey" not in answer:
                return
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}

    # -- imported and edited ---------------------------------------------------------------------------------------

    def create(
        self, user: str, lead: str, about: Mapping[str, Any], due_at: float, now: float, hold_reason: str | None = None
    ) -> WriteResult:
        """Create a lead, also from a tombstone that was never called. An existing lead is left as it is."""
        return self._apply(user, lead, lead_writes.create(about, due_at, now, hold_reason))

    def merge(self, user: str, lead: str, about: Mapping[str, Any], now: float) -> WriteResult:
        """Update what describes the lead; never its call state, and never the data of a tombstone."""
        return self._apply(user, lead, lead_writes.merge(about, now))

    def delete(self, user: str, lead: str, by: str, now: float) -> WriteResult:
        """Replace the lead by a tombstone without personal data; refused while a call is in flight.

        A full history is left as it is.
        """
        deleted = self._apply(user, lead, lead_writes.delete(by, now))
        if deleted.won or len(deleted.row.get("history") or ()) < lead_writes.MOST_HISTORY:
            return deleted
        return self._apply(user, lead, lead_writes.delete_of_full_history(now))

    # -- do not call, hours ----------------------------------------------------------------------------------------

    def add_to_dnc(self, user: str, lead: str, phone: str, by: str, now: float) -> WriteResult:
        """Mark as do-not-call. Never refused: it makes a stub where there is no lead; a tombstone gets no number."""
        while True:
            listed = self._apply(user, lead, lead_writes.add_to_dnc(phone, by, now))
            if listed.won or not listed.row.get("deleted_at"):
                return listed
            kept = self._apply(user, lead, lead_writes.add_to_dnc_of_tombstone(by, now))
            if kept.won or kept.row.get("deleted_at"):
                return kept

    def remove_from_dnc(self, user: str, lead: str, by: str, now: float) -> WriteResult:
        """Remove the do-not-call mark and record by whom. A waiting lead is due at once; a stub loses its number."""
        while True:
            waiting = self._apply(user, lead, lead_writes.remove_from_dnc(by, now))
            if waiting.won:
                return waiting
            is_lead = leads.is_lead(waiting.row)
            others = lead_writes.remove_from_dnc_of_called if is_lead else lead_writes.remove_from_dnc_of_no_lead
            other = self._apply(user, lead, others(by, now))
            if other.won or not other.row.get("dnc"):
                return other

    def park(self, user: str, lead: str, now: float) -> WriteResult:
        """Take a waiting lead that is marked do-not-call out of the index of what is due."""
        return self._apply(user, lead, lead_writes.park(now))

    def hold(self, user: str, lead: str, seen: str, reason: str, until: float, now: float) -> WriteResult:
        """Hold a waiting lead until its gate opens, with the reason; it keeps its place in the calling order."""
        return self._apply(user, lead, lead_writes.hold(seen, reason, until, now))

    def unhold(
        self, user: str, lead: str, seen: str, now: float, reason: str = reasons.HOURS, place: float | None = None
    ) -> WriteResult:
        """Make a lead that is held for *reason* due at once, in its *place*, and forget how often it was put back."""
        return self._apply(user, lead, lead_writes.unhold(seen, now, reason, place))

    def confirm(self, user: str, lead: str, seen: str, by: str, now: float) -> WriteResult:
        """A person starts the call of a lead that waits for that: it is due at once, for two minutes, for one claim."""
        return self._apply(user, lead, lead_writes.confirm(seen, by, now))

    # -- one attempt -----------------------------------------------------------------------------------------------

    def claim(self, user: str, lead: str, attempt: str, correlation: str, now: float, sender: str = "") -> WriteResult:
        """Claim a waiting lead for this attempt. Only the winner of this write may POST, and only once.

        *sender* is the number that the call will come from: if the answer is lost, Twilio's list of calls is searched
        for it.
        """
        claim = self._apply(user, lead, lead_writes.claim(attempt, correlation, now, sender, self._timing))
        # Our first try may have won, its answer been lost, and another write have come since: the attempt is ours.
        still_ours = claim.row.get("attempt_id") == attempt and claim.row.get("call_status") == leads.CLAIMED
        return WriteResult(claim.won or still_ours, claim.row)

    def mark_placed(self, user: str, lead: str, attempt: str, sid: str, now: float) -> WriteResult:
        """Record that Twilio took the call. Refused with the same SID: a callback was first."""
        return self._apply(user, lead, lead_writes.mark_placed(attempt, sid, now, self._timing))

    def mark_refused(self, user: str, lead: str, attempt: str, reason: str, now: float) -> WriteResult:
        """Record that Twilio refused this number: the lead has ended."""
        return self._apply(user, lead, lead_writes.mark_refused(attempt, reason, now))

    def release(
        self,
        user: str,
        lead: str,
        attempt: str,
        reason: str,
        until: float,
        now: float,
        *,
        place: str | None = None,
        counts: Counts | None = None,
    ) -> WriteResult:
        """Put a lead back that certainly was not called. The attempt stays in the row, so that a late report finds it.

        It keeps its *place* in the calling order, a stamp. *counts* names the counter to raise, for a growing backoff.
        """
        return self._apply(user, lead, lead_writes.release(attempt, reason, until, now, place, counts))

    def mark_unknown(self, user: str, lead: str, attempt: str, reason: str, now: float) -> WriteResult:
        """Record that a call may have been placed: the machine never dials this lead again."""
        return self._apply(user, lead, lead_writes.mark_unknown(attempt, reason, now, self._timing))

    # -- reports about a call --------------------------------------------------------------------------------------

    def record_live(
        self, user: str, lead: str, attempt: str, sid: str, status: str, evidence: str, now: float
    ) -> WriteResult:
        """Record that the call has reached *status*; refused if the row is there already, or further."""
        return self._apply(user, lead, lead_writes.record_live(attempt, sid, status, evidence, now, self._timing))

    def record_end(
        self,
        user: str,
        lead: str,
        attempt: str,
        sid: str,
        status: str,
        evidence: str,
        now: float,
        *,
        duration_s: int | None = None,
        reason: str | None = None,
    ) -> WriteResult:
        """Record that the call has ended as *status*: the row leaves the index for good."""
        ended = lead_writes.record_end(attempt, sid, status, evidence, now, duration_s, reason)
        return self._apply(user, lead, ended)

    def mark_joined(self, user: str, lead: str, attempt: str, now: float) -> WriteResult:
        """Record that lead and agent hear each other; a late report of it replaces `abandoned_at`."""
        return self._apply(user, lead, lead_writes.mark_joined(attempt, now))

    def mark_abandoned(self, user: str, lead: str, attempt: str, now: float) -> WriteResult:
        """Record that the call was answered without an agent: once, and never over a conversation."""
        return self._apply(user, lead, lead_writes.mark_abandoned(attempt, now))

    def add_stray(self, user: str, lead: str, attempt: str, sid: str, status: str, now: float) -> WriteResult:
        """Keep a report of another attempt, or another call, than the row's as evidence. It changes nothing else."""
        return self._apply(user, lead, lead_writes.add_stray(attempt, sid, status, now))

    # -- asking Twilio, asking a person ----------------------------------------------------------------------------

    def reschedule_check(self, user: str, lead: str, attempt: str, seen: str, again_at: float) -> WriteResult:
        """Twilio has no news: ask again later. The kind of `due` stays (`busy#` or `lost#`)."""
        return self._apply(user, lead, lead_writes.reschedule_check(attempt, seen, again_at))

    def free_line(self, user: str, lead: str, attempt: str, seen: str, again_at: float) -> WriteResult:
        """Free the line: nothing can ring any more and Twilio lists no call. Twilio is asked again until the bound."""
        return self._apply(user, lead, lead_writes.free_line(attempt, seen, again_at))

    def mark_lost(
        self, user: str, lead: str, attempt: str, seen: str, reason: str, again_at: float, now: float
    ) -> WriteResult:
        """Twilio does not know the call, even after the bound: free the line, and let a person decide."""
        return self._apply(user, lead, lead_writes.mark_lost(attempt, seen, reason, again_at, now))

    def release_by_agent(self, user: str, lead: str, attempt: str, by: str, now: float) -> WriteResult:
        """Put an unknown lead back for a person, who names the attempt that they saw."""
        return self._apply(user, lead, lead_writes.release_by_agent(attempt, by, now))

    def settle_by_agent(self, user: str, lead: str, attempt: str, by: str, called_at: str, now: float) -> WriteResult:
        """End an unknown lead for a person who says that its call was made, and names the attempt that they saw."""
        return self._apply(user, lead, lead_writes.settle_by_agent(attempt, by, called_at, now))

    def _apply(self, user: str, lead: str, update: Update) -> WriteResult:
        return write(self._client, self._table, {"user_id": user, "lead_id": lead}, update)


def _key(user: str, lead: str) -> dict[str, Any]:
    return to_dynamo({"user_id": user, "lead_id": lead})
