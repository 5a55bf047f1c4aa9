"""The queue of runs: on a copy with its very settings that no function takes from."""

import json
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from autocall.dial_queue import DialQueue
from autocall.messages import RunMessage
from autocall.queued_run import QueuedRuns
from ops.redrive import redrive
from tests.integration.conftest import Client

_COPIED = ("FifoQueue", "DeduplicationScope", "FifoThroughputLimit", "ContentBasedDeduplication", "VisibilityTimeout")
_RECEIVES = 5


@dataclass
class Queue:
    """A queue as a consumer sees it."""

    sqs: Any
    url: str
    dead: str

    def put(self, group: str, body: str, deduplication_id: str | None = None) -> None:
        self.sqs.send_message(
            QueueUrl=self.url,
            MessageBody=body,
            MessageGroupId=group,
            MessageDeduplicationId=deduplication_id or str(uuid.uuid4()),
        )

    def take(self) -> Any:
        """The next message as the mapping takes it, one at a time; None if there is none to be had now."""
        answer = self.sqs.receive_message(
            QueueUrl=self.url, MaxNumberOfMessages=1, MessageSystemAttributeNames=["MessageGroupId"]
        )
        return next(iter(answer.get("Messages", [])), None)

    def work(self) -> list[str]:
        """Take and finish all that can be had now; the bodies, in order."""
        bodies = []
        while message := self.take():
            bodies.append(message["Body"])
            self.done(message)
        return bodies

    def done(self, message: Any) -> None:
        self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])

    def fails(self, message: Any) -> None:
        """The consumer gave up; the message's time out of sight is cut short."""
        self.sqs.change_message_visibility(
            QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0
        )

    def fails_too_often(self, body: str) -> None:
        """The first message is received as often as it may be, and fails each time."""
        for _ in range(_RECEIVES):
            message = self.take()
            assert message["Body"] == body
            self.fails(message)

    def dead_ones(self) -> int:
        about = self.sqs.get_queue_attributes(QueueUrl=self.dead, AttributeNames=["ApproximateNumberOfMessages"])
        return int(about["Attributes"]["ApproximateNumberOfMessages"])


@pytest.fixture
def runs(stack: dict[str, Any], client: Client) -> Iterator[Queue]:
    sqs = client("sqs")
    about = sqs.get_queue_attributes(QueueUrl=stack["queue_url"], AttributeNames=["All"])["Attributes"]
    copied = {name: about[name] for name in _COPIED if name in about}
    policy = json.loads(about["RedrivePolicy"])
    name = f"copy-{uuid.uuid4().hex[:12]}"
    dead = sqs.create_queue(QueueName=f"{name}-dead.fifo", Attributes=copied)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    attributes = copied | {"RedrivePolicy": json.dumps(policy | {"deadLetterTargetArn": arn})}
    url = sqs.create_queue(QueueName=f"{name}.fifo", Attributes=attributes)["QueueUrl"]
    yield Queue(sqs, url, dead)
    for made in (url, dead):
        sqs.delete_queue(QueueUrl=made)


def test_a_users_next_run_waits_for_the_one_in_work_and_no_other_user_does(runs: Queue) -> None:
    """While a message of a group is in work, the rest of the group is not handed out; other groups are."""
    for group, body in (("a", "a1"), ("a", "a2"), ("b", "b1"), ("a", "a3"), ("c", "c1")):
        runs.put(group, body)
    first = runs.take()
    assert first["Body"] == "a1"
    assert runs.work() == ["b1", "c1"]
    runs.done(first)
    assert runs.work() == ["a2", "a3"]


def test_a_run_that_failed_comes_again_before_the_users_next_one(runs: Queue) -> None:
    """The order within a group survives a failure."""
    runs.put("a", "a1")
    runs.put("a", "a2")
    runs.fails(runs.take())
    assert runs.work() == ["a1", "a2"]


def test_the_same_content_twice_is_two_runs(runs: Queue, marks: QueuedRuns) -> None:
    """A trigger is not swallowed because an equal one came within five minutes: each has an id of its own."""
    queue = DialQueue(runs.sqs, runs.url, marks)
    queue.take("ada")
    for _ in range(3):
        queue.enqueue_run("ada", "leads:fetched", "correlation")
        assert queue.take("ada").fetched
    assert [RunMessage.loads(body) for body in runs.work()] == [RunMessage("ada", "leads:fetched", "correlation")] * 3


def test_whoever_asks_while_a_run_waits_queues_no_other(runs: Queue, marks: QueuedRuns, user: str) -> None:
    """By sixteen at once: one of them sends, and what all of them ask for is known to that run."""
    queue = DialQueue(runs.sqs, runs.url, marks)
    causes = ["call ended", "leads:fetched", "hours", "mended"] * 16
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda cause: queue.enqueue_run(user, cause, "correlation"), causes))
    assert len(runs.work()) == 1
    taken = queue.take(user)
    assert all((taken.fetched, taken.hours, taken.mended))


def test_a_message_that_is_sent_again_under_its_own_id_is_one_message(runs: Queue) -> None:
    """What the SDK repeats because an answer was lost counts once, also when it is done by then; ids are a user's."""
    runs.put("a", "one", "the-id")
    runs.put("a", "one", "the-id")
    assert runs.work() == ["one"]
    runs.put("a", "one", "the-id")
    assert runs.work() == []
    runs.put("b", "another user's", "the-id")
    assert runs.work() == ["another user's"]


def test_after_five_receives_a_run_is_dead_and_the_users_next_one_comes(runs: Queue) -> None:
    """Poison holds back its own user until it has failed five times, and other users never."""
    for group, body in (("a", "poison"), ("a", "next"), ("b", "other")):
        runs.put(group, body)
    runs.fails_too_often("poison")
    assert runs.work() == ["next", "other"]
    assert runs.dead_ones() == 1


def test_redriven_runs_are_all_back_in_their_groups_and_none_is_left_dead(runs: Queue) -> None:
    """Every dead run gets another chance: the same body in the same group, under an id that nothing remembers."""
    put = [("a", "a1"), ("b", "b1"), ("b", "b2"), *((f"user {index}", f"run {index}") for index in range(12))]
    for group, body in put:
        runs.put(group, body, deduplication_id=f"first of {body}")
        runs.fails_too_often(body)
    assert runs.work() == []
    assert runs.dead_ones() == len(put)

    assert redrive(runs.sqs, runs.dead, runs.url) == len(put)

    assert runs.dead_ones() == 0
    in_work = {message["Body"]: message for message in iter(runs.take, None)}
    groups = {body: message["Attributes"]["MessageGroupId"] for body, message in in_work.items()}
    assert groups == {body: group for group, body in put if body != "b2"}, "b2 waits for b1"
    runs.done(in_work["b1"])
    assert runs.work() == ["b2"]


def test_a_redrive_that_is_cut_off_loses_nothing(runs: Queue) -> None:
    """Cut off between queueing and deleting, a run is in both queues, which is harmless; never in none."""
    runs.put("a", "a1")
    runs.fails_too_often("a1")
    assert runs.work() == []

    with pytest.raises(ConnectionError):
        redrive(_CutOff(runs.sqs), runs.dead, runs.url)

    assert runs.work() == ["a1"]
    assert redrive(runs.sqs, runs.dead, runs.url) == 1
    assert runs.work() == ["a1"]
    assert runs.dead_ones() == 0


class _CutOff:
    """An SQS that is gone when something shall be deleted; the time that it is out of sight is cut short."""

    def __init__(self, sqs: Any) -> None:
        self._sqs, self.receive_message, self.send_message = sqs, sqs.receive_message, sqs.send_message

    def delete_message(self, **which: str) -> None:
        self._sqs.change_message_visibility(VisibilityTimeout=0, **which)
        raise ConnectionError
