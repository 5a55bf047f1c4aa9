"""The frames on the socket and the messages on the queue. Pure."""

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

MAX_FRAME = 32 * 1024
FETCHED = "leads:fetched"  # the page's frame


class Cause(StrEnum):
    """Why a run is queued. Three change what the run does; of the others each means: look at this agent again."""

    FETCHED = FETCHED
    """A page asks: the run tells it how many leads will be called."""
    HOURS = "hours"
    """The agent's hours have widened, or more is known of where a lead is: leads come back earlier."""
    MENDED = "mended"
    """A person says that what Twilio refused may be tried again: leads that Twilio refused come back."""

    CONTINUE = "continue"
    """The run before had no time left."""
    CALL_ENDED = "call ended"
    """A line is free."""
    READY = "ready"
    """The agent says that they are ready for the next call."""
    ON_THE_LINE = "on the line"
    """The agent's own call has been connected."""
    IMPORTED = "imported"
    RELEASED = "released"
    RANG_BACK = "rang back"
    """A lead calls back and the agent is kept for them: the run says when it asks whether they are still there."""
    CONFIRMED = "confirmed"
    AGAIN = "again"
    """A person lets a lead be called again."""
    ALLOWED = "allowed"
    """A lead was taken off the do-not-call list."""
    SETTINGS = "settings"
    RESUMED = "resumed"


class BadFrame(ValueError):
    """A client's frame that cannot be read; its text says why, for the person at the other end."""


def frame(event: str, data: Any = None) -> bytes:
    """One server frame, as it goes over the wire."""
    return json.dumps({"event": event, "data": data}, separators=(",", ":")).encode()


def read_frame(body: str | None) -> tuple[str, dict[str, Any]]:
    """The event and data of a client's frame; BadFrame says what is wrong with it."""
    if body and len(body) > MAX_FRAME:
        raise BadFrame(f"a frame may have at most {MAX_FRAME} bytes")
    try:
        read = json.loads(body or "")
    except (ValueError, RecursionError):
        raise BadFrame('a frame is JSON: {"event": …, "data": …}') from None
    if not isinstance(read, dict) or not isinstance(read.get("event"), str):
        raise BadFrame('a frame is an object with a text under "event"')
    data = read.get("data")
    if data is not None and not isinstance(data, dict):
        raise BadFrame('"data" is an object, or absent')
    return read["event"], data or {}


@dataclass(frozen=True)
class RunMessage:
    """A run to do for this user. `cause` is a `Cause`, or of another release; `correlation_id` is for the logs."""

    user_id: str
    cause: str
    correlation_id: str
    v: int = 1

    def dumps(self) -> str:
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def loads(cls, text: str) -> "RunMessage":
        """Read a message of this or an earlier release; ValueError names what is missing."""
        read = json.loads(text)
        if not isinstance(read, dict) or not isinstance(read.get("user_id"), str):
            raise ValueError("a run message needs a user_id")
        return cls(
            read["user_id"], str(read.get("cause", "")), str(read.get("correlation_id", "")), int(read.get("v", 1))
        )
