"""The installation's items in the Agents table: what all agents share. Its writes, all of them:

| write | item | condition | sets |
|---|---|---|---|
| take_slot | account | next_slot is the one that was read | next_slot |
| count_unknown | account | none: a count | streak + 1, and from the third on resume_at |
| open_breaker | account | the breaker is not open for longer already | resume_at, reason |
| set_breaker | account | none: a person's word counts | resume_at, reason (refused_until removed) |
| take_probe | account | resume_at is the one that was read | resume_at (so that one call probes, not one per agent) |
| refused_alike | account | the last refusal had this code, for another agent; as for open_breaker | resume_at, reason |
| note_refusal | account | none: the last one counts | refused_code, refused_lead, refused_user; refused_until |
| close_breaker | account | resume_at is the one that was read | (streak, resume_at, reason, refused_… removed) |
| close, reopen | account | closures are those that were read | closures: place, until, since, by |
| add_to_dnc | dnc#hash | it is not on the list, or was taken off it | since, by (removed removed) |
| remove_from_dnc | dnc#hash | it is on the list | removed: at, by |
| count_call | calls#date, also of each agent | fewer calls than that day may have | count + 1, expires_at |
| uncount_call | calls#date | it has counted one; not by this very request already | count - 1 |
| change_settings | settings | its version is the one that was read | the changes, version + 1 |

The item `account` holds the circuit breaker: while it is open, nobody of the installation is called. From `resume_at`
on it is half open: one call probes, and the breaker closes if Twilio serves that call.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from autocall import reasons
from autocall.called import Called
from autocall.called_table import called_key
from autocall.caller_id_table import caller_id_key
from autocall.caller_ids import CallerIdState
from autocall.dynamo import Item, Update, from_dynamo, get, to_dynamo, write
from autocall.installation_settings import InstallationSettings
from autocall.timing import parse, stamp

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

INSTALLATION = "#installation"
_ACCOUNT = {"user_id": INSTALLATION, "item": "account"}
_REFUSED = ("refused_code", "refused_lead", "refused_user", "refused_until")
_COUNT_LIVES_S = 2 * 86_400
_UNKNOWN_IN_A_ROW = 3
_RETRY_UNPROCESSED_AFTER_S = (0, 0.05, 0.2, 0.8)


class UnprocessedKeys(Exception):
    """DynamoDB answered, but did not read all the keys of the request."""


@dataclass(frozen=True)
class Installation:
    """The installation's shared state: circuit breaker, unknown outcomes in a row, next rate slot, closed places.

    `refused_code`, `refused_lead` and `refused_user` are the evidence that a refusal may concern the account: the last
    code that Twilio gave, and for which lead of whom. They are removed once Twilio serves any call. Until
    `refused_until` that agent calls nobody: two of their leads in a row met the code, which may be their list's.
    """

    resume_at: float | None = None
    reason: str | None = None
    consecutive_unknowns: int = 0
    next_slot: str | None = None
    refused_code: int | None = None
    refused_lead: str | None = None
    refused_user: str | None = None
    refused_until: float | None = None
    closures: Mapping[str, Item] = field(default_factory=dict)

    @property
    def closed(self) -> dict[str, float]:
        """The places that an operator has closed, each until a moment."""
        return {jurisdiction: parse(closure["until"]) for jurisdiction, closure in self.closures.items()}

    @classmethod
    def of(cls, item: Item) -> "Installation":
        resume_at, refused_until = item.get("resume_at"), item.get("refused_until")
        return cls(
            resume_at and parse(resume_at),
            item.get("reason"),
            item.get("streak", 0),
            item.get("next_slot"),
            item.get("refused_code"),
            item.get("refused_lead"),
            item.get("refused_user"),
            refused_until and parse(refused_until),
            item.get("closures", {}),
        )

    def met_by_another(self, code: int, lead_id: str) -> bool:
        """Whether Twilio gave the same code to the lead that was tried last, and that was another lead."""
        return self.refused_code == code and self.refused_lead != lead_id

    def rests_alone(self, user: str, moment: float) -> bool:
        """Whether this agent calls nobody, and the others do."""
        return self.refused_user == user and self.refused_until is not None and self.refused_until > moment


@dataclass(frozen=True)
class BeforeCall:
    """What is read between a claim and its POST: is the number on the do-not-call list, and who called it last.

    `caller_ids` is what is known of the numbers that it may be called from.
    """

    installation: Installation
    forbidden: bool
    called: Called
    settings: InstallationSettings
    caller_ids: Mapping[str, CallerIdState] = field(default_factory=dict)


class InstallationTable:
    """The items of the Agents table that belong to everybody, and the counts of calls per day."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client, self._table = client, table

    def get_installation(self) -> Installation:
        """The installation's shared state, strongly consistent."""
        return Installation.of(get(self._client, self._table, _ACCOUNT))

    def get_before_call(self, *number_hashes: str, now: float, caller_ids: Iterable[str] = ()) -> BeforeCall:
        """What everybody shares and a call must meet, in one strongly consistent batch read.

        The hashes are those of all spellings of the number, the first of them that of the canonical one; *caller_ids*
        are the installation's own numbers. Raises
        UnprocessedKeys if the table leaves keys unread after all retries.
        """
        names = [f"dnc#{number}" for number in number_hashes]
        ours = list(caller_ids)
        wanted = [_ACCOUNT, _key("settings"), *map(_key, names), called_key(number_hashes[0])]
        wanted += map(caller_id_key, ours)
        keys: list[Any] = [to_dynamo(key) for key in wanted]
        found: dict[str, Item] = {}
        for pause_s in _RETRY_UNPROCESSED_AFTER_S:
            time.sleep(pause_s)
            answer = self._client.batch_get_item(RequestItems={self._table: {"Keys": keys, "ConsistentRead": True}})
            found |= {item["item"]: item for item in map(from_dynamo, answer["Responses"].get(self._table, []))}
            unread: Any = answer.get("UnprocessedKeys", {}).get(self._table, {})
            keys = unread.get("Keys", [])
            if not keys:
                return BeforeCall(
                    Installation.of(found.get("account", {})),
                    any(_is_listed(found.get(name)) for name in names),
                    Called.of(found.get("called", {}), now),
                    InstallationSettings.of(found.get("settings", {})),
                    {number: CallerIdState.of(found.get(number, {})) for number in ours},
                )
        raise UnprocessedKeys("DynamoDB left keys of the Agents table unread after all retries")

    # -- rate and counts -------------------------------------------------------------------------------------------

    def take_slot(self, seen: str | None, slot: str) -> tuple[bool, str | None]:
        """Replace the next rate slot *seen* by *slot*; (False, the current slot) if another dialer was first."""
        condition = "next_slot = :seen" if seen else "attribute_not_exists(next_slot)"
        change = Update(condition=condition, values={"seen": seen} if seen else {}, sets={"next_slot": slot})
        written = write(self._client, self._table, _ACCOUNT, change)
        return written.won, written.row.get("next_slot")

    def count_call(self, user: str, most: int, now: float) -> bool:
        """Count one call of the day (UTC) for a user, or for the INSTALLATION; False if it has made *most* already."""
        change = Update(
            condition="attribute_not_exists(calls) OR calls < :most",
            values={"most": most},
            sets={"expires_at": int(now) + _COUNT_LIVES_S},
            adds={"calls": 1},
        )
        return write(self._client, self._table, {"user_id": user, "item": f"calls#{stamp(now)[:10]}"}, change).won

    def uncount_call(self, user: str, now: float) -> None:
        """Take one call off the count of that day: it was counted, and is not made.

        The same request sent again, because its answer was lost, takes off nothing more.
        """
        change = Update(
            condition="calls > :none AND (attribute_not_exists(write_id) OR write_id <> :s_write_id)",
            values={"none": 0},
            adds={"calls": -1},
        )
        write(self._client, self._table, {"user_id": user, "item": f"calls#{stamp(now)[:10]}"}, change)

    # -- what admins set on the page -------------------------------------------------------------------------------

    def get_settings(self) -> InstallationSettings:
        return InstallationSettings.of(get(self._client, self._table, _key("settings")))

    def change_settings(self, seen: int, changes: Mapping[str, Any]) -> tuple[bool, InstallationSettings]:
        """Set *changes* if the version is still *seen* (0: nothing was ever set); whether it was, and what stands."""
        change = Update(
            condition="version = :seen" if seen else "attribute_not_exists(version)",
            values={"seen": seen} if seen else {},
            sets=changes,
            adds={"version": 1},
        )
        written = write(self._client, self._table, _key("settings"), change)
        return written.won, InstallationSettings.of(written.row)

    # -- circuit breaker -------------------------------------------------------------------------------------------

    def count_unknown(self, open_until: float) -> Installation:
        """Count an unknown outcome; the third in a row opens the breaker."""
        installation = Installation.of(write(self._client, self._table, _ACCOUNT, Update(adds={"streak": 1})).row)
        if installation.consecutive_unknowns < _UNKNOWN_IN_A_ROW:
            return installation
        return self.open_breaker(reasons.UNKNOWN, open_until)

    def open_breaker(self, reason: str, until: float) -> Installation:
        """Open the breaker until *until*; a breaker that is open for longer stays so. Agents are shown *reason*."""
        change = Update(
            condition="attribute_not_exists(resume_at) OR resume_at < :until",
            values={"until": stamp(until)},
            sets={"resume_at": stamp(until), "reason": reason},
        )
        return Installation.of(write(self._client, self._table, _ACCOUNT, change).row)

    def refused_alike(self, code: int, user: str, reason: str, until: float) -> tuple[bool, Installation]:
        """Open the breaker if the lead that was tried before met the same code for another agent; whether it did."""
        change = Update(
            condition="refused_code = :code AND refused_user <> :user"
            " AND (attribute_not_exists(resume_at) OR resume_at < :until)",
            values={"code": code, "user": user, "until": stamp(until)},
            sets={"resume_at": stamp(until), "reason": reason},
        )
        written = write(self._client, self._table, _ACCOUNT, change)
        installation = Installation.of(written.row)
        alike = installation.refused_code == code and installation.refused_user not in (None, user)
        return written.won or alike, installation

    def note_refusal(self, code: int, lead_id: str, user: str, until: float | None = None) -> None:
        """Note which code this lead met: the next lead that is tried shows whether the code concerns the account.

        *until* lets the agent rest, and nobody else.
        """
        change = Update(sets={"refused_code": code, "refused_lead": lead_id, "refused_user": user})
        if until:
            change.sets = {**change.sets, "refused_until": stamp(until)}
        else:
            change.removes = ("refused_until",)
        write(self._client, self._table, _ACCOUNT, change)

    def set_breaker(self, reason: str, until: float) -> Installation:
        """Set the breaker unconditionally, for an operator; pass the current time to end an open breaker."""
        change = Update(sets={"resume_at": stamp(until), "reason": reason}, removes=("refused_until",))
        return Installation.of(write(self._client, self._table, _ACCOUNT, change).row)

    def take_probe(self, seen: float, until: float) -> bool:
        """Half open: take the right to make the one call that probes; other dialers wait until *until*."""
        change = Update(condition="resume_at = :seen", values={"seen": stamp(seen)}, sets={"resume_at": stamp(until)})
        return write(self._client, self._table, _ACCOUNT, change).won

    def close_breaker(self, seen: Installation) -> None:
        """A call was placed: close the breaker and end the streak, unless somebody has opened it anew since *seen*."""
        change = Update(
            condition="resume_at = :seen" if seen.resume_at else "attribute_not_exists(resume_at)",
            values={"seen": stamp(seen.resume_at)} if seen.resume_at else {},
            removes=("streak", "resume_at", "reason", *_REFUSED),
        )
        write(self._client, self._table, _ACCOUNT, change)

    # -- closed places ---------------------------------------------------------------------------------------------

    def close(self, jurisdiction: str, until: float, by: str, now: float) -> None:
        """Close a place until *until*: nobody there is called before. This replaces an earlier closure of it."""
        self._change_closures(now, lambda closures: closures | {jurisdiction: _closure(until, by, now)})

    def reopen(self, jurisdiction: str, now: float) -> bool:
        """Remove the closure of a place, so that its own hours hold again; False if it was not closed."""
        was = self._change_closures(
            now, lambda closures: {name: closure for name, closure in closures.items() if name != jurisdiction}
        )
        return jurisdiction in was and parse(was[jurisdiction]["until"]) > now

    def _change_closures(self, now: float, change: Callable[[dict[str, Item]], dict[str, Item]]) -> Mapping[str, Item]:
        """Apply *change* to the closures that still last, and return the closures from before."""
        seen = get(self._client, self._table, _ACCOUNT).get("closures")
        while True:
            lasting = {name: closure for name, closure in (seen or {}).items() if parse(closure["until"]) > now}
            update = Update(
                condition="attribute_not_exists(closures)" if seen is None else "closures = :seen",
                values={} if seen is None else {"seen": seen},
                sets={"closures": change(lasting)},
            )
            written = write(self._client, self._table, _ACCOUNT, update)
            if written.won:
                return seen or {}
            seen = written.row.get("closures")

    # -- do not call -----------------------------------------------------------------------------------------------

    def is_forbidden(self, *number_hashes: str) -> bool:
        """Whether the installation's do-not-call list holds any of these hashes."""
        entries = (get(self._client, self._table, _key(f"dnc#{number}")) for number in number_hashes)
        return any(_is_listed(entry or None) for entry in entries)

    def add_to_dnc(self, number_hashes: Iterable[str], by: str, now: float) -> None:
        """Add numbers to the installation's do-not-call list; an entry that holds keeps who made it first."""
        for number in number_hashes:
            change = Update(
                condition="attribute_not_exists(since) OR attribute_exists(removed)",
                sets={"since": stamp(now), "by": by},
                removes=("removed",),
            )
            write(self._client, self._table, _key(f"dnc#{number}"), change)

    def remove_from_dnc(self, number_hash: str, by: str, now: float) -> bool:
        """Take a number off the list and record by whom; False if it is not on the list."""
        change = Update(
            condition="attribute_exists(since) AND attribute_not_exists(removed)",
            sets={"removed": {"at": stamp(now), "by": by}},
        )
        return write(self._client, self._table, _key(f"dnc#{number_hash}"), change).won


def _is_listed(entry: Item | None) -> bool:
    """Whether an entry of the do-not-call list still holds: an entry that was taken off stays as a record."""
    return entry is not None and "removed" not in entry


def _closure(until: float, by: str, now: float) -> Item:
    return {"until": stamp(until), "since": stamp(now), "by": by}


def _key(item: str) -> dict[str, str]:
    return {"user_id": INSTALLATION, "item": item}
