"""The account's calls per second, shared by all concurrent dialers through one conditional write per call."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from autocall.installation_table import InstallationTable
from autocall.timing import now, parse, stamp

_ABSURD_S = 60


@dataclass(frozen=True)
class RateLimiter:
    """Hands out the account's slots, *gap* seconds apart; a slot more than *max_wait* seconds ahead is not taken."""

    installation: InstallationTable
    gap: float
    max_wait: float = 5.0
    clock: Callable[[], float] = now
    sleep: Callable[[float], None] = time.sleep

    def wait_for_slot(self, seen: str | None) -> float | None:
        """Take the next slot and wait for it: None; or when to try again. *seen* is the slot as it was read."""
        while True:
            moment = self.clock()
            start = self._start(seen, moment)
            if start > moment + self.max_wait:
                return start + random.uniform(0, self.max_wait)
            taken, seen = self.installation.take_slot(seen, stamp(start + self.gap))
            if taken:
                self.sleep(max(0.0, start - self.clock()))
                return None

    def _start(self, seen: str | None, moment: float) -> float:
        """When the next slot starts; a slot absurdly far ahead was written by a wrong clock and is ignored."""
        free_from = parse(seen) if seen else moment
        return free_from if moment < free_from < moment + self.max_wait + self.gap + _ABSURD_S else moment
