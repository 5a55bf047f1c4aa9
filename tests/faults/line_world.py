"""The world with agents on the line: Twilio's rooms and legs as they truly are, and every word of them on its way.

A word is a request of Twilio's: it may come late, twice, out of order, or be answered by a function that dies; a report
may be lost altogether. What is heard is Twilio's truth: who is in which room, and who was told a sentence.
"""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from autocall import leads
from autocall.agent_phone import AgentPhone
from autocall.audio import Audio
from autocall.dynamo import from_dynamo
from autocall.session import BROWSER, Session
from autocall.twilio_calls import TwilioCall
from functions.dialer.agent_line import AgentLine
from functions.dialer.call_request import CallRequest
from functions.dialer.dial import Dialer
from functions.dialer.run import Services as DialerTools
from functions.status_webhook.status_callback import CallbackHandler
from functions.voice.agent_calls import AgentCalls, RoomEvent
from functions.voice.counts import Counts
from functions.voice.documents import AGENT, Documents, label
from functions.voice.lead_calls import LeadCalls, Leg
from tests.faults.effects import Fault
from tests.faults.model_twilio import Call
from tests.faults.tables import AGENTS
from tests.faults.world import SENDER, TIMES, USER, World

URL, LIMIT_S = "https://autocall.example", 3600
AUDIO = Audio("agent", "Acme", SENDER, 30, "https://page.example/sorry.xml")


@dataclass
class AgentLeg:
    """One call of the agent's page; *silent* is one that has died without Twilio's notice."""

    sid: str
    session: str
    alive: bool = True
    silent: bool = False


class LineWorld(World):
    """One agent; every method is one thing that can happen, as in the world that it extends."""

    def __init__(self, **choices: Any) -> None:
        super().__init__(lines=1, **choices)
        self.legs: list[AgentLeg] = []
        self.rooms: dict[str, set[str]] = {}
        self.told: Counter[str] = Counter()
        self.joined: set[str] = set()
        self.answered: dict[str, Call] = {}
        self.words: list[Callable[[Fault | None], object]] = []
        documents = Documents(AUDIO.company, AUDIO.callback_number, URL)
        counts = Counts()
        rooms: Any = self
        self.agent_calls = AgentCalls(self.sessions, self.leads, self.queue, self.push, documents, counts)
        self.lead_calls = LeadCalls(self.sessions, self.leads, self.push, documents, counts, lambda: rooms, LIMIT_S)
        self._reports = CallbackHandler(self.leads, self.queue, self.push, self.sessions)

    def _dialer_tools(self, lines: int, calls_per_second: float) -> DialerTools:
        tools = super()._dialer_tools(lines, calls_per_second)
        options = CallRequest(SENDER, 25, LIMIT_S, "", "", URL, AUDIO)
        phone = AgentPhone(self.sessions, SENDER, 25, URL)
        line = AgentLine(self.sessions, self.calls, phone, self.push, TIMES, AUDIO.wrap_up_s)
        dial = Dialer(self.leads, self.agents, self.installation, self.calls, options, self._hours, TIMES, line=line)
        return replace(tools, dialer=dial, line=line)

    # -- what a function asks of Twilio about calls that go on ---------------------------------------------------------

    def say(self, sid: str, twiml: str) -> bool:
        """The lead leaves its room and hears that."""
        call = self.answered.get(sid)
        if call is None or call.ended:
            return False
        self._out_of_rooms(sid)
        self.told[sid] += "We are sorry" in twiml
        return True

    def fetch(self, sid: str) -> TwilioCall | None:
        leg = next((leg for leg in self.legs if leg.sid == sid), None)
        status = "in-progress" if leg and leg.alive else "completed"
        return TwilioCall(sid, status, SENDER, None, None) if leg else None

    # -- the agent -----------------------------------------------------------------------------------------------------

    def opens(self, fault: Fault | None = None) -> None:
        """The page opens a session, and its call reaches Twilio; the former leg ends."""
        session, sid = f"s{len(self.legs)}", f"CAagent{len(self.legs):025}"
        former: list[str] = []

        def request() -> None:
            opened = self.sessions.open(USER, session, BROWSER, 30, self.now)
            former.append(str(opened.row.get("former_sid", "")))

        if self._invoke(request, 29, fault) is None:
            return
        for leg in self.legs:
            if leg.sid == former[0]:
                self.leg_ends(leg)
        leg = AgentLeg(sid, session)
        self.legs.append(leg)
        self.holds(session)
        self._ask_for_the_agent(leg, fault)

    def _ask_for_the_agent(self, leg: AgentLeg, fault: Fault | None) -> None:
        """Twilio asks for the agent's document, twice at most; without one the call ends."""
        for attempt in range(2):
            heard: list[str] = []
            asks = lambda heard=heard: heard.append(  # noqa: E731
                self.agent_calls.document(USER, leg.session, leg.sid, "c", self.now)
            )
            if self._invoke(asks, 10, fault if attempt == 0 else None) is not None:
                break
        if heard and f">{leg.session}</Conference>" in heard[0]:
            self._enter(leg.session, leg.sid, AGENT)
        else:
            self.leg_ends(leg)

    def holds(self, session: str = "") -> None:
        """Every open page says which session it holds."""
        for tab in list(self.sockets.open):
            self._invoke(partial(self.agents.touch, USER, tab, self.now, session), 10, None)

    def leg_ends(self, leg: AgentLeg) -> None:
        """Twilio notices that the agent's call is over, and so is the room."""
        if not leg.alive:
            return
        leg.alive = False
        self.rooms.get(leg.session, set()).discard(leg.sid)
        for sid in list(self.rooms.pop(leg.session, ())):
            self._leave(leg.session, sid)
            self._dial_is_over(self.answered[sid])
        self._room_says(leg.session, "conference-end")
        self._word(lambda: self.agent_calls.over(USER, "", leg.sid, "completed", self.now))

    # -- leads ---------------------------------------------------------------------------------------------------------

    def answers(self, call: Call, fault: Fault | None = None) -> None:
        """Somebody picks up: Twilio asks what they shall hear, once more if that fails, and else reads the fallback."""
        if call.ended or call.sid in self.answered:
            return
        self.twilio.becomes(call, "in-progress")
        self.answered[call.sid] = call
        user, lead, attempt = call.where
        document = ""
        for again in (False, False, True):
            leg, heard = Leg(user, lead, attempt, call.sid, again), list[str]()
            asks = lambda leg=leg, heard=heard: heard.append(self.lead_calls.answer(leg, self.now))  # noqa: E731
            done = self._invoke(asks, 10, None if document else fault)
            document = heard[0] if heard and done is not None else ""
            fault = None
            if "again=1" in document:
                self.wait(1)
                continue
            if document:
                break
        room = re.search(r">([^<>]+)</Conference>", document)
        if room is None:
            self.told[call.sid] += 1  # the apology, or the static document
            return
        self._enter(room[1], call.sid, label(attempt, lead), by_lead=call)

    def hangs_up(self, call: Call, status: str = "completed", *, impatient: bool = False) -> None:
        """The call ends, by whoever; an *impatient* lead does so before anybody could say a word."""
        if call.ended:
            return
        self.told[call.sid] += impatient
        self._out_of_rooms(call.sid)
        self.twilio.becomes(call, status if call.sid not in self.answered else "completed")

    def alone_for_two_seconds(self, fault: Fault | None = None) -> None:
        """Whoever is in a room without its agent is asked after, until they are told something."""
        for room, inside in list(self.rooms.items()):
            if self._agent_of(room):
                continue
            for sid in list(inside):
                user, lead, attempt = self.answered[sid].where
                leg = Leg(user, lead, attempt, sid)
                for at in range(2):
                    asks = lambda leg=leg: self.lead_calls.alone(leg, room, 1, self.now)  # noqa: E731, B023
                    self._invoke(asks, 10, fault if at == 0 else None)

    # -- rooms ---------------------------------------------------------------------------------------------------------

    def _enter(self, room: str, sid: str, participant: str, by_lead: Call | None = None) -> None:
        inside = self.rooms.setdefault(room, set())
        first = not inside
        inside.add(sid)
        self._look_into(room)
        more: dict[str, str] = {}
        if first and by_lead:
            more = {"attempt": by_lead.where[2], "lead": by_lead.where[1]}
        self._room_says(room, "participant-join", participant, **more)

    def _leave(self, room: str, sid: str) -> None:
        _, lead, attempt = self.answered[sid].where
        self._room_says(room, "participant-leave", label(attempt, lead))

    def _out_of_rooms(self, sid: str) -> None:
        for room, inside in list(self.rooms.items()):
            if sid in inside:
                inside.discard(sid)
                self._leave(room, sid)

    def _dial_is_over(self, call: Call) -> None:
        """The room is over and the lead still there: Twilio asks what they shall hear."""
        user, lead, attempt = call.where
        leg, bridged = Leg(user, lead, attempt, call.sid), call.sid in self.joined
        self._invoke(lambda: self.lead_calls.left(leg, bridged, self.now), 10, None)
        self.told[call.sid] += 1

    def _look_into(self, room: str) -> None:
        """Never two leads in one mix; who is with the agent has joined."""
        inside = [sid for sid in self.rooms.get(room, ()) if sid in self.answered]
        assert len(inside) <= 1, f"two leads hear each other in {room}"
        if inside and self._agent_of(room):
            self.joined.add(inside[0])

    def _agent_of(self, room: str) -> bool:
        return any(leg.alive and leg.session == room and leg.sid in self.rooms.get(room, ()) for leg in self.legs)

    def _room_says(self, room: str, event: str, participant: str = "", **more: str) -> None:
        told = RoomEvent(USER, room, event, participant, **more)
        self._word(lambda: self.agent_calls.room(told, self.now, "c"))

    def _word(self, says: Callable[[], object]) -> None:
        self.words.append(lambda fault: self._invoke(says, 10, fault))

    def hears_a_word(self, which: int, how: str, fault: Fault | None = None) -> None:
        """One of the words on its way arrives; *how*: also for a second time, or never."""
        if not self.words:
            return
        word = self.words[which % len(self.words)]
        if how == "lost" or (word(fault) is not None and how != "and comes again"):
            self.words.remove(word)

    # -- what may never happen -----------------------------------------------------------------------------------------

    def _watch_post(self, phone: str, lead: str) -> None:
        super()._watch_post(phone, lead)
        session = Session(from_dynamo(self.tables.items[AGENTS].get((USER, "session"))))
        row = self.row(phone)
        assert session.phase == "live" or self._ended_meanwhile(session), "a call without an agent on the line"
        assert session.attempt == row["attempt_id"], "a call that the agent was not kept for"
        assert not session.is_wrapping(self.now), "a call during a wrap-up"
        talking = [
            sid for room in self.rooms if self._agent_of(room) for sid in self.rooms[room] if sid in self.answered
        ]
        assert not talking, "a call during a conversation"

    def _ended_meanwhile(self, session: Session) -> bool:
        """Between the reservation and the POST the agent may leave: then what is heard is decided at the answer."""
        return session.attempt != ""

    def check(self) -> None:
        super().check()
        for room in self.rooms:
            self._look_into(room)

    def check_in_the_end(self) -> None:
        """Everybody who answered has heard their agent, or who called; nobody is kept for nothing."""
        for sid, call in self.answered.items():
            assert sid in self.joined or self.told[sid], f"nobody ever said a word to {call.phone}"
        for row in self.rows():
            if row.get("call_status") in leads.FINAL and row.get("call_sid") in self.answered:
                joined = row["call_sid"] in self.joined
                assert ("abandoned_at" in row) <= (not joined or "joined_at" not in row)
