"""The running stack's tables and queues, each test with users of its own; no function has a part in it."""

import uuid
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.config import Config

from autocall.agent_table import AgentTable
from autocall.lead_table import LeadTable
from autocall.queued_run import QueuedRuns
from autocall.timing import Timing

Client = Callable[..., Any]


@pytest.fixture(scope="session")
def client(stack: dict[str, Any]) -> Client:
    """Clients of the emulator as its administrator, with a socket for each of many threads."""

    def make(service: str, **options: Any) -> Any:
        new: Any = boto3.client
        return new(
            service,
            region_name=stack["region"],
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(max_pool_connections=20),
            **({"endpoint_url": stack["aws_endpoint"]} | options),
        )

    return make


@pytest.fixture(scope="session")
def leads(stack: dict[str, Any], client: Client) -> LeadTable:
    return LeadTable(client("dynamodb"), stack["leads_table"], Timing())


@pytest.fixture(scope="session")
def agents(stack: dict[str, Any], client: Client) -> AgentTable:
    return AgentTable(client("dynamodb"), stack["agents_table"])


@pytest.fixture(scope="session")
def marks(stack: dict[str, Any], client: Client) -> QueuedRuns:
    return QueuedRuns(client("dynamodb"), stack["agents_table"])


@pytest.fixture
def user() -> str:
    """A user whom no other test knows."""
    return f"user-{uuid.uuid4().hex}"
