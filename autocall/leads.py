"""What a lead is: its statuses, who it belongs to, and how a row looks to the page. Pure."""

import base64
import hashlib
import re
from typing import Any, NamedTuple, TypedDict

from autocall import reasons
from autocall.call_outcomes import PERMISSION_CODES
from autocall.phone_identity import spellings
from autocall.timing import is_far, parse, stamp

PENDING = "pending"
CLAIMED = "claimed"
UNKNOWN = "unknown"
LIVE = ("queued", "initiated", "ringing", "in-progress")
FINAL = ("completed", "busy", "no-answer", "failed", "canceled")
STATUSES = (PENDING, CLAIMED, *LIVE, UNKNOWN, *FINAL)

DUE_WAIT, DUE_LINE, DUE_LOST = "wait#", "busy#", "lost#"
_STAMP, _POSITION = 24, 13

_PLAIN_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_SHOWN = (
    *("lead_id", "attempt_id", "call_status", "reason", "call_sid", "version"),
    *("at", "placed_at", "answered_at", "joined_at", "abandoned_at", "ended_at", "duration_s"),
    *("answered_by", "outcome", "rang_back_at", "ring_back_asked_at", "ring_back_heard_at"),
    "ring_back_done_at",
)
TERMS = ("basis", "consent_at", "consent_source", "consent_until")
_DESCRIPTIVE = ("phone", "name", "zones", "state", "timezone", "note", "external_id", "extra", *TERMS)


class Hold(TypedDict):
    """Why a waiting lead is not called now, a reason of `reasons.py`, and since when."""

    reason: str
    since: str


class HistoryEntry(TypedDict, total=False):
    """One entry of `history` or of `strays`: when, what, and where it is known of which attempt and call."""

    at: str
    event: str
    attempt_id: str
    call_sid: str
    status: str
    evidence: str
    """Who said so: a callback, or Twilio when it was asked."""
    reason: str
    duration_s: int
    by: str
    code: str
    """The outcome that a person chose."""
    appointment_at: str
    """For when a person asked for another call."""


class Outcome(TypedDict):
    """What came of a conversation: a code of the installation's list, when, and who said so."""

    code: str
    at: str
    by: str


class AgentNote(TypedDict):
    """What an agent wrote about a lead; `version` counts its changes."""

    text: str
    at: str
    by: str
    version: int


class CallRecord(TypedDict):
    """What is kept of a call when a person lets the lead be called again; null where it is not known."""

    attempt_id: str
    call_status: str
    claimed_at: str | None
    answered_at: str | None
    joined_at: str | None
    abandoned_at: str | None
    ended_at: str | None
    duration_s: int | None
    outcome: Outcome | None


class LeadRow(TypedDict, total=False):
    """A row of the Leads table. Only the key is always there; a row of the index `due` has the first five alone.

    A *moment* is a stamp of `timing.py` in UTC, such as `2026-03-01T10:00:00.000Z`. A name of a person is their user
    id. Which write sets and removes what is in docs/state-machine.md.
    """

    user_id: str
    """Whose lead it is: the table's partition key."""
    lead_id: str
    """Made of user and number, so that a number that comes twice is one lead: the table's sort key."""
    due: str
    """What a run does with the row and from when on, as `Due` reads it; absent if no run looks at it."""
    zones: list[str]
    """The IANA time zones that the lead may be in: it is called only while all of them allow it."""
    held: Hold

    # -- who it is: from the list
    phone: str
    """In E.164, such as `+12025550123`."""
    name: str
    state: str
    """A region as the list has it, such as `NY`; it narrows `zones`."""
    timezone: str
    """A time zone as the list has it; it decides `zones`."""
    note: str
    external_id: str
    extra: dict[str, str]
    """Further columns of the list, by their headers."""
    basis: str
    """On what ground the lead may be called, where its place asks for one: a word of `terms.py`."""
    consent_at: str
    consent_until: str
    consent_source: str
    imported_at: str
    """A moment that is also the lead's place in the calling order: a millisecond earlier for each row above it."""
    deleted_at: str
    """The moment at which it became a tombstone."""

    # -- what is known of its call
    call_status: str
    """One of `STATUSES`."""
    was: str
    """The status before the last write, or `absent`."""
    has_been_called: bool
    """True from the claim on, and false again only when it is certain that no call was made."""
    attempt_id: str
    """The one request for a call that the row stands for; it stays when the lead waits again."""
    claimed_at: str
    correlation_id: str
    """The run that claimed it."""
    sender: str
    """The number that calls, in E.164; empty if it was not known. A lead that was called keeps it."""
    call_sid: str
    """Twilio's id of the call."""
    placed_at: str
    answered_at: str
    joined_at: str
    """The moment from which lead and agent heard each other."""
    abandoned_at: str
    """The moment at which it was clear that the call was answered and met no agent."""
    ended_at: str
    duration_s: int
    """Twilio's length of the call, in seconds."""
    reason: str
    """Why the status is what it is, where it does not speak for itself: a reason of `reasons.py`."""
    asking: bool
    """True while an unknown call holds no line and a person may not decide yet."""
    releases: int
    """How often it was put back without a call; a growing backoff counts with it."""
    refusals: int
    """How often Twilio refused it alone."""

    calls: int
    """How many calls were made, or may have been, for ever; a row of 1.0.0 does not count its one call."""
    answered_by: str
    """Who answered, as Twilio's machine detection thinks."""
    earlier_calls: list[CallRecord]
    """The calls that were over when a person let the lead be called again."""

    # -- the lead calls the number that it was called from
    rang_back_at: str
    """The last time; a moment."""
    rang_back_sid: str
    """Twilio's id of that call."""
    ring_back_heard_at: str
    """The last time that the agent was there; a moment."""
    ring_back_heard_sid: str
    """Twilio's id of that call, until the lead is called again: an outcome may name it."""
    ring_back_asked_at: str
    """When the lead asked to be called back; a moment."""
    ring_back_done_at: str
    """The moment of the last call of the lead's that the agent has dealt with, or has the lead called again for."""

    # -- what a person has said
    outcome: Outcome
    """What came of the conversation of this attempt, or of one after it in which the lead called back."""
    agent_note: AgentNote
    appointment_at: str
    """For when a person asked for another call; it says something while the lead waits."""
    again_after: str
    """The attempt after which a person wants another call, until that is claimed."""
    why_again: list[dict[str, str]]
    """`at` and `why`, of each time that a person let the lead be called again and said why."""
    dnc: dict[str, str]
    """`since` and `by`: it is on the agent's do-not-call list."""
    dnc_removed: dict[str, str]
    """`at` and `by`: the last time that it was taken off that list."""
    confirmed_until: str
    """Until when a person's *Call now* holds."""
    confirmed_by: str

    # -- the writes themselves
    at: str
    """The moment of the last write that pages show."""
    version: int
    """Counts those writes: a page keeps the highest that it has seen."""
    write_id: str
    """The last write's own id: whose first try won, although its answer was lost, finds it here."""
    history: list[HistoryEntry]
    strays: list[HistoryEntry]
    """Reports about another call than the row's."""


class LeadKey(NamedTuple):
    """The key of one lead's row."""

    user: str
    lead: str

    @classmethod
    def of(cls, row: LeadRow) -> "LeadKey":
        return cls(row["user_id"], row["lead_id"])


class Attempt(NamedTuple):
    """Identifies one call attempt: user, lead, attempt id. Only the attempt that holds the claim may place the call."""

    user: str
    lead: str
    id: str

    @classmethod
    def of(cls, row: LeadRow) -> "Attempt":
        """The attempt that the row holds."""
        return cls(row["user_id"], row["lead_id"], row["attempt_id"])

    @property
    def key(self) -> LeadKey:
        """The key of the lead's row."""
        return LeadKey(self.user, self.lead)


class Due(NamedTuple):
    """The attribute `due`, such as `busy#2026-03-01T10:00:00.000Z`: what a run does with a row, and from when on.

    `wait#`: it may be called. `busy#`: it holds a line, and Twilio is asked what became of its call. `lost#`: Twilio
    was asked in vain; it holds no line, and Twilio is asked again; past the bound a person may put it back. A row
    without `due` has ended, was deleted, or is on the do-not-call list: `kind` and `at` are "", and no run looks at it.
    The three stand in this order in the index: `busy#`, `lost#`, `wait#`, and each in the order of its moments.

    A lead that is held keeps its place in the list: behind the milliseconds of its moment stand, as further decimals,
    those of the place (`wait#2026-03-01T10:00:00.000` `1772359200123` `Z`). So what comes due at one moment comes in
    calling order, whenever it was held and by which run, and every release reads it as that moment.
    """

    kind: str
    at: str

    @classmethod
    def of(cls, row: LeadRow) -> "Due":
        return cls.parse(str(row.get("due", "")))

    @classmethod
    def parse(cls, text: str) -> "Due":
        kind, sign, at = text.partition("#")
        return cls(kind + sign, at)

    @classmethod
    def held(cls, until: float, position: float) -> "Due":
        """To be called from *until* on; of what comes due then, in the order of the *position*, a moment too."""
        return cls(DUE_WAIT, f"{stamp(until)[:-1]}{round(position * 1000):0{_POSITION}}Z")

    @property
    def moment(self) -> float:
        """In seconds since the epoch; ValueError if there is none."""
        return parse(f"{self.at[: _STAMP - 1]}Z" if self.keeps_position else self.at)

    @property
    def keeps_position(self) -> bool:
        """Whether it is held, by a release that writes its place."""
        return len(self.at) > _STAMP

    @property
    def position(self) -> float:
        """The moment by which a waiting lead stands in the list: since when it waits, or what it has kept of that."""
        kept = self.at[_STAMP - 1 : -1]
        return int(kept) / 1000 if kept else self.moment


def is_lead(row: LeadRow) -> bool:
    """True for a real lead: not a do-not-call stub, not a tombstone."""
    return bool(row.get("call_status")) and not row.get("deleted_at")


def held_reason(row: LeadRow) -> str:
    """Why the lead is held; "" if it is not."""
    held = row.get("held")
    return held["reason"] if held else ""


def is_in_flight(row: LeadRow) -> bool:
    """Whether a call is made or being made: the row holds a line."""
    return Due.of(row).kind == DUE_LINE


def user_id(subject: str) -> str:
    """The user's key in all tables: the token's `sub` if it is plain, else `~` and a hash of it."""
    if _PLAIN_ID.fullmatch(subject):
        return subject
    return "~" + _short_hash(subject)


def lead_ids(user: str, phone: str) -> tuple[str, ...]:
    """The ids that the lead of this line may have: a new lead has the first, a lead of 1.0.0 any of them."""
    return tuple(_short_hash(f"{user}\n{spelling}") for spelling in spellings(phone))


def lead_id(user: str, phone: str) -> str:
    """The id of a new lead: one per user and line, so a number imported twice, or spelled otherwise, is one lead."""
    return lead_ids(user, phone)[0]


def number_hashes(phone: str) -> tuple[str, ...]:
    """The line's names on the installation's do-not-call list: a new entry has the first, one of 1.0.0 any of them."""
    return tuple(map(_short_hash, spellings(phone)))


def number_hash(phone: str) -> str:
    """The line's name on the installation's do-not-call list."""
    return number_hashes(phone)[0]


def _short_hash(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")


def predecessors(status: str) -> tuple[str, ...]:
    """The statuses that *status* may follow. A status never follows one of the same or a higher rank."""
    live = LIVE if status in FINAL else LIVE[: LIVE.index(status)]
    return (PENDING, CLAIMED, UNKNOWN, *live)


def last_ring_back(row: LeadRow) -> str:
    """When the lead last called us, or asked there to be called; "" if never."""
    return max(row.get("rang_back_at", ""), row.get("ring_back_asked_at", ""))


def can_release(row: LeadRow) -> bool:
    """Whether a person may put the lead back: its outcome is unknown and Twilio was asked past the bound."""
    return row.get("call_status") == UNKNOWN and Due.of(row).kind == DUE_LOST and not row.get("asking")


def needs_person(reason: str) -> bool:
    """Whether what is held for this reason will be held again each time, until a person changes something."""
    code, detail = reasons.Reason.parse(reason)
    not_permitted = code == reasons.REFUSED and detail in map(str, PERMISSION_CODES)
    return not_permitted or code in (reasons.ZONE, reasons.WINDOW, reasons.CONSENT, reasons.CONFIRM)


def hold_view(row: LeadRow) -> dict[str, Any] | None:
    """Why a waiting lead is not called now, and until when (None: until a person changes something).

    `needs_person`: it has a time, but will be held again then, unless a person changes something.
    """
    if row.get("call_status") != PENDING or not row.get("held"):
        forbidden = row.get("dnc") and row.get("call_status") == PENDING
        return {"reason": reasons.DNC, "until": None, "needs_person": False} if forbidden else None
    due, since, reason = Due.of(row), row["held"].get("since", ""), row["held"]["reason"]
    return {
        "reason": reason,
        "until": stamp(due.moment) if due.kind == DUE_WAIT and due.at > since and not is_far(due.at) else None,
        "needs_person": needs_person(reason),
    }


def event_view(row: LeadRow) -> dict[str, Any]:
    """The lead as a call event carries it: no number, no name."""
    shown = {name: row.get(name) for name in _SHOWN} | {"calls": calls_made(row)}
    shown |= {"conversation_id": conversation_id(row), "agent_note_version": row.get("agent_note", {}).get("version")}
    shown["appointment_at"] = row.get("appointment_at") if row.get("call_status") == PENDING else None
    return shown | {"held": hold_view(row), "can_release": can_release(row), "do_not_call": bool(row.get("dnc"))}


def full_view(row: LeadRow) -> dict[str, Any]:
    """The lead as its owner's page shows it."""
    own = {name: row.get(name) for name in (*_DESCRIPTIVE, "agent_note")}
    return event_view(row) | own | {"earlier_calls": earlier_calls(row)}


def conversation_id(row: LeadRow) -> str | None:
    """What an outcome names: the attempt of the last conversation, or the lead's own call.

    None if there was none since the last claim.
    """
    joined, heard = row.get("joined_at", ""), row.get("ring_back_heard_at", "")
    by_us = row["attempt_id"] if joined else None
    return row["ring_back_heard_sid"] if row.get("ring_back_heard_sid") and heard > joined else by_us


def call_record(row: LeadRow) -> CallRecord:
    """What is kept of the row's call once another is wanted."""
    return CallRecord(
        attempt_id=row["attempt_id"],
        call_status=row["call_status"],
        claimed_at=row.get("claimed_at"),
        answered_at=row.get("answered_at"),
        joined_at=row.get("joined_at"),
        abandoned_at=row.get("abandoned_at"),
        ended_at=row.get("ended_at"),
        duration_s=row.get("duration_s"),
        outcome=row.get("outcome"),
    )


def earlier_calls(row: LeadRow) -> list[CallRecord]:
    """The calls before that of the row, which itself shows its last call until the next one is claimed."""
    return [call for call in row.get("earlier_calls", []) if call["attempt_id"] != row.get("attempt_id")]


def calls_made(row: LeadRow) -> int:
    """How often the lead was called, or may have been; a row of 1.0.0 does not count its one call."""
    return int(row.get("calls", 1 if row.get("has_been_called") else 0))


def events_of_last_write(row: LeadRow) -> tuple[str, ...]:
    """Events to push for the row's last write, including stages it skipped, in order."""
    status, was = row["call_status"], row.get("was")
    unheard = was in (PENDING, CLAIMED)
    if (status == "queued" and was != status) or (status in LIVE and unheard):
        return ("call:started",)
    if status in FINAL and row.get("call_sid") and unheard:
        return ("call:started", "call:status_updated", "call:completed")
    if status in FINAL and was == "queued":
        return ("call:status_updated", "call:completed")
    return ("call:completed",) if status in FINAL else ("call:status_updated",)
