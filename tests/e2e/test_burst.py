"""Fifty agents at once on one Twilio account: its calls per second are kept, and everybody gets their turn."""

import os
import time
from collections.abc import Callable
from typing import Any

import pytest

from autocall.lead_table import LeadTable
from autocall.leads import lead_id
from autocall.timing import Timing, now, parse
from tests.e2e.agents import Numbers, Person, Tab, Twilio, aws, sign_up

pytestmark = pytest.mark.timeout(180)

AGENTS, RATE = 50, 2
FAIR_S = AGENTS / RATE  # when everybody could have been called
PATIENCE_S = 15
LATE_S = 3 if "PYTEST_XDIST_WORKER" in os.environ else 0  # a function that had its turn may wait for the processor
SILENT = {"outcome": "no-answer", "ring_s": 600, "callbacks": {"lose": True}}  # nothing but dialling takes part
DIALERS = 4  # at once: on two cores more would hold each other up for longer than a slot lasts


@pytest.fixture
def paced(another_stack: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    return another_stack("burst", context={"calls_per_second": str(RATE), "max_concurrency": str(DIALERS)})


@pytest.fixture
def crowd(paced: dict[str, Any]) -> list[Person]:
    """Agents with an open page each, none with a lead; the functions have been used."""
    people = [sign_up(paced) for _ in range(AGENTS)]
    tabs = [person.tab() for person in people]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.wait(Tab.finished, 60)
    return people  # their sockets end with the stack, which is theirs alone


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


def test_a_burst_of_agents_keeps_the_accounts_rate_and_starves_nobody(
    paced: dict[str, Any], crowd: list[Person]
) -> None:
    """No window holds more than rate x window + 1 calls; each lead is called once, and no agent waits for long.

    `pytest -n0 tests/e2e/test_burst.py`, on a machine that does nothing else, holds it to that.
    """
    twilio, tabs = Twilio(paced), [person.tabs[0] for person in crowd]
    table = LeadTable(aws(paced, "dynamodb"), paced["leads_table"], Timing())
    phones = Numbers.take(AGENTS)
    for person, phone in zip(crowd, phones, strict=True):  # not by an import, which would begin before the others
        twilio.script(phone, **SILENT)
        table.create(person.user_id, lead_id(person.user_id, phone), {"phone": phone}, now(), now())
    pages, began = [Page(tab) for tab in tabs], now()
    for tab in tabs:
        tab.emit("leads:fetched")
        time.sleep(0.03)  # or this machine would be busy for seconds with starting a function for each
    while not all(tab.events("call:started") for tab in tabs):
        assert now() - began < 4 * FAIR_S, "not everybody has been called"
        for page in pages:
            page.work()
        time.sleep(0.05)

    witness = twilio.witness()
    moments = sorted(call["at"] for phone in phones for call in witness[phone]["calls"])
    assert twilio.dialled(*phones) == [1] * AGENTS
    for window_s in (1, 2, 5, 10):
        most = RATE * (window_s + LATE_S) + 1
        assert _most_within(moments, window_s) <= most, str([round(moment - began, 3) for moment in moments])
    assert moments[-1] - began <= 2 * FAIR_S


def _most_within(moments: list[float], window_s: float) -> int:
    """The most calls that any window of this length holds."""
    return max(sum(first <= moment < first + window_s for moment in moments) for first in moments)
