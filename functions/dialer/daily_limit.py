"""Limits the calls per day. Each call is counted in one write, just before its claim."""

from dataclasses import dataclass

from autocall import reasons
from autocall.installation_table import INSTALLATION, InstallationTable
from autocall.timing import DAY_S, now
from functions.dialer.agent_gate import Stop


@dataclass(frozen=True)
class DailyLimit:
    """At most *per_agent* calls of one agent and *in_all* of the installation per UTC day; 0 means no limit.

    A call that is counted and then not placed stays counted: better a call too few than one too many.
    """

    installation: InstallationTable
    per_agent: int = 0
    in_all: int = 0

    def count(self, user: str) -> Stop | None:
        """Count one call. Returns a Stop until the next day if a limit is reached."""
        moment = now()
        for whose, most in ((user, self.per_agent), (INSTALLATION, self.in_all)):
            if most and not self.installation.count_call(whose, most, moment):
                return Stop(reasons.DAY, moment - moment % DAY_S + DAY_S)
        return None
