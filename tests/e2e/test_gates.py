"""When a call may start: pause, presence, lines, hours, do-not-call, the account's rate and its refusals."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pytest

from autocall.lead_table import LeadTable
from autocall.leads import FINAL
from autocall.timing import Timing, parse
from tests.e2e.agents import (
    LASTS,
    PATIENCE_S,
    Numbers,
    Outputs,
    Person,
    Tab,
    Twilio,
    aws,
    close_tabs,
    eventually,
    sign_up,
)

IN_FLIGHT = ("claimed", "queued", "initiated", "ringing", "in-progress", "unknown")


@dataclass
class Waiting:
    """An agent whose window opens at a full minute, and two leads that are held until then."""

    agent: Person
    opens: float
    phones: list[str]
    leads: list[str]
    tab: Tab


@pytest.fixture(scope="module", autouse=True)
def waiting(stack: Outputs) -> Iterator[Waiting]:
    """Begun before all tests here, so that the minute passes while they run; the last of them looks what came of it."""
    made = _held_until_a_window_opens(stack)
    while time.time() >= made.opens:  # it may have opened before the first run: then nobody was held
        close_tabs(made.agent)
        made = _held_until_a_window_opens(stack)
    yield made
    close_tabs(made.agent)


def _held_until_a_window_opens(stack: Outputs) -> Waiting:
    agent, phones = sign_up(stack), Numbers.take(2)
    opens = time.time() // 60 * 60 + (60 if time.time() % 60 < 50 else 120)
    # hours: where the day that ends the window has an hour left at least, and clocks never change
    state, behind = ("HI", 10) if time.gmtime(opens).tm_hour != 9 else ("PR", 4)
    day = time.gmtime(opens - behind * 3600)
    window = {"from": time.strftime("%H:%M", day), "to": "24:00", "days": [day.tm_wday + 1]}
    assert agent.api("PUT", "/api/settings", json={"window": window}).status_code == 200
    leads = agent.imports(*phones, state=state)
    tab = agent.tab().start()
    tab.wait(Tab.finished)
    return Waiting(agent, opens, phones, leads, tab)


def test_a_pause_names_the_calls_in_flight_and_no_other_starts(agent: Person, twilio: Twilio) -> None:
    """After the answer to a pause nothing starts but the calls it names; resume goes on with the list."""
    phones = _talkative(twilio, 8)
    leads = agent.imports(*phones)
    tab = agent.tab().start()
    tab.wait(lambda tab: tab.events("call:started"))
    tab.emit("autocall:pause")
    paused = tab.wait(lambda tab: tab.events("autocall:paused"))[0]

    allowed = set(paused["in_flight"]) | {lead["lead_id"] for lead in agent.leads() if lead["call_status"] in FINAL}
    _wait_as_they_hang_up(twilio, phones, lambda: not _in_flight(agent))
    called = {lead for lead, count in zip(leads, twilio.dialled(*phones), strict=True) if count}
    put_back = {lead["lead_id"] for lead in agent.leads() if lead["call_status"] == "pending"}
    assert called <= allowed
    assert called == set(leads) - put_back  # a lead that was claimed when the pause came is in flight, or put back
    assert called
    assert put_back

    tab.emit("autocall:resume")
    _wait_as_they_hang_up(twilio, phones, lambda: tab.completed() == set(leads))
    assert twilio.dialled(*phones) == [1] * 8


def _talkative(twilio: Twilio, count: int) -> list[str]:
    """Numbers whose calls last until somebody hangs up: a slow machine shall not work off the list meanwhile."""
    phones = Numbers.take(count)
    for phone in phones:
        twilio.script(phone, **LASTS)
    return phones


def _wait_as_they_hang_up(twilio: Twilio, phones: list[str], holds: Callable[[], bool]) -> None:
    """From now on everybody who is called hangs up at once: wait until it holds."""

    def held() -> bool:
        twilio.hang_up(*phones)
        return holds()

    eventually(held)


def _in_flight(agent: Person) -> bool:
    return any(lead["call_status"] in IN_FLIGHT for lead in agent.leads())


def test_a_pause_holds_in_every_tab_and_after_a_reload(agent: Person, twilio: Twilio) -> None:
    """A pause is the agent's, not the tab's: other tabs hear of it, and a reload does not lift it."""
    first, second = agent.tab().start(), agent.tab().start()
    assert agent.api("POST", "/api/autocall/pause").status_code == 200
    for tab in (first, second):
        tab.wait(lambda tab: tab.events("autocall:paused"))
    first.close()
    phones = Numbers.take(2)
    agent.imports(*phones)
    again = agent.tab().start()
    finished = again.wait(Tab.finished)[-1]
    assert finished["reason"] == "paused"
    assert twilio.dialled(*phones) == [0, 0]

    assert agent.api("POST", "/api/autocall/resume").status_code == 200
    again.wait(lambda tab: len(tab.completed()) == 2)


def test_when_the_last_tab_closes_no_new_call_starts(agent: Person, twilio: Twilio) -> None:
    """Calls in flight go on; what waits is called when a page is open again."""
    phones = _talkative(twilio, 8)
    agent.imports(*phones)
    tab = agent.tab().start()
    tab.wait(lambda tab: tab.events("call:started"))
    tab.close()
    eventually(lambda: not agent.connections())
    _wait_as_they_hang_up(twilio, phones, lambda: not _in_flight(agent))
    called = sum(twilio.dialled(*phones))
    assert called < 8
    assert all(lead["call_status"] == "pending" for lead in agent.leads() if not lead["call_sid"])

    agent.tab().start().wait(Tab.finished)
    _wait_as_they_hang_up(twilio, phones, agent.all_ended)
    assert twilio.dialled(*phones) == [1] * 8


def test_no_more_calls_are_in_flight_than_there_are_lines(stack: Outputs, agent: Person, twilio: Twilio) -> None:
    """An agent with one line has one call at a time, and the list is worked off by the calls' ends alone."""
    assert agent.api("PUT", "/api/settings", json={"lines": 1}).status_code == 200
    phones = Numbers.take(4)
    leads = agent.imports(*phones)
    tab = agent.tab().start()
    tab.wait(lambda tab: tab.completed() == set(leads))

    rows, _ = LeadTable(aws(stack, "dynamodb"), stack["leads_table"], Timing()).page(agent.user_id, None, 100)
    calls = sorted((row["claimed_at"], row["ended_at"]) for row in rows)  # by the rows: pushes may overtake each other
    assert all(ended <= claimed for (_, ended), (claimed, _) in pairwise(calls)), calls
    assert twilio.dialled(*phones) == [1] * 4


def test_leads_outside_their_hours_are_held_and_come_back(agent: Person, twilio: Twilio) -> None:
    """A closed window holds leads with the reason and the time, spends nothing, and a wider one frees them."""
    closed = _closed_window()
    assert agent.api("PUT", "/api/settings", json={"window": closed}).status_code == 200
    phones = Numbers.take(3)
    leads = agent.imports(*phones)
    tab = agent.tab().start()
    started = tab.wait(lambda tab: tab.events("autocall:started"))[0]
    finished = tab.wait(Tab.finished)[-1]

    assert started == {"pending": 0, "held": {"hours": 3}, "more": False}
    assert finished["next_at"]
    for lead in leads:
        shown = agent.lead(lead)
        assert shown["held"]["reason"] == "hours"
        assert shown["held"]["until"] > time.strftime("%Y-%m-%dT%H:%M", time.gmtime())
    assert twilio.dialled(*phones) == [0, 0, 0]

    assert agent.api("PUT", "/api/settings", json={"window": None}).status_code == 200
    tab.wait(lambda tab: tab.completed() == set(leads))


def test_a_pause_hangs_up_what_only_rings_if_it_is_asked_to(someone: Callable[..., Person], twilio: Twilio) -> None:
    """`cancel_ringing` ends a call that nobody has answered; the answer and the page say so."""
    agent, phones, leads, told = _a_pause_while_it_rings(someone, twilio)
    assert told["in_flight"] == told["canceled"] == [leads[0]]
    (tab,) = agent.tabs
    ended = tab.wait(lambda tab: [data for data in tab.events("call:completed") if data["lead_id"] == leads[0]])[0]
    assert ended["call_status"] == "canceled"
    assert agent.lead(leads[0])["call_status"] == "canceled"
    assert twilio.dialled(*phones) == [1, 0]


def _a_pause_while_it_rings(
    someone: Callable[..., Person], twilio: Twilio
) -> tuple[Person, list[str], list[str], dict[str, Any]]:
    """An agent with one line and two leads, whose page pauses while the first one's telephone rings: what it is told.

    It rings for two seconds and a half, so that a slow machine may come too late, and begins again.
    """
    for _ in range(5):
        agent, phones = someone(), Numbers.take(2)
        for phone in phones:
            twilio.script(phone, ring_s=30, outcome="no-answer")
        assert agent.api("PUT", "/api/settings", json={"lines": 1}).status_code == 200
        leads = agent.imports(*phones)
        tab = agent.tab().start()
        tab.wait(lambda tab, lead=leads[0]: tab.heard(lead, "ringing") or lead in tab.completed())
        told = agent.api("POST", "/api/autocall/pause", json={"cancel_ringing": True}).json()
        (call,) = twilio.witness()[phones[0]]["calls"]
        if call["status"] != "no-answer":
            return agent, phones, leads, told
    raise AssertionError("each time it had stopped ringing before")


def _closed_window() -> dict[str, Any]:
    """A window of other weekdays only: closed today, yesterday and tomorrow in every zone of the world."""
    today = time.gmtime().tm_wday + 1
    return {"from": "09:00", "to": "17:00", "days": [(today + 2) % 7 + 1]}


def test_a_number_on_the_agents_list_is_not_called(agent: Person, twilio: Twilio) -> None:
    """By number, before or after its import, in one click; only an explicit removal lifts it."""
    early, late, free = Numbers.take(3)
    assert agent.api("POST", "/api/do-not-call", json={"numbers": [early]}).status_code == 200
    leads = agent.imports(early, late, free)
    assert agent.api("PUT", f"/api/leads/{leads[1]}/do-not-call").status_code in (200, 204)
    tab = agent.tab().start()
    tab.wait(lambda tab: tab.completed() == {leads[2]})
    agent.imports(early)
    tab.emit("leads:fetched")
    tab.wait(lambda tab: len(tab.finished()) >= 3)
    assert twilio.dialled(early, late, free) == [0, 0, 1]
    assert agent.lead(leads[0])["held"]["reason"] == "dnc"

    assert agent.api("DELETE", f"/api/leads/{leads[1]}/do-not-call").status_code in (200, 204)
    tab.wait(lambda tab: leads[1] in tab.completed())
    assert twilio.dialled(early, late) == [0, 1]


def test_a_number_on_the_installations_list_is_called_by_nobody(someone: Callable[..., Person], twilio: Twilio) -> None:
    """Only administrators write it; it holds for every agent, and spends nothing."""
    admin, agent = someone("admins"), someone()
    (phone,) = Numbers.take(1)
    body = {"numbers": [phone], "installation": True}
    assert agent.api("POST", "/api/do-not-call", json=body).status_code == 403
    assert admin.api("POST", "/api/do-not-call", json=body).status_code == 200
    (lead,) = agent.imports(phone)
    tab = agent.tab().start()
    tab.wait(lambda tab: [data for _, data in tab.of_lead(lead) if data["held"]])
    assert agent.lead(lead)["held"]["reason"] == "dnc"
    assert agent.lead(lead)["call_status"] == "pending"
    assert twilio.dialled(phone) == [0]


def test_a_refused_number_ends_its_lead_and_not_the_run(agent: Person, twilio: Twilio) -> None:
    """An invalid number is failed with Twilio's reason; the others are called."""
    phones = Numbers.take(3)
    twilio.script(phones[0], refuse=21211)
    leads = agent.imports(*phones)
    tab = agent.tab().start()
    tab.wait(lambda tab: tab.completed() == set(leads))
    assert agent.lead(leads[0])["call_status"] == "failed"
    assert "21211" in agent.lead(leads[0])["reason"]
    assert twilio.dialled(*phones) == [0, 1, 1]


def test_an_unverified_number_waits_a_day_and_the_others_are_called(agent: Person, twilio: Twilio) -> None:
    """What only a person can change at Twilio holds the lead with the reason; nothing is spent."""
    phones = Numbers.take(3)
    twilio.script(phones[0], refuse=21219)
    leads = agent.imports(*phones)
    tab = agent.tab().start()
    tab.wait(lambda tab: tab.completed() == set(leads[1:]))
    lead = agent.lead(leads[0])
    assert lead["call_status"] == "pending"
    assert "21219" in lead["held"]["reason"]
    assert twilio.dialled(*phones) == [0, 1, 1]


def test_throttling_makes_a_lead_wait_and_then_calls_it_once(agent: Person, twilio: Twilio) -> None:
    """429 was never processed: the lead steps back, and is called later, once."""
    phones = Numbers.take(2)
    twilio.script(phones[0], refuse=20429, times=1)
    leads = agent.imports(*phones)
    tab = agent.tab().start()
    finished = tab.wait(Tab.finished)[0]
    assert finished["reason"] == "throttled"
    assert finished["next_at"]
    _ask_when_due(tab, leads)
    assert twilio.dialled(*phones) == [1, 1]


@pytest.mark.parametrize("settings", [{"lines": 0}, {"lines": 21}, {"lines": "many"}, {"agent_phone": "12"}])
def test_settings_that_cannot_be_are_refused_by_name(agent: Person, settings: dict[str, Any]) -> None:
    """A wrong setting is named; nothing is stored."""
    before = _settings(agent)
    answer = agent.api("PUT", "/api/settings", json=settings)
    assert answer.status_code in (400, 422)
    assert next(iter(settings)) in answer.text
    assert _settings(agent) == before


def _settings(agent: Person) -> dict[str, Any]:
    """All of them, without the time of the answer."""
    settings: dict[str, Any] = agent.api("GET", "/api/settings").json()
    assert settings.pop("at")
    return settings


def test_leads_that_are_held_come_back_by_themselves_when_their_hours_begin(waiting: Waiting, twilio: Twilio) -> None:
    """Nobody changes anything: the page asks again at the moment that it was told, and the calls are made."""
    finished = waiting.tab.finished()[0]
    assert parse(finished["next_at"]) == waiting.opens
    held = [data["held"] for data in waiting.tab.events("call:status_updated")[:2]]
    assert [one["reason"] for one in held] == ["hours", "hours"]

    _ask_when_due(waiting.tab, waiting.leads)
    assert twilio.dialled(*waiting.phones) == [1, 1]
    assert all(parse(waiting.agent.lead(lead)["placed_at"]) >= waiting.opens for lead in waiting.leads)


def _ask_when_due(tab: Tab, leads: list[str]) -> None:
    """Do what a page does: `leads:fetched` again at every `next_at`, until all leads have ended."""
    deadline = time.monotonic() + 2 * PATIENCE_S
    asked = 0
    while tab.completed() != set(leads):
        assert time.monotonic() < deadline, tab.received[-5:]
        finished = tab.finished()
        if len(finished) > asked and _is_due(finished[-1]["next_at"]):
            asked = len(finished)
            tab.emit("leads:fetched")
        time.sleep(0.2)


def _is_due(moment: str | None) -> bool:
    return moment is not None and moment <= time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
