"""The Leads table: every write of the state machine, each conditional on what it assumes.

docs/state-machine.md lists them in one table: from which state to which, by whom, and what `due` is afterwards.

`SAME_ATTEMPT` and `SAME_CALL` are the guards that recur: the row still belongs to the attempt, and to no other call.
"""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any, Literal

from autocall import leads, reasons
from autocall.dynamo import Item, Update, WriteResult, from_dynamo, to_dynamo, write
from autocall.terms import CONFIRMED_FOR_S
from autocall.timing import FAR, Timing, parse, stamp

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Page = tuple[list[Item], bool]  # index rows, and whether more follow
Counts = Literal["releases", "refusals"]
SAME_ATTEMPT = "attempt_id = :attempt"
SAME_CALL = "(attribute_not_exists(call_sid) OR call_sid = :sid)"
NO_CALL = "attribute_not_exists(call_sid)"
NOT_CALLED = "(attribute_not_exists(has_been_called) OR has_been_called = :no)"
_CALLED_LEAD = "attribute_exists(call_status) AND call_status <> :pending AND attribute_not_exists(deleted_at)"
_NO_LEAD = "(attribute_not_exists(call_status) OR attribute_exists(deleted_at))"
_CLAIMED_OR_UNKNOWN = "call_status IN (:claimed, :unknown)"
_UNSETTLED = {"claimed": leads.CLAIMED, "unknown": leads.UNKNOWN}
_OF_AN_ATTEMPT = (
    *("held", "reason", "placed_at", "answered_at", "ended_at", "duration_s", "call_sid", "asking"),
    *("joined_at", "abandoned_at"),
)
_CONFIRMED = ("confirmed_until", "confirmed_by")
_PERSONAL = (
    *("phone", "name", "zones", "state", "timezone", "note", "external_id", "extra", "held", "due"),
    *leads.TERMS,
)
_HISTORY_HAS_ROOM = "(attribute_not_exists(history) OR size(history) < :most)"
_FURTHER = 1000
_MOST_HISTORY = 200
_MOST_STRAYS = 20


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
        self, user: str, lead: str, about: Mapping[str, Any], due_at: float, now: float, asked: str | None = None
    ) -> WriteResult:
        """Create a lead, also from a tombstone that was never called. An existing lead is left as it is.

        *asked* is why it is held until a person acts: its place requires consent or a person, and it has none.
        """
        sets = {**about, "call_status": leads.PENDING, "has_been_called": False, "imported_at": stamp(due_at)}
        due = leads.DUE_WAIT + stamp(due_at)
        if asked:
            sets["held"] = {"reason": asked, "since": stamp(now)}
            due = _later(FAR, due_at)
        return self._write_versioned(
            user,
            lead,
            now,
            condition="attribute_not_exists(call_status) OR (attribute_exists(deleted_at) AND call_status = :pending"
            f" AND {NOT_CALLED})",
            values={"pending": leads.PENDING, "no": False},
            sets=sets | {"due": due},
            removes=("deleted_at", *_CONFIRMED),
        )

    def merge(self, user: str, lead: str, about: Mapping[str, Any], now: float) -> WriteResult:
        """Update what describes the lead; never its call state, and never the data of a tombstone."""
        return self._write_versioned(
            user,
            lead,
            now,
            condition="attribute_exists(call_status) AND attribute_not_exists(deleted_at)",
            sets={name: value for name, value in about.items() if name != "phone"},
        )

    def delete(self, user: str, lead: str, by: str, now: float) -> WriteResult:
        """Replace the lead by a tombstone without personal data; refused while a call is in flight.

        A full history is left as it is: the lead was imported and deleted again and again.
        """
        condition = (
            "attribute_exists(call_status) AND attribute_not_exists(deleted_at)"
            " AND (attribute_not_exists(due) OR NOT begins_with(due, :busy))"
        )
        sets: dict[str, Any] = {"deleted_at": stamp(now)}
        deleted = self._write_versioned(
            user,
            lead,
            now,
            condition=f"{condition} AND {_HISTORY_HAS_ROOM}",
            values={"busy": leads.DUE_LINE, "most": _MOST_HISTORY},
            sets=sets,
            removes=_PERSONAL,
            entry={"event": "deleted", "by": by},
        )
        if deleted.won or len(deleted.row.get("history") or ()) < _MOST_HISTORY:
            return deleted
        return self._write_versioned(
            user, lead, now, condition=condition, values={"busy": leads.DUE_LINE}, sets=sets, removes=_PERSONAL
        )

    # -- do not call, hours ----------------------------------------------------------------------------------------

    def add_to_dnc(self, user: str, lead: str, phone: str, by: str, now: float) -> WriteResult:
        """Mark as do-not-call. Never refused: it makes a stub where there is no lead; a tombstone gets no number."""
        dnc = {"dnc": {"since": stamp(now), "by": by}}
        while True:
            listed = self._write_versioned(
                user, lead, now, condition="attribute_not_exists(deleted_at)", sets=dnc | {"phone": phone}
            )
            if listed.won or not listed.row.get("deleted_at"):
                return listed
            kept = self._write_versioned(user, lead, now, condition="attribute_exists(deleted_at)", sets=dnc)
            if kept.won or kept.row.get("deleted_at"):
                return kept

    def remove_from_dnc(self, user: str, lead: str, by: str, now: float) -> WriteResult:
        """Remove the do-not-call mark and record by whom. A waiting lead is due at once; a stub loses its number."""
        removed = {"dnc_removed": {"at": stamp(now), "by": by}}
        while True:
            waiting = self._write_versioned(
                user,
                lead,
                now,
                condition="call_status = :pending AND attribute_exists(dnc) AND attribute_not_exists(deleted_at)",
                values={"pending": leads.PENDING},
                sets=removed | {"due": leads.DUE_WAIT + stamp(now)},
                removes=("dnc", "held"),
            )
            if waiting.won:
                return waiting
            is_lead = leads.is_lead(waiting.row)
            other = self._write_versioned(
                user,
                lead,
                now,
                condition=f"attribute_exists(dnc) AND {_CALLED_LEAD if is_lead else _NO_LEAD}",
                values={"pending": leads.PENDING} if is_lead else {},
                sets=removed,
                removes=("dnc",) if is_lead else ("dnc", "phone"),
            )
            if other.won or not other.row.get("dnc"):
                return other

    def park(self, user: str, lead: str, now: float) -> WriteResult:
        """Take a waiting lead that is marked do-not-call out of the index of what is due."""
        return self._write_versioned(
            user,
            lead,
            now,
            condition="call_status = :pending AND attribute_exists(dnc)",
            values={"pending": leads.PENDING},
            sets={"held": {"reason": reasons.DNC, "since": stamp(now)}},
            removes=("due",),
        )

    def hold(self, user: str, lead: str, seen: str, reason: str, until: float, now: float) -> WriteResult:
        """Hold a waiting lead until its gate opens, with the reason; it keeps its place in the calling order."""
        due = leads.Due.parse(seen)
        place = due.place if due.kind == leads.DUE_WAIT else until
        return self._write_versioned(
            user,
            lead,
            now,
            condition="call_status = :pending AND due = :seen",
            values={"pending": leads.PENDING, "seen": seen},
            sets={"held": {"reason": reason, "since": stamp(now)}, "due": _later(until, place)},
        )

    def unhold(
        self, user: str, lead: str, seen: str, now: float, reason: str = reasons.HOURS, place: float | None = None
    ) -> WriteResult:
        """Make a lead that is held for *reason* due at once, in its *place*, and forget how often it was put back."""
        return self._write_versioned(
            user,
            lead,
            now,
            condition="call_status = :pending AND held.reason = :reason AND due = :seen",
            values={"pending": leads.PENDING, "reason": reason, "seen": seen},
            sets={"due": leads.DUE_WAIT + stamp(now if place is None else min(place, now))},
            removes=("held", "releases", "refusals"),
        )

    def confirm(self, user: str, lead: str, seen: str, by: str, now: float) -> WriteResult:
        """A person starts the call of a lead that waits for that: it is due at once, for two minutes, for one claim."""
        return self._write_versioned(
            user,
            lead,
            now,
            condition="call_status = :pending AND held.reason = :reason AND due = :seen AND attribute_not_exists(dnc)"
            f" AND {_HISTORY_HAS_ROOM}",
            values={"pending": leads.PENDING, "reason": reasons.CONFIRM, "seen": seen, "most": _MOST_HISTORY},
            sets={
                "due": leads.DUE_WAIT + stamp(now),
                "confirmed_until": stamp(now + CONFIRMED_FOR_S),
                "confirmed_by": by,
            },
            removes=("held", "releases", "refusals"),
            entry={"event": "confirmed", "by": by},
        )

    # -- one attempt -----------------------------------------------------------------------------------------------

    def claim(self, user: str, lead: str, attempt: str, correlation: str, now: float, sender: str = "") -> WriteResult:
        """Claim a waiting lead for this attempt. Only the winner of this write may POST, and only once.

        *sender* is the number that the call will come from: if the answer is lost, Twilio's list of calls is searched
        for it.
        """
        sets = {"call_status": leads.CLAIMED, "has_been_called": True, "attempt_id": attempt}
        about = {"claimed_at": stamp(now), "correlation_id": correlation, "sender": sender}
        claim = self._write_versioned(
            user,
            lead,
            now,
            condition=f"call_status = :pending AND {NOT_CALLED} AND due BETWEEN :wait AND :now"
            " AND attribute_not_exists(dnc)",
            values={"pending": leads.PENDING, "no": False, "wait": leads.DUE_WAIT, "now": leads.DUE_WAIT + stamp(now)},
            sets=sets | about | {"due": leads.DUE_LINE + stamp(self._timing.check_claimed_at(now))},
            removes=_OF_AN_ATTEMPT,
        )
        # Our first try may have won, its answer been lost, and another write have come since: the attempt is ours.
        still_ours = claim.row.get("attempt_id") == attempt and claim.row.get("call_status") == leads.CLAIMED
        return WriteResult(claim.won or still_ours, claim.row)

    def mark_placed(self, user: str, lead: str, attempt: str, sid: str, now: float) -> WriteResult:
        """Record that Twilio took the call. Refused with the same SID: a callback was first."""
        due = leads.DUE_LINE + stamp(self._timing.check_ringing_at(now))
        return self._write_versioned(
            user,
            lead,
            now,
            condition=f"{SAME_ATTEMPT} AND {_CLAIMED_OR_UNKNOWN} AND {SAME_CALL}",
            values={"attempt": attempt, "sid": sid, **_UNSETTLED},
            sets={"call_status": "queued", "call_sid": sid, "placed_at": stamp(now), "due": due},
            removes=("reason",),
            entry={"event": "placed", "attempt_id": attempt, "call_sid": sid},
        )

    def mark_refused(self, user: str, lead: str, attempt: str, reason: str, now: float) -> WriteResult:
        """Record that Twilio refused this number: the lead has ended."""
        return self._write_versioned(
            user,
            lead,
            now,
            condition=f"{SAME_ATTEMPT} AND {_CLAIMED_OR_UNKNOWN} AND {NO_CALL}",
            values={"attempt": attempt, **_UNSETTLED},
            sets={"call_status": "failed", "reason": reason, "ended_at": stamp(now)},
            removes=("due", "held"),
            entry={"event": "refused", "attempt_id": attempt, "reason": reason},
        )

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
        held = {"reason": reason, "since": stamp(now)}
        due = _later(until, parse(place)) if place and stamp(until) > place else leads.DUE_WAIT + stamp(until)
        return self._write_versioned(
            user,
            lead,
            now,
            condition=f"{SAME_ATTEMPT} AND {_CLAIMED_OR_UNKNOWN} AND {NO_CALL}",
            values={"attempt": attempt, **_UNSETTLED},
            sets={"call_status": leads.PENDING, "has_been_called": False, "held": held, "due": due},
            removes=_CONFIRMED,
            adds={counts: 1} if counts else {},
        )

    def mark_unknown(self, user: str, lead: str, attempt: str, reason: str, now: float) -> WriteResult:
        """Record that a call may have been placed: the machine never dials this lead again."""
        return self._write_versioned(
            user,
            lead,
            now,
            condition=f"{SAME_ATTEMPT} AND call_status = :claimed",
            values={"attempt": attempt, "claimed": leads.CLAIMED},
            sets={"call_status": leads.UNKNOWN, "reason": reason}
            | {"due": leads.DUE_LINE + stamp(self._timing.check_unknown_at(now))},
            entry={"event": "unknown", "attempt_id": attempt, "reason": reason},
        )

    # -- reports about a call --------------------------------------------------------------------------------------

    def record_live(
        self, user: str, lead: str, attempt: str, sid: str, status: str, evidence: str, now: float
    ) -> WriteResult:
        """Record that the call has reached *status*; refused if the row is there already, or further."""
        answered = {"answered_at": stamp(now)} if status == "in-progress" else {}
        ask = self._timing.check_in_progress_at if answered else self._timing.check_ringing_at
        statuses, names = _statuses(leads.predecessors(status))
        return self._write_versioned(
            user,
            lead,
            now,
            condition=f"{SAME_ATTEMPT} AND call_status IN ({names}) AND {SAME_CALL}",
            values={"attempt": attempt, "sid": sid, **statuses},
            sets={
                "call_status": status,
                "has_been_called": True,
                "call_sid": sid,
                "due": leads.DUE_LINE + stamp(ask(now)),
            }
            | answered,
            removes=("held", "reason", "asking"),
            entry={"event": status, "attempt_id": attempt, "call_sid": sid, "evidence": evidence},
        )

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
        statuses, names = _statuses(leads.predecessors(status))
        about = {"duration_s": duration_s, "reason": reason}
        known = {name: value for name, value in about.items() if value is not None}
        return self._write_versioned(
            user,
            lead,
            now,
            condition=f"{SAME_ATTEMPT} AND call_status IN ({names}) AND {SAME_CALL}",
            values={"attempt": attempt, "sid": sid, **statuses},
            sets={"call_status": status, "has_been_called": True, "call_sid": sid, "ended_at": stamp(now)} | known,
            removes=("due", "held", "asking", *(name for name, value in about.items() if value is None)),
            entry={"event": status, "attempt_id": attempt, "call_sid": sid, "evidence": evidence} | known,
        )

    def mark_joined(self, user: str, lead: str, attempt: str, now: float) -> WriteResult:
        """Record that lead and agent hear each other; a late report of it replaces `abandoned_at`."""
        return self._write_versioned(
            user,
            lead,
            now,
            condition=f"{SAME_ATTEMPT} AND attribute_not_exists(joined_at)",
            values={"attempt": attempt},
            sets={"joined_at": stamp(now)},
            removes=("abandoned_at",),
            entry={"event": "joined", "attempt_id": attempt},
        )

    def mark_abandoned(self, user: str, lead: str, attempt: str, now: float) -> WriteResult:
        """Record that the call was answered without an agent: once, and never over a conversation."""
        return self._write_versioned(
            user,
            lead,
            now,
            condition=f"{SAME_ATTEMPT} AND attribute_not_exists(joined_at) AND attribute_not_exists(abandoned_at)",
            values={"attempt": attempt},
            sets={"abandoned_at": stamp(now)},
            entry={"event": "abandoned", "attempt_id": attempt},
        )

    def add_stray(self, user: str, lead: str, attempt: str, sid: str, status: str, now: float) -> WriteResult:
        """Keep a report of another attempt, or another call, than the row's as evidence. It changes nothing else."""
        return self._write_unversioned(
            user,
            lead,
            condition="attribute_exists(lead_id)"
            " AND (attempt_id <> :attempt OR (attribute_exists(call_sid) AND call_sid <> :sid))"
            " AND (attribute_not_exists(strays) OR size(strays) < :most)",
            values={"attempt": attempt, "sid": sid, "most": _MOST_STRAYS},
            appends={"strays": {"at": stamp(now), "attempt_id": attempt, "call_sid": sid, "status": status}},
        )

    # -- asking Twilio, asking a person ----------------------------------------------------------------------------

    def reschedule_check(self, user: str, lead: str, attempt: str, seen: str, again_at: float) -> WriteResult:
        """Twilio has no news: ask again later. The kind of `due` stays (`busy#` or `lost#`)."""
        return self._write_unversioned(
            user,
            lead,
            condition=f"{SAME_ATTEMPT} AND due = :seen",
            values={"attempt": attempt, "seen": seen},
            sets={"due": leads.Due.parse(seen).kind + stamp(again_at)},
        )

    def free_line(self, user: str, lead: str, attempt: str, seen: str, again_at: float) -> WriteResult:
        """Free the line: nothing can ring any more and Twilio lists no call. Twilio is asked again until the bound."""
        return self._write_unversioned(
            user,
            lead,
            condition=f"{SAME_ATTEMPT} AND call_status = :unknown AND due = :seen AND begins_with(due, :busy)",
            values={"attempt": attempt, "unknown": leads.UNKNOWN, "seen": seen, "busy": leads.DUE_LINE},
            sets={"due": leads.DUE_LOST + stamp(again_at), "asking": True},
        )

    def mark_lost(
        self, user: str, lead: str, attempt: str, seen: str, reason: str, again_at: float, now: float
    ) -> WriteResult:
        """Twilio does not know the call, even after the bound: free the line, and let a person decide."""
        return self._write_versioned(
            user,
            lead,
            now,
            condition=f"{SAME_ATTEMPT} AND call_status = :unknown AND due = :seen",
            values={"attempt": attempt, "unknown": leads.UNKNOWN, "seen": seen},
            sets={"reason": reason, "due": leads.DUE_LOST + stamp(again_at)},
            removes=("asking",),
            entry={"event": "lost", "attempt_id": attempt, "reason": reason},
        )

    def release_by_agent(self, user: str, lead: str, attempt: str, by: str, now: float) -> WriteResult:
        """Put an unknown lead back for a person, who names the attempt that they saw."""
        return self._write_versioned(
            user,
            lead,
            now,
            condition=f"{SAME_ATTEMPT} AND call_status = :unknown AND begins_with(due, :lost)"
            f" AND attribute_not_exists(asking) AND {_HISTORY_HAS_ROOM}",
            values={"attempt": attempt, "unknown": leads.UNKNOWN, "lost": leads.DUE_LOST, "most": _MOST_HISTORY},
            sets={"call_status": leads.PENDING, "has_been_called": False, "due": leads.DUE_WAIT + stamp(now)},
            removes=("call_sid", "reason", "placed_at", "answered_at", *_CONFIRMED),
            entry={"event": "released", "attempt_id": attempt, "by": by},
        )

    def settle_by_agent(self, user: str, lead: str, attempt: str, by: str, called_at: str, now: float) -> WriteResult:
        """End an unknown lead for a person who says that its call was made, and names the attempt that they saw.

        *called_at* is when this attempt was claimed: no better time of the call is known.
        """
        return self._write_versioned(
            user,
            lead,
            now,
            condition=f"{SAME_ATTEMPT} AND call_status = :unknown AND begins_with(due, :lost)"
            " AND attribute_not_exists(asking)",
            values={"attempt": attempt, "unknown": leads.UNKNOWN, "lost": leads.DUE_LOST},
            sets={
                "call_status": "completed",
                "has_been_called": True,
                "reason": reasons.BY_PERSON,
                "ended_at": called_at,
            },
            removes=("due", "held", "duration_s"),
            entry={"event": "settled", "attempt_id": attempt, "by": by},
        )

    # -- how every write is made -----------------------------------------------------------------------------------

    def _write_versioned(
        self,
        user: str,
        lead: str,
        now: float,
        *,
        condition: str = "",
        values: Mapping[str, Any] | None = None,
        sets: Mapping[str, Any] | None = None,
        removes: tuple[str, ...] = (),
        adds: Mapping[str, int] | None = None,
        entry: Mapping[str, Any] | None = None,
    ) -> WriteResult:
        """A write that pages must show: it raises `version`, keeps the former status in `was`, may add to `history`."""
        change = Update(
            condition=condition,
            values={**(values or {}), "absent": "absent"},
            sets={**(sets or {}), "at": stamp(now)},
            copies={"was": "if_not_exists(call_status, :absent)"},
            appends={"history": {"at": stamp(now), **entry}} if entry else {},
            removes=removes,
            adds={"version": 1, **(adds or {})},
        )
        return write(self._client, self._table, {"user_id": user, "lead_id": lead}, change)

    def _write_unversioned(self, user: str, lead: str, **change: Any) -> WriteResult:
        return write(self._client, self._table, {"user_id": user, "lead_id": lead}, Update(**change))


def _later(until: float, place: float) -> str:
    return "".join(leads.Due.held(until, place))


def _key(user: str, lead: str) -> dict[str, Any]:
    return to_dynamo({"user_id": user, "lead_id": lead})


def _statuses(statuses: tuple[str, ...]) -> tuple[dict[str, str], str]:
    """The values of an IN condition and their names in it."""
    values = {f"before{place}": status for place, status in enumerate(statuses)}
    return values, ", ".join(f":{name}" for name in values)
