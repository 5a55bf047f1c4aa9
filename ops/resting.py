"""The whole installation rests by an operator's word, and goes on by one."""

import uuid

from autocall.agent_table import AgentTable
from autocall.dial_queue import DialQueue
from autocall.timing import now, stamp
from ops.installation import Installation, client

STOPPED = "stopped by an operator"


def rest(installation: Installation, minutes: int) -> str:
    """No call starts from now on; until when, as a stamp. Calls that are under way go on."""
    until = now() + 60 * minutes
    AgentTable(client("dynamodb"), installation["AgentsTable"]).set_rest(STOPPED, until)
    return stamp(until)


def resume(installation: Installation) -> int:
    """End the rest, whoever began it, and queue a run for everybody who has a page open; how many they are."""
    agents = AgentTable(client("dynamodb"), installation["AgentsTable"])
    agents.set_rest("resumed by an operator", now())
    users = agents.everybody(now())
    queue, correlation_id = DialQueue(client("sqs"), installation["QueueUrl"]), f"resumed-{uuid.uuid4()}"
    for user in users:
        queue.look_again(user, "resumed", correlation_id)
    return len(users)
