"""The five functions as they ship, loaded anew over tables and a queue in memory, each request of their SDK counted."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec, module_from_spec
from types import ModuleType
from typing import Any, Protocol
from urllib.parse import urlencode

import boto3
import pytest
from botocore.config import Config
from botocore.session import get_session
from twilio.request_validator import RequestValidator

from autocall.agent_table import AgentTable
from autocall.aws import _CONFIG
from autocall.installation_table import InstallationTable
from autocall.lead_table import LeadTable
from autocall.leads import Attempt, LeadKey, lead_id
from autocall.messages import RunMessage
from autocall.queued_run import QueuedRuns
from autocall.timing import Timing, now
from tests.unit.memory_aws import MemoryAws
from tests.unit.moto_tables import AGENTS, LEADS, tables
from tests.unit.stopped_clock import stopped

AGENT = "agent"
TOKEN = "an auth token"
PUBLIC_URL = "https://calls.example.com"
SECRET = {"account_sid": "AC" + "1" * 32, "api_key": "SK1", "api_secret": "shh", "auth_tokens": [TOKEN]}
SETTINGS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AGENTS_TABLE": AGENTS,
    "LEADS_TABLE": LEADS,
    "WEBSOCKET_URL": "https://example.execute-api.us-east-1.amazonaws.com/live",
    "TWILIO_SECRET": "autocall/twilio",
    "TWILIO_URL": "http://127.0.0.1:9",
    "PUBLIC_URL": PUBLIC_URL,
    "FUNCTION_TIMEOUT_S": "30",
    "RING_TIMEOUT_S": "25",
    "PING_PERIOD_S": "60",
    "TIME_LIMIT_S": "600",
    "LINES": "20",
    "CALLS_PER_SECOND": "0",
    "CALL_FROM": "+15005550006",
    "AUDIO": "message",
    "COMPANY": "Acme",
    "CALLBACK_NUMBER": "+12015550199",
    "WRAP_UP_S": "30",
    "LANGUAGE": "en",
    "CALL_REASON": "",
    "FALLBACK_URL": "https://page.example.com/sorry.xml",
    "MACHINE_DETECTION": "off",
    "HANG_UP_ON_MACHINES": "no",
    "CALL_MESSAGE": "Hello, this is Acme, +12015550199.",
    "CALL_TWIML_URL": "",
    "CALLING_HOURS": "always",
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
    "ISSUER": "https://issuer.example.com",
    "AUDIENCE": "page",
    "JWKS_URL": "http://127.0.0.1:9/jwks.json",
    "TOKEN_SECRET": "",
    "ALLOWED_ORIGINS": "https://page.example.com",
    "POWERTOOLS_SERVICE_NAME": "autocall",
    "POWERTOOLS_METRICS_NAMESPACE": "autocall",
}


@dataclass
class Context:
    """Lambda's context of one invocation."""

    left_ms: int = 29_000

    def get_remaining_time_in_millis(self) -> int:
        return self.left_ms


@dataclass
class Shipped:
    """What is around the functions; *requests* are the operations that their SDK has sent."""

    aws: Any
    queue_url: str
    requests: Counter[str] = field(default_factory=Counter)
    loaded: dict[str, ModuleType] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.agents = AgentTable(self.aws("dynamodb"), AGENTS)
        self.installation = InstallationTable(self.aws("dynamodb"), AGENTS)
        self.leads = LeadTable(self.aws("dynamodb"), LEADS, Timing())

    def function(self, name: str) -> ModuleType:
        """The function's handler module, imported for this test alone, as a new environment imports it."""
        if name not in self.loaded:
            spec = find_spec(f"functions.{name}.handler")
            assert spec
            assert spec.loader
            self.loaded[name] = module_from_spec(spec)
            spec.loader.exec_module(self.loaded[name])
        return self.loaded[name]

    def invoke(self, name: str, event: dict[str, Any], left_ms: int = 29_000) -> Any:
        return self.function(name).handler(event, Context(left_ms))

    def frame(self, body: str, connection: str = "one", expires_in: float = 3600) -> Any:
        """One frame of the agent's page."""
        return self.invoke("leads_fetched", self._socket_event("frame", connection, expires_in) | {"body": body})

    def door(self, route: str, connection: str = "one", **query: str) -> Any:
        """`$connect` or `$disconnect`."""
        """`$connect` or `$disconnect`."""
        about = {"queryStringParameters": query} if query else {}
        return self.invoke("connect", self._socket_event(route, connection) | about)

    def run(self, cause: str = "call ended", left_ms: int = 29_000) -> None:
        """One message from the queue."""
        about = {"receiptHandle": "receipt", "attributes": {"ApproximateReceiveCount": "1"}}
        self.invoke("dialer", {"Records": [{"body": RunMessage(AGENT, cause, "run").dumps()} | about]}, left_ms)

    def callback(self, lead: str, attempt: str, signed_with: str = TOKEN, **form: str) -> Any:
        """A status callback of Twilio's."""
        query = f"attempt={attempt}"
        url = f"{PUBLIC_URL}/twilio/status/{AGENT}/{lead}?{query}"
        signature = RequestValidator(signed_with).compute_signature(url, form)
        return self.invoke("status_webhook", callback_event(lead, query, form, signature))

    def api(self, route: str, **more: Any) -> dict[str, Any]:
        """One request of the page."""
        claims = {"jwt": {"claims": {"sub": AGENT}}}
        headers = {"content-type": "application/json"}
        event = {"routeKey": route, "headers": headers, "requestContext": {"requestId": "r", "authorizer": claims}}
        answer: dict[str, Any] = self.invoke("leads_api", event | more)
        return answer

    # -- what is there already ---------------------------------------------------------------------------------------

    def tabs(self, count: int) -> None:
        """Open pages of the agent, all of which have sent a frame."""
        for index in range(count):
            connection = ["one", "two", "three"][index]
            self.agents.connect(AGENT, connection, int(now()) + 3600, now())
            self.agents.touch(AGENT, connection, now())

    def waiting(self, count: int = 1, **about: Any) -> list[str]:
        """Leads that wait to be called; their ids, in calling order."""
        phones = [f"+1201555{index:04}" for index in range(count)]
        for index, phone in enumerate(phones):
            moment = now() - 1000 + index
            self.leads.create(LeadKey(AGENT, lead_id(AGENT, phone)), {"phone": phone, **about}, moment, moment)
        return [lead_id(AGENT, phone) for phone in phones]

    def calls(self, count: int = 1, status: str = "claimed", ago: float = 90) -> list[str]:
        """Leads whose call has come as far as *status* (claimed, unknown or a live one), claimed *ago* seconds ago."""
        found = self.waiting(count)
        for lead in found:
            assert self.leads.claim(Attempt(AGENT, lead, "attempt"), "run", now() - ago, SETTINGS["CALL_FROM"]).won
            if status == "unknown":
                assert self.leads.mark_unknown(Attempt(AGENT, lead, "attempt"), "timeout", now() - ago).won
            elif status != "claimed":
                assert self.leads.record_live(
                    Attempt(AGENT, lead, "attempt"), sid(lead), status, "callback", now() - ago
                ).won
        return found

    def row(self, lead: str) -> dict[str, Any]:
        found: Any = self.leads.get(LeadKey(AGENT, lead))
        return dict(found)

    def queued(self) -> list[RunMessage]:
        """The runs on the queue, which are taken from it as the dialer does."""
        QueuedRuns(self.aws("dynamodb"), AGENTS).take(AGENT)
        sqs, found = self.aws("sqs"), []
        while messages := sqs.receive_message(QueueUrl=self.queue_url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                sqs.delete_message(QueueUrl=self.queue_url, ReceiptHandle=message["ReceiptHandle"])
                found.append(RunMessage.loads(message["Body"]))
        return found

    def _socket_event(self, route: str, connection: str, expires_in: float = 3600) -> dict[str, Any]:
        authorizer = {"user_id": AGENT, "token_expires_at": str(int(now() + expires_in))}
        context = {"routeKey": route, "connectionId": connection, "requestId": "frame", "authorizer": authorizer}
        return {"requestContext": context}


def sid(lead: str) -> str:
    """The SID of the lead's call."""
    return "CA" + lead.encode().hex()[:32]


def callback_event(lead: str, query: str, form: dict[str, str], signature: str) -> dict[str, Any]:
    return {
        "requestContext": {"requestId": "callback"},
        "pathParameters": {"user_id": AGENT, "lead_id": lead},
        "rawQueryString": query,
        "headers": {"x-twilio-signature": signature},
        "body": urlencode(form),
        "isBase64Encoded": False,
    }


class Aws(Protocol):
    """What is around the functions: a test's own clients by service, and what answers the functions' requests."""

    def __call__(self, service: str) -> Any: ...

    @property
    def answer(self) -> Callable[..., Any] | None: ...


@contextmanager
def on_moto() -> Iterator[Aws]:
    """Moto is in botocore itself: it answers the functions' clients and the test's."""
    with tables():
        yield _Moto()


class _Moto:
    answer: Callable[..., Any] | None = None

    def __call__(self, service: str) -> Any:
        return _sessions()[0](service)


@contextmanager
def in_memory() -> Iterator[Aws]:
    yield MemoryAws()


@contextmanager
def shipped(
    monkeypatch: pytest.MonkeyPatch, around: Callable[[], AbstractContextManager[Aws]] = in_memory, /, **settings: str
) -> Iterator[Shipped]:
    """All five functions with these settings, over empty tables and an empty queue; their clock stands still."""
    for name, value in {**SETTINGS, **settings}.items():
        monkeypatch.setenv(name, value)
    with stopped(), around() as aws:
        counting = _sessions()[1]
        aws("secretsmanager").create_secret(Name="autocall/twilio", SecretString=json.dumps(SECRET))
        queue = aws("sqs").create_queue(QueueName="runs.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
        monkeypatch.setenv("QUEUE_URL", queue)
        world = Shipped(aws, queue)
        monkeypatch.setattr("autocall.aws._session", counting)
        monkeypatch.setattr("autocall.aws._CONFIG", _CONFIG.merge(Config(parameter_validation=True)))

        def send(event_name: str, **request: Any) -> Any:
            world.requests.update([_operation(event_name)])
            return aws.answer(event_name=event_name, **request) if aws.answer else None

        counting.get_component("event_emitter").register_first("before-send", send)  # before moto
        yield world
        counting.unregister("before-send", send)


@cache
def _sessions() -> tuple[Any, Any]:
    """What makes the test's own clients, and the session of the functions': to read the SDK's models takes its time."""
    return boto3.session.Session(region_name="us-east-1").client, get_session()


def _operation(event_name: str) -> str:
    return event_name.rsplit(".", 1)[-1]
