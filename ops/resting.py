"""The whole installation rests by an operator's word, and goes on by one."""

import uuid

from autocall.agent_table import INSTALLATION, AgentTable
from autocall.dial_queue import DialQueue
from autocall.timing import now, stamp
from ops.installation import Installation, client

STOPPED = "stopped by an operator"


def rest(installation: Installation, minutes: int) -> str:
    """No call starts from now on; until when, as a stamp. Calls that are under way go on."""
    until = now() + 60 * minutes
    AgentTable(client("dynamodb"), installation["AgentsTable"]).rest(STOPPED, until)
    return stamp(until)


def resume(installation: Installation) -> int:
    """End the rest, whoever began it, and queue a run for everybody who has a page open; how many they are."""
    dynamodb = client("dynamodb")
    AgentTable(dynamodb, installation["AgentsTable"]).rest("resumed by an operator", now())
    pages = dynamodb.get_paginator("scan").paginate(
        TableName=installation["AgentsTable"],
        FilterExpression="begins_with(#item, :connection)",
        ProjectionExpression="user_id",
        ExpressionAttributeNames={"#item": "item"},
        ExpressionAttributeValues={":connection": {"S": "connection#"}},
    )
    users = {item["user_id"]["S"] for page in pages for item in page["Items"]} - {INSTALLATION}
    queue, correlation_id = DialQueue(client("sqs"), installation["QueueUrl"]), f"resumed-{uuid.uuid4()}"
    for user in sorted(users):
        queue.look_again(user, "resumed", correlation_id)
    return len(users)
