"""The agent's own call: joining the room, the room's events, and the end."""

from dataclasses import dataclass

from aws_lambda_powertools import Logger

from autocall import reasons
from autocall.agent_table import Connection
from autocall.dial_queue import DialQueue
from autocall.lead_table import LeadTable
from autocall.leads import FINAL, Attempt, LeadKey, event_view
from autocall.messages import Cause
from autocall.push import Push
from autocall.session import Session
from autocall.session_table import SessionTable, SessionWrite
from autocall.timing import parse
from functions.voice.counts import Counts
from functions.voice.documents import AGENT, Documents, is_call_back, parts_of

logger = Logger(child=True)

_LATE_S = 2


@dataclass(frozen=True)
class RoomEvent:
    """One conference event; *lead* is set if the lead was in the room before the agent."""

    user: str
    session: str
    event: str
    participant: str
    attempt: str = ""
    lead: str = ""


@dataclass(frozen=True)
class AgentCalls:
    """Each method handles one request from Twilio, which may come twice, late, or out of order."""

    sessions: SessionTable
    leads: LeadTable
    queue: DialQueue
    push: Push
    documents: Documents
    counts: Counts

    def document(self, user: str, session: str, sid: str, correlation_id: str, now: float) -> str:
        """The agent is on the line: returns the room's TwiML and queues a run, also for a repeat."""
        live = self.sessions.live(user, session, sid, now)
        if not live.won:
            logger.info("session is not open", extra={"user_id": user, "session_id": session})
            return self.documents.not_this_line()
        self.queue.enqueue_run(user, Cause.ON_THE_LINE, correlation_id)
        self._show(user, live, now)
        return self.documents.agent(user, session)

    def over(self, user: str, session: str, sid: str, status: str, now: float) -> None:
        """End the session with the call's final status; the reason says whether a phone that rang was answered."""
        if status not in FINAL:
            return
        while_ringing = reasons.NOT_ACCEPTED if status == "completed" else reasons.NOT_PICKED_UP
        ended = self.sessions.end(user, session_id=session, sid=sid, while_ringing=while_ringing, now=now)
        self._show(user, ended, now)

    def room(self, event: RoomEvent, now: float, correlation_id: str) -> None:
        """Handle a participant who joined or left, or the end of the room."""
        if event.event == "conference-end" or (event.event == "participant-leave" and event.participant == AGENT):
            ended = self.sessions.end(event.user, session_id=event.session, reason=reasons.LEFT, now=now)
            return self._show(event.user, ended, now)
        attempt, lead = _joined(event)
        if attempt:
            return self._join(event.user, lead, attempt, now)
        gone, _ = parts_of(event.participant)
        if event.event == "participant-leave" and gone:
            self._free(event.user, gone, now, correlation_id)
        self.sessions.heard(event.user, event.session, now)
        return None

    def _join(self, user: str, lead: str, attempt: str, now: float) -> None:
        session = self.sessions.joined(user, attempt, now)
        if is_call_back(attempt):
            row = self.leads.mark_ring_back_heard(LeadKey(user, lead), attempt, now)
        else:
            row = self.leads.mark_joined(Attempt(user, lead, attempt), now)
        if not row.won:
            return
        self.counts.add("joined")
        if taken := session.row.get("call_taken"):
            self._measure(max(0.0, now - parse(taken)))
        to = self.push.connections(user)
        if is_call_back(attempt):  # no call of ours has moved
            self.push.broadcast(user, "call:status_updated", event_view(row.row), to)
        else:
            self.push.push_lead(user, row.row, to)
        self._show(user, session, now, to)

    def _measure(self, waited_s: float) -> None:
        """Record the time from the lead's answer until agent and lead are connected."""
        self.counts.measure("join_time", waited_s * 1000)
        if waited_s > _LATE_S:
            self.counts.add("joined_late")

    def _free(self, user: str, attempt: str, now: float, correlation_id: str) -> None:
        """The lead has left: free the agent, and queue a run unless a wrap-up comes first.

        A repeat queues one too, because the first try may have failed before it did.
        """
        freed = self.sessions.free(user, attempt, now)
        self._show(user, freed, now)  # a repeat finds nothing to show
        if not Session(freed.row).is_wrapping_of(attempt, now):
            self.queue.enqueue_run(user, Cause.CALL_ENDED, correlation_id)

    def _show(self, user: str, written: SessionWrite, now: float, to: tuple[Connection, ...] | None = None) -> None:
        if written.won:
            self.push.session(user, Session(written.row), now, to)


def _joined(event: RoomEvent) -> tuple[str, str]:
    """The attempt and the lead that are connected to the agent by this event; ("", "") if none are.

    That is when the second of the two joins: the lead if the agent was first, otherwise the agent.
    """
    if event.event != "participant-join":
        return "", ""
    if event.attempt:
        return (event.attempt, event.lead) if event.participant == AGENT else ("", "")
    return parts_of(event.participant)
