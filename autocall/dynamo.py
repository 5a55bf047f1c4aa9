"""One conditional write to DynamoDB, and values in and out of its own notation."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Item = dict[str, Any]


class Written(NamedTuple):
    """Whether the write is ours, and the row as it stands now ({} where there is none)."""

    ours: bool
    row: Item


class _Numbers(TypeDeserializer):
    def _deserialize_n(self, value: str) -> int | float:
        return float(value) if "." in value or "e" in value.lower() else int(value)


_pack = TypeSerializer().serialize
_unpack = _Numbers().deserialize


def packed(values: Mapping[str, Any]) -> dict[str, Any]:
    """Plain values as DynamoDB writes them."""
    return {name: _pack(value) for name, value in values.items()}


def unpacked(item: Mapping[str, Any] | None) -> Item:
    """What DynamoDB answered, as plain values; whole numbers are int."""
    return {name: _unpack(value) for name, value in (item or {}).items()}


@dataclass
class Change:
    """What one update does; every name is written as a placeholder, so no reserved word can stand bare."""

    condition: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    sets: Mapping[str, Any] = field(default_factory=dict)
    copies: Mapping[str, str] = field(default_factory=dict)
    appends: Mapping[str, Any] = field(default_factory=dict)
    removes: Iterable[str] = ()
    adds: Mapping[str, int] = field(default_factory=dict)

    def request(self) -> dict[str, Any]:
        """The request's expressions, names and values."""
        names = [*self.sets, *self.copies, *self.appends, *self.removes, *self.adds]
        alias = {name: f"#n{place}" for place, name in enumerate(dict.fromkeys(names))}
        sets = [f"{alias[name]} = :s_{name}" for name in self.sets]
        sets += [f"{alias[name]} = {expression}" for name, expression in self.copies.items()]
        sets += [
            f"{alias[name]} = list_append(if_not_exists({alias[name]}, :none), :l_{name})" for name in self.appends
        ]
        clauses = {
            "SET": sets,
            "REMOVE": [alias[name] for name in self.removes],
            "ADD": [f"{alias[name]} :a_{name}" for name in self.adds],
        }
        values = {f":{name}": value for name, value in self.values.items()}
        values |= {f":s_{name}": value for name, value in self.sets.items()}
        values |= {f":l_{name}": [value] for name, value in self.appends.items()}
        values |= {f":a_{name}": value for name, value in self.adds.items()}
        values |= {":none": []} if self.appends else {}
        request = {
            "UpdateExpression": " ".join(f"{verb} {', '.join(parts)}" for verb, parts in clauses.items() if parts),
            "ExpressionAttributeNames": {alias: name for name, alias in alias.items()},
            "ExpressionAttributeValues": packed(values),
        }
        return request | ({"ConditionExpression": self.condition} if self.condition else {})


def write(client: "DynamoDBClient", table: str, key: Mapping[str, str], change: Change) -> Written:
    """Do *change*, once: refused although the row carries our own `write_id` means that our first try had won."""
    own = str(uuid.uuid4())
    change.sets = {**change.sets, "write_id": own}
    try:
        answer = client.update_item(
            TableName=table,
            Key=packed(key),
            ReturnValues="ALL_NEW",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
            **change.request(),
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        item: Any = error.response.get("Item")
        row = unpacked(item)
        return Written(row.get("write_id") == own, row)
    return Written(True, unpacked(answer["Attributes"]))
