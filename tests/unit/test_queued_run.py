"""One waiting run per agent: who asks first queues it, all others add to it, and nothing that is asked for is lost."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError

from autocall.agent_table import AgentTable
from autocall.dial_queue import DialQueue
from autocall.messages import Cause, RunMessage
from autocall.queued_run import Causes, QueuedRuns
from autocall.timing import now
from tests.unit.moto_tables import AGENTS, tables
from tests.unit.stopped_clock import stopped

AGENT, NOW = "agent", 1_780_000_000.0


@dataclass
class FakeSqs:
    """Remembers what was sent and changed; the next *fails* requests are refused."""

    sent: list[RunMessage] = field(default_factory=list)
    changed: list[dict[str, Any]] = field(default_factory=list)
    fails: int = 0

    def send_message(self, **request: Any) -> None:
        if self.fails:
            self.fails -= 1
            raise ClientError({"Error": {"Code": "ServiceUnavailable", "Message": ""}}, "SendMessage")
        assert request["MessageGroupId"] == AGENT
        self.sent.append(RunMessage.loads(request["MessageBody"]))

    def change_message_visibility(self, **request: Any) -> None:
        self.changed.append(request)


class World:
    """An agent's mark, and the queue that it speaks of."""

    def __init__(self, client: Any) -> None:
        self.client, self.sqs = client, FakeSqs()
        self.marks = QueuedRuns(client, AGENTS)
        sqs: Any = self.sqs
        self.queue = DialQueue(sqs, "queue", self.marks)

    def ask(self, cause: str = "call ended") -> int:
        """How many runs are queued then."""
        self.queue.enqueue_run(AGENT, cause, "correlation")
        return len(self.sqs.sent)


@pytest.fixture
def world() -> Iterator[World]:
    with stopped(), tables() as client:
        yield World(client)


def test_however_often_it_is_asked_for_one_run_waits(world: World) -> None:
    causes = ["call ended", Cause.FETCHED, "resumed", Cause.HOURS, "settings", Cause.MENDED, "imported", Cause.FETCHED]
    assert [world.ask(cause) for cause in causes] == [1] * len(causes)
    assert [message.cause for message in world.sqs.sent] == ["call ended"]


def test_the_run_knows_all_that_it_was_asked_for_meanwhile(world: World) -> None:
    for cause in ("call ended", Cause.FETCHED, Cause.HOURS):
        world.ask(cause)
    taken = world.queue.take(AGENT)
    assert (taken.fetched, bool(taken.hours), taken.mended) == (True, True, None)


def test_who_asks_once_the_run_has_begun_queues_the_next(world: World) -> None:
    world.ask(Cause.FETCHED)
    assert world.queue.take(AGENT) == Causes(fetched=True)
    assert world.ask() == 2
    assert world.queue.take(AGENT) == Causes(), "and that the page asked is not told twice"


def test_a_run_without_a_mark_was_asked_for_nothing_more(world: World) -> None:
    """A message that comes twice, or one of a release that wrote no marks."""
    assert world.queue.take(AGENT) == Causes()
    assert "Item" not in world.client.get_item(TableName=AGENTS, Key={"user_id": {"S": AGENT}, "item": {"S": "queued"}})


@pytest.mark.parametrize(
    ("age", "counts"), [(0, True), (29, True), (31, False), (-29, True), (-31, False)], ids=lambda told: str(told)
)
def test_a_mark_counts_for_as_long_as_the_longest_run(world: World, age: float, counts: bool) -> None:
    """Its message may have been lost; and a clock that is wrong stops nobody."""
    assert world.marks.mark(AGENT, "call ended", NOW)
    assert bool(world.marks.mark(AGENT, "call ended", NOW + age)) is not counts


def test_a_mark_whose_message_was_lost_loses_no_cause(world: World) -> None:
    world.marks.mark(AGENT, Cause.HOURS, NOW)
    world.marks.mark(AGENT, Cause.FETCHED, NOW + 10)
    assert world.marks.mark(AGENT, "call ended", NOW + 31)
    taken = world.marks.take(AGENT)
    assert taken.fetched
    assert taken.hours


def test_a_message_that_cannot_be_sent_leaves_no_mark_behind(world: World) -> None:
    world.sqs.fails = 1
    with pytest.raises(ClientError):
        world.ask(Cause.HOURS)
    assert world.ask() == 1
    assert world.queue.take(AGENT).hours, "whoever asks next asks for that too"


def test_a_mark_that_somebody_else_has_made_meanwhile_is_not_withdrawn(world: World) -> None:
    mine = world.marks.mark(AGENT, "call ended", NOW)
    world.marks.take(AGENT)
    world.marks.mark(AGENT, "call ended", NOW)
    assert not world.marks.withdraw(AGENT, mine)
    assert not world.marks.mark(AGENT, "call ended", NOW)


@pytest.mark.parametrize("cause", [Cause.HOURS, Cause.MENDED])
def test_a_run_that_dies_half_way_leaves_what_it_was_to_do_to_the_next(world: World, cause: str) -> None:
    world.ask(cause)
    first, second = world.queue.take(AGENT), world.queue.take(AGENT)
    assert first == second
    assert first != Causes()
    world.queue.done(AGENT, cause, getattr(second, cause))
    assert world.queue.take(AGENT) == Causes()


@pytest.mark.parametrize("cause", [Cause.HOURS, Cause.MENDED])
@pytest.mark.parametrize("waits", [False, True], ids=["no run waits", "a run waits"])
def test_what_is_asked_for_again_while_it_is_done_is_done_again(world: World, cause: str, waits: bool) -> None:
    """The run has seen the hours of before: its *done* must not be taken for the new ones."""
    world.ask(cause)
    taken = world.queue.take(AGENT)
    if waits:
        world.ask()
    world.ask(cause)
    world.queue.done(AGENT, cause, getattr(taken, cause))
    assert getattr(world.queue.take(AGENT), cause)


def test_a_mark_that_is_taken_between_the_look_and_the_word_to_it_is_no_loss(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cause belongs to the next run, and that is queued."""
    world.ask()
    join = world.marks.join

    def taken_just_now(*of: Any) -> bool:
        world.queue.take(AGENT)
        return join(*of)

    monkeypatch.setattr(world.marks, "join", taken_just_now)
    assert world.ask(Cause.FETCHED) == 2
    assert world.queue.take(AGENT).fetched


def test_the_mark_of_one_agent_is_nobody_elses(world: World) -> None:
    assert world.marks.mark(AGENT, "call ended", NOW)
    assert world.marks.mark("another", "call ended", NOW)


def test_a_mark_is_neither_the_profile_nor_a_page(world: World) -> None:
    world.ask(Cause.FETCHED)
    agents = AgentTable(world.client, AGENTS)
    agent = agents.get_agent(AGENT)
    assert (agent.profile, agent.connections, agents.connected_users(now())) == ({}, (), [])


def test_a_message_is_brought_back_in_whole_seconds(world: World) -> None:
    world.queue.retry_in("receipt", 0.6)
    assert world.sqs.changed == [{"QueueUrl": "queue", "ReceiptHandle": "receipt", "VisibilityTimeout": 1}]


def test_who_can_do_without_a_run_queues_one_all_the_same(world: World) -> None:
    world.queue.try_to_enqueue_run(AGENT, Cause.RANG_BACK, "correlation")
    assert [message.cause for message in world.sqs.sent] == [Cause.RANG_BACK]
    world.queue.take(AGENT)
    world.sqs.fails = 1
    world.queue.try_to_enqueue_run(AGENT, Cause.RANG_BACK, "correlation")
    assert world.ask() == 2, "and what could not be queued keeps nobody else from it"
