"""Retries a failed run soon: else its message, and its agent with it, would wait for the whole visibility timeout.

The timeout is shortened only after the run has ended with an exception, so two runs of an agent never overlap. A run
that is killed shortens nothing. The receipt is valid for this one delivery: on a FIFO queue it expires when the message
is delivered again, so a late request cannot shorten the next run's time.
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
    """One delivery of a run's message: its receipt, and how often it was received."""

    receipt: str
    receives: int


def delivery(record: Mapping[str, Any]) -> Delivery:
    """The delivery in a record of Lambda's event."""
    return Delivery(record["receiptHandle"], int(record["attributes"]["ApproximateReceiveCount"]))


def run_or_retry(work: Callable[[], T], queue: DialQueue, timing: Timing, received: Delivery) -> T:
    """Do the work. If it raises, retry its message soon, later with each delivery, and raise again."""
    try:
        return work()
    except Exception:
        _shorten(queue, timing.retry(received.receives), received)
        raise


def _shorten(queue: DialQueue, wait: float | None, received: Delivery) -> None:
    if wait is None:
        return
    try:
        queue.retry_in(received.receipt, wait)
    except (ClientError, BotoCoreError) as error:  # then it is delivered after its visibility timeout
        logger.warning("visibility timeout not shortened", extra={"error": type(error).__name__})
