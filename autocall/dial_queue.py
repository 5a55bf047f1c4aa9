"""The FIFO queue of runs: one group per user, so one run per user at a time, and one that waits."""

import math
import uuid
from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from autocall.messages import Cause, RunMessage
from autocall.queued_run import Causes, QueuedRuns
from autocall.timing import now

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

logger = Logger(child=True)


class DialQueue:
    """Each message asks for one run for a user."""

    def __init__(self, client: "SQSClient", url: str, marks: QueuedRuns) -> None:
        self._client, self._url, self._marks = client, url, marks

    def enqueue_run(self, user: str, cause: Cause, correlation_id: str) -> None:
        """Queue a run for *user*, unless one waits already: then the cause is added to that run."""
        mark = self._marks.mark(user, cause, now())
        if not mark:
            return
        try:
            self._send(RunMessage(user, cause, correlation_id))
        except (ClientError, BotoCoreError):
            self._marks.withdraw(user, mark)  # or the next cause would join a run that never comes
            raise

    def try_to_enqueue_run(self, user: str, cause: Cause, correlation_id: str) -> None:
        """The same for work that must not fail because of it: a failure is only logged."""
        try:
            self.enqueue_run(user, cause, correlation_id)
        except (ClientError, BotoCoreError):
            logger.exception("a run could not be queued", extra={"cause": cause})

    def take(self, user: str) -> Causes:
        """The causes of this run. From now on a new cause queues another run."""
        return self._marks.take(user)

    def done(self, user: str, cause: Cause, taken: str | None) -> None:
        """Mark a cause as done; *taken* is None if this run was not asked for it."""
        if taken:
            self._marks.done(user, cause, taken)

    def retry_in(self, receipt: str, seconds: float) -> None:
        """Deliver a message again after *seconds* instead of after its visibility timeout."""
        self._client.change_message_visibility(
            QueueUrl=self._url, ReceiptHandle=receipt, VisibilityTimeout=math.ceil(seconds)
        )

    def _send(self, message: RunMessage) -> None:
        """A random deduplication id: by content, SQS would drop a second real trigger within five minutes."""
        self._client.send_message(
            QueueUrl=self._url,
            MessageBody=message.dumps(),
            MessageGroupId=message.user_id,
            MessageDeduplicationId=str(uuid.uuid4()),
        )
