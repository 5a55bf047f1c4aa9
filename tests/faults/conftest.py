"""A stack of its own for faults: a function has six seconds, and all else derives from that."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from autocall.lead_table import LeadTable
from autocall.leads import LeadKey
from autocall.timing import Timing, now, parse, stamp
from local import stack as stacks
from local.paths import SHARED, StackDir
from tests.e2e.agents import Numbers, Person, Twilio, aws, close_tabs, sign_up
from tests.faults.wire import Wire

TIMING = Timing(function=6)
_DIALER = "autocall-dialer"
_CONTEXT = {"function_timeout_s": "6", "lines": "20", "max_concurrency": "4"}
_KILLED_AFTER_S = 18  # as long as a run's message is out of sight: a busy machine may need more than its six


@dataclass
class FaultyStack:
    """The stack, with a wire to Twilio and one to AWS on which tests cut in."""

    outputs: dict[str, Any]
    twilio_wire: Wire
    aws_wire: Wire

    def __post_init__(self) -> None:
        self.twilio = Twilio(self.outputs)
        self._dynamodb = aws(self.outputs, "dynamodb")
        self._table = LeadTable(self._dynamodb, self.outputs["leads_table"], TIMING)

    def row(self, person: Person, lead: str) -> dict[str, Any]:
        return self._table.get(LeadKey(person.user_id, lead))

    def rows(self, person: Person) -> dict[str, dict[str, Any]]:
        """All of a person's rows, by lead."""
        found, _ = self._table.page(person.user_id, None, 1000)
        return {row["lead_id"]: row for row in found}

    def posts(self, phone: str) -> int:
        """How many requests for a call to this number have left a function."""
        return sum(
            request.method == "POST" and f"To=%2B{phone[1:]}&" in f"{request.body}&"
            for request in self.twilio_wire.requests
        )

    def resume(self) -> None:
        """What an administrator does who does not wait for the end of the installation's rest."""
        self._dynamodb.update_item(
            TableName=self.outputs["agents_table"],
            Key={"user_id": {"S": "#installation"}, "item": {"S": "account"}},
            UpdateExpression="REMOVE resume_at, reason, streak",
        )

    @contextmanager
    def twilio_is_at(self, address: str) -> Iterator[None]:
        """As long as this lasts, new processes of the dialer look for Twilio at another address."""
        lambda_ = aws(self.outputs, "lambda")
        own = lambda_.get_function_configuration(FunctionName=_DIALER)["Environment"]
        there = {"Variables": own["Variables"] | {"TWILIO_URL": address}}
        lambda_.update_function_configuration(FunctionName=_DIALER, Environment=there)
        try:
            yield
        finally:
            lambda_.update_function_configuration(FunctionName=_DIALER, Environment=own)

    def let_time_pass(self, row: dict[str, Any], *, past_the_bound: bool = False) -> None:
        """The row's next moment has come, and with *past_the_bound* its claim lies that far back."""
        if "due" not in row or "claimed_at" not in row:
            return
        claimed_at = parse(row["claimed_at"]) - (TIMING.give_up_after if past_the_bound else 0)
        values = {":due": row["due"][:5] + stamp(now() - 1), ":claimed_at": stamp(claimed_at), ":seen": row["due"]}
        try:
            self._dynamodb.update_item(
                TableName=self.outputs["leads_table"],
                Key={name: {"S": row[name]} for name in ("user_id", "lead_id")},
                UpdateExpression="SET due = :due, claimed_at = :claimed_at",
                ConditionExpression="due = :seen",
                ExpressionAttributeValues={name: {"S": value} for name, value in values.items()},
            )
        except self._dynamodb.exceptions.ConditionalCheckFailedException:
            return  # it has moved by itself meanwhile


@pytest.fixture(scope="session")
def faulty(another_stack: Callable[..., dict[str, Any]]) -> Iterator[FaultyStack]:
    name = "faults" + os.environ.get("PYTEST_XDIST_WORKER", "")
    stacks.down(StackDir(SHARED / name), lambda _: None)  # one that was left behind has wires that are gone
    twilio, aws_ = Wire(), Wire()
    outputs = another_stack(
        name, context=_CONTEXT | {"twilio_url": twilio.url}, emulator={"AWS_ENDPOINT_URL": aws_.url}
    )
    twilio.upstream, aws_.upstream = outputs["twilio_simulator_url"], outputs["aws_endpoint"]
    aws(outputs, "lambda").update_function_configuration(FunctionName=_DIALER, Timeout=_KILLED_AFTER_S)
    Numbers.avoid(Twilio(outputs).witness())
    yield FaultyStack(outputs, twilio, aws_)
    twilio.refuse()
    aws_.refuse()


@pytest.fixture
def someone(faulty: FaultyStack) -> Iterator[Callable[[], Person]]:
    """Make agents who have nothing in common with those of other tests."""
    people: list[Person] = []
    lock = threading.Lock()

    def make() -> Person:
        person = sign_up(faulty.outputs)
        with lock:
            people.append(person)
        return person

    yield make
    close_tabs(*people)
