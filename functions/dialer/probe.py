"""The one trial call while the circuit breaker is half open."""

from dataclasses import dataclass

from autocall import reasons
from autocall.installation_table import Installation, InstallationTable
from autocall.timing import Timing, now, parse, stamp
from autocall.twilio_calls import TwilioCalls
from functions.dialer.agent_gate import Stop

UNLISTED = ("refused_unlisted", "refused_caller_id")
_SERVED = ("placed", "refused_lead", "refused_permission")


@dataclass
class Probe:
    """The right of one run to make the trial call, and what its calls have shown.

    `until` is when the right ends; None if this run does not have it.
    """

    installation: InstallationTable
    calls: TwilioCalls
    timing: Timing
    until: float | None = None
    _decided: bool = False
    _served: bool = False

    def is_needed(self, account: Installation) -> bool:
        """Whether the breaker is half open, and this run does not have the right yet."""
        return bool(account.resume_at) and not self.until

    def take(self, account: Installation) -> Stop | None:
        """Take the right, or return why no call starts: another run has taken it, or Twilio does not answer.

        Query Twilio first: if it does not answer, no lead is risked, and the breaker stays open.
        """
        moment = now()
        until = parse(stamp(self.timing.check_claimed_at(moment)))
        if not self.installation.take_probe(account.resume_at or 0.0, until):
            return Stop(account.reason or reasons.ACCOUNT, moment + self.timing.margin)
        if not self.calls.serves():
            return Stop(account.reason or reasons.ACCOUNT, until)
        self.until = until
        return None

    def note(self, metric: str | None) -> None:
        """Note how Twilio answered a POST of this run. An unlisted code decides nothing: the next lead does.

        Neither does a number of ours that Twilio refuses, where there are others.
        """
        self._served |= metric in _SERVED
        self._decided |= metric not in (None, *UNLISTED)

    def stop(self) -> Stop | None:
        """Stop if the trial call did not succeed: Twilio neither took the call nor refused the number as usual."""
        failed = self._decided and not self._served
        return Stop(reasons.PROBE, self.until) if self.until and failed else None

    def give_back(self) -> None:
        """Return the unused right: no lead was left, or none decided anything. The next run probes."""
        if self.until and not self._decided:
            self.installation.take_probe(self.until, now())
