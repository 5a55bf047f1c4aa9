"""The functions' own code in a world of one process: tables, queue, Twilio, tabs and a clock that the test drives.

What may never happen is checked at every write and after every step; what must happen in the end, by `rest`.
"""

import json
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from types import SimpleNamespace
from typing import Any, TypeVar, cast
from unittest.mock import patch

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from autocall import dynamo, installation_table, leads, timing, together
from autocall.agent_table import AgentTable
from autocall.audio import Audio
from autocall.called_table import CalledTable
from autocall.caller_id_table import CallerIdTable
from autocall.caller_ids import CallerIds
from autocall.dial_queue import DialQueue
from autocall.dynamo import from_dynamo
from autocall.gates import lead_gate, load_hours
from autocall.hours_file import read_hours
from autocall.installation_table import INSTALLATION, InstallationTable
from autocall.lead_table import LeadTable
from autocall.leads import LeadKey
from autocall.messages import RunMessage
from autocall.outboxes import Outboxes, Post, To
from autocall.push import Push
from autocall.queued_run import QueuedRuns
from autocall.rate_limit import RateLimiter
from autocall.session_table import SessionTable
from autocall.timing import Timing
from functions.connect.admission import admitted
from functions.dialer.call_request import CallRequest
from functions.dialer.caller_id_gate import CallerIdGate
from functions.dialer.daily_limit import DailyLimit
from functions.dialer.dial import Dialer
from functions.dialer.number_gate import NumberGate
from functions.dialer.reconcile import Reconciler
from functions.dialer.retry import Delivery, run_or_retry
from functions.dialer.run import Run
from functions.dialer.run import Services as DialerTools
from functions.leads_api import (
    again,
    called_number,
    concurrent_map,
    confirm,
    do_not_call,
    hold,
    import_leads,
    note,
    one_lead,
    outcome,
    pause_resume,
    release,
    ring_back,
    settings,
    settle,
    sign_out,
    voicemail,
)
from functions.leads_api.lists import phone_numbers
from functions.leads_api.request import Request
from functions.leads_api.response import HttpError
from functions.leads_api.services import Services as ApiTools
from functions.leads_fetched.agent_frames import AgentFrames
from functions.leads_fetched.frames import Frame, FrameHandler
from functions.status_webhook import status_callback as reporting
from functions.status_webhook.status_callback import CallbackHandler, StatusCallback
from tests.faults import in_the_end
from tests.faults.effects import Effects, Fault, Invocation, Killed, Wire
from tests.faults.model_queue import ModelQueue
from tests.faults.model_twilio import ModelTwilio
from tests.faults.tables import AGENTS, LEADS, Tables
from tests.faults.writes import Table, counted

START = 1_780_000_000.0  # a Thursday, 16:26 in New York
USERS = ("ada", "grace")
USER = USERS[0]
SENDER = "+12015550199"
CALLER_IDS = CallerIds.parse(SENDER)
PHONES = tuple(f"+1201555010{digit}" for digit in range(6))
TIMES = Timing()
MESSAGE, AUDIO = "This is Acme, +12015550199.", Audio("message", "Acme", "+12015550199", 30)
_MOST_A_DAY = 10_000
TAB_LIVES_S = 7200
PARENT = Logger(service=reporting.logger.service)  # what a function's handler makes
API = {
    "import": import_leads.import_leads,
    "delete": one_lead.delete,
    "forbid": one_lead.add_to_dnc,
    "forbid numbers": do_not_call.add_numbers,
    "allow": one_lead.remove_from_dnc,
    "release": release.release,
    "settle": settle.settle,
    "confirm": confirm.confirm,
    "again": again.again,
    "outcome": outcome.save,
    "voicemail": voicemail.drop,
    "hold": hold.hold,
    "note": note.save,
    "ring back": ring_back.save,
    "lift": called_number.lift,
    "pause": pause_resume.pause,
    "resume": pause_resume.resume,
    "settings": settings.change,
    "sign out": sign_out.sign_out,
}
_HANDSHAKE = 2  # effects: the connection is written down, and all of the agent's are read
_WATCHED = (
    *("lead_id", "call_status", "version", "phone", "deleted_at", "has_been_called", "confirmed_until"),
    *("attempt_id", "calls", "again_after", "dnc"),
)
_WORDS_FOR_ANOTHER_CALL = ("again", "outcome")
_DAY = {"week": {"mon-sun": "00:00-24:00"}}
BY_HAND = "a person starts each call"
"""Hours of our own, where leads are: always open, and no call without a person's word."""
_read_once, _hours_once, _ids_once = cache(phone_numbers.parse), cache(load_hours), cache(leads.lead_ids)

T = TypeVar("T")


class InTurn:
    """For the same reason, in the place of a pool of threads."""

    def __init__(self, _threads: int) -> None: ...

    def __enter__(self) -> "InTurn":
        return self

    def __exit__(self, *_: object) -> None: ...

    @staticmethod
    def map(work: Callable[[Any], T], items: Iterable[Any]) -> list[T]:
        return [work(item) for item in items]


class AtOnce(Executor):
    """In the place of the threads that push: what kills a push kills whoever asked for it."""

    def submit(self, work: Callable[..., T], /, *args: Any, **named: Any) -> "Future[T]":
        done: Future[T] = Future()
        done.set_result(work(*args, **named))
        return done


class OneByOne(AtOnce):
    """In the place of the threads that ask side by side: whoever is killed there asks for nothing more."""

    def submit(self, work: Callable[..., T], /, *args: Any, **named: Any) -> "Future[T]":
        done: Future[T] = Future()
        try:
            done.set_result(work(*args, **named))
        except Exception as error:  # noqa: BLE001 - as a thread keeps it, for whoever waits
            done.set_exception(error)
        return done


class EachItsOwn:
    """Outboxes of which each invocation has its own, as each is a process: none sends, or drops, what others say."""

    def __init__(self, post: Post) -> None:
        self._post = post

    def send(self, frame: bytes, connections: Iterable[To], patience: float) -> int:
        return Outboxes(self._post, AtOnce()).send(frame, connections, patience)

    @staticmethod
    def flush(_patience: float) -> int:
        return 0


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


class Refused(Exception):
    """A handshake of an agent whom an operator has taken out."""


class World:
    """An installation of one agent or two; every method is one thing that can happen."""

    def __init__(
        self, lines: int = 2, calls_per_second: float = 0, hours: str = "always", users: tuple[str, ...] = (USER,)
    ) -> None:
        self.now, self.users = START, users
        self.effects = Effects(self.clock, self.wait)
        self.written: Counter[str] = Counter()
        self._seen: tuple[int, list[dict[str, Any]]] = (-1, [])
        self.tables = Tables(self._watch)
        self.twilio = self._model_twilio()
        self.messages = ModelQueue(self.clock, 3 * TIMES.function)
        self._running: dict[str, float] = {}
        self._checked = (0, 0)
        self.sockets = Sockets()
        self.once_claimed: Callable[[], object] | None = None
        self._closed: dict[str, str] = {}
        self._words_for_another_call: Counter[str] = Counter()
        self.wishes: dict[str, set[str]] = {}
        """By lead: the attempts after which a person wanted another call, and the row took their word."""
        dynamodb: Any = Wire(self.effects, self.tables)
        sqs: Any = Wire(self.effects, self.messages)
        sockets: Any = Wire(self.effects, self.sockets)
        self.calls: Any = Wire(self.effects, self.twilio, aws=False)
        self.leads = self._telling(LeadTable(dynamodb, LEADS, TIMES))
        self.agents = self._telling(AgentTable(dynamodb, AGENTS))
        self.installation = self._telling(InstallationTable(dynamodb, AGENTS))
        self.called = self._telling(CalledTable(dynamodb, AGENTS))
        self.caller_ids = self._telling(CallerIdTable(dynamodb, AGENTS))
        self.marks = self._telling(QueuedRuns(dynamodb, AGENTS, TIMES.function))
        self.queue, self.push = DialQueue(sqs, "queue", self.marks), Push(sockets, self.agents)
        self.push._outboxes = cast(Any, EachItsOwn(self.push._send))
        self.by_hand = hours == BY_HAND
        own = {"world": _DAY, "countries": {"US": _DAY | {"mode": "confirm"}}}
        self._hours = read_hours(own) if self.by_hand else _hours_once(hours)
        self._started: dict[str, bool] = {}
        self.sessions = self._telling(SessionTable(dynamodb, AGENTS, TIMES))
        self._dialer = self._dialer_tools(lines, calls_per_second)
        self._api = self._api_tools(lines)
        self._reports = CallbackHandler(self.leads, self.queue, self.push)
        frames = AgentFrames(self.sessions, self.queue, self.push)
        self._desk = FrameHandler(self.agents, self.leads, self.queue, self.push, frames)

    def _telling(self, table: Table) -> Table:
        return counted(table, self.written, self.tables.moved)

    def _model_twilio(self) -> ModelTwilio:
        return ModelTwilio(self.clock, self.wait, self._watch_post)

    def _dialer_tools(self, lines: int, calls_per_second: float) -> DialerTools:
        options = CallRequest(25, 3600, MESSAGE, "", "https://autocall.example", AUDIO)
        pacer = RateLimiter(self.installation, 1 / calls_per_second, sleep=self.wait) if calls_per_second else None
        return DialerTools(
            leads=self.leads,
            agents=self.agents,
            installation=self.installation,
            queue=self.queue,
            push=self.push,
            reconciler=Reconciler(self.leads, self.calls, TIMES, SENDER),
            dialer=self._new_dialer(options),
            rate_limiter=pacer,
            hours=self._hours,
            timing=TIMES,
            lines=lines,
            daily=DailyLimit(self.installation, _MOST_A_DAY, _MOST_A_DAY),
        )

    def _new_dialer(self, options: CallRequest, **more: Any) -> Dialer:
        numbers = NumberGate(self.called, self.leads, 30, TIMES)
        gate = CallerIdGate(CALLER_IDS, self.caller_ids, TIMES)
        return Dialer(
            self.leads, self.agents, self.installation, self.calls, options, self._hours, TIMES, numbers, gate, **more
        )

    def _api_tools(self, lines: int) -> ApiTools:
        return ApiTools(
            leads=self.leads,
            agents=self.agents,
            installation_table=self.installation,
            called_table=self.called,
            queue=self.queue,
            push=self.push,
            twilio=lambda: self.calls,
            hours=lambda: self._hours,
            timing=TIMES,
            caller_ids=CALLER_IDS,
            region="US",
            installation={"lines": lines, "wrap_up_s": 30},
        )

    def clock(self) -> float:
        return self.now

    def time(self) -> float:
        """What `autocall.timing` takes for the module `time`."""
        return self.now

    def owner(self, phone: str) -> str:
        """Whose lead a number is: the numbers are shared out among the agents."""
        return self.users[PHONES.index(phone) * len(self.users) // len(PHONES)]

    # -- what can happen ---------------------------------------------------------------------------------------------

    def wait(self, seconds: float) -> None:
        self.now += seconds

    def run(self, fault: Fault | None = None) -> Invocation | None:
        """The queue delivers one message to the dialer; only a run that ends well takes it off the queue."""
        message = self.messages.next()
        if message is None:
            return None
        assert self._running.get(message.group, self.now) <= self.now, "two runs of one agent overlap"
        told, until = RunMessage.loads(message.body), self.now + TIMES.function
        run, delivery = Run(self._dialer, told, until), Delivery(message.receipt, message.receives)
        self._running[message.group] = until
        try:
            invocation = self._invoke(
                lambda: run_or_retry(run.work, self.queue, TIMES, delivery), TIMES.function, fault
            )
        finally:
            if self._running.get(message.group) == until:  # else another runs already, for this one was out of time
                self._running.pop(message.group)
        if invocation:
            self.messages.done(message)
        return invocation

    def callback(self, report: StatusCallback, fault: Fault | None = None, *, again: bool = False) -> Invocation | None:
        """One delivery of a callback; Twilio sends it again unless it was answered well, or *again* all the same."""
        done = self._invoke(lambda: self._reports.handle(report, self.now), 10, fault)
        if done and not again and report in self.twilio.callbacks:
            self.twilio.callbacks.remove(report)
        return done

    def open_tab(self, fault: Fault | None = None, user: str = USER) -> str:
        """A page opens its socket and has loaded its leads; the socket's id, though it may have been refused."""
        in_handshake = fault is not None and fault.at < _HANDSHAKE
        tab = self.connect(fault if in_handshake else None, user)
        later = Fault(fault.kind, fault.at - _HANDSHAKE, fault.action) if fault and not in_handshake else None
        self.frame(tab, "leads:fetched", later)
        return tab

    def connect(self, fault: Fault | None = None, user: str = USER) -> str:
        """The handshake of a socket, which is open only when `$connect` has ended well; its id."""
        tab = f"{user}-{len(self.sockets.frames)}"
        self.sockets.frames[tab] = []
        if self._invoke(lambda: self._handshake(user, tab), 10, fault):
            self.sockets.open[tab] = self.now
        return tab

    def _handshake(self, user: str, tab: str) -> None:
        if not admitted(self.agents, self.push, user, tab, int(self.now) + 86_400, self.now):
            assert self._has_left(user) or self.effects.turn, "an agent was not let in"  # or had left in between
            raise Refused

    def frame(self, tab: str, event: str, fault: Fault | None = None) -> Invocation | None:
        """A page sends a frame; on a closed socket it goes nowhere."""
        if tab not in self.sockets.open:
            return None
        user = tab.partition("-")[0]
        frame = Frame(user, tab, int(START) + 10**9, "correlation", json.dumps({"event": event}))
        return self._invoke(lambda: self._desk.handle(frame), 10, fault)

    def close_tab(self, tab: str, fault: Fault | None = None, *, told: bool) -> Invocation | None:
        """The page goes away; *told* is whether `$disconnect` came, which comes once at most."""
        if self.sockets.open.pop(tab, None) is None or not told:
            return None
        return self._invoke(lambda: self.agents.disconnect(tab.partition("-")[0], tab), 10, fault)

    def live_on(self, seconds: float) -> None:
        """Time passes while pages stay open and ask; no callback comes meanwhile."""
        for _ in range(_PIECES):
            self.wait(seconds / _PIECES)
            for tab, since in list(self.sockets.open.items()):
                if self.now - since > TAB_LIVES_S:
                    self.close_tab(tab, told=True)
                    tab = self.open_tab(user=tab.partition("-")[0])
                self.frame(tab, "leads:fetched")
            while self.run():
                self.check()

    def ask(self, what: str, phone: str = "", body: Any = None, fault: Fault | None = None, user: str = "") -> str:
        """A person does something over the HTTP API; "ok", the code of the refusal, or "failed"."""
        user = user or (self.owner(phone) if phone else USER)
        admin = what in ("forbid numbers", "lift")
        text = json.dumps(body if body is not None else {}).encode()
        path, until = {"id": leads.lead_id(user, phone)}, self.now + 25
        request = Request(what, user, admin, "correlation", path, {}, "application/json", text, self.now, until)
        if what in _WORDS_FOR_ANOTHER_CALL:
            self._words_for_another_call[path["id"]] += (
                1  # for ever: the write may arrive long after the answer was given up
            )
        try:
            return "ok" if self._invoke(lambda: API[what](self._api, request), 29, fault) else "failed"
        except HttpError as problem:
            return problem.code

    def imports(self, *phones: str, note: str = "", fault: Fault | None = None) -> str:
        body = [{"phone": phone, "state": "NY", "note": note} for phone in phones]
        return self.ask("import", body=body, fault=fault, user=self.owner(phones[0]))

    def release(self, phone: str, fault: Fault | None = None) -> str:
        """A person has seen the lead's outcome is unknown, and puts it back."""
        return self.ask("release", phone, {"attempt_id": self.row(phone).get("attempt_id", "")}, fault)

    def settle(self, phone: str, fault: Fault | None = None) -> str:
        """A person has seen that the lead's outcome is unknown, and says that it was called."""
        return self.ask("settle", phone, {"attempt_id": self.row(phone).get("attempt_id", "")}, fault)

    def again(self, phone: str, fault: Fault | None = None, after_s: float = 0) -> str:
        """A person has seen how the lead's call ended, and wants another: now, or so many seconds later."""
        at = {"at": timing.stamp(self.now + after_s)} if after_s else {}
        return self.ask("again", phone, {"attempt_id": self.row(phone).get("attempt_id", ""), **at}, fault)

    def forbid_for_all(self, phone: str, fault: Fault | None = None) -> str:
        return self.ask("forbid numbers", body={"numbers": [phone], "installation": True}, fault=fault)

    def leaves(self, user: str, fault: Fault | None = None) -> None:
        """An operator takes the agent out, and closes their sockets."""
        if self._invoke(lambda: self.agents.leave(user, "operator", self.now), 10, fault):
            for tab in [tab for tab in self.sockets.open if tab.partition("-")[0] == user]:
                self.close_tab(tab, told=True)

    def comes_back(self, user: str) -> None:
        with self.unseen():
            self.agents.come_back(user)

    def drop_runs(self) -> None:
        """The queue is empty, and no agent's mark says otherwise: what is queued from here on is the test's."""
        self.messages.messages.clear()
        for user in self.users:
            with self.unseen():
                self.marks.take(user)

    # -- what a test sees --------------------------------------------------------------------------------------------

    def row(self, phone: str) -> dict[str, Any]:
        with self.unseen():
            user = self.owner(phone)
            return self.leads.get(LeadKey(user, leads.lead_id(user, phone)))

    def rows(self) -> list[dict[str, Any]]:
        if self._seen[0] != self.tables.changes:
            with self.unseen():
                found = [row for user in self.users for row in self.leads.page(user, None, 1000)[0]]
            self._seen = self.tables.changes, found
        return self._seen[1]

    def forbidden_for_all(self, phone: str) -> bool:
        with self.unseen():
            return self.installation.is_forbidden(leads.number_hash(phone))

    def hidden(self, phone: str) -> bool:
        """Whether Twilio still hides a call past the bound: a person who released now would call again, as we say."""
        claimed_at = timing.parse(self.row(phone).get("claimed_at") or timing.stamp(self.now))
        return self.now - claimed_at >= TIMES.give_up_after and self.twilio.hides(phone)

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
        except (Killed, Refused, ClientError, BotoCoreError):
            return None

    # -- what may never happen ---------------------------------------------------------------------------------------

    def _watch(self, table: str, before: dict[str, Any], after: dict[str, Any]) -> None:
        if table != LEADS:
            return
        before, after = (
            from_dynamo({name: item[name] for name in _WATCHED if name in item}) for item in (before, after)
        )
        was, status = before.get("call_status"), after.get("call_status")
        lead, attempt = after["lead_id"], after.get("attempt_id", "")
        if was in (*leads.FINAL, leads.UNKNOWN) and status == leads.PENDING and after.get("again_after") == attempt:
            assert attempt not in self._wishes(lead), "one word of a person is taken twice"
            self.wishes[lead] = {*self._wishes(lead), attempt}
            assert len(self.wishes[lead]) <= self._words_for_another_call[lead], (
                "a lead is called again without a person's word"
            )
        elif was == leads.PENDING and before.get("again_after"):
            assert status in (leads.PENDING, leads.CLAIMED), "a late report took a person's word away"
        elif was in leads.FINAL:
            assert status == was, f"a final status moved: {was} to {status}"
        assert after.get("version", 0) >= before.get("version", 0), "a version went back"
        assert was == status or after["version"] > before.get("version", 0), "a status changed unseen"
        is_lead = status and not after.get("deleted_at")
        assert before.get("phone") in (None, after.get("phone")) or not is_lead, "a number moved"
        if status == leads.PENDING:
            calls = [call for call in self.twilio.calls if call.where[1] == after["lead_id"]]
            assert len(calls) <= len(self._wishes(lead)), f"a lead that was called waits again (it was {was})"
            assert after.get("calls", 0) >= len(calls), "calls were forgotten"
        if status:
            assert after["has_been_called"] == (status != leads.PENDING), f"the flag lies: {status}"
        if (was, status) == (leads.PENDING, leads.CLAIMED):
            assert "dnc" not in before, "a lead was claimed that its agent had forbidden"
            self._closed[after["lead_id"]] = self._gate(after["phone"])
            self._started[after["lead_id"]] = timing.parse(after.get("confirmed_until", timing.stamp(0))) > self.now
            act, self.once_claimed = self.once_claimed, None
            if act:
                act()

    def _wishes(self, lead: str) -> set[str]:
        return self.wishes.get(lead, set())

    def may_be_called(self, phone: str) -> int:
        """How many calls there may ever be: one, and one more for each word of a person."""
        return 1 + len(self._wishes(leads.lead_id(self.owner(phone), phone)))

    def _watch_post(self, phone: str, lead: str) -> None:
        """What was closed before the claim, and still is, has been seen: no call is asked for."""
        assert self._started[lead] or not self.by_hand, "a call was asked for that no person had started"
        closed = self._closed[lead]
        assert not closed or closed != self._gate(phone), f"a call was asked for although {closed}"

    def _has_left(self, user: str) -> bool:
        return (user, "left") in self.tables.items[AGENTS]

    def _counted(self, user: str) -> int:
        """How many calls all days together have counted."""
        items = self.tables.items[AGENTS].items()
        days = [item for (whose, name), item in items if whose == user and name.startswith("calls#")]
        return sum(int(day["calls"]["N"]) for day in days)

    def _gate(self, phone: str) -> str:
        """Why no call to this number may start now, "" if one may."""
        user = self.owner(phone)
        profile = from_dynamo(self.tables.items[AGENTS].get((user, "profile")))
        zones = from_dynamo({"zones": self.tables.items[LEADS][user, leads.lead_id(user, phone)]["zones"]})["zones"]
        if self._has_left(user):
            return "an operator has taken the agent out"
        if profile.get("paused") or timing.parse(profile.get("resume_at") or timing.stamp(0)) > self.now:
            return "the agent has paused"
        if lead_gate(zones, profile.get("window"), self._hours, self.now):
            return "it is not the hour"
        return "the number is forbidden for all" if self.forbidden_for_all(phone) else ""

    def check(self) -> None:
        """Nobody is called twice by the machine, whatever happened so far."""
        moment = (len(self.twilio.calls), self.tables.changes)
        if moment == self._checked:
            return  # no call and no row is another than when this was asked last
        self._checked = moment
        made = Counter(call.phone for call in self.twilio.calls)
        for phone, times in made.items():
            most = self.may_be_called(phone)
            assert times <= most, f"{phone} was called {times} times, and might be {most} times"
        of = Counter({INSTALLATION: made.total()})
        for phone, times in made.items():
            of[self.owner(phone)] += times
        for user, calls in of.items():
            counted = self._counted(user)
            assert counted >= calls, f"{calls} calls were made, and {counted} were counted"

    def rest(self) -> None:
        """No more faults; what must happen has happened when nothing moves any more."""
        in_the_end.come_to_rest(self)


_PIECES = 3


Kind = TypeVar("Kind", bound=World)


@contextmanager
def world(**choices: Any) -> Iterator[World]:
    """A world whose clock is everybody's, and whose functions log nothing and do one thing after the other."""
    with in_order(World(**choices)) as made:
        yield made


@contextmanager
def in_order(made: Kind) -> Iterator[Kind]:
    """The same of a world that is made."""
    logging.disable(logging.CRITICAL)
    try:
        with (
            patch.object(timing, "time", made),
            patch.object(installation_table, "time", SimpleNamespace(sleep=made.wait)),
            patch.object(concurrent_map, "ThreadPoolExecutor", InTurn),
            patch.object(together, "_pool", OneByOne),
            patch.object(phone_numbers, "parse", _read_once),
            patch.object(leads, "lead_ids", _ids_once),
            patch.object(dynamo, "uuid", SimpleNamespace(uuid4=count().__next__)),
        ):
            yield made
    finally:
        logging.disable(logging.NOTSET)
