"""The socket's frames: `leads:fetched`, `ping`, pause, resume, and those about the agent's own call."""

import os
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from autocall.agent_table import AgentTable
from autocall.aws import client
from autocall.dial_queue import DialQueue
from autocall.lead_table import LeadTable
from autocall.push import Push
from autocall.queued_run import QueuedRuns
from autocall.session_table import SessionTable
from autocall.timing import Timing
from functions.leads_fetched.agent_frames import AgentFrames
from functions.leads_fetched.frames import Frame, FrameHandler

logger = Logger()
metrics = Metrics()
dynamodb = client("dynamodb")
agents = AgentTable(dynamodb, os.environ["AGENTS_TABLE"])
push = Push(client("apigatewaymanagementapi", endpoint_url=os.environ["WEBSOCKET_URL"]), agents)
timing = Timing(float(os.environ["FUNCTION_TIMEOUT_S"]))
marks = QueuedRuns(dynamodb, os.environ["AGENTS_TABLE"], timing.function)
queue = DialQueue(client("sqs"), os.environ["QUEUE_URL"], marks)
frames = FrameHandler(
    agents,
    LeadTable(dynamodb, os.environ["LEADS_TABLE"], timing),
    queue,
    push,
    AgentFrames(SessionTable(dynamodb, os.environ["AGENTS_TABLE"], timing), queue, push),
)


@metrics.log_metrics
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Handle one frame; errors are sent to the page, and the socket stays open."""
    context = event["requestContext"]
    authorizer = context["authorizer"]
    frame = Frame(
        user=authorizer["user_id"],
        connection=context["connectionId"],
        token_expires_at=int(authorizer["token_expires_at"]),
        correlation_id=context["requestId"],
        body=event.get("body"),
    )
    logger.set_correlation_id(frame.correlation_id)
    outcome = frames.handle(frame)
    logger.info("frame", extra={"user_id": frame.user, "connection_id": frame.connection, "outcome": outcome})
    for name, count in ({"frames": 1} | push.counts()).items():
        metrics.add_metric(name, MetricUnit.Count, count)
    return {"statusCode": 200}
