"""The dialer over fresh tables, with a Twilio, a queue and sockets that remember what they were asked."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from autocall.agent_table import AgentTable
from autocall.audio import MESSAGE, Audio
from autocall.call_outcomes import Outcome, Placed, TwilioCall, Unreachable
from autocall.called_table import CalledTable
from autocall.caller_id_table import CallerIdTable
from autocall.caller_ids import CallerIds
from autocall.gates import Hours, load_hours
from autocall.installation_table import InstallationTable
from autocall.lead_table import LeadTable
from autocall.leads import Attempt, LeadKey, lead_id
from autocall.messages import RunMessage
from autocall.push import Push
from autocall.queued_run import Causes
from autocall.rate_limit import RateLimiter
from autocall.timing import Timing, now, stamp
from functions.dialer.agent_gate import AgentGate
from functions.dialer.call_request import CallRequest
from functions.dialer.caller_id_gate import CallerIdGate
from functions.dialer.dial import Dialer
from functions.dialer.number_gate import NumberGate
from functions.dialer.reconcile import Reconciler
from functions.dialer.run import Run, Services
from tests.faults.tables import AGENTS, LEADS, Tables
from tests.unit.leads_api_world import FakeSockets
from tests.unit.stopped_clock import stopped

AGENT = "agent"
SENDER = "+15005550006"
TIMING = Timing()
BY_MESSAGE = Audio(MESSAGE, "Acme", "+12015550199", 30)
SAYS_WHO_CALLS = "Hello, this is Acme, +1 201 555 0199."
OPTIONS = CallRequest(25, 600, SAYS_WHO_CALLS, "", "https://calls.example.com", BY_MESSAGE)


def phone(index: int) -> str:
    return f"+1201555{index:04}"


@dataclass
class FakeTwilio:
    """Answers each POST with the next of *outcomes*, then places calls; *meanwhile* happens while it is asked."""

    outcomes: list[Outcome] = field(default_factory=list)
    posted: list[dict[str, Any]] = field(default_factory=list)
    known: list[TwilioCall] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    unreachable: bool = False
    questions: int = 0
    meanwhile: Callable[[], object] = lambda: None

    def place(self, call: dict[str, Any]) -> Outcome:
        self.posted.append(call)
        self.meanwhile()
        return self.outcomes.pop(0) if self.outcomes else Placed(f"CA{len(self.posted):032}")

    def fetch(self, sid: str) -> TwilioCall | None:
        self._ask(sid)
        return next((call for call in self.known if call.sid == sid), None)

    def to_number(self, number: str) -> list[TwilioCall]:
        self._ask(number)
        return self.known

    def serves(self) -> bool:
        self.questions += 1
        return not self.unreachable

    def _ask(self, about: str) -> None:
        self.asked.append(about)
        if self.unreachable:
            raise Unreachable("timeout")


@dataclass
class FakeQueue:
    """Remembers the runs that were queued; *causes* are what the next run finds on the agent's mark."""

    runs: list[tuple[str, str, str]] = field(default_factory=list)

    causes: Causes = field(default_factory=Causes)
    done_with: list[tuple[str, str | None]] = field(default_factory=list)

    def enqueue_run(self, user: str, cause: str, correlation_id: str) -> None:
        self.runs.append((user, cause, correlation_id))

    def try_to_enqueue_run(self, user: str, cause: str, correlation_id: str) -> None:
        self.enqueue_run(user, cause, correlation_id)

    def take(self, _user: str) -> Causes:
        return self.causes

    def done(self, _user: str, cause: str, taken: str | None) -> None:
        self.done_with.append((cause, taken))


class World:
    """An agent who is there with one tab, and everything that a run touches; time stands still."""

    def __init__(self, client: Any, hours: Hours, lines: int = 2) -> None:
        self.twilio, self.queue, self.sockets = FakeTwilio(), FakeQueue(), FakeSockets()
        self.agents, self.leads = AgentTable(client, AGENTS), LeadTable(client, LEADS, TIMING)
        self.installation = InstallationTable(client, AGENTS)
        self.called_numbers = CalledTable(client, AGENTS)
        self.caller_ids = CallerIdTable(client, AGENTS)
        self.hours, self.lines, self.pacer = hours, lines, None
        self.colleague_days, self.call_from = 30, SENDER
        self.tab("tab")

    # -- what is there already -----------------------------------------------------------------------------------------

    def tab(self, connection: str, seen_ago: float = 0, token_left: float = 3600, agent: str = AGENT) -> None:
        self.agents.connect(agent, connection, int(now() + token_left), now() - seen_ago)
        self.agents.touch(agent, connection, now() - seen_ago)

    def waiting(
        self, count: int = 1, first: int = 0, due_in: float = -1000, agent: str = AGENT, **about: Any
    ) -> list[str]:
        """Leads that wait to be called from then on; their ids, in calling order."""
        found = []
        for index in range(first, first + count):
            lead, moment = lead_id(agent, phone(index)), now() + due_in + index / 1000
            assert self.leads.create(LeadKey(agent, lead), {"phone": phone(index), **about}, moment, now() - 1000).won
            found.append(lead)
        return found

    def claimed(self, ago: float = 0, index: int = 90) -> str:
        """A lead that another run has claimed."""
        lead = self.waiting(first=index, due_in=-ago - 1)[0]
        assert self.leads.claim(Attempt(AGENT, lead, "mine"), "another run", now() - ago).won
        return lead

    def unknown(self, ago: float = 0) -> str:
        lead = self.claimed(ago)
        assert self.leads.mark_unknown(Attempt(AGENT, lead, "mine"), "timeout", now() - ago).won
        return lead

    def lost(self, ago: float = 0) -> str:
        """A lead of unknown outcome that waits for a person, and was to be asked about an hour after it was lost."""
        lead = self.unknown(ago)
        due, moment = self.row(lead)["due"], now() - ago
        assert self.leads.mark_lost(Attempt(AGENT, lead, "mine"), due, "no such call", moment + 3600, moment).won
        return lead

    def live(self, status: str = "ringing", ago: float = 0) -> str:
        lead = self.claimed(ago)
        assert self.leads.record_live(Attempt(AGENT, lead, "mine"), "CA9", status, "callback", now() - ago).won
        return lead

    def resting(self, seconds: float, reason: str = "unknown") -> None:
        """The whole installation rests, until *seconds* from now."""
        self.installation.open_breaker(reason, now() + seconds)

    # -- what happens --------------------------------------------------------------------------------------------------

    @property
    def dial(self) -> Dialer:
        twilio: Any = self.twilio
        numbers = NumberGate(self.called_numbers, self.leads, self.colleague_days, TIMING)
        gate = CallerIdGate(CallerIds.parse(self.call_from), self.caller_ids, TIMING)
        return Dialer(self.leads, self.agents, self.installation, twilio, OPTIONS, self.hours, TIMING, numbers, gate)

    @property
    def repair(self) -> Reconciler:
        twilio: Any = self.twilio
        return Reconciler(self.leads, twilio, TIMING, SENDER)

    def lead(self, lead: str, agent: str = AGENT) -> Any:
        """Dial one lead."""
        return self.dial.dial(agent, lead, "run", AgentGate(TIMING, user=agent))

    def run(self, cause: str = "call ended", left_s: float = 29) -> Run:
        """One run, to its end."""
        sockets: Any = self.sockets
        queue: Any = self.queue
        push = Push(sockets, self.agents)
        tools = Services(
            self.leads,
            self.agents,
            self.installation,
            queue,
            push,
            self.repair,
            self.dial,
            self.pacer,
            self.hours,
            TIMING,
            self.lines,
        )
        run = Run(tools, RunMessage(AGENT, cause, "run"), now() + left_s)
        run.work()
        push.counts()  # as the handler does: all is sent then
        return run

    def paced(self, per_second: float, patience: float = 5.0) -> list[float]:
        """Calls are paced from now on; the waits for a slot, none of which is waited for."""
        waits: list[float] = []
        self.pacer: RateLimiter | None = RateLimiter(self.installation, 1 / per_second, patience, now, waits.append)
        return waits

    # -- what has become of it -----------------------------------------------------------------------------------------

    def row(self, lead: str) -> dict[str, Any]:
        return self.leads.get(LeadKey(AGENT, lead))

    def status(self, lead: str) -> str:
        return str(self.row(lead)["call_status"])

    @property
    def called(self) -> list[str]:
        """The numbers that were called, in that order."""
        return [call["To"] for call in self.twilio.posted]

    @property
    def events(self) -> list[str]:
        return [event for _, event, _ in self.sockets.frames]

    def told(self, event: str) -> Any:
        """What the last such event said."""
        return next(data for _, name, data in reversed(self.sockets.frames) if name == event)

    @property
    def finished(self) -> Any:
        return self.told("autocall:finished")


@contextmanager
def world(hours: str = "always", lines: int = 2) -> Iterator[World]:
    with stopped():
        yield World(Tables(), load_hours(hours), lines)


def soon(seconds: float) -> str:
    return stamp(now() + seconds)
