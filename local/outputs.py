"""`outputs.json`: the handle by which any test or tool drives a running stack."""

from collections.abc import Mapping, Sequence
from typing import Any

from local.agents import LocalAgent
from local.deployment import REGION
from local.options import ACCOUNT_SID, AUTH_TOKEN
from local.ports import address


def outputs(ports: Mapping[str, int], told: Mapping[str, str], agents: Sequence[LocalAgent]) -> dict[str, Any]:
    """How to reach everything; *told* are the deployed stack's own outputs."""
    aws = address(ports["aws"])
    return {
        "websocket_url": f"{aws.replace('http', 'ws', 1)}/_aws/execute-api/{told['SocketApiId']}/live",
        "http_url": f"{aws}/_aws/execute-api/{told['HttpApiId']}",
        "page_url": f"{address(ports['page'])}/",
        "twilio_simulator_url": address(ports["twilio"]),
        "twilio_account_sid": ACCOUNT_SID,
        "twilio_auth_token": AUTH_TOKEN,
        "users": [agent.as_output() for agent in agents],
        "aws_endpoint": aws,
        "region": REGION,
        "leads_table": told["LeadsTable"],
        "agents_table": told["AgentsTable"],
        "queue_url": told["QueueUrl"],
        "dead_letter_queue_url": told["DeadLetterQueueUrl"],
        "cognito_client_id": told["Audience"],
    }
