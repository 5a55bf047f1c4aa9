"""The HTTP API's function over fresh tables, with a queue, sockets and a Twilio that remember what they were asked."""

import gzip
import json
import os
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from botocore.exceptions import ClientError

from autocall.agent_table import AgentTable
from autocall.call_outcomes import TwilioCall, Unreachable
from autocall.called_table import CalledTable
from autocall.caller_ids import CallerIds
from autocall.dynamo import to_dynamo
from autocall.gates import Hours
from autocall.installation_table import InstallationTable
from autocall.lead_table import LeadTable
from autocall.leads import Attempt, LeadKey, lead_id
from autocall.push import Push
from autocall.timing import Timing, now, stamp
from tests.faults.tables import AGENTS, LEADS, Tables
from tests.unit.stopped_clock import stopped

os.environ |= {
    "LEADS_TABLE": LEADS,
    "AGENTS_TABLE": AGENTS,
    "QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/runs.fifo",
    "WEBSOCKET_URL": "https://example.execute-api.us-east-1.amazonaws.com/live",
    "TWILIO_SECRET": "autocall/twilio",
    "TWILIO_URL": "https://api.twilio.com",
    "FUNCTION_TIMEOUT_S": "30",
    "RING_TIMEOUT_S": "25",
    "LINES": "2",
    "CALL_FROM": "+15005550006",
    "PUBLIC_URL": "https://calls.example.com",
    "AUDIO": "message",
    "WRAP_UP_S": "30",
    "LANGUAGE": "en",
    "CALL_REASON": "",
    "CALLS_PER_SECOND": "1",
    "CALLING_HOURS": "default",
    "TRUST_LIST_CONSENT": "",
    "DEFAULT_REGION": "US",
    "MOST_LINES": "20",
    "CALLS_PER_DAY": "0",
    "AGENT_CALLS_PER_DAY": "0",
    "COLLEAGUE_DAYS": "30",
    "VOICEMAIL_MESSAGE": "",
    "VOICEMAIL_URL": "",
    "COUNTRIES": "",
    "REFUSED_NUMBER_TYPES": "personal,shared_cost,satellite",
    "AWS_DEFAULT_REGION": "us-east-1",
    "POWERTOOLS_SERVICE_NAME": "autocall",
    "POWERTOOLS_METRICS_NAMESPACE": "autocall",
}

from functions.leads_api import handler as handler

AGENT, OTHER = "agent", "other"
PHONE = "+12015550123"
SENDER = "+15005550006"


class Gone(Exception):
    """What the management API raises for a connection that is not there any more."""


class FakeSockets:
    """The management API of the socket: who got which frames, and who was closed."""

    class exceptions:  # noqa: N801  boto3 names it so
        GoneException = Gone

    def __init__(self) -> None:
        self.frames: list[tuple[str, str, Any]] = []
        self.closed: list[str] = []

    def post_to_connection(self, ConnectionId: str, Data: bytes) -> None:  # noqa: N803  boto3's names
        frame = json.loads(Data)
        self.frames.append((ConnectionId, frame["event"], frame["data"]))

    def delete_connection(self, ConnectionId: str) -> None:  # noqa: N803
        self.closed.append(ConnectionId)


def no_answer(operation: str) -> ClientError:
    """What AWS answers when it does not."""
    return ClientError({"Error": {"Code": "InternalServerError", "Message": "try again"}}, operation)


class Memory(Tables):
    """Both tables in memory, with what was asked of them. Writes to the leads in *silent* are not answered."""

    def __init__(self) -> None:
        super().__init__()
        self.silent: set[str] = set()
        self.writes: list[str] = []
        self.reads: list[str] = []

    def get_item(self, **request: Any) -> dict[str, Any]:
        self.reads.append("get_item")
        return super().get_item(**request)

    def batch_get_item(self, **request: Any) -> dict[str, Any]:
        self.reads.append("batch_get_item")
        return super().batch_get_item(**request)

    def query(self, **request: Any) -> dict[str, Any]:
        self.reads.append("query")
        return super().query(**request)

    def update_item(self, **request: Any) -> dict[str, Any]:
        if request["Key"].get("lead_id", {}).get("S") in self.silent:
            raise no_answer("UpdateItem")
        self.writes.append(request["TableName"])
        return super().update_item(**request)


@dataclass
class FakeQueue:
    """Remembers whose runs were queued, and why; the next *fails* of them cannot be."""

    runs: list[tuple[str, str]] = field(default_factory=list)
    fails: int = 0

    def enqueue_run(self, user: str, cause: str, correlation_id: str) -> None:
        assert correlation_id == "correlation"
        if self.fails:
            self.fails -= 1
            raise no_answer("SendMessage")
        self.runs.append((user, cause))


@dataclass
class FakeTwilio:
    """Knows *calls*; answers nothing while it is unreachable."""

    calls: list[TwilioCall] = field(default_factory=list)
    unreachable: bool = False
    canceled: list[str] = field(default_factory=list)

    def fetch(self, sid: str) -> TwilioCall | None:
        self._reach()
        return next((call for call in self.calls if call.sid == sid), None)

    def to_number(self, phone: str) -> list[TwilioCall]:
        assert phone == PHONE
        self._reach()
        return self.calls

    def cancel(self, sid: str) -> TwilioCall | None:
        self.canceled.append(sid)
        return TwilioCall(sid, "canceled", "", None, None)

    def hang_up(self, sid: str) -> bool:
        return not self.unreachable and any(call.sid == sid for call in self.calls)

    def _reach(self) -> None:
        if self.unreachable:
            raise Unreachable("timeout")


@dataclass
class Context:
    """Lambda's context of one invocation."""

    left_ms: int = 29_000

    def get_remaining_time_in_millis(self) -> int:
        return self.left_ms


@dataclass(frozen=True)
class Told:
    """An answer of the API, as a client reads it."""

    status: int
    headers: dict[str, str]
    body: str

    @property
    def data(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        return str(self.data["error"]["code"])


class World:
    """Everything that one function's invocation touches; time stands still."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.sockets, self.queue, self.twilio = FakeSockets(), FakeQueue(), FakeTwilio()
        self.agents, self.installation = AgentTable(client, AGENTS), InstallationTable(client, AGENTS)
        self.leads = LeadTable(client, LEADS, Timing())
        sockets: Any = self.sockets
        fakes: dict[str, Any] = {"queue": self.queue, "twilio": lambda: self.twilio}
        push = Push(sockets, self.agents)
        self.tools = replace(
            handler.services,
            leads=self.leads,
            agents=self.agents,
            push=push,
            caller_ids=CallerIds.parse(SENDER),
            **fakes,
        )
        self.called = CalledTable(client, AGENTS)
        self.tools = replace(self.tools, installation_table=self.installation, called_table=self.called)

    def have_hours(self, hours: Hours) -> None:
        """Calling hours of a test's own instead of those that ship."""
        self.tools = replace(self.tools, hours=lambda: hours)

    def ask(
        self,
        route: str,
        json_body: Any = None,
        *,
        lead: str | None = None,
        user: str = AGENT,
        groups: Any = None,
        query: dict[str, str] | None = None,
        body: str | None = None,
        content_type: str = "application/json",
        base64: bool = False,
        left_ms: int = 29_000,
        accepts: str = "",
    ) -> Told:
        """What the function answers to one request of *user*."""
        event = {
            "version": "2.0",
            "routeKey": route,
            "headers": {"content-type": content_type} | ({"accept-encoding": accepts} if accepts else {}),
            "pathParameters": None if lead is None else {"id": lead},
            "queryStringParameters": query,
            "requestContext": {
                "requestId": "correlation",
                "authorizer": {
                    "jwt": {"claims": {"sub": user} | ({} if groups is None else {"cognito:groups": groups})}
                },
            },
            "body": json.dumps(json_body) if json_body is not None else body,
            "isBase64Encoded": base64,
        }
        before, handler.services = handler.services, self.tools
        try:
            answer = handler.handler({k: v for k, v in event.items() if v is not None}, Context(left_ms))
        finally:
            handler.services = before
        text = answer["body"]
        if answer.get("isBase64Encoded"):
            text = gzip.decompress(b64decode(text)).decode()
        return Told(answer["statusCode"], answer["headers"], text)

    # -- what is there already ---------------------------------------------------------------------------------------

    def waiting(self, phone: str = PHONE, user: str = AGENT, **about: Any) -> str:
        """A lead that waits to be called; its id."""
        lead = lead_id(user, phone)
        assert self.leads.create(LeadKey(user, lead), {"phone": phone, **about}, now() - 100, now() - 100).won
        return lead

    def claimed(self, attempt: str = "attempt", **more: Any) -> str:
        """A lead that a dialer has just claimed."""
        lead = self.waiting(**more)
        assert self.leads.claim(Attempt(more.get("user", AGENT), lead, attempt), "run", now() - 90).won
        return lead

    def ringing(self, sid: str = "CA1", **more: Any) -> str:
        lead = self.claimed(**more)
        assert self.leads.record_live(
            Attempt(more.get("user", AGENT), lead, "attempt"), sid, "ringing", "callback", now() - 80
        ).won
        return lead

    def ended(self, sid: str = "CA1", **more: Any) -> str:
        lead = self.ringing(sid, **more)
        user = more.get("user", AGENT)
        assert self.leads.record_end(
            Attempt(user, lead, "attempt"), sid, "completed", "callback", now() - 70, duration_s=9
        ).won
        return lead

    def asked_about(self, **more: Any) -> str:
        """A lead of unknown outcome, while Twilio is still being asked."""
        lead = self.claimed(**more)
        assert self.leads.mark_unknown(Attempt(more.get("user", AGENT), lead, "attempt"), "timeout", now() - 80).won
        return lead

    def lost(self, **more: Any) -> str:
        """A lead of unknown outcome that waits for a person."""
        lead = self.asked_about(**more)
        user = more.get("user", AGENT)
        due = self.row(lead, user)["due"]
        assert self.leads.mark_lost(Attempt(user, lead, "attempt"), due, "no such call", now() + 3600, now() - 60).won
        return lead

    def held(self, reason: str = "hours", until: float | None = None, **more: Any) -> str:
        lead = self.waiting(**more)
        due = self.row(lead)["due"]
        assert self.leads.hold(LeadKey(AGENT, lead), due, reason, until or now() + 3600, now() - 60).won
        return lead

    def overtake(self, write: str, by: Callable[[], object]) -> None:
        """Somebody else does something just before the next such write to a lead."""
        writes = getattr(self.leads, write)

        def overtaken(*about: Any, **more: Any) -> Any:
            delattr(self.leads, write)
            by()
            return writes(*about, **more)

        setattr(self.leads, write, overtaken)

    def tab(self, connection: str, user: str = AGENT) -> None:
        """An open page of *user*."""
        self.agents.connect(user, connection, int(now()) + 3600, now())
        self.agents.touch(user, connection, now())

    def keeps(self, lead: str, **attributes: Any) -> None:
        """The row has these attributes, whoever wrote them."""
        item = to_dynamo(self.row(lead) | attributes | {"user_id": AGENT, "lead_id": lead})
        self.client.put_item(TableName=LEADS, Item=item)

    def row(self, lead: str, user: str = AGENT) -> dict[str, Any]:
        return self.leads.get(LeadKey(user, lead))

    def a_call(self, sid: str, status: str = "completed", after: float = 1, sender: str = SENDER) -> TwilioCall:
        """A call at Twilio, created *after* seconds behind the claim."""
        return TwilioCall(sid, status, sender, now() - 90 + after, 12 if status == "completed" else None)


@contextmanager
def world() -> Iterator[World]:
    with stopped():
        yield World(Memory())


def soon(seconds: float) -> str:
    return stamp(now() + seconds)
