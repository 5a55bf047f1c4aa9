"""Pause and resume: at once, for all tabs, kept until changed; the answer to a pause names the calls in flight."""

from typing import Any, Protocol

from autocall import leads as lead_rules
from autocall.agent_table import AgentTable
from autocall.call_status import apply_call_status
from autocall.dial_queue import DialQueue
from autocall.lead_table import LeadTable
from autocall.leads import Attempt
from autocall.messages import Cause
from autocall.push import Push
from autocall.timing import stamp

_STILL_RINGS = ("queued", "initiated", "ringing")
_EVIDENCE = "asked Twilio to cancel"


class Call(Protocol):
    """A call as Twilio answers it."""

    @property
    def sid(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def duration_s(self) -> int | None: ...


class Canceller(Protocol):
    """What ends a call that only rings, and answers with the call as it is then."""

    def cancel(self, sid: str) -> Call | None: ...


def pause(
    agents: AgentTable, leads: LeadTable, push: Push, user: str, *, now: float, calls: Canceller | None = None
) -> dict[str, Any]:
    """No call of *user* starts after this but those named in the answer; *calls* also ends those that only ring.

    The calls in flight are read after the pause is written.
    """
    profile = agents.update_profile(user, {"paused": True, "paused_at": stamp(now), "resume_at": None})
    going_on = calls_in_flight(leads, user)
    data: dict[str, Any] = {"version": profile["version"], "in_flight": going_on}
    push.broadcast(user, "autocall:paused", data)
    if calls is None:
        return data
    return data | {"canceled": [lead for lead in going_on if _cancel(leads, push, leads.get(user, lead), calls, now)]}


def calls_in_flight(leads: LeadTable, user: str) -> list[str]:
    """The leads whose calls are made or being made.

    Read once that is written which lets no further call start: a dialer that claims later looks again and sees it.
    """
    return [row["lead_id"] for row in leads.unsettled(user) if lead_rules.is_in_flight(row)]


def resume(
    agents: AgentTable, queue: DialQueue, push: Push, user: str, correlation_id: str, cause: Cause = Cause.RESUMED
) -> dict[str, Any]:
    """Calls may start again, and a run is queued to start them, for that *cause*."""
    profile = agents.update_profile(user, {"paused": False, "paused_at": None, "resume_at": None})
    queue.enqueue_run(user, cause, correlation_id)
    data = {"version": profile["version"]}
    push.broadcast(user, "autocall:resumed", data)
    return data


def _cancel(leads: LeadTable, push: Push, row: lead_rules.Row, calls: Canceller, now: float) -> bool:
    """Whether Twilio confirms that the call was ended; what it says of it is recorded, for no callback may follow.

    A call that was answered meanwhile goes on, and is shown as that.
    """
    if row.get("call_status") not in _STILL_RINGS or not row.get("call_sid"):
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
            duration_s=call.duration_s,
        )
        if written and written.won:
            push.push_lead(row["user_id"], written.row)
    return call.status == "canceled"
