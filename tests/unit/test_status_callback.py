"""What a status callback does to its lead: recorded once, never backwards, then the next run, then the page."""

import threading
from typing import Any

import pytest

from autocall import leads
from autocall.agent_table import AgentTable
from autocall.lead_table import LeadTable
from autocall.leads import Attempt, LeadKey
from autocall.push import Push
from autocall.timing import Timing, now
from functions.status_webhook.status_callback import CallbackHandler, StatusCallback
from tests.faults.tables import AGENTS, LEADS, Tables
from tests.unit.dialer_world import FakeQueue
from tests.unit.leads_api_world import FakeSockets

AGENT, LEAD, SID = "agent", "lead", "CA1"
STAGES = ["queued", "initiated", "ringing", "in-progress"]
QUEUED = [(AGENT, "call ended", "run")]


class World:
    """An agent with one tab, and one lead that was claimed."""

    def __init__(self, client: Any) -> None:
        self.sockets, self.queue = FakeSockets(), FakeQueue()
        self.agents, self.leads = AgentTable(client, AGENTS), LeadTable(client, LEADS, Timing())
        sockets: Any = self.sockets
        queue: Any = self.queue
        self.reports = CallbackHandler(self.leads, queue, Push(sockets, self.agents))
        self.agents.connect(AGENT, "tab", int(now()) + 3600, now())
        self.leads.create(LeadKey(AGENT, LEAD), {"phone": "+15005550100"}, now() - 9, now() - 9)
        assert self.leads.claim(Attempt(AGENT, LEAD, "mine"), "run", now()).won

    def report(self, status: str, attempt: str = "mine", sid: str = SID, lead: str = LEAD, **more: Any) -> str:
        try:
            return self.reports.handle(StatusCallback(AGENT, lead, attempt, sid, status, **more), now())
        finally:
            self.reports.push.counts()  # as the function's handler does: all is sent then

    @property
    def row(self) -> dict[str, Any]:
        return self.leads.get(LeadKey(AGENT, LEAD))

    @property
    def events(self) -> list[str]:
        return [event for _, event, _ in self.sockets.frames]


@pytest.fixture
def world() -> World:
    return World(Tables())


@pytest.mark.parametrize("status", ["ringing", "completed"])
@pytest.mark.parametrize("called_again", [False, True])
def test_a_late_report_of_the_call_before_is_no_stray_and_takes_no_word_away(
    world: World, status: str, called_again: bool
) -> None:
    world.report("completed")
    assert world.leads.again(world.row, AGENT, now()).won
    assert not called_again or world.leads.claim(Attempt(AGENT, LEAD, "next"), "run", now()).won
    before, runs = world.row, list(world.queue.runs)
    assert world.report(status) == "repeated"
    assert world.row == before
    assert world.queue.runs == runs


def test_a_report_of_an_earlier_attempt_with_a_call_that_nobody_knows_is_a_stray(world: World) -> None:
    world.report("completed")
    assert world.leads.again(world.row, AGENT, now()).won
    assert world.leads.claim(Attempt(AGENT, LEAD, "next"), "run", now()).won
    assert world.report("completed", sid="CA2") == "stray"


@pytest.mark.parametrize("status", [*leads.LIVE[1:], *leads.FINAL])
def test_each_status_is_recorded_with_the_calls_sid(world: World, status: str) -> None:
    assert world.report(status) == "applied"
    assert (world.row["call_status"], world.row["call_sid"]) == (status, SID)
    assert world.row["history"][-1]["event"] == status


@pytest.mark.parametrize("status", leads.FINAL)
def test_an_end_queues_the_next_run(world: World, status: str) -> None:
    world.report(status)
    assert world.queue.runs == QUEUED
    assert "due" not in world.row


@pytest.mark.parametrize("status", STAGES)
def test_a_call_that_goes_on_queues_nothing(world: World, status: str) -> None:
    world.report(status)
    assert world.queue.runs == []


def test_an_end_that_comes_again_queues_again_for_its_first_try_may_have_died_there(world: World) -> None:
    told = [world.report("completed") for _ in range(3)]
    assert told == ["applied", "repeated", "repeated"]
    assert world.queue.runs == QUEUED * 3


def test_a_report_that_comes_again_is_told_once(world: World) -> None:
    told = [world.report("ringing") for _ in range(3)]
    assert told == ["applied", "repeated", "repeated"]
    assert world.events == ["call:started"]


@pytest.mark.parametrize("first", leads.FINAL)
@pytest.mark.parametrize("second", ["completed", "busy"])
def test_the_first_end_stands(world: World, first: str, second: str) -> None:
    world.report(first)
    world.report(second)
    assert world.row["call_status"] == first


@pytest.mark.parametrize("late", STAGES)
def test_nothing_goes_backwards_whatever_the_order_of_arrival(world: World, late: str) -> None:
    world.report("completed")
    assert world.report(late) == "repeated"
    assert world.row["call_status"] == "completed"
    assert len(world.queue.runs) == 1


def test_reports_in_any_order_end_where_the_call_ended(world: World) -> None:
    for status in ("in-progress", "initiated", "completed", "ringing"):
        world.report(status)
    assert world.row["call_status"] == "completed"
    assert world.events == ["call:started", "call:completed"]


def test_the_page_hears_every_stage_in_order(world: World) -> None:
    for status in ("initiated", "ringing", "in-progress", "completed"):
        world.report(status)
    assert world.events == ["call:started", "call:status_updated", "call:status_updated", "call:completed"]
    versions = [data["version"] for _, _, data in world.sockets.frames]
    assert versions == sorted(set(versions))


def test_the_run_is_queued_while_the_page_is_told(world: World) -> None:
    """A push may take its time; the next call must not wait for it."""
    queued, in_time = threading.Event(), []
    world.sockets.post_to_connection = lambda **_: in_time.append(queued.wait(10))  # type: ignore[assignment, method-assign]
    world.queue.enqueue_run = lambda *_: queued.set()  # type: ignore[method-assign, assignment]
    world.report("completed")
    assert in_time
    assert all(in_time)


def test_the_run_is_queued_even_if_the_push_dies(world: World) -> None:
    def mistake(**_: object) -> None:
        raise RuntimeError("ours")

    world.sockets.post_to_connection = mistake  # type: ignore[assignment, method-assign]
    with pytest.raises(RuntimeError, match="ours"):
        world.report("completed")
    assert world.queue.runs == QUEUED


def test_a_run_that_cannot_be_queued_is_an_error_so_that_twilio_comes_again(world: World) -> None:
    def down(*_: object) -> None:
        raise ConnectionError

    queue_again = world.queue.enqueue_run
    world.queue.enqueue_run = down  # type: ignore[method-assign, assignment]
    with pytest.raises(ConnectionError):
        world.report("completed")
    assert [event for _, event, _ in world.sockets.frames][-1] == "call:completed"  # which no later report will tell
    world.queue.enqueue_run = queue_again  # type: ignore[method-assign]
    assert world.report("completed") == "repeated"
    assert world.queue.runs == QUEUED


@pytest.mark.parametrize("status", ["ringing", "completed"])
def test_a_report_of_another_attempt_is_a_stray_and_changes_nothing_else(world: World, status: str) -> None:
    before = world.row
    assert world.report(status, attempt="another", sid="CA2") == "stray"
    after = world.row
    assert [stray["call_sid"] for stray in after["strays"]] == ["CA2"]
    assert {name for name in after if after[name] != before.get(name)} == {"strays", "write_id"}
    assert (world.events, world.queue.runs) == ([], [])


@pytest.mark.parametrize("status", ["ringing", "completed"])
def test_a_report_of_another_call_of_the_same_attempt_is_a_stray_too(world: World, status: str) -> None:
    """One request that became two calls would look like this: nothing else changes, but it is not kept quiet."""
    world.report("ringing")
    assert world.report(status, sid="CA2") == "stray"
    assert (world.row["call_status"], world.row["call_sid"]) == ("ringing", SID)
    assert [stray["call_sid"] for stray in world.row["strays"]] == ["CA2"]
    assert world.queue.runs == []


@pytest.mark.parametrize("status", ["", "on-hold", "Completed", "pending", "claimed", "unknown"])
def test_a_status_that_is_none_of_twilios_is_ignored(world: World, status: str) -> None:
    before = world.row
    assert world.report(status) == "ignored"
    assert world.row == before


@pytest.mark.parametrize("status", ["ringing", "completed"])
def test_a_lead_that_does_not_exist_is_ignored_and_not_made(world: World, status: str) -> None:
    assert world.report(status, lead="no such lead") == "ignored"
    assert world.leads.get(LeadKey(AGENT, "no such lead")) == {}


def test_a_released_lead_whose_call_rings_after_all_is_called(world: World) -> None:
    world.leads.release(Attempt(AGENT, LEAD, "mine"), "throttled", now() + 30, now())
    world.report("ringing")
    assert (world.row["call_status"], world.row["has_been_called"]) == ("ringing", True)


def test_an_unknown_call_that_rings_is_unknown_no_longer(world: World) -> None:
    world.leads.mark_unknown(Attempt(AGENT, LEAD, "mine"), "timeout", now())
    world.report("completed", duration_s=12)
    assert (world.row["call_status"], world.row["duration_s"], world.row.get("reason")) == ("completed", 12, None)


@pytest.mark.parametrize(
    ("status", "sip_code", "reason"),
    [
        ("failed", "404", "not connected (SIP 404)"),
        ("failed", "", None),
        ("busy", "486", None),
        ("completed", "200", None),
    ],
)
def test_a_call_that_failed_says_why(world: World, status: str, sip_code: str, reason: str | None) -> None:
    world.report(status, sip_code=sip_code)
    assert world.row.get("reason") == reason
