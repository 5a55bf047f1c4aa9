"""The status of an installation: stuck runs, the circuit breaker, alarms, and log lines."""

import json
import re
import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from autocall.installation_table import InstallationTable
from autocall.timing import stamp
from ops import caller_ids
from ops.closures import closed
from ops.installation import Installation, client, resources

_DEPTH = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]


def state(installation: Installation) -> Iterator[str]:
    """The status in a few lines, without numbers or names of leads."""
    sqs = client("sqs")
    for title, output in (("Runs waiting", "QueueUrl"), ("Dead runs", "DeadLetterQueueUrl")):
        depth = sqs.get_queue_attributes(QueueUrl=installation[output], AttributeNames=_DEPTH)["Attributes"]
        yield f"{title}: {depth[_DEPTH[0]]}, being worked on: {depth[_DEPTH[1]]}"
    table = InstallationTable(client("dynamodb"), installation["AgentsTable"])
    account = table.get_installation()
    resting = account.resume_at is not None and account.resume_at > time.time()
    rests = f"until {stamp(account.resume_at or 0)}, because: {account.reason}" if resting else "no"
    yield f"Rests: {rests}; unknown outcomes in a row: {account.consecutive_unknowns}"
    yield f"Closed places: {'; '.join(closed(table)) or 'none'}"
    yield f"Numbers that rest: {'; '.join(caller_ids.resting(installation)) or 'none'}"
    names = resources(installation, "AWS::CloudWatch::Alarm")
    alarms = client("cloudwatch").describe_alarms(AlarmNames=names, StateValue="ALARM")["MetricAlarms"]
    ringing = [alarm["AlarmName"] for alarm in alarms]
    yield f"Alarms: {', '.join(ringing) or 'none'}"


def dead_runs(installation: Installation) -> Iterator[str]:
    """One line for each message in the dead-letter queue, which stays there."""
    answer = client("sqs").receive_message(
        QueueUrl=installation["DeadLetterQueueUrl"],
        MaxNumberOfMessages=10,
        VisibilityTimeout=0,
        MessageSystemAttributeNames=["MessageGroupId", "SentTimestamp"],
    )
    for message in answer.get("Messages", []):
        yield f"queued {stamp(int(message['Attributes']['SentTimestamp']) / 1000)}: {message['Body']}"


def lines(installation: Installation, text: str, minutes: int) -> list[str]:
    """Log lines of all functions that contain *text*, such as a correlation, lead or call id; oldest first."""
    since = int((time.time() - 60 * minutes) * 1000)
    found: list[tuple[float, str]] = []
    for group in resources(installation, "AWS::Logs::LogGroup"):
        found += [(_logged_at(event), _line(group, event)) for event in _events(group, text, since)]
    return [line for _, line in sorted(found)]


def _events(group: str, text: str, since: int) -> Iterator[Mapping[str, Any]]:
    pages = client("logs").get_paginator("filter_log_events")
    piece = max(re.split(r'["\\]', text), key=len)  # a filter cannot contain quotes; the rest is compared here
    for page in pages.paginate(logGroupName=group, startTime=since, filterPattern=f'"{piece}"'):
        yield from (event for event in page["events"] if text in event["message"])


def _line(group: str, event: Mapping[str, Any]) -> str:
    return f"{group.rpartition('-')[2]} {event['message'].strip()}"


def _logged_at(event: Mapping[str, Any]) -> float:
    """The line's own timestamp in seconds; CloudWatch's if it has none."""
    try:
        return datetime.fromisoformat(json.loads(event["message"])["timestamp"].replace(",", ".")).timestamp()
    except (ValueError, KeyError, TypeError, AttributeError):
        return float(event["timestamp"]) / 1000
