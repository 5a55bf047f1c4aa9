"""Give the runs in the dead-letter queue another chance, once the reason of their failing is gone."""

import uuid
from typing import Any


def redrive(sqs: Any, dead: str, queue: str) -> int:
    """Move every message back into its group, each deleted only when it is queued again; how many there were."""
    moved = 0
    while messages := _receive(sqs, dead):
        for message in messages:
            sqs.send_message(
                QueueUrl=queue,
                MessageBody=message["Body"],
                MessageGroupId=message["Attributes"]["MessageGroupId"],
                MessageDeduplicationId=str(uuid.uuid4()),  # its own may still be remembered, and swallow it
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
