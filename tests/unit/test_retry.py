"""A run that fails comes again within seconds, and never while anything of it goes on."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError

from autocall.timing import Timing
from functions.dialer.retry import Delivery, delivery, run_or_retry
from tests.faults.effects import Killed
from tests.faults.model_queue import MOST_RECEIVES, ModelQueue

USUAL = Timing()


@dataclass
class FakeQueue:
    """Remembers when a message shall come again."""

    retries: list[tuple[str, float]] = field(default_factory=list)
    fails: bool = False

    def retry_in(self, receipt: str, seconds: float) -> None:
        if self.fails:
            raise ClientError({"Error": {"Code": "InternalFailure", "Message": ""}}, "ChangeMessageVisibility")
        self.retries.append((receipt, seconds))


def _fails() -> None:
    raise ClientError({"Error": {"Code": "ServiceUnavailable", "Message": ""}}, "Query")


def _run(queue: FakeQueue, work: Callable[[], object], receives: int = 1) -> None:
    runs: Any = queue
    run_or_retry(work, runs, USUAL, Delivery("receipt", receives))


def test_a_run_that_ends_well_changes_nothing() -> None:
    queue = FakeQueue()
    _run(queue, lambda: None)
    assert queue.retries == []


@pytest.mark.parametrize(("receives", "again"), [(1, 3), (2, 6), (3, 10), (4, None), (5, None)])
def test_a_run_that_fails_comes_again_later_each_time(receives: int, again: float | None) -> None:
    """The fourth time after the queue's own timeout: what lasts longer than that shall not use up all five."""
    queue = FakeQueue()
    with pytest.raises(ClientError):
        _run(queue, _fails, receives)
    assert queue.retries == ([("receipt", again)] if again else [])


def test_a_message_that_cannot_be_brought_back_sooner_does_not_hide_why_its_run_failed() -> None:
    with pytest.raises(ClientError, match="ServiceUnavailable"):
        _run(FakeQueue(fails=True), _fails)


def test_a_run_that_is_killed_brings_nothing_back() -> None:
    """Lambda's end of it may not be the end of what it has sent."""

    def killed() -> None:
        raise Killed

    queue = FakeQueue()
    with pytest.raises(Killed):
        _run(queue, killed)
    assert queue.retries == []


def test_the_delivery_is_what_lambda_says_of_it() -> None:
    record = {"receiptHandle": "R", "attributes": {"ApproximateReceiveCount": "3"}, "body": ""}
    assert delivery(record) == Delivery("R", 3)


@pytest.mark.parametrize("away", [7.0, 12.0, 17.0])
def test_an_agent_goes_on_within_ten_seconds_after_aws_is_back(away: float) -> None:
    """74 s without a call after AWS had been away for 17 s: a failed run was out of sight for 90."""
    moment = [0.0]
    queue = ModelQueue(lambda: moment[0], 3 * USUAL.function)
    queue.send_message(MessageBody="", MessageGroupId="agent")
    while True:
        message = queue.next()
        assert message
        if moment[0] >= away:
            break
        again = USUAL.retry(message.receives)
        if again:
            queue.change_message_visibility(ReceiptHandle=message.receipt, VisibilityTimeout=again)
        moment[0] = message.hidden_until
    assert moment[0] - away <= 10
    assert message.receives < MOST_RECEIVES


def test_a_late_request_of_the_delivery_before_shortens_nothing() -> None:
    """On a FIFO queue a receipt is good for its own delivery: two runs of an agent can not come to overlap by it."""
    moment = [0.0]
    queue = ModelQueue(lambda: moment[0], 90)
    queue.send_message(MessageBody="", MessageGroupId="agent")
    first = queue.next()
    assert first
    receipt = first.receipt
    queue.change_message_visibility(ReceiptHandle=receipt, VisibilityTimeout=3)
    moment[0] = 3
    assert queue.next() is first
    with pytest.raises(ClientError, match="expired"):
        queue.change_message_visibility(ReceiptHandle=receipt, VisibilityTimeout=0)
    assert first.hidden_until == 93
