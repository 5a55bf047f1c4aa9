"""An operator lets one number rest, sees which ones do, and uses it again."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from autocall.agent_table import AgentTable
from autocall.caller_id_table import CallerIdTable
from autocall.messages import RunMessage
from autocall.timing import DAY_S, now, parse
from ops import caller_ids
from ops.installation import Installation, OpsError
from tests.unit.moto_tables import AGENTS, tables
from tests.unit.stopped_clock import stopped

BERLIN, OTHERS = "+4930123456", "+12015550199"


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with stopped(), tables() as made:
        yield made


@pytest.fixture
def installation(client: Any) -> Installation:  # noqa: ARG001  it is moto's account that this is in
    queue = boto3.client("sqs", region_name="us-east-1").create_queue(
        QueueName="runs.fifo", Attributes={"FifoQueue": "true"}
    )["QueueUrl"]
    outputs = {"AgentsTable": AGENTS, "QueueUrl": queue, "CallFrom": f"DE:{BERLIN},{OTHERS}"}
    return Installation("autocall", outputs)


@pytest.mark.parametrize("which", ["DE", BERLIN])
def test_a_number_rests_by_its_label_or_itself(client: Any, installation: Installation, which: str) -> None:
    until = caller_ids.rest(installation, which, 2, "ada")
    state = CallerIdTable(client, AGENTS).get(BERLIN)
    assert (state.rests_until, state.by) == (parse(until), "ada") == (now() + 2 * DAY_S, "ada")
    assert list(caller_ids.resting(installation)) == [
        f"DE until {until}, since {state.since} by ada: stopped by an operator"
    ]


def test_what_networks_have_rejected_is_shown_before_it_rests(client: Any, installation: Installation) -> None:
    table = CallerIdTable(client, AGENTS)
    assert [table.reject(OTHERS, sid, now()) for sid in ("CA1", "CA2", "CA1")] == [1, 2, 2], "as DynamoDB counts them"
    assert not table.rest_if_rejected(OTHERS, "why", now() + DAY_S, now())
    assert list(caller_ids.resting(installation)) == ["default does not, but networks rejected its last 2 calls"]


def test_it_is_used_again_and_everybody_who_is_there_looks_at_the_leads_that_waited(
    client: Any, installation: Installation
) -> None:
    agents = AgentTable(client, AGENTS)
    agents.connect("agent", "tab", int(now()) + 3600, now())
    caller_ids.rest(installation, "DE", 2, "ada")
    assert caller_ids.use_again(installation, "DE") == 1
    assert list(caller_ids.resting(installation)) == []
    sqs = boto3.client("sqs", region_name="us-east-1")
    (message,) = sqs.receive_message(QueueUrl=installation["QueueUrl"])["Messages"]
    assert RunMessage.loads(message["Body"]).cause == "mended"


def test_what_does_not_rest_and_what_is_not_ours_is_said(installation: Installation) -> None:
    with pytest.raises(OpsError, match="DE does not rest"):
        caller_ids.use_again(installation, "DE")
    with pytest.raises(OpsError, match="there are DE, default"):
        caller_ids.rest(installation, "FR", 1, "ada")
