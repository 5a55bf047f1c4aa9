"""The FIFO queue of runs: one group per user, so one run per user at a time."""

import uuid
from typing import TYPE_CHECKING

from autocall.messages import RunMessage

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class DialQueue:
    """A message on it says: look at this user again."""

    def __init__(self, client: "SQSClient", url: str) -> None:
        self._client, self._url = client, url

    def look_again(self, user: str, cause: str, correlation_id: str) -> None:
        """Queue a run of *user*; never deduplicated by content, or a real trigger within five minutes would be lost."""
        self._client.send_message(
            QueueUrl=self._url,
            MessageBody=RunMessage(user, cause, correlation_id).dumps(),
            MessageGroupId=user,
            MessageDeduplicationId=str(uuid.uuid4()),
        )
