"""The agents' own items in the Agents table: connections, profile, whether an operator has taken the agent out.

| write | item | condition | sets |
|---|---|---|---|
| connect | connection#id | none: API Gateway never reuses an id | expires_at, token_expires_at, connected_at, page |
| touch | connection#id | the row exists (a deleted one never comes back) | seen_at; session_id, if the page holds one |
| touch, of `leads:fetched` | connection#id | the same, and none of these in the last second | seen_at, fetched_at |
| disconnect | connection#id | none | (deleted) |
| delete_if_gone | connection#id | it has seen_at: not one still in its handshake | (deleted) |
| leave | left | none: an operator's word counts | at, by, erased |
| come_back | left | it is not erased | (deleted) |
| update_profile | profile | its version is the one that was read | the changes, version + 1 |
| put_first | first#lead | none: a person's last word counts | due_at, expires_at |
| forget_first | first#lead | due_at has come | (deleted) |

The table's other items have modules of their own: what all agents share in `installation_table.py`, `queued` in
`queued_run.py`, `session` in `session_table.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from autocall.dynamo import Item, Update, WriteResult, from_dynamo, get, to_dynamo, write
from autocall.session import Session
from autocall.timing import parse, stamp

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_CONNECTION = "connection#"
_LEFT = "left"
_FIRST = "first#"
_FIRST_TTL_S = 7 * 86_400
_CONNECTION_TTL_S = 2 * 3600 + 300
_FETCHED_EVERY_S = 1.0


class Touch(Enum):
    """Whether a connection could be marked as seen."""

    NOTED = "noted"
    GONE = "the connection has been deleted"
    TOO_FAST = "the connection has asked for a run within the last second"


@dataclass(frozen=True)
class Connection:
    """One open socket of a user; `seen_at` is None until its first frame. `session_id` is what its page holds.

    `page` is the name that its page has given itself, "" for none.
    """

    connection_id: str
    seen_at: float | None
    expires_at: float
    token_expires_at: float
    connected_at: str = ""
    session_id: str = ""
    page: str = ""

    def expired(self, now: float) -> bool:
        """Whether nothing may be sent through it any more: its token or its row has expired."""
        return now >= min(self.expires_at, self.token_expires_at)

    def present(self, now: float, within: float) -> bool:
        """Whether its page is open: a frame came within *within* seconds, and neither row nor token has expired."""
        return self.seen_at is not None and now - self.seen_at < within and not self.expired(now)


@dataclass(frozen=True)
class Agent:
    """An agent in one strong read: profile, connections, session, whether an operator has taken the agent out."""

    profile: Item = field(default_factory=dict)
    connections: tuple[Connection, ...] = ()
    left: bool = False
    session: Session = field(default_factory=Session)
    first: Mapping[str, float] = field(default_factory=dict)
    """The leads that a person wants called at a moment: from then on they go before all others."""

    @property
    def paused(self) -> bool:
        return bool(self.profile.get("paused"))

    def present(self, now: float, within: float) -> bool:
        return any(connection.present(now, within) for connection in self.connections)

    def lines(self, usual: int, most: int) -> int:
        """How many calls of this agent may be in flight: their own setting or the *usual* number, at most *most*."""
        return min(int(self.profile.get("lines") or usual), most)

    def holds_session(self, now: float, within: float) -> bool:
        """Whether an open page says that it holds the session's call."""
        wanted = self.session.session_id
        return any(each.session_id == wanted and each.present(now, within) for each in self.connections)


class AgentTable:
    """The items of one agent each, by `user_id` and `item`."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client, self._table = client, table

    def get_agent(self, user: str) -> Agent:
        """The user's profile, connections and session, in one strongly consistent query."""
        items: list[Item] = []
        start: Any = {}
        while True:
            answer = self._client.query(
                TableName=self._table,
                KeyConditionExpression="user_id = :user",
                ExpressionAttributeValues=to_dynamo({":user": user}),
                ConsistentRead=True,
                **start,
            )
            items += [from_dynamo(item) for item in answer["Items"]]
            if "LastEvaluatedKey" not in answer:
                break
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}
        profile = next((item for item in items if item["item"] == "profile"), {})
        connections = tuple(_connection(item) for item in items if item["item"].startswith(_CONNECTION))
        session = next((item for item in items if item["item"] == "session"), {})
        left = any(item["item"] == _LEFT for item in items)
        wanted = [item for item in items if item["item"].startswith(_FIRST)]
        first = {item["item"].removeprefix(_FIRST): parse(item["due_at"]) for item in wanted}
        return Agent(profile, connections, left, Session(session), first)

    # -- connections -----------------------------------------------------------------------------------------------

    def connect(self, user: str, connection: str, token_expires_at: int, now: float, page: str = "") -> None:
        item: Item = _key(user, _CONNECTION + connection) | {
            "connected_at": stamp(now),
            "token_expires_at": token_expires_at,
            "expires_at": int(now) + _CONNECTION_TTL_S,
        }
        if page:
            item["page"] = page
        self._client.put_item(TableName=self._table, Item=to_dynamo(item))

    def touch(
        self, user: str, connection: str, now: float, holds: str | None = None, *, fetched: bool = False
    ) -> Touch:
        """Mark the connection as seen; a frame that asks for a run (*fetched*) is TOO_FAST within a second of the last.

        *holds* is the session that the page says it holds, "" for none; None if the frame does not say.
        """
        sets = {"seen_at": stamp(now)}
        removes: tuple[str, ...] = ()
        if holds:
            sets["session_id"] = holds
        elif holds is not None:
            removes = ("session_id",)
        change = Update(condition="attribute_exists(user_id)", sets=sets, removes=removes)
        if fetched:
            change = replace(
                change,
                condition="attribute_exists(user_id)"
                " AND (attribute_not_exists(fetched_at) OR NOT fetched_at BETWEEN :after AND :before)",
                values={"after": stamp(now - _FETCHED_EVERY_S + 0.001), "before": stamp(now + _FETCHED_EVERY_S)},
                sets=sets | {"fetched_at": stamp(now)},
            )
        written = write(self._client, self._table, _key(user, _CONNECTION + connection), change)
        if written.won:
            return Touch.NOTED
        return Touch.TOO_FAST if written.row else Touch.GONE

    def disconnect(self, user: str, connection: str) -> None:
        self._client.delete_item(TableName=self._table, Key=to_dynamo(_key(user, _CONNECTION + connection)))

    def delete_if_gone(self, user: str, connection: str) -> None:
        """Delete a connection that answered 410, unless it is still in its handshake."""
        self._delete_if("attribute_exists(seen_at)", user, _CONNECTION + connection)

    # -- taken out by an operator ----------------------------------------------------------------------------------

    def leave(self, user: str, by: str, now: float, *, erased: bool = False) -> None:
        """Take the user out: they cannot connect or use the API, and no call of theirs starts; *erased*: for good."""
        sets: dict[str, Any] = {"at": stamp(now), "by": by}
        if erased:
            sets["erased"] = True
        write(self._client, self._table, _key(user, _LEFT), Update(sets=sets))

    def come_back(self, user: str) -> bool:
        """Let the user in again; False if nobody had taken them out, or if their data was erased."""
        left = self._item(user, _LEFT)
        return bool(left) and self._delete_if("attribute_not_exists(erased)", user, _LEFT)

    def has_left(self, user: str) -> bool:
        return bool(self._item(user, _LEFT))

    # -- the profile -----------------------------------------------------------------------------------------------

    def get_profile(self, user: str) -> Item:
        return self._item(user, "profile")

    def update_profile(self, user: str, changes: Mapping[str, Any]) -> Item:
        """Set fields of the profile (None removes one), with retries against concurrent changes; the new profile."""
        seen = self.get_profile(user)
        while True:
            written = self.try_update_profile(user, seen.get("version"), changes)
            if written.won:
                return written.row
            seen = written.row

    def try_update_profile(self, user: str, version: int | None, changes: Mapping[str, Any]) -> WriteResult[Item]:
        """Set fields of the profile only if it still has this version (None: there is no profile yet)."""
        change = Update(
            condition="version = :seen" if version is not None else "attribute_not_exists(version)",
            values={"seen": version} if version is not None else {},
            sets={name: value for name, value in changes.items() if value is not None},
            removes=tuple(name for name, value in changes.items() if value is None),
            adds={"version": 1},
        )
        return write(self._client, self._table, _key(user, "profile"), change)

    # -- leads that go first ---------------------------------------------------------------------------------------

    def put_first(self, user: str, lead: str, due_at: float) -> None:
        """From *due_at* on, runs try this lead before all others. It only orders them: its row is what counts."""
        change = Update(sets={"due_at": stamp(due_at), "expires_at": int(due_at) + _FIRST_TTL_S})
        write(self._client, self._table, _key(user, _FIRST + lead), change)

    def forget_first(self, user: str, lead: str, now: float) -> None:
        """The lead does not wait any more; a word for later, which came meanwhile, stays."""
        self._delete_if("due_at <= :now", user, _FIRST + lead, now=stamp(now))

    # -- all agents ------------------------------------------------------------------------------------------------

    def connected_users(self, now: float) -> list[str]:
        """Every user with a page open. A full table scan: only for ending a breaker or a closure."""
        users: set[str] = set()
        start: Any = {}
        while True:
            answer = self._client.scan(
                TableName=self._table,
                FilterExpression="begins_with(#item, :connection) AND expires_at > :now",
                ProjectionExpression="user_id",
                ExpressionAttributeNames={"#item": "item"},
                ExpressionAttributeValues=to_dynamo({":connection": _CONNECTION, ":now": int(now)}),
                ConsistentRead=True,
                **start,
            )
            users |= {item["user_id"]["S"] for item in answer["Items"]}
            if "LastEvaluatedKey" not in answer:
                return sorted(users)
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}

    def _delete_if(self, condition: str, user: str, item: str, **values: str) -> bool:
        """Delete the item if it meets the condition; False if it does not."""
        named: Any = {"ExpressionAttributeValues": to_dynamo({f":{name}": value for name, value in values.items()})}
        try:
            self._client.delete_item(
                TableName=self._table,
                Key=to_dynamo(_key(user, item)),
                ConditionExpression=condition,
                **(named if values else {}),
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            return False
        return True

    def _item(self, user: str, item: str) -> Item:
        return get(self._client, self._table, _key(user, item))


def _connection(item: Item) -> Connection:
    seen_at = item.get("seen_at")
    return Connection(
        item["item"].removeprefix(_CONNECTION),
        parse(seen_at) if seen_at else None,
        item.get("expires_at", 0),
        item.get("token_expires_at", 0),
        item.get("connected_at", ""),
        item.get("session_id", ""),
        item.get("page", ""),
    )


def _key(user: str, item: str) -> dict[str, str]:
    return {"user_id": user, "item": item}
