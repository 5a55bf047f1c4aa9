"""Moves the runs in the dead-letter queue back, after the cause of their failure was fixed."""

import uuid
from typing import Any


def redrive(sqs: Any, dead: str, queue: str) -> int:
    """Move every message back into its group, and delete it only after it is queued; returns how many there were."""
    moved = 0
    while messages := _receive(sqs, dead):
        for message in messages:
            sqs.send_message(
                QueueUrl=queue,
                MessageBody=message["Body"],
                MessageGroupId=message["Attributes"]["MessageGroupId"],
                MessageDeduplicationId=str(uuid.uuid4()),  # its old id could still be deduplicated, and be dropped
            )
            sqs.delete_message(QueueUrl=dead, ReceiptHandle=message["ReceiptHandle"])
            moved += 1
    return moved


def _receive(sqs: Any, queue: str) -> list[Any]:
    answer = sqs.receive_message(
        QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=1, MessageSystemAttributeNames=["MessageGroupId"]
    )
    messages: list[Any] = answer.get("Messages", [])
    return messages
