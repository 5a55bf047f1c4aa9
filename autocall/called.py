"""What is remembered of the calls to one number, whichever agent made them, and whether that lets it be called. Pure.

Each number that was called has an item of its own in the Agents table (`called_table.py`), by a hash of the number. Two
agents with the same list so do not both call a person, and nobody calls a number more often than its place allows. The
item says what *may* have been called: its writer may have died before the POST. The lead's row is then the better
witness: `made_no_call` reads it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from autocall import reasons
from autocall.gates import Held
from autocall.leads import PENDING, UNKNOWN, LeadRow
from autocall.timing import DAY_S, parse, stamp

Cap = tuple[int, float]
"""At most so many calls in so many seconds."""

_LIVES_DAYS = 30
_OF_A_CALL = ("agent", "lead_id", "attempt_id", "at", "recent", "expires_at", "lifted")
_NO_CALL = {"refused", "unknown", "lost", "released", "again", "reappointed"}  # entries of a history that name no call


@dataclass(frozen=True)
class Called:
    """The last call to a number, and when it was called lately; without an `attempt` it was not, or it is forgotten.

    `stored` is the attempt that the item names, whatever that is worth: a write is made on the condition that it still
    does. `before` is what the item said before this attempt.
    """

    agent: str = ""
    lead: str = ""
    attempt: str = ""
    at: float = 0.0
    recent: tuple[str, ...] = ()
    expires_at: float = 0.0
    lifted: Mapping[str, Any] | None = None
    before: Mapping[str, Any] | None = field(default=None, repr=False)
    stored: str = ""

    @classmethod
    def of(cls, item: Mapping[str, Any], now: float) -> "Called":
        """What the item says; TTL deletes late, so what has expired counts as gone."""
        stored = str(item.get("attempt_id", ""))
        if not stored or item.get("expires_at", 0) <= now:
            return cls(stored=stored)
        return cls(
            item["agent"],
            item["lead_id"],
            stored,
            parse(item["at"]),
            tuple(item.get("recent") or ()),
            item["expires_at"],
            item.get("lifted"),
            item.get("before"),
            stored,
        )

    def undone(self, now: float) -> "Called":
        """What the item would say if this attempt had never been, for it made no call."""
        before = Called.of(self.before or {}, now)
        return replace(before, recent=before.recent or self.recent[:-1], stored=self.stored)

    def attributes(self) -> dict[str, Any]:
        """As the item holds it, without what was before; {} for no call."""
        if not self.attempt:
            return {}
        values = (self.agent, self.lead, self.attempt, stamp(self.at), list(self.recent), int(self.expires_at))
        lifted = {"lifted": dict(self.lifted)} if self.lifted else {}
        return dict(zip(_OF_A_CALL, values, strict=False)) | lifted

    def colleagues_until(self, colleague_days: int) -> float:
        """Until when no other agent calls the number."""
        return self.at + colleague_days * DAY_S

    def capped_until(self, caps: Iterable[Cap], now: float) -> float | None:
        """Until when the number may not be called again, for it was called as often as it may be; None if it may."""
        moments = sorted(parse(at) for at in self.recent)
        full = [moments[-most] + seconds for most, seconds in caps if len(moments) >= most]
        return max((until for until in full if until > now), default=None)


def called_gate(called: Called, user: str, caps: Iterable[Cap], colleague_days: int, now: float) -> Held | None:
    """Held if a colleague has called the number in the last *colleague_days*, or all have as often as *caps* allow."""
    until, colleagues_until = called.capped_until(caps, now), called.colleagues_until(colleague_days)
    if is_colleagues(called, user) and colleagues_until > now:
        return Held(reasons.COLLEAGUE, max(until or 0.0, colleagues_until))
    return Held(reasons.TOO_OFTEN, until) if until else None


def per_week(most: int) -> Cap:
    """The cap of the installation: so many calls to one number in seven days."""
    return most, 7.0 * DAY_S


def remembered_until(now: float, caps: Iterable[Cap], colleague_days: int) -> float:
    """How long a call made now must be remembered; whoever rings back is known for 30 days at least."""
    longest = max((seconds for _, seconds in caps), default=0.0)
    return now + max(max(_LIVES_DAYS, colleague_days) * DAY_S, longest)


def is_colleagues(called: Called, user: str) -> bool:
    """Whether another agent made the last call, and no administrator has lifted what follows from that."""
    return bool(called.attempt) and called.agent != user and not called.lifted


def made_no_call(row: LeadRow, attempt: str) -> bool:
    """Whether the lead's row proves that this attempt of it made no call.

    An attempt that is being made, or whose outcome is not known, may have: that is no proof. Neither is a row that is
    gone.
    """
    if row.get("call_status") is None:
        return False
    reports = [*(row.get("history") or ()), *(row.get("strays") or ())]
    if any(one.get("attempt_id") == attempt and one.get("event") not in _NO_CALL for one in reports):
        return False
    if row.get("attempt_id") != attempt:
        return True  # a later attempt has claimed the lead: this one was put back
    status = row["call_status"]
    return not row.get("call_sid") and (status == PENDING or (status == "failed" and _was_refused(reports, attempt)))


def is_settled(row: LeadRow, attempt: str) -> bool:
    """Whether it is known what became of the attempt: what waits for it need not ask again soon."""
    return row.get("attempt_id") != attempt or row.get("call_status") not in ("claimed", UNKNOWN)


def _was_refused(reports: Iterable[Mapping[str, Any]], attempt: str) -> bool:
    return any(one.get("attempt_id") == attempt and one.get("event") == "refused" for one in reports)
