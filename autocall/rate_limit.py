"""The account's calls per second, shared by all concurrent dialers through one conditional write per call."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from autocall.agent_table import AgentTable
from autocall.timing import now, parse, stamp

_ABSURD_S = 60


@dataclass(frozen=True)
class RateLimiter:
    """Hands out the account's slots, *gap* seconds apart; one more than *patience* seconds ahead is not taken."""

    agents: AgentTable
    gap: float
    max_wait: float = 5.0
    clock: Callable[[], float] = now
    sleep: Callable[[float], None] = time.sleep

    def wait_for_slot(self, seen: str | None) -> float | None:
        """Take the next slot and wait for it: None once it has come, else when to try again. *seen* saves a read."""
        while True:
            moment = self.clock()
            start = self._start(seen, moment)
            if start > moment + self.max_wait:
                return start + random.uniform(0, self.max_wait)
            taken, seen = self.agents.take_slot(seen, stamp(start + self.gap))
            if taken:
                self.sleep(max(0.0, start - self.clock()))
                return None

    def _start(self, seen: str | None, moment: float) -> float:
        """The slot that is next; one absurdly far ahead was written by a wrong clock and counts for nothing."""
        free_from = parse(seen) if seen else moment
        return free_from if moment < free_from < moment + self.max_wait + self.gap + _ABSURD_S else moment
