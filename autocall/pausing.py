"""Pause and resume: at once, for all tabs, kept until changed; the answer to a pause names the calls in flight."""

from typing import Any, Protocol

from autocall import leads as lead_rules
from autocall.agent_table import AgentTable
from autocall.dial_queue import DialQueue
from autocall.lead_table import LeadTable
from autocall.push import Push
from autocall.timing import stamp

_STILL_RINGS = ("queued", "initiated", "ringing")


class Canceller(Protocol):
    """What ends a call that only rings."""

    def cancel(self, sid: str) -> bool: ...


def pause(
    agents: AgentTable, leads: LeadTable, push: Push, user: str, *, now: float, calls: Canceller | None = None
) -> dict[str, Any]:
    """No call of *user* starts after this but those named in the answer; *calls* also ends those that only ring.

    The calls in flight are read after the pause is written.
    """
    profile = agents.change_profile(user, {"paused": True, "paused_at": stamp(now), "resume_at": None})
    going_on = calls_in_flight(leads, user)
    data: dict[str, Any] = {"version": profile["version"], "in_flight": going_on}
    push.event(user, "autocall:paused", data)
    if calls is None:
        return data
    return data | {"canceled": [lead for lead in going_on if _cancel(leads.get(user, lead), calls)]}


def calls_in_flight(leads: LeadTable, user: str) -> list[str]:
    """The leads whose calls are made or being made.

    Read once that is written which lets no further call start: a dialer that claims later looks again and sees it.
    """
    return [row["lead_id"] for row in leads.in_flight(user) if lead_rules.in_flight(row)]


def resume(
    agents: AgentTable, queue: DialQueue, push: Push, user: str, correlation_id: str, cause: str = "resumed"
) -> dict[str, Any]:
    """Calls may start again, and a run is queued to start them, for that *cause*."""
    profile = agents.change_profile(user, {"paused": False, "paused_at": None, "resume_at": None})
    queue.look_again(user, cause, correlation_id)
    data = {"version": profile["version"]}
    push.event(user, "autocall:resumed", data)
    return data


def _cancel(row: lead_rules.Row, calls: Canceller) -> bool:
    return row.get("call_status") in _STILL_RINGS and bool(row.get("call_sid")) and calls.cancel(row["call_sid"])
