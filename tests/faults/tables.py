"""Both tables in memory, shaped like the client of DynamoDB: fast enough for thousands of histories.

`test_tables.py` holds it against moto, for every write in every state of a row.
"""

import threading
from collections.abc import Callable
from functools import wraps
from typing import Any

from botocore.exceptions import ClientError

from tests.faults.expressions import Item, condition, updated

LEADS, AGENTS = "Leads", "Agents"
_SORT = {LEADS: "lead_id", AGENTS: "item"}
_PROJECTED = ("user_id", "lead_id", "due", "zones", "held")
Watch = Callable[[str, dict[str, Any], dict[str, Any]], None]


def _in_turn(request: Callable[..., Any]) -> Callable[..., Any]:
    """One request at a time, from whichever thread: each is atomic, as DynamoDB's are."""

    @wraps(request)
    def answer(tables: "Tables", **asked: Any) -> Any:
        with tables.turn:
            return request(tables, **asked)

    return answer


class Tables:
    """Strongly consistent, one request at a time; *watch* is told of every item that changes, as it is stored."""

    def __init__(self, watch: Watch | None = None) -> None:
        self.items: dict[str, dict[tuple[str, str], Item]] = {LEADS: {}, AGENTS: {}}
        self.moved: dict[str, tuple[Item, Item]] = {}
        self.changes = 0
        self._watch = watch
        self.turn = threading.RLock()
        self.rows_of_a_scan = 1_000_000

    @_in_turn
    def get_item(self, *, TableName: str, Key: Item, ConsistentRead: bool) -> dict[str, Any]:  # noqa: N803
        assert ConsistentRead
        found = self.items[TableName].get(_key(TableName, Key))
        return {"Item": dict(found)} if found else {}

    @_in_turn
    def batch_get_item(self, *, RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803
        ((table, asked),) = RequestItems.items()
        found = [self.items[table].get(_key(table, key)) for key in asked["Keys"]]
        return {"Responses": {table: [dict(item) for item in found if item]}, "UnprocessedKeys": {}}

    @_in_turn
    def put_item(self, *, TableName: str, Item: Item) -> dict[str, Any]:  # noqa: N803
        self._store(TableName, _key(TableName, Item), dict(Item))
        return {}

    @_in_turn
    def delete_item(self, **request: Any) -> dict[str, Any]:
        table, values = request["TableName"], request.get("ExpressionAttributeValues", {})
        key = _key(table, request["Key"])
        if not condition(request.get("ConditionExpression", ""))(self.items[table].get(key, {}), values):
            raise _refused({}, "DeleteItem")
        self.items[table].pop(key, None)
        self.changes += 1
        return {}

    @_in_turn
    def update_item(self, **request: Any) -> dict[str, Any]:
        table, key, values = request["TableName"], request["Key"], request.get("ExpressionAttributeValues", {})
        before = self.items[table].get(_key(table, key), {})
        if not condition(request.get("ConditionExpression", ""))(before, values):
            raise _refused(before, "UpdateItem")
        names = request.get("ExpressionAttributeNames", {})
        after = updated(before or dict(key), request["UpdateExpression"], names, values)
        self._store(table, _key(table, key), after)
        return {"Attributes": dict(after)}

    @_in_turn
    def query(self, **request: Any) -> dict[str, Any]:
        table, index = request["TableName"], request.get("IndexName")
        sort = index or _SORT[table]
        test, values = condition(request["KeyConditionExpression"]), request["ExpressionAttributeValues"]
        user = values[":user"]["S"]  # whose items alone DynamoDB would read too
        own = [item for (whose, _), item in self.items[table].items() if whose == user]
        found = [item for item in own if sort in item and test(item, values)]
        found.sort(key=lambda item: (item[sort]["S"], item[_SORT[table]]["S"]))
        if start := request.get("ExclusiveStartKey"):
            after = (start[sort]["S"], start[_SORT[table]]["S"])
            found = [item for item in found if (item[sort]["S"], item[_SORT[table]]["S"]) > after]
        limit = request.get("Limit", len(found))
        page = [_projected(item) if index else dict(item) for item in found[:limit]]
        more = {"LastEvaluatedKey": _place(page[-1], sort, _SORT[table])} if len(found) > limit else {}
        return {"Items": page, **more}

    @_in_turn
    def scan(self, **request: Any) -> dict[str, Any]:
        assert request["ConsistentRead"]
        names, values = request.get("ExpressionAttributeNames", {}), request["ExpressionAttributeValues"]
        text = request["FilterExpression"]
        for alias, name in names.items():
            text = text.replace(alias, name)
        test, wanted = condition(text), request["ProjectionExpression"].split(", ")
        table = request["TableName"]
        keys = list(self.items[table])
        first = keys.index(_key(table, request["ExclusiveStartKey"])) + 1 if "ExclusiveStartKey" in request else 0
        read = keys[first : first + self.rows_of_a_scan]
        found = [item for item in (self.items[table][key] for key in read) if test(item, values)]
        answer: dict[str, Any] = {"Items": [{name: item[name] for name in wanted if name in item} for item in found]}
        if first + len(read) < len(keys):
            user, sort = read[-1]
            answer["LastEvaluatedKey"] = {"user_id": {"S": user}, _SORT[table]: {"S": sort}}
        return answer

    def _store(self, table: str, key: tuple[str, str], item: Item) -> None:
        before = self.items[table].get(key, {})
        self.items[table][key] = item
        self.changes += 1
        if "write_id" in item and (table == LEADS or key[1] == "session"):
            self.moved.setdefault(item["write_id"]["S"], (before, item))
        if self._watch:
            self._watch(table, before, item)


def _key(table: str, key: Item) -> tuple[str, str]:
    user, sort = key["user_id"]["S"], key[_SORT[table]]["S"]
    if not user or not sort:
        raise ClientError({"Error": {"Code": "ValidationException", "Message": "a key must not be empty"}}, "Key")
    return user, sort


def _place(item: Item, *names: str) -> Item:
    return {name: item[name] for name in ("user_id", *names)}


def _projected(item: Item) -> Item:
    return {name: item[name] for name in _PROJECTED if name in item}


def _refused(item: Item, operation: str) -> ClientError:
    answer: Any = {"Error": {"Code": "ConditionalCheckFailedException", "Message": "refused"}}
    return ClientError(answer | ({"Item": dict(item)} if item else {}), operation)
