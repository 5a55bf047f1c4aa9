"""Bugs of our own, one for each rule of docs/once-ever.md: the proof must find each of them."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from autocall import dynamo, installation_table, lead_writes, reasons, session_table
from autocall.dial_queue import DialQueue
from autocall.dynamo import Update
from autocall.queued_run import QueuedRuns
from autocall.session_table import SessionTable
from functions.dialer import reconcile
from functions.dialer.agent_gate import AgentGate
from functions.dialer.dial import Dialer
from functions.dialer.reconcile import Reconciler
from functions.leads_api import release
from functions.status_webhook.status_callback import CallbackHandler
from functions.voice.lead_calls import LeadCalls

Bug = Callable[[], AbstractContextManager[Any]]


def _assumes(module: Any, write: str, was: str, becomes: str) -> Bug:
    """A write whose condition has *becomes* for *was*; "" is all of it."""
    does = getattr(module, write)

    def careless(*args: Any, **named: Any) -> Update:
        update: Update = does(*args, **named)
        assert was in update.condition
        update.condition = update.condition.replace(was, becomes) if was else becomes
        return update

    return lambda: patch.object(module, write, careless)


_RECHECK = Dialer._recheck
_RELEASE = lead_writes.release
_ANY, _LEAD = "attribute_not_exists(no_such_attribute)", "attribute_exists(lead_id)"


def _instead(owner: Any, name: str, answer: Any) -> Bug:
    """A function that does nothing, and always answers the same."""
    return lambda: patch.object(owner, name, lambda *_, **__: answer)


def _repeats(self: Dialer, row: Any, _reason: str, seen: Any) -> Any:
    return self._retry_later(row, reasons.UNREACHABLE, 1, seen)


def _release_says_called(*args: Any, **named: Any) -> Update:
    update = _RELEASE(*args, **named)
    update.sets = {**update.sets, "has_been_called": True}
    return update


def _gate_without(name: str) -> Bug:
    """The agent's gate does not see one thing about the agent."""
    stop = AgentGate.stop

    def blind(self: AgentGate, agent: Any, *about: Any) -> Any:
        seen = {"left": {"left": False}, "paused": {"profile": {**agent.profile, "paused": False, "resume_at": None}}}
        return stop(self, replace(agent, **seen[name]), *about)

    return lambda: patch.object(AgentGate, "stop", blind)


class _Blind:
    """The installation's table, which always answers that a number is not forbidden."""

    def __init__(self, table: Any) -> None:
        self._table = table

    def __getattr__(self, name: str) -> Any:
        return getattr(self._table, name)

    def get_before_call(self, *hashes: str, **named: Any) -> Any:
        return replace(self._table.get_before_call(*hashes, **named), forbidden=False)


def _unread(self: Dialer, *about: Any) -> Any:
    blind: Any = _Blind(self.installation)
    return _RECHECK(replace(self, installation=blind), *about)


def _counts_off_twice(self: Any, user: str, now: float) -> None:
    change = Update(condition="calls > :none", values={"none": 0}, adds={"calls": -1})
    dynamo.write(
        self._client, self._table, {"user_id": user, "item": f"calls#{installation_table.stamp(now)[:10]}"}, change
    )


BUGS: dict[str, tuple[str, Bug]] = {
    "ONCE-001": ("a claim takes what was claimed", _assumes(lead_writes, "claim", "", _LEAD)),
    "ONCE-002": ("an outcome that is not known is tried again", lambda: patch.object(Dialer, "_unknown", _repeats)),
    "ONCE-003": (
        "a lead that is put back stays marked as called",
        lambda: patch.object(lead_writes, "release", _release_says_called),
    ),
    "ONCE-004": (
        "a status goes back",
        _assumes(lead_writes, "record_live", "call_status IN", f"{_ANY} OR call_status IN"),
    ),
    "ONCE-005": ("a report counts for any attempt", _assumes(lead_writes, "record_end", "attempt_id = :attempt", _ANY)),
    "ONCE-006": ("a pause is not looked at again", _gate_without("paused")),
    "ONCE-007": ("hours are not looked at again", _instead(Dialer, "_lead_gate", None)),
    "ONCE-008": (
        "the installation's do-not-call list is not read again",
        lambda: patch.object(Dialer, "_recheck", _unread),
    ),
    "ONCE-009": ("a claim does not see do-not-call", _assumes(lead_writes, "claim", "attribute_not_exists(dnc)", _ANY)),
    "ONCE-010": ("who was taken out goes on calling", _gate_without("left")),
    "ONCE-011": ("a release does not ask Twilio", _instead(release, "known_calls", [])),
    "ONCE-012": (
        "a mark stays whose message was not sent",
        _instead(QueuedRuns, "withdraw", True),
    ),
    "ONCE-013": (
        "a call's end starts no run",
        _instead(CallbackHandler, "_lets_a_run_start", False),
    ),
    "ONCE-014": (
        "a day counts fewer calls than were made",
        lambda: patch.object(installation_table.InstallationTable, "uncount_call", _counts_off_twice),
    ),
    "ONCE-015": ("Twilio is never asked", _instead(Reconciler, "overdue", [])),
    "ONCE-016": ("Twilio's list is not believed", _instead(reconcile, "match", None)),
    "ONCE-017": ("an agent is kept for two leads", lambda: patch.object(session_table, "_FREE", _ANY)),
    "ONCE-018": ("an agent is kept who writes up", lambda: patch.object(session_table, "_NOT_WRAPPING", _ANY)),
    "ONCE-019": (
        "a reload forgets the lead",
        lambda: patch.object(session_table, "_OF_A_LEG", (*session_table._OF_A_LEG, *session_table._CALL)),
    ),
    "ONCE-020": ("who is alone hears nothing", _instead(LeadCalls, "alone", True)),
    "ONCE-021": ("an agent is never free again", _instead(SessionTable, "free", dynamo.WriteResult(False, {}))),
    "ONCE-022": ("runs are never asked for", _instead(DialQueue, "enqueue_run", None)),
}
