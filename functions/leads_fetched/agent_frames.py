"""Frames about the agent's own call: which session the page holds, `agent:ready` and `agent:typing`."""

from dataclasses import dataclass
from typing import Any

from autocall.dial_queue import DialQueue
from autocall.messages import BadFrame, Cause, read_frame
from autocall.push import Push
from autocall.session import Session
from autocall.session_table import SessionTable

_READY = "agent:ready"
_LONGEST_ID = 64


def held_session(body: str | None) -> str | None:
    """The session id in a ping, "" for none; None for any other frame."""
    try:
        event, data = read_frame(body)
    except BadFrame:
        return None
    return str(data.get("session_id") or "")[:_LONGEST_ID] if event == "ping" else None


@dataclass(frozen=True)
class AgentFrames:
    """Handles `agent:ready` and `agent:typing`, each about one attempt."""

    sessions: SessionTable
    queue: DialQueue
    push: Push

    def answer(self, user: str, event: str, data: dict[str, Any], correlation_id: str, now: float) -> None:
        """Apply the frame; BadFrame if it is invalid."""
        attempt = data.get("attempt_id")
        if not isinstance(attempt, str) or not attempt:
            raise BadFrame("attempt_id must be a string")
        written = (self.sessions.done if event == _READY else self.sessions.extend)(user, attempt, now)
        session = Session(written.row)
        if event == _READY and session.attempt != attempt:  # also for a repeat: the first try may have failed before
            self.queue.enqueue_run(user, Cause.READY, correlation_id)
        if written.won:
            self.push.session(user, session, now)
