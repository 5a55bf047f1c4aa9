"""A FIFO queue by groups, with visibility, redelivery and dead letters, shaped like the client of SQS."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

MOST_RECEIVES = 5


@dataclass
class Message:
    """One run that was asked for; `hidden_until` is when it may be delivered (again)."""

    body: str
    group: str
    receives: int = 0
    hidden_until: float = 0.0
    receipt: str = ""


@dataclass
class ModelQueue:
    """One message of a group at a time: while it is out, those behind it wait."""

    clock: Callable[[], float]
    visibility: float
    messages: list[Message] = field(default_factory=list)
    dead: list[Message] = field(default_factory=list)

    def send_message(self, **request: Any) -> dict[str, Any]:
        self.messages.append(Message(request["MessageBody"], request["MessageGroupId"]))
        return {"MessageId": str(len(self.messages))}

    def next(self) -> Message | None:
        """The first message that may be delivered now, and is hidden from now on; after five times it is dead."""
        blocked = set[str]()
        for message in list(self.messages):
            if message.group in blocked:
                continue
            blocked.add(message.group)
            if message.hidden_until > self.clock():
                continue
            if message.receives == MOST_RECEIVES:
                self.messages.remove(message)
                self.dead.append(message)
                blocked.discard(message.group)
                continue
            message.receives += 1
            message.hidden_until = self.clock() + self.visibility
            message.receipt = f"{id(message)}-{message.receives}"
            return message
        return None

    def change_message_visibility(self, **request: Any) -> dict[str, Any]:
        """Of the delivery that the receipt is of; on a FIFO queue it is worth nothing once its time is over."""
        for message in self.messages:
            if message.receipt == request["ReceiptHandle"] and message.hidden_until > self.clock():
                message.hidden_until = self.clock() + request["VisibilityTimeout"]
                return {}
        answer: Any = {"Error": {"Code": "InvalidParameterValue", "Message": "the receipt handle has expired"}}
        raise ClientError(answer, "ChangeMessageVisibility")

    def lose(self, index: int) -> None:
        """A message that waits is gone, as if its sender had died between the mark and the sending."""
        if waiting := [message for message in self.messages if message.hidden_until <= self.clock()]:
            self.messages.remove(waiting[index % len(waiting)])

    def double(self, index: int, *, at_once: bool = False) -> None:
        """A message comes twice; *at_once*: also beside a run of the same agent, which no FIFO queue should do."""
        if self.messages:
            message = self.messages[index % len(self.messages)]
            beside = f"{message.group}, beside {len(self.messages)}" if at_once else message.group
            self.messages.append(Message(message.body, beside))

    def done(self, message: Message) -> None:
        if message in self.messages:
            self.messages.remove(message)

    def next_visible(self) -> float:
        """When the next message can be delivered; infinity if none waits."""
        heads: dict[str, Message] = {}
        for message in self.messages:
            heads.setdefault(message.group, message)
        return min((head.hidden_until for head in heads.values()), default=math.inf)
