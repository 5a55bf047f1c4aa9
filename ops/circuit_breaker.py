"""An operator opens or closes the circuit breaker of the whole installation."""

from autocall import reasons
from autocall.installation_table import InstallationTable
from autocall.timing import now, stamp
from ops import runs
from ops.installation import Installation, client


def rest(installation: Installation, minutes: int) -> str:
    """Start no call for so many minutes; returns the end as a stamp. Calls in flight go on."""
    until = now() + 60 * minutes
    InstallationTable(client("dynamodb"), installation["AgentsTable"]).set_breaker(reasons.STOPPED, until)
    return stamp(until)


def resume(installation: Installation) -> int:
    """Close the breaker, and queue a run for every connected agent; returns the number of agents."""
    InstallationTable(client("dynamodb"), installation["AgentsTable"]).set_breaker(reasons.RESUMED, now())
    return runs.enqueue_for_all(installation, "resumed")
