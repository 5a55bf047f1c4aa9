"""The Agents table: who is here, what they have set, and what is everybody's. Its writes, all of them:

| write | item | condition | sets |
|---|---|---|---|
| connect | connection#id | none: API Gateway's ids are never used again | expires_at, token_expires_at, connected_at |
| touch | connection#id | the row exists (a deleted one never comes back) | seen_at; session_id, if the page holds one |
| touch, of `leads:fetched` | connection#id | the same, and none of these in the last second | seen_at, fetched_at |
| disconnect | connection#id | none | (deleted) |
| delete_if_gone | connection#id | it has seen_at: not one still in its handshake | (deleted) |
| leave | left | none: an operator's word counts | at, by, erased |
| come_back | left | it is not erased | (deleted) |
| count_call | calls#date | fewer calls than that day may have | count + 1, expires_at |
| uncount_call | calls#date | it has counted one | count - 1 |
| update_profile | profile | its version is the one that was read | the changes, version + 1 |
| take_slot | account | next_slot is the one that was read | next_slot |
| count_unknown | account | none: a count | streak + 1, and from the third on resume_at |
| open_breaker | account | it does not rest for longer already | resume_at, reason |
| set_breaker | account | none: a person's word counts | resume_at, reason |
| take_probe | account | resume_at is the one that was read | resume_at (so that one call probes, not one per agent) |
| refused_alike | account | the last refusal had this code, and was of another lead; as for rest | resume_at, reason |
| note_refusal | account | none: the last one counts | refused_code, refused_lead |
| close_breaker | account | resume_at is the one that was read | (streak, resume_at, reason, refused_… removed) |
| close, reopen | account | closures are those that were read | closures: place, until, since, by |
| add_to_dnc | dnc#hash | it is not on the list, or was taken off it | since, by (removed removed) |
| remove_from_dnc | dnc#hash | it is on the list | removed: at, by |

The items `queued` and `session` have writes of their own: in `queued_run.py` and `session_table.py`.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from autocall import reasons
from autocall.dynamo import Item, Update, WriteResult, from_dynamo, to_dynamo, write
from autocall.session import Session
from autocall.timing import parse, stamp

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

INSTALLATION = "#installation"
_CONNECTION = "connection#"
_LEFT = "left"
_CONNECTION_TTL_S = 2 * 3600 + 300
_FETCHED_EVERY_S = 1.0
_COUNT_LIVES_S = 2 * 86_400
_UNKNOWN_IN_A_ROW = 3
_RETRY_UNPROCESSED_AFTER_S = (0, 0.05, 0.2, 0.8)


class Touch(Enum):
    """What became of the note that a frame came."""

    NOTED = "noted"
    GONE = "the connection has been deleted"
    TOO_FAST = "the connection has asked for a run within the last second"


class UnprocessedKeys(Exception):
    """DynamoDB answered, but has not read all that it was asked for."""


@dataclass(frozen=True)
class Connection:
    """One open socket of a user; `seen_at` is None until its first frame. `session_id` is what its page holds."""

    connection_id: str
    seen_at: float | None
    expires_at: float
    token_expires_at: float
    connected_at: str = ""

    def expired(self, now: float) -> bool:
        """Whether nobody may hear anything through it any more: its token, or its row, has had its time."""
        return now >= min(self.expires_at, self.token_expires_at)

    session_id: str = ""

    def present(self, now: float, within: float) -> bool:
        """Whether somebody is there: a frame came within *within* seconds, and neither row nor token has expired."""
        return self.seen_at is not None and now - self.seen_at < within and not self.expired(now)


@dataclass(frozen=True)
class Agent:
    """One strong read's answer: profile, connections, session, whether an operator has taken the agent out."""

    profile: Item = field(default_factory=dict)
    connections: tuple[Connection, ...] = ()
    left: bool = False
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
class Installation:
    """What is everybody's: until when the installation rests and why, unknowns in a row, next slot, closed places.

    `refused_code` and `refused_lead` are the evidence of a refusal that may concern the account: which code Twilio gave
    last, and for which lead. They are gone once Twilio has served anybody since.
    """

    resume_at: float | None = None
    reason: str | None = None
    consecutive_unknowns: int = 0
    next_slot: str | None = None
    refused_code: int | None = None
    refused_lead: str | None = None
    closures: Mapping[str, Item] = field(default_factory=dict)

    @property
    def closed(self) -> dict[str, float]:
        """The places that an operator has closed, each until a moment."""
        return {place: parse(about["until"]) for place, about in self.closures.items()}

    @classmethod
    def of(cls, item: Item) -> "Installation":
        resume_at = item.get("resume_at")
        return cls(
            resume_at and parse(resume_at),
            item.get("reason"),
            item.get("streak", 0),
            item.get("next_slot"),
            item.get("refused_code"),
            item.get("refused_lead"),
            item.get("closures", {}),
        )

    def met_by_another(self, code: int, lead: str) -> bool:
        """Whether the last lead that was tried has met the same refusal, and was another one."""
        return self.refused_code == code and self.refused_lead != lead


class AgentTable:
    """Items by `user_id` and `item`."""

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
        return Agent(profile, connections, left, Session(session))

    # -- connections -----------------------------------------------------------------------------------------------

    def connect(self, user: str, connection: str, token_expires_at: int, now: float) -> None:
        self._client.put_item(
            TableName=self._table,
            Item=to_dynamo(
                {
                    "user_id": user,
                    "item": _CONNECTION + connection,
                    "connected_at": stamp(now),
                    "token_expires_at": token_expires_at,
                    "expires_at": int(now) + _CONNECTION_TTL_S,
                }
            ),
        )

    def touch(
        self, user: str, connection: str, now: float, holds: str | None = None, *, fetched: bool = False
    ) -> Touch:
        """Note that a frame came; one that asks for a run (*fetched*) is too fast within a second of the last such.

        *holds* is the session that the page says it holds, "" for none; None where the frame does not say.
        """
        sets = {"seen_at": stamp(now)} | ({"session_id": holds} if holds else {})
        change = Update(
            condition="attribute_exists(user_id)", sets=sets, removes=("session_id",) if holds == "" else ()
        )
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
        """Forget a connection that answered 410, unless it is still in its handshake."""
        self._delete_if("attribute_exists(seen_at)", user, _CONNECTION + connection)

    # -- whether they may come in at all ---------------------------------------------------------------------------

    def leave(self, user: str, by: str, now: float, *, erased: bool = False) -> None:
        """From now on the user is let in at no door, and no call of theirs starts; for good, if they are *erased*."""
        sets: dict[str, Any] = {"at": stamp(now), "by": by} | ({"erased": True} if erased else {})
        write(self._client, self._table, _key(user, _LEFT), Update(sets=sets))

    def come_back(self, user: str) -> bool:
        """The user may come in again; False if nobody had taken them out, or if whom they have called is forgotten."""
        left = self._item(user, _LEFT)
        return bool(left) and self._delete_if("attribute_not_exists(erased)", user, _LEFT)

    def has_left(self, user: str) -> bool:
        return bool(self._item(user, _LEFT))

    # -- how many calls a day --------------------------------------------------------------------------------------

    def count_call(self, user: str, most: int, now: float) -> bool:
        """Count one more call of the day (UTC) for a user, or for the INSTALLATION; False if it has had its *most*."""
        change = Update(
            condition="attribute_not_exists(calls) OR calls < :most",
            values={"most": most},
            sets={"expires_at": int(now) + _COUNT_LIVES_S},
            adds={"calls": 1},
        )
        return write(self._client, self._table, _key(user, f"calls#{stamp(now)[:10]}"), change).won

    def uncount_call(self, user: str, now: float) -> None:
        """Take one call off the count of that day: it was counted, and is not made."""
        change = Update(condition="calls > :none", values={"none": 0}, adds={"calls": -1})
        write(self._client, self._table, _key(user, f"calls#{stamp(now)[:10]}"), change)

    # -- the profile -----------------------------------------------------------------------------------------------

    def get_profile(self, user: str) -> Item:
        return self._item(user, "profile")

    def update_profile(self, user: str, changes: Mapping[str, Any]) -> Item:
        """Set the profile's fields (None removes one), whoever else changes it meanwhile; the profile as it is then."""
        seen = self.get_profile(user)
        while True:
            written = self.try_update_profile(user, seen.get("version"), changes)
            if written.won:
                return written.row
            seen = written.row

    def try_update_profile(self, user: str, version: int | None, changes: Mapping[str, Any]) -> WriteResult:
        """The same, but only if the profile still has this version (None: there is no profile yet)."""
        change = Update(
            condition="version = :seen" if version is not None else "attribute_not_exists(version)",
            values={"seen": version} if version is not None else {},
            sets={name: value for name, value in changes.items() if value is not None},
            removes=tuple(name for name, value in changes.items() if value is None),
            adds={"version": 1},
        )
        return write(self._client, self._table, _key(user, "profile"), change)

    # -- what is everybody's ---------------------------------------------------------------------------------------

    def get_installation(self) -> Installation:
        return Installation.of(self._item(INSTALLATION, "account"))

    def get_installation_and_dnc(self, *number_hashes: str) -> tuple[Installation, bool]:
        """The installation's account, and whether a number is on its do-not-call list: one strong batch read.

        The hashes are those of all spellings of the number.

        StillUnread if the table leaves some of it unread, again and again.
        """
        names = ["account", *(f"dnc#{number}" for number in number_hashes)]
        keys: list[Any] = [to_dynamo(_key(INSTALLATION, name)) for name in names]
        found: dict[str, Item] = {}
        for pause_s in _RETRY_UNPROCESSED_AFTER_S:
            time.sleep(pause_s)
            answer = self._client.batch_get_item(RequestItems={self._table: {"Keys": keys, "ConsistentRead": True}})
            found |= {item["item"]: item for item in map(from_dynamo, answer["Responses"].get(self._table, []))}
            unread: Any = answer.get("UnprocessedKeys", {}).get(self._table, {})
            keys = unread.get("Keys", [])
            if not keys:
                return Installation.of(found.get("account", {})), any(_is_listed(found.get(name)) for name in names[1:])
        raise UnprocessedKeys("the table of agents is busy")

    def is_forbidden(self, *number_hashes: str) -> bool:
        """Whether the installation's do-not-call list has the line of these hashes."""
        return any(_is_listed(self._item(INSTALLATION, f"dnc#{one}") or None) for one in number_hashes)

    def take_slot(self, seen: str | None, slot: str) -> tuple[bool, str | None]:
        """Move the next rate slot on from the one *seen*; (False, the slot as it stands) if another was first."""
        condition = "next_slot = :seen" if seen else "attribute_not_exists(next_slot)"
        change = Update(condition=condition, values={"seen": seen} if seen else {}, sets={"next_slot": slot})
        written = write(self._client, self._table, _key(INSTALLATION, "account"), change)
        return written.won, written.row.get("next_slot")

    def count_unknown(self, rest_until: float) -> Installation:
        """Count an unknown outcome; the third in a row lets the installation rest."""
        account = Installation.of(write(self._client, self._table, _ACCOUNT, Update(adds={"streak": 1})).row)
        return (
            self.open_breaker(reasons.UNKNOWN, rest_until)
            if account.consecutive_unknowns >= _UNKNOWN_IN_A_ROW
            else account
        )

    def open_breaker(self, reason: str, until: float) -> Installation:
        """Nothing new is called before *until*, for the *reason* that the agents are told; a longer rest stays."""
        change = Update(
            condition="attribute_not_exists(resume_at) OR resume_at < :until",
            values={"until": stamp(until)},
            sets={"resume_at": stamp(until), "reason": reason},
        )
        return Installation.of(write(self._client, self._table, _ACCOUNT, change).row)

    def refused_alike(self, code: int, lead: str, reason: str, until: float) -> tuple[bool, Installation]:
        """The installation rests, if the lead tried before this one met the same code; whether that is so."""
        change = Update(
            condition="refused_code = :code AND refused_lead <> :lead"
            " AND (attribute_not_exists(resume_at) OR resume_at < :until)",
            values={"code": code, "lead": lead, "until": stamp(until)},
            sets={"resume_at": stamp(until), "reason": reason},
        )
        written = write(self._client, self._table, _ACCOUNT, change)
        account = Installation.of(written.row)
        return written.won or account.met_by_another(code, lead), account

    def note_refusal(self, code: int, lead: str) -> None:
        """Keep which code this lead met: the next lead that is tried shows whether it concerns the account."""
        write(self._client, self._table, _ACCOUNT, Update(sets={"refused_code": code, "refused_lead": lead}))

    def set_breaker(self, reason: str, until: float) -> Installation:
        """A person's word: the installation rests until then, whatever was before; *until* now ends the rest."""
        change = Update(sets={"resume_at": stamp(until), "reason": reason})
        return Installation.of(write(self._client, self._table, _ACCOUNT, change).row)

    def take_probe(self, seen: float, until: float) -> bool:
        """After a rest, take the right to make the one call that probes; others wait until *until*."""
        change = Update(condition="resume_at = :seen", values={"seen": stamp(seen)}, sets={"resume_at": stamp(until)})
        return write(self._client, self._table, _ACCOUNT, change).won

    def close_breaker(self, seen: Installation) -> None:
        """A call was placed: the streak and the rest are over, unless somebody has set another rest meanwhile."""
        change = Update(
            condition="resume_at = :seen" if seen.resume_at else "attribute_not_exists(resume_at)",
            values={"seen": stamp(seen.resume_at)} if seen.resume_at else {},
            removes=("streak", "resume_at", "reason", "refused_code", "refused_lead"),
        )
        write(self._client, self._table, _ACCOUNT, change)

    def close(self, place: str, until: float, by: str, now: float) -> None:
        """Nobody in that place is called before *until*, whatever was said of it before."""
        self._change_closures(now, lambda closures: closures | {place: _closure(until, by, now)})

    def reopen(self, place: str, now: float) -> bool:
        """The place is open again, as far as its hours say so; False if it was not closed."""
        was = self._change_closures(
            now, lambda closures: {name: one for name, one in closures.items() if name != place}
        )
        return place in was and parse(was[place]["until"]) > now

    def _change_closures(self, now: float, change: Callable[[dict[str, Item]], dict[str, Item]]) -> Mapping[str, Item]:
        """Write what *change* makes of the closures, without those that are over, and return what was there."""
        seen = self._item(INSTALLATION, "account").get("closures")
        while True:
            lasting = {name: one for name, one in (seen or {}).items() if parse(one["until"]) > now}
            update = Update(
                condition="attribute_not_exists(closures)" if seen is None else "closures = :seen",
                values={} if seen is None else {"seen": seen},
                sets={"closures": change(lasting)},
            )
            written = write(self._client, self._table, _ACCOUNT, update)
            if written.won:
                return seen or {}
            seen = written.row.get("closures")

    def add_to_dnc(self, number_hashes: Iterable[str], by: str, now: float) -> None:
        """Put numbers on the installation's do-not-call list; who was first to say so stays written."""
        for number in number_hashes:
            change = Update(
                condition="attribute_not_exists(since) OR attribute_exists(removed)",
                sets={"since": stamp(now), "by": by},
                removes=("removed",),
            )
            write(self._client, self._table, _key(INSTALLATION, f"dnc#{number}"), change)

    def remove_from_dnc(self, number_hash: str, by: str, now: float) -> bool:
        """Take a number off that list, and keep who did; False if it is not on it."""
        change = Update(
            condition="attribute_exists(since) AND attribute_not_exists(removed)",
            sets={"removed": {"at": stamp(now), "by": by}},
        )
        return write(self._client, self._table, _key(INSTALLATION, f"dnc#{number_hash}"), change).won

    def connected_users(self, now: float) -> list[str]:
        """Every user with a page open, in one scan of the table: for what ends a rest, and for nothing else."""
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

    def _delete_if(self, condition: str, user: str, item: str) -> bool:
        """Delete the item if it is still so, or gone already; False if it is not so."""
        try:
            self._client.delete_item(
                TableName=self._table, Key=to_dynamo(_key(user, item)), ConditionExpression=condition
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            return False
        return True

    def _item(self, user: str, item: str) -> Item:
        answer = self._client.get_item(TableName=self._table, Key=to_dynamo(_key(user, item)), ConsistentRead=True)
        return from_dynamo(answer.get("Item"))


def _is_listed(entry: Item | None) -> bool:
    """Whether an entry of the do-not-call list still holds: one that was taken off stays as a record."""
    return entry is not None and "removed" not in entry


def _closure(until: float, by: str, now: float) -> Item:
    return {"until": stamp(until), "since": stamp(now), "by": by}


def _connection(item: Item) -> Connection:
    seen_at = item.get("seen_at")
    return Connection(
        item["item"].removeprefix(_CONNECTION),
        parse(seen_at) if seen_at else None,
        item.get("expires_at", 0),
        item.get("token_expires_at", 0),
        item.get("connected_at", ""),
        item.get("session_id", ""),
    )


def _key(user: str, item: str) -> dict[str, Any]:
    return {"user_id": user, "item": item}


_ACCOUNT = _key(INSTALLATION, "account")
