"""Agents on the line before anybody is called: the functions' own code over tables in memory; time is driven."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from autocall import timing
from autocall.agent_phone import AgentPhone
from autocall.agent_table import AgentTable, Touch
from autocall.audio import AGENT as AGENT_FIRST
from autocall.audio import Audio
from autocall.call_outcomes import Outcome, Placed, TwilioCall, Unreachable
from autocall.called_table import CalledTable
from autocall.caller_id_table import CallerIdTable
from autocall.caller_ids import CallerIds
from autocall.gates import load_hours
from autocall.installation_table import InstallationTable
from autocall.lead_table import LeadTable
from autocall.leads import LeadKey, lead_id
from autocall.messages import RunMessage
from autocall.push import Push
from autocall.session import BROWSER, PHONE, Session
from autocall.session_table import SessionTable
from autocall.timing import Timing
from functions.dialer.agent_line import AgentLine
from functions.dialer.call_request import CallRequest
from functions.dialer.caller_id_gate import CallerIdGate
from functions.dialer.dial import Dialer
from functions.dialer.number_gate import NumberGate
from functions.dialer.reconcile import Reconciler
from functions.dialer.run import Run, Services
from functions.leads_fetched.agent_frames import AgentFrames
from functions.status_webhook.status_callback import CallbackHandler, StatusCallback
from functions.voice.agent_calls import AgentCalls, RoomEvent
from functions.voice.counts import Counts
from functions.voice.documents import Documents
from functions.voice.inbound_calls import InboundCalls
from functions.voice.inbound_documents import InboundDocuments
from functions.voice.lead_calls import LeadCalls, Leg
from functions.voice.phrases import LANGUAGES
from tests.faults.tables import AGENTS, LEADS, Tables
from tests.unit.dialer_world import FakeQueue
from tests.unit.leads_api_world import FakeSockets

AGENT, SESSION, LEG, LIMIT_S = "agent", "session", "CA" + "a" * 32, 3600
SENDER, NUMBER, OWN_PHONE = "+12015550199", "+12015550100", "+12015550111"
PUBLIC_URL, FALLBACK_URL = "https://calls.example.com", "https://page.example.com/sorry.xml"
AUDIO = Audio(AGENT_FIRST, "Acme", SENDER, 30, FALLBACK_URL)
TIMING = Timing()
START = 1_780_000_000.0


@dataclass
class FakeTwilio:
    """Answers each POST with the next of *outcomes*, then places calls; *meanwhile* happens while it is asked."""

    outcomes: list[Outcome] = field(default_factory=list)
    posted: list[dict[str, Any]] = field(default_factory=list)
    known: dict[str, str] = field(default_factory=dict)
    said: list[tuple[str, str]] = field(default_factory=list)
    hung_up: list[str] = field(default_factory=list)
    unreachable: bool = False
    meanwhile: Callable[[], object] = lambda: None

    def place(self, call: dict[str, Any]) -> Outcome:
        self.posted.append(call)
        self.meanwhile()
        return self.outcomes.pop(0) if self.outcomes else Placed(f"CA{len(self.posted):032}")

    def fetch(self, sid: str) -> TwilioCall | None:
        if self.unreachable:
            raise Unreachable("timeout")
        return TwilioCall(sid, self.known[sid], SENDER, None, None) if sid in self.known else None

    def to_number(self, _phone: str) -> list[TwilioCall]:
        return []

    def serves(self) -> bool:
        return not self.unreachable

    def say(self, sid: str, twiml: str) -> bool:
        self.said.append((sid, twiml))
        return not self.unreachable

    def hang_up(self, sid: str) -> bool:
        self.hung_up.append(sid)
        return True

    @property
    def called(self) -> list[str]:
        return [call["To"] for call in self.posted]


class AgentWorld:
    """One agent with a page open, and all that stands between them and their leads."""

    def __init__(self) -> None:
        self.now = START
        self.tables = Tables()
        client: Any = self.tables
        self.twilio, self.queue, self.sockets = FakeTwilio(), FakeQueue(), FakeSockets()
        twilio: Any = self.twilio
        queue: Any = self.queue
        sockets: Any = self.sockets
        self.agents, self.leads = AgentTable(client, AGENTS), LeadTable(client, LEADS, TIMING)
        self.installation = InstallationTable(client, AGENTS)
        self.sessions = SessionTable(client, AGENTS, TIMING)
        self.push = Push(sockets, self.agents)
        options = CallRequest(25, LIMIT_S, "", "", PUBLIC_URL, AUDIO)
        phone = AgentPhone(self.sessions, CallerIds.parse(SENDER), 25, PUBLIC_URL)
        hours = load_hours("always")
        self.line = AgentLine(self.sessions, twilio, phone, self.push, TIMING, AUDIO.wrap_up_s)
        self.called_numbers = CalledTable(client, AGENTS)
        numbers = NumberGate(self.called_numbers, self.leads, 30, TIMING)
        gate = CallerIdGate(CallerIds.parse(SENDER), CallerIdTable(client, AGENTS), TIMING)
        self._tools = Services(
            leads=self.leads,
            agents=self.agents,
            installation=self.installation,
            queue=queue,
            push=self.push,
            reconciler=Reconciler(self.leads, twilio, TIMING, SENDER, agent_first=True),
            dialer=Dialer(
                self.leads,
                self.agents,
                self.installation,
                twilio,
                options,
                hours,
                TIMING,
                numbers,
                gate,
                line=self.line,
            ),
            rate_limiter=None,
            hours=hours,
            timing=TIMING,
            lines=1,
            line=self.line,
        )
        documents = Documents(LANGUAGES["en"], AUDIO.company, AUDIO.callback_number, PUBLIC_URL)
        self.counts = Counts()
        menu = InboundDocuments(LANGUAGES["en"], AUDIO.company, "", PUBLIC_URL)
        self.agent_calls = AgentCalls(self.sessions, self.leads, queue, self.push, documents, self.counts)
        self.lead_calls = LeadCalls(
            self.sessions, self.leads, self.push, documents, self.counts, lambda: twilio, LIMIT_S, menu
        )
        self.inbound = InboundCalls(
            self.called_numbers,
            self.sessions,
            self.leads,
            self.installation,
            queue,
            self.push,
            documents,
            menu,
            self.counts,
            LIMIT_S,
        )
        self.reports = CallbackHandler(self.leads, queue, self.push, self.sessions)
        self.frames = AgentFrames(self.sessions, queue, self.push)
        self.agents.connect(AGENT, "tab", int(START) + 86_400, START)
        self.is_there()

    def time(self) -> float:
        """What `autocall.timing` takes for the module `time`."""
        return self.now

    # -- the agent -----------------------------------------------------------------------------------------------------

    def is_there(self, holds: str | None = None) -> None:
        assert self.agents.touch(AGENT, "tab", self.now, holds) is Touch.NOTED

    def by_browser(self, session: str = SESSION, leg: str = LEG) -> None:
        """The page has opened a session, and its call has come into the room."""
        assert self.sessions.open(AGENT, session, BROWSER, 30, self.now).won
        assert "<Conference" in self.agent_calls.document(AGENT, session, leg, "voice", self.now)
        self.is_there(session)

    def by_phone(self) -> None:
        self.agents.update_profile(AGENT, {"via": PHONE, "agent_phone": OWN_PHONE})

    @property
    def session(self) -> Session:
        return self.sessions.get(AGENT)

    def room(self, event: str, participant: str = "", session: str = SESSION, **more: str) -> None:
        self.agent_calls.room(RoomEvent(AGENT, session, event, participant, **more), self.now, "voice")

    # -- leads ---------------------------------------------------------------------------------------------------------

    def waiting(self, count: int = 1) -> list[str]:
        """Leads that wait to be called, in calling order."""
        found = []
        for index in range(count):
            phone = f"+120155502{index:02}"
            found.append(lead_id(AGENT, phone))
            assert self.leads.create(
                LeadKey(AGENT, found[-1]), {"phone": phone}, self.now - 100 + index, self.now - 100
            ).won
        return found

    def run(self, cause: str = "leads:fetched") -> Run:
        run = Run(self._tools, RunMessage(AGENT, cause, "run"), self.now + 29)
        run.work()
        self.push.counts()  # as the handler does: all is sent then
        return run

    def row(self, lead: str) -> dict[str, Any]:
        return self.leads.get(LeadKey(AGENT, lead))

    def attempt(self, lead: str) -> str:
        return str(self.row(lead)["attempt_id"])

    def leg(self, lead: str, *, again: bool = False) -> Leg:
        row = self.row(lead)
        return Leg(AGENT, lead, row["attempt_id"], row.get("call_sid", "CA9"), again)

    def answers(self, lead: str, *, again: bool = False) -> str:
        return self.lead_calls.answer(self.leg(lead, again=again), self.now)

    def joins(self, lead: str) -> None:
        self.room("participant-join", f"{self.attempt(lead)}.{lead}")

    def leaves(self, lead: str) -> None:
        self.room("participant-leave", f"{self.attempt(lead)}.{lead}")

    def ends(self, lead: str, status: str = "completed") -> str:
        row = self.row(lead)
        became = self.reports.handle(StatusCallback(AGENT, lead, row["attempt_id"], row["call_sid"], status), self.now)
        self.push.counts()  # as the handler does: all is sent then
        return became

    # -- what has become of it -----------------------------------------------------------------------------------------

    @property
    def finished(self) -> Any:
        return next(data for _, name, data in reversed(self.sockets.frames) if name == "autocall:finished")

    @property
    def causes(self) -> list[str]:
        return [cause for _, cause, _ in self.queue.runs]

    def told(self, event: str) -> Any:
        return next(data for _, name, data in reversed(self.sockets.frames) if name == event)

    def counted(self) -> dict[str, int]:
        return dict(self.counts.take()[0])


@contextmanager
def agent_world() -> Iterator[AgentWorld]:
    world = AgentWorld()
    with patch.object(timing, "time", SimpleNamespace(time=world.time)):
        yield world
