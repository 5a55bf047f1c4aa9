"""The Agents table: who is here, what they have set, and what is everybody's. Its writes, all of them:

| write | item | condition | sets |
|---|---|---|---|
| connect | connection#id | none: API Gateway's ids are never used again | expires_at, token_expires_at, connected_at |
| seen | connection#id | the row exists (a deleted one never comes back) | seen_at; session_id, if the page holds one |
| disconnect | connection#id | none | (deleted) |
| gone | connection#id | it has seen_at: not one still in its handshake | (deleted) |
| change_profile | profile | its version is the one that was read | the changes, version + 1 |
| take_slot | account | next_slot is the one that was read | next_slot |
| unknown_in_a_row | account | none: a count | streak + 1, and from the third on resume_at |
| rest | account | it does not rest for longer already | resume_at, reason |
| set_rest | account | none: a person's word counts | resume_at, reason |
| probe | account | resume_at is the one that was read | resume_at (so that one call probes, not one per agent) |
| recovered | account | resume_at is the one that was read | (streak, resume_at, reason removed) |
| forbid | dnc#hash | it is not on the list, or was taken off it | since, by (removed removed) |
| allow | dnc#hash | it is on the list | removed: at, by |

The item `session` has writes of its own: autocall/session_table.py.
"""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from autocall import reasons
from autocall.dynamo import Change, Item, Written, packed, unpacked, write
from autocall.session import Session
from autocall.timing import parse, stamp

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

INSTALLATION = "#installation"
_CONNECTION = "connection#"
_LIVES_S = 2 * 3600 + 300
_UNKNOWN_IN_A_ROW = 3
_UNREAD_AGAIN_AFTER_S = (0, 0.05, 0.2, 0.8)


class StillUnread(Exception):
    """DynamoDB answered, but has not read all that it was asked for."""


@dataclass(frozen=True)
class Connection:
    """One open socket of a user; `seen_at` is None until its first frame. `session_id` is what its page holds."""

    connection_id: str
    seen_at: float | None
    expires_at: float
    token_expires_at: float
    session_id: str = ""

    def present(self, now: float, within: float) -> bool:
        """Whether somebody is there: a frame came within *within* seconds, and neither row nor token has expired."""
        return (
            self.seen_at is not None
            and now - self.seen_at < within
            and now < min(self.expires_at, self.token_expires_at)
        )


@dataclass(frozen=True)
class Agent:
    """One strong read's answer: the agent's profile, their connections and their session."""

    profile: Item = field(default_factory=dict)
    connections: tuple[Connection, ...] = ()
    session: Session = field(default_factory=Session)

    @property
    def paused(self) -> bool:
        return bool(self.profile.get("paused"))

    def present(self, now: float, within: float) -> bool:
        return any(connection.present(now, within) for connection in self.connections)

    def holds_session(self, now: float, within: float) -> bool:
        """Whether a page that is there says that the session's call is in its hands."""
        wanted = self.session.session_id
        return any(each.session_id == wanted and each.present(now, within) for each in self.connections)


@dataclass(frozen=True)
class Account:
    """What is everybody's: until when the whole installation rests and why, the streak of unknowns, the next slot."""

    resume_at: float | None = None
    reason: str | None = None
    streak: int = 0
    next_slot: str | None = None

    @classmethod
    def of(cls, item: Item) -> "Account":
        resume_at = item.get("resume_at")
        return cls(resume_at and parse(resume_at), item.get("reason"), item.get("streak", 0), item.get("next_slot"))


class AgentTable:
    """Items by `user_id` and `item`."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client, self._table = client, table

    def look(self, user: str) -> Agent:
        """The user's profile, connections and session, in one strongly consistent query."""
        items: list[Item] = []
        start: Any = {}
        while True:
            answer = self._client.query(
                TableName=self._table,
                KeyConditionExpression="user_id = :user",
                ExpressionAttributeValues=packed({":user": user}),
                ConsistentRead=True,
                **start,
            )
            items += [unpacked(item) for item in answer["Items"]]
            if "LastEvaluatedKey" not in answer:
                break
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}
        profile = next((item for item in items if item["item"] == "profile"), {})
        session = next((item for item in items if item["item"] == "session"), {})
        connections = tuple(_connection(item) for item in items if item["item"].startswith(_CONNECTION))
        return Agent(profile, connections, Session(session))

    # -- connections -----------------------------------------------------------------------------------------------

    def connect(self, user: str, connection: str, token_expires_at: int, now: float) -> None:
        self._client.put_item(
            TableName=self._table,
            Item=packed(
                {
                    "user_id": user,
                    "item": _CONNECTION + connection,
                    "connected_at": stamp(now),
                    "token_expires_at": token_expires_at,
                    "expires_at": int(now) + _LIVES_S,
                }
            ),
        )

    def seen(self, user: str, connection: str, now: float, holds: str | None = None) -> bool:
        """Note that a frame came; False if the connection has been deleted.

        *holds* is the session that the page says it holds, "" for none; None where the frame does not say.
        """
        change = Change(
            condition="attribute_exists(user_id)",
            sets={"seen_at": stamp(now)} | ({"session_id": holds} if holds else {}),
            removes=("session_id",) if holds == "" else (),
        )
        return write(self._client, self._table, _key(user, _CONNECTION + connection), change).ours

    def disconnect(self, user: str, connection: str) -> None:
        self._client.delete_item(TableName=self._table, Key=packed(_key(user, _CONNECTION + connection)))

    def gone(self, user: str, connection: str) -> None:
        """Forget a connection that answered 410, unless it is still in its handshake."""
        try:
            self._client.delete_item(
                TableName=self._table,
                Key=packed(_key(user, _CONNECTION + connection)),
                ConditionExpression="attribute_exists(seen_at)",
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise

    # -- the profile -----------------------------------------------------------------------------------------------

    def profile(self, user: str) -> Item:
        return self._item(user, "profile")

    def change_profile(self, user: str, changes: Mapping[str, Any]) -> Item:
        """Set the profile's fields (None removes one), whoever else changes it meanwhile; the profile as it is then."""
        seen = self.profile(user)
        while True:
            written = self.change_profile_of(user, seen.get("version"), changes)
            if written.ours:
                return written.row
            seen = written.row

    def change_profile_of(self, user: str, version: int | None, changes: Mapping[str, Any]) -> Written:
        """The same, but only if the profile still has this version (None: there is no profile yet)."""
        change = Change(
            condition="version = :seen" if version is not None else "attribute_not_exists(version)",
            values={"seen": version} if version is not None else {},
            sets={name: value for name, value in changes.items() if value is not None},
            removes=tuple(name for name, value in changes.items() if value is None),
            adds={"version": 1},
        )
        return write(self._client, self._table, _key(user, "profile"), change)

    # -- what is everybody's ---------------------------------------------------------------------------------------

    def account(self) -> Account:
        return Account.of(self._item(INSTALLATION, "account"))

    def second_look(self, number_hash: str) -> tuple[Account, bool]:
        """The installation's account, and whether this number is on its do-not-call list: one strong batch read.

        StillUnread if the table leaves some of it unread, again and again.
        """
        keys: list[Any] = [packed(_key(INSTALLATION, "account")), packed(_key(INSTALLATION, f"dnc#{number_hash}"))]
        found: dict[str, Item] = {}
        for pause_s in _UNREAD_AGAIN_AFTER_S:
            time.sleep(pause_s)
            answer = self._client.batch_get_item(RequestItems={self._table: {"Keys": keys, "ConsistentRead": True}})
            found |= {item["item"]: item for item in map(unpacked, answer["Responses"].get(self._table, []))}
            unread: Any = answer.get("UnprocessedKeys", {}).get(self._table, {})
            keys = unread.get("Keys", [])
            if not keys:
                return Account.of(found.get("account", {})), _forbids(found.get(f"dnc#{number_hash}"))
        raise StillUnread("the table of agents is busy")

    def take_slot(self, seen: str | None, slot: str) -> tuple[bool, str | None]:
        """Move the next rate slot on from the one *seen*; (False, the slot as it stands) if another was first."""
        condition = "next_slot = :seen" if seen else "attribute_not_exists(next_slot)"
        change = Change(condition=condition, values={"seen": seen} if seen else {}, sets={"next_slot": slot})
        written = write(self._client, self._table, _key(INSTALLATION, "account"), change)
        return written.ours, written.row.get("next_slot")

    def unknown_in_a_row(self, rest_until: float) -> Account:
        """Count an unknown outcome; the third in a row lets the installation rest."""
        account = Account.of(write(self._client, self._table, _ACCOUNT, Change(adds={"streak": 1})).row)
        return self.rest(reasons.UNKNOWN, rest_until) if account.streak >= _UNKNOWN_IN_A_ROW else account

    def rest(self, reason: str, until: float) -> Account:
        """Nothing new is called before *until*, for the *reason* that the agents are told; a longer rest stays."""
        change = Change(
            condition="attribute_not_exists(resume_at) OR resume_at < :until",
            values={"until": stamp(until)},
            sets={"resume_at": stamp(until), "reason": reason},
        )
        return Account.of(write(self._client, self._table, _ACCOUNT, change).row)

    def set_rest(self, reason: str, until: float) -> Account:
        """A person's word: the installation rests until then, whatever was before; *until* now ends the rest."""
        change = Change(sets={"resume_at": stamp(until), "reason": reason})
        return Account.of(write(self._client, self._table, _ACCOUNT, change).row)

    def probe(self, seen: float, until: float) -> bool:
        """After a rest, take the right to make the one call that probes; others wait until *until*."""
        change = Change(condition="resume_at = :seen", values={"seen": stamp(seen)}, sets={"resume_at": stamp(until)})
        return write(self._client, self._table, _ACCOUNT, change).ours

    def recovered(self, seen: Account) -> None:
        """A call was placed: the streak and the rest are over, unless somebody has set another rest meanwhile."""
        change = Change(
            condition="resume_at = :seen" if seen.resume_at else "attribute_not_exists(resume_at)",
            values={"seen": stamp(seen.resume_at)} if seen.resume_at else {},
            removes=("streak", "resume_at", "reason"),
        )
        write(self._client, self._table, _ACCOUNT, change)

    def forbid(self, number_hashes: Iterable[str], by: str, now: float) -> None:
        """Put numbers on the installation's do-not-call list; who was first to say so stays written."""
        for number in number_hashes:
            change = Change(
                condition="attribute_not_exists(since) OR attribute_exists(removed)",
                sets={"since": stamp(now), "by": by},
                removes=("removed",),
            )
            write(self._client, self._table, _key(INSTALLATION, f"dnc#{number}"), change)

    def allow(self, number_hash: str, by: str, now: float) -> bool:
        """Take a number off that list, and keep who did; False if it is not on it."""
        change = Change(
            condition="attribute_exists(since) AND attribute_not_exists(removed)",
            sets={"removed": {"at": stamp(now), "by": by}},
        )
        return write(self._client, self._table, _key(INSTALLATION, f"dnc#{number_hash}"), change).ours

    def everybody(self, now: float) -> list[str]:
        """Every user with a page open, in one scan of the table: for what ends a rest, and for nothing else."""
        users: set[str] = set()
        start: Any = {}
        while True:
            answer = self._client.scan(
                TableName=self._table,
                FilterExpression="begins_with(#item, :connection) AND expires_at > :now",
                ProjectionExpression="user_id",
                ExpressionAttributeNames={"#item": "item"},
                ExpressionAttributeValues=packed({":connection": _CONNECTION, ":now": int(now)}),
                ConsistentRead=True,
                **start,
            )
            users |= {item["user_id"]["S"] for item in answer["Items"]}
            if "LastEvaluatedKey" not in answer:
                return sorted(users)
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}

    def _item(self, user: str, item: str) -> Item:
        answer = self._client.get_item(TableName=self._table, Key=packed(_key(user, item)), ConsistentRead=True)
        return unpacked(answer.get("Item"))


def _forbids(entry: Item | None) -> bool:
    """Whether an entry of the do-not-call list still holds: one that was taken off stays as a record."""
    return entry is not None and "removed" not in entry


def _connection(item: Item) -> Connection:
    seen_at = item.get("seen_at")
    return Connection(
        item["item"].removeprefix(_CONNECTION),
        parse(seen_at) if seen_at else None,
        item.get("expires_at", 0),
        item.get("token_expires_at", 0),
        item.get("session_id", ""),
    )


def _key(user: str, item: str) -> dict[str, Any]:
    return {"user_id": user, "item": item}


_ACCOUNT = _key(INSTALLATION, "account")
