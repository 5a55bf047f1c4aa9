"""What somebody on call looks at first: is anything stuck, does the installation rest, what do the logs say."""

import json
import time
from collections.abc import Iterator

from autocall.agent_table import AgentTable
from autocall.timing import stamp
from ops.installation import Installation, client, resources

_DEPTH = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]


def state(installation: Installation) -> Iterator[str]:
    """The installation in a few lines; no number and no name is in any of them."""
    sqs = client("sqs")
    for title, output in (("Runs waiting", "QueueUrl"), ("Dead runs", "DeadLetterQueueUrl")):
        told = sqs.get_queue_attributes(QueueUrl=installation[output], AttributeNames=_DEPTH)["Attributes"]
        yield f"{title}: {told[_DEPTH[0]]}, being worked on: {told[_DEPTH[1]]}"
    account = AgentTable(client("dynamodb"), installation["AgentsTable"]).account()
    resting = account.resume_at is not None and account.resume_at > time.time()
    rests = f"until {stamp(account.resume_at or 0)}, because: {account.reason}" if resting else "no"
    yield f"Rests: {rests}; unknown outcomes in a row: {account.streak}"
    names = resources(installation, "AWS::CloudWatch::Alarm")
    alarms = client("cloudwatch").describe_alarms(AlarmNames=names, StateValue="ALARM")["MetricAlarms"]
    ringing = [alarm["AlarmName"] for alarm in alarms]
    yield f"Alarms: {', '.join(ringing) or 'none'}"


def dead_runs(installation: Installation) -> Iterator[str]:
    """What the dead runs say of themselves; looking does not move them."""
    answer = client("sqs").receive_message(
        QueueUrl=installation["DeadLetterQueueUrl"],
        MaxNumberOfMessages=10,
        VisibilityTimeout=0,
        MessageSystemAttributeNames=["MessageGroupId", "SentTimestamp"],
    )
    for message in answer.get("Messages", []):
        yield f"queued {stamp(int(message['Attributes']['SentTimestamp']) / 1000)}: {message['Body']}"


def lines(installation: Installation, text: str, minutes: int) -> list[str]:
    """Log lines of all functions that hold *text*: a correlation id, a lead's or a call's id, a word; oldest first."""
    logs, since = client("logs"), int((time.time() - 60 * minutes) * 1000)
    found: list[tuple[int, str]] = []
    for group in resources(installation, "AWS::Logs::LogGroup"):
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group, startTime=since)
        for page in pages:
            found += [
                (event["timestamp"], f"{group.rpartition('-')[2]} {event['message'].strip()}")
                for event in page["events"]
                if text in event["message"]
            ]
    return [line for _, line in sorted(found, key=lambda line: (_told_at(line[1]) or stamp(line[0] / 1000), line))]


def _told_at(line: str) -> str | None:
    try:
        told = json.loads(line.partition(" ")[2])
    except ValueError:
        return None
    return str(told.get("timestamp")) if isinstance(told, dict) and told.get("timestamp") else None
