"""Somebody calls the number that we call from: the agent who called them last, or a document that names nobody."""

import re
from dataclasses import dataclass

from aws_lambda_powertools import Logger

from autocall.called import Called
from autocall.called_table import CalledTable
from autocall.dial_queue import DialQueue
from autocall.installation_table import InstallationTable
from autocall.lead_table import LeadTable
from autocall.leads import FINAL, LeadKey, event_view, is_lead, number_hash, number_hashes
from autocall.messages import Cause
from autocall.push import Push
from autocall.session import LIVE, Session
from autocall.session_table import SessionTable
from autocall.together import together
from functions.voice.counts import Counts
from functions.voice.documents import Documents
from functions.voice.inbound_documents import InboundDocuments

logger = Logger(child=True)

BY_THE_CALLER = "the caller"
_CALL_ME_BACK, _NEVER_AGAIN = "1", "9"
_MOST_WAITS = 3
_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
_WITHHELD = {"+266696687", "+7378742833", "+2562533", "+8656696", "+86282452253"}  # words in digits, as Twilio sends


@dataclass(frozen=True)
class InboundCall:
    """One call to our number, from Twilio's form; the ids are from our own signed address, once the caller waits."""

    caller: str
    sid: str
    user: str = ""
    lead: str = ""
    waited: int = 0

    @property
    def phone(self) -> str:
        """The caller's number; "" if it is withheld, or no number."""
        return self.caller if _NUMBER.fullmatch(self.caller) and self.caller not in _WITHHELD else ""


@dataclass(frozen=True)
class InboundCalls:
    """Each method answers one request, which may come twice. No lead's call state moves."""

    called: CalledTable
    sessions: SessionTable
    leads: LeadTable
    installation: InstallationTable
    queue: DialQueue
    push: Push
    rooms: Documents
    documents: InboundDocuments
    counts: Counts
    limit_s: int

    def answer(self, call: InboundCall, now: float, correlation_id: str) -> str:
        """The room of the agent who called this number last, if they are free; else the menu.

        A run is queued, because the caller may have hung up: their end, if it was reported before, has freed nobody.
        They meet their agent even if it cannot be queued: their end, or the agent, frees the agent then.
        """
        key = LeadKey(call.user, call.lead) if call.user else self._lead(call, now)
        if key is None:
            self.counts.add("inbound_unknown")
            return self.documents.menu()
        taken = self.sessions.take_inbound(key.user, key.lead, call.sid, self.limit_s, now)
        session = Session(taken.row)
        if taken.won:
            together(
                lambda: self.push.session(key.user, session, now),
                lambda: self.queue.try_to_enqueue_run(key.user, Cause.RANG_BACK, correlation_id),
            )
            return self.rooms.lead(key.user, key.lead, call.sid, session.session_id)
        busy = session.phase == LIVE  # and could not be taken
        logger.info("no agent for who calls back", extra={"lead_id": key.lead, "phase": session.phase, "busy": busy})
        if busy and call.waited < _MOST_WAITS:
            return self.documents.one_moment(key.user, key.lead, call.waited)
        return self.documents.menu(key.user, key.lead)

    def menu(self, call: InboundCall, digits: str, now: float) -> str:
        """What the caller has chosen. Without a lead of ours nothing is kept but that they are never to be called."""
        if digits == _CALL_ME_BACK:
            if call.user:
                written = self.leads.mark_ring_back_asked(LeadKey(call.user, call.lead), now)
                if written.won:
                    self.push.broadcast(call.user, "call:status_updated", event_view(written.row))
            return self.documents.noted()
        if digits == _NEVER_AGAIN and call.phone:
            self.counts.add("never_again")
            self.installation.add_to_dnc([number_hashes(call.phone)[0]], BY_THE_CALLER, now)
            if call.user:
                key = LeadKey(call.user, call.lead)
                row = self.leads.add_to_dnc(key, call.phone, BY_THE_CALLER, now).row
                if is_lead(row):
                    self.push.push_lead(call.user, row)
            return self.documents.never_again()
        return self.documents.goodbye()

    def over(self, call: InboundCall, status: str, now: float, correlation_id: str) -> None:
        """The number's own report that the call has ended: the agent is free, also if no word of the room came."""
        if status not in FINAL or not call.phone:
            return
        called = self.called.get(number_hash(call.phone), now)
        if not called.attempt:
            return
        freed = self.sessions.free(called.agent, call.sid, now)
        if freed.won:
            self.push.session(called.agent, Session(freed.row), now)
            if not Session(freed.row).is_wrapping_of(call.sid, now):
                self.queue.enqueue_run(called.agent, Cause.CALL_ENDED, correlation_id)

    def _lead(self, call: InboundCall, now: float) -> LeadKey | None:
        """The lead that was called at this number last, noted as calling back; None for a stranger."""
        called = self.called.get(number_hash(call.phone), now) if call.phone else Called()
        if not called.attempt:
            return None
        written = self.leads.mark_rang_back(LeadKey(called.agent, called.lead), call.sid, now)
        if not is_lead(written.row):
            return None
        if written.won:
            self.counts.add("rang_back")
        self.push.broadcast(called.agent, "call:status_updated", event_view(written.row))
        return LeadKey(called.agent, called.lead)
