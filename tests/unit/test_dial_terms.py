"""What a place asks for is looked at once more behind the claim, from the claimed row: what is missing holds."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from autocall import reasons
from autocall.audio import AGENT as AGENT_FIRST
from autocall.audio import Audio
from autocall.call_outcomes import Throttled
from autocall.calling_hours import Hours
from autocall.hours_file import read_hours
from autocall.leads import Attempt, LeadKey, full_view
from autocall.timing import is_far, now, stamp
from tests.unit import dialer_world
from tests.unit.dialer_world import AGENT, World

ALWAYS = {"week": {"mon-sun": "00:00-24:00"}}
HOURS: Hours = read_hours(
    {
        "world": ALWAYS,
        "countries": {
            "AA": ALWAYS | {"mode": "consent"},
            "BB": ALWAYS | {"mode": "confirm", "for": {"consented": {"mode": "call"}}},
            "CC": ALWAYS | {"for": {"recorded": {"mode": "consent"}}},
        },
    }
)


@pytest.fixture
def world() -> Iterator[World]:
    with dialer_world.world(lines=20) as made:
        made.hours = HOURS
        yield made


def waiting(world: World, place: str, **about: Any) -> str:
    return world.waiting(1, zones=[f"{place}/UTC"], **about)[0]


def held(world: World, lead: str) -> Any:
    return full_view(world.row(lead))["held"]


def test_a_lead_without_the_consent_that_its_place_asks_for_is_not_called(world: World) -> None:
    lead = waiting(world, "AA")
    world.run()
    assert (world.called, held(world, lead)) == ([], {"reason": reasons.CONSENT, "until": None, "needs_person": True})
    assert is_far(world.row(lead)["due"].removeprefix("wait#"))
    assert world.finished["next_at"] is None


def test_a_lead_with_consent_is_called(world: World) -> None:
    waiting(world, "AA", consent_at=stamp(now() - 1))
    world.run()
    assert len(world.called) == 1


@pytest.mark.parametrize("about", [{"consent_at": "some day"}, {"consent_at": stamp(now() - 9), "consent_until": "x"}])
def test_consent_that_cannot_be_read_is_none(world: World, about: dict[str, str]) -> None:
    lead = waiting(world, "AA", **about)
    world.run()
    assert (world.called, held(world, lead)["reason"]) == ([], reasons.CONSENT)


def test_a_lead_that_a_person_must_start_waits_for_that(world: World) -> None:
    lead = waiting(world, "BB")
    world.run()
    assert (world.called, held(world, lead)) == ([], {"reason": reasons.CONFIRM, "until": None, "needs_person": True})


def confirmed(world: World, at: float | None = None) -> str:
    lead = waiting(world, "BB")
    world.run()
    assert world.leads.confirm(LeadKey(AGENT, lead), world.row(lead)["due"], "ada", at or now()).won
    return lead


def test_a_persons_word_starts_the_call_and_is_recorded(world: World) -> None:
    lead = confirmed(world)
    world.run()
    assert len(world.called) == 1
    entry = world.row(lead)["history"][0]
    assert (entry["event"], entry["by"]) == ("confirmed", "ada")


def test_a_persons_word_lasts_two_minutes(world: World) -> None:
    lead = confirmed(world, at=now() - 120)
    world.run()
    assert (world.called, held(world, lead)["reason"]) == ([], reasons.CONFIRM)


@pytest.mark.parametrize("closed", ["paused", "throttled"])
def test_a_persons_word_is_used_up_by_one_claim(world: World, closed: str) -> None:
    """Whatever came of it: the row does not keep it, and the next claim asks again."""
    lead = confirmed(world)
    if closed == "paused":
        claim = world.leads.claim(Attempt(AGENT, lead, "mine"), "run", now())
        assert claim.row["confirmed_by"] == "ada"
        assert world.leads.release(Attempt(AGENT, lead, "mine"), reasons.PAUSED, now() - 1, now()).won
    else:
        world.twilio.outcomes = [Throttled("patience")]
        world.run()
        assert world.leads.unhold(LeadKey(AGENT, lead), world.row(lead)["due"], now(), reasons.THROTTLED).won
    assert "confirmed_until" not in world.row(lead)
    before = len(world.called)
    world.run()
    assert (len(world.called), held(world, lead)["reason"]) == (before, reasons.CONFIRM)


def test_consent_stands_for_a_persons_word_where_the_law_says_so(world: World) -> None:
    waiting(world, "BB", consent_at=stamp(now() - 1))
    world.run()
    assert len(world.called) == 1


def test_a_rule_for_recordings_does_not_bind_where_agents_are_on_the_line(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead = waiting(world, "CC")
    world.run()
    assert held(world, lead)["reason"] == reasons.CONSENT
    on_the_line = Audio(AGENT_FIRST, "Acme", "+12015550199", 30, "https://page.example.com/sorry.xml")
    monkeypatch.setattr(dialer_world, "OPTIONS", replace(dialer_world.OPTIONS, audio=on_the_line))
    world.waiting(1, first=1, zones=["CC/UTC"])
    world.run()
    assert len(world.called) == 1


def test_a_lead_that_its_own_place_holds_spends_no_probe(world: World) -> None:
    """After a rest one call probes: who is held behind the claim has asked Twilio nothing, and the next one does."""
    waiting(world, "BB")
    world.waiting(1, first=1, zones=["DD/UTC"])
    world.resting(-1)
    world.run()
    assert len(world.called) == 1
    assert world.installation.get_installation().resume_at is None


# -- what an operator has closed ---------------------------------------------------------------------------------------


def test_a_place_that_is_closed_is_not_called_and_comes_back_by_itself(world: World) -> None:
    lead = waiting(world, "DD")
    world.installation.close("DD", now() + 600, "operator", now())
    world.run()
    assert (world.called, held(world, lead)) == (
        [],
        {"reason": reasons.CLOSED, "until": stamp(now() + 600), "needs_person": False},
    )
    assert world.finished["next_at"] == stamp(now() + 600)


def test_a_closure_between_the_gate_and_the_post_holds_too(world: World) -> None:
    lead = waiting(world, "DD")
    world.installation.close("DD", now() + 600, "operator", now())
    assert world.lead(lead).outcome == "held"
    assert (world.called, held(world, lead)["reason"]) == ([], reasons.CLOSED)


def test_a_place_that_is_open_again_is_called_by_the_run_of_that(world: World) -> None:
    waiting(world, "DD")
    world.installation.close("DD", now() + 600, "operator", now())
    world.run()
    assert world.installation.reopen("DD", now())
    world.run("hours")
    assert len(world.called) == 1


def test_what_is_still_closed_stays_held_whatever_another_place_does(world: World) -> None:
    lead = waiting(world, "DD")
    world.installation.close("DD", now() + 600, "operator", now())
    world.run()
    world.run("hours")
    assert (world.called, held(world, lead)["reason"]) == ([], reasons.CLOSED)


# -- an installation that answers for its lists ------------------------------------------------------------------------


@pytest.mark.parametrize("cause", ["hours", "mended"])
def test_what_nobody_asks_for_any_more_comes_back(world: World, cause: str) -> None:
    for number, place in enumerate(("AA", "BB")):
        world.waiting(1, first=number, zones=[f"{place}/UTC"])
    world.run()
    world.hours = Hours(HOURS.world, HOURS.jurisdictions, frozenset({"all"}))
    world.run(cause)
    assert len(world.called) == 2


def test_what_is_asked_for_still_is_not_claimed_over_and_over(world: World) -> None:
    lead = waiting(world, "AA")
    world.run()
    before = world.row(lead)["version"]
    for cause in ("hours", "mended", "leads:fetched"):
        world.run(cause)
    assert world.row(lead)["version"] == before
