"""The dependencies of the routes: tables, queue, push, and Twilio."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from autocall.agent_table import AgentTable
from autocall.called_table import CalledTable
from autocall.caller_ids import CallerIds
from autocall.dial_queue import DialQueue
from autocall.installation_table import Installation, InstallationTable
from autocall.lead_table import LeadTable
from autocall.leads import LeadRow, event_view, is_lead
from autocall.limits import NO_LIMITS, Limits
from autocall.push import Push
from autocall.timing import Timing, stamp

if TYPE_CHECKING:
    from autocall.agent_table import Connection
    from autocall.audio import VoicemailMessage
    from autocall.gates import Hours
    from autocall.rate_limit import RateLimiter
    from autocall.secret import Secret
    from autocall.session_table import SessionTable
    from autocall.twilio_calls import TwilioCalls

MOST_LINES = 20


@dataclass(frozen=True)
class Lines:
    """The dependencies of agents' own calls; *wrap_up_s* is the installation's default."""

    sessions: "SessionTable"
    secret: "Secret"
    pacer: "RateLimiter | None"
    public_url: str
    wrap_up_s: int


@dataclass(frozen=True)
class Services:
    """Tables, queue and push; Twilio and the calling hours are loaded on first use.

    `installation` holds the settings that are the same for every agent. `lines` is None where called people hear a
    message instead of an agent. `voicemail` is None if agents have no message to leave.
    """

    leads: LeadTable
    agents: AgentTable
    installation_table: InstallationTable
    called_table: CalledTable
    queue: DialQueue
    push: Push
    twilio: Callable[[], "TwilioCalls"]
    hours: Callable[[], "Hours"]
    timing: Timing
    caller_ids: CallerIds
    region: str
    installation: Mapping[str, Any]
    limits: Limits = NO_LIMITS
    colleague_days: int = 30
    lines: Lines | None = None
    voicemail: "VoicemailMessage | None" = None

    def standing(self, moment: float) -> dict[str, Any]:
        """The installation's current state: an open circuit breaker, and jurisdictions that an operator has closed."""
        account = self.installation_table.get_installation()
        closed = [
            {"place": jurisdiction, "until": stamp(until)} for jurisdiction, until in sorted(account.closed.items())
        ]
        return {
            "rest": _rest(account, moment),
            "closed": [closure for closure in closed if closure["until"] > stamp(moment)],
        }

    def rest(self, moment: float) -> dict[str, str | None] | None:
        """Until when the circuit breaker is open, and why; None if calls may start."""
        return _rest(self.installation_table.get_installation(), moment)

    def tell(self, user: str, row: LeadRow, to: "tuple[Connection, ...] | None" = None) -> None:
        """Push a row that changed without a call event to all tabs, if it is a lead."""
        if is_lead(row):
            self.push.broadcast(user, "call:status_updated", event_view(row), to)


def _rest(account: Installation, moment: float) -> dict[str, str | None] | None:
    if account.resume_at is None or account.resume_at <= moment:
        return None
    return {"until": stamp(account.resume_at), "reason": account.reason}
