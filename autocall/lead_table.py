"""The Leads table: it reads rows, and applies the writes of the state machine (`lead_writes.py`) to them."""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any, cast

from autocall import lead_writes, leads, reasons
from autocall.dynamo import Update, WriteResult, from_dynamo, to_dynamo, write
from autocall.lead_writes import Counts
from autocall.leads import Attempt, LeadKey, LeadRow
from autocall.timing import Timing, stamp

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

LeadWrite = WriteResult[LeadRow]
Page = tuple[list[LeadRow], bool]  # index rows, and whether more follow
_FURTHER = 1000


class LeadTable:
    """Rows by `user_id` and `lead_id`; `due` is the sparse index that says what a run does with a row."""

    def __init__(self, client: "DynamoDBClient", table: str, timing: Timing) -> None:
        self._client, self._table, self._timing = client, table, timing

    # -- reading ---------------------------------------------------------------------------------------------------

    def get(self, key: LeadKey) -> LeadRow:
        """The row, strongly consistent; {} if there is none."""
        answer = self._client.get_item(TableName=self._table, Key=_key(key), ConsistentRead=True)
        return _row(answer.get("Item"))

    def page(self, user: str, after: str | None, limit: int) -> tuple[list[LeadRow], str | None]:
        """At most *limit* of the user's rows after the lead *after*, and the lead after which the next page starts."""
        start: Any = {"ExclusiveStartKey": _key(LeadKey(user, after))} if after else {}
        answer = self._client.query(
            TableName=self._table,
            KeyConditionExpression="user_id = :user",
            ExpressionAttributeValues=to_dynamo({":user": user}),
            ConsistentRead=True,
            Limit=limit,
            **start,
        )
        last = from_dynamo(answer.get("LastEvaluatedKey"))
        return [_row(item) for item in answer["Items"]], last.get("lead_id")

    def answered(self, since: str, after: LeadKey | None = None) -> tuple[list[LeadRow], LeadKey | None]:
        """Parts of the rows, of all users, whose leads may have answered since *since*; and where the next ones start.

        One answer of DynamoDB looks at 1 MB of rows. A row has what `abandonment.count` needs.
        """
        start: Any = {"ExclusiveStartKey": _key(after)} if after else {}
        answer = self._client.scan(
            TableName=self._table,
            FilterExpression="joined_at >= :since OR abandoned_at >= :since OR attribute_exists(earlier_calls)",
            ProjectionExpression="attempt_id, joined_at, abandoned_at, earlier_calls",
            ExpressionAttributeValues=to_dynamo({":since": since}),
            ConsistentRead=True,
            **start,
        )
        last = from_dynamo(answer.get("LastEvaluatedKey"))
        return [_row(item) for item in answer["Items"]], LeadKey.of(cast("LeadRow", last)) if last else None

    def unsettled(self, user: str) -> list[LeadRow]:
        """The index rows of calls that hold a line (`busy#`) or that Twilio does not know (`lost#`), soonest first."""
        pages = self._index_pages(user, "user_id = :user AND due < :wait", {":wait": leads.DUE_WAIT}, 1000)
        return [row for page, _ in pages for row in page]

    def waiting(self, user: str, limit: int) -> Iterator[Page]:
        """The index rows of all leads still to be called, in calling order."""
        return self._index_pages(user, "user_id = :user AND due >= :wait", {":wait": leads.DUE_WAIT}, limit)

    def due(self, user: str, limit: int) -> tuple[list[LeadRow], Iterator[Page]]:
        """The unsettled rows, and the pages of waiting rows, from one query of the index. Pages are read lazily.

        The first page has *limit* rows, which usually are all that a run needs; further pages are long.
        """
        in_flight: list[LeadRow] = []
        waiting: list[LeadRow] = []
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
            yield [_row(item) for item in answer["Items"]], "LastEvaluatedKey" in answer
            if "LastEvaluatedKey" not in answer:
                return
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}

    # -- imported and edited ---------------------------------------------------------------------------------------

    def create(
        self, key: LeadKey, about: Mapping[str, Any], due_at: float, now: float, hold_reason: str | None = None
    ) -> LeadWrite:
        """Create a lead, also from a tombstone that was never called. An existing lead is left as it is."""
        return self._apply(key, lead_writes.create(about, due_at, now, hold_reason))

    def merge(self, key: LeadKey, about: Mapping[str, Any], now: float) -> LeadWrite:
        """Update what describes the lead; never its call state, and never the data of a tombstone."""
        return self._apply(key, lead_writes.merge(about, now))

    def delete(self, key: LeadKey, by: str, now: float) -> LeadWrite:
        """Replace the lead by a tombstone without personal data; refused while a call is in flight.

        A full history is left as it is.
        """
        deleted = self._apply(key, lead_writes.delete(by, now))
        if deleted.won or len(deleted.row.get("history") or ()) < lead_writes.MOST_HISTORY:
            return deleted
        return self._apply(key, lead_writes.delete_of_full_history(now))

    # -- do not call, hours ----------------------------------------------------------------------------------------

    def add_to_dnc(self, key: LeadKey, phone: str, by: str, now: float) -> LeadWrite:
        """Mark as do-not-call. Never refused: it makes a stub where there is no lead; a tombstone gets no number."""
        while True:
            listed = self._apply(key, lead_writes.add_to_dnc(phone, by, now))
            if listed.won or not listed.row.get("deleted_at"):
                return listed
            kept = self._apply(key, lead_writes.add_to_dnc_of_tombstone(by, now))
            if kept.won or kept.row.get("deleted_at"):
                return kept

    def remove_from_dnc(self, key: LeadKey, by: str, now: float) -> LeadWrite:
        """Remove the do-not-call mark and record by whom. A waiting lead is due at once; a stub loses its number."""
        while True:
            waiting = self._apply(key, lead_writes.remove_from_dnc(by, now))
            if waiting.won:
                return waiting
            if (waiting.row.get("appointment_at", "") > stamp(now)) and waiting.row.get("call_status") == leads.PENDING:
                appointment = waiting.row["appointment_at"]
                waiting = self._apply(key, lead_writes.remove_from_dnc_of_appointment(by, appointment, now))
                if waiting.won:
                    return waiting
            is_lead = leads.is_lead(waiting.row)
            others = lead_writes.remove_from_dnc_of_called if is_lead else lead_writes.remove_from_dnc_of_no_lead
            other = self._apply(key, others(by, now))
            if other.won or not other.row.get("dnc"):
                return other

    def park(self, key: LeadKey, now: float) -> LeadWrite:
        """Take a waiting lead that is marked do-not-call out of the index of what is due."""
        return self._apply(key, lead_writes.park(now))

    def hold(self, key: LeadKey, seen: str, reason: str, until: float, now: float) -> LeadWrite:
        """Hold a waiting lead until its gate opens, with the reason; it keeps its place in the calling order."""
        return self._apply(key, lead_writes.hold(seen, reason, until, now))

    def unhold(
        self, key: LeadKey, seen: str, now: float, reason: str = reasons.HOURS, position: float | None = None
    ) -> LeadWrite:
        """Make a lead that is held for *reason* due at once, in its *position*; forget how often it was put back."""
        return self._apply(key, lead_writes.unhold(seen, now, reason, position))

    def confirm(self, key: LeadKey, seen: str, by: str, now: float) -> LeadWrite:
        """A person starts the call of a lead that waits for that: it is due at once, for two minutes, for one claim."""
        return self._apply(key, lead_writes.confirm(seen, by, now))

    # -- one attempt -----------------------------------------------------------------------------------------------

    def claim(self, attempt: Attempt, correlation: str, now: float, sender: str = "") -> LeadWrite:
        """Claim a waiting lead for this attempt. Only the winner of this write may POST, and only once.

        *sender* is the number that the call will come from, unless the row names one already: if the answer is lost,
        Twilio's list of calls is searched for it.
        """
        claim = self._apply(attempt.key, lead_writes.claim(attempt.id, correlation, now, sender, self._timing))
        # Our first try may have won, its answer been lost, and another write have come since: the attempt is ours.
        still_ours = claim.row.get("attempt_id") == attempt.id and claim.row.get("call_status") == leads.CLAIMED
        return WriteResult(claim.won or still_ours, claim.row)

    def choose_sender(self, attempt: Attempt, sender: str) -> LeadWrite:
        """Replace the number that the call will come from, before it is asked for."""
        return self._apply(attempt.key, lead_writes.choose_sender(attempt.id, sender))

    def mark_placed(self, attempt: Attempt, sid: str, now: float) -> LeadWrite:
        """Record that Twilio took the call. Refused with the same SID: a callback was first."""
        return self._apply(attempt.key, lead_writes.mark_placed(attempt.id, sid, now, self._timing))

    def mark_refused(self, attempt: Attempt, reason: str, now: float) -> LeadWrite:
        """Record that Twilio refused this number: the lead has ended."""
        return self._apply(attempt.key, lead_writes.mark_refused(attempt.id, reason, now))

    def release(
        self,
        attempt: Attempt,
        reason: str,
        until: float,
        now: float,
        *,
        position: str | None = None,
        counts: Counts | None = None,
    ) -> LeadWrite:
        """Put a lead back that certainly was not called. The attempt stays in the row, so that a late report finds it.

        Its *position* in the calling order, a stamp, stays. *counts* names the counter to raise, for a growing backoff.
        """
        return self._apply(attempt.key, lead_writes.release(attempt.id, reason, until, now, position, counts))

    def mark_unknown(self, attempt: Attempt, reason: str, now: float) -> LeadWrite:
        """Record that a call may have been placed: the machine never dials this lead again."""
        return self._apply(attempt.key, lead_writes.mark_unknown(attempt.id, reason, now, self._timing))

    # -- reports about a call --------------------------------------------------------------------------------------

    def record_live(self, attempt: Attempt, sid: str, status: str, evidence: str, now: float) -> LeadWrite:
        """Record that the call has reached *status*; refused if the row is there already, or further."""
        return self._apply(attempt.key, lead_writes.record_live(attempt.id, sid, status, evidence, now, self._timing))

    def record_end(
        self,
        attempt: Attempt,
        sid: str,
        status: str,
        evidence: str,
        now: float,
        *,
        duration_s: int | None = None,
        reason: str | None = None,
        if_met_or_abandoned: bool = False,
    ) -> LeadWrite:
        """Record that the call has ended as *status*: the row leaves the index for good.

        *if_met_or_abandoned*: only if the row says whether the lead has met an agent.
        """
        return self._apply(
            attempt.key,
            lead_writes.record_end(attempt.id, sid, status, evidence, now, duration_s, reason, if_met_or_abandoned),
        )

    def record_end_without_agent(
        self, attempt: Attempt, sid: str, evidence: str, now: float, *, duration_s: int | None = None
    ) -> LeadWrite:
        """Record that the call was answered, met no agent, and has ended."""
        end = lead_writes.record_end_without_agent(attempt.id, sid, evidence, now, duration_s)
        return self._apply(attempt.key, end)

    def mark_joined(self, attempt: Attempt, now: float) -> LeadWrite:
        """Record that lead and agent hear each other; a late report of it replaces `abandoned_at`."""
        return self._apply(attempt.key, lead_writes.mark_joined(attempt.id, now))

    def mark_abandoned(self, attempt: Attempt, now: float) -> LeadWrite:
        """Record that the call was answered without an agent: once, and never over a conversation."""
        return self._apply(attempt.key, lead_writes.mark_abandoned(attempt.id, now))

    def mark_rang_back(self, key: LeadKey, sid: str, now: float) -> LeadWrite:
        """Record that the lead calls back, once for each of its calls."""
        return self._apply(key, lead_writes.mark_rang_back(sid, now))

    def mark_ring_back_heard(self, key: LeadKey, sid: str, now: float) -> LeadWrite:
        """Record that lead and agent hear each other in that call of the lead's."""
        return self._apply(key, lead_writes.mark_ring_back_heard(sid, now))

    def mark_ring_back_asked(self, key: LeadKey, now: float) -> LeadWrite:
        """Record that the lead, calling, asks to be called back."""
        return self._apply(key, lead_writes.mark_ring_back_asked(now))

    def close_ring_back(self, key: LeadKey, seen: str, now: float) -> LeadWrite:
        """Record that the agent has dealt with the lead's call of that moment; False for one that never was."""
        return self._apply(key, lead_writes.close_ring_back(seen, now))

    def reopen_ring_back(self, key: LeadKey, seen: str, now: float) -> LeadWrite:
        """Take that back, unless the lead has called once more since."""
        return self._apply(key, lead_writes.reopen_ring_back(seen, now))

    def mark_answered_by(self, attempt: Attempt, who: str, now: float) -> LeadWrite:
        """Record who answered, as Twilio's machine detection thinks."""
        return self._apply(attempt.key, lead_writes.mark_answered_by(attempt.id, who, now))

    def add_stray(self, attempt: Attempt, sid: str, status: str, now: float) -> LeadWrite:
        """Keep a report of another attempt, or another call, than the row's as evidence. It changes nothing else."""
        return self._apply(attempt.key, lead_writes.add_stray(attempt.id, sid, status, now))

    # -- asking Twilio, asking a person ----------------------------------------------------------------------------

    def reschedule_check(self, attempt: Attempt, seen: str, again_at: float) -> LeadWrite:
        """Twilio has no news: ask again later. The kind of `due` stays (`busy#` or `lost#`)."""
        return self._apply(attempt.key, lead_writes.reschedule_check(attempt.id, seen, again_at))

    def free_line(self, attempt: Attempt, seen: str, again_at: float) -> LeadWrite:
        """Free the line: nothing can ring any more and Twilio lists no call. Twilio is asked again until the bound."""
        return self._apply(attempt.key, lead_writes.free_line(attempt.id, seen, again_at))

    def mark_lost(self, attempt: Attempt, seen: str, reason: str, again_at: float, now: float) -> LeadWrite:
        """Twilio does not know the call, even after the bound: free the line, and let a person decide."""
        return self._apply(attempt.key, lead_writes.mark_lost(attempt.id, seen, reason, again_at, now))

    def release_by_agent(self, attempt: Attempt, by: str, now: float) -> LeadWrite:
        """Put an unknown lead back for a person, who names the attempt that they saw."""
        return self._apply(attempt.key, lead_writes.release_by_agent(attempt.id, by, now))

    def settle_by_agent(self, attempt: Attempt, by: str, called_at: str, now: float) -> LeadWrite:
        """End an unknown lead for a person who says that its call was made, and names the attempt that they saw."""
        return self._apply(attempt.key, lead_writes.settle_by_agent(attempt.id, by, called_at, now))

    # -- after a call ----------------------------------------------------------------------------------------------

    def set_outcome(self, attempt: Attempt, code: str, by: str, now: float, *, preset: bool = False) -> LeadWrite:
        """Record what came of the conversation that the attempt names; refused if there was none, or a call since.

        The SID of a call in which the lead called back stands in the place of an attempt.
        *preset* is also refused where an outcome stands.
        """
        return self._apply(attempt.key, lead_writes.set_outcome(attempt.id, code, by, now, preset=preset))

    def annotate(self, key: LeadKey, seen: int, text: str, by: str, now: float) -> LeadWrite:
        """Keep the agent's note, unless another was written since the version that they saw (0: none)."""
        return self._apply(key, lead_writes.annotate(seen, text, by, now))

    def again(self, seen: LeadRow, by: str, now: float, *, at: float | None = None, why: str = "") -> LeadWrite:
        """Let a lead that has ended be called once more, now or *at* a time, for a person who has *seen* it so."""
        return self._apply(LeadKey.of(seen), lead_writes.again(seen, by, now, at, why))

    def reappoint(self, seen: LeadRow, by: str, now: float, *, at: float | None = None) -> LeadWrite:
        """Move the next call of a lead that waits, to a time or to now, for a person who has *seen* it so."""
        return self._apply(LeadKey.of(seen), lead_writes.reappoint(seen, by, now, at))

    def _apply(self, key: LeadKey, update: Update) -> LeadWrite:
        won, row = write(self._client, self._table, {"user_id": key.user, "lead_id": key.lead}, update)
        return WriteResult(won, cast(LeadRow, row))


def _key(key: LeadKey) -> dict[str, Any]:
    return to_dynamo({"user_id": key.user, "lead_id": key.lead})


def _row(item: Mapping[str, Any] | None) -> LeadRow:
    return cast(LeadRow, from_dynamo(item))
