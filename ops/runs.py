"""Queues a run for every connected agent, after an operator has changed whom or how they may call."""

import uuid

from autocall.agent_table import AgentTable
from autocall.dial_queue import DialQueue
from autocall.messages import Cause
from autocall.queued_run import QueuedRuns
from autocall.timing import now
from ops.installation import Installation, client


def enqueue_for_all(installation: Installation, why: str) -> int:
    """Also retries leads that were refused; *why* begins the correlation id. Returns the number of agents."""
    dynamodb, table = client("dynamodb"), installation["AgentsTable"]
    users = AgentTable(dynamodb, table).connected_users(now())
    queue = DialQueue(client("sqs"), installation["QueueUrl"], QueuedRuns(dynamodb, table))
    correlation_id = f"{why}-{uuid.uuid4()}"
    for user in users:
        queue.enqueue_run(user, Cause.MENDED, correlation_id)
    return len(users)
