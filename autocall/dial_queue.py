"""The FIFO queue of runs: one group per user, so one run per user at a time, and one that waits."""

import math
import uuid
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from autocall.messages import Cause, RunMessage
from autocall.queued_run import Causes, QueuedRuns
from autocall.timing import now

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class DialQueue:
    """A message on it says: look at this user again."""

    def __init__(self, client: "SQSClient", url: str, marks: QueuedRuns) -> None:
        self._client, self._url, self._marks = client, url, marks

    def enqueue_run(self, user: str, cause: Cause, correlation_id: str) -> None:
        """Queue a run of *user*, unless one waits already: that one will know the cause too."""
        mark = self._marks.mark(user, cause, now())
        if not mark:
            return
        try:
            self._send(RunMessage(user, cause, correlation_id))
        except (ClientError, BotoCoreError):
            self._marks.withdraw(user, mark)  # who asks next must not wait for a run that never comes
            raise

    def take(self, user: str) -> Causes:
        """What this run was asked for; whoever asks from now on queues another one."""
        return self._marks.take(user)

    def done(self, user: str, cause: Cause, taken: str | None) -> None:
        """What that cause asked for is done; None if it was not asked for."""
        if taken:
            self._marks.done(user, cause, taken)

    def retry_in(self, receipt: str, seconds: float) -> None:
        """Deliver a message again after *seconds*, in the place of its whole visibility timeout."""
        self._client.change_message_visibility(
            QueueUrl=self._url, ReceiptHandle=receipt, VisibilityTimeout=math.ceil(seconds)
        )

    def _send(self, message: RunMessage) -> None:
        """Never deduplicated by content, or a real trigger within five minutes would be lost."""
        self._client.send_message(
            QueueUrl=self._url,
            MessageBody=message.dumps(),
            MessageGroupId=message.user_id,
            MessageDeduplicationId=str(uuid.uuid4()),
        )
