"""Thirty agents at once on one Twilio account: its calls per second are kept, and everybody gets their turn."""

import os
import time
import uuid
from collections.abc import Iterator

import pytest

from autocall.lead_table import LeadTable
from autocall.leads import LeadKey, lead_id
from autocall.timing import Timing, now, parse
from tests.e2e.agents import Numbers, Outputs, Person, Tab, Twilio, aws, close_tabs, signed_in
from tests.e2e.conftest import FIRST_KEY, RATE

AGENTS = 30
FAIR_S = AGENTS / RATE  # when everybody could have been called
PATIENCE_S = 15
ALONE = "PYTEST_XDIST_WORKER" not in os.environ
LATE_S = 0 if ALONE else 5  # a function that had its turn may wait for the processor
STARVED_S = (2 if ALONE else 12) * FAIR_S
SILENT = {"outcome": "no-answer", "ring_s": 600, "callbacks": {"lose": True}}  # nothing but dialling takes part


@pytest.fixture
def crowd(paced: Outputs) -> Iterator[list[Person]]:
    """Agents with an open page each, none with a lead; the functions have been used."""
    people = [signed_in(paced, FIRST_KEY, sub=f"agent-{uuid.uuid4().hex}") for _ in range(AGENTS)]
    tabs = [person.tab() for person in people]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.wait(Tab.finished, 60)
    yield people
    close_tabs(*people)


class Page:
    """What an agent's page does: `leads:fetched` again when a run has said that something is due, or says nothing."""

    def __init__(self, tab: Tab) -> None:
        self._tab, self._heard, self._asked_at = tab, len(tab.finished()), now()

    def work(self) -> None:
        finished = self._tab.finished()
        if len(finished) > self._heard:
            next_at = finished[-1]["next_at"]
            if not next_at or parse(next_at) > now():
                return
        elif now() - self._asked_at < PATIENCE_S:
            return
        self._heard, self._asked_at = len(finished), now()
        self._tab.emit("leads:fetched")


def test_a_burst_of_agents_keeps_the_accounts_rate_and_starves_nobody(paced: Outputs, crowd: list[Person]) -> None:
    """No window holds more than rate x window + 1 calls; each lead is called once, and no agent waits for long.

    `pytest -n0 tests/e2e/test_burst.py`, on a machine that does nothing else, holds it to that.
    """
    twilio, tabs = Twilio(paced), [person.tabs[0] for person in crowd]
    table = LeadTable(aws(paced, "dynamodb"), paced["leads_table"], Timing())
    phones = Numbers.take(AGENTS)
    for person, phone in zip(crowd, phones, strict=True):  # not by an import, which would begin before the others
        twilio.script(phone, **SILENT)
        table.create(LeadKey(person.user_id, lead_id(person.user_id, phone)), {"phone": phone}, now(), now())
    pages, began = [Page(tab) for tab in tabs], now()
    for tab in tabs:
        tab.emit("leads:fetched")
        time.sleep(0.03)  # or this machine would be busy for seconds with starting a function for each
    while not all(tab.events("call:started") for tab in tabs):
        assert now() - began < STARVED_S, _who_was_called(twilio, phones, tabs, began)
        for page in pages:
            page.work()
        time.sleep(0.05)

    witness = twilio.witness()
    moments = sorted(call["at"] for phone in phones for call in witness[phone]["calls"])
    assert twilio.dialled(*phones) == [1] * AGENTS
    for window_s in (1, 2, 5, 10):
        most = RATE * (window_s + LATE_S) + 1
        assert _most_within(moments, window_s) <= most, str([round(moment - began, 3) for moment in moments])


def _who_was_called(twilio: Twilio, phones: list[str], tabs: list[Tab], began: float) -> str:
    """When which of them was called, and what the runs of those said who were not."""
    witness = twilio.witness()
    moments = sorted(
        round(call["at"] - began, 1) for phone in phones for call in witness.get(phone, {"calls": []})["calls"]
    )
    waiting = [tab.finished()[-3:] for tab in tabs if not tab.events("call:started")]
    return f"{len(waiting)} agents have not been called; calls at {moments}; they heard {waiting}"


def _most_within(moments: list[float], window_s: float) -> int:
    """The most calls that any window of this length holds."""
    return max(sum(first <= moment < first + window_s for moment in moments) for first in moments)
