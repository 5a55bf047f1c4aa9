"""The whole installation rests by an operator's word, and goes on by one."""

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
    """No call starts from now on; until when, as a stamp. Calls that are under way go on."""
    until = now() + 60 * minutes
    InstallationTable(client("dynamodb"), installation["AgentsTable"]).set_breaker(reasons.STOPPED, until)
    return stamp(until)


def resume(installation: Installation) -> int:
    """End the rest, whoever began it, and queue a run for everybody who has a page open; how many they are.

    These runs also try again what Twilio has refused and might not refuse now.
    """
    dynamodb, table = client("dynamodb"), installation["AgentsTable"]
    InstallationTable(dynamodb, table).set_breaker(reasons.RESUMED, now())
    users = AgentTable(dynamodb, table).connected_users(now())
    queue = DialQueue(client("sqs"), installation["QueueUrl"], QueuedRuns(dynamodb, table))
    correlation_id = f"resumed-{uuid.uuid4()}"
    for user in users:
        queue.enqueue_run(user, Cause.MENDED, correlation_id)
    return len(users)
