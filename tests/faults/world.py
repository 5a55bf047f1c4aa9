"""The functions' own code in a world of one process: tables, queue, Twilio, tabs and a clock that the test drives.

What may never happen is checked at every write and after every step; what must happen in the end, by `rest`.
"""

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from autocall import leads, timing
from autocall.agent_table import AgentTable
from autocall.dial_queue import DialQueue
from autocall.gates import load_hours
from autocall.lead_table import LeadTable
from autocall.messages import RunMessage
from autocall.push import Push
from autocall.timing import Timing, parse
from functions.dialer.call import CallOptions
from functions.dialer.dial import Dial
from functions.dialer.pacing import Pacer
from functions.dialer.repair import Repair
from functions.dialer.run import Run
from functions.dialer.run import Tools as DialerTools
from functions.leads_api import intake, one_lead, releasing, sign_out, switch
from functions.leads_api.answer import Problem
from functions.leads_api.request import Request
from functions.leads_api.tools import Tools as ApiTools
from functions.leads_fetched.frames import Desk, Frame
from functions.status_webhook import report as reporting
from functions.status_webhook.report import Report, Reports
from tests.faults.effects import Effects, Fault, Invocation, Killed, Wire
from tests.faults.model_queue import ModelQueue
from tests.faults.model_twilio import ModelTwilio
from tests.faults.tables import AGENTS, LEADS, Tables

START = 1_780_000_000.0
USER = "ada"
SENDER = "+12015550199"
PHONES = tuple(f"+1201555010{digit}" for digit in range(6))
TIMES = Timing()
_TAB_LIVES_S = 7200
_REST_S = 20 * 86_400
_ROUNDS = 600
PARENT = Logger(service=reporting.logger.service)  # what a function's handler makes
API = {
    "import": intake.take,
    "delete": one_lead.delete,
    "forbid": one_lead.forbid,
    "allow": one_lead.allow,
    "release": releasing.release,
    "pause": switch.pause,
    "resume": switch.resume,
    "sign out": sign_out.sign_out,
}


class Gone(Exception):
    """What the management API says of a socket that is closed."""


@dataclass
class Sockets:
    """The open sockets, and what each has received."""

    open: dict[str, float] = field(default_factory=dict)
    frames: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    exceptions: Any = field(default_factory=lambda: SimpleNamespace(GoneException=Gone))

    def post_to_connection(self, *, ConnectionId: str, Data: str | bytes) -> None:  # noqa: N803
        if ConnectionId not in self.open:
            raise Gone
        self.frames.setdefault(ConnectionId, []).append(json.loads(Data))

    def delete_connection(self, *, ConnectionId: str) -> None:  # noqa: N803
        self.open.pop(ConnectionId, None)


class World:
    """One agent's installation; every method is one thing that can happen."""

    def __init__(self, lines: int = 2, calls_per_second: float = 0) -> None:
        self.now = START
        self.effects = Effects(self.clock, self.wait)
        self.tables = Tables(self._watch)
        self.twilio = ModelTwilio(self.clock)
        self.messages = ModelQueue(self.clock, 3 * TIMES.function)
        self.sockets = Sockets()
        dynamodb: Any = Wire(self.effects, self.tables)
        sqs: Any = Wire(self.effects, self.messages)
        sockets: Any = Wire(self.effects, self.sockets)
        self.calls: Any = Wire(self.effects, self.twilio, aws=False)
        self.leads, self.agents = LeadTable(dynamodb, LEADS, TIMES), AgentTable(dynamodb, AGENTS)
        self.queue, self.push = DialQueue(sqs, "queue"), Push(sockets, self.agents)
        self._hours = load_hours("always")
        self._dialer = self._dialer_tools(lines, calls_per_second)
        self._api = self._api_tools(lines)
        self._reports = Reports(self.leads, self.queue, self.push)
        self._desk = Desk(self.agents, self.leads, self.queue, self.push)

    def _dialer_tools(self, lines: int, calls_per_second: float) -> DialerTools:
        options = CallOptions(SENDER, 25, 3600, "Hello.", "", "https://autocall.example")
        pacer = Pacer(self.agents, 1 / calls_per_second, sleep=self.wait) if calls_per_second else None
        return DialerTools(
            leads=self.leads,
            agents=self.agents,
            queue=self.queue,
            push=self.push,
            repair=Repair(self.leads, self.calls, TIMES, SENDER),
            dial=Dial(self.leads, self.agents, self.calls, options, self._hours, TIMES),
            pacer=pacer,
            hours=self._hours,
            timing=TIMES,
            lines=lines,
        )

    def _api_tools(self, lines: int) -> ApiTools:
        return ApiTools(
            leads=self.leads,
            agents=self.agents,
            queue=self.queue,
            push=self.push,
            twilio=lambda: self.calls,
            timing=TIMES,
            hours=self._hours,
            sender=SENDER,
            region="US",
            installation={"lines": lines},
        )

    def clock(self) -> float:
        return self.now

    def time(self) -> float:
        """What `autocall.timing` takes for the module `time`."""
        return self.now

    # -- what can happen ---------------------------------------------------------------------------------------------

    def wait(self, seconds: float) -> None:
        self.now += seconds

    def run(self, fault: Fault | None = None) -> Invocation | None:
        """The queue delivers one message to the dialer; only a run that ends well takes it off the queue."""
        message = self.messages.next()
        if message is None:
            return None
        told = RunMessage.loads(message.body)
        run = Run(self._dialer, told, self.now + TIMES.function)
        invocation = self._invoke(run.work, TIMES.function, fault)
        if invocation:
            self.messages.done(message)
        return invocation

    def callback(self, report: Report, fault: Fault | None = None, *, again: bool = False) -> Invocation | None:
        """One delivery of a callback; Twilio sends it again unless it was answered well, or *again* all the same."""
        done = self._invoke(lambda: self._reports.receive(report, self.now), 10, fault)
        if done and not again and report in self.twilio.callbacks:
            self.twilio.callbacks.remove(report)
        return done

    def open_tab(self, fault: Fault | None = None) -> str:
        """A page opens its socket and has loaded its leads; the socket's id."""
        tab = f"tab-{len(self.sockets.frames)}"
        self.sockets.open[tab] = self.now
        self.sockets.frames[tab] = []
        if self._invoke(lambda: self.agents.connect(USER, tab, int(self.now) + 86_400, self.now), 10, None):
            self.frame(tab, "leads:fetched", fault)
        return tab

    def frame(self, tab: str, event: str, fault: Fault | None = None) -> Invocation | None:
        """A page sends a frame; on a closed socket it goes nowhere."""
        if tab not in self.sockets.open:
            return None
        frame = Frame(USER, tab, int(START) + 10**9, "correlation", json.dumps({"event": event}))
        return self._invoke(lambda: self._desk.answer(frame), 10, fault)

    def close_tab(self, tab: str, *, told: bool) -> None:
        """The page goes away; *told* is whether `$disconnect` came."""
        if self.sockets.open.pop(tab, None) and told:
            self._invoke(lambda: self.agents.disconnect(USER, tab), 10, None)

    def ask(self, what: str, phone: str = "", body: Any = None, fault: Fault | None = None) -> str:
        """A person does something over the HTTP API; "ok", the code of the refusal, or "failed"."""
        lead = leads.lead_id(USER, phone)
        text = json.dumps(body if body is not None else {}).encode()
        until = self.now + 25
        request = Request(what, USER, False, "correlation", {"id": lead}, {}, "application/json", text, self.now, until)
        try:
            return "ok" if self._invoke(lambda: API[what](self._api, request), 29, fault) else "failed"
        except Problem as problem:
            return problem.code

    def imports(self, *phones: str, fault: Fault | None = None) -> str:
        return self.ask("import", body=[{"phone": phone, "state": "NY"} for phone in phones], fault=fault)

    def release(self, phone: str, fault: Fault | None = None) -> str:
        """A person has seen the lead's outcome is unknown, and puts it back."""
        return self.ask("release", phone, {"attempt_id": self.row(phone).get("attempt_id", "")}, fault)

    def row(self, phone: str) -> dict[str, Any]:
        with self.unseen():
            return self.leads.get(USER, leads.lead_id(USER, phone))

    @contextmanager
    def unseen(self) -> Iterator[None]:
        """The test looks itself: no effect of any function."""
        stack, self.effects.stack = self.effects.stack, []
        try:
            yield
        finally:
            self.effects.stack = stack

    def _invoke(self, function: Callable[[], Any], timeout: float, fault: Fault | None) -> Invocation | None:
        """None if the function was killed or failed as Lambda would see it fail; a mistake of ours is not caught."""
        try:
            return self.effects.invoke(function, timeout, fault)
        except (Killed, ClientError, BotoCoreError):
            return None

    # -- what may never happen ---------------------------------------------------------------------------------------

    def _watch(self, table: str, before: dict[str, Any], after: dict[str, Any]) -> None:
        if table != LEADS:
            return
        was, status = before.get("call_status"), after.get("call_status")
        assert was not in leads.FINAL or status == was, f"a final status moved: {was} to {status}"
        assert after.get("version", 0) >= before.get("version", 0), "a version went back"
        assert was == status or after["version"] > before.get("version", 0), "a status changed unseen"
        assert before.get("phone") in (None, after.get("phone")) or after.get("deleted_at"), "a number moved"
        if status == leads.PENDING:
            calls = [call for call in self.twilio.calls if call.where[1] == after["lead_id"]]
            assert not calls, f"a lead that was called waits again (it was {was})"
        if status:
            assert after["has_been_called"] == (status != leads.PENDING), f"the flag lies: {status}"

    def check(self) -> None:
        """Nobody is called twice, whatever happened so far."""
        for phone in PHONES:
            assert self.twilio.made(phone) <= 1, f"{phone} was called {self.twilio.made(phone)} times"

    # -- what must happen in the end ---------------------------------------------------------------------------------

    def rest(self) -> None:
        """No more faults, a page is open, time passes as its clock and the calls want it, until nothing moves."""
        self.twilio.answer, self.twilio.unreachable = "placed", False
        self.ask("resume")
        self.sockets.open.clear()
        tab, asked_at, limit = "", self.now, self.now + _REST_S
        for _ in range(_ROUNDS):
            if not tab or self.now - self.sockets.open[tab] > _TAB_LIVES_S - 60:
                tab, asked_at = self.open_tab(), self.now
            self._settle()
            if self._all_rest():
                break
            due = self._page_asks_at(tab, asked_at)
            moments = [due, self.messages.next_visible() or due]
            assert min(moments) < limit, f"it never rests: {self._short()}"
            self.now = max(self.now + 0.001, min(moments))
            if self.now - self.sockets.open[tab] > _TAB_LIVES_S - 60:
                continue
            self.frame(tab, "ping")
            if self.now >= due:
                self.frame(tab, "leads:fetched")
                asked_at = self.now
        assert self._all_rest(), f"it never rests: {self._short()}"
        self._check_the_end()

    def _settle(self) -> None:
        """All that can happen at this moment: runs, calls that end, callbacks that arrive."""
        for _ in range(200):
            before = (len(self.messages.messages), len(self.twilio.callbacks))
            while self.run():
                self.check()
            for call in self.twilio.calls:
                self.twilio.becomes(call, "completed")
            for report in list(self.twilio.callbacks):
                self.callback(report)
            if before == (len(self.messages.messages), len(self.twilio.callbacks)) and not self.twilio.callbacks:
                return
        raise AssertionError("it never comes to rest within one moment")

    def _page_asks_at(self, tab: str, asked_at: float) -> float:
        """`leads:fetched` again at `next_at`; two minutes later if no run has ended since."""
        finished = [frame["data"] for frame in self.sockets.frames[tab] if frame["event"] == "autocall:finished"]
        if not finished:
            return asked_at + 120
        next_at = finished[-1]["next_at"]
        return max(parse(next_at), asked_at + 1) if next_at else float("inf")

    def _rows(self) -> list[dict[str, Any]]:
        with self.unseen():
            return self.leads.page(USER, None, 1000)[0]

    def _all_rest(self) -> bool:
        return not self.messages.messages and all(_rests(row) for row in self._rows())

    def _check_the_end(self) -> None:
        for phone in PHONES:
            row, made = self.row(phone), self.twilio.made(phone)
            assert made <= 1
            match row.get("call_status"):
                case None:
                    assert made == 0, "called, and not even a lead"
                case leads.PENDING:
                    assert row.get("dnc") or row.get("deleted_at"), f"forgotten: {_words(row)}"
                case leads.UNKNOWN:
                    assert made == 0, f"Twilio knows the call, and was not believed: {_words(row)}"
                case "failed" if made == 0:
                    assert phone in self.twilio.refused, f"failed without a reason: {_words(row)}"
                case _:
                    assert made == 1, f"it says it was called: {_words(row)}"

    def _short(self) -> str:
        rows = "; ".join(_words(row) for row in self._rows() if not _rests(row))
        return f"{rows or 'rows rest'}; {len(self.messages.messages)} runs queued, {len(self.messages.dead)} dead"


def _rests(row: dict[str, Any]) -> bool:
    """Whether only a person can change anything about the row."""
    if not row.get("call_status") or row.get("deleted_at") or row["call_status"] in leads.FINAL:
        return not str(row.get("due", "")).startswith(leads.BUSY)
    if row["call_status"] == leads.PENDING:
        return bool(row.get("dnc")) and "due" not in row
    return leads.can_release(row)


def _words(row: dict[str, Any]) -> str:
    return f"{row.get('call_status')} due {row.get('due')} held {(row.get('held') or {}).get('reason')}"


@contextmanager
def world(**choices: Any) -> Iterator[World]:
    """A world whose clock is everybody's, and whose functions log nothing."""
    made, before = World(**choices), timing.time
    logging.disable(logging.CRITICAL)
    timing.time = made  # type: ignore[assignment]
    try:
        yield made
    finally:
        timing.time = before
        logging.disable(logging.NOTSET)
