"""Every write of a lead's state machine, as the conditional update that it is. Pure.

`docs/state-machine.md` has them in the same order, in one table: from which state to which, by whom, and what `due` is
afterwards. `LeadTable` applies them, each in a method of the same name.

`SAME_ATTEMPT` and `SAME_CALL` are the guards that recur: the row still belongs to the attempt, and to no other call.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from autocall import leads, reasons
from autocall.dynamo_update import Update
from autocall.terms import CONFIRMED_FOR_S
from autocall.timing import FAR, Timing, parse, stamp

Counts = Literal["releases", "refusals"]
MOST_HISTORY = 200
MOST_STRAYS = 20
SAME_ATTEMPT = "attempt_id = :attempt"
SAME_CALL = "(attribute_not_exists(call_sid) OR call_sid = :sid)"
NO_CALL = "attribute_not_exists(call_sid)"
NOT_CALLED = "(attribute_not_exists(has_been_called) OR has_been_called = :no)"
HISTORY_HAS_ROOM = "(attribute_not_exists(history) OR size(history) < :most)"
_STANDS = "attribute_exists(call_status) AND attribute_not_exists(deleted_at)"
_CLAIMED_OR_UNKNOWN = "call_status IN (:claimed, :unknown)"
_UNSETTLED = {"claimed": leads.CLAIMED, "unknown": leads.UNKNOWN}
_DELETABLE = (
    "attribute_exists(call_status) AND attribute_not_exists(deleted_at)"
    " AND (attribute_not_exists(due) OR NOT begins_with(due, :busy))"
)
_MET_OR_ABANDONED = "(attribute_exists(joined_at) OR attribute_exists(abandoned_at))"
_NEITHER_MET_NOR_ABANDONED = "attribute_not_exists(joined_at) AND attribute_not_exists(abandoned_at)"
_IS_LOST = "(call_status = :unknown AND begins_with(due, :lost) AND attribute_not_exists(asking))"
_LOST = f"{SAME_ATTEMPT} AND {_IS_LOST}"
_OF_AN_ATTEMPT = (
    *("held", "reason", "placed_at", "answered_at", "ended_at", "duration_s", "call_sid", "asking"),
    *("joined_at", "abandoned_at", "again_after", "answered_by", "outcome", "ring_back_heard_sid"),
)
_CONFIRMED = ("confirmed_until", "confirmed_by")
PERSONAL = (
    *("phone", "name", "zones", "state", "timezone", "note", "external_id", "extra", "held", "due"),
    *("agent_note", "why_again"),
    *leads.TERMS,
)
"""What a deleted lead loses."""


# -- imported and edited ---------------------------------------------------------------------------------------------


def create(about: Mapping[str, Any], due_at: float, now: float, hold_reason: str | None) -> Update:
    """A lead, also from a tombstone that was never called; an existing lead is left as it is.

    *hold_reason* is why it is held until a person acts: its place requires consent or a person, and it has none.
    """
    sets = {
        **about,
        "call_status": leads.PENDING,
        "has_been_called": False,
        "imported_at": stamp(due_at),
        "due": _wait(due_at),
    }
    if hold_reason:
        sets |= {"held": _held(hold_reason, now), "due": _later(FAR, due_at)}
    return _versioned(
        now,
        condition="attribute_not_exists(call_status) OR (attribute_exists(deleted_at) AND call_status = :pending"
        f" AND {NOT_CALLED} AND (attribute_not_exists(calls) OR calls <= :none_made))",
        values={"pending": leads.PENDING, "no": False, "none_made": 0},
        sets=sets,
        removes=("deleted_at", *_CONFIRMED),
    )


def merge(about: Mapping[str, Any], now: float) -> Update:
    """What describes the lead; never its call state, and never the data of a tombstone."""
    return _versioned(
        now,
        condition=_STANDS,
        sets={name: value for name, value in about.items() if name != "phone"},
    )


def delete(by: str, now: float) -> Update:
    """A tombstone without personal data; refused while a call is in flight."""
    return _versioned(
        now,
        condition=f"{_DELETABLE} AND {HISTORY_HAS_ROOM}",
        values={"busy": leads.DUE_LINE, "most": MOST_HISTORY},
        sets={"deleted_at": stamp(now)},
        removes=PERSONAL,
        entry={"event": "deleted", "by": by},
    )


def delete_of_full_history(now: float) -> Update:
    """The same without an entry: the lead was imported and deleted again and again."""
    return _versioned(
        now,
        condition=_DELETABLE,
        values={"busy": leads.DUE_LINE},
        sets={"deleted_at": stamp(now)},
        removes=PERSONAL,
    )


# -- do not call, hours ----------------------------------------------------------------------------------------------


def add_to_dnc(phone: str, by: str, now: float) -> Update:
    """The do-not-call mark; a stub where there is no lead."""
    return _versioned(
        now,
        condition="attribute_not_exists(deleted_at)",
        sets={"dnc": {"since": stamp(now), "by": by}, "phone": phone},
    )


def add_to_dnc_of_tombstone(by: str, now: float) -> Update:
    """The mark alone: a tombstone gets no number."""
    return _versioned(now, condition="attribute_exists(deleted_at)", sets={"dnc": {"since": stamp(now), "by": by}})


def remove_from_dnc(by: str, now: float) -> Update:
    """A lead that waits loses the mark and is due at once; not before its appointment, if it has one."""
    return _versioned(
        now,
        condition="call_status = :pending AND attribute_exists(dnc) AND attribute_not_exists(deleted_at)"
        " AND (attribute_not_exists(appointment_at) OR appointment_at <= :now)",
        values={"pending": leads.PENDING, "now": stamp(now)},
        sets={"dnc_removed": {"at": stamp(now), "by": by}, "due": _wait(now)},
        removes=("dnc", "held"),
    )


def remove_from_dnc_of_appointment(by: str, appointment: str, now: float) -> Update:
    """A lead that waits for its appointment loses the mark and is due then."""
    return _versioned(
        now,
        condition="call_status = :pending AND attribute_exists(dnc) AND attribute_not_exists(deleted_at)"
        " AND appointment_at = :appointment",
        values={"pending": leads.PENDING, "appointment": appointment},
        sets={"dnc_removed": {"at": stamp(now), "by": by}, "due": leads.DUE_WAIT + appointment},
        removes=("dnc", "held"),
    )


def remove_from_dnc_of_called(by: str, now: float) -> Update:
    """A lead that was called loses the mark."""
    return _versioned(
        now,
        condition="attribute_exists(dnc) AND attribute_exists(call_status) AND call_status <> :pending"
        " AND attribute_not_exists(deleted_at)",
        values={"pending": leads.PENDING},
        sets={"dnc_removed": {"at": stamp(now), "by": by}},
        removes=("dnc",),
    )


def remove_from_dnc_of_no_lead(by: str, now: float) -> Update:
    """A stub or a tombstone loses the mark, and the number that was kept for it."""
    return _versioned(
        now,
        condition="attribute_exists(dnc) AND (attribute_not_exists(call_status) OR attribute_exists(deleted_at))",
        sets={"dnc_removed": {"at": stamp(now), "by": by}},
        removes=("dnc", "phone"),
    )


def park(now: float) -> Update:
    """A waiting lead that is marked do-not-call leaves the index of what is due."""
    return _versioned(
        now,
        condition="call_status = :pending AND attribute_exists(dnc)",
        values={"pending": leads.PENDING},
        sets={"held": _held(reasons.DNC, now)},
        removes=("due",),
    )


def hold(seen: str, reason: str, until: float, now: float) -> Update:
    """A waiting lead is held until its gate opens; it keeps its place in the calling order."""
    due = leads.Due.parse(seen)
    position = due.position if due.kind == leads.DUE_WAIT else until
    return _versioned(
        now,
        condition="call_status = :pending AND due = :seen",
        values={"pending": leads.PENDING, "seen": seen},
        sets={"held": _held(reason, now), "due": _later(until, position)},
    )


def unhold(seen: str, now: float, reason: str, position: float | None) -> Update:
    """A lead that is held for *reason* is due at once, in its *position*; how often it was put back is forgotten."""
    return _versioned(
        now,
        condition="call_status = :pending AND held.reason = :reason AND due = :seen",
        values={"pending": leads.PENDING, "reason": reason, "seen": seen},
        sets={"due": _wait(now if position is None else min(position, now))},
        removes=("held", "releases", "refusals"),
    )


def confirm(seen: str, by: str, now: float) -> Update:
    """A person starts the call of a lead that waits for that: it is due at once, for two minutes, for one claim."""
    return _versioned(
        now,
        condition="call_status = :pending AND held.reason = :reason AND due = :seen AND attribute_not_exists(dnc)"
        f" AND {HISTORY_HAS_ROOM}",
        values={"pending": leads.PENDING, "reason": reasons.CONFIRM, "seen": seen, "most": MOST_HISTORY},
        sets={"due": _wait(now), "confirmed_until": stamp(now + CONFIRMED_FOR_S), "confirmed_by": by},
        removes=("held", "releases", "refusals"),
        entry={"event": "confirmed", "by": by},
    )


# -- one attempt -----------------------------------------------------------------------------------------------------


def claim(attempt: str, correlation: str, now: float, sender: str, timing: Timing) -> Update:
    """A waiting lead is this attempt's. Only the winner of this write may POST, and only once.

    A row that names the number that called it keeps that one.
    """
    return _versioned(
        now,
        condition=f"call_status = :pending AND {NOT_CALLED} AND due BETWEEN :wait AND :now"
        " AND attribute_not_exists(dnc)",
        values={
            "pending": leads.PENDING,
            "no": False,
            "wait": leads.DUE_WAIT,
            "now": _wait(now),
            "sender": sender,
        },
        sets={
            "call_status": leads.CLAIMED,
            "has_been_called": True,
            "attempt_id": attempt,
            "claimed_at": stamp(now),
            "correlation_id": correlation,
            "due": _line(timing.check_claimed_at(now)),
        },
        copies={"sender": "if_not_exists(sender, :sender)"},
        removes=_OF_AN_ATTEMPT,
        adds={"calls": 1},
    )


def choose_sender(attempt: str, sender: str) -> Update:
    """The call will come from another of our numbers than the row's; only before it was asked for."""
    return Update(
        condition=f"{SAME_ATTEMPT} AND call_status = :claimed AND {NO_CALL}",
        values={"attempt": attempt, "claimed": leads.CLAIMED},
        sets={"sender": sender},
    )


def mark_placed(attempt: str, sid: str, now: float, timing: Timing) -> Update:
    """Twilio took the call."""
    return _versioned(
        now,
        condition=f"{SAME_ATTEMPT} AND {_CLAIMED_OR_UNKNOWN} AND {SAME_CALL}",
        values={"attempt": attempt, "sid": sid, **_UNSETTLED},
        sets={
            "call_status": "queued",
            "call_sid": sid,
            "placed_at": stamp(now),
            "due": _line(timing.check_ringing_at(now)),
        },
        removes=("reason",),
        entry={"event": "placed", "attempt_id": attempt, "call_sid": sid},
    )


def mark_refused(attempt: str, reason: str, now: float) -> Update:
    """Twilio refused this number: the lead has ended."""
    return _versioned(
        now,
        condition=f"{SAME_ATTEMPT} AND {_CLAIMED_OR_UNKNOWN} AND {NO_CALL}",
        values={"attempt": attempt, **_UNSETTLED},
        sets={"call_status": "failed", "reason": reason, "ended_at": stamp(now)},
        removes=("due", "held"),
        entry={"event": "refused", "attempt_id": attempt, "reason": reason},
    )


def release(attempt: str, reason: str, until: float, now: float, position: str | None, counts: Counts | None) -> Update:
    """A lead that certainly was not called waits again. The attempt stays, so that a late report finds its row."""
    due = _later(until, parse(position)) if position and stamp(until) > position else _wait(until)
    return _versioned(
        now,
        condition=f"{SAME_ATTEMPT} AND {_CLAIMED_OR_UNKNOWN} AND {NO_CALL}",
        values={"attempt": attempt, "one": 1, **_UNSETTLED},
        sets={"call_status": leads.PENDING, "has_been_called": False, "held": _held(reason, now), "due": due},
        copies={"calls": "if_not_exists(calls, :one) - :one"},  # a claim of 1.0.0 has not counted it
        removes=_CONFIRMED,
        adds={counts: 1} if counts else {},
    )


def mark_unknown(attempt: str, reason: str, now: float, timing: Timing) -> Update:
    """A call may have been placed: the machine never dials this lead again."""
    return _versioned(
        now,
        condition=f"{SAME_ATTEMPT} AND call_status = :claimed",
        values={"attempt": attempt, "claimed": leads.CLAIMED},
        sets={"call_status": leads.UNKNOWN, "reason": reason, "due": _line(timing.check_unknown_at(now))},
        entry={"event": "unknown", "attempt_id": attempt, "reason": reason},
    )


# -- reports about a call --------------------------------------------------------------------------------------------


def record_live(attempt: str, sid: str, status: str, evidence: str, now: float, timing: Timing) -> Update:
    """The call has reached *status*; refused if the row is there already, or further."""
    sets = {"call_status": status, "has_been_called": True, "call_sid": sid}
    if status == "in-progress":
        sets |= {"answered_at": stamp(now), "due": _line(timing.check_in_progress_at(now))}
    else:
        sets["due"] = _line(timing.check_ringing_at(now))
    statuses, names = _statuses(leads.predecessors(status)[1:])  # all but pending
    return _versioned(
        now,
        condition=_believed(names),
        values={"attempt": attempt, "sid": sid, "pending": leads.PENDING, **statuses},
        sets=sets,
        removes=("held", "reason", "asking"),
        entry={"event": status, "attempt_id": attempt, "call_sid": sid, "evidence": evidence},
    )


def record_end(
    attempt: str,
    sid: str,
    status: str,
    evidence: str,
    now: float,
    duration_s: int | None,
    reason: str | None,
    if_met_or_abandoned: bool = False,
) -> Update:
    """The call has ended as *status*: the row leaves the index for good.

    *if_met_or_abandoned*: only if the row says either; `record_end_without_agent` is for the others.
    """
    statuses, names = _statuses(leads.predecessors(status)[1:])  # all but pending
    about = {"duration_s": duration_s, "reason": reason}
    known = {name: value for name, value in about.items() if value is not None}
    return _versioned(
        now,
        condition=f"{_believed(names)} AND {_MET_OR_ABANDONED}" if if_met_or_abandoned else _believed(names),
        values={"attempt": attempt, "sid": sid, "pending": leads.PENDING, **statuses},
        sets={"call_status": status, "has_been_called": True, "call_sid": sid, "ended_at": stamp(now)} | known,
        removes=("due", "held", "asking", *(name for name in about if name not in known)),
        entry={"event": status, "attempt_id": attempt, "call_sid": sid, "evidence": evidence} | known,
    )


def record_end_without_agent(attempt: str, sid: str, evidence: str, now: float, duration_s: int | None) -> Update:
    """The call was answered, met no agent, and has ended: all at once, so that no crash comes between."""
    end = record_end(attempt, sid, "completed", evidence, now, duration_s, None)
    abandoned = {"at": stamp(now), "event": "abandoned", "attempt_id": attempt}
    return replace(
        end,
        condition=f"{end.condition} AND {_NEITHER_MET_NOR_ABANDONED}",
        sets={**end.sets, "abandoned_at": stamp(now)},
        appends={"history": [abandoned, *end.appends["history"]]},
    )


def mark_joined(attempt: str, now: float) -> Update:
    """Lead and agent hear each other; a late report of it replaces `abandoned_at`."""
    return _versioned(
        now,
        condition=f"{SAME_ATTEMPT} AND attribute_not_exists(joined_at)",
        values={"attempt": attempt},
        sets={"joined_at": stamp(now)},
        removes=("abandoned_at",),
        entry={"event": "joined", "attempt_id": attempt},
    )


def mark_abandoned(attempt: str, now: float) -> Update:
    """The call was answered without an agent: once, and never over a conversation."""
    return _versioned(
        now,
        condition=f"{SAME_ATTEMPT} AND {_NEITHER_MET_NOR_ABANDONED}",
        values={"attempt": attempt},
        sets={"abandoned_at": stamp(now)},
        entry={"event": "abandoned", "attempt_id": attempt},
    )


def mark_rang_back(sid: str, now: float) -> Update:
    """The lead calls the number that it was called from: no attempt of ours, so its call state is not touched.

    Once for each of its calls: Twilio's request may come again while the two talk already.
    """
    return _versioned(
        now,
        condition=f"{_STANDS} AND (attribute_not_exists(rang_back_sid) OR rang_back_sid <> :sid)",
        values={"sid": sid},
        sets={"rang_back_at": stamp(now), "rang_back_sid": sid},
    )


def mark_ring_back_heard(sid: str, now: float) -> Update:
    """Lead and agent hear each other in this call of the lead's, its last one: once, and never again after a claim."""
    return _versioned(
        now,
        condition=f"{_STANDS} AND rang_back_sid = :sid"
        " AND (attribute_not_exists(ring_back_heard_at) OR ring_back_heard_at < rang_back_at)",
        values={"sid": sid},
        sets={"ring_back_heard_at": stamp(now), "ring_back_heard_sid": sid},
    )


def mark_ring_back_asked(now: float) -> Update:
    """The lead, calling, asks to be called back: a note for a person, who decides."""
    return _versioned(now, condition=_STANDS, sets={"ring_back_asked_at": stamp(now)})


def close_ring_back(seen: str, now: float) -> Update:
    """The agent has dealt with the call of the lead at the moment that they *saw*; a later one is another."""
    return _versioned(
        now,
        condition=f"{_STANDS} AND (rang_back_at >= :seen OR ring_back_asked_at >= :seen)"
        " AND (attribute_not_exists(ring_back_done_at) OR ring_back_done_at < :seen)",
        values={"seen": seen},
        sets={"ring_back_done_at": seen},
    )


def reopen_ring_back(seen: str, now: float) -> Update:
    """The agent takes that back."""
    return _versioned(
        now,
        condition=f"{_STANDS} AND ring_back_done_at = :seen",
        values={"seen": seen},
        sets={},
        removes=("ring_back_done_at",),
    )


def mark_answered_by(attempt: str, who: str, now: float) -> Update:
    """Twilio's machine detection thinks that it knows who answered; its first word counts."""
    return _versioned(
        now,
        condition=f"{SAME_ATTEMPT} AND attribute_not_exists(answered_by) AND call_status <> :pending",
        values={"attempt": attempt, "pending": leads.PENDING},
        sets={"answered_by": who},
    )


def add_stray(attempt: str, sid: str, status: str, now: float) -> Update:
    """A report of another attempt, or another call, than the row's is kept as evidence. It changes nothing else."""
    return Update(
        condition="attribute_exists(lead_id)"
        " AND (attempt_id <> :attempt OR (attribute_exists(call_sid) AND call_sid <> :sid))"
        " AND (attribute_not_exists(strays) OR size(strays) < :most)",
        values={"attempt": attempt, "sid": sid, "most": MOST_STRAYS},
        appends={"strays": [{"at": stamp(now), "attempt_id": attempt, "call_sid": sid, "status": status}]},
    )


# -- asking Twilio, asking a person ----------------------------------------------------------------------------------


def reschedule_check(attempt: str, seen: str, again_at: float) -> Update:
    """Twilio has no news and is asked again later. The kind of `due` stays (`busy#` or `lost#`)."""
    return Update(
        condition=f"{SAME_ATTEMPT} AND due = :seen",
        values={"attempt": attempt, "seen": seen},
        sets={"due": leads.Due.parse(seen).kind + stamp(again_at)},
    )


def free_line(attempt: str, seen: str, again_at: float) -> Update:
    """Nothing can ring any more and Twilio lists no call: the line is free. Twilio is asked again until the bound."""
    return Update(
        condition=f"{SAME_ATTEMPT} AND call_status = :unknown AND due = :seen AND begins_with(due, :busy)",
        values={"attempt": attempt, "unknown": leads.UNKNOWN, "seen": seen, "busy": leads.DUE_LINE},
        sets={"due": leads.DUE_LOST + stamp(again_at), "asking": True},
    )


def mark_lost(attempt: str, seen: str, reason: str, again_at: float, now: float) -> Update:
    """Twilio does not know the call, even after the bound: the line is free, and a person decides."""
    return _versioned(
        now,
        condition=f"{SAME_ATTEMPT} AND call_status = :unknown AND due = :seen",
        values={"attempt": attempt, "unknown": leads.UNKNOWN, "seen": seen},
        sets={"reason": reason, "due": leads.DUE_LOST + stamp(again_at)},
        removes=("asking",),
        entry={"event": "lost", "attempt_id": attempt, "reason": reason},
    )


def release_by_agent(attempt: str, by: str, now: float) -> Update:
    """A person, who names the attempt that they saw, puts an unknown lead back."""
    return _versioned(
        now,
        condition=f"{_LOST} AND {HISTORY_HAS_ROOM}",
        values={"attempt": attempt, "unknown": leads.UNKNOWN, "lost": leads.DUE_LOST, "most": MOST_HISTORY},
        sets={"call_status": leads.PENDING, "has_been_called": False, "due": _wait(now)},
        removes=("call_sid", "reason", "placed_at", "answered_at", "appointment_at", *_CONFIRMED),
        entry={"event": "released", "attempt_id": attempt, "by": by},
    )


def settle_by_agent(attempt: str, by: str, called_at: str, now: float) -> Update:
    """A person, who names the attempt that they saw, says that its call was made: the lead has ended.

    *called_at* is when this attempt was claimed: no better time of the call is known.
    """
    return _versioned(
        now,
        condition=_LOST,
        values={"attempt": attempt, "unknown": leads.UNKNOWN, "lost": leads.DUE_LOST},
        sets={"call_status": "completed", "has_been_called": True, "reason": reasons.BY_PERSON, "ended_at": called_at},
        removes=("due", "held", "duration_s"),
        entry={"event": "settled", "attempt_id": attempt, "by": by},
    )


# -- after a call ----------------------------------------------------------------------------------------------------


def set_outcome(attempt: str, code: str, by: str, now: float, *, preset: bool = False) -> Update:
    """What came of the conversation, as its agent says; the last word counts, and each is in the history.

    *attempt* names the conversation: the row's attempt, or the call in which the lead called back after it.
    *preset*: no word of the agent's, so it takes the place of none.
    """
    return _versioned(
        now,
        condition=f"(({SAME_ATTEMPT} AND attribute_exists(joined_at)) OR ring_back_heard_sid = :attempt)"
        f" AND attribute_not_exists(deleted_at) AND {HISTORY_HAS_ROOM}"
        f"{' AND attribute_not_exists(outcome)' if preset else ''}",
        values={"attempt": attempt, "most": MOST_HISTORY},
        sets={"outcome": {"code": code, "at": stamp(now), "by": by}},
        entry={"event": "outcome", "attempt_id": attempt, "code": code, "by": by},
    )


def annotate(seen: int, text: str, by: str, now: float) -> Update:
    """The agent's note, if the one that stands is the one that they saw; *seen* 0: they saw none."""
    unchanged = "agent_note.version = :seen" if seen else "attribute_not_exists(agent_note)"
    return _versioned(
        now,
        condition=f"{_STANDS} AND {unchanged}",
        values={"seen": seen} if seen else {},
        sets={"agent_note": {"text": text, "at": stamp(now), "by": by, "version": seen + 1}},
    )


def again(seen: leads.LeadRow, by: str, now: float, at: float | None, why: str) -> Update:
    """A person lets a lead that has ended be called once more, now or at a time: the permission for one claim.

    The row must be as it was *seen*. `again_after` names the attempt that is over: a late report of it, also of a call
    that nobody knew the SID of, does not take the permission away.
    """
    statuses, names = _statuses(leads.FINAL)
    moment = now if at is None else max(now, at)
    about = {} if at is None else {"appointment_at": stamp(moment)}
    entry = {"at": stamp(now), "event": "again", "attempt_id": seen["attempt_id"], "by": by, **about}
    return _versioned(
        now,
        condition=f"{SAME_ATTEMPT} AND version = :seen AND (call_status IN ({names}) OR {_IS_LOST})"
        f" AND attribute_not_exists(deleted_at) AND attribute_not_exists(dnc) AND {HISTORY_HAS_ROOM}",
        values={
            "attempt": seen["attempt_id"],
            "seen": seen["version"],
            "unknown": leads.UNKNOWN,
            "lost": leads.DUE_LOST,
            "most": MOST_HISTORY,
            "one": 1,
            **statuses,
        },
        sets={
            "call_status": leads.PENDING,
            "has_been_called": False,
            "again_after": seen["attempt_id"],
            "due": _wait(moment),
            **about,
            **_no_longer_missed(seen),
        },
        copies={"calls": "if_not_exists(calls, :one)"},
        appends={
            "history": [entry],
            "earlier_calls": [leads.call_record(seen)],
            **({"why_again": [{"at": stamp(now), "why": why}]} if why else {}),
        },
        removes=("held", "reason", "releases", "refusals", *_CONFIRMED, *(() if about else ("appointment_at",))),
    )


def reappoint(seen: leads.LeadRow, by: str, now: float, at: float | None) -> Update:
    """A person moves the next call of a lead that waits, to a time or to now; it is no further permission."""
    moment = now if at is None else max(now, at)
    about = {} if at is None else {"appointment_at": stamp(moment)}
    return _versioned(
        now,
        condition=f"{SAME_ATTEMPT} AND version = :seen AND call_status = :pending AND attribute_not_exists(deleted_at)"
        f" AND attribute_not_exists(dnc) AND {HISTORY_HAS_ROOM}",
        values={
            "attempt": seen["attempt_id"],
            "seen": seen["version"],
            "pending": leads.PENDING,
            "most": MOST_HISTORY,
        },
        sets={"due": _wait(moment), **about, **_no_longer_missed(seen)},
        removes=("held", "releases", "refusals", *(() if about else ("appointment_at",))),
        entry={"event": "reappointed", "attempt_id": seen["attempt_id"], "by": by, **about},
    )


# -- what the writes are made of -------------------------------------------------------------------------------------


def _versioned(
    now: float,
    *,
    condition: str,
    values: Mapping[str, Any] | None = None,
    sets: Mapping[str, Any],
    copies: Mapping[str, str] | None = None,
    appends: Mapping[str, Sequence[Any]] | None = None,
    removes: tuple[str, ...] = (),
    adds: Mapping[str, int] | None = None,
    entry: Mapping[str, Any] | None = None,
) -> Update:
    """A write that pages must show: it raises `version`, keeps the former status in `was`, may add to `history`."""
    return Update(
        condition=condition,
        values={**(values or {}), "absent": "absent"},
        sets={**sets, "at": stamp(now)},
        copies={"was": "if_not_exists(call_status, :absent)", **(copies or {})},
        appends={"history": [{"at": stamp(now), **entry}]} if entry else appends or {},
        removes=removes,
        adds={"version": 1, **(adds or {})},
    )


def _no_longer_missed(seen: leads.LeadRow) -> dict[str, str]:
    """Whoever rang back, and is called now, needs no further answer."""
    rang = leads.last_ring_back(seen)
    return {"ring_back_done_at": rang} if rang else {}


def _held(reason: str, now: float) -> dict[str, str]:
    return {"reason": reason, "since": stamp(now)}


def _wait(moment: float) -> str:
    return leads.DUE_WAIT + stamp(moment)


def _line(moment: float) -> str:
    return leads.DUE_LINE + stamp(moment)


def _later(until: float, position: float) -> str:
    return "".join(leads.Due.held(until, position))


def _believed(statuses: str) -> str:
    """A report is believed of the row's attempt and of no other call than its own; of a lead that waits, unless a
    person wants another call than that of this attempt."""
    of_a_call = f"call_status IN ({statuses}) AND {SAME_CALL}"
    put_back = "call_status = :pending AND (attribute_not_exists(again_after) OR again_after <> :attempt)"
    return f"{SAME_ATTEMPT} AND (({put_back}) OR ({of_a_call}))"


def _statuses(statuses: tuple[str, ...]) -> tuple[dict[str, str], str]:
    """The values of an IN condition and their names in it."""
    values = {f"before{index}": status for index, status in enumerate(statuses)}
    return values, ", ".join(f":{name}" for name in values)
