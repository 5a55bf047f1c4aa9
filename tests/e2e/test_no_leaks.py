"""What is known of people, and every secret, is looked for in whatever the system writes down or sends around."""

import json
import re
import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from twilio.request_validator import RequestValidator
from websockets.exceptions import InvalidStatus

from autocall.audio import Audio
from autocall.leads import Attempt
from cdk.functions import ENVIRONMENT
from functions.dialer.call_request import CallRequest
from local.deployment import STACK
from local.options import API_KEY, API_SECRET, AUTH_TOKEN
from tests.conftest import SHARED_BY_TESTS
from tests.e2e.agents import PASSWORD, PATIENCE_S, Numbers, Outputs, Person, Tab, Twilio, aws, eventually

SECRETS = (AUTH_TOKEN, API_SECRET, API_KEY, PASSWORD)
_LATELY_S = 300
A_NUMBER = re.compile(r"(?<![\d.])\+[1-9]\d{9,14}(?!\d)")
A_TOKEN = re.compile(r"eyJ[\w-]{10,}\.eyJ[\w-]{10,}")


def test_nothing_that_was_fed_in_is_logged_or_sent_around(stack: Outputs, agent: Person, twilio: Twilio) -> None:
    """Known numbers, names, notes, tokens and secrets are in no log line and no event, whatever was done with them."""
    phones, own_phone, began = Numbers.take(7), Numbers.take(1)[0], time.time()
    known = {name: f"{name}-{uuid.uuid4().hex}" for name in ("name", "note", "external_id", "colour", "frame")}
    tab = _everything_that_is_done_with_leads(agent, twilio, phones, own_phone, known)
    _everything_that_is_refused(stack, agent, phones, known)

    events = json.dumps(tab.received)
    eventually(lambda: _all_have_logged(agent, _function_logs(stack, began)))
    written = {**_function_logs(stack, began), **_process_logs()}
    assert _all_have_logged(agent, written), "every function has logged this agent"
    for place, text in {**written, "events": events}.items():
        for phone in (*phones, own_phone):
            assert phone[2:] not in text, f"a number is in {place}"
            assert _as_people_write(phone) not in text, f"a number is in {place}"
        found = {what for what, value in known.items() if value in text and (place, what) != ("events", "frame")}
        assert not found, f"{found} in {place}"
        assert not any(secret in text for secret in SECRETS), f"a secret is in {place}"
        assert agent.token.rpartition(".")[2] not in text, f"a token is in {place}"


def test_no_log_of_ours_has_anything_like_a_number_or_a_token(stack: Outputs, agent: Person) -> None:
    """In all that our functions have logged in the last minutes, for whatever test, nothing even looks like one."""
    (lead,) = agent.imports(*Numbers.take(1))
    tab = agent.tab().start()
    tab.wait(lambda tab: lead in tab.completed())
    for place, text in _function_logs(stack, time.time() - _LATELY_S).items():
        assert not A_NUMBER.search(text), f"{A_NUMBER.search(text)} in {place}"
        assert not A_TOKEN.search(text), f"a token is in {place}"


def test_no_secret_is_in_template_variables_or_outputs(stack: Outputs) -> None:
    """What anybody with a look at the deployment can read holds no secret."""
    cloudformation, lambda_ = aws(stack, "cloudformation"), aws(stack, "lambda")
    template = cloudformation.get_template(StackName=STACK)["TemplateBody"]
    told = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]["Outputs"]
    variables = [function["Environment"]["Variables"] for function in lambda_.list_functions()["Functions"]]
    assert len(variables) >= 5
    text = json.dumps([template, told, variables])
    assert not any(secret in text for secret in SECRETS)


def test_the_address_that_twilio_is_given_names_nobody() -> None:
    """A callback's address holds ids only: no number, no name, no token."""
    audio = Audio("agent", "Acme", "+12015550100", 30, "https://page.example.com/sorry.xml")
    options = CallRequest(25, 3600, "", "", "https://calls.example.com", audio)
    asked = options.params(Attempt("user", "lead", "attempt"), "+12015550123", "+12015550100")
    answered = asked.pop("Url")
    assert answered == "https://calls.example.com/twilio/answer/user/lead?attempt=attempt#rt=2500&rc=1&rp=5xx,ct"
    address = asked.pop("StatusCallback")
    assert address == "https://calls.example.com/twilio/status/user/lead?attempt=attempt#rc=5&rp=all"
    assert asked["To"] == "+12015550123"


# -- helpers -----------------------------------------------------------------------------------------------------------


def _everything_that_is_done_with_leads(
    agent: Person, twilio: Twilio, phones: list[str], own_phone: str, known: dict[str, str]
) -> Tab:
    """Import twice, call, be refused, lose an answer, forbid, pause, set, export, release, delete."""
    columns = {name: known[name] for name in ("name", "note", "external_id", "colour")}
    twilio.script(phones[0], refuse=21211)
    twilio.script(phones[1], refuse=21215)
    twilio.script(phones[2], fault="html", made=True)
    twilio.script(phones[3], outcome="failed", sip_code=404)
    assert agent.api("PUT", "/api/settings", json={"agent_phone": own_phone}).status_code == 200
    leads = agent.imports(*phones[:6], **columns)
    rows = [f"{_as_people_write(phones[6])},{known['name']},{known['note']}", f"{phones[6]}x,{known['name']},"]
    body = "\n".join(["phone,name,note", *rows])
    for _ in range(2):
        agent.api("POST", "/api/leads", data=body, headers={"content-type": "text/csv"})
    assert agent.api("PUT", f"/api/leads/{leads[5]}/do-not-call").status_code == 200
    assert agent.api("POST", "/api/do-not-call", json={"numbers": [phones[5], f"{phones[5]}x"]}).status_code == 200
    tab = agent.tab().start()
    tab.wait(lambda tab: {leads[0], leads[2], leads[3], leads[4]} <= tab.completed())
    eventually(lambda: agent.lead(leads[1])["held"])
    ended = agent.lead(leads[4])
    assert (
        agent.api("POST", f"/api/leads/{leads[4]}/release", json={"attempt_id": ended["attempt_id"]}).status_code == 409
    )
    assert known["name"] in agent.api("GET", "/api/leads.csv").text
    tab.emit("autocall:pause")
    tab.wait(lambda tab: tab.events("autocall:paused"))
    assert agent.api("POST", "/api/autocall/pause", json={"cancel_ringing": True}).status_code == 200
    assert agent.api("POST", "/api/autocall/resume").status_code == 200
    assert agent.api("DELETE", f"/api/leads/{leads[4]}").status_code == 204
    return tab


def _everything_that_is_refused(stack: Outputs, agent: Person, phones: list[str], known: dict[str, str]) -> None:
    """Frames, requests, handshakes and callbacks that nobody should send, each with something that must not be kept."""
    tab = agent.tab()
    tab.emit("ping")
    for frame in (
        known["frame"],
        json.dumps({"event": phones[0], "data": {"name": known["name"]}}),
        json.dumps({"event": "ping", "data": known["frame"]}),
        json.dumps({"event": known["frame"]}),
    ):
        tab.raw(frame)
    tab.wait(lambda tab: len(tab.events("error")) == 4)
    headers = {"authorization": f"Bearer {agent.token}x"}
    assert requests.get(f"{stack['http_url']}/api/leads", headers=headers, timeout=PATIENCE_S).status_code == 401
    assert agent.api("GET", f"/api/leads/{phones[0]}").status_code == 404
    assert agent.api("PUT", "/api/settings", json={"agent_phone": known["name"], known["note"]: 1}).status_code == 400
    assert agent.api("POST", "/api/leads", data=f"{{{known['name']}").status_code == 400
    for token in (f"{agent.token}x", agent.token[:-5], known["name"]):
        with pytest.raises(InvalidStatus):
            Tab(stack["websocket_url"], token)
    form = {"CallSid": "CA1", "CallStatus": "completed", "To": phones[0], "CallerName": known["name"]}
    address = f"{stack['http_url']}/twilio/status/{agent.user_id}/lead?attempt=one"
    headers = {"X-Twilio-Signature": AUTH_TOKEN}
    assert requests.post(address, data=form, headers=headers, timeout=PATIENCE_S).status_code == 403
    answered = f"{stack['http_url']}/twilio/answer/{agent.user_id}/lead?attempt=one"
    headers = {"X-Twilio-Signature": RequestValidator(AUTH_TOKEN).compute_signature(answered, form)}
    assert requests.post(answered, data=form, headers=headers, timeout=PATIENCE_S).status_code == 200


def _all_have_logged(agent: Person, written: dict[str, str]) -> bool:
    """A function's lines come when it is through, which may be after all that they tell of."""
    return all(agent.user_id in written[f"autocall-{name}"] for name in ENVIRONMENT)


def _function_logs(stack: Outputs, since: float) -> dict[str, str]:
    """All that every function has logged since that moment, by its group.

    That is some minutes ago: the emulator shows the first 10,000 lines of what it is asked for.
    """
    logs = aws(stack, "logs")
    groups = [
        group["logGroupName"]
        for page in logs.get_paginator("describe_log_groups").paginate()
        for group in page["logGroups"]
    ]
    return {group.rpartition("/")[2]: "\n".join(_lines(logs, group, since)) for group in groups}


def _lines(logs: Any, group: str, since: float) -> Iterator[str]:
    for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group, startTime=int(since * 1000)):
        yield from (event["message"] for event in page["events"])


def _process_logs() -> dict[str, str]:
    """What the emulator, the page's server and the simulator have written."""
    return {file.name: file.read_text(errors="replace") for file in SHARED_BY_TESTS.logs.iterdir()}


def _as_people_write(phone: str) -> str:
    return f"({phone[2:5]}) {phone[5:8]}-{phone[8:]}"
