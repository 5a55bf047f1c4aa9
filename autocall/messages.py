"""The frames on the socket and the messages on the queue. Pure."""

import json
from dataclasses import asdict, dataclass
from typing import Any

MAX_FRAME = 32 * 1024
FETCHED = "leads:fetched"  # the frame, and the cause of its run: the page is told how many will be called
# Why a run is queued that shall bring back leads before the time until which they are held:
HOURS = "hours"  # the agent's hours have widened, or more is known of where a lead is
MENDED = "mended"  # a person says that what Twilio refused may be tried again


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
    """*Look at this user again*: all that a message on the queue says. `correlation_id` follows it through the logs."""

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
