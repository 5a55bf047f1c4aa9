"""What long mornings brought to light, on the running stack: a failed run, held lists, and what a kept run keeps."""

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autocall.timing import now, stamp
from local import emulator, persistence, processes, simulator, stack
from local.deployment import plain_environment
from local.options import StackOptions
from local.paths import PYTHON, ROOT, StackDir
from local.persistence import Kept
from local.ports import address, choose
from tests.e2e.agents import LASTS, Numbers, Person, Tab, Twilio, aws, eventually

QUICK = {"outcome": "completed", "ring_s": 0, "talk_s": 0.1}
HELD, CALLABLE = 40, 2  # two, so that a line is free, and a run goes on to hold all of them
KEEP = StackOptions(keep=True)

# -- a run that fails --------------------------------------------------------------------------------------------------


def test_an_agent_whose_run_failed_is_called_for_again_long_before_the_message_would_come_back(
    stack: dict[str, Any], agent: Person, twilio: Twilio
) -> None:
    """What the run reads of the agent cannot be read, and a moment later it can: the queue alone would wait longer."""
    tab = agent.tab().start()
    tab.wait(Tab.finished)
    dynamodb, broken = aws(stack, "dynamodb"), {"user_id": {"S": agent.user_id}, "item": {"S": "connection#broken"}}
    dynamodb.put_item(TableName=stack["agents_table"], Item=broken | {"seen_at": {"S": "some day"}})
    (phone,) = Numbers.take(1)
    twilio.script(phone, **QUICK)
    began = time.time()
    (lead,) = agent.imports(phone)
    eventually(lambda: _run_starts(agent, began))
    dynamodb.delete_item(TableName=stack["agents_table"], Key=broken)
    tab.wait(lambda tab: lead in tab.completed())
    first, again = _run_starts(agent, began)[:2]
    assert again - first < _visibility_s(stack) / 2
    assert twilio.dialled(phone) == [1]


def _run_starts(agent: Person, since: float) -> list[float]:
    """When runs of the agent have started, by the dialer's log."""
    pages = aws(agent.outputs, "logs").get_paginator("filter_log_events")
    about = {"logGroupName": "/aws/lambda/autocall-dialer", "filterPattern": f'"{agent.user_id}"'}
    events = [event for page in pages.paginate(**about, startTime=int(since * 1000)) for event in page["events"]]
    return sorted(event["timestamp"] / 1000 for event in events if '"message":"run starts"' in event["message"])


def _visibility_s(stack: dict[str, Any]) -> int:
    about = aws(stack, "sqs").get_queue_attributes(QueueUrl=stack["queue_url"], AttributeNames=["VisibilityTimeout"])
    return int(about["Attributes"]["VisibilityTimeout"])


# -- a list that is held -----------------------------------------------------------------------------------------------


def test_held_leads_hold_up_nobody_who_may_be_called_and_come_back_in_the_order_of_the_list(
    agent: Person, twilio: Twilio
) -> None:
    """Forty leads outside the agent's hours stand before two who are within; then the hours widen."""
    window, closed, opened = _a_window_that_is_open_in_one_of_two_places()
    assert agent.api("PUT", "/api/settings", json={"window": window}).status_code == 200
    held, callable_now = Numbers.take(HELD), Numbers.take(CALLABLE)
    for phone in held:
        twilio.script(phone, **QUICK)
    for phone in callable_now:
        twilio.script(phone, **LASTS)
    agent.imports(*held, state=closed)
    agent.imports(*callable_now, state=opened)
    tab = agent.tab().start()
    tab.wait(lambda tab: tab.events("call:started") and _holds(tab))
    told = [frame for frame in tab.received if frame.get("event", "").startswith("call:")]
    started = next(index for index, frame in enumerate(told) if frame["event"] == "call:started")
    assert started < next(index for index, frame in enumerate(told) if frame["data"]["held"]), "held before a call"

    eventually(lambda: len(_holds(tab)) == HELD)
    assert twilio.dialled(*held) == [0] * HELD
    twilio.hang_up(*callable_now)
    assert agent.api("PUT", "/api/settings", json={"window": None}).status_code == 200
    _wait_as_they_hang_up(twilio, callable_now, lambda: len(tab.completed()) == HELD + CALLABLE)
    assert twilio.dialled(*held, *callable_now) == [1] * (HELD + CALLABLE)
    calls = twilio.witness()
    assert sorted(held, key=lambda phone: calls[phone]["calls"][0]["at"]) == held


def _holds(tab: Tab) -> set[str]:
    return {data["lead_id"] for data in tab.events("call:status_updated") if data["held"]}


def _wait_as_they_hang_up(twilio: Twilio, phones: list[str], holds: Any) -> None:
    def held() -> bool:
        twilio.hang_up(*phones)
        return bool(holds())

    eventually(held)


def _a_window_that_is_open_in_one_of_two_places() -> tuple[dict[str, Any], str, str]:
    """The agent's window, a state where it is closed for hours, and one where it is open for hours."""
    hours = {state: time.gmtime(now() - behind * 3600).tm_hour for state, behind in {"HI": 10, "PR": 4}.items()}
    opened, closed = ("PR", "HI") if 2 <= hours["PR"] <= 21 else ("HI", "PR")  # no clock changes in either
    return {"from": f"{hours[opened] - 1:02}:00", "to": f"{hours[opened] + 2:02}:00"}, closed, opened


# -- what `KEEP=1` keeps -----------------------------------------------------------------------------------------------


@pytest.fixture
def stack_dir(tmp_path: Path) -> Iterator[StackDir]:
    """The folder of a stack; whatever runs in it is stopped."""
    made = StackDir(tmp_path)
    yield made
    stack.down(made, lambda _text: None)


def test_a_run_is_kept_if_the_two_who_write_it_ended_in_order_and_else_the_next_one_says_that_it_is_lost(
    stack_dir: StackDir,
) -> None:
    """Their real processes: once the page's server alone is killed, once the emulator is."""
    told: list[str] = []
    ports = choose({}, usual=False)

    assert _started(stack_dir, ports, told) is Kept.NONE_YET
    table = emulator.client("dynamodb", ports["aws"])
    key = {"AttributeName": "id", "AttributeType": "S"}
    schema = [{"AttributeName": "id", "KeyType": "HASH"}]
    table.create_table(TableName="leads", AttributeDefinitions=[key], KeySchema=schema, BillingMode="PAY_PER_REQUEST")
    table.put_item(TableName="leads", Item={"id": {"S": "called"}, "at": {"S": stamp(now())}})
    _kill(stack_dir, stack.PAGE)
    stack.down(stack_dir, told.append)

    assert _started(stack_dir, ports, told) is Kept.ALL
    assert [item["id"]["S"] for item in table.scan(TableName="leads")["Items"]] == ["called"]
    _kill(stack_dir, emulator.NAME)
    stack.down(stack_dir, told.append)

    assert persistence.begin(stack_dir, True, told.append) is Kept.LOST
    assert [text for text in told if not text.startswith("Stopped")] == [
        "Kept for the next run with KEEP=1: its leads and calls",
        "Kept from the last run: its leads, their calls, and Twilio's record of them",
        "NOT kept for the next run, because ministack did not end in order: its leads and calls",
        "Nothing was kept, because the last run did not end in order: no leads, and nobody counts as called",
    ]


def _started(stack_dir: StackDir, ports: dict[str, int], told: list[str]) -> Kept:
    """All processes of a run, without a deployment."""
    kept = persistence.begin(stack_dir, True, told.append)
    simulator.start(stack_dir, ports["twilio"], KEEP)
    emulator.start(stack_dir, ports["aws"], keep=True, extra={})
    serves = [str(PYTHON), "-m", "local.page_server", str(ports["page"]), str(stack_dir.site), address(ports["twilio"])]
    processes.start(stack_dir, stack.PAGE, serves, plain_environment(), ROOT)
    processes.answers(stack_dir, simulator.NAME, f"{address(ports['twilio'])}/_witness")
    processes.answers(stack_dir, emulator.NAME, address(ports["aws"]) + emulator.HEALTH)
    processes.check(stack_dir, stack.PAGE)
    return kept


def _kill(stack_dir: StackDir, name: str) -> None:
    pid = json.loads((stack_dir.processes / f"{name}.json").read_text())["pid"]
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: not processes.running(stack_dir, name))
