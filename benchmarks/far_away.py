"""Measures what is waited for with AWS as far away as it is: real functions, SDK, threads and TLS, and its delays.

Each request is answered after a delay of `delays.json`, ten times as long: so the CPU of a machine that others use too
is a small part of it. The floor is measured in turns with it: the bare SDK, with only the requests that cannot be
left out, by the same server. CPU is counted apart, for what the same would take at a function's share of a core.
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

from autocall.leads import Attempt, LeadKey, lead_id
from autocall.messages import RunMessage
from autocall.timing import now
from benchmarks.apart import tell
from benchmarks.delays import DELAYS, QUEUE
from benchmarks.environment import ENVIRONMENT, QUIET
from benchmarks.figures import Figure
from benchmarks.in_process import Context
from benchmarks.slow_services import SECRET, SlowServices, running

SAMPLES, QUICK_SAMPLES, WARM_UP = 15, 4, 1
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


@dataclass
class Waits:
    """Seconds on the clock, and of CPU, of each sample."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    @property
    def p50(self) -> float:
        return statistics.median(self.wall)

    def at(self, share: float) -> float:
        """Seconds at that share of a core, with delays as they are: what is not CPU is the delays, that much longer."""
        cpu = statistics.median(self.cpu)
        return (self.p50 - cpu) / SCALE + cpu / share


class RealPath:
    """The functions in this process, for an agent of its own each time."""

    def __init__(self, services: SlowServices) -> None:
        self._services = services
        self._fetched, self._dialer, self._webhook = (
            import_module(f"functions.{name}.handler") for name in ("leads_fetched", "dialer", "status_webhook")
        )
        self._signs = RequestValidator(SECRET["auth_tokens"][0])
        self._agents = 0
        self._left = 0.0
        self._left_cpu = 0.0
        calls = self._dialer.services.dialer.calls
        place = calls.place

        def leaves(call: Any) -> Any:
            self._left, self._left_cpu = time.monotonic(), time.process_time()
            return place(call)

        calls.place = leaves

    def fetched(self) -> tuple[float, float]:
        user, _ = self._agent()
        event = {"requestContext": self._socket(user), "body": '{"event": "leads:fetched"}'}
        return self._until_the_post(user, lambda: self._fetched.handler(event, None))

    def ended(self) -> tuple[float, float]:
        user, lead = self._agent(status="ringing")
        return self._until_the_post(user, lambda: self._report(user, lead, "no-answer"))

    def rings(self) -> tuple[float, float]:
        return self._until_the_page("queued", "ringing")

    def ended_page(self) -> tuple[float, float]:
        return self._until_the_page("ringing", "no-answer")

    def _until_the_post(self, user: str, happens: Callable[[], Any]) -> tuple[float, float]:
        self._services.scale(SCALE)
        began, cpu = time.monotonic(), time.process_time()
        happens()
        between = time.process_time()
        sent = next(left for operation, _, left in self._services.scale(SCALE) if operation == "SendMessage")
        time.sleep(max(0.0, sent + SCALE * DELAYS[QUEUE]["p50"] / 1000 - time.monotonic()))
        of_ours = time.process_time() - between
        about = {"receiptHandle": "receipt", "attributes": {"ApproximateReceiveCount": "1"}}
        message = RunMessage(user, "call ended", "run").dumps()
        self._dialer.handler({"Records": [{"body": message} | about]}, Context())
        self._services.scale(0)
        return self._left - began, self._left_cpu - cpu - of_ours

    def _until_the_page(self, before: str, status: str) -> tuple[float, float]:
        user, lead = self._agent(status=before)
        self._services.scale(SCALE)
        began, cpu = time.monotonic(), time.process_time()
        self._report(user, lead, status)
        spent = time.process_time() - cpu
        asked = self._services.scale(0)
        return next(left for operation, _, left in asked if operation == "PostToConnection") - began, spent

    def _agent(self, status: str = "") -> tuple[str, str]:
        """An agent with a page open and two leads who wait; the first one's call is in that state, if any."""
        self._agents += 1
        user, moment = f"agent-{self._agents}", now()
        leads, agents = self._dialer.services.leads, self._dialer.services.agents
        agents.connect(user, f"of-{user}", int(moment) + 3600, moment)
        agents.touch(user, f"of-{user}", moment - 5)
        numbers = [f"+1201555{self._agents:03}{place}" for place in range(2)]
        for place, phone in enumerate(numbers):
            leads.create(LeadKey(user, lead_id(user, phone)), {"phone": phone}, moment - 9 + place, moment - 9)
        first = lead_id(user, numbers[0])
        if status:
            attempt = Attempt(user, first, "attempt")
            assert leads.claim(attempt, "run", moment).won
            assert leads.record_live(attempt, f"CA-{user}", status, "callback", moment).won
        return user, first

    def _report(self, user: str, lead: str, status: str) -> None:
        query, form = "attempt=attempt", {"CallSid": f"CA-{user}", "CallStatus": status}
        signature = self._signs.compute_signature(f"{_PUBLIC}/twilio/status/{user}/{lead}?{query}", form)
        event = {
            "requestContext": {"requestId": "callback"},
            "pathParameters": {"user_id": user, "lead_id": lead},
            "rawQueryString": query,
            "headers": {"x-twilio-signature": signature},
            "body": urlencode(form),
            "isBase64Encoded": False,
        }
        answer = self._webhook.handler(event, None)
        assert answer["statusCode"] == 204, answer

    @staticmethod
    def _socket(user: str) -> dict[str, Any]:
        authorizer = {"user_id": user, "token_expires_at": str(int(now() + 3600))}
        return {"connectionId": f"of-{user}", "requestId": "frame", "authorizer": authorizer}


class Floor:
    """The bare SDK: only what cannot be left out, one request after the other."""

    def __init__(self, services: SlowServices) -> None:
        from autocall.aws import client

        self._services = services
        self._table, self._queue = client("dynamodb"), client("sqs")
        self._sockets = client("apigatewaymanagementapi", endpoint_url=os.environ["WEBSOCKET_URL"])

    def to_the_post(self) -> tuple[float, float]:
        """The frame or the record, the queue; takes its mark, reads, claims, looks again, notes the call."""
        self._services.scale(SCALE)
        began, cpu = time.monotonic(), time.process_time()
        self._write()
        self._queue.send_message(
            QueueUrl=os.environ["QUEUE_URL"], MessageBody="{}", MessageGroupId="floor", MessageDeduplicationId="1"
        )
        time.sleep(SCALE * DELAYS[QUEUE]["p50"] / 1000)
        for request in (self._write, self._read, self._write, self._read, self._write):
            request()
        took = time.monotonic() - began, time.process_time() - cpu
        self._services.scale(0)
        return took

    def to_the_page(self) -> tuple[float, float]:
        """The record, who listens, the push."""
        self._services.scale(SCALE)
        began, cpu = time.monotonic(), time.process_time()
        self._write()
        self._read()
        self._sockets.post_to_connection(ConnectionId="floor", Data=b"{}")
        took = time.monotonic() - began, time.process_time() - cpu
        self._services.scale(0)
        return took

    def _write(self) -> None:
        self._table.update_item(
            TableName=ENVIRONMENT_TABLE,
            Key={"user_id": {"S": "floor"}, "item": {"S": "floor"}},
            UpdateExpression="SET #seen = :seen",
            ExpressionAttributeNames={"#seen": "seen"},
            ExpressionAttributeValues={":seen": {"S": "now"}},
        )

    def _read(self) -> None:
        self._table.query(
            TableName=ENVIRONMENT_TABLE,
            KeyConditionExpression="user_id = :user",
            ExpressionAttributeValues={":user": {"S": "floor"}},
            ConsistentRead=True,
        )


ENVIRONMENT_TABLE = "Agents"


def measure(*, quick: bool) -> Iterator[Figure]:
    """The figures of the table."""
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as services:
        _point_at(services)
        real, floor = RealPath(services), Floor(services)
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
                    wall, cpu = path()
                    if turn >= 0:
                        kept.wall.append(wall)
                        kept.cpu.append(cpu)
        for name, (ours, least) in waits.items():
            yield from _figures(name, ours, least)


def _figures(name: str, ours: Waits, least: Waits) -> Iterator[Figure]:
    about = f"{1000 * ours.p50:.0f} ms, floor {1000 * least.p50:.0f} ms, delays x{SCALE}, {len(ours.wall)} samples"
    part = "far away"
    yield Figure(part, f"{name}, p50", ours.p50 / least.p50, "x floor", most=MOST_OF_FLOOR, about=about)
    for memory, share in SHARES.items():
        spent, spent_least = 1000 * statistics.median(ours.cpu), 1000 * statistics.median(least.cpu)
        about = f"computed: floor {1000 * least.at(share):.0f} ms; CPU {spent:.1f} ms, floor {spent_least:.1f} ms"
        yield Figure(part, f"{name}, p50 at {memory} MB", 1000 * ours.at(share), "ms", about=about)


def _point_at(services: SlowServices) -> None:
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
            "AGENTS_TABLE": ENVIRONMENT_TABLE,
            "LEADS_TABLE": "Leads",
            "CALLING_HOURS": "always",
            "CALLS_PER_SECOND": "1000",
        }
    )


if __name__ == "__main__":
    tell(list(measure(quick="--quick" in sys.argv)))
