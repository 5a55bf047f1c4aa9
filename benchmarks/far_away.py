"""Measures what is waited for with AWS as far away as it is: real functions, SDK, threads and TLS, and its delays.

Each request is answered after a delay of `delays.json`, ten times as long: so the CPU of a machine that others use too
is a small part of it. The floor is measured in turns with it: the bare SDK, with only the requests that cannot be
left out, by the same server. CPU is counted apart, for what the same would take at a function's share of a core.

`python -m benchmarks.far_away [--on-the-line] [--quick]`: without and with agents who are on the line before anybody is
called.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

from autocall.agent_table import AgentTable
from autocall.aws import client
from autocall.lead_table import LeadTable
from autocall.leads import Attempt, LeadKey, lead_id
from autocall.session import PHONE
from autocall.session_table import SessionTable
from autocall.timing import now
from benchmarks.apart import tell
from benchmarks.delays import DELAYS, QUEUE
from benchmarks.environment import ENVIRONMENT, QUIET
from benchmarks.figures import Figure
from benchmarks.in_process import Context, queued
from benchmarks.slow_services import SECRET, SlowServices, running

SAMPLES, QUICK_SAMPLES, WARM_UP = 15, 3, 1
SCALE = 10
MOST_OF_FLOOR = 1.2
SHARES = {512: 0.29, 1024: 0.58}
"""The share of a core that a function has, by its memory in MB."""
FETCHED, ENDED, RINGS, ENDED_PAGE = (
    "leads:fetched → the POST leaves",
    "end callback → the next POST leaves",
    "callback: it rings → page",
    "end callback → page",
)
_PUBLIC = ENVIRONMENT["PUBLIC_URL"]


@dataclass(frozen=True)
class Wait:
    """Seconds on the clock, and of this process's CPU."""

    wall: float
    cpu: float

    def until(self, later: "Wait") -> "Wait":
        return Wait(later.wall - self.wall, later.cpu - self.cpu)


def _moment() -> Wait:
    return Wait(time.monotonic(), time.process_time())


@dataclass
class Waits:
    """Those of each sample."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def add(self, wait: Wait) -> None:
        self.wall.append(wait.wall)
        self.cpu.append(wait.cpu)

    @property
    def p50(self) -> float:
        return statistics.median(self.wall)

    def at(self, share: float) -> float:
        """Seconds at that share of a core, with delays as they are: what is not CPU is the delays, that much longer."""
        cpu = statistics.median(self.cpu)
        return (self.p50 - cpu) / SCALE + cpu / share


class Functions:
    """The functions in this process, over those services; how long it takes until what somebody waits for has come."""

    def __init__(self, services: SlowServices, scale: float) -> None:
        self._delivered_s = scale * DELAYS[QUEUE]["p50"] / 1000
        self._fetched, self._dialer, self._webhook = (
            import_module(f"functions.{name}.handler") for name in ("leads_fetched", "dialer", "status_webhook")
        )
        self._signs = RequestValidator(SECRET["auth_tokens"][0])
        self._at: dict[str, Wait] = {}
        for queue in (self._fetched.queue, self._webhook.callbacks.queue):
            self._notes("after-call.sqs.SendMessage", queue._client)
        self._notes("after-call.apigatewaymanagementapi.PostToConnection", self._webhook.push._client)
        calls = self._dialer.services.dialer.calls
        place = calls.place

        def leaves(call: Any) -> Any:
            self._at.setdefault("POST", _moment())
            return place(call)

        calls.place = leaves
        dynamodb = client("dynamodb", endpoint_url=services.at_once)
        timing = self._dialer.services.timing
        self.leads = LeadTable(dynamodb, os.environ["LEADS_TABLE"], timing)
        self.agents = AgentTable(dynamodb, os.environ["AGENTS_TABLE"])
        self.sessions = (
            SessionTable(dynamodb, os.environ["AGENTS_TABLE"], timing) if self._dialer.services.line else None
        )

    def until_the_post(self, user: str, happens: Callable[[], Any]) -> Wait:
        """Until the run's POST leaves; what a function does after it has queued the run, takes none of that time."""
        self._at.clear()
        began = _moment()
        happens()
        before = began.until(_moment()).cpu
        time.sleep(max(0.0, self._at["SendMessage"].wall + self._delivered_s - time.monotonic()))
        comes = _moment()
        self._dialer.handler(queued(user), Context())
        post = self._at["POST"]
        return Wait(began.until(post).wall, before + comes.until(post).cpu)

    def until_the_page(self, happens: Callable[[], Any]) -> Wait:
        """Until the first event has come to the page."""
        self._at.clear()
        began = _moment()
        happens()
        return Wait(began.until(self._at["PostToConnection"]).wall, began.until(_moment()).cpu)

    def fetched(self, user: str, connection: str) -> None:
        """The page says `leads:fetched`."""
        authorizer = {"user_id": user, "token_expires_at": str(int(now() + 3600))}
        context = {"connectionId": connection, "requestId": "frame", "authorizer": authorizer}
        self._fetched.handler({"requestContext": context, "body": '{"event": "leads:fetched"}'}, None)

    def report(self, attempt: Attempt, sid: str, status: str) -> None:
        """Twilio reports of a call."""
        query, form = f"attempt={attempt.id}", {"CallSid": sid, "CallStatus": status}
        url = f"{_PUBLIC}/twilio/status/{attempt.user}/{attempt.lead}?{query}"
        event = {
            "requestContext": {"requestId": "callback"},
            "pathParameters": {"user_id": attempt.user, "lead_id": attempt.lead},
            "rawQueryString": query,
            "headers": {"x-twilio-signature": self._signs.compute_signature(url, form)},
            "body": urlencode(form),
            "isBase64Encoded": False,
        }
        answer = self._webhook.handler(event, None)
        assert answer["statusCode"] == 204, answer

    def _notes(self, event: str, client: Any) -> None:
        """Keep when a request was answered for the first time."""
        operation = event.rsplit(".", 1)[1]
        client.meta.events.register(event, lambda **_: self._at.setdefault(operation, _moment()) and None)


class RealPath:
    """What happens to an agent, one after the other, each time another one."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions
        self._agents = 0

    def fetched(self) -> Wait:
        user, _ = self._agent()
        return self._functions.until_the_post(user, lambda: self._functions.fetched(user, f"of-{user}"))

    def ended(self) -> Wait:
        user, attempt = self._agent(status="ringing")
        return self._functions.until_the_post(user, lambda: self._report(attempt, "no-answer"))

    def rings(self) -> Wait:
        _, attempt = self._agent(status="queued")
        return self._functions.until_the_page(lambda: self._report(attempt, "ringing"))

    def ended_page(self) -> Wait:
        _, attempt = self._agent(status="ringing")
        return self._functions.until_the_page(lambda: self._report(attempt, "no-answer"))

    def _report(self, attempt: Attempt, status: str) -> None:
        self._functions.report(attempt, f"CA-{attempt.user}", status)

    def _agent(self, status: str = "") -> tuple[str, Attempt]:
        """An agent with a page open and two leads who wait; the first one's call is in that state, if any."""
        self._agents += 1
        user, moment = f"agent-{self._agents}", now()
        leads, agents, sessions = self._functions.leads, self._functions.agents, self._functions.sessions
        agents.connect(user, f"of-{user}", int(moment) + 3600, moment)
        agents.touch(user, f"of-{user}", moment - 5)
        numbers = [f"+1201555{self._agents:03}{index}" for index in range(2)]
        for index, phone in enumerate(numbers):
            leads.create(LeadKey(user, lead_id(user, phone)), {"phone": phone}, moment - 9 + index, moment - 9)
        attempt = Attempt(user, lead_id(user, numbers[0]), "attempt")
        if sessions:
            assert sessions.open(user, "session", PHONE, 30, moment).won
            assert sessions.live(user, "session", f"CA-of-{user}", moment).won
        if status:
            assert leads.claim(attempt, "run", moment).won
            assert leads.record_live(attempt, f"CA-{user}", status, "callback", moment).won
            assert not sessions or sessions.reserve(user, "session", attempt.lead, attempt.id, moment).won
        return user, attempt


class Floor:
    """The bare SDK: only what cannot be left out, one request after the other."""

    def __init__(self, scale: float, *, reserves: bool = False, user: str = "floor") -> None:
        self._delivered_s, self._reserves, self._user = scale * DELAYS[QUEUE]["p50"] / 1000, reserves, user
        self._table, self._queue = client("dynamodb"), client("sqs")
        self._sockets = client("apigatewaymanagementapi", endpoint_url=os.environ["WEBSOCKET_URL"])

    def to_the_post(self) -> Wait:
        """The frame or the record, the queue; takes its mark, reads, claims, looks again, reserves, notes the call."""
        began = _moment()
        self._write()
        self._queue.send_message(
            QueueUrl=os.environ["QUEUE_URL"], MessageBody="{}", MessageGroupId="floor", MessageDeduplicationId="1"
        )
        time.sleep(self._delivered_s)
        reserves = (self._write,) * self._reserves
        for request in (self._write, self._read, self._write, self._read, *reserves, self._write):
            request()
        return began.until(_moment())

    def to_the_page(self) -> Wait:
        """The record, who listens, the push."""
        began = _moment()
        self._write()
        self._read()
        self._sockets.post_to_connection(ConnectionId="floor", Data=b"{}")
        return began.until(_moment())

    def _write(self) -> None:
        self._table.update_item(
            TableName=os.environ["AGENTS_TABLE"],
            Key={"user_id": {"S": self._user}, "item": {"S": "floor"}},
            UpdateExpression="SET #seen = :seen",
            ExpressionAttributeNames={"#seen": "seen"},
            ExpressionAttributeValues={":seen": {"S": "now"}},
        )

    def _read(self) -> None:
        self._table.query(
            TableName=os.environ["AGENTS_TABLE"],
            KeyConditionExpression="user_id = :user",
            ExpressionAttributeValues={":user": {"S": self._user}},
            ConsistentRead=True,
        )


def measure(*, quick: bool, on_the_line: bool) -> Iterator[Figure]:
    """The figures of the table, without or with agents who are on the line before anybody is called."""
    with tempfile.TemporaryDirectory() as folder, running(Path(folder), SCALE) as services:
        point_at(services, AUDIO="agent" if on_the_line else "message")
        real, floor = RealPath(Functions(services, SCALE)), Floor(SCALE, reserves=on_the_line)
        paths = {
            FETCHED: (real.fetched, floor.to_the_post),
            ENDED: (real.ended, floor.to_the_post),
            RINGS: (real.rings, floor.to_the_page),
            ENDED_PAGE: (real.ended_page, floor.to_the_page),
        }
        waits = {name: (Waits(), Waits()) for name in paths}
        for turn in range(-WARM_UP, QUICK_SAMPLES if quick else SAMPLES):
            for name, both in paths.items():
                for path, kept in zip(both, waits[name], strict=True):
                    wait = path()
                    if turn >= 0:
                        kept.add(wait)
        for name, (ours, least) in waits.items():
            yield from _figures(f"on the line: {name}" if on_the_line else name, ours, least)


def _figures(name: str, ours: Waits, least: Waits) -> Iterator[Figure]:
    about = f"{1000 * ours.p50:.0f} ms, floor {1000 * least.p50:.0f} ms, delays x{SCALE}, {len(ours.wall)} samples"
    part = "far away"
    yield Figure(part, f"{name}, p50", ours.p50 / least.p50, "x floor", most=MOST_OF_FLOOR, about=about)
    for memory, share in SHARES.items():
        spent, spent_least = 1000 * statistics.median(ours.cpu), 1000 * statistics.median(least.cpu)
        about = f"computed: floor {1000 * least.at(share):.0f} ms; CPU {spent:.1f} ms, floor {spent_least:.1f} ms"
        yield Figure(part, f"{name}, p50 at {memory} MB", 1000 * ours.at(share), "ms", about=about)


def point_at(services: SlowServices, **more: str) -> None:
    """Functions that are imported from now on speak with those services."""
    os.environ |= (
        ENVIRONMENT
        | QUIET
        | {
            "AWS_ENDPOINT_URL": services.url,
            "AWS_CA_BUNDLE": str(services.authority),
            "REQUESTS_CA_BUNDLE": str(services.authority),
            "WEBSOCKET_URL": f"{services.url}/live",
            "TWILIO_URL": services.url,
            "QUEUE_URL": f"{services.url}/queue/runs.fifo",
            "AGENTS_TABLE": "Agents",
            "LEADS_TABLE": "Leads",
            "CALLING_HOURS": "always",
            "CALLS_PER_SECOND": "1000",
            "FALLBACK_URL": "https://page.example/sorry.xml",
        }
        | more
    )


if __name__ == "__main__":
    tell(list(measure(quick="--quick" in sys.argv, on_the_line="--on-the-line" in sys.argv)))
