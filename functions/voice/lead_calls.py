"""Handles a lead who answered: puts them into their agent's room, or apologises that nobody is there."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger

from autocall import reasons
from autocall.call_outcomes import Unreachable
from autocall.lead_table import LeadTable
from autocall.leads import FINAL, Attempt, LeadKey, LeadRow, is_lead
from autocall.push import Push
from autocall.session import RINGING, Session
from autocall.session_table import SessionTable
from functions.voice.counts import Counts
from functions.voice.documents import Documents, is_call_back
from functions.voice.inbound_documents import InboundDocuments

if TYPE_CHECKING:
    from autocall.twilio_calls import TwilioCalls

logger = Logger(child=True)

_NEVER_AGAIN = "9"
_BY = "the called person"
_NO_PERSON = ("machine_start", "machine_end_beep", "machine_end_silence", "machine_end_other", "fax")
_PERSON_OR_NOT = ("human", "unknown", *_NO_PERSON)


@dataclass(frozen=True)
class Leg:
    """One lead's call, from the signed URL and form; *again* means that the lead was asked to wait before."""

    user: str
    lead: str
    attempt: str
    sid: str
    again: bool = False

    @property
    def is_inbound(self) -> bool:
        """Whether the lead called us: then the attempt is the SID of that call."""
        return is_call_back(self.attempt)


@dataclass(frozen=True)
class LeadCalls:
    """Each method answers one request from Twilio; *limit_s* is the longest call.

    *hang_up_on_machines* is an operator's choice: what machine detection says is otherwise only shown.
    """

    sessions: SessionTable
    leads: LeadTable
    push: Push
    documents: Documents
    counts: Counts
    twilio: Callable[[], "TwilioCalls"]
    limit_s: int
    inbound: InboundDocuments
    hang_up_on_machines: bool = False

    def answer(self, leg: Leg, now: float) -> str:
        """Connect the lead to the agent who was reserved for this attempt, with one write and no other request."""
        self.counts.add("answers")
        taken = self.sessions.take(leg.user, leg.attempt, self.limit_s, now)
        session = Session(taken.row)
        if taken.won:
            return self.documents.lead(leg.user, leg.lead, leg.attempt, session.session_id)
        logger.info(
            "no agent for the answered call", extra={"lead_id": leg.lead, "phase": session.phase, "again": leg.again}
        )
        if session.phase == RINGING and session.attempt == leg.attempt and not leg.again:
            return self.documents.ask_again(leg.user, leg.lead, leg.attempt)
        self._abandon(leg, now)
        return self._apology(leg)

    def alone(self, leg: Leg, session_id: str, since: int, now: float) -> str:
        """For a lead who waits in the room without the agent; after two seconds the lead hears an apology."""
        if since == 0:
            return self.documents.wait(leg.user, leg.lead, leg.attempt, session_id)
        session = self.sessions.get(leg.user)
        if session.has_joined(leg.attempt):
            return self.documents.silence()
        spoken = self.twilio().say(leg.sid, self._apology(leg))
        if not leg.is_inbound:
            self._abandon(leg, now)
        if session.session_id == session_id:
            self._end_if_gone(leg.user, session.call_sid, now)
        return self.documents.silence() if spoken else self.documents.wait(leg.user, leg.lead, leg.attempt, session_id)

    def left(self, leg: Leg, bridged: bool, now: float) -> str:
        """For a lead who is still there after the room ended: a goodbye after a conversation, otherwise an apology."""
        if bridged or self.sessions.get(leg.user).has_joined(leg.attempt):
            return self.documents.it_is_over()
        if not leg.is_inbound and self._abandon(leg, now).get("joined_at"):
            return self.documents.it_is_over()
        return self._apology(leg)

    def menu(self, leg: Leg, digits: str, phone: str, now: float) -> str:
        """Add a lead who presses 9 to the agent's do-not-call list, whatever state the lead is in."""
        if digits != _NEVER_AGAIN or not phone:
            return self.documents.goodbye()
        row = self.leads.add_to_dnc(LeadKey(leg.user, leg.lead), phone, _BY, now).row
        self.counts.add("never_again")
        if is_lead(row):
            self.push.push_lead(leg.user, row)
        return self.documents.never_again()

    def answered_by(self, attempt: Attempt, sid: str, who: str, now: float) -> None:
        """Record who answered, as Twilio's machine detection thinks, and show it; its first word counts."""
        if who not in _PERSON_OR_NOT:
            return
        written = self.leads.mark_answered_by(attempt, who, now)
        if written.won:
            if who in _NO_PERSON:
                self.counts.add("answered_by_machine")
            self.push.push_lead(attempt.user, written.row)
        machine = written.row.get("attempt_id") == attempt.id and written.row.get("answered_by") in _NO_PERSON
        if machine and self.hang_up_on_machines and sid == written.row.get("call_sid", sid):
            self.twilio().hang_up(sid)  # also for a repeat: the first try may have failed before

    def _apology(self, leg: Leg) -> str:
        if leg.is_inbound:
            return self.inbound.menu(leg.user, leg.lead)
        return self.documents.sorry(leg.user, leg.lead, leg.attempt)

    def _abandon(self, leg: Leg, now: float) -> LeadRow:
        """Mark the call as abandoned, once, and never after a conversation; returns the lead's row after that."""
        abandoned = self.leads.mark_abandoned(Attempt(leg.user, leg.lead, leg.attempt), now)
        if abandoned.won:
            self.counts.add("abandoned")
            self.push.push_lead(leg.user, abandoned.row)
        return abandoned.row

    def _end_if_gone(self, user: str, sid: str, now: float) -> None:
        try:
            call = self.twilio().fetch(sid)
        except Unreachable:
            return
        if call is None or call.status in FINAL:
            ended = self.sessions.end(user, sid=sid, reason=reasons.LEFT, now=now)
            if ended.won:
                self.push.session(user, Session(ended.row), now)
