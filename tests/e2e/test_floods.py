"""One agent, or one number, cannot stop the others: what floods the queue, and what Twilio refuses."""

import json
import threading
import time
from collections.abc import Callable

from tests.e2e.agents import Numbers, Person, Tab, Twilio, eventually

FRAMES, MOST_TAKEN = 300, 60  # a slow machine answers them over many seconds, and takes one in each
QUICK = {"outcome": "completed", "ring_s": 0, "talk_s": 0}
UNLISTED = 20422
"""A code of Twilio's that says nothing of whom it concerns."""


def test_three_hundred_frames_at_once_start_a_couple_of_runs(someone: Callable[..., Person]) -> None:
    """They were 221 runs. One a second is taken, the others are refused in words, and the socket stays open."""
    agent = someone()
    tab = agent.tab().start()
    tab.wait(Tab.finished)
    began, frame = time.time(), json.dumps({"event": "leads:fetched", "data": {}})
    for _ in range(FRAMES):
        tab.raw(frame)
    tab.emit("ping")
    tab.wait(lambda tab: len(tab.events("pong")) + len(tab.refused("too_fast")) >= 2 + FRAMES - MOST_TAKEN)
    lasted = time.time() - began
    runs = agent.runs(began)
    assert len(runs) <= 3 + lasted, f"{len(runs)} runs in {lasted:.1f} s: at most one a second is taken"


def test_many_pages_that_ask_at_once_start_a_couple_of_runs(someone: Callable[..., Person]) -> None:
    """Each may ask once a second; the agent has one run that waits all the same."""
    agent = someone()
    tabs = [agent.tab() for _ in range(12)]
    for tab in tabs:
        tab.emit("ping")
    for tab in tabs:
        tab.wait(lambda tab: tab.events("pong"))
    began = time.time()
    asking = [threading.Thread(target=tab.emit, args=("leads:fetched",)) for tab in tabs]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    for tab in tabs:
        tab.wait(Tab.finished)
    eventually(lambda: agent.runs(began))
    assert len(agent.runs(began)) <= 6
    assert not any(tab.refused("too_fast") for tab in tabs)


def test_one_number_that_twilio_refuses_with_a_new_code_stops_nobody(
    someone: Callable[..., Person], twilio: Twilio
) -> None:
    """It rested the whole installation for five minutes, and again at every retry."""
    one, other = someone(), someone()
    bad, good, *others = Numbers.take(5)
    twilio.script(bad, refuse=UNLISTED)
    for phone in (good, *others):
        twilio.script(phone, **QUICK)
    refused, called = one.imports(bad, good)
    leads = other.imports(*others)
    one.tab().start().wait(lambda tab: called in tab.completed())
    began = time.monotonic()
    other.tab().start().wait(lambda tab: tab.completed() == set(leads))
    assert time.monotonic() - began < 60, "the installation has not rested meanwhile"
    row = one.lead(refused)
    assert (row["call_status"], row["held"]["reason"]) == ("pending", f"Twilio refused the call ({UNLISTED})")
    assert row["held"]["until"]
    told = [data["reason"] or "" for tab in (*one.tabs, *other.tabs) for data in tab.finished()]
    assert not [reason for reason in told if "account" in reason]
    assert other.api("GET", "/api/settings").json()["installation"]["rest"] is None
