"""Pause and resume an agent: at once, for all tabs, until it is changed."""

from typing import Any, Protocol

from autocall import leads as lead_rules
from autocall.agent_table import AgentTable
from autocall.call_status import apply_call_status
from autocall.dial_queue import DialQueue
from autocall.lead_table import LeadTable
from autocall.leads import Attempt, LeadKey
from autocall.messages import Cause
from autocall.push import Push
from autocall.timing import stamp

_STILL_RINGS = ("queued", "initiated", "ringing")
_EVIDENCE = "asked Twilio to cancel"


class Call(Protocol):
    """A call as Twilio returns it."""

    @property
    def sid(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def duration_s(self) -> int | None: ...


class Canceller(Protocol):
    """Cancels a call that only rings, and returns the call as it is then."""

    def cancel(self, sid: str) -> Call | None: ...


def pause(
    agents: AgentTable,
    leads: LeadTable,
    push: Push,
    user: str,
    *,
    now: float,
    calls: Canceller | None = None,
    agent_first: bool = False,
) -> dict[str, Any]:
    """Pause *user*; no call starts after that but those that the answer names. *calls* also cancels ringing ones.

    The calls in flight are read after the pause is written. *agent_first* is as in `apply_call_status`.
    """
    profile = agents.update_profile(user, {"paused": True, "paused_at": stamp(now), "resume_at": None})
    going_on = calls_in_flight(leads, user)
    data: dict[str, Any] = {"version": profile["version"], "in_flight": going_on}
    push.broadcast(user, "autocall:paused", data)
    if calls is None:
        return data
    canceled = [lead for lead in going_on if _cancel(leads, push, LeadKey(user, lead), calls, now, agent_first)]
    return data | {"canceled": canceled}


def calls_in_flight(leads: LeadTable, user: str) -> list[str]:
    """The leads whose calls are in flight.

    Call it after the write that stops new calls: a dialer that claims later rechecks and sees that write.
    """
    return [row["lead_id"] for row in leads.unsettled(user) if lead_rules.is_in_flight(row)]


def resume(
    agents: AgentTable, queue: DialQueue, push: Push, user: str, correlation_id: str, cause: Cause = Cause.RESUMED
) -> dict[str, Any]:
    """Resume *user*, and queue a run for that *cause*."""
    profile = agents.update_profile(user, {"paused": False, "paused_at": None, "resume_at": None})
    queue.enqueue_run(user, cause, correlation_id)
    data = {"version": profile["version"]}
    push.broadcast(user, "autocall:resumed", data)
    return data


def _cancel(leads: LeadTable, push: Push, key: LeadKey, calls: Canceller, now: float, agent_first: bool) -> bool:
    """Whether Twilio confirms that the call was cancelled. Its answer is recorded, because no callback may follow.

    A call that was answered in the meantime goes on, and is shown so.
    """
    row = leads.get(key)
    if row.get("call_status") not in _STILL_RINGS:
        return False
    call = calls.cancel(row["call_sid"])
    if call is None or call.sid != row["call_sid"]:
        return False
    if call.status in (*lead_rules.FINAL, "in-progress"):
        written = apply_call_status(
            leads,
            Attempt.of(row),
            now,
            sid=call.sid,
            status=call.status,
            evidence=_EVIDENCE,
            agent_first=agent_first,
            duration_s=call.duration_s,
        )
        if written and written.won:
            push.push_lead(row["user_id"], written.row)
    return call.status == "canceled"
