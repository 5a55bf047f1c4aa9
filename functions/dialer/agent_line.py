"""The agent's own call during a run: ends expired sessions, rings their phone, reserves the agent before a POST."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace

from aws_lambda_powertools import Logger

from autocall import reasons
from autocall.agent_phone import AgentPhone
from autocall.agent_table import Agent
from autocall.call_outcomes import Unreachable
from autocall.leads import FINAL, LeadRow
from autocall.push import Push
from autocall.session import LIVE, PHONE, Session, wrap_up_of
from autocall.session_table import SessionTable, SessionWrite
from autocall.timing import Timing, now, parse
from autocall.twilio_calls import TwilioCalls
from functions.dialer.agent_gate import Stop, line_stop

logger = Logger(child=True)

_OF_NO_USE = (reasons.NOT_PICKED_UP, reasons.NOT_ACCEPTED)


@dataclass(frozen=True)
class AgentLine:
    """Used where agents are on the line before anybody is called; *wrap_up_s* is the installation's setting."""

    sessions: SessionTable
    calls: TwilioCalls
    phone: AgentPhone
    push: Push
    timing: Timing
    wrap_up_s: int
    clock: Callable[[], float] = now

    # -- at the start of a run -----------------------------------------------------------------------------------------

    def tidy(self, user: str, agent: Agent, is_in_flight: Callable[[str], bool]) -> Agent:
        """End what has expired, and return the agent after that; *is_in_flight* says it of a lead's call.

        It reads that after the session was read. So a reservation for a lead that is not in flight belongs to a call
        that has ended, or was never made.
        """
        session = agent.session
        if session.attempt and not session.inbound_call and not is_in_flight(session.lead):
            session = self._tell(user, agent, session, self.sessions.free(user, session.attempt, self.clock()))
        if session.call_back_is_overdue(self.clock(), self.timing):
            session = self._ask_after_the_call_back(user, agent, session)
        if session.has_run_out(self.clock(), self.timing):
            ended = self.sessions.end(user, session_id=session.session_id, now=self.clock())
            session = self._tell(user, agent, session, ended)
        if self._is_unheard(session):
            session = self._ask_after(user, agent, session)
        return replace(agent, session=session)

    def _ask_after_the_call_back(self, user: str, agent: Agent, session: Session) -> Session:
        try:
            call = self.calls.fetch(session.inbound_call)
        except Unreachable as unreachable:
            logger.warning("Twilio cannot say whether a call back goes on", extra={"error": str(unreachable)})
            return session
        if call is None or call.status in FINAL:
            return self._tell(user, agent, session, self.sessions.free(user, session.attempt, self.clock()))
        return session

    def _is_unheard(self, session: Session) -> bool:
        """A page reports every minute that it holds its call; a phone reports only its end."""
        if session.phase != LIVE or session.via != PHONE:
            return False
        return self.clock() - parse(session.item["heard_at"]) >= self.timing.unheard

    def _ask_after(self, user: str, agent: Agent, session: Session) -> Session:
        try:
            call = self.calls.fetch(session.call_sid)
        except Unreachable as unreachable:
            logger.warning("Twilio cannot say whether an agent is on the line", extra={"error": str(unreachable)})
            return session
        logger.info("checked an agent's own call", extra={"user_id": user, "status": call and call.status})
        if call is None or call.status in FINAL:
            ended = self.sessions.end(user, sid=session.call_sid, reason=reasons.LEFT, now=self.clock())
            return self._tell(user, agent, session, ended)
        return Session(self.sessions.heard(user, session.session_id, self.clock()).row)

    # -- the agent's phone ---------------------------------------------------------------------------------------------

    def may_ring(self, agent: Agent, stop: Stop | None) -> bool:
        """Whether only a call to the agent's phone is missing, and they did not refuse the last one."""
        if stop is None or stop.reason != reasons.SESSION or agent.profile.get("via") != PHONE:
            return False
        reason = agent.session.reason
        refused = reason in _OF_NO_USE or reasons.is_refusal(reason)
        return bool(agent.profile.get("agent_phone")) and not refused

    def ring(self, user: str, agent: Agent) -> tuple[Agent, Stop | None]:
        """Open a session and ring the agent's phone. Returns the agent after that, and why nobody is called yet."""
        session_id, moment = uuid.uuid4().hex, self.clock()
        wrap_up_s = wrap_up_of(agent.profile, self.wrap_up_s)
        opened = self.sessions.open(user, session_id, PHONE, wrap_up_s, moment, by_machine=True)
        session = Session(opened.row)
        if opened.won:
            outcome, written = self.phone.ring(self.calls, user, agent.profile["agent_phone"], session_id, self.clock())
            logger.info("placed the agent's own call", extra={"user_id": user, "outcome": repr(outcome)})
            session = self._tell(user, agent, session, written or opened)
        agent = replace(agent, session=session)
        return agent, line_stop(agent, self.clock(), self.timing)

    # -- one lead ------------------------------------------------------------------------------------------------------

    def reserve(self, row: LeadRow, agent: Agent) -> tuple[Agent, Stop | None]:
        """Reserve the agent for the claimed lead. Returns a Stop if they are not ready any more."""
        moment = self.clock()
        session_id, user = agent.session.session_id, row["user_id"]
        written = self.sessions.reserve(user, session_id, row["lead_id"], row["attempt_id"], moment)
        agent = replace(agent, session=Session(written.row))
        if written.won:
            return agent, None
        another = Stop(reasons.SESSION, moment + self.timing.margin)  # a new session has replaced it
        return agent, line_stop(agent, moment, self.timing) or another

    def kept(self, row: LeadRow, agent: Agent) -> Stop:
        """The call was placed, or may have been: the agent stays reserved until it has ended."""
        self._show(row["user_id"], agent, agent.session)
        return Stop(reasons.ON_CALL, parse(agent.session.item["call_until"]))

    def let_go(self, row: LeadRow, agent: Agent) -> Agent:
        """The call certainly was not placed: free the agent."""
        freed = self.sessions.free(row["user_id"], row["attempt_id"], self.clock())
        return replace(agent, session=Session(freed.row))

    def _tell(self, user: str, agent: Agent, before: Session, written: SessionWrite) -> Session:
        """The session as it is now; pushed to all tabs if this write changed it."""
        session = Session(written.row) if written.row else before
        if written.won:
            self._show(user, agent, session)
        return session

    def _show(self, user: str, agent: Agent, session: Session) -> None:
        self.push.session(user, session, self.clock(), agent.connections, waits=False)
