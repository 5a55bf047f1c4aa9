"""How many calls a day may bring: counted, in one write each, where a call is about to be claimed."""

from dataclasses import dataclass

from autocall import reasons
from autocall.installation_table import INSTALLATION, InstallationTable
from autocall.timing import DAY_S, now
from functions.dialer.agent_gate import Stop


@dataclass(frozen=True)
class DailyLimit:
    """At most *per_agent* calls of one agent and *in_all* of the installation on one day of UTC; 0 is no bound.

    What is counted and then not called stays counted: rather a call too few than one too many.
    """

    installation: InstallationTable
    per_agent: int = 0
    in_all: int = 0

    def count(self, user: str) -> Stop | None:
        """Count one call; why it may not be made, if today has had its own, until the next day begins."""
        moment = now()
        for whose, most in ((user, self.per_agent), (INSTALLATION, self.in_all)):
            if most and not self.installation.count_call(whose, most, moment):
                return Stop(reasons.DAY, moment - moment % DAY_S + DAY_S)
        return None
