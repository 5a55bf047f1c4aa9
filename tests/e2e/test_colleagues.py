"""On the running stack: two agents with one list, at the same moments; each number is called once, by one of them.

Thirty numbers; `NUMBERS=200 pytest tests/e2e/test_colleagues.py` takes so many.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from autocall.leads import FINAL
from tests.e2e.agents import Numbers, Person, Tab, Twilio

NUMBERS = int(os.environ.get("NUMBERS", "30"))
LINES = 5
QUICK = {"outcome": "completed", "ring_s": 0, "talk_s": 0}


def test_two_agents_with_one_list_call_each_number_once_and_an_administrator_may_lift_that(
    someone: Callable[..., Person], twilio: Twilio
) -> None:
    ada, grace, phones = someone("admins"), someone(), Numbers.take(NUMBERS)
    for phone in phones:
        twilio.script(phone, **QUICK)
    with ThreadPoolExecutor(2) as both:
        leads = list(both.map(lambda person: _imports(person, phones), (ada, grace)))
        tabs = list(both.map(_goes_through, (ada, grace), leads))

    rows = [_by_number(person) for person in (ada, grace)]
    outcomes = {phone: sorted(_outcome(of[phone]) for of in rows) for phone in phones}
    assert {phone: kinds for phone, kinds in outcomes.items() if kinds != ["called", "colleague"]} == {}
    assert twilio.dialled(*phones) == [1] * NUMBERS
    called_by_ada = [phone for phone in phones if _outcome(rows[0][phone]) == "called"]
    assert 0 < len(called_by_ada) < NUMBERS, "they did not race"

    phone = called_by_ada[0]
    asked = ada.api("POST", "/api/called", json={"phone": phone}).json()
    assert asked["agent"] == ada.user_id
    assert asked["colleagues_until"]
    assert grace.api("POST", "/api/called", json={"phone": phone}).status_code == 403
    assert grace.api("DELETE", "/api/called", json={"phone": phone}).status_code == 403
    assert ada.api("DELETE", "/api/called", json={"phone": phone}).json()["colleagues_until"] is None
    lead = rows[1][phone]["lead_id"]
    tabs[1].ask_until(lambda: lead in tabs[1].completed())
    assert twilio.dialled(*phones) == [1 + (each == phone) for each in phones]


def _imports(person: Person, phones: list[str]) -> list[str]:
    """Their page is not open yet: nobody is called."""
    assert person.api("PUT", "/api/settings", json={"lines": LINES}).status_code == 200
    return person.imports(*phones)


def _goes_through(person: Person, leads: list[str]) -> Tab:
    """A page that has heard of each lead that it was called, or waits for the days of a colleague's call to pass."""
    tab = person.tab().start()
    tab.ask_until(lambda: _heard_of(tab) >= set(leads))
    return tab


def _heard_of(tab: Tab) -> set[str]:
    return {data["lead_id"] for data in tab.events("call:") if _outcome(data) in ("called", "colleague")}


def _by_number(person: Person) -> dict[str, dict[str, Any]]:
    return {lead["phone"]: lead for lead in person.leads()}


def _outcome(lead: dict[str, Any]) -> str:
    if lead["call_status"] in FINAL:
        return "called"
    return str((lead["held"] or {}).get("reason") or lead["call_status"])
