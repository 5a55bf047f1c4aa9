"""Handles the frames that pages send over the socket."""

from dataclasses import dataclass
from typing import Any

from autocall.agent_table import AgentTable, Touch
from autocall.dial_queue import DialQueue
from autocall.lead_table import LeadTable
from autocall.messages import FETCHED, BadFrame, Cause, read_frame
from autocall.pause import pause, resume
from autocall.push import Push
from autocall.timing import now
from functions.leads_fetched.agent_frames import AgentFrames, held_session

UNKNOWN = "unknown_event"
MALFORMED = "malformed_frame"
EXPIRED = "token_expired"
FORGOTTEN = "connection_closed"
TOO_FAST = "too_fast"
_FORGOTTEN = "this connection has been closed: open a new one"


@dataclass(frozen=True)
class Frame:
    """One frame and its sender; `correlation_id` is logged with everything that the frame causes."""

    user: str
    connection: str
    token_expires_at: int
    correlation_id: str
    body: str | None


@dataclass(frozen=True)
class FrameHandler:
    """Handles frames; each one also shows that the page is still connected."""

    agents: AgentTable
    leads: LeadTable
    queue: DialQueue
    push: Push
    agent_frames: AgentFrames

    def handle(self, frame: Frame) -> str:
        """Apply the frame; returns its outcome for the log."""
        moment = now()
        if frame.token_expires_at <= moment:
            return self._reject_and_close(
                frame, EXPIRED, "the token has expired: open a new connection with a fresh one"
            )
        try:
            event, data = read_frame(frame.body)
        except BadFrame as bad:
            return self._bad(frame, moment, str(bad))
        holds = held_session(frame.body)
        seen = self.agents.touch(frame.user, frame.connection, moment, holds, fetched=event == FETCHED)
        if seen is Touch.GONE:
            return self._reject_and_close(frame, FORGOTTEN, _FORGOTTEN)
        if seen is Touch.TOO_FAST:
            return self._error(frame, TOO_FAST, f"{FETCHED} may be sent once a second: a run checks all leads anyway")
        return self._do(frame, event, data, moment)

    def _do(self, frame: Frame, event: str, data: dict[str, Any], moment: float) -> str:
        if event == FETCHED:
            self.queue.enqueue_run(frame.user, Cause.FETCHED, frame.correlation_id)
        elif event == "ping":
            self.push.send(frame.user, frame.connection, "pong")
        elif event == "autocall:pause" and data.get("cancel_ringing"):
            return self._error(frame, MALFORMED, "calls are canceled by POST /api/autocall/pause, not over the socket")
        elif event == "autocall:pause":
            pause(self.agents, self.leads, self.push, frame.user, now=moment)
        elif event == "autocall:resume":
            resume(self.agents, self.queue, self.push, frame.user, frame.correlation_id)
        elif event in ("agent:ready", "agent:typing"):
            return self._of_the_agent(frame, event, data, moment)
        else:
            return self._error(frame, UNKNOWN, f"there is no event {event[:40]!r}")
        return event

    def _bad(self, frame: Frame, moment: float, wrong: str) -> str:
        """Answer a malformed frame, which also shows that the page is still connected."""
        if self.agents.touch(frame.user, frame.connection, moment) is Touch.GONE:
            return self._reject_and_close(frame, FORGOTTEN, _FORGOTTEN)
        return self._error(frame, MALFORMED, wrong)

    def _of_the_agent(self, frame: Frame, event: str, data: dict[str, Any], moment: float) -> str:
        try:
            self.agent_frames.answer(frame.user, event, data, frame.correlation_id, moment)
        except BadFrame as bad:
            return self._error(frame, MALFORMED, str(bad))
        return event

    def _error(self, frame: Frame, code: str, message: str) -> str:
        self.push.send(frame.user, frame.connection, "error", {"code": code, "message": message})
        return code

    def _reject_and_close(self, frame: Frame, code: str, message: str) -> str:
        self._error(frame, code, message)
        self.push.close(frame.connection)
        return code
