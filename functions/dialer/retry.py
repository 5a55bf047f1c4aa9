"""A run that fails comes again soon: its message would else be out of sight, and its agent with it, for far longer.

It is shortened once the run is over, by an exception: nothing of it goes on, so no two runs of an agent overlap. A run
that is killed shortens nothing. The receipt is that of this one delivery: on a FIFO queue it is worth nothing any more
once the message has been delivered again, so a request that comes late cannot shorten the next run's time.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from autocall.dial_queue import DialQueue
from autocall.timing import Timing

logger = Logger(child=True)

T = TypeVar("T")


@dataclass(frozen=True)
class Delivery:
    """One delivery of a run's message: its receipt, and the how manieth it is."""

    receipt: str
    receives: int


def delivery(record: Mapping[str, Any]) -> Delivery:
    """The delivery that a record of Lambda's event tells of."""
    return Delivery(record["receiptHandle"], int(record["attributes"]["ApproximateReceiveCount"]))


def run_or_retry(work: Callable[[], T], queue: DialQueue, timing: Timing, told: Delivery) -> T:
    """Do the work; if it raises, let its message come again soon, the later the more often it has, and raise on."""
    try:
        return work()
    except Exception:
        _shorten(queue, timing.retry(told.receives), told)
        raise


def _shorten(queue: DialQueue, wait: float | None, told: Delivery) -> None:
    if wait is None:
        return
    try:
        queue.retry_in(told.receipt, wait)
    except (ClientError, BotoCoreError) as error:  # then it comes when its own time is over
        logger.warning("the run comes again late", extra={"error": type(error).__name__})
