"""The world with agents on the line: Twilio's rooms and legs as they truly are, and every word of them on its way.

A word is a request of Twilio's: it may come late, twice, out of order, or be answered by a function that dies; a report
may be lost altogether. What is heard is Twilio's truth: who is in which room, and who was told a sentence. A leg may
die without a word; Twilio notices that a minute later.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

from autocall import leads
from autocall.agent_phone import AgentPhone
from autocall.audio import Audio, VoicemailMessage
from autocall.call_outcomes import Outcome, Placed, TwilioCall
from autocall.dynamo import from_dynamo
from autocall.leads import Attempt, LeadKey, conversation_id
from autocall.session import BROWSER, LIVE, PHONE, Session
from autocall.timing import stamp
from functions.dialer.agent_line import AgentLine
from functions.dialer.call_request import CallRequest
from functions.dialer.run import Services as DialerTools
from functions.leads_api.services import Lines
from functions.leads_api.services import Services as ApiTools
from functions.status_webhook.status_callback import CallbackHandler
from functions.voice.agent_calls import AgentCalls, RoomEvent
from functions.voice.counts import Counts
from functions.voice.documents import AGENT, Documents, label
from functions.voice.inbound_calls import InboundCall, InboundCalls
from functions.voice.inbound_documents import InboundDocuments
from functions.voice.lead_calls import LeadCalls, Leg
from functions.voice.phrases import LANGUAGES
from tests.faults import line_in_the_end
from tests.faults.effects import MEANWHILE, Fault, Invocation, Wire
from tests.faults.model_twilio import ANSWERS, TAKEN, Call, ModelTwilio
from tests.faults.tables import AGENTS
from tests.faults.world import CALLER_IDS, SENDER, TIMES, USER, World

URL, LIMIT_S = "https://autocall.example", 3600
AUDIO = Audio("agent", "Acme", SENDER, 30, "https://page.example/sorry.xml")
OWN_PHONE = "+12025550100"
NOTICES_S = 60  # Twilio's own patience with a leg that sends nothing any more
_ALONE_S = 2
_LONGEST_ALONE_S = 6
_APOLOGY = "We are sorry"


@dataclass
class AgentLeg:
    """One call of the agent's page, or to their phone, where it may still ring; dead before Twilio notices: silent."""

    sid: str
    session: str
    tab: str = ""
    alive: bool = True
    rings: bool = False
    silent_since: float | None = None

    @property
    def noticed_at(self) -> float:
        return float("inf") if self.silent_since is None or not self.alive else self.silent_since + NOTICES_S


@dataclass
class LineTwilio(ModelTwilio):
    """A Twilio that also rings the agent's own phone, and knows of their legs."""

    legs: list[AgentLeg] = field(default_factory=list)
    back: list[Call] = field(default_factory=list)
    """The calls of leads who ring back."""
    redirect: Callable[[str, str], bool] = field(init=False)
    hold: Callable[[str, str, bool], bool] = field(init=False)

    def place(self, request: Mapping[str, Any]) -> Outcome:
        if request["To"] != OWN_PHONE:
            return super().place(request)
        if self.answer not in (TAKEN, "lost, call made"):
            return ANSWERS[self.answer]
        leg = AgentLeg(self.next_sid(), parse_qs(urlsplit(request["Url"]).query)["session"][0], rings=True)
        self.legs.append(leg)
        return Placed(leg.sid) if self.answer == TAKEN else ANSWERS[self.answer]

    def fetch(self, sid: str) -> TwilioCall | None:
        leg = next((leg for leg in self.legs if leg.sid == sid), None)
        call = next((call for call in self.back if call.sid == sid), None)
        if call:
            return TwilioCall(sid, call.status, call.phone, None, None)
        if leg is None:
            return super().fetch(sid)
        return TwilioCall(sid, "in-progress" if leg.alive else "completed", SENDER, None, None)

    def next_sid(self) -> str:
        return f"CAagent{len(self.legs):025}"


class LineWorld(World):
    """One agent; every method is one thing that can happen, as in the world that it extends."""

    twilio: LineTwilio

    def __init__(self, **choices: Any) -> None:
        super().__init__(lines=1, **choices)
        self.legs = self.twilio.legs
        self.twilio.redirect, self.twilio.hold = self.say, self.hold
        self.held: dict[str, str] = {}
        self.opened, self.via = 0, BROWSER
        self.rooms: dict[str, set[str]] = {}
        self.told: Counter[str] = Counter()
        self.joined: set[str] = set()
        self.answered: dict[str, Call] = {}
        self.answered_at: dict[str, float] = {}
        self.kept_for = ""
        self.unheard_since: dict[str, float] = {}
        self.asked_after: dict[str, float] = {}
        self.words: list[Callable[[Fault | None], object]] = []
        documents = Documents(LANGUAGES["en"], AUDIO.company, AUDIO.callback_number, URL)
        counts = Counts()
        menu = InboundDocuments(LANGUAGES["en"], AUDIO.company, "", URL)
        rooms: Any = Wire(self.effects, self, aws=False)
        self.agent_calls = AgentCalls(self.sessions, self.leads, self.queue, self.push, documents, counts)
        self.lead_calls = LeadCalls(
            self.sessions, self.leads, self.push, documents, counts, lambda: rooms, LIMIT_S, menu
        )
        self.inbound = InboundCalls(
            self.called,
            self.sessions,
            self.leads,
            self.installation,
            self.queue,
            self.push,
            documents,
            menu,
            counts,
            LIMIT_S,
        )
        self._reports = CallbackHandler(self.leads, self.queue, self.push, self.sessions)

    def _model_twilio(self) -> LineTwilio:
        return LineTwilio(self.clock, self.wait, self._watch_post)

    def _dialer_tools(self, lines: int, calls_per_second: float) -> DialerTools:
        tools = super()._dialer_tools(lines, calls_per_second)
        options = CallRequest(25, LIMIT_S, "", "", URL, AUDIO)
        self.own_phone = AgentPhone(self.sessions, CALLER_IDS, 25, URL)
        line = AgentLine(self.sessions, self.calls, self.own_phone, self.push, TIMES, AUDIO.wrap_up_s)
        dial = self._new_dialer(options, line=line)
        return replace(tools, dialer=dial, line=line, reconciler=replace(tools.reconciler, agent_first=True))

    def _api_tools(self, lines: int) -> ApiTools:
        secret: Any = None
        own = Lines(self.sessions, secret, None, URL, AUDIO.wrap_up_s)
        return replace(super()._api_tools(lines), lines=own, voicemail=VoicemailMessage("This is Acme."))

    def says_what_came_of_it(
        self, phone: str, code: str, fault: Fault | None = None, *, after_s: float = 0, ready: bool = True
    ) -> str:
        """The agent saves an outcome, and lets the next call go; with *after_s* the lead is called again then."""
        later = {"call_back_at": stamp(self.now + after_s)} if after_s else {}
        body = {"attempt_id": conversation_id(self.row(phone)) or "", "code": code, "ready": ready, **later}
        return self.ask("outcome", phone, body, fault)

    def puts_on_hold(self, phone: str, held: bool, fault: Fault | None = None) -> str:
        """The agent puts the lead on hold, or goes on."""
        return self.ask("hold", phone, {"attempt_id": self.row(phone).get("attempt_id", ""), "held": held}, fault)

    def hold(self, _room: str, sid: str, _held: bool) -> bool:
        """Whether the call is there to be put on hold."""
        call = self.answered.get(sid)
        return call is not None and not call.ended

    def leaves_a_message(self, phone: str, fault: Fault | None = None) -> str:
        """The agent hears a mailbox, and leaves the message on it."""
        return self.ask("voicemail", phone, {"attempt_id": self.row(phone).get("attempt_id", "")}, fault)

    # -- what a function asks of Twilio about calls that go on ---------------------------------------------------------

    def say(self, sid: str, twiml: str) -> bool:
        """The lead leaves its room and hears that."""
        call = self.answered.get(sid)
        if call is None or call.ended:
            return False
        self._out_of_rooms(sid)
        self.told[sid] += _APOLOGY in twiml or "<Gather" in twiml
        return True

    def fetch(self, sid: str) -> TwilioCall | None:
        return self.twilio.fetch(sid)

    # -- the agent -----------------------------------------------------------------------------------------------------

    def reached_by(self, via: str) -> None:
        """The agent has chosen how they are reached."""
        self.via = via
        with self.unseen():
            self.agents.update_profile(USER, {"via": via, "agent_phone": OWN_PHONE})

    def opens(self, tab: str, fault: Fault | None = None, asking: Fault | None = None) -> None:
        """A page opens a session, and its call reaches Twilio, whose question *asking* strikes; the former leg ends."""
        self.opened += 1
        session = f"s{self.opened}"
        if not self._open(lambda: self.sessions.open(USER, session, BROWSER, 30, self.now), fault):
            return
        leg = AgentLeg(self.twilio.next_sid(), session, tab)
        self.legs.append(leg)
        self.held[tab] = session
        self.ping(tab)
        self._ask_for_the_agent(leg, asking or fault)

    def asks_for_their_phone(self, fault: Fault | None = None) -> None:
        """*Call my phone*: a person's word."""
        self.opened += 1
        session = f"s{self.opened}"

        def ring() -> Any:
            opened = self.sessions.open(USER, session, PHONE, 30, self.now)
            self.own_phone.ring(self.calls, USER, OWN_PHONE, session, self.now)
            return opened

        self._open(ring, fault)

    def says(self, event: str, attempt: str, fault: Fault | None = None) -> None:
        """The agent's page says that they are ready, or that they type."""
        self._invoke(
            lambda: self._desk.agent_frames.answer(USER, event, {"attempt_id": attempt}, "c", self.now), 10, fault
        )

    def _open(self, opens: Callable[[], Any], fault: Fault | None) -> bool:
        former: list[str] = []
        if self._invoke(lambda: former.append(str(opens().row.get("former_sid", ""))), 29, fault) is None:
            return False
        for leg in self.legs:
            if leg.sid == former[0]:
                self.leg_ends(leg)
        return True

    def picks_up(self, leg: AgentLeg, *, presses: bool, fault: Fault | None = None) -> None:
        """The agent's phone is picked up; a mailbox presses nothing."""
        if not (leg.alive and leg.rings):
            return
        leg.rings = False
        if presses:
            self._ask_for_the_agent(leg, fault)
        else:
            self.leg_ends(leg)

    def _ask_for_the_agent(self, leg: AgentLeg, fault: Fault | None) -> None:
        """Twilio asks for the agent's document, twice at most; without one the call ends."""
        for attempt in range(2):
            heard: list[str] = []
            asks = lambda heard=heard: heard.append(  # noqa: E731
                self.agent_calls.document(USER, leg.session, leg.sid, "c", self.now)
            )
            if self._invoke(asks, 10, fault if attempt == 0 else None) is not None:
                break
        if leg.alive and heard and f">{leg.session}</Conference>" in heard[0]:
            self._enter(leg.session, leg.sid, AGENT)
        else:
            self.leg_ends(leg)

    def ping(self, tab: str) -> None:
        """An open page says which session it holds."""
        if tab in self.sockets.open:
            self._invoke(lambda: self.agents.touch(USER, tab, self.now, self.held.get(tab, "")), 10, None)

    def frame(self, tab: str, event: str, fault: Fault | None = None) -> Invocation | None:
        """A ping says which session its page holds, also that it holds none."""
        if event != "ping":
            return super().frame(tab, event, fault)
        self.ping(tab)
        return None

    def reloads(self, tab: str, fault: Fault | None = None, *, told: bool) -> None:
        """The page goes, and its call with it; it comes back and opens another."""
        self.close_tab(tab, told=told)
        for leg in self.legs:
            if leg.tab == tab:
                self.leg_ends(leg)
        self.opens(self.open_tab(), fault)

    def renews(self, tab: str) -> None:
        """The page's socket has lived for long: it opens another, and keeps its call."""
        self.close_tab(tab, told=True)
        new = self.open_tab()
        self.held[new] = self.held.pop(tab, "")
        for leg in self.legs:
            leg.tab = new if leg.tab == tab else leg.tab

    def falls_silent(self, leg: AgentLeg) -> None:
        """The tab is killed, or the machine falls asleep: nobody hears of it yet."""
        if leg.alive and leg.silent_since is None:
            leg.silent_since = self.now
            self.close_tab(leg.tab, told=False)
            self._look_into(leg.session)

    def leg_ends(self, leg: AgentLeg, fault: Fault | None = None) -> None:
        """Twilio notices that the agent's call is over, and so is the room."""
        if not leg.alive:
            return
        leg.alive = False
        if self.held.get(leg.tab) == leg.session:
            self.held[leg.tab] = ""
        was_in = leg.sid in self.rooms.get(leg.session, set())
        self.rooms.get(leg.session, set()).discard(leg.sid)
        for sid in list(self.rooms.pop(leg.session, ())):
            self._leave(leg.session, sid)
            self._dial_is_over(self.answered[sid], fault)
        if was_in:
            self._room_says(leg.session, "conference-end")
        session, status = ("", "completed") if leg.tab else (leg.session, "no-answer" if leg.rings else "completed")
        self._word(lambda: self.agent_calls.over(USER, session, leg.sid, status, self.now))

    # -- time ----------------------------------------------------------------------------------------------------------

    def passes(self, seconds: float, fault: Fault | None = None) -> None:
        """Time passes, and Twilio does in it what it does by its own clock."""
        until = self.now + seconds
        while True:
            alone = [self._asked_at(sid) for sid in self._alone()]
            ends = [at + LIMIT_S for sid, at in self.answered_at.items() if not self.answered[sid].ended]
            moment = min([until, *alone, *ends, *(leg.noticed_at for leg in self.legs)])
            self.now = max(self.now, moment)
            for leg in self.legs:
                if leg.noticed_at <= self.now:
                    self.leg_ends(leg)
            for sid, at in list(self.answered_at.items()):
                if at + LIMIT_S <= self.now:
                    self.hangs_up(self.answered[sid])
            if any(self._asked_at(sid) <= self.now for sid in self._alone()):
                self.alone_for_two_seconds(fault)
            self.check()
            if moment >= until:
                return

    def _asked_at(self, sid: str) -> float:
        """When it is asked next whether a lead is alone: every two seconds."""
        return max(self.unheard_since[sid], self.asked_after.get(sid, 0)) + _ALONE_S

    def _alone(self) -> dict[str, float]:
        """Who is in a room where even Twilio knows of no agent, since when."""
        alone = {sid for room, inside in self.rooms.items() if not self._agent_of(room) for sid in inside}
        return {sid: since for sid, since in self.unheard_since.items() if sid in alone}

    # -- leads ---------------------------------------------------------------------------------------------------------

    def answers(self, call: Call, fault: Fault | None = None) -> None:
        """Somebody picks up: Twilio asks what they shall hear, once more if that fails, and else reads the fallback."""
        if call.ended or call.sid in self.answered:
            return
        self.twilio.becomes(call, "in-progress")
        self.answered[call.sid], self.answered_at[call.sid] = call, self.now
        user, lead, attempt = call.where
        if len(self.answered) % 3 == 0:
            self._word(lambda: self.lead_calls.answered_by(Attempt(*call.where), call.sid, "human", self.now))
        document, awaited, before = "", fault is None and self._is_awaited(call), self.effects.moment()
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
        if call.ended:  # before they could hear anything
            self.told[call.sid] += 1
            return
        room = re.search(r">([^<>]+)</Conference>", document)
        if room is None:
            awaited = awaited and self.effects.was_alone_since(before) and self._is_awaited(call)
            assert not awaited, "their agent was on the line, and the lead was told that nobody is there"
            self.told[call.sid] += 1  # the apology, or the static document
            return
        self._enter(room[1], call.sid, label(attempt, lead), by_lead=call)

    def _is_awaited(self, call: Call) -> bool:
        """Whether the agent is on the line, and was kept for this call last, which may still be answered."""
        with self.unseen():
            session = self.sessions.get(USER)
            row = self.leads.get(LeadKey(*call.where[:2]))
        return (
            session.phase == LIVE
            and any(leg.alive and leg.sid == session.call_sid for leg in self.legs)
            and self.kept_for == call.where[2] == row.get("attempt_id")
            and leads.is_in_flight(row)
        )

    def rings_back(self, phone: str, fault: Fault | None = None) -> None:
        """Somebody calls the number that called them; while their agent is busy they wait half a minute."""
        with self.unseen():
            called = self.called.get(leads.number_hash(phone), self.now)
        if not called.attempt:
            return
        sid = f"CA{len(self.twilio.back):032d}back"
        call = Call(sid, phone, SENDER, self.now, (USER, called.lead, sid), self.now, status="in-progress")
        self.twilio.back.append(call)
        self.answered[sid], self.answered_at[sid] = call, self.now
        for waited in range(5):
            about = InboundCall(phone, sid, *((USER, called.lead) if waited else ("", "")), waited)
            document = self._hears(about, fault)
            if "waited=" not in document or call.ended:
                break
            self.told[sid] += 1
            self.passes(10)
        room = re.search(r">([^<>]+)</Conference>", document)
        if room and not call.ended:
            self._enter(room[1], sid, label(sid, called.lead), by_lead=call)
        else:
            self.told[sid] += 1  # the menu, or the static document
            self.hangs_up(call)

    def _hears(self, about: InboundCall, fault: Fault | None) -> str:
        """Twilio asks once more if that fails."""
        for again in range(2):
            heard: list[str] = []
            asks = lambda heard=heard: heard.append(self.inbound.answer(about, self.now, "c"))  # noqa: E731
            if self._invoke(asks, 10, None if again else fault) is not None:
                return heard[0]
        return ""

    def hangs_up(self, call: Call, status: str = "completed", *, impatient: bool = False) -> None:
        """The call ends, by whoever; an *impatient* lead does so before anybody could say a word."""
        if call.ended:
            return
        self.told[call.sid] += impatient
        self._out_of_rooms(call.sid)
        if call in self.twilio.back:
            call.status = "completed"
            self._word(lambda: self.inbound.over(InboundCall(call.phone, call.sid), "completed", self.now, "c"))
            return
        self.twilio.becomes(call, status if call.sid not in self.answered else "completed")

    def alone_for_two_seconds(self, fault: Fault | None = None) -> None:
        """Whoever is in a room without its agent is asked after, until they are told something."""
        for room, inside in list(self.rooms.items()):
            if self._agent_of(room):
                continue
            for sid in list(inside):
                user, lead, attempt = self.answered[sid].where
                leg = Leg(user, lead, attempt, sid)
                self.asked_after[sid] = self.now
                for at in range(2):
                    asks = lambda leg=leg: self.lead_calls.alone(leg, room, 1, self.now)  # noqa: E731, B023
                    if self._invoke(asks, 10, fault if at == 0 else None):
                        break

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
                self.unheard_since.pop(sid, None)
                self._leave(room, sid)

    def _dial_is_over(self, call: Call, fault: Fault | None) -> None:
        """The room is over and the lead still there: Twilio asks what they shall hear."""
        user, lead, attempt = call.where
        leg, bridged = Leg(user, lead, attempt, call.sid), call.sid in self.joined
        if self._invoke(lambda: self.lead_calls.left(leg, bridged, self.now), 10, fault) is None:
            self._invoke(lambda: self.lead_calls.left(leg, bridged, self.now), 10, None)
        self.unheard_since.pop(call.sid, None)
        self.told[call.sid] += 1

    def _look_into(self, room: str) -> None:
        """Never two leads in one mix; who is with the agent has joined, as far as Twilio knows of the leg."""
        inside = [sid for sid in self.rooms.get(room, ()) if sid in self.answered]
        assert len(inside) <= 1, f"two leads hear each other in {room}"
        agent = self._agent_of(room)
        for sid in inside:
            if agent:
                self.joined.add(sid)
            if agent and agent.silent_since is None:
                self.unheard_since.pop(sid, None)
            else:
                self.unheard_since.setdefault(sid, self.now)

    def _agent_of(self, room: str) -> AgentLeg | None:
        inside = self.rooms.get(room, ())
        return next((leg for leg in self.legs if leg.alive and leg.session == room and leg.sid in inside), None)

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
        if (how == "lost" or (word(fault) is not None and how != "and comes again")) and word in self.words:
            self.words.remove(word)

    def hear_all(self) -> None:
        """Every word that is on its way arrives."""
        while self.words:
            self.hears_a_word(0, "")

    # -- what may never happen -----------------------------------------------------------------------------------------

    def _watch(self, table: str, before: dict[str, Any], after: dict[str, Any]) -> None:
        super()._watch(table, before, after)
        if table != AGENTS or after["item"] != {"S": "session"}:
            return
        was, becomes = Session(from_dynamo(before)), Session(from_dynamo(after))
        if becomes.attempt not in ("", was.attempt):
            assert not was.is_engaged(self.now), "an agent who is kept for a lead is kept for another"
            assert not was.is_wrapping(self.now), "an agent is kept for a lead while they write up a conversation"
            self.kept_for = becomes.attempt

    def _watch_post(self, phone: str, lead: str) -> None:
        super()._watch_post(phone, lead)
        session = Session(from_dynamo(self.tables.items[AGENTS].get((USER, "session"))))
        row = self.row(phone)
        assert session.phase == LIVE or self._ended_meanwhile(session), "a call without an agent on the line"
        assert session.attempt == row["attempt_id"], "a call that the agent was not kept for"
        assert not session.is_wrapping(self.now), "a call during a wrap-up"
        talking = [
            sid for room in self.rooms if self._agent_of(room) for sid in self.rooms[room] if sid in self.answered
        ]
        assert not talking, "a call during a conversation"

    def overtake(self, after_the_look: int, action: Callable[[], None]) -> None:
        """A run goes on, and so many requests after its second look at the agent, once it has claimed, that happens."""

        def strike_later() -> None:
            invocation = self.effects.stack[-1]
            invocation.fault = Fault(MEANWHILE, len(invocation.effects) + 1 + after_the_look, action)

        self.once_claimed = strike_later
        self.run()
        self.once_claimed = None

    def _ended_meanwhile(self, session: Session) -> bool:
        """Between the reservation and the POST the agent may leave: then what is heard is decided at the answer."""
        return session.attempt != ""

    def check(self) -> None:
        super().check()
        for room in self.rooms:
            self._look_into(room)
        if self.effects.turn:
            return  # whoever would say a word may wait for their turn, or be struck again and again
        for since in self._alone().values():
            assert self.now - since <= _LONGEST_ALONE_S, "a lead is alone, and nobody says a word"
        for since in self.unheard_since.values():
            assert self.now - since <= NOTICES_S + _LONGEST_ALONE_S, "a lead hears nobody for far too long"

    def rest(self) -> None:
        """No more faults; what must happen has happened when nothing moves any more."""
        self.unheard_since = dict.fromkeys(self.unheard_since, self.now)
        line_in_the_end.come_to_rest(self)

    def check_in_the_end(self) -> None:
        """Everybody who answered has heard their agent, or who called; nobody is kept for nothing."""
        for sid, call in self.answered.items():
            assert sid in self.joined or self.told[sid], f"nobody ever said a word to {call.phone}"
        for row in self.rows():
            if row.get("call_status") in leads.FINAL and row.get("call_sid") in self.answered:
                joined = row["call_sid"] in self.joined
                assert ("abandoned_at" in row) <= (not joined or "joined_at" not in row)
                assert {"abandoned_at", "joined_at"} & row.keys(), "neither joined nor abandoned"
