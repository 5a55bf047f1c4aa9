"""An operator closes a place and opens it again."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from autocall.agent_table import AgentTable
from autocall.installation_table import InstallationTable
from autocall.messages import Cause, RunMessage
from autocall.timing import now, parse, stamp
from ops import closures
from ops.installation import Installation, OpsError
from tests.unit.moto_tables import AGENTS, tables
from tests.unit.stopped_clock import stopped


@pytest.fixture
def agents(monkeypatch: pytest.MonkeyPatch) -> Iterator[AgentTable]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with stopped(), tables() as client:
        yield AgentTable(client, AGENTS)


@pytest.fixture
def table(agents: AgentTable) -> InstallationTable:
    return InstallationTable(agents._client, AGENTS)


@pytest.fixture
def installation(agents: AgentTable) -> Installation:  # noqa: ARG001  it is moto's account that this is in
    queue = _sqs().create_queue(QueueName="runs.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    return Installation("autocall", {"AgentsTable": AGENTS, "QueueUrl": queue})


def _sqs() -> Any:
    return boto3.client("sqs", region_name="us-east-1")


def test_a_place_is_closed_until_a_moment(table: InstallationTable, installation: Installation) -> None:
    until = closures.close(installation, "US-LA", "2099-12-05T18:00-06:00", "ada")
    assert until == "2099-12-06T00:00:00.000Z"
    assert table.get_installation().closed == {"US-LA": parse(until)}
    assert list(closures.closed(table)) == [f"US-LA until {until}, since {stamp(now())} by ada"]


def test_a_date_is_closed_to_its_end_wherever_it_ends_last(installation: Installation) -> None:
    assert closures.close(installation, "FR", "2099-12-05", "ada") == "2099-12-06T12:00:00.000Z"


def test_several_places_are_closed_at_once_and_what_is_over_is_forgotten(
    table: InstallationTable, installation: Installation
) -> None:
    table.close("DE", now() - 1, "ada", now() - 60)
    for place in ("FR", "US-LA"):
        closures.close(installation, place, "2099-12-05", "ada")
    assert set(table.get_installation().closures) == {"FR", "US-LA"}


def test_opening_looks_at_everybody_who_is_there(
    agents: AgentTable, table: InstallationTable, installation: Installation
) -> None:
    closures.close(installation, "FR", "2099-12-05", "ada")
    for user in ("one", "two"):
        agents.connect(user, f"of-{user}", int(now()) + 3600, now())
    assert closures.reopen(installation, "FR") == 2
    assert table.get_installation().closed == {}
    answer = _sqs().receive_message(QueueUrl=installation["QueueUrl"], MaxNumberOfMessages=10)
    runs = [RunMessage.loads(message["Body"]) for message in answer["Messages"]]
    assert sorted((run.user_id, run.cause) for run in runs) == [("one", Cause.HOURS), ("two", Cause.HOURS)]


def test_a_rest_that_begins_or_ends_keeps_the_closures(table: InstallationTable, installation: Installation) -> None:
    closures.close(installation, "FR", "2099-12-05", "ada")
    table.open_breaker("unknown", now() + 60)
    table.close_breaker(table.get_installation())
    assert set(table.get_installation().closures) == {"FR"}


@pytest.mark.parametrize(
    ("place", "until", "why"),
    [
        ("Louisiana", "2099-12-05", "no place such as US-LA or FR"),
        ("us-la", "2099-12-05", "no place"),
        ("FR", "tomorrow", "must be a date or a time"),
        ("FR", "2099-12-05T18:00", "must be a date or a time"),
        ("FR", "2020-01-01", "is in the past: nothing was closed"),
    ],
)
def test_what_cannot_be_meant_closes_nothing(
    table: InstallationTable, installation: Installation, place: str, until: str, why: str
) -> None:
    with pytest.raises(OpsError, match=why):
        closures.close(installation, place, until, "ada")
    assert table.get_installation().closures == {}


def test_a_place_that_is_not_closed_is_not_opened(installation: Installation) -> None:
    with pytest.raises(OpsError, match="FR is not closed"):
        closures.reopen(installation, "FR")
