"""The running API is what its document says: for whatever schemathesis thinks of, and for what people really do.

Each operation meets its examples and the edges of its parameters; a third of them meets requests at random besides,
another third every day, all in `make soak`.
"""

import uuid
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
import yaml
from hypothesis import HealthCheck, settings
from openapi_core import Config, OpenAPI
from openapi_core.contrib.requests import RequestsOpenAPIRequest, RequestsOpenAPIResponse
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from twilio.request_validator import RequestValidator

from autocall.timing import now, stamp
from tests.e2e.agents import PATIENCE_S, Numbers, Person, sign_up
from tests.rotation import of_today

DOCUMENT = Path(__file__).parents[2] / "docs" / "openapi.yaml"
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
    ignored_auth,
]
METHODS = ("get", "put", "post", "delete", "patch")
OPERATIONS = [
    f"{method.upper()} {path}"
    for path, item in yaml.load(DOCUMENT.read_text(), yaml.CSafeLoader)["paths"].items()
    for method in item
    if method in METHODS
]
AT_RANDOM = of_today(OPERATIONS, 3)
NOT_AT_RANDOM = [
    {"include-name": operation, "phases": {"fuzzing": {"enabled": False}}}
    for operation in OPERATIONS
    if operation not in AT_RANDOM
]
schema = schemathesis.openapi.from_path(DOCUMENT, config=SchemathesisConfig.from_dict({"operations": NOT_AT_RANDOM}))


@pytest.fixture(scope="module")
def probed(stack: dict[str, Any]) -> Person:
    """An agent for strange requests, with leads for them to hit; nobody is called, for no page is open."""
    person = sign_up(stack)
    leads = person.imports(*Numbers.take(40))

    @schema.hook
    def map_path_parameters(_context: Any, path_parameters: dict[str, Any] | None) -> dict[str, Any] | None:
        """Every other lead that a request names is one that is there."""
        for name in path_parameters or {}:
            told = sum(str(path_parameters[name]).encode())
            if name in ("id", "lead_id") and told % 2:
                path_parameters[name] = leads[told % len(leads)]
        return path_parameters

    return person


@schema.parametrize()
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
def test_any_request_is_answered_as_the_document_says(case: schemathesis.Case, probed: Person) -> None:
    """No request, valid or not, is answered with a 5xx, without a token, or in a way that the document has not."""
    headers = {"Authorization": f"Bearer {probed.token}"}
    case.call_and_validate(base_url=probed.outputs["http_url"], headers=headers, checks=CHECKS, timeout=PATIENCE_S)


def _text(body: bytes, charset: str = "utf-8") -> str:
    return body.decode(charset)


@pytest.fixture(scope="module")
def checked(stack: dict[str, Any]) -> Callable[..., requests.Response]:
    """Send a request of *person* and hold the request and its answer against the document."""
    document = yaml.safe_load(DOCUMENT.read_text())
    document["servers"] = [{"url": stack["http_url"]}]
    openapi = OpenAPI.from_dict(document, Config(extra_media_type_deserializers={"text/csv": _text}))

    def send(person: Person, method: str, path: str, *, meant: bool = True, **options: Any) -> requests.Response:
        headers = {"authorization": f"Bearer {person.token}", **options.pop("headers", {})}
        request = requests.Request(method, stack["http_url"] + path, headers=headers, **options)
        prepared = request.prepare()
        if meant:
            openapi.validate_request(RequestsOpenAPIRequest(prepared))
        with requests.Session() as session:
            answer = session.send(prepared, timeout=PATIENCE_S)
        openapi.validate_response(RequestsOpenAPIRequest(prepared), RequestsOpenAPIResponse(answer))
        return answer

    return send


def test_what_people_do_is_what_the_document_says(checked: Callable[..., requests.Response], agent: Person) -> None:
    """Importing, calling, looking, exporting, forbidding, pausing, setting, deleting: as documented, both ways."""
    phones = Numbers.take(4)
    ask = partial(checked, agent)
    csv = f"phone,name,extra.colour\n{phones[0]},Ada,red\n{phones[1]},=1+1,\nnone,Nobody,\n"
    told = ask("POST", "/api/leads?first_line=2", data=csv, headers={"content-type": "text/csv"}).json()
    assert (told["created"], len(told["refused"])) == (2, 1)
    assert ask("POST", "/api/leads", json=[{"phone": phones[2], "timezone": "America/New_York"}]).status_code == 200
    assert ask("POST", "/api/leads", json={"leads": [{"phone": phones[3]}], "rows_after": 3}).json()["created"] == 1
    leads = [lead["lead_id"] for lead in ask("GET", "/api/leads?limit=10").json()["items"]]
    assert len(leads) == 4
    page = ask("GET", "/api/leads?limit=1").json()
    assert len(ask("GET", f"/api/leads?limit=3&cursor={page['next']}").json()["items"]) == 3

    assert ask("PUT", f"/api/leads/{leads[0]}/do-not-call").json()["do_not_call"] is True
    tab = agent.tab().start()
    tab.wait(lambda tab: tab.completed() == set(leads[1:]))
    called = ask("GET", f"/api/leads/{leads[1]}").json()
    assert len(called["history"]) >= 2
    assert ask("GET", f"/api/leads/{leads[0]}").json()["held"]["reason"] == "dnc"
    assert ask("DELETE", f"/api/leads/{leads[0]}/do-not-call").json()["do_not_call"] is False
    assert "Ada" in ask("GET", "/api/leads.csv").text
    for what in ("release", "settle"):
        told = ask("POST", f"/api/leads/{leads[1]}/{what}", json={"attempt_id": called["attempt_id"]})
        assert told.status_code == 409
    ask("PUT", f"/api/leads/{leads[1]}/note", json={"text": "at home"})
    assert ask("PUT", f"/api/leads/{leads[1]}/note", json={"text": "not at home"}).status_code == 409
    outcome = {"attempt_id": called["attempt_id"], "code": "meeting"}
    assert ask("POST", f"/api/leads/{leads[1]}/outcome", json=outcome).status_code == 409
    held = {"attempt_id": called["attempt_id"], "held": True}
    assert ask("POST", f"/api/leads/{leads[1]}/hold", json=held).status_code == 409
    rang = {"seen": stamp(now() - 60), "done": True}
    assert ask("PUT", f"/api/leads/{leads[1]}/ring-back", json=rang).status_code == 409
    later = {"attempt_id": called["attempt_id"], "at": stamp(now() + 3600), "why": "they asked"}
    wanted = ask("POST", f"/api/leads/{leads[1]}/again", json=later).json()
    assert (wanted["call_status"], wanted["appointment_at"]) == ("pending", later["at"])
    assert ask("GET", f"/api/leads/{leads[1]}").json()["history"][-1]["why"] == "they asked"
    assert "outcomes" in ask("GET", "/api/installation").json()
    assert ask("PUT", "/api/installation", json={"again_per_week": 2, "version": 0}).status_code == 403

    assert ask("POST", f"/api/leads/{leads[1]}/confirm").status_code == 409
    assert ask("GET", f"/api/may-call?lead={leads[1]}&at=2026-12-24T09:30:00Z").json()["may"] is True
    assert ask("POST", "/api/may-call", json={"phone": phones[2], "basis": "business"}).json()["reason"] is None

    told = ask("POST", "/api/do-not-call", json={"numbers": [phones[0], "none"]}).json()
    assert (told["forbidden"], len(told["refused"])) == (1, 1)
    assert ask("POST", "/api/do-not-call?installation=true", json=[phones[0]]).status_code == 403
    version = ask("POST", "/api/autocall/pause", json={"cancel_ringing": True}).json()["version"]
    window = {"from": "09:00", "to": "17:00", "days": [1, 2]}
    changed = ask("PUT", "/api/settings", json={"lines": 2, "window": window, "version": version})
    assert changed.json()["window"] == window
    assert ask("PUT", "/api/settings", json={"lines": 3, "version": version}).status_code == 409
    assert ask("GET", "/api/settings").json()["paused"] is True
    assert ask("POST", "/api/autocall/resume").status_code == 200
    left = ask("DELETE", "/api/connections").json()
    assert left["closed"] == 1
    assert set(left["in_flight"]) <= {leads[0]}, "the one that may be called since it is off the list"
    assert ask("DELETE", f"/api/leads/{leads[1]}").status_code == 204
    assert ask("GET", f"/api/leads/{leads[1]}").status_code == 404


def test_what_is_refused_is_refused_as_documented(checked: Callable[..., requests.Response], agent: Person) -> None:
    """Every kind of refusal has the form that the document gives it."""
    wrong: list[tuple[int, str, str, dict[str, Any]]] = [
        (400, "GET", "/api/leads?limit=0", {}),
        (400, "GET", "/api/leads?cursor=none", {}),
        (400, "POST", "/api/leads", {"data": "{", "headers": {"content-type": "application/json"}}),
        (400, "POST", "/api/leads", {"data": "name\nAda", "headers": {"content-type": "text/csv"}}),
        (413, "POST", "/api/leads", {"json": [{"phone": "x"}] * 1001}),
        (400, "POST", "/api/do-not-call", {"json": {"numbers": 1}}),
        (413, "POST", "/api/do-not-call", {"json": ["x"] * 1001}),
        (400, "POST", "/api/autocall/pause", {"json": {"cancel_ringing": "perhaps"}}),
        (400, "PUT", "/api/settings", {"json": {"lines": 21, "window": 1, "colour": "red"}}),
        (404, "GET", "/api/leads/nobody", {}),
        (404, "DELETE", "/api/leads/nobody", {}),
        (404, "GET", "/api/may-call?lead=nobody", {}),
        (400, "POST", "/api/may-call", {"json": {"phone": "12"}}),
        (401, "GET", "/api/leads", {"headers": {"authorization": ""}}),
        (401, "GET", "/api/leads", {"headers": {"authorization": "Bearer e30.e30.e30"}}),
    ]
    for status, method, path, options in wrong:
        answer = checked(agent, method, path, meant=False, **options)
        assert answer.status_code == status, (method, path, answer.text)


def test_callbacks_are_answered_as_documented(
    stack: dict[str, Any], checked: Callable[..., requests.Response], agent: Person
) -> None:
    """A signed report is safe with 204, one that says nothing is a 400, an unsigned one a 403."""
    nobody = uuid.uuid4().hex
    path = f"/twilio/status/{nobody}/{nobody}?attempt={nobody}"
    form = {"CallSid": f"CA{nobody}", "CallStatus": "ringing"}
    sign = RequestValidator(stack["twilio_auth_token"]).compute_signature
    for body, signature, status in [
        (form, sign(stack["http_url"] + path, form), 204),
        ({"CallSid": "CA1"}, sign(stack["http_url"] + path, {"CallSid": "CA1"}), 400),
        (form, "bad", 403),
    ]:
        headers = {"X-Twilio-Signature": signature}
        assert checked(agent, "POST", path, meant=status != 400, data=body, headers=headers).status_code == status
