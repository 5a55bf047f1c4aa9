"""What the functions reach in AWS, in memory, behind botocore as it ships: it builds, signs and reads each request.

The tables are those of `tests/faults`, which `test_tables.py` holds against moto. What a scene costs on moto is held by
`test_request_counts.py`, some of them every day.
"""

import json
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, cast

from botocore import xform_name
from botocore.awsrequest import AWSPreparedRequest, AWSResponse, HeadersDict
from botocore.exceptions import ClientError

from tests.faults.tables import Tables


class MemoryTables(Tables):
    """The tables as the functions' requests reach them: what is asked for beside the item is as DynamoDB returns it."""

    def update_item(
        self,
        *,
        ReturnValues: str = "NONE",  # noqa: N803
        ReturnValuesOnConditionCheckFailure: str = "NONE",  # noqa: N803
        **request: Any,
    ) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = super().update_item(**request)
        except ClientError as refused:
            if ReturnValuesOnConditionCheckFailure != "ALL_OLD":
                refused.response.pop("Item", None)  # type: ignore[typeddict-item]
            raise
        return answer if ReturnValues == "ALL_NEW" else {}


@dataclass
class MemoryQueue:
    """One FIFO queue: a message that comes with the same deduplication id again is not queued."""

    url: str = "https://queue.example.com/runs.fifo"
    messages: dict[str, str] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)

    def create_queue(self, *, QueueName: str, Attributes: dict[str, str]) -> dict[str, str]:  # noqa: N803
        assert QueueName.endswith(".fifo")
        assert Attributes == {"FifoQueue": "true"}
        return {"QueueUrl": self.url}

    def send_message(
        self,
        *,
        QueueUrl: str,  # noqa: N803
        MessageBody: str,  # noqa: N803
        MessageGroupId: str,  # noqa: N803
        MessageDeduplicationId: str,  # noqa: N803
    ) -> dict[str, str]:
        assert QueueUrl == self.url
        assert MessageGroupId
        if MessageDeduplicationId not in self.seen:
            self.seen.add(MessageDeduplicationId)
            self.messages[MessageDeduplicationId] = MessageBody
        return {"MessageId": MessageDeduplicationId}

    def receive_message(self, *, QueueUrl: str, MaxNumberOfMessages: int) -> dict[str, Any]:  # noqa: N803
        assert QueueUrl == self.url
        first = list(self.messages.items())[:MaxNumberOfMessages]
        return {"Messages": [{"Body": body, "ReceiptHandle": receipt} for receipt, body in first]}

    def delete_message(self, *, QueueUrl: str, ReceiptHandle: str) -> dict[str, Any]:  # noqa: N803
        assert QueueUrl == self.url
        self.messages.pop(ReceiptHandle)
        return {}


@dataclass
class MemorySecrets:
    """Secrets by their names."""

    texts: dict[str, str] = field(default_factory=dict)

    def create_secret(self, *, Name: str, SecretString: str) -> dict[str, str]:  # noqa: N803
        assert Name not in self.texts
        self.texts[Name] = SecretString
        return {"Name": Name}

    def put_secret_value(self, *, SecretId: str, SecretString: str) -> dict[str, str]:  # noqa: N803
        assert SecretId in self.texts
        self.texts[SecretId] = SecretString
        return {"Name": SecretId}

    def get_secret_value(self, *, SecretId: str) -> dict[str, str]:  # noqa: N803
        if SecretId not in self.texts:
            answer: Any = {"Error": {"Code": "ResourceNotFoundException", "Message": "no such secret"}}
            raise ClientError(answer, "GetSecretValue")
        return {"Name": SecretId, "SecretString": self.texts[SecretId]}


class MemoryAws:
    """Tables, queue and secrets; every connection is there."""

    def __init__(self) -> None:
        self._services: dict[str, Any] = {
            "dynamodb": MemoryTables(),
            "sqs": MemoryQueue(),
            "secretsmanager": MemorySecrets(),
        }

    def __call__(self, service: str) -> Any:
        """What a test uses as its client of *service*."""
        return self._services[service]

    def answer(self, request: AWSPreparedRequest, event_name: str, **_more: Any) -> AWSResponse:
        """Botocore's `before-send`: whoever answers here is the network."""
        _, service, operation = event_name.split(".")
        if service == "apigatewaymanagementapi":
            assert operation in ("PostToConnection", "DeleteConnection")
            return _response(request, 200, {})
        body: Any = request.body
        try:
            asked = getattr(self(service.replace("-", "")), xform_name(operation))
            return _response(request, 200, asked(**json.loads(body)))
        except ClientError as error:
            told = error.response["Error"]
            refusal: dict[str, Any] = {**error.response, "__type": told["Code"], "message": told["Message"]}
            return _response(request, 400, refusal)


class _Raw(BytesIO):
    """A body as urllib3 has it."""

    def stream(self) -> Any:
        yield self.read()


def _response(request: AWSPreparedRequest, status: int, body: Any) -> AWSResponse:
    headers, raw = HeadersDict({"content-type": "application/x-amz-json-1.0"}), _Raw(json.dumps(body).encode())
    made: Any = AWSResponse
    return cast(AWSResponse, made(request.url, status, headers, raw))
