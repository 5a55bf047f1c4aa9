"""The two tables on moto, one request at a time: it would let several writers win a claim, so it proves no race."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws
from moto.core.base_backend import BackendDict
from moto.core.botocore_stubber import BotocoreStubber
from moto.core.serialize import JSONSerializer

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

LEADS, AGENTS = "Leads", "Agents"
_HASH, _RANGE = "HASH", "RANGE"


_kept: list[ExitStack] = []
_turn = threading.RLock()


@contextmanager
def kept() -> Iterator[None]:
    """Moto, once started, goes on until the end of this: its start takes longer than most tests."""
    with ExitStack() as stack:
        _kept.append(stack)
        yield
        _kept.remove(stack)


@contextmanager
def tables() -> Iterator["DynamoDBClient"]:
    """A client of fresh, empty tables."""
    for stack in _kept:
        stack.enter_context(mock_aws())
    with mock_aws(), _one_request_at_a_time(), _values_as_they_are():
        BackendDict.reset()
        client = _session().client("dynamodb")
        index: Any = {
            "IndexName": "due",
            "KeySchema": _schema("user_id", "due"),
            "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["zones", "held"]},
        }
        _create(client, LEADS, "lead_id", ["user_id", "lead_id", "due"], LocalSecondaryIndexes=[index])
        _create(client, AGENTS, "item", ["user_id", "item"])
        yield client


@contextmanager
def _values_as_they_are() -> Iterator[None]:
    """A value is as DynamoDB tells it; moto would look for each of its ten kinds under each of six spellings."""
    in_general = JSONSerializer._serialize_type_structure

    def serialize(serializer: JSONSerializer, serialized: Any, value: Any, shape: Any, key: str) -> None:
        if shape.name == "AttributeValue" and type(value) is dict:
            serialized[serializer.get_serialized_name(shape, key)] = value
        else:
            in_general(serializer, serialized, value, shape, key)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(JSONSerializer, "_serialize_type_structure", serialize)
        yield


@contextmanager
def _one_request_at_a_time() -> Iterator[None]:
    """Moto is not made for threads: of the first two writers of a partition at once, one would lose its row."""
    answer = BotocoreStubber.process_request

    def in_turn(stubber: BotocoreStubber, request: Any) -> Any:
        with _turn:
            return answer(stubber, request)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BotocoreStubber, "process_request", in_turn)
        yield


@cache
def _session() -> boto3.Session:
    """It has read the services' models, which takes longer than most tests too."""
    return boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name="us-east-1")


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
