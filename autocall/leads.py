"""What a lead is: its statuses, who it belongs to, and how a row looks to the page. Pure."""

import base64
import hashlib
import re
from collections.abc import Mapping
from typing import Any

from autocall import reasons

Row = Mapping[str, Any]

PENDING = "pending"
CLAIMED = "claimed"
UNKNOWN = "unknown"
LIVE = ("queued", "initiated", "ringing", "in-progress")
FINAL = ("completed", "busy", "no-answer", "failed", "canceled")
STATUSES = (PENDING, CLAIMED, *LIVE, UNKNOWN, *FINAL)

WAIT, BUSY, LOST = "wait#", "busy#", "lost#"

_PLAIN_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_SHOWN = (
    *("lead_id", "attempt_id", "call_status", "reason", "call_sid", "version"),
    *("at", "placed_at", "answered_at", "ended_at", "duration_s"),
)
_DESCRIPTIVE = ("phone", "name", "zones", "state", "timezone", "note", "external_id", "extra")


def user_id(subject: str) -> str:
    """The user's key everywhere: the token's `sub` if it is plain, else `~` and a hash of it."""
    if _PLAIN_ID.fullmatch(subject):
        return subject
    return "~" + _short_hash(subject)


def lead_id(user: str, phone: str) -> str:
    """One lead per user and E.164 number, so a number imported twice is one lead."""
    return _short_hash(f"{user}\n{phone}")


def number_hash(phone: str) -> str:
    """The number's name on the installation's do-not-call list."""
    return _short_hash(phone)


def _short_hash(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")


def before(status: str) -> tuple[str, ...]:
    """The statuses that a report of *status* may follow; none of a lower rank may follow it."""
    live = LIVE if status in FINAL else LIVE[: LIVE.index(status)]
    return (PENDING, CLAIMED, UNKNOWN, *live)


def can_release(row: Row) -> bool:
    """Whether a person may put the lead back: its outcome is unknown and Twilio was asked past the bound."""
    return row.get("call_status") == UNKNOWN and str(row.get("due", "")).startswith(LOST)


def held(row: Row) -> dict[str, Any] | None:
    """Why a waiting lead is not called now, and until when (None: until a person changes something)."""
    if row.get("call_status") != PENDING or not row.get("held"):
        return {"reason": reasons.DNC, "until": None} if row.get("dnc") and row.get("call_status") == PENDING else None
    due = str(row.get("due", ""))
    return {"reason": row["held"]["reason"], "until": due.removeprefix(WAIT) if due.startswith(WAIT) else None}


def call_view(row: Row) -> dict[str, Any]:
    """The lead as a call event carries it: no number, no name."""
    shown = {name: row.get(name) for name in _SHOWN}
    return shown | {"held": held(row), "can_release": can_release(row), "do_not_call": bool(row.get("dnc"))}


def view(row: Row) -> dict[str, Any]:
    """The lead as its owner's page shows it."""
    return call_view(row) | {name: row.get(name) for name in _DESCRIPTIVE}


def events(row: Row) -> tuple[str, ...]:
    """The events that the last write of *row* tells; a write that skipped a stage tells the skipped ones first."""
    status, was = row["call_status"], row.get("was")
    unheard = was in (PENDING, CLAIMED)
    if status == "queued" or (status in LIVE and unheard):
        return ("call:started",)
    if status in FINAL and row.get("call_sid") and unheard:
        return ("call:started", "call:status_updated", "call:completed")
    if status in FINAL and was == "queued":
        return ("call:status_updated", "call:completed")
    return ("call:completed",) if status in FINAL else ("call:status_updated",)
