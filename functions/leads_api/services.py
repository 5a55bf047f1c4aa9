"""What the routes work with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from autocall.agent_table import AgentTable
from autocall.dial_queue import DialQueue
from autocall.installation_table import Installation, InstallationTable
from autocall.lead_table import LeadTable
from autocall.leads import Row, event_view, is_lead
from autocall.limits import NO_LIMITS, Limits
from autocall.push import Push
from autocall.timing import Timing, stamp

if TYPE_CHECKING:
    from autocall.agent_table import Connection
    from autocall.gates import Hours
    from autocall.rate_limit import RateLimiter
    from autocall.secret import Secret
    from autocall.session_table import SessionTable
    from autocall.twilio_calls import TwilioCalls

MOST_LINES = 20


@dataclass(frozen=True)
class Lines:
    """What the agents' own calls need; *wrap_up_s* is the installation's."""

    sessions: "SessionTable"
    secret: "Secret"
    pacer: "RateLimiter | None"
    public_url: str
    wrap_up_s: int


@dataclass(frozen=True)
class Services:
    """Tables, queue, push; Twilio and the hours once asked for; `installation` is what is set for every agent.

    `lines` is there where agents are on the line before anybody is called.
    """

    leads: LeadTable
    agents: AgentTable
    installation_table: InstallationTable
    queue: DialQueue
    push: Push
    twilio: Callable[[], "TwilioCalls"]
    hours: Callable[[], "Hours"]
    timing: Timing
    sender: str
    region: str
    installation: Mapping[str, Any]
    limits: Limits = NO_LIMITS
    lines: Lines | None = None

    def standing(self, moment: float) -> dict[str, Any]:
        """What is said of the installation as it is now: whether it rests, and which places an operator has closed."""
        account = self.installation_table.get_installation()
        closed = [{"place": place, "until": stamp(until)} for place, until in sorted(account.closed.items())]
        return {"rest": _rest(account, moment), "closed": [one for one in closed if one["until"] > stamp(moment)]}

    def rest(self, moment: float) -> dict[str, str | None] | None:
        """Until when nobody of the installation is called, and why; None if calls may start."""
        return _rest(self.installation_table.get_installation(), moment)

    def tell(self, user: str, row: Row, to: "tuple[Connection, ...] | None" = None) -> None:
        """Show all tabs a row that changed, though its call did not; what is no lead yet is not shown."""
        if is_lead(row):
            self.push.broadcast(user, "call:status_updated", event_view(row), to)


def _rest(account: Installation, moment: float) -> dict[str, str | None] | None:
    if account.resume_at is None or account.resume_at <= moment:
        return None
    return {"until": stamp(account.resume_at), "reason": account.reason}
