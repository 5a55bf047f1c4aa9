"""What operators type, on the running stack: each command does what it says, and says what it did."""

import json
import os
import subprocess
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
from websockets.exceptions import InvalidHandshake
from websockets.sync.server import Server, serve

from autocall.agent_table import AgentTable
from local.deployment import aws_environment
from local.options import ACCOUNT_SID, API_KEY, API_SECRET
from local.paths import PYTHON, ROOT
from ops import smoke, witness
from ops.installation import Installation, deployed
from tests.conftest import SHARED_BY_TESTS
from tests.e2e import commands
from tests.e2e.agents import PASSWORD, PATIENCE_S, Numbers, Person, Tab, Twilio, aws, eventually, log_in


def _make(*words: str) -> commands.Done:
    return _run("make", "--silent", *words, f"STACK={SHARED_BY_TESTS.home}")


def _ops(*words: str) -> commands.Done:
    return commands.run(SHARED_BY_TESTS.home, *words)


def _run(*words: str) -> commands.Done:
    environment = {name: value for name, value in os.environ.items() if name not in ("AWS", "STAGE", "MAKEFLAGS")}
    return subprocess.run(
        words, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )


@pytest.mark.usefixtures("stack")
def test_smoke_passes_on_a_running_installation() -> None:
    """Every door of the running stack is shut and open as it must be."""
    done = _make("smoke")
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(done.stdout.splitlines()) == len(list(_all_checks()))
    assert all(line.startswith("ok ") for line in done.stdout.splitlines())


def test_smoke_fails_on_an_installation_that_lets_everybody_in(
    stack: dict[str, Any], monkeypatch: pytest.MonkeyPatch, gullible: tuple[str, str]
) -> None:
    """Where every handshake, request and callback is taken, each check says so, and one that is right passes."""
    _see_the_emulator(stack, monkeypatch)
    socket, site = gullible
    places = {"WebsocketUrl": socket, "HttpUrl": site, "PublicUrl": site, "PageUrl": f"{site}/"}
    found = list(smoke.checks(Installation("autocall", {**deployed("autocall").outputs, **places})))
    assert [check.what for check in found] == list(_all_checks())
    assert all(check.wrong for check in found), found


def test_smoke_fails_where_nobody_answers(stack: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """A socket that is not there is not taken for one that refuses."""
    _see_the_emulator(stack, monkeypatch)
    nowhere = {"WebsocketUrl": "ws://127.0.0.1:9/live", "HttpUrl": "http://127.0.0.1:9"}
    found = {
        check.what: check.wrong
        for check in smoke.checks(Installation("x", {**deployed("autocall").outputs, **nowhere}))
    }
    assert found["a handshake without a token is refused"].startswith("no answer")
    assert found["the API refuses a request without a token"].startswith("no answer")
    assert found["a callback that Twilio did not sign is refused"] == ""


def test_user_makes_an_agent_who_can_log_in(stack: dict[str, Any]) -> None:
    """An agent made by an operator logs in, opens a socket, and has the group that was asked for."""
    email = f"{uuid.uuid4().hex[:12]}@example.com"
    done = _ops("user", email, "--password", PASSWORD, "--group", "admins")
    assert done.stdout == f"{email} is an agent, in the group admins\n", done.stderr
    person = log_in(stack, email, PASSWORD)
    tab = person.tab().start()
    tab.wait(lambda tab: tab.events("autocall:finished"))
    assert person.api("POST", "/api/do-not-call?installation=true", json={"numbers": []}).status_code == 200
    tab.close()
    assert "already" in _ops("user", email).stdout


def test_a_user_without_a_password_gets_a_temporary_one(stack: dict[str, Any]) -> None:
    """`make user` leaves it to Cognito to send a password, which must be changed at the first login."""
    email = f"{uuid.uuid4().hex[:12]}@example.com"
    assert "has mailed a password" in _make("user", f"EMAIL={email}").stdout
    cognito = aws(stack, "cognito-idp")
    pool = cognito.list_user_pools(MaxResults=1)["UserPools"][0]["Id"]
    assert cognito.admin_get_user(UserPoolId=pool, Username=email)["UserStatus"] == "FORCE_CHANGE_PASSWORD"


def test_numbers_of_a_file_are_called_by_nobody(tmp_path: Path, agent: Person, twilio: Twilio) -> None:
    """A list for everybody keeps its numbers from being called; lines that are no number are named, not printed."""
    forbidden, spelled, allowed = Numbers.take(3)
    file = tmp_path / "numbers.csv"
    file.write_text(f"name,phone\nA,{forbidden}\nB,not a number\nC,({spelled[2:5]}) {spelled[5:8]}-{spelled[8:]}\n,\n")
    done = _make("dnc", f"FILE={file}")
    assert done.returncode != 0
    assert done.stdout == "line 3: the phone number has letters in it\n2 numbers are on the list\n"

    leads = agent.imports(forbidden, spelled, allowed)
    tab = agent.tab().start()
    tab.wait(lambda tab: leads[2] in tab.completed())
    eventually(lambda: all(agent.lead(lead)["held"] for lead in leads[:2]))
    assert [agent.lead(lead)["held"]["reason"] for lead in leads[:2]] == ["dnc", "dnc"]
    assert twilio.dialled(forbidden, spelled, allowed) == [0, 0, 1]


def test_a_number_that_is_taken_off_the_list_may_be_called(tmp_path: Path, agent: Person, twilio: Twilio) -> None:
    """What was forbidden by mistake is allowed by a word of its own."""
    phones = Numbers.take(2)
    file = tmp_path / "numbers.txt"
    file.write_text("\n".join(phones))
    assert _ops("dnc", str(file)).returncode == 0
    file.write_text(phones[0])
    assert _make("dnc", f"FILE={file}", "REMOVE=1").stdout == "1 numbers were taken off the list\n"
    assert "1 were not on it" in _ops("dnc", str(file), "--remove").stdout

    leads = agent.imports(*phones)
    tab = agent.tab().start()
    tab.wait(lambda tab: leads[0] in tab.completed())
    eventually(lambda: agent.lead(leads[1])["held"])
    assert twilio.dialled(*phones) == [1, 0]


def test_a_list_without_a_bad_line_ends_well(tmp_path: Path) -> None:
    """A plain list of numbers, one a line, is taken whole."""
    file = tmp_path / "numbers.txt"
    file.write_text("\n".join(Numbers.take(2)))
    done = _ops("dnc", str(file))
    assert (done.returncode, done.stdout) == (0, "2 numbers are on the list\n")


def test_a_dead_run_is_seen_and_redriven(stack: dict[str, Any], agent: Person, twilio: Twilio) -> None:
    """`look` shows a run in the dead-letter queue without moving it; `redrive` brings it back, and it calls."""
    (phone,), tab = Numbers.take(1), agent.tab()
    (lead,) = agent.imports(phone)
    tab.wait(Tab.nobody_was_there)  # else the run that the import has queued would call
    tab.emit("ping")
    tab.wait(lambda tab: tab.events("pong"))
    body = {"user_id": agent.user_id, "cause": "imported", "correlation_id": f"dead-{uuid.uuid4().hex}", "v": 1}
    aws(stack, "sqs").send_message(
        QueueUrl=stack["dead_letter_queue_url"],
        MessageBody=json.dumps(body),
        MessageGroupId=agent.user_id,
        MessageDeduplicationId=uuid.uuid4().hex,
    )
    for looked in (_make("look").stdout, _ops("look").stdout):
        assert body["correlation_id"] in looked
        assert "Dead runs: 0" not in looked
    assert "runs queued again" in _make("redrive").stdout

    tab.wait(lambda tab: lead in tab.completed())
    assert twilio.dialled(phone) == [1]
    assert body["correlation_id"] not in _ops("look").stdout


def test_one_id_leads_from_the_page_through_all_logs(agent: Person) -> None:
    """The id of a `leads:fetched` is in the run's lines, the call's, the callbacks' and the pushes', in their order."""
    tab = agent.tab()
    (lead,) = agent.imports(*Numbers.take(1))
    tab.wait(Tab.nobody_was_there)
    tab.start()
    tab.wait(lambda tab: lead in tab.completed())
    eventually(lambda: _frames(agent))  # a function's lines come when it is through
    (frame,) = _frames(agent)
    asked = frame["correlation_id"]

    eventually(lambda: _is_whole(_told(_ops("logs", asked))))
    lines = _told(_make("logs", f"TEXT={asked}"))
    assert lines == sorted(lines, key=lambda line: line["timestamp"])
    said = _said(lines)
    for one in SAID:
        assert one in said, said
    assert [line["lead_id"] for line in _ends(lines)] == [lead], lines
    each_after_the_other = [("dialer", "run starts"), ("dialer", "claimed"), ("status_webhook", "callback")]
    assert sorted(each_after_the_other, key=said.index) == each_after_the_other, said


def test_a_stack_that_is_not_up_is_said_to_be_none(tmp_path: Path) -> None:
    """Without a stack there is a sentence and no traceback."""
    done = _run(str(PYTHON), "-m", "ops", "--local", str(tmp_path), "look")
    assert done.returncode == 1
    assert "No stack is running" in done.stderr
    assert "Traceback" not in done.stderr


# -- helpers -----------------------------------------------------------------------------------------------------------


def _all_checks() -> Iterator[str]:
    yield from (*smoke._CHECKS, *smoke._OF_THE_PAGE, *smoke._OF_THE_NUMBER)


def _see_the_emulator(stack: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in aws_environment(stack["aws_endpoint"]).items():
        if name.startswith("AWS_"):
            monkeypatch.setenv(name, value)


def _told(done: commands.Done) -> list[dict[str, Any]]:
    assert done.returncode == 0, done.stderr
    read: list[dict[str, Any]] = [json.loads(line.partition(" ")[2]) for line in done.stdout.splitlines()]
    return read


SAID = [
    ("leads_fetched", "frame"),
    ("dialer", "run starts"),
    ("dialer", "claimed"),
    ("dialer", "asked for a call"),
    ("dialer", "pushed"),
    ("dialer", "run ends"),
    ("status_webhook", "callback"),
    ("status_webhook", "pushed"),
]


def _frames(agent: Person) -> list[dict[str, Any]]:
    """Each `leads:fetched` of this agent, as it is logged."""
    return [line for line in _told(_ops("logs", agent.user_id)) if line.get("outcome") == "leads:fetched"]


def _said(lines: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(line["service"], line["message"]) for line in lines]


def _ends(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [line for line in lines if line["message"] == "pushed" and line["pushed"] == "call:completed"]


def _is_whole(lines: list[dict[str, Any]]) -> bool:
    """Whether every function that had a part in it has logged."""
    return set(SAID) <= set(_said(lines)) and bool(_ends(lines))


@pytest.fixture
def gullible() -> Iterator[tuple[str, str]]:
    """A socket and a site that take whatever comes."""

    class Yes(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    site = ThreadingHTTPServer(("127.0.0.1", 0), Yes)
    socket: Server = serve(lambda connection: connection.recv(), "127.0.0.1", 0)
    running: list[Callable[[], None]] = [site.serve_forever, socket.serve_forever]
    for serves in running:
        threading.Thread(target=serves, daemon=True).start()
    yield f"ws://127.0.0.1:{socket.socket.getsockname()[1]}/live", f"http://127.0.0.1:{site.server_port}"
    site.shutdown()
    socket.shutdown()


def test_whoever_leaves_is_out_at_once_and_make_user_brings_them_back(stack: dict[str, Any], agent: Person) -> None:
    """No door opens to the token that is good for an hour, sockets are closed, and nobody is called any more."""
    twilio, phones = Twilio(stack), Numbers.take(3)
    tab = agent.tab().start()
    tab.wait(lambda tab: tab.finished())
    done = _make("leave", f"USER={agent.username}")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 sockets were closed" in done.stdout
    assert "Calls still in flight: none" in done.stdout
    tab.wait(lambda tab: tab.closed)
    assert agent.connections() == set()
    refused = agent.api("POST", "/api/leads", json={"leads": [{"phone": phone} for phone in phones]})
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "left")
    with pytest.raises(InvalidHandshake):
        agent.tab()
    assert agent.connections() == set()

    done = _ops("user", agent.username)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "is back" in done.stdout
    back = log_in(stack, agent.username, PASSWORD)
    leads = back.imports(*phones)
    again = back.tab().start()
    again.wait(lambda tab: set(leads) <= tab.completed())
    again.close()
    assert twilio.dialled(*phones) == [1, 1, 1]


def test_whoever_has_left_can_be_erased(stack: dict[str, Any], agent: Person) -> None:
    agent.imports(*Numbers.take(2))
    refused = _make("erase", f"USER={agent.username}")
    assert refused.returncode != 0
    assert "make leave" in refused.stderr
    assert _ops("leave", agent.username).returncode == 0
    done = _ops("erase", agent.username)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 leads are deleted" in done.stdout
    table = AgentTable(aws(stack, "dynamodb"), stack["agents_table"])
    assert table.has_left(agent.user_id)


def test_the_witness_finds_each_planted_difference_between_the_leads_and_twilios_list(
    stack: dict[str, Any], agent: Person, twilio: Twilio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A status that moved, a call nobody knows, a row that is gone, one whose call is not there, an unknown outcome."""
    phones = Numbers.take(4)
    for phone in phones:
        twilio.script(phone, outcome="completed", ring_s=0, talk_s=1)
    differs, gone, elsewhere, unknown = leads = agent.imports(*phones)
    tab = agent.tab().start()
    tab.wait(lambda tab: set(leads) <= tab.completed())
    tab.close()
    eventually(lambda: not twilio.callbacks()["waiting"])  # a late one would say what an unknown row has come to
    dynamodb, calls = aws(stack, "dynamodb"), twilio.witness()
    sids = dict(zip(leads, (calls[phone]["calls"][0]["sid"] for phone in phones), strict=True))
    rows: dict[str, Any] = {"TableName": stack["leads_table"]}
    sender = dynamodb.get_item(**rows, Key=_key(agent, differs))["Item"]["sender"]["S"]

    def change(lead: str, change: str, **values: str) -> None:
        named = {f":{name}": {"S": value} for name, value in values.items()}
        dynamodb.update_item(**rows, Key=_key(agent, lead), UpdateExpression=change, ExpressionAttributeValues=named)

    change(differs, "SET call_status = :status", status="busy")
    dynamodb.delete_item(**rows, Key=_key(agent, gone))
    change(elsewhere, "SET call_sid = :sid REMOVE history", sid="CA" + "0" * 32)
    change(unknown, "SET call_status = :status REMOVE call_sid, history", status="unknown")
    again = requests.post(
        f"{twilio.url}/2010-04-01/Accounts/{ACCOUNT_SID}/Calls.json",
        data={"To": phones[0], "From": sender, "Twiml": "<Response><Hangup/></Response>"},
        auth=(API_KEY, API_SECRET),
        timeout=PATIENCE_S,
    ).json()["sid"]

    _see_the_emulator(stack, monkeypatch)
    here = Installation("autocall", {**deployed("autocall").outputs, "Audio": "agent"})
    report = witness.of_the_last(here, 1, time.time() + 600)
    found = {finding.title: "\n".join(finding.where) for finding in report.findings}
    assert (
        f"{differs} of {agent.user_id}: busy, and Twilio says completed" in found["Rows whose status is not Twilio's"]
    )
    assert sids[gone] in found["Calls without a row"]
    assert again in found["Calls without a row"]
    assert sids[unknown] not in found["Calls without a row"]
    assert elsewhere in found["Rows without a call"]
    assert differs in found["Numbers that were called more often than their leads say"]
    assert f"{unknown} of {agent.user_id}: completed" in found["Unknown outcomes that Twilio can settle"]
    assert found["Answered, and no agent ever joined"]

    done = _make("witness", "DAYS=1")
    assert done.returncode != 0
    assert differs in done.stdout
    assert phones[0] not in done.stdout


def _key(agent: Person, lead: str) -> dict[str, Any]:
    return {"user_id": {"S": agent.user_id}, "lead_id": {"S": lead}}
