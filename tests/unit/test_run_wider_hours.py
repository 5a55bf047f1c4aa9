"""A run for an agent whose hours have widened: what the hours of before hold comes back, whoever held it and when."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from autocall.call_outcomes import Refused
from autocall.gates import Held
from autocall.leads import LeadKey
from autocall.queued_run import Causes
from autocall.timing import now
from tests.unit import dialer_world
from tests.unit.dialer_world import AGENT, World, phone

BERLIN = "DE/Europe/Berlin"
NOT_TODAY = {"from": "09:00", "to": "09:01", "days": [(datetime.now(UTC).isoweekday() + 2) % 7 + 1]}


@pytest.fixture
def world() -> Iterator[World]:
    with dialer_world.world(lines=3) as made:
        yield made


def _held(world: World, count: int = 1, reason: str = "hours", until: float = 3600) -> list[str]:
    leads = world.waiting(count, zones=[BERLIN])
    for index, lead in enumerate(leads):
        assert world.leads.hold(LeadKey(AGENT, lead), world.row(lead)["due"], reason, now() + until + index, now()).won
    return leads


def test_what_hours_held_is_called_in_its_order(world: World) -> None:
    _held(world, 3)
    world.run("hours")
    assert world.called == [phone(0), phone(1), phone(2)]


def test_any_other_run_leaves_it_held(world: World) -> None:
    _held(world)
    world.run("settings")
    assert world.called == []


def test_what_a_run_went_on_holding_by_the_hours_of_before_comes_back_too(world: World) -> None:
    """The hours widen in the middle of that run; the next one was queued by that, and comes after it."""
    world.agents.update_profile(AGENT, {"window": NOT_TODAY})
    world.waiting(3, zones=[BERLIN])
    hold = world.leads.hold

    def widened_after_the_first(*of: Any) -> Any:
        world.agents.update_profile(AGENT, {"window": None})
        return hold(*of)

    world.leads.hold = widened_after_the_first  # type: ignore[method-assign]
    world.run()
    assert (world.called, world.finished["held"]) == ([], 3)
    world.run("hours")
    assert world.called == [phone(0), phone(1), phone(2)]


def test_all_tabs_see_it_come_back(world: World) -> None:
    (lead,) = _held(world)
    world.agents.update_profile(AGENT, {"paused": True})
    world.tab("other")
    world.run("hours")
    told = [(to, data["lead_id"], data["held"]) for to, event, data in world.sockets.frames if event.startswith("call")]
    assert told == [("other", lead, None), ("tab", lead, None)]


@pytest.mark.parametrize("reason", ["Twilio refused the call (21215)", "throttled", "dnc"])
def test_what_something_else_holds_stays_held(world: World, reason: str) -> None:
    (lead,) = _held(world, reason=reason)
    before = world.row(lead)
    world.run("hours")
    assert world.row(lead) == before


@pytest.mark.parametrize("reason", ["zone", "window"])
def test_what_was_held_for_where_it_is_comes_back_once_that_is_known(world: World, reason: str) -> None:
    """Two zones that were never open together within a narrow window, or a lead that has been told its time zone."""
    _held(world, reason=reason, until=86_400)
    world.run("hours")
    assert world.called == [phone(0)]


def test_what_a_run_holds_together_is_left_where_it_is(world: World) -> None:
    """It comes back a moment after one another, when the hours open: none of it would be called sooner."""
    world.agents.update_profile(AGENT, {"window": NOT_TODAY})
    leads = world.waiting(20, zones=[BERLIN])
    world.run()
    before = [world.row(lead) for lead in leads]
    world.run("hours")
    assert [world.row(lead) for lead in leads] == before


def test_what_twilio_refused_is_tried_again_when_a_person_says_that_it_is_mended(world: World) -> None:
    """Anew: what it had waited before does not count any more."""
    (lead,) = world.waiting()
    world.twilio.outcomes = [Refused("permission", 21215, "Twilio refused the call (21215)")]
    world.run()
    world.run("mended")
    assert world.called == [phone(0), phone(0)]
    assert "releases" not in world.row(lead)


def test_what_hours_hold_is_not_mended_by_a_persons_word(world: World) -> None:
    _held(world)
    world.run("mended")
    assert world.called == []


def test_what_would_not_be_called_sooner_is_left_alone(world: World) -> None:
    """A window that is closed now, and opens later than the lead is due anyway."""
    (lead,) = _held(world, until=60)
    world.agents.update_profile(AGENT, {"window": NOT_TODAY})
    before = world.row(lead)
    world.run("hours")
    assert world.row(lead) == before


def test_a_run_that_cannot_bring_all_back_in_its_time_queues_another_for_the_rest(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    leads = _held(world, 3)
    late: list[float] = [0]
    monkeypatch.setattr("functions.dialer.stale_holds.now", lambda: now() + late[0])
    unhold = world.leads.unhold

    def slow(*of: Any) -> Any:
        late.append(late.pop() + 10)
        return unhold(*of)

    world.leads.unhold = slow  # type: ignore[method-assign]
    world.agents.update_profile(AGENT, {"paused": True})
    world.run("hours")
    assert ["held" in world.row(lead) for lead in leads] == [False, True, True]
    assert world.queue.runs == [(AGENT, "hours", "run")]
    assert world.queue.done_with == []


def test_what_comes_back_stands_where_it_stood_in_the_list_whatever_held_it(world: World) -> None:
    """Across runs, and before whatever was imported since."""
    leads = world.waiting(4, zones=[BERLIN])
    for lead, until in zip(reversed(leads), (100, 300, 200, 400), strict=True):
        assert world.leads.hold(LeadKey(AGENT, lead), world.row(lead)["due"], "hours", now() + until, now()).won
    world.waiting(1, first=9, due_in=-1)
    world.lines = 9
    world.run("hours")
    assert world.called == [phone(0), phone(1), phone(2), phone(3), phone(9)]


def test_what_another_run_was_asked_for_is_done_by_this_one(world: World) -> None:
    """Its message was lost, or that run died: the agent's mark still has it."""
    _held(world, 2)
    world.queue.causes = Causes(hours="asked")
    world.run("call ended")
    assert world.called == [phone(0), phone(1)]
    assert world.queue.done_with == [("hours", "asked")]


def test_what_only_a_person_can_let_out_stays_held(world: World) -> None:
    """Nobody knows where it is, so no hour would open it."""
    (lead,) = world.waiting(1)
    assert world.leads.hold(LeadKey(AGENT, lead), world.row(lead)["due"], "zone", now() + 1e6, now()).won
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("functions.dialer.lead_gates.LeadGates.held", lambda *_: Held("zone"))
        world.run("hours")
    assert world.row(lead)["held"]["reason"] == "zone"
