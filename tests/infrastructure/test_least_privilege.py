"""Each function may do what it needs and no more: without any one grant something of it fails, with it all works."""

import base64
import json
import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import pytest
import requests
from twilio.request_validator import RequestValidator

from autocall.agent_table import AgentTable
from autocall.installation_table import InstallationTable
from autocall.lead_table import LeadTable
from autocall.leads import Attempt, LeadKey, lead_id
from autocall.messages import RunMessage
from autocall.session_table import SessionTable
from autocall.timing import Timing, now
from cdk.grants import PERMISSIONS, granted
from tests.e2e.agents import Numbers, Outputs, sign_up
from tests.e2e.agents import aws as client
from tests.infrastructure.conftest import Synthesised, plain

Grant = tuple[str, str, str]
_TIMEOUT_S = 6
_SLOW_S = 1.2  # after two such calls there is no time for a third in a run of _TIMEOUT_S
_NO_SUCH_NUMBER = 21211

# Resources that are not one named thing, each with the reason why it is none.
UNNAMED = {
    r"\*": "X-Ray has no resources to name",
    r".*:secret:[\w/+=.@-]+-\?{6}": "Secrets Manager puts six characters of its own behind a secret's name",
    r".*/live/(POST|DELETE)/@connections/\*": "a connection has no name before it is there",
}


def test_no_statement_is_wider_than_it_must_be(aws: Synthesised) -> None:
    """No action is `*`, and every `*` in a resource is in the list above; X-Ray is the only one without a resource."""
    for name in PERMISSIONS:
        for statement in aws.statements(name):
            assert not [action for action in _list(statement["Action"]) if "*" in action]
            for resource in _list(plain(statement["Resource"])):
                wide = "*" in resource or "?" in resource
                assert not wide or any(re.fullmatch(pattern, resource) for pattern in UNNAMED), resource
                assert resource != "*" or {action.partition(":")[0] for action in _list(statement["Action"])} == {
                    "xray"
                }


def test_functions_have_roles_of_their_own(aws: Synthesised) -> None:
    roles = {aws.function(name)["Role"]["Fn::GetAtt"][0] for name in PERMISSIONS}
    assert len(roles) == len(PERMISSIONS)
    assert all("ManagedPolicyArns" not in role for role in aws.properties("IAM::Role"))


# -- on a running stack ------------------------------------------------------------------------------------------------


@dataclass
class World:
    """The running stack as its administrator sees it, with an agent who exists for one invocation only."""

    outputs: Outputs
    user: str = field(default_factory=lambda: f"agent-{uuid.uuid4().hex}")
    connection: str = field(default_factory=lambda: uuid.uuid4().hex[:16])
    correlation_id: str = field(default_factory=lambda: str(uuid.uuid4()))

    def __post_init__(self) -> None:
        dynamodb = client(self.outputs, "dynamodb")
        self.leads = LeadTable(dynamodb, self.outputs["leads_table"], Timing(_TIMEOUT_S))
        self.agents = AgentTable(dynamodb, self.outputs["agents_table"])
        self.installation = InstallationTable(dynamodb, self.outputs["agents_table"])
        self.sessions = SessionTable(dynamodb, self.outputs["agents_table"], Timing(_TIMEOUT_S))

    def present(self) -> None:
        """A socket that was seen just now, and is gone when it is posted to."""
        self.agents.connect(self.user, self.connection, int(now()) + 3600, now())
        self.agents.touch(self.user, self.connection, now())

    def waiting(self, *, slow: bool = False) -> str:
        """A lead that waits for its call, which Twilio will refuse, or take slowly."""
        (phone,) = Numbers.take(1)
        happens = {"delay_s": _SLOW_S, "callbacks": {"lose": True}} if slow else {"refuse": _NO_SUCH_NUMBER}
        script = {"number": phone, **happens}
        requests.post(f"{self.outputs['twilio_simulator_url']}/_script", json=script, timeout=60).raise_for_status()
        lead = lead_id(self.user, phone)
        assert self.leads.create(
            LeadKey(self.user, lead), {"phone": phone, "zones": ["America/New_York"]}, now() - 5, now()
        ).won
        return lead

    def claimed(self, ago_s: float = 0) -> tuple[str, str]:
        """A lead whose call was claimed so many seconds ago, and the attempt."""
        lead, attempt = self.waiting(), uuid.uuid4().hex
        assert self.leads.claim(Attempt(self.user, lead, attempt), self.correlation_id, now()).won
        if ago_s:
            row = self.leads.get(LeadKey(self.user, lead))
            assert self.leads.reschedule_check(Attempt(self.user, lead, attempt), row["due"], now() - ago_s).won
        return lead, attempt

    def lost(self) -> tuple[str, str]:
        """A lead of which only a person may say what became of it."""
        lead, attempt = self.claimed()
        assert self.leads.mark_unknown(Attempt(self.user, lead, attempt), "timeout", now()).won
        due = self.leads.get(LeadKey(self.user, lead))["due"]
        assert self.leads.mark_lost(Attempt(self.user, lead, attempt), due, "no such call", now() + 3600, now()).won
        return lead, attempt


def handshake(world: World) -> dict[str, Any]:
    return _socket(world, "$connect")


def twenty_first_handshake(world: World) -> dict[str, Any]:
    for _ in range(20):
        world.agents.connect(world.user, uuid.uuid4().hex, int(now()) + 3600, now() - 60)
    return handshake(world)


def hang_up(world: World) -> dict[str, Any]:
    return _socket(world, "$disconnect")


def frame(event: str, *, expired: bool = False) -> Callable[[World], dict[str, Any]]:
    def make(world: World) -> dict[str, Any]:
        world.present()
        return _socket(world, event, expired=expired) | {"body": json.dumps({"event": event, "data": {}})}

    return make


def run(world: World) -> dict[str, Any]:
    """A lead waits, and its agent is there."""
    world.present()
    world.waiting()
    return _message(world)


def run_out_of_time(world: World) -> dict[str, Any]:
    """Calls that take so long to place that a run must end before its list does."""
    agent = sign_up(world.outputs)
    world.user = agent.user_id
    tab = agent.tab()  # stays until the stack is stopped: whoever is not there is not called a second time
    tab.emit("ping")
    tab.wait(lambda tab: tab.events("pong"))
    for _ in range(3):
        world.waiting(slow=True)
    return _message(world)


def run_of_an_overdue_call(world: World) -> dict[str, Any]:
    world.claimed(ago_s=60)
    return _message(world)


def callback(status: str) -> Callable[[World], dict[str, Any]]:
    def make(world: World) -> dict[str, Any]:
        world.present()
        lead, attempt = world.claimed()
        path = f"/twilio/status/{world.user}/{lead}"
        form = {"CallSid": f"CA{uuid.uuid4().hex}", "CallStatus": status, "Timestamp": ""}
        validator = RequestValidator(world.outputs["twilio_auth_token"])
        signature = validator.compute_signature(f"{world.outputs['http_url']}{path}?attempt={attempt}", form)
        return {
            "routeKey": "POST /twilio/status/{user_id}/{lead_id}",
            "rawQueryString": f"attempt={attempt}",
            "headers": {"x-twilio-signature": signature},
            "pathParameters": {"user_id": world.user, "lead_id": lead},
            "requestContext": {"requestId": world.correlation_id},
            "body": base64.b64encode(urlencode(form).encode()).decode(),
            "isBase64Encoded": True,
        }

    return make


def heard(what: str, query: str = "", **form: str) -> Callable[[World], dict[str, Any]]:
    """What Twilio asks of the function `voice` about a lead who has answered, and their agent."""

    def make(world: World) -> dict[str, Any]:
        world.present()
        lead, attempt = world.claimed()
        session, leg = uuid.uuid4().hex, f"CA{uuid.uuid4().hex}"
        assert world.sessions.open(world.user, session, "phone", 30, now()).won
        assert world.sessions.live(world.user, session, leg, now()).won
        assert world.sessions.reserve(world.user, session, lead, attempt, now()).won
        path = {"user_id": world.user} | ({"lead_id": lead} if what in ("answer", "alone") else {})
        route = "/".join(["/twilio", what, *(f"{{{name}}}" for name in path)])
        asked = f"session={session}&attempt={attempt}" if what in ("answer", "alone") else f"session={session}"
        signed = asked + query
        told = {"CallSid": leg, "ParticipantLabel": f"{attempt}.{lead}", **form}
        url = f"{world.outputs['http_url']}{route.format(**path)}?{signed}"
        return {
            "routeKey": f"POST {route}",
            "rawQueryString": signed,
            "headers": {
                "x-twilio-signature": RequestValidator(world.outputs["twilio_auth_token"]).compute_signature(url, told)
            },
            "pathParameters": path,
            "requestContext": {"requestId": world.correlation_id},
            "body": urlencode(told),
            "isBase64Encoded": False,
        }

    return make


def asked(route: str, body: Any = None) -> Callable[[World], dict[str, Any]]:
    """A request to the HTTP API by an agent with one open socket and one lead."""

    def make(world: World) -> dict[str, Any]:
        world.present()
        return _request(world, route, body, world.waiting())

    return make


def released(world: World) -> dict[str, Any]:
    lead, attempt = world.lost()
    return _request(world, "POST /api/leads/{id}/release", {"attempt_id": attempt}, lead)


def imported(world: World) -> dict[str, Any]:
    return _request(world, "POST /api/leads", {"leads": [{"phone": Numbers.take(1)[0]}]}, "")


def resumed_by_an_admin(world: World) -> dict[str, Any]:
    """The installation rests, and somebody is there whom only a scan finds."""
    world.present()
    world.installation.set_breaker("test", now() + 300)
    return _request(world, "POST /api/autocall/resume", None, "", groups="[admins]")


def counted_by_an_admin(world: World) -> dict[str, Any]:
    return _request(world, "GET /api/abandoned", None, "", groups="[admins]")


QUERY, GET, PUT, SCAN = "dynamodb:Query", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Scan"
UPDATE, DELETE, BATCH_GET = "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:BatchGetItem"
SEND, READ_SECRET, CONNECTIONS = "sqs:SendMessage", "secretsmanager:GetSecretValue", "execute-api:ManageConnections"

NEEDED_BY: dict[Grant, Callable[[World], dict[str, Any]]] = {
    ("connect", "agents", PUT): handshake,
    ("connect", "agents", QUERY): handshake,
    ("connect", "post", CONNECTIONS): twenty_first_handshake,
    ("connect", "close", CONNECTIONS): twenty_first_handshake,
    ("connect", "agents", DELETE): hang_up,
    ("leads_fetched", "agents", UPDATE): frame("ping"),
    ("leads_fetched", "agents", GET): frame("autocall:pause"),
    ("leads_fetched", "agents", QUERY): frame("autocall:pause"),
    ("leads_fetched", "agents", DELETE): frame("ping"),
    ("leads_fetched", "due", QUERY): frame("autocall:pause"),
    ("leads_fetched", "runs", SEND): frame("leads:fetched"),
    ("leads_fetched", "post", CONNECTIONS): frame("ping"),
    ("leads_fetched", "close", CONNECTIONS): frame("ping", expired=True),
    ("dialer", "leads", GET): run_of_an_overdue_call,
    ("dialer", "leads", UPDATE): run,
    ("dialer", "due", QUERY): run,
    ("dialer", "agents", GET): run,
    ("dialer", "agents", BATCH_GET): run,
    ("dialer", "agents", QUERY): run,
    ("dialer", "agents", UPDATE): run,
    ("dialer", "agents", DELETE): run,
    ("dialer", "runs", SEND): run_out_of_time,
    ("dialer", "secret", READ_SECRET): run,
    ("dialer", "post", CONNECTIONS): run,
    ("status_webhook", "leads", UPDATE): callback("ringing"),
    ("status_webhook", "agents", QUERY): callback("ringing"),
    ("status_webhook", "agents", UPDATE): callback("completed"),
    ("status_webhook", "agents", DELETE): callback("ringing"),
    ("status_webhook", "runs", SEND): callback("completed"),
    ("status_webhook", "secret", READ_SECRET): callback("ringing"),
    ("status_webhook", "post", CONNECTIONS): callback("ringing"),
    ("voice", "leads", UPDATE): heard("room", StatusCallbackEvent="participant-join"),
    ("voice", "agents", GET): heard("alone", "&n=1"),
    ("voice", "agents", QUERY): heard("room", StatusCallbackEvent="participant-join"),
    ("voice", "agents", UPDATE): heard("answer"),
    ("voice", "agents", DELETE): heard("room", StatusCallbackEvent="participant-join"),
    ("voice", "runs", SEND): heard("room", StatusCallbackEvent="participant-leave"),
    ("voice", "secret", READ_SECRET): heard("answer"),
    ("voice", "post", CONNECTIONS): heard("room", StatusCallbackEvent="participant-join"),
    ("leads_api", "leads", GET): asked("GET /api/leads/{id}"),
    ("leads_api", "leads", QUERY): asked("GET /api/leads"),
    ("leads_api", "leads", UPDATE): imported,
    ("leads_api", "leads", SCAN): counted_by_an_admin,
    ("leads_api", "due", QUERY): asked("POST /api/autocall/pause"),
    ("leads_api", "agents", GET): asked("GET /api/settings"),
    ("leads_api", "agents", QUERY): asked("DELETE /api/connections"),
    ("leads_api", "agents", UPDATE): asked("PUT /api/settings", {"lines": 2}),
    ("leads_api", "agents", DELETE): asked("DELETE /api/connections"),
    ("leads_api", "agents", SCAN): resumed_by_an_admin,
    ("leads_api", "runs", SEND): asked("POST /api/autocall/resume"),
    ("leads_api", "secret", READ_SECRET): released,
    ("leads_api", "post", CONNECTIONS): asked("POST /api/autocall/pause"),
    ("leads_api", "close", CONNECTIONS): asked("DELETE /api/connections"),
}
BY_THE_MAPPING = {
    *("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"),
    *("sqs:GetQueueAttributes", "sqs:GetQueueUrl"),
}
BY_LAMBDA_ITSELF = {
    *("logs:CreateLogStream", "logs:PutLogEvents"),
    *("xray:PutTraceSegments", "xray:PutTelemetryRecords"),
}


def test_every_grant_is_needed_by_an_invocation_here() -> None:
    """The shared secret's alone is tried elsewhere, where a back end signs: `tests/e2e/test_own_back_end.py`."""
    every = {
        (name, resource, action)
        for name in PERMISSIONS
        for resource in PERMISSIONS[name]
        for action in granted(name)[resource]
    }
    assert every - {("connect", "token_secret", READ_SECRET)} == set(NEEDED_BY)


def test_the_dialer_may_bring_a_failed_run_back_by_what_the_mapping_gives_it() -> None:
    """A grant of its own would be a second one of the same; this test falls if the mapping no longer needs it."""
    assert "sqs:ChangeMessageVisibility" in BY_THE_MAPPING
    assert "sqs:ChangeMessageVisibility" not in granted("dialer")["runs"]


def test_only_what_an_admin_asks_for_may_read_a_whole_table() -> None:
    """A scan reads what is everybody's: an admin's resume, and the count of who met no agent. No other function may."""
    may = {(name, to) for name in PERMISSIONS for to, actions in granted(name).items() if SCAN in actions}
    assert may == {("leads_api", "agents"), ("leads_api", "leads")}


@pytest.fixture(scope="module")
def grants(another_stack: Callable[..., Outputs]) -> Outputs:
    """A stack whose queue starts no runs, so that a missing grant stops nothing but what is tried."""
    outputs = another_stack("grants", context={"function_timeout_s": str(_TIMEOUT_S)})
    mappings = client(outputs, "lambda")
    webhook = "autocall-status_webhook"
    variables = mappings.get_function_configuration(FunctionName=webhook)["Environment"]["Variables"]
    with_agents = {"Variables": variables | {"AUDIO": "agent"}}  # it frees them, which is all that it may need more
    mappings.update_function_configuration(FunctionName=webhook, Environment=with_agents)
    for mapping in mappings.list_event_source_mappings()["EventSourceMappings"]:
        mappings.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    return outputs


@pytest.mark.parametrize("name", PERMISSIONS)
def test_a_deployed_role_has_the_grants_and_nothing_else(grants: Outputs, name: str) -> None:
    pairs = {(action, resource) for action, resource in _pairs(_policy(grants, name)["PolicyDocument"])}
    ours = {(action, _known(grants, resource)) for action, resource in pairs if _known(grants, resource)}
    tabled = {(action, resource) for function, resource, action in NEEDED_BY if function == name}
    around = {action for action, resource in pairs if (action, _known(grants, resource)) not in tabled}
    assert ours >= tabled
    assert around <= BY_LAMBDA_ITSELF | (BY_THE_MAPPING if name == "dialer" else set())


@pytest.mark.parametrize("grant", NEEDED_BY, ids="-".join)
def test_without_the_grant_it_fails_and_with_it_it_works(grants: Outputs, grant: Grant) -> None:
    assert _trouble(grants, grant) == []
    with _without(grants, grant):
        assert _trouble(grants, grant)


def _trouble(outputs: Outputs, grant: Grant) -> list[str]:
    """What goes wrong in the invocation that needs the grant: an exception, a 5xx, a warning, a call not made."""
    name, resource, _ = grant
    function = f"autocall-{name}"
    functions = client(outputs, "lambda")
    if resource == "secret":  # it is read once per environment
        memory = functions.get_function_configuration(FunctionName=function)["MemorySize"]
        functions.update_function_configuration(FunctionName=function, MemorySize=memory + 1)
    world = World(outputs)
    event = json.dumps(NEEDED_BY[grant](world))
    answer = functions.invoke(FunctionName=function, Payload=event, LogType="Tail")
    told = json.loads(answer["Payload"].read() or "null") or {}
    lines = [_line(text) for text in base64.b64decode(answer.get("LogResult", "")).decode().splitlines()]
    warned = [line for line in lines if line.get("level") in ("WARNING", "ERROR") and line.get("error") != _GONE]
    warned += [line for line in lines if str(line.get("outcome")).startswith("NotSent")]
    refused = [told] if answer.get("FunctionError") or int(told.get("statusCode", 200)) >= 400 else []
    return [str(each) for each in refused + warned]


_GONE = "GoneException"  # nobody was behind the socket, which is as it should be here


@contextmanager
def _without(outputs: Outputs, grant: Grant) -> Iterator[None]:
    """The function's policy with that one action on that one resource taken out; put back, whatever happens."""
    name, resource, action = grant
    iam, policy = client(outputs, "iam"), _policy(outputs, name)
    key = {"RoleName": policy["RoleName"], "PolicyName": policy["PolicyName"]}
    pairs = list(_pairs(policy["PolicyDocument"]))
    left = [(act, arn) for act, arn in pairs if (act, _known(outputs, arn)) != (action, resource)]
    assert len(left) == len(pairs) - 1
    statements = [{"Effect": "Allow", "Action": act, "Resource": arn} for act, arn in left]
    try:
        iam.put_role_policy(**key, PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": statements}))
        yield
    finally:
        iam.put_role_policy(**key, PolicyDocument=json.dumps(policy["PolicyDocument"]))


def _policy(outputs: Outputs, name: str) -> dict[str, Any]:
    """The one policy of the function's role."""
    function = client(outputs, "lambda").get_function_configuration(FunctionName=f"autocall-{name}")
    role, iam = function["Role"].rpartition("/")[2], client(outputs, "iam")
    assert iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"] == []
    (policy,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    found: dict[str, Any] = iam.get_role_policy(RoleName=role, PolicyName=policy)
    return found


def _pairs(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for statement in document["Statement"]:
        assert statement["Effect"] == "Allow"
        for action in _list(statement["Action"]):
            for resource in _list(statement["Resource"]):
                yield action, resource


def _known(outputs: Outputs, arn: str) -> str | None:
    """The name that `cdk/grants.py` has for this ARN; None for what is none of its resources."""
    ends = {
        "leads": f":table/{outputs['leads_table']}",
        "due": f":table/{outputs['leads_table']}/index/due",
        "agents": f":table/{outputs['agents_table']}",
        "runs": f":{outputs['queue_url'].rpartition('/')[2]}",
        "secret": ":secret:autocall/twilio-??????",
        "post": "/live/POST/@connections/*",
        "close": "/live/DELETE/@connections/*",
    }
    return next((name for name, end in ends.items() if arn.endswith(end)), None)


def _socket(world: World, route: str, *, expired: bool = False) -> dict[str, Any]:
    until = int(now()) + (-1 if expired else 3600)
    return {
        "requestContext": {
            "routeKey": route,
            "connectionId": world.connection,
            "requestId": world.correlation_id,
            "authorizer": {"user_id": world.user, "token_expires_at": str(until)},
        }
    }


def _message(world: World) -> dict[str, Any]:
    body = RunMessage(world.user, "test", world.correlation_id).dumps()
    return {"Records": [{"body": body, "receiptHandle": "none", "attributes": {"ApproximateReceiveCount": "1"}}]}


def _request(world: World, route: str, body: Any, lead: str, groups: str = "") -> dict[str, Any]:
    claims = {"sub": world.user, "cognito:groups": groups}
    return {
        "routeKey": route,
        "headers": {"content-type": "application/json"},
        "pathParameters": {"id": lead},
        "requestContext": {"requestId": world.correlation_id, "authorizer": {"jwt": {"claims": claims}}},
        "body": json.dumps(body) if body else "",
    }


def _line(text: str) -> dict[str, Any]:
    try:
        read = json.loads(text)
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
