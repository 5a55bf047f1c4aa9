"""The two tables on moto, for one writer at a time: it lets several writers win a claim, so it proves no race."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import boto3
from moto import mock_aws

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

LEADS, AGENTS = "Leads", "Agents"
_HASH, _RANGE = "HASH", "RANGE"


@contextmanager
def tables() -> Iterator["DynamoDBClient"]:
    """A client of fresh, empty tables."""
    os.environ |= {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}
    with mock_aws():
        client = boto3.client("dynamodb", region_name="us-east-1")
        index: Any = {
            "IndexName": "due",
            "KeySchema": _schema("user_id", "due"),
            "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["zones", "held"]},
        }
        _create(client, LEADS, "lead_id", ["user_id", "lead_id", "due"], LocalSecondaryIndexes=[index])
        _create(client, AGENTS, "item", ["user_id", "item"])
        yield client


def _create(client: "DynamoDBClient", name: str, key: str, attributes: list[str], **more: Any) -> None:
    client.create_table(
        TableName=name,
        KeySchema=_schema("user_id", key),
        AttributeDefinitions=[{"AttributeName": attribute, "AttributeType": "S"} for attribute in attributes],
        BillingMode="PAY_PER_REQUEST",
        **more,
    )


def _schema(*names: str) -> Any:
    return [{"AttributeName": name, "KeyType": kind} for name, kind in zip(names, (_HASH, _RANGE), strict=True)]
