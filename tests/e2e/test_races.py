"""Pause, do-not-call and sign-out, each against claims that are being made: after the answer, no call starts.

Each race goes on for some seconds; `ROUNDS=200 pytest tests/e2e/test_races.py` makes it that many rounds.
"""

import os
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from autocall.leads import FINAL, PENDING
from autocall.timing import parse
from tests.e2e.agents import PATIENCE_S, Numbers, Person, Tab, Twilio, aws, eventually

pytestmark = pytest.mark.timeout(1800 if "ROUNDS" in os.environ else 900)

LEADS = 4
SECONDS = 4
LEAST, MOST = 3, 40  # rounds
LATER_S = 0.4  # in which a call that ignored the answer would be made
QUICK = {"outcome": "completed", "ring_s": 0, "talk_s": 0}


@dataclass
class Answer:
    """What was answered, when, and which leads it names as in flight; nothing else may start until *undone_at*."""

    at: float
    about: set[str]
    in_flight: set[str]
    undone_at: float = float("inf")


@dataclass
class Racer:
    """An agent with a page, and the numbers of all their leads."""

    stack: dict[str, Any]
    person: Person
    admin: Person
    tab: Tab
    phones: dict[str, str] = field(default_factory=dict)

    def import_some(self, twilio: Twilio) -> list[str]:
        phones = Numbers.take(LEADS)
        for phone in phones:
            twilio.script(phone, **QUICK)
        leads = self.person.imports(*phones)
        self.phones |= dict(zip(leads, phones, strict=True))
        return leads

    def claimed_before(self, moment: float) -> set[str]:
        """The leads whose attempt was claimed by then, by their rows."""
        return {
            lead for lead, row in self.rows().items() if "claimed_at" in row and parse(row["claimed_at"]["S"]) <= moment
        }

    def rows(self) -> dict[str, Any]:
        found = aws(self.stack, "dynamodb").query(
            TableName=self.stack["leads_table"],
            KeyConditionExpression="user_id = :user",
            ExpressionAttributeValues={":user": {"S": self.person.user_id}},
            ConsistentRead=True,
        )
        return {row["lead_id"]["S"]: row for row in found["Items"]}


def _pause(racer: Racer, _leads: list[str]) -> Answer:
    told = racer.person.api("POST", "/api/autocall/pause").json()
    return Answer(time.time(), set(racer.phones), set(told["in_flight"]))


def _forbid_one(racer: Racer, leads: list[str]) -> Answer:
    lead = random.choice(leads)
    told = racer.person.api("PUT", f"/api/leads/{lead}/do-not-call").json()
    return Answer(time.time(), {lead}, set() if told["call_status"] == PENDING else {lead})


def _forbid_for_everybody(racer: Racer, leads: list[str]) -> Answer:
    lead = random.choice(leads)
    body = {"numbers": [racer.phones[lead]], "installation": True}
    assert racer.admin.api("POST", "/api/do-not-call", json=body).status_code == 200
    answered_at = time.time()
    return Answer(answered_at, {lead}, racer.claimed_before(answered_at))


def _sign_out(racer: Racer, _leads: list[str]) -> Answer:
    answer = racer.person.api("DELETE", "/api/connections")
    answered_at = time.time()
    assert answer.status_code == 200, answer.text
    return Answer(answered_at, set(racer.phones), set(answer.json()["in_flight"]))


def _resume(racer: Racer) -> None:
    assert racer.person.api("POST", "/api/autocall/resume").status_code == 200


def _come_back(racer: Racer) -> None:
    racer.tab = racer.person.tab().start()


RACES: dict[str, tuple[Callable[[Racer, list[str]], Answer], Callable[[Racer], None] | None]] = {
    "pause": (_pause, _resume),
    "the agent's do-not-call": (_forbid_one, None),
    "everybody's do-not-call": (_forbid_for_everybody, None),
    "sign-out": (_sign_out, _come_back),
}


@pytest.mark.parametrize("race", RACES)
def test_after_the_answer_no_call_starts_but_those_in_flight(
    stack: dict[str, Any], someone: Callable[..., Person], twilio: Twilio, race: str
) -> None:
    """Round after round, at a moment that differs: what starts after the answer was claimed before it, and is named."""
    act, undo = RACES[race]
    agent = someone()
    racer = Racer(stack, agent, someone("admins"), agent.tab().start())
    answers: list[Answer] = []
    before: list[int] = []
    for _ in _rounds(before):
        leads = racer.import_some(twilio)  # which queues a run; a frame would wait for its second, and all be called
        if random.random() < 0.7:
            racer.tab.wait(lambda tab, leads=leads: any(tab.of_lead(lead) for lead in leads))
        time.sleep(random.uniform(0, 0.15))
        answers.append(act(racer, leads))
        time.sleep(LATER_S)
        if undo:
            answers[-1].undone_at = time.time()
            undo(racer)
        before.append(_dialled_before(twilio.witness(), racer, leads, answers[-1].at))

    forbidden = set() if undo else {lead for answer in answers for lead in answer.about}
    eventually(lambda: _at_rest(racer, forbidden), 2 * PATIENCE_S + len(racer.phones) / 2)
    witness = twilio.witness()
    started = {lead: _started(witness, phone) for lead, phone in racer.phones.items()}
    late = [
        (lead, at - answer.at)
        for answer in answers
        for lead in answer.about - answer.in_flight
        for at in started[lead]
        if answer.at < at < answer.undone_at
    ]
    assert not late
    wrong = {lead for lead, calls in started.items() if len(calls) > 1 or (not calls and lead not in forbidden)}
    assert not wrong, {lead: (racer.rows()[lead], witness.get(racer.phones[lead])) for lead in wrong}
    assert _in_the_middle(before), f"no answer came in the middle of a list: {before}"


def _rounds(before: list[int]) -> Iterator[int]:
    """So many as were asked for; else as many as fit, and until one was a race by how many were called *before*."""
    wanted, until = int(os.environ.get("ROUNDS", 0)), time.monotonic() + SECONDS
    for done in range(wanted or MOST):
        if not wanted and done >= LEAST and time.monotonic() >= until and _in_the_middle(before):
            return
        yield done


def _dialled_before(witness: dict[str, Any], racer: Racer, leads: list[str], moment: float) -> int:
    """How many of the round's leads had been dialled when the answer came."""
    return sum(at < moment for lead in leads for at in _started(witness, racer.phones[lead]))


def _in_the_middle(before: list[int]) -> bool:
    """Whether at least one answer came when some of a list had been called, and some had not."""
    return any(0 < calls < LEADS for calls in before)


def _started(witness: dict[str, Any], phone: str) -> list[float]:
    """When the number was dialled."""
    return [call["at"] for call in witness.get(phone, {}).get("calls", [])]


def _at_rest(racer: Racer, forbidden: set[str]) -> bool:
    """Whether all leads have ended, but those that are not to be called."""
    statuses = {lead: row["call_status"]["S"] for lead, row in racer.rows().items()}
    return all(status in FINAL or (status == PENDING and lead in forbidden) for lead, status in statuses.items())
