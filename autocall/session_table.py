"""The agent's session in the Agents table: every write of its state machine, each conditional on what it assumes.

docs/state-machine.md lists them in one table. Every write raises `version` and sets `write_id`: a write that won, but
whose answer was lost, is recognised by it when the SDK repeats the request. Each function below that returns an
`Update` is one write; the table's methods apply them.
"""

from typing import TYPE_CHECKING, Any

from autocall import reasons
from autocall.dynamo import Item, Update, WriteResult, from_dynamo, to_dynamo, write
from autocall.session import ENDED, LIVE, RINGING, Session
from autocall.timing import Timing, stamp

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_THIS = "session_id = :session"
_ON_CALL = "call_attempt = :attempt"
_IS_LIVE = "phase = :live"
_FREE = "(attribute_not_exists(call_attempt) OR call_until <= :now OR call_attempt = :attempt)"
_NOT_WRAPPING = "(attribute_not_exists(wrap_attempt) OR wrap_until <= :now)"
_CALL = (
    "call_lead",
    "call_attempt",
    "call_leg",
    "call_at",
    "call_until",
    "call_taken",
    "call_joined",
    "call_held",
    "call_done",
)
_WRAP = ("wrap_lead", "wrap_attempt", "wrap_leg", "wrap_until")
_OF_A_LEG = ("call_sid", "live_since", "heard_at", "reason", "ended_at")
_LEAST_EXTENSION_S = 60
"""It must outlast three `agent:typing` frames of the page."""

SessionWrite = WriteResult[Item]


class SessionTable:
    """One item by `user_id`: the agent's newest session."""

    def __init__(self, client: "DynamoDBClient", table: str, timing: Timing) -> None:
        self._client, self._table, self._timing = client, table, timing

    def get(self, user: str) -> Session:
        """The session, strongly consistent."""
        answer = self._client.get_item(TableName=self._table, Key=to_dynamo(key(user)), ConsistentRead=True)
        return Session(from_dynamo(answer.get("Item")))

    # -- the agent's own call ------------------------------------------------------------------------------------------

    def open(
        self, user: str, session_id: str, via: str, wrap_up_s: int | None, now: float, *, by_machine: bool = False
    ) -> SessionWrite:
        """Open a session, which ends any other; `former_sid` in the result is the leg of the one before, if it had one.

        A person can always open one. The machine opens none while another is open, nor after one whose phone was not
        picked up, not accepted or refused. *wrap_up_s* None: a wrap-up lasts until the agent ends it.
        """
        return self._write(user, opened(session_id, via, wrap_up_s, now, by_machine=by_machine))

    def rung(self, user: str, session_id: str, sid: str) -> SessionWrite:
        """Record the SID of the call to the agent's phone, so that it can be ended while it rings."""
        return self._write(user, rung(session_id, sid))

    def live(self, user: str, session_id: str, sid: str, now: float) -> SessionWrite:
        """Record that the agent is on the line. A repeat for the same leg wins; another leg is refused."""
        return self._write(user, live(session_id, sid, now))

    def heard(self, user: str, session_id: str, now: float) -> SessionWrite:
        """Note that Twilio sent a signed request about the agent's leg or room; at most once a minute."""
        return self._write(user, heard(session_id, now, now - self._timing.heard_every))

    def end(
        self,
        user: str,
        *,
        session_id: str = "",
        sid: str = "",
        reason: str = "",
        while_ringing: str = reasons.NOT_PICKED_UP,
        now: float,
    ) -> SessionWrite:
        """End the session. Without a *reason* it is `left`, or *while_ringing* if the call only rang.

        The reservation stays: a reload must not use up a lead, and what a lead hears is decided when they answer.
        """
        whose = (session_id, sid)
        if reason:
            return self._write(user, ended(*whose, "", reason, now))
        written = self._write(user, ended(*whose, LIVE, reasons.LEFT, now))
        if written.won or written.row.get("phase") != RINGING:
            return written
        return self._write(user, ended(*whose, RINGING, while_ringing, now))

    def set_wrap_up(self, user: str, wrap_up_s: int | None) -> SessionWrite:
        """Set the length of the wrap-ups that begin from now on. None: until the agent ends them."""
        return self._write(user, wrap_up_set(wrap_up_s))

    # -- one lead ------------------------------------------------------------------------------------------------------

    def reserve(self, user: str, session_id: str, lead: str, attempt: str, now: float) -> SessionWrite:
        """Reserve the agent for the lead that is about to be called; refused if they are no longer ready."""
        return self._write(user, reserved(session_id, lead, attempt, now, self._timing.reserved(now)))

    def take(self, user: str, attempt: str, limit_s: float, now: float) -> SessionWrite:
        """The lead has answered: won if the agent is on the line and reserved for this attempt."""
        return self._write(user, taken(attempt, now, self._timing.taken(now, limit_s)))

    def take_inbound(self, user: str, lead: str, sid: str, limit_s: float, now: float) -> SessionWrite:
        """The lead calls back: the agent is theirs, if they are on the line and free. The call's SID is its attempt."""
        written = self._write(user, taken_inbound(lead, sid, now, self._timing.taken(now, limit_s)))
        theirs_already = written.row.get("call_attempt") == sid and written.row.get("phase") == LIVE
        return WriteResult(written.won or theirs_already, written.row)

    def joined(self, user: str, attempt: str, now: float) -> SessionWrite:
        """Record that lead and agent are connected."""
        return self._write(user, joined(attempt, now))

    def hold(self, user: str, attempt: str, now: float, *, held: bool) -> SessionWrite:
        """Record that the lead is on hold, or no longer: agent and lead do not hear each other meanwhile."""
        return self._write(user, on_hold(attempt, now) if held else off_hold(attempt))

    def done(self, user: str, attempt: str, now: float) -> SessionWrite:
        """The agent is ready for the next call: now, or as soon as this one ends."""
        written = self._write(user, wrapped_up(attempt))
        return written if written.won else self._write(user, done_early(attempt, now))

    def extend(self, user: str, attempt: str, now: float) -> SessionWrite:
        """Extend a wrap-up while the agent types: by a minute, or by its set length if that is longer."""
        written = self._write(user, extended(attempt, now, _LEAST_EXTENSION_S))
        usual_s = written.row.get("wrap_up_s")
        if written.won or written.row.get("wrap_attempt") != attempt or not usual_s or usual_s <= _LEAST_EXTENSION_S:
            return written
        return self._write(user, extended(attempt, now, usual_s))

    def free(self, user: str, attempt: str, now: float) -> SessionWrite:
        """The attempt's call is over: start the wrap-up after a conversation, otherwise free the agent.

        Two updates are tried in turn, because a reservation may become a conversation between them.
        """
        while True:
            freed = self._write(user, freed_at_once(attempt))
            if freed.won or freed.row.get("call_attempt") != attempt:
                return freed
            wrap_up_s = freed.row.get("wrap_up_s")
            until = None if wrap_up_s is None else now + wrap_up_s
            lead, inbound = str(freed.row["call_lead"]), "call_leg" in freed.row
            wrapping = self._write(user, freed_to_wrap_up(attempt, lead, until, inbound=inbound))
            if wrapping.won or wrapping.row.get("call_attempt") != attempt:
                return wrapping

    def _write(self, user: str, change: Update) -> SessionWrite:
        change.adds = {"version": 1}
        return write(self._client, self._table, key(user), change)


def key(user: str) -> dict[str, str]:
    return {"user_id": user, "item": "session"}


# -- the writes, each as what it asks of the table ---------------------------------------------------------------------


def opened(session_id: str, via: str, wrap_up_s: int | None, now: float, *, by_machine: bool) -> Update:
    # If the SDK repeats a request whose answer was lost, the new session must not become its own `former_sid`.
    condition = "(attribute_not_exists(session_id) OR session_id <> :session)"
    values: dict[str, Any] = {"session": session_id}
    if by_machine:
        condition += (
            " AND (attribute_not_exists(session_id) OR (phase = :ended AND NOT begins_with(reason, :refused)"
            " AND NOT reason IN (:not_picked_up, :not_accepted)))"
        )
        values |= {"ended": ENDED, "refused": reasons.REFUSED}
        values |= {"not_picked_up": reasons.NOT_PICKED_UP, "not_accepted": reasons.NOT_ACCEPTED}
    sets: dict[str, Any] = {"session_id": session_id, "via": via, "phase": RINGING, "asked_at": stamp(now)}
    removes: tuple[str, ...] = _OF_A_LEG
    if wrap_up_s is None:
        removes = (*removes, "wrap_up_s")
    else:
        sets["wrap_up_s"] = wrap_up_s
    return Update(
        condition=condition,
        values=values | {"no_leg": ""},
        sets=sets,
        copies={"former_sid": "if_not_exists(call_sid, :no_leg)"},
        removes=removes,
    )


def rung(session_id: str, sid: str) -> Update:
    return Update(
        condition=f"{_THIS} AND phase = :ringing",
        values={"session": session_id, "ringing": RINGING},
        sets={"call_sid": sid},
    )


def live(session_id: str, sid: str, now: float) -> Update:
    return Update(
        condition=f"{_THIS} AND (phase = :ringing OR ({_IS_LIVE} AND call_sid = :sid))",
        values={"session": session_id, "ringing": RINGING, "live": LIVE, "sid": sid, "now": stamp(now)},
        sets={"phase": LIVE, "call_sid": sid, "heard_at": stamp(now)},
        copies={"live_since": "if_not_exists(live_since, :now)"},
    )


def heard(session_id: str, now: float, before: float) -> Update:
    return Update(
        condition=f"{_THIS} AND {_IS_LIVE} AND heard_at < :before",
        values={"session": session_id, "live": LIVE, "before": stamp(before)},
        sets={"heard_at": stamp(now)},
    )


def ended(session_id: str, sid: str, phase: str, reason: str, now: float) -> Update:
    """End the session with this id or this leg; if *phase* is given, only in that phase."""
    which = {"session": session_id, "sid": sid}
    names = {"session": "session_id", "sid": "call_sid"}
    known = {name: value for name, value in which.items() if value}
    mine = " OR ".join(f"{names[name]} = :{name}" for name in known)
    return Update(
        condition=f"({mine}) AND phase {'=' if phase else '<>'} :phase",
        values=known | {"phase": phase or ENDED},
        sets={"phase": ENDED, "reason": reason, "ended_at": stamp(now)},
    )


def wrap_up_set(wrap_up_s: int | None) -> Update:
    """Not for a session that has ended: the next one reads the agent's settings."""
    change = Update(condition="attribute_exists(session_id) AND phase <> :ended", values={"ended": ENDED})
    if wrap_up_s is None:
        change.removes = ("wrap_up_s",)
    else:
        change.sets = {"wrap_up_s": wrap_up_s}
    return change


def reserved(session_id: str, lead: str, attempt: str, now: float, until: float) -> Update:
    sets = {"call_lead": lead, "call_attempt": attempt, "call_at": stamp(now), "call_until": stamp(until)}
    return Update(
        condition=f"{_THIS} AND {_IS_LIVE} AND {_FREE} AND {_NOT_WRAPPING}",
        values={"session": session_id, "live": LIVE, "attempt": attempt, "now": stamp(now)},
        sets=sets,
        removes=tuple(name for name in (*_CALL, *_WRAP) if name not in sets),
    )


def taken(attempt: str, now: float, until: float) -> Update:
    return Update(
        condition=f"{_IS_LIVE} AND {_ON_CALL}",
        values={"live": LIVE, "attempt": attempt, "now": stamp(now)},
        sets={"call_until": stamp(until)},
        copies={"call_taken": "if_not_exists(call_taken, :now)"},
    )


def taken_inbound(lead: str, sid: str, now: float, until: float) -> Update:
    sets = {"call_lead": lead, "call_attempt": sid, "call_leg": sid, "call_until": stamp(until)}
    return Update(
        condition=f"{_IS_LIVE} AND (attribute_not_exists(call_attempt) OR call_until <= :now) AND {_NOT_WRAPPING}",
        values={"live": LIVE, "now": stamp(now)},
        sets=sets | {"call_at": stamp(now), "call_taken": stamp(now)},
        removes=("call_joined", "call_held", "call_done", *_WRAP),
    )


def joined(attempt: str, now: float) -> Update:
    return Update(
        condition=_ON_CALL,
        values={"attempt": attempt, "now": stamp(now)},
        sets={"heard_at": stamp(now)},
        copies={"call_joined": "if_not_exists(call_joined, :now)"},
    )


def on_hold(attempt: str, now: float) -> Update:
    return Update(
        condition=f"{_ON_CALL} AND attribute_exists(call_joined)",
        values={"attempt": attempt, "now": stamp(now)},
        copies={"call_held": "if_not_exists(call_held, :now)"},
    )


def off_hold(attempt: str) -> Update:
    return Update(condition=_ON_CALL, values={"attempt": attempt}, removes=("call_held",))


def wrapped_up(attempt: str) -> Update:
    return Update(condition="wrap_attempt = :attempt", values={"attempt": attempt}, removes=_WRAP)


def done_early(attempt: str, now: float) -> Update:
    return Update(condition=_ON_CALL, values={"attempt": attempt}, sets={"call_done": stamp(now)})


def extended(attempt: str, now: float, seconds: int) -> Update:
    """Refused if the wrap-up is set to last longer than that."""
    return Update(
        condition="wrap_attempt = :attempt AND attribute_exists(wrap_until) AND wrap_up_s <= :seconds",
        values={"attempt": attempt, "seconds": seconds},
        sets={"wrap_until": stamp(now + seconds)},
    )


def freed_at_once(attempt: str) -> Update:
    return Update(
        condition=f"{_ON_CALL} AND (attribute_not_exists(call_joined) OR attribute_exists(call_done))",
        values={"attempt": attempt},
        removes=_CALL,
    )


def freed_to_wrap_up(attempt: str, lead: str, until: float | None, *, inbound: bool) -> Update:
    """*until* None: the wrap-up lasts until the agent is ready. *inbound*: the attempt is the lead's own call."""
    sets = {"wrap_lead": lead, "wrap_attempt": attempt} | ({"wrap_leg": attempt} if inbound else {})
    removes: tuple[str, ...] = _CALL
    if until is None:
        removes = (*removes, "wrap_until")
    else:
        sets["wrap_until"] = stamp(until)
    return Update(
        condition=f"{_ON_CALL} AND attribute_exists(call_joined) AND attribute_not_exists(call_done)",
        values={"attempt": attempt},
        sets=sets,
        removes=removes,
    )
