"""Conditional writes and strong reads of one item of DynamoDB."""

import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from botocore.exceptions import ClientError

from autocall.dynamo_update import Item, Update, from_dynamo, to_dynamo

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

__all__ = ["Item", "Update", "WriteResult", "from_dynamo", "get", "to_dynamo", "write"]


Row = TypeVar("Row")


class WriteResult(NamedTuple, Generic[Row]):
    """Whether the write is ours, and the row as it stands now ({} where there is none)."""

    won: bool
    row: Row


def get(client: "DynamoDBClient", table: str, key: Mapping[str, str]) -> Item:
    """The item, strongly consistent; {} if there is none."""
    answer = client.get_item(TableName=table, Key=to_dynamo(key), ConsistentRead=True)
    return from_dynamo(answer.get("Item"))


def write(client: "DynamoDBClient", table: str, key: Mapping[str, str], change: Update) -> WriteResult[Item]:
    """Do *change*, once: refused although the row carries our own `write_id` means that our first try had won."""
    own = str(uuid.uuid4())
    change.sets = {**change.sets, "write_id": own}
    try:
        answer = client.update_item(
            TableName=table,
            Key=to_dynamo(key),
            ReturnValues="ALL_NEW",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
            **change.request(),
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        item: Any = error.response.get("Item")
        row = from_dynamo(item)
        return WriteResult(row.get("write_id") == own, row)
    return WriteResult(True, from_dynamo(answer["Attributes"]))
