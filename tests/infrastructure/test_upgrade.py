"""An installation that an earlier release has filled is upgraded: nothing is lost, and nobody is called again.

`releases/` holds, for each release, rows and messages as it wrote them, and what of its template must stay in place.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from autocall import leads
from autocall.agent_table import AgentTable
from autocall.dynamo import from_dynamo, to_dynamo
from autocall.installation_table import InstallationTable
from autocall.lead_table import LeadTable
from autocall.leads import Attempt, LeadKey, full_view, lead_id, number_hash, number_hashes
from autocall.messages import RunMessage
from autocall.timing import Timing, now, parse
from functions.leads_api.store_leads import IncomingLead, LeadStore
from tests.e2e.agents import Numbers, Outputs, Twilio, close_tabs, eventually, sign_up
from tests.e2e.agents import aws as client
from tests.infrastructure.conftest import Synthesised
from tests.unit.moto_tables import AGENTS, LEADS, tables

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

RELEASES = sorted(path for path in (Path(__file__).parent / "releases").iterdir() if path.is_dir())
TO_BE_CALLED = {"waiting", "held", "released"}
WRITTEN_AT = parse("2026-01-05T15:00:00.000Z")
AGENT = "agent-1"

release = pytest.mark.parametrize("release", RELEASES, ids=lambda path: path.name)


def _read(release: Path, name: str) -> Any:
    return json.loads((release / f"{name}.json").read_text())


@pytest.fixture
def dynamodb() -> Iterator["DynamoDBClient"]:
    with tables() as made:
        yield made


# -- formats -----------------------------------------------------------------------------------------------------------


@release
def test_every_status_is_among_the_examples(release: Path) -> None:
    rows = [from_dynamo(row) for row in _read(release, "leads").values()]
    assert {row["call_status"] for row in rows if "call_status" in row} == set(leads.STATUSES)
    prefixes = {str(row["due"]).partition("#")[0] for row in rows if "due" in row}
    assert prefixes == {"wait", "busy", "lost"}
    assert [row for row in rows if "deleted_at" in row]
    assert [row for row in rows if "dnc" in row and "call_status" not in row]


@release
def test_of_an_earlier_releases_rows_those_that_wait_are_called_and_no_others(
    release: Path, dynamodb: "DynamoDBClient"
) -> None:
    """The claim is the only way to a call: it is won for what waits, and lost for whatever was called or forbidden."""
    table = LeadTable(dynamodb, LEADS, Timing())
    rows = _read(release, "leads")
    for row in rows.values():
        dynamodb.put_item(TableName=LEADS, Item=row)
    waiting = {row["lead_id"] for page, _ in table.waiting(AGENT, 100) for row in page}
    assert waiting == {rows[name]["lead_id"]["S"] for name in TO_BE_CALLED}
    won = {
        name
        for name, row in rows.items()
        if table.claim(Attempt(AGENT, row["lead_id"]["S"], "attempt-of-today"), "correlation", now()).won
    }
    assert won == TO_BE_CALLED


@release
def test_calls_of_an_earlier_release_are_still_asked_about(release: Path, dynamodb: "DynamoDBClient") -> None:
    """Each that holds a line is in the index, and what Twilio says of it is recorded."""
    table = LeadTable(dynamodb, LEADS, Timing())
    rows = _read(release, "leads")
    for row in rows.values():
        dynamodb.put_item(TableName=LEADS, Item=row)
    in_flight = {row["lead_id"] for row in table.unsettled(AGENT)}
    expected = {"claimed", "queued", "initiated", "ringing", "in-progress", "unknown", "lost"}
    assert in_flight == {rows[name]["lead_id"]["S"] for name in expected}
    for name in expected:
        row = from_dynamo(rows[name])
        sid = row.get("call_sid", f"CA{0:032x}")
        assert table.record_end(
            Attempt(AGENT, row["lead_id"], row["attempt_id"]), sid, "completed", "callback", now()
        ).won, name
    assert table.unsettled(AGENT) == []


@release
def test_the_page_shows_every_lead_of_an_earlier_release(release: Path) -> None:
    for name, item in _read(release, "leads").items():
        row = from_dynamo(item)
        if "call_status" in row:
            shown = full_view(row)
            assert shown["call_status"] == row["call_status"]
            assert shown["can_release"] == (name == "lost")
            assert json.loads(json.dumps(shown, default=str))["lead_id"] == row["lead_id"]


@release
def test_a_number_is_the_same_lead_as_ever(release: Path) -> None:
    """Another hash would import everybody as somebody new."""
    rows = [from_dynamo(row) for row in _read(release, "leads").values()]
    with_numbers = [row for row in rows if "phone" in row]
    assert len(with_numbers) > 10
    for row in with_numbers:
        assert lead_id(row["user_id"], row["phone"]) == row["lead_id"]
    assert _read(release, "agents")["dnc"]["item"]["S"] == f"dnc#{number_hash('+12015550103')}"


@pytest.mark.parametrize(("given", "again"), [("+5491123456789", "+541123456789"), ("+3780549886377", "+390549886377")])
def test_a_line_that_release_1_0_0_kept_under_another_spelling_is_the_same_lead(
    dynamodb: "DynamoDBClient", given: str, again: str
) -> None:
    """Its rule was a hash of the number as it was: the row is found under it, and never called again under another."""
    table = LeadTable(dynamodb, LEADS, Timing())
    former = _hash_of_1_0_0(f"{AGENT}\n{given}")
    table.create(LeadKey(AGENT, former), {"phone": given}, now() - 100, now() - 100)
    assert table.claim(Attempt(AGENT, former, "attempt"), "correlation", now()).won
    store = LeadStore(table, AGENT, now(), lambda _row: None)
    [stored] = store.all([IncomingLead((2,), again, {"phone": again, "name": "Ada"}, now())], now() + 9)
    assert stored.became == "merged"
    assert [row["phone"] for row in table.page(AGENT, None, 9)[0]] == [given]
    installation = InstallationTable(dynamodb, AGENTS)
    installation.add_to_dnc([_hash_of_1_0_0(given)], "admin", now())
    assert installation.is_forbidden(*number_hashes(again))


def _hash_of_1_0_0(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")


@release
def test_agents_of_an_earlier_release_are_there_with_their_settings(release: Path, dynamodb: "DynamoDBClient") -> None:
    for item in _read(release, "agents").values():
        dynamodb.put_item(TableName=AGENTS, Item=item)
    table = InstallationTable(dynamodb, AGENTS)
    agent = AgentTable(dynamodb, AGENTS).get_agent(AGENT)
    assert agent.profile["lines"] == 2
    assert not agent.paused
    assert agent.present(WRITTEN_AT + 10, 180)
    assert not agent.present(now(), 180)
    assert len(agent.connections) == 2
    account = table.get_installation()
    assert account.reason == "account refused (20003)"
    assert account.resume_at == WRITTEN_AT + 300
    assert table.is_forbidden(number_hash("+12015550103"))


@release
def test_runs_that_an_earlier_release_has_queued_are_read(release: Path) -> None:
    read = [RunMessage.loads(text) for text in _read(release, "runs")]
    assert {(message.user_id, message.correlation_id) for message in read} == {(AGENT, "correlation-1")}
    assert [message.cause for message in read] == ["leads:fetched", "call ended", "continue"]


@pytest.mark.parametrize("text", ['{"user_id":"a"}', '{"user_id":"a","cause":"x","correlation_id":"c","v":2,"more":1}'])
def test_a_run_of_another_release_is_read_for_what_it_says(text: str) -> None:
    """Also one that a later release has queued, before it was rolled back."""
    assert RunMessage.loads(text).user_id == "a"


# -- the template ------------------------------------------------------------------------------------------------------


@release
def test_nothing_that_holds_data_is_replaced(release: Path, aws: Synthesised) -> None:
    """The same logical id, kind, name and keys; CloudFormation would put an empty one in its place."""
    for logical, before in _read(release, "kept").items():
        resource = aws.template["Resources"][logical]
        today = {"Type": resource["Type"], **resource["Properties"]}
        assert {name: today.get(name) for name in before} == before, logical


# -- a running stack ---------------------------------------------------------------------------------------------------


@release
def test_an_upgrade_in_the_middle_of_a_list_calls_each_who_waits_once(
    release: Path, another_stack: Callable[..., Outputs]
) -> None:
    """Rows and a run of the earlier release are there when today's stack is deployed over it with another setting."""
    outputs = another_stack("upgrade", context={"lines": "1"})
    _let_runs(outputs, start=False)
    agent = sign_up(outputs)
    phones = _fill(outputs, release, agent.user_id)
    tables_before = _tables(outputs)
    tab = agent.tab()
    tab.emit("ping")
    tab.wait(lambda tab: tab.events("pong"))
    _queue(outputs, release, agent.user_id)

    upgraded = another_stack("upgrade", context={"lines": "3"})
    tab.emit("ping")  # as a page does every minute, which the deployment may have taken
    tab.wait(lambda tab: len(tab.events("pong")) >= 2)
    _let_runs(upgraded, start=True)

    try:
        waited = [phone for name, phone in phones.items() if name in TO_BE_CALLED]
        others = [phone for name, phone in phones.items() if name not in TO_BE_CALLED]
        twilio = Twilio(upgraded)
        called = {lead_id(agent.user_id, phone) for phone in waited}
        tab.wait(lambda tab: called <= tab.completed())
        tab.emit("leads:fetched")
        tab.wait(lambda tab: len(tab.events("autocall:finished")) >= 2)
        assert twilio.dialled(*waited) == [1] * len(waited)
        assert twilio.dialled(*others) == [0] * len(others)
        assert _tables(upgraded) == tables_before
        assert _lines(upgraded) == "3"
        eventually(lambda: _depth(upgraded) == 0)
        assert len(_rows(upgraded, agent.user_id)) == len(_read(release, "leads"))
    finally:
        close_tabs(agent)


def _fill(outputs: Outputs, release: Path, user: str) -> dict[str, str]:
    """The release's rows as this agent's, with numbers that nobody has; the number of each."""
    rows = {name: from_dynamo(row) for name, row in _read(release, "leads").items()}
    phones = dict(zip(rows, Numbers.take(len(rows)), strict=True))
    for name, row in rows.items():
        phone = {"phone": phones[name]} if "phone" in row else {}
        mine = row | phone | {"user_id": user, "lead_id": lead_id(user, phones[name])}
        client(outputs, "dynamodb").put_item(TableName=outputs["leads_table"], Item=to_dynamo(mine))
    return phones


def _queue(outputs: Outputs, release: Path, user: str) -> None:
    text = json.loads(_read(release, "runs")[0]) | {"user_id": user}
    client(outputs, "sqs").send_message(
        QueueUrl=outputs["queue_url"],
        MessageBody=json.dumps(text),
        MessageGroupId=user,
        MessageDeduplicationId="of the earlier release",
    )


def _let_runs(outputs: Outputs, *, start: bool) -> None:
    mappings = client(outputs, "lambda")
    (mapping,) = mappings.list_event_source_mappings()["EventSourceMappings"]
    mappings.update_event_source_mapping(UUID=mapping["UUID"], Enabled=start)


def _tables(outputs: Outputs) -> list[tuple[str, str]]:
    """The tables with the moment when each was made."""
    described = [client(outputs, "dynamodb").describe_table(TableName=outputs[f"{name}_table"]) for name in _TABLES]
    return [(each["Table"]["TableArn"], str(each["Table"]["CreationDateTime"])) for each in described]


_TABLES = ("leads", "agents")


def _lines(outputs: Outputs) -> str:
    told = client(outputs, "lambda").get_function_configuration(FunctionName="autocall-dialer")
    lines: str = told["Environment"]["Variables"]["LINES"]
    return lines


def _depth(outputs: Outputs) -> int:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    told = client(outputs, "sqs").get_queue_attributes(QueueUrl=outputs["queue_url"], AttributeNames=names)
    return sum(int(count) for count in told["Attributes"].values())


def _rows(outputs: Outputs, user: str) -> list[dict[str, Any]]:
    table = LeadTable(client(outputs, "dynamodb"), outputs["leads_table"], Timing())
    return table.page(user, None, 100)[0]
