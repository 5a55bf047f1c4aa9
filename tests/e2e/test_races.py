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
from tests.e2e.agents import Numbers, Person, Tab, Twilio, aws, eventually

pytestmark = pytest.mark.timeout(1800 if "ROUNDS" in os.environ else 120)

LEADS = 4
SECONDS = 8
PATIENCE_S = 0.4  # in which a call that ignored the answer would be made
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
    assert racer.person.api("DELETE", "/api/connections").status_code == 200
    answered_at = time.time()
    return Answer(answered_at, set(racer.phones), racer.claimed_before(answered_at))


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
    raced: list[tuple[list[str], float]] = []
    for _ in _rounds():
        leads = racer.import_some(twilio)
        heard = len(racer.tab.events("call:started"))
        racer.tab.emit("leads:fetched")
        if random.random() < 0.7:
            racer.tab.wait(lambda tab, heard=heard: len(tab.events("call:started")) > heard)
        time.sleep(random.uniform(0, 0.15))
        answers.append(act(racer, leads))
        raced.append((leads, answers[-1].at))
        time.sleep(PATIENCE_S)
        if undo:
            answers[-1].undone_at = time.time()
            undo(racer)

    forbidden = set() if undo else {lead for answer in answers for lead in answer.about}
    eventually(lambda: _at_rest(racer, forbidden), 60 + len(racer.phones) / 2)
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
    before = [sum(at < answered_at for lead in leads for at in started[lead]) for leads, answered_at in raced]
    assert any(0 < calls < LEADS for calls in before), f"no answer came in the middle of a list: {before}"


def _rounds() -> Iterator[int]:
    """So many as were asked for, else as many as fit."""
    wanted, until, done = int(os.environ.get("ROUNDS", 0)), time.monotonic() + SECONDS, 0
    while done < wanted or (not wanted and (done < 3 or time.monotonic() < until)):
        yield done
        done += 1


def _started(witness: dict[str, Any], phone: str) -> list[float]:
    """When the number was dialled."""
    return [call["at"] for call in witness.get(phone, {}).get("calls", [])]


def _at_rest(racer: Racer, forbidden: set[str]) -> bool:
    """Whether all leads have ended, but those that are not to be called."""
    statuses = {lead: row["call_status"]["S"] for lead, row in racer.rows().items()}
    return all(status in FINAL or (status == PENDING and lead in forbidden) for lead, status in statuses.items())
