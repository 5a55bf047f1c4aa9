"""Measures the time from a lead's answer until lead and agent hear each other, and our handler's share of it.

The share is measured in this process: our handler and one that does only a bare conditional update take turns on the
same table of the same emulator.
"""

import json
import statistics
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

from autocall.timing import stamp
from benchmarks.apart import apart, tell
from benchmarks.figures import Figure, percentile
from benchmarks.in_process import Context, load
from benchmarks.stack import LINE, always, running
from local.twilio_simulator.client import Witness
from tests.e2e.agents import Numbers, Outputs, Person, Twilio, close_tabs, sign_up

ANSWERS, QUICK_ANSWERS = 200, 12
AGENTS, QUICK_AGENTS = 8, 2
PAIRS, QUICK_PAIRS, WARM_UP = 1000, 100, 20
MOST_OVER_BARE = 1.15
MOST_TO_EACH_OTHER_MS = 2000
_CALL = {"outcome": "completed", "ring_s": 0.5, "talk_s": 3}  # shorter, and a lead is gone before a slow answer
_CONTEXT = {"audio": "agent", "wrap_up_s": "0", "lines": "1", "calls_per_second": "1000"}
_PATIENCE_S = 600


def measure(*, quick: bool) -> Iterator[Figure]:
    """The figures of the table, on a stack of its own whose Twilio keeps to real time."""
    with running(LINE, _CONTEXT, ("--speed", "1")) as outputs:
        yield from to_each_other(outputs, quick=quick)
        yield from apart("benchmarks.answering", str(LINE.outputs), *(["--quick"] if quick else []))


# -- from the answer on ------------------------------------------------------------------------------------------------


def to_each_other(outputs: Outputs, *, quick: bool) -> list[Figure]:
    """As the witness of Twilio's rooms tells it: several agents, each with one call after another."""
    answers, agents = (QUICK_ANSWERS, QUICK_AGENTS) if quick else (ANSWERS, AGENTS)
    always(outputs, **_CALL)
    witness = Witness(outputs["twilio_simulator_url"])
    Numbers.avoid(Twilio(outputs).witness())
    own_phones, phones = Numbers.take(agents), Numbers.take(answers)
    witness.agent_phones(*own_phones)
    with _working(outputs, own_phones, phones) as people:
        _until_all_have_ended(people)
    waited = [seconds for phone in phones if (seconds := witness.seconds_to_agent(phone)) is not None]
    assert not witness.leads_together()
    about = f"{answers} answers, {agents} agents, worst {1000 * max(waited):.0f} ms"
    name = "answer → both hear each other"
    p50, p95 = (1000 * percentile(waited, share) for share in (0.50, 0.95))
    return [
        Figure("answer", f"{name}, p50", p50, "ms", about=about),
        Figure("answer", f"{name}, p95", p95, "ms", most=MOST_TO_EACH_OTHER_MS, about=about),
        Figure("answer", "answers that met no agent", answers - len(waited), "leads", most=0),
    ]


@contextmanager
def _working(outputs: Outputs, own_phones: list[str], phones: list[str]) -> Iterator[list[Person]]:
    """Each with a phone that is picked up, an open page, and a share of the leads."""
    people = []
    for index, own_phone in enumerate(own_phones):
        person = sign_up(outputs)
        assert person.api("PUT", "/api/settings", json={"agent_phone": own_phone, "via": "phone"}).ok
        person.imports(*phones[index :: len(own_phones)])
        person.tab().start()
        people.append(person)
    try:
        yield people
    finally:
        close_tabs(*people)


def _until_all_have_ended(people: list[Person]) -> None:
    """Every page asks again, as pages do, until none of its leads is left."""
    until = time.monotonic() + _PATIENCE_S
    for person in people:
        person.tabs[0].ask_until(partial(_has_ended, person), max(1.0, until - time.monotonic()))


def _has_ended(person: Person) -> bool:
    """Whether no lead is left; an agent whose own call failed, as on a slow machine it may, asks for another."""
    if person.all_ended():
        return True
    if person.api("GET", "/api/phone").json()["phase"] == "ended":
        person.api("POST", "/api/phone", json={"via": "phone"})
    return False


# -- whose time it is --------------------------------------------------------------------------------------------------


@dataclass
class Handlers:
    """The function as it is deployed, and the bare update, each with an agent who is kept for one lead."""

    voice: ModuleType
    validator: RequestValidator
    user: str = field(default_factory=lambda: str(uuid.uuid4()))
    lead: str = field(default_factory=lambda: uuid.uuid4().hex)
    attempt: str = field(default_factory=lambda: uuid.uuid4().hex)

    def keep_the_agent(self) -> None:
        """On the line, and kept for the attempt whose answer is repeated."""
        sessions, moment = self.voice.sessions, time.time()
        sessions.open(self.user, "session", "browser", 30, moment)
        assert sessions.live(self.user, "session", "CA" + "0" * 32, moment).won
        assert sessions.reserve(self.user, "session", self.lead, self.attempt, moment).won

    def event(self) -> dict[str, Any]:
        """Twilio's question, signed."""
        path = f"/twilio/answer/{self.user}/{self.lead}"
        form = {"CallSid": "CA" + "1" * 32, "CallStatus": "in-progress", "From": "+12025550100", "To": "+12025550101"}
        query = f"attempt={self.attempt}"
        signature = self.validator.compute_signature(f"{self.voice.public_url}{path}?{query}", form)
        return {
            "routeKey": "POST /twilio/answer/{user_id}/{lead_id}",
            "pathParameters": {"user_id": self.user, "lead_id": self.lead},
            "rawQueryString": query,
            "headers": {"x-twilio-signature": signature},
            "body": urlencode(form),
            "requestContext": {"requestId": "benchmark"},
        }

    def answer(self, event: dict[str, Any]) -> str:
        """Ours."""
        answered = self.voice.handler(event, Context())
        assert answered["statusCode"] == 200
        return str(answered["body"])

    def bare(self, _event: dict[str, Any]) -> str:
        """Nothing but the write that decides, and a document that is always the same."""
        now = stamp(time.time())
        answered = self.voice.dynamodb.update_item(
            TableName=self.voice.env["AGENTS_TABLE"],
            Key={"user_id": {"S": self.user}, "item": {"S": "session"}},
            UpdateExpression="SET call_until = :until, heard_at = :until ADD version :one",
            ConditionExpression="phase = :live AND call_attempt = :attempt",
            ExpressionAttributeValues={
                ":until": {"S": now},
                ":one": {"N": "1"},
                ":live": {"S": "live"},
                ":attempt": {"S": self.attempt},
            },
            ReturnValues="ALL_NEW",
        )
        return f"<Response><Dial><Conference>{answered['Attributes']['session_id']['S']}</Conference></Dial></Response>"


def share_of_the_handler(outputs: Outputs, *, quick: bool) -> list[Figure]:
    """The two in turn, each first every other time."""
    handlers = Handlers(load(outputs, "voice"), RequestValidator(outputs["twilio_auth_token"]))
    handlers.keep_the_agent()
    event = handlers.event()
    assert ">session</Conference>" in handlers.answer(event)
    ours, bare = list[float](), list[float]()
    for turn in range(-WARM_UP, QUICK_PAIRS if quick else PAIRS):
        pair = [(handlers.answer, ours), (handlers.bare, bare)]
        for act, took in pair if turn % 2 else reversed(pair):
            seconds = _timed(lambda act=act: act(event))  # type: ignore[misc]
            if turn >= 0:
                took.append(seconds)
    return _figures(ours, bare)


def _figures(ours: list[float], bare: list[float]) -> list[Figure]:
    mid, mid_bare = statistics.median(ours), statistics.median(bare)
    about = f"{1000 * mid:.1f} ms, bare {1000 * mid_bare:.1f} ms, {len(ours)} of each in turn"
    ratio = mid / mid_bare
    return [Figure("answer", "our handler, p50", ratio, "x bare update", most=MOST_OVER_BARE, about=about)]


def _timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


if __name__ == "__main__":
    tell(share_of_the_handler(json.loads(Path(sys.argv[1]).read_text()), quick="--quick" in sys.argv))
