"""How many calls a day may bring: counted, in one write each, where a call is about to be claimed."""

from dataclasses import dataclass

from autocall import reasons
from autocall.installation_table import INSTALLATION, InstallationTable
from autocall.timing import DAY_S, now, stamp
from functions.dialer.agent_gate import Stop


@dataclass(frozen=True)
class DailyLimit:
    """At most *per_agent* calls of one agent and *in_all* of the installation on one day of UTC; 0 is no bound.

    What is counted and then certainly not called is given back. What a run that died has counted stays counted: rather
    a call too few than one too many.
    """

    installation: InstallationTable
    per_agent: int = 0
    in_all: int = 0

    def count(self, user: str) -> Stop | None:
        """Count one call; why it may not be made, if today has had its own, until the next day begins."""
        moment = now()
        counted: list[str] = []
        for whose, most in self._bounds(user):
            if not self.installation.count_call(whose, most, moment):
                self._uncount(counted, moment)
                return Stop(reasons.DAY, moment - moment % DAY_S + DAY_S)
            counted.append(whose)
        return None

    def give_back(self, user: str, counted_at: float) -> None:
        """No call was made of the one that was counted then. Across midnight it stays counted, on whichever day."""
        if stamp(counted_at)[:10] == stamp(now())[:10]:
            self._uncount([whose for whose, _ in self._bounds(user)], counted_at)

    def closed(self, user: str) -> Stop | None:
        """Why no call may be made today; nothing is counted for the question."""
        counted_at = now()
        stop = self.count(user)
        if not stop:
            self.give_back(user, counted_at)
        return stop

    def _bounds(self, user: str) -> list[tuple[str, int]]:
        return [(whose, most) for whose, most in ((user, self.per_agent), (INSTALLATION, self.in_all)) if most]

    def _uncount(self, whom: list[str], moment: float) -> None:
        for whose in whom:
            self.installation.uncount_call(whose, moment)
