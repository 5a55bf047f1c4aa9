"""One update of an item as DynamoDB's expressions, and plain values to and from DynamoDB's notation. Pure.

Most of a row is text, which takes the short way.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Item = dict[str, Any]


def to_dynamo(values: Mapping[str, Any]) -> dict[str, Any]:
    """Plain values as DynamoDB writes them."""
    return {name: {"S": value} if type(value) is str else _pack(value) for name, value in values.items()}


def from_dynamo(item: Mapping[str, Any] | None) -> Item:
    """What DynamoDB answered, as plain values; whole numbers are int."""
    return {name: value["S"] if "S" in value else _unpack(value) for name, value in (item or {}).items()}


def _pack(value: Any) -> dict[str, Any]:
    """Of the kinds that our rows have; TypeError for any other, a float among them: it would not come back the same."""
    match value:
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": value}
        case str():
            return {"S": value}
        case int():
            return {"N": str(value)}
        case list() | tuple():
            return {"L": [_pack(one) for one in value]}
        case Mapping():
            return {"M": to_dynamo(value)}
    raise TypeError(f"no row holds a {type(value).__name__}")


def _unpack(value: Mapping[str, Any]) -> Any:
    ((kind, raw),) = value.items()
    match kind:
        case "NULL":
            return None
        case "N":
            return float(raw) if set(raw) & set(".eE") else int(raw)
        case "L":
            return [_unpack(one) for one in raw]
        case "M":
            return from_dynamo(raw)
    return raw


@dataclass
class Update:
    """What one update does; every name is written as a placeholder, so no reserved word can stand bare."""

    condition: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    sets: Mapping[str, Any] = field(default_factory=dict)
    copies: Mapping[str, str] = field(default_factory=dict)
    appends: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    removes: Iterable[str] = ()
    adds: Mapping[str, int] = field(default_factory=dict)

    def request(self) -> dict[str, Any]:
        """The request's expressions, names and values."""
        names = [*self.sets, *self.copies, *self.appends, *self.removes, *self.adds]
        alias = {name: f"#n{index}" for index, name in enumerate(dict.fromkeys(names))}
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
        values |= {f":l_{name}": entries for name, entries in self.appends.items()}
        values |= {f":a_{name}": value for name, value in self.adds.items()}
        if self.appends:
            values[":none"] = []
        request: dict[str, Any] = {
            "UpdateExpression": " ".join(f"{verb} {', '.join(parts)}" for verb, parts in clauses.items() if parts),
            "ExpressionAttributeNames": {alias: name for name, alias in alias.items()},
            "ExpressionAttributeValues": to_dynamo(values),
        }
        if self.condition:
            request["ConditionExpression"] = self.condition
        return request
