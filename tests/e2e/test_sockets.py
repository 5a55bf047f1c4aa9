"""Twenty pages of one agent, and one too many, on the running stack: the oldest goes, and nobody waits for anybody."""

import time
from collections.abc import Callable

from tests.e2e.agents import Numbers as Phones
from tests.e2e.agents import Person, Tab, Twilio, eventually

MOST = 20
LEADS = 5
QUICK = {"outcome": "completed", "ring_s": 0, "talk_s": 0.2}


def _told_to_go(tab: Tab) -> bool:
    return any(data["code"] == "too_many_connections" for data in tab.events("error"))


def test_of_twenty_five_pages_the_twenty_youngest_stay_and_the_others_are_told_why(agent: Person) -> None:
    tabs = [agent.tab() for _ in range(MOST + 5)]
    for tab in tabs[:5]:
        tab.wait(_told_to_go)
        tab.wait(lambda tab: tab.closed)
    eventually(lambda: len(agent.connections()) == MOST)
    for tab in tabs[5:]:
        tab.emit("ping")
    for tab in tabs[5:]:
        tab.wait(lambda tab: tab.events("pong"))
    assert not [tab for tab in tabs[5:] if tab.closed]


def test_twenty_pages_hear_of_every_call_in_order_and_hold_up_none(
    someone: Callable[[], Person], twilio: Twilio
) -> None:
    """Five leads take about as long as they take an agent with one page; the order is that of the versions."""
    took: dict[int, float] = {}
    for pages in (1, MOST):
        person = someone()
        tabs = [person.tab() for _ in range(pages)]
        for tab in tabs:
            tab.emit("ping")
        for tab in tabs:
            tab.wait(lambda tab: tab.events("pong"))
        phones = Phones.take(LEADS)
        for phone in phones:
            twilio.script(phone, **QUICK)
        began = time.monotonic()
        leads = person.imports(*phones)
        tabs[0].emit("leads:fetched")
        for tab in tabs:
            tab.wait(lambda tab, leads=leads: set(leads) <= tab.completed())
        took[pages] = time.monotonic() - began
        assert twilio.dialled(*phones) == [1] * LEADS
        for tab in tabs:
            for lead in leads:
                told = sorted(tab.of_lead(lead), key=lambda event: event[1]["version"])
                assert told[-1][0] == "call:completed"
    assert took[MOST] < 4 * took[1] + 10, took
