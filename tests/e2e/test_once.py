"""Every lead is called once, whatever the pages do."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import pytest

from autocall.leads import FINAL
from tests.e2e.agents import LASTS, Numbers, Person, Tab, Twilio, eventually


def test_every_lead_is_called_by_itself_and_ends(agent: Person, twilio: Twilio) -> None:
    """A page that says its leads have loaded sees every one of them called and ended, without a click."""
    phones, tab = Numbers.take(7), agent.tab()
    leads = agent.imports(*phones)
    tab.wait(Tab.nobody_was_there)
    tab.start()

    tab.wait(lambda tab: tab.completed() == set(leads))

    assert twilio.dialled(*phones) == [1] * 7
    assert agent.all_ended()
    assert tab.events("autocall:started")[0] == {"pending": 7, "held": {}, "more": False}


def test_reloads_tabs_and_repeats_call_nobody_twice(agent: Person, twilio: Twilio) -> None:
    """Reloading, opening more tabs and sending `leads:fetched` again and again changes nothing."""
    phones = Numbers.take(6)
    leads = agent.imports(*phones)
    for _ in range(3):
        tab = agent.tab().start()
        tab.wait(lambda tab: tab.events("call:started") or tab.events("autocall:finished"))
        tab.close()
    last = agent.tab().start()
    for _ in range(5):
        last.emit("leads:fetched")

    eventually(agent.all_ended)

    assert twilio.dialled(*phones) == [1] * 6
    assert len(leads) == 6


def test_ten_tabs_at_once_are_one_run_at_a_time(agent: Person, twilio: Twilio) -> None:
    """Ten tabs that send `leads:fetched` together cause runs one after another, and one call per lead."""
    phones, began = Numbers.take(9), time.time()
    leads = agent.imports(*phones)
    tabs = [agent.tab() for _ in range(10)]
    for tab in tabs:
        tab.emit("ping")
        tab.wait(lambda tab: tab.events("pong"))
    together = threading.Barrier(10)
    _in_parallel(lambda tab: (together.wait(), tab.emit("leads:fetched")), tabs)

    for tab in tabs:
        tab.wait(lambda tab: tab.completed() == set(leads))

    assert twilio.dialled(*phones) == [1] * 9
    eventually(lambda: len(agent.runs(began)) >= 4)  # on three lines: three call them all, one follows the last end
    runs = agent.runs(began)
    assert all(end <= start for (_, end), (start, _) in pairwise(runs)), runs


def test_events_reach_every_tab_in_the_order_of_versions(agent: Person) -> None:
    """Each tab hears started, then updates, then completed, when it applies what is newer by `version`."""
    leads = agent.imports(*Numbers.take(4))
    tabs = [agent.tab(), agent.tab()]
    tabs[1].emit("ping")
    tabs[0].start()

    for tab in tabs:
        tab.wait(lambda tab: all(tab.heard_all(lead) for lead in leads))

    rank = {"call:started": 0, "call:status_updated": 1, "call:completed": 2}
    for tab in tabs:
        for lead in leads:
            told = sorted(tab.of_lead(lead), key=lambda event: (event[1]["version"], rank[event[0]]))
            names = [name for name, _ in told]
            assert names[0] == "call:started"
            assert names[-1] == "call:completed"
            assert [rank[name] for name in names] == sorted(rank[name] for name in names)
            assert told[-1][1]["call_status"] in FINAL


def test_the_same_number_spelled_differently_is_one_lead(agent: Person, twilio: Twilio) -> None:
    """A list that spells one number in many ways, imported twice, is one lead and one call."""
    (phone,) = Numbers.take(1)
    area, line = phone[2:5], phone[5:]
    spelled = [phone, f"({area}) {line[:3]}-{line[3:]}", f"1-{area}-{line[:3]}-{line[3:]}", f"001 {area}.{line}"]
    body = "phone,name\n" + "\n".join(f'"{one}",Someone' for one in spelled)
    told = [agent.api("POST", "/api/leads", data=body, headers={"content-type": "text/csv"}).json() for _ in range(2)]
    assert sum(answer["created"] for answer in told) == 1, told
    tab = agent.tab().start()
    tab.wait(lambda tab: tab.completed())
    agent.api("POST", "/api/leads", data=body, headers={"content-type": "text/csv"})
    tab.emit("leads:fetched")
    tab.wait(lambda tab: len(tab.events("autocall:finished")) >= 2)

    assert twilio.dialled(phone) == [1]
    assert len(agent.leads()) == 1


def test_two_tabs_that_import_one_number_at_once_make_one_lead_and_one_call(agent: Person, twilio: Twilio) -> None:
    """Spellings of one number, imported by two at a time, again and again while the call is on its way."""
    (phone,) = Numbers.take(1)
    twilio.script(phone, **LASTS)
    area, line = phone[2:5], phone[5:]
    spelled = [f"({area}) {line[:3]}-{line[3:]}", f"1 {area} {line}", f"001-{area}-{line[:3]}-{line[3:]}", phone]
    tab = agent.tab().start()

    with ThreadPoolExecutor(2) as pool:
        told = list(
            pool.map(lambda one: agent.api("POST", "/api/leads", json={"leads": [{"phone": one}]}), spelled * 2)
        )

    assert sum(answer.json()["created"] for answer in told) == 1
    assert sum(answer.json()["merged"] for answer in told) == 7
    (lead,) = agent.leads()
    tab.wait(lambda tab: tab.heard(lead["lead_id"], "in-progress"))
    twilio.hang_up(phone)
    tab.wait(lambda tab: tab.completed())
    (lead,) = agent.leads()
    assert lead["call_status"] == "completed"
    assert twilio.dialled(phone) == [1]


@pytest.mark.parametrize("status", ["ringing", "in-progress", "completed"])
def test_an_import_of_a_called_number_changes_what_is_said_of_it_and_not_its_call(
    agent: Person, twilio: Twilio, status: str
) -> None:
    """While it rings, is talked through or has ended: the note is new, all that concerns the call is as it was.

    The call stays as it is until its end is told, by the test: else a slow machine would hear of the end first.
    """
    (phone,) = Numbers.take(1)
    outcome, lost = ("no-answer" if status == "ringing" else "completed"), ([] if status in FINAL else [*FINAL])
    twilio.script(phone, outcome=outcome, ring_s=0, talk_s=0, callbacks={"lose": lost})
    (lead,) = agent.imports(phone)
    tab = agent.tab().start()
    tab.wait(lambda tab: tab.heard(lead, status))
    before = agent.lead(lead)

    agent.imports(phone, note="called before")

    after = agent.lead(lead)
    assert after["note"] == "called before"
    for unchanged in ("attempt_id", "call_sid"):
        assert after[unchanged] == before[unchanged]
    assert [entry["event"] for entry in after["history"]][: len(before["history"])] == [
        entry["event"] for entry in before["history"]
    ]
    if lost:
        twilio.tell(phone, "completed")
    tab.wait(lambda tab: tab.completed() == {lead})
    finished = len(tab.events("autocall:finished"))
    tab.emit("leads:fetched")
    tab.wait(lambda tab: len(tab.events("autocall:finished")) > finished)
    assert twilio.dialled(phone) == [1]


def test_an_agent_whose_run_is_slow_holds_up_nobody_else(someone: Callable[..., Person], twilio: Twilio) -> None:
    """While Twilio keeps one agent's run waiting for an answer, another agent's leads are called.

    A machine that is slower than Twilio's answers may try again: calls that wait for the other's run never win.
    """
    assert any(_is_called_meanwhile(someone(), someone(), twilio) for _ in range(4)), "it waited for the slow run"


def _is_called_meanwhile(slow: Person, quick: Person, twilio: Twilio) -> bool:
    """Whether the quick one's call starts while the slow one's run, of two answers in 16 s, goes on."""
    *slow_phones, quick_phone = Numbers.take(3)
    for phone in slow_phones:
        twilio.script(phone, delay_s=8)
    quick_tab = quick.tab().start()
    quick_tab.wait(Tab.finished)
    slow.imports(*slow_phones)
    slow_tab = slow.tab().start()
    eventually(lambda: twilio.dialled(slow_phones[0]) == [1])
    (lead,) = quick.imports(quick_phone)
    quick_tab.wait(lambda tab: tab.events("call:started"))
    meanwhile = not any(finished["called"] for finished in slow_tab.events("autocall:finished"))
    quick_tab.wait(lambda tab: tab.completed() == {lead})
    return meanwhile


def test_imported_leads_are_called_while_the_page_is_open(agent: Person, twilio: Twilio) -> None:
    """Leads that are imported later are called too: whatever makes a lead due queues a run."""
    tab = agent.tab().start()
    tab.wait(lambda tab: tab.events("autocall:finished"))
    phones = Numbers.take(2)
    leads = agent.imports(*phones)

    tab.wait(lambda tab: tab.completed() == set(leads))

    assert twilio.dialled(*phones) == [1, 1]


@pytest.mark.parametrize("outcome", ["busy", "no-answer", "failed"])
def test_a_call_that_does_not_connect_ends_as_what_it_was(agent: Person, twilio: Twilio, outcome: str) -> None:
    """Busy, no answer and failed are said as such, and are not called again."""
    (phone,) = Numbers.take(1)
    twilio.script(phone, outcome=outcome)
    (lead,) = agent.imports(phone)
    tab = agent.tab().start()

    tab.wait(lambda tab: tab.completed() == {lead})

    assert agent.lead(lead)["call_status"] == outcome
    assert twilio.dialled(phone) == [1]


def _in_parallel(do: Any, tabs: list[Any]) -> None:
    threads = [threading.Thread(target=do, args=(tab,)) for tab in tabs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
