"""Three empty handlers: a frame becomes a message, a message becomes a push, a callback becomes a push."""

import os
import uuid
from typing import Any

from autocall.aws import client

queue, queue_url = client("sqs"), os.environ["QUEUE_URL"]
gateway = client("apigatewaymanagementapi", endpoint_url=os.environ["WEBSOCKET_URL"])


def frame(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Like `leads_fetched`: queue a message, grouped by connection."""
    connection = event["requestContext"]["connectionId"]
    queue.send_message(
        QueueUrl=queue_url, MessageBody="{}", MessageGroupId=connection, MessageDeduplicationId=str(uuid.uuid4())
    )
    return {"statusCode": 200}


def run(event: dict[str, Any], _context: object) -> None:
    """Like `dialer`: push an event."""
    _push(event["Records"][0]["attributes"]["MessageGroupId"], b'{"event": "run", "data": {}}')


def callback(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Like `status_webhook`: push an event."""
    _push(event["queryStringParameters"]["connection"], b'{"event": "callback", "data": {}}')
    return {"statusCode": 204}


def identify(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Send a page its connection id, for the callbacks' URL."""
    connection = event["requestContext"]["connectionId"]
    _push(connection, f'{{"event": "you", "data": {{"connection": "{connection}"}}}}'.encode())
    return {"statusCode": 200}


def _push(connection: str, frame: bytes) -> None:
    gateway.post_to_connection(ConnectionId=connection, Data=frame)
