"""An operator opens or closes the circuit breaker of the whole installation."""

import uuid

from autocall import reasons
from autocall.agent_table import AgentTable
from autocall.dial_queue import DialQueue
from autocall.installation_table import InstallationTable
from autocall.messages import Cause
from autocall.queued_run import QueuedRuns
from autocall.timing import now, stamp
from ops.installation import Installation, client


def rest(installation: Installation, minutes: int) -> str:
    """Start no call for so many minutes; returns the end as a stamp. Calls in flight go on."""
    until = now() + 60 * minutes
    InstallationTable(client("dynamodb"), installation["AgentsTable"]).set_breaker(reasons.STOPPED, until)
    return stamp(until)


def resume(installation: Installation) -> int:
    """Close the breaker, and queue a run for every connected agent; returns the number of agents.

    These runs also retry leads that Twilio has refused, and may accept now.
    """
    dynamodb, table = client("dynamodb"), installation["AgentsTable"]
    InstallationTable(dynamodb, table).set_breaker(reasons.RESUMED, now())
    users = AgentTable(dynamodb, table).connected_users(now())
    queue = DialQueue(client("sqs"), installation["QueueUrl"], QueuedRuns(dynamodb, table))
    correlation_id = f"resumed-{uuid.uuid4()}"
    for user in users:
        queue.enqueue_run(user, Cause.MENDED, correlation_id)
    return len(users)
