"""Agents on the running stack."""

import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from local.paths import SHARED
from tests.e2e import commands
from tests.e2e.agents import AUDIENCE, ISSUER, Numbers, Outputs, Person, Twilio, aws, close_tabs, sign_up, signed_in

Ops = Callable[..., str]
PACED, RATE = "paced", 2
TOKENS, FIRST_KEY = "autocall/tokens", "the back end's first key " * 3
SENDER, GERMAN_SENDER = "+12025550100", "+493023125900"
DIALERS = 4  # at once: on two cores more would hold each other up for longer than a slot lasts


@pytest.fixture(scope="session", autouse=True)
def numbers(stack: dict[str, Any]) -> None:
    Numbers.avoid(Twilio(stack).witness())


@pytest.fixture(scope="session")
def paced(another_stack: Callable[..., Outputs]) -> Outputs:
    """A stack of few calls per second, whose Twilio account belongs to the test that is running.

    Its tokens are signed by a back end of one's own, with one key that opens the API and the socket alike.
    """
    pace = {"calls_per_second": str(RATE), "max_concurrency": str(DIALERS)}
    tokens = {"issuer": ISSUER, "audience": AUDIENCE, "token_secret": TOKENS, "jwks_url": ""}
    numbers = {"call_from": f"DE:{GERMAN_SENDER},{SENDER}"}
    own = ("--number", SENDER, "--number", GERMAN_SENDER)
    outputs = another_stack(PACED, context=pace | tokens | numbers, simulator=own)
    aws(outputs, "secretsmanager").create_secret(Name=TOKENS, SecretString=json.dumps({"keys": [FIRST_KEY]}))
    return outputs


@pytest.fixture
def someone(stack: dict[str, Any]) -> Iterator[Callable[..., Person]]:
    """Make agents who have nothing in common with those of other tests."""
    people: list[Person] = []

    def make(group: str | None = None) -> Person:
        people.append(sign_up(stack, group))
        return people[-1]

    yield make
    close_tabs(*people)


@pytest.fixture
def agent(someone: Callable[..., Person]) -> Person:
    return someone()


@pytest.fixture
def twilio(stack: dict[str, Any]) -> Twilio:
    return Twilio(stack)


@pytest.fixture
def person(paced: Outputs) -> Iterator[Person]:
    """An agent of the paced stack."""
    made = signed_in(paced, FIRST_KEY, sub=f"agent-{uuid.uuid4().hex}")
    yield made
    close_tabs(made)


@pytest.fixture
def paced_ops(paced: Outputs) -> Ops:  # noqa: ARG001  the stack must be up
    """Run an operator's command on the paced stack; its output."""

    def run(*words: str, **credentials: str) -> str:
        environment = {f"TWILIO_{name.upper()}": value for name, value in credentials.items()}
        done = commands.run(SHARED / PACED, *words, **environment)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run
