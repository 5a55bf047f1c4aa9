"""An operator's word stops every call of the installation, and starts them again."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from autocall import reasons
from autocall.agent_table import AgentTable
from autocall.installation_table import InstallationTable
from autocall.messages import RunMessage
from autocall.timing import now, parse
from ops import circuit_breaker
from ops.installation import Installation
from tests.unit.moto_tables import AGENTS, tables
from tests.unit.stopped_clock import stopped

AGENT = "agent"


@pytest.fixture
def agents(monkeypatch: pytest.MonkeyPatch) -> Iterator[AgentTable]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with stopped(), tables() as client:
        yield AgentTable(client, AGENTS)


@pytest.fixture
def installation(agents: AgentTable) -> Installation:  # noqa: ARG001  it is moto's account that this is in
    queue = _sqs().create_queue(QueueName="runs.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    return Installation("autocall", {"AgentsTable": AGENTS, "QueueUrl": queue})


def _sqs() -> Any:
    return boto3.client("sqs", region_name="us-east-1")


@pytest.fixture
def table(agents: AgentTable) -> InstallationTable:
    return InstallationTable(agents._client, AGENTS)


def _runs(installation: Installation) -> list[RunMessage]:
    answer = _sqs().receive_message(QueueUrl=installation["QueueUrl"], MaxNumberOfMessages=10)
    return [RunMessage.loads(message["Body"]) for message in answer.get("Messages", [])]


def test_a_rest_holds_for_the_minutes_that_were_asked_for(table: InstallationTable, installation: Installation) -> None:
    """The account says until when, and why: what every run and every look after a claim reads."""
    until = circuit_breaker.rest(installation, 90)
    assert parse(until) == now() + 5400
    account = table.get_installation()
    assert account.resume_at == parse(until)
    assert account.reason == reasons.STOPPED
    assert _runs(installation) == []


def test_resume_ends_it_and_looks_at_everybody_who_is_there(
    agents: AgentTable, table: InstallationTable, installation: Installation
) -> None:
    """Each agent with a page open gets one run, however many tabs they have; nobody else does."""
    for user, connection in ((AGENT, "one"), (AGENT, "two"), ("other", "three")):
        agents.connect(user, connection, int(now()) + 3600, now())
    agents.update_profile("absent", {"lines": 3})
    circuit_breaker.rest(installation, 90)

    assert circuit_breaker.resume(installation) == 2

    account = table.get_installation()
    assert account.resume_at is not None
    assert account.resume_at <= now()
    assert sorted(run.user_id for run in _runs(installation)) == [AGENT, "other"]
