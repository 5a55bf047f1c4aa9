"""How many of those who answered met no agent is counted from the leads."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from autocall.abandonment import Abandonment
from autocall.dynamo import to_dynamo
from autocall.timing import DAY_S, stamp
from ops.abandonment import of_the_last
from ops.installation import Installation
from tests.unit.moto_tables import LEADS, tables

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

NOW = 1_780_000_000.0
HERE = Installation("autocall", {"LeadsTable": LEADS})


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> "Iterator[DynamoDBClient]":
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with tables() as client:
        yield client


def _put(client: "DynamoDBClient", number: int, **days_ago: float) -> None:
    row: dict[str, object] = {name: stamp(NOW - days * DAY_S) for name, days in days_ago.items()}
    client.put_item(TableName=LEADS, Item=to_dynamo({"user_id": f"u{number % 3}", "lead_id": f"l{number}", **row}))


def test_the_leads_of_all_agents_are_counted_deleted_ones_too(client: "DynamoDBClient") -> None:
    for number in range(7):
        _put(client, number, joined_at=number)
    _put(client, 7, abandoned_at=29.9)
    _put(client, 8, abandoned_at=1, deleted_at=0)
    _put(client, 9, ended_at=1)  # nobody has answered

    told = of_the_last(HERE, 30, NOW)

    assert told == Abandonment(joined=7, abandoned=2)
    assert str(told) == "2 of 9 who answered met no agent: 22.22%"


def test_calls_before_the_last_one_are_counted_once_each(client: "DynamoDBClient") -> None:
    """A lead that waits again still shows its last call, which stands among the earlier ones already."""
    long_ago, lately = stamp(NOW - 40 * DAY_S), stamp(NOW - DAY_S)
    calls = [
        {"attempt_id": "first", "joined_at": long_ago, "abandoned_at": None},
        {"attempt_id": "second", "joined_at": None, "abandoned_at": lately},
        {"attempt_id": "third", "joined_at": lately, "abandoned_at": None},
    ]
    row = {"user_id": "u", "lead_id": "l", "attempt_id": "third", "joined_at": lately, "earlier_calls": calls}
    client.put_item(TableName=LEADS, Item=to_dynamo(row))

    assert of_the_last(HERE, 30, NOW) == Abandonment(joined=1, abandoned=1)


def test_what_is_older_is_not_counted(client: "DynamoDBClient") -> None:
    _put(client, 1, joined_at=30.1)
    _put(client, 2, abandoned_at=8)

    assert of_the_last(HERE, 30, NOW) == Abandonment(joined=0, abandoned=1)
    assert of_the_last(HERE, 7, NOW) == Abandonment(joined=0, abandoned=0)


def test_every_page_of_a_long_table_is_read(client: "DynamoDBClient") -> None:
    """A page of DynamoDB's is a megabyte."""
    for number in range(4):
        client.put_item(
            TableName=LEADS,
            Item=to_dynamo({"user_id": "u", "lead_id": f"l{number}", "joined_at": stamp(NOW), "note": "x" * 390_000}),
        )

    assert of_the_last(HERE, 30, NOW).answered == 4


def test_without_an_answer_there_is_no_share(client: "DynamoDBClient") -> None:  # noqa: ARG001
    assert str(of_the_last(HERE, 30, NOW)) == "nobody has answered"
