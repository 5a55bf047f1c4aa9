"""Counts the round trips that somebody waits for, one after the other, and says how long they take on AWS.

The functions run as they ship, over tables in memory, in no time at all: each request moves a clock of our own by a
delay of `delays.json`, and requests that are sent side by side move it once, by the longest. So the machine does not
matter, and the same code gives the same figures. What is left out is CPU.

`python -m benchmarks.round_trips` prints the table of `docs/scale.md`.
"""

import math
import os
import random
import statistics
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar
from unittest.mock import patch

import pytest

from autocall.call_outcomes import Outcome, Placed
from autocall.session import PHONE
from autocall.session_table import SessionTable
from autocall.timing import Timing, now
from benchmarks.apart import tell
from benchmarks.delays import CONNECTIONS, DELAYS, DYNAMODB, QUEUE, SECRETS, SQS, TWILIO
from benchmarks.environment import QUIET
from benchmarks.figures import Figure, percentile
from tests.faults.tables import AGENTS
from tests.unit.shipped_functions import AGENT, Shipped, shipped, sid

MOST_OF_FLOOR = 1.2
DRAWS, SEED = 10_000, 1
_SERVICE = {
    **dict.fromkeys(("Query", "GetItem", "BatchGetItem", "PutItem", "UpdateItem", "DeleteItem"), DYNAMODB),
    "SendMessage": SQS,
    "PostToConnection": CONNECTIONS,
    "GetSecretValue": SECRETS,
}
_P99_OF_NORMAL = statistics.NormalDist().inv_cdf(0.99)
_LEG, _SESSION = "CA" + "2" * 32, "session"
_SETTINGS = {"CALLS_PER_SECOND": "1000", "LINES": "1"}

Moment = list[float]  # in round trips, in milliseconds, and in milliseconds of each draw
Draw = Callable[[str], Moment]
T = TypeVar("T")


def on_aws(draws: int = DRAWS, seed: int = SEED) -> Draw:
    """The time that one request takes: once counted as one, once its p50, and then drawn so often.

    Drawn times have the table's p50 and p99. The way from the queue to the function is no round trip.
    """
    dice = random.Random(seed)

    def draw(service: str) -> Moment:
        p50, p99 = (DELAYS[service][share] for share in ("p50", "p99"))
        spread = math.log(p99 / p50) / _P99_OF_NORMAL
        drawn = [p50 * math.exp(spread * dice.gauss(0, 1)) for _ in range(draws)]
        return [float(service != QUEUE), p50, *drawn]

    return draw


@dataclass
class Sent:
    """One request: when it was sent, and when it was answered."""

    operation: str
    began: Moment
    ended: Moment


class Clock:
    """Goes on only while a request is on its way; what happens side by side, begins at the same time."""

    def __init__(self, draw: Draw) -> None:
        self.draw = draw
        self.restart()

    def restart(self) -> None:
        """Nothing has been sent, and no time has passed."""
        self.sent: list[Sent] = []
        self.of_the_run: list[Sent] = []
        self._busy: dict[str, Moment] = {}
        self.now: Moment = [0.0 for _ in self.draw(DYNAMODB)]

    def takes(self, service: str, operation: str, one_at_a_time: str = "") -> None:
        """A request is sent and answered; of those to one page each waits for the one before."""
        began = _later(self.now, self._busy.get(one_at_a_time, self.now))
        self.now = [at + more for at, more in zip(began, self.draw(service), strict=True)]
        if one_at_a_time:
            self._busy[one_at_a_time] = self.now
        self.sent.append(Sent(operation, began, self.now))

    def waits_until(self, moment: Moment) -> None:
        self.now = _later(self.now, moment)

    def first(self, operation: str) -> Sent:
        """The first such request of all, or of the run, once it has come."""
        found = [sent for sent in self.of_the_run or self.sent if sent.operation == operation]
        return min(found, key=lambda sent: sent.began)


def _later(one: Moment, other: Moment) -> Moment:
    return [max(each) for each in zip(one, other, strict=True)]


class _Arrives(Future[T]):
    """Done at a moment of that clock, which whoever waits for it meets."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock, self.at = clock, clock.now

    def set_result(self, result: T) -> None:
        self.at = self._clock.now
        super().set_result(result)

    def result(self, timeout: float | None = None) -> T:
        self._clock.waits_until(self.at)
        return super().result(timeout)


class _SideBySide(Executor):
    """Threads of that clock: what is begun takes none of the time of whoever began it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def submit(self, work: Callable[..., T], /, *args: Any, **named: Any) -> Future[T]:
        before, done = self._clock.now, _Arrives[T](self._clock)
        try:
            done.set_result(work(*args, **named))
        finally:
            self._clock.now = before
        return done


def _wait(sending: Iterable[Future[None]], _patience: float) -> None:
    for each in sending:
        each.result()


@dataclass
class Scene:
    """An agent with a page open and three leads that wait; what happens is told by the clock."""

    world: Shipped
    clock: Clock
    leads: list[str] = field(default_factory=list)

    def queued_run(self) -> None:
        """The run comes that was queued, as soon as its message has been sent and delivered."""
        sent = self.clock.first("SendMessage")
        self.clock.now = [at + more for at, more in zip(sent.ended, self.clock.draw(QUEUE), strict=True)]
        before = len(self.clock.sent)
        self.world.run()
        self.clock.of_the_run = self.clock.sent[before:]

    def answers(self, status: str) -> None:
        """A callback about the one call that is in flight."""
        lead = self.leads[0]
        answer = self.world.callback(lead, "attempt", CallSid=sid(lead), CallStatus=status)
        assert answer["statusCode"] == 204, answer


@contextmanager
def scene(draw: Draw, *, on_the_line: bool, in_flight: str = "") -> Iterator[Scene]:
    """The first lead's call is *in_flight* as that status, if at all; the functions have read their secret."""
    with ExitStack() as stack:
        monkeypatch = stack.enter_context(pytest.MonkeyPatch.context())
        audio = {"AUDIO": "agent" if on_the_line else "message"}
        world = stack.enter_context(shipped(monkeypatch, **_SETTINGS, **audio))
        here = Scene(world, clock := Clock(draw))
        stack.enter_context(_moving(clock))
        for name in ("status_webhook", "dialer", "leads_fetched"):
            world.function(name)
        world.function("status_webhook").secret.get()
        world.tabs(1)
        if on_the_line:
            _comes_on_the_line(world)
        here.leads = world.calls(1, in_flight) if in_flight else []
        if on_the_line and in_flight:
            sessions = SessionTable(world.aws("dynamodb"), AGENTS, Timing())
            assert sessions.reserve(AGENT, _SESSION, here.leads[0], "attempt", now()).won
        here.leads += world.waiting(3)[len(here.leads) :]
        clock.restart()
        yield here


def _comes_on_the_line(world: Shipped) -> None:
    sessions = SessionTable(world.aws("dynamodb"), AGENTS, Timing())
    assert sessions.open(AGENT, _SESSION, PHONE, 30, now()).won
    assert sessions.live(AGENT, _SESSION, _LEG, now()).won


@contextmanager
def _moving(clock: Clock) -> Iterator[None]:
    """From now on all that the functions send moves the clock, and nothing takes time but that."""
    from autocall import aws  # the session that the functions make their clients with

    def request(request: Any, event_name: str, **_: Any) -> None:
        operation = event_name.rsplit(".", 1)[-1]
        to = request.url if operation == "PostToConnection" else ""
        clock.takes(_SERVICE[operation], operation, one_at_a_time=to)

    def place(*_: Any) -> Outcome:
        clock.takes(TWILIO, "POST")
        return Placed("CA" + "9" * 32)

    with (
        patch("autocall.together._pool", lambda: _SideBySide(clock)),
        patch("autocall.outboxes.ThreadPoolExecutor", lambda *_args, **_named: _SideBySide(clock)),
        patch("autocall.outboxes.Future", lambda: _Arrives[None](clock)),
        patch("autocall.outboxes._await", _wait),
        patch("autocall.twilio_calls.TwilioCalls.place", place),
    ):
        session: Any = aws._session
        session.register("before-send", request)
        try:
            yield
        finally:
            session.unregister("before-send", request)


# -- the paths ---------------------------------------------------------------------------------------------------------


def _fetched(draw: Draw, *, on_the_line: bool) -> Clock:
    with scene(draw, on_the_line=on_the_line) as here:
        here.world.frame('{"event": "leads:fetched"}')
        here.queued_run()
        return here.clock


def _ended(draw: Draw, *, on_the_line: bool) -> Clock:
    with scene(draw, on_the_line=on_the_line, in_flight="ringing") as here:
        here.answers("no-answer")
        here.queued_run()
        return here.clock


def _rings(draw: Draw, *, on_the_line: bool) -> Clock:
    with scene(draw, on_the_line=on_the_line, in_flight="queued") as here:
        here.answers("ringing")
        return here.clock


def _ends(draw: Draw, *, on_the_line: bool) -> Clock:
    with scene(draw, on_the_line=on_the_line, in_flight="ringing") as here:
        here.answers("no-answer")
        return here.clock


_RUN = ("takes its mark", "reads", "claims", "looks again", "notes the call")
_PUSH = {"record": DYNAMODB, "who listens": DYNAMODB, "push": CONNECTIONS}


@dataclass(frozen=True)
class Wait:
    """What somebody waits for: from something that happens until a request leaves, or has arrived at the page."""

    name: str
    happens: Callable[..., Clock]
    until: str
    floor: dict[str, str]
    reserves: bool = False

    def took(self, draw: Draw, *, on_the_line: bool) -> Moment:
        request = self.happens(draw, on_the_line=on_the_line).first(self.until)
        return request.began if self.until == "POST" else request.ended

    def floor_took(self, draw: Draw, *, on_the_line: bool) -> Moment:
        """The same with only what cannot be left out, each in one round trip."""
        services = [*self.floor.values(), *[DYNAMODB] * (on_the_line and self.reserves)]
        return [sum(each) for each in zip(*map(draw, services), strict=True)]


def _to_the_post(begins: str) -> dict[str, str]:
    return {begins: DYNAMODB, "queue": SQS, "comes": QUEUE} | dict.fromkeys(_RUN, DYNAMODB)


WAITS = (
    Wait("`leads:fetched` → the POST leaves", _fetched, "POST", _to_the_post("the frame"), reserves=True),
    Wait("end callback → the next POST leaves", _ended, "POST", _to_the_post("the record"), reserves=True),
    Wait("callback: it rings → page", _rings, "PostToConnection", _PUSH),
    Wait("end callback → page", _ends, "PostToConnection", _PUSH),
)


@dataclass(frozen=True)
class Row:
    """One path, in milliseconds and round trips, beside its floor; p99s are drawn."""

    name: str
    trips: int
    floor_trips: int
    p50: float
    floor_p50: float
    p99s: tuple[float, float] | None

    @property
    def ratio(self) -> float:
        return self.p50 / self.floor_p50

    @property
    def exact(self) -> str:
        """What is the same on every machine, in Markdown."""
        figures = f"{self.trips} | {self.floor_trips} | {self.p50:.0f} | {self.floor_p50:.0f} | {self.ratio:.2f}"
        return f"| {self.name} | {figures} |"

    def __str__(self) -> str:
        return self.exact + "".join(f" {drawn:,.0f} |" for drawn in self.p99s or ())


def row(wait: Wait, *, on_the_line: bool, draws: int = DRAWS) -> Row:
    """One line of the table."""
    draw = on_aws(draws)
    trips, p50, *drawn = wait.took(draw, on_the_line=on_the_line)
    least, floor_p50, *floor_drawn = wait.floor_took(draw, on_the_line=on_the_line)
    name = f"on the line: {wait.name}" if on_the_line else wait.name
    p99s = (percentile(drawn, 0.99), percentile(floor_drawn, 0.99)) if draws else None
    return Row(name, int(trips), int(least), p50, floor_p50, p99s)


def rows() -> Iterator[Row]:
    """All paths, without and with an agent on the line."""
    for on_the_line in (False, True):
        for wait in WAITS:
            yield row(wait, on_the_line=on_the_line)


def measure() -> Iterator[Figure]:
    """The figures of the table."""
    for line in rows():
        about = f"{line.trips} round trips, {line.p50:.0f} ms; floor {line.floor_trips}, {line.floor_p50:.0f} ms"
        yield Figure("round trips", line.name.replace("`", ""), line.ratio, "x floor", most=MOST_OF_FLOOR, about=about)


def table() -> str:
    """In Markdown."""
    head = "| from → until | round trips | floor | ms, p50 | floor | ratio | ms, p99 | floor |"
    return "\n".join([head, "|---|" + "---|" * 7, *map(str, rows())])


if __name__ == "__main__":
    os.environ |= QUIET
    if "--figures" in sys.argv:
        tell(list(measure()))
    else:
        print(table())
