"""Administrators see which agent called a number last, and let the others call it all the same."""

from collections.abc import Iterator
from typing import Any

import pytest

from autocall import reasons
from autocall.called import Called
from autocall.leads import Attempt, LeadKey, lead_id, number_hash
from autocall.timing import DAY_S, now, stamp
from tests.unit import leads_api_world
from tests.unit.leads_api_world import AGENT, OTHER, PHONE, Told, World

SHOW, LIFT = "POST /api/called", "DELETE /api/called"
CALLER = "caller"


@pytest.fixture
def world() -> Iterator[World]:
    with leads_api_world.world() as made:
        made.called.mark(
            number_hash(PHONE), Called(), Attempt(CALLER, "lead", "attempt"), now() - 60, now() + 30 * DAY_S
        )
        yield made


def admin(world: World, route: str, phone: Any = PHONE) -> Told:
    return world.ask(route, {"phone": phone}, groups="[admins]")


def held(world: World, user: str) -> str:
    """A lead of this agent's that waits for what a colleague's call asks."""
    lead = lead_id(user, PHONE)
    assert world.leads.create(LeadKey(user, lead), {"phone": PHONE}, now() - 100, now() - 100).won
    due = world.leads.get(LeadKey(user, lead))["due"]
    assert world.leads.hold(LeadKey(user, lead), due, reasons.COLLEAGUE, now() + 30 * DAY_S, now()).won
    return lead


def test_an_admin_sees_who_called_and_until_when_the_others_wait(world: World) -> None:
    answer = admin(world, SHOW, "(201) 555-0123")
    assert answer.status == 200
    assert answer.data["agent"] == CALLER
    assert answer.data["recent"] == [answer.data["at"]]
    assert answer.data["colleagues_until"] == stamp(now() - 60 + 30 * DAY_S)
    assert answer.data["lifted"] is None


@pytest.mark.parametrize("route", [SHOW, LIFT])
def test_nobody_else_learns_who_called_or_lifts_it(world: World, route: str) -> None:
    answer = world.ask(route, {"phone": PHONE})
    assert (answer.status, answer.code) == (403, "forbidden")
    assert CALLER not in answer.body


@pytest.mark.parametrize(("phone", "code"), [("+12015550124", "not_called"), ("x", "bad_field"), (7, "bad_field")])
def test_a_number_that_nobody_called_has_no_answer(world: World, phone: Any, code: str) -> None:
    assert admin(world, SHOW, phone).code == code


def test_what_is_lifted_releases_the_leads_that_waited_for_it_and_runs_follow(world: World) -> None:
    mine, theirs = held(world, AGENT), held(world, OTHER)
    world.agents.connect(OTHER, "tab", int(now()) + 3600, now())
    answer = admin(world, LIFT)
    assert (answer.status, answer.data["colleagues_until"], answer.data["lifted"]["by"]) == (200, None, AGENT)
    for user, lead in ((AGENT, mine), (OTHER, theirs)):
        row = world.leads.get(LeadKey(user, lead))
        assert "held" not in row
        assert row["due"] <= f"wait#{stamp(now())}"
    assert {user for user, _ in world.queue.runs} == {AGENT, OTHER}


def test_a_repeat_releases_what_the_first_request_did_not_come_to(world: World) -> None:
    world.queue.fails = 1
    lead = held(world, AGENT)
    with pytest.raises(Exception, match="try again"):
        admin(world, LIFT)
    assert admin(world, LIFT).status == 200
    assert world.queue.runs == [(AGENT, "allowed")]
    assert "held" not in world.leads.get(LeadKey(AGENT, lead))


def test_a_lead_that_waits_for_something_else_goes_on_waiting(world: World) -> None:
    lead = lead_id(AGENT, PHONE)
    assert world.leads.create(LeadKey(AGENT, lead), {"phone": PHONE}, now() - 100, now() - 100).won
    assert world.leads.hold(
        LeadKey(AGENT, lead), world.leads.get(LeadKey(AGENT, lead))["due"], reasons.HOURS, now() + 60, now()
    ).won
    admin(world, LIFT)
    assert world.leads.get(LeadKey(AGENT, lead))["held"]["reason"] == reasons.HOURS


def test_a_call_that_overtakes_it_is_not_lifted(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    read = world.called.get

    def overtaken(number: str, moment: float) -> Called:
        seen = read(number, moment)
        world.called.mark(number, seen, Attempt(OTHER, "lead", "later"), moment, moment + DAY_S)
        return seen

    monkeypatch.setattr(world.called, "get", overtaken)
    assert admin(world, LIFT).code == "changed_meanwhile"


def test_may_call_names_the_colleague_and_the_cap(world: World) -> None:
    answer = world.ask("POST /api/may-call", {"phone": PHONE, "at": "2026-12-01T17:00:00Z"})
    assert (answer.data["may"], answer.data["reason"]) == (False, reasons.COLLEAGUE)
