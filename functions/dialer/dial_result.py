"""What became of one lead in a run. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from autocall.agent_table import Agent
from autocall.called import Called
from autocall.caller_ids import CallerIdState
from autocall.installation_table import Installation
from autocall.lead_table import LeadWrite
from functions.dialer.agent_gate import Stop


class DialOutcome(StrEnum):
    """What the dialer did with one lead. The log has these words."""

    PLACED = "placed"
    """Twilio has the call."""
    UNKNOWN = "unknown"
    """There may be a call."""
    REFUSED = "refused"
    """Twilio will not call this number: the lead has ended."""
    HELD = "held"
    """There is no call: the lead waits again."""
    ACCOUNT_REFUSED = "account refused"
    """There is no call, and Twilio refuses other leads too: the lead waits again, and calls stop for a while."""
    PARKED = "parked"
    """The lead is on the do-not-call list."""
    PASSED = "passed"
    """Another run, or a person, has changed the lead first."""

    @property
    def may_be_a_call(self) -> bool:
        return self in (DialOutcome.PLACED, DialOutcome.UNKNOWN)

    @property
    def was_claimed(self) -> bool:
        return self not in (DialOutcome.PARKED, DialOutcome.PASSED)

    @property
    def total(self) -> str:
        """The total of the run that counts it, as the page and the metrics know it."""
        match self:
            case DialOutcome.PLACED | DialOutcome.UNKNOWN:
                return "called"
            case DialOutcome.REFUSED:
                return "failed"
            case DialOutcome.ACCOUNT_REFUSED:
                return "held"
        return self.value


@dataclass(frozen=True)
class Recheck:
    """What the recheck after the claim read: the agent, the installation, the calls to this number, our own numbers."""

    agent: Agent
    account: Installation
    called: Called
    most_per_week: int
    caller_ids: Mapping[str, CallerIdState]


@dataclass(frozen=True)
class DialResult:
    """The outcome of one lead: the write to push (None: nothing to push), what the recheck read, whether to stop.

    `metric` counts the answer of the one POST; None if there was no POST.
    """

    outcome: DialOutcome
    written: LeadWrite | None = None
    seen: Recheck | None = None
    stop: Stop | None = None
    until: float | None = None
    metric: str | None = None
