"""`outputs.json`: the addresses and credentials with which tests and tools use a running stack."""

from collections.abc import Mapping, Sequence
from typing import Any

from local.agents import LocalAgent
from local.deployment import REGION
from local.options import ACCOUNT_SID, AUTH_TOKEN
from local.ports import address


def outputs(ports: Mapping[str, int], stack_outputs: Mapping[str, str], agents: Sequence[LocalAgent]) -> dict[str, Any]:
    """The content of `outputs.json`; *stack_outputs* are those of the deployed stack."""
    aws = address(ports["aws"])
    return {
        "websocket_url": f"{aws.replace('http', 'ws', 1)}/_aws/execute-api/{stack_outputs['SocketApiId']}/live",
        "http_url": f"{aws}/_aws/execute-api/{stack_outputs['HttpApiId']}",
        "page_url": f"{address(ports['page'])}/",
        "twilio_simulator_url": address(ports["twilio"]),
        "twilio_account_sid": ACCOUNT_SID,
        "twilio_auth_token": AUTH_TOKEN,
        "users": [agent.as_output() for agent in agents],
        "aws_endpoint": aws,
        "region": REGION,
        "leads_table": stack_outputs["LeadsTable"],
        "agents_table": stack_outputs["AgentsTable"],
        "queue_url": stack_outputs["QueueUrl"],
        "dead_letter_queue_url": stack_outputs["DeadLetterQueueUrl"],
        "cognito_client_id": stack_outputs["Audience"],
    }
