"""Overdue rows: Twilio is asked what became of the call, and nothing is assumed from the clock."""

from collections.abc import Iterator
from typing import Any

import pytest

from autocall import leads
from autocall.call_outcomes import TwilioCall
from autocall.leads import Attempt, LeadKey
from autocall.timing import now, parse, stamp
from tests.unit import dialer_world
from tests.unit.dialer_world import AGENT, SENDER, TIMING, World

SID = "CA9"


@pytest.fixture
def world() -> Iterator[World]:
    with dialer_world.world() as made:
        yield made


def _call(status: str, made_ago: float, sid: str = SID) -> TwilioCall:
    return TwilioCall(sid, status, SENDER, now() - made_ago, 12 if status == "completed" else None)


def _settle(world: World, lead: str, *known: TwilioCall) -> Any:
    world.twilio.known = list(known)
    return world.repair.reconcile(LeadKey(AGENT, lead))


def _ahead(row: dict[str, Any]) -> float:
    return parse(row["due"][5:]) - now()


@pytest.mark.parametrize("status", leads.FINAL)
def test_a_call_that_has_ended_at_twilio_has_ended(world: World, status: str) -> None:
    lead = world.live("ringing", ago=600)
    settled = _settle(world, lead, _call(status, 599))
    assert settled.won
    assert (world.status(lead), "due" in world.row(lead)) == (status, False)
    assert world.row(lead)["history"][-1]["evidence"] == "asked Twilio"
    assert world.twilio.asked == [SID]


def test_a_call_that_has_come_further_is_shown_where_it_is(world: World) -> None:
    lead = world.live("ringing", ago=600)
    assert _settle(world, lead, _call("in-progress", 599)).won
    assert world.status(lead) == "in-progress"


@pytest.mark.parametrize(("status", "again_in"), [("ringing", 30), ("in-progress", 300)])
def test_a_call_that_is_where_it_was_is_asked_about_later(world: World, status: str, again_in: float) -> None:
    lead = world.live(status, ago=600)
    version = world.row(lead)["version"]
    assert not _settle(world, lead, _call(status, 599)).won
    assert _ahead(world.row(lead)) == again_in
    assert world.row(lead)["version"] == version


def test_a_report_that_lags_behind_sets_nothing_back(world: World) -> None:
    lead = world.live("in-progress", ago=600)
    assert not _settle(world, lead, _call("ringing", 599)).won
    assert world.status(lead) == "in-progress"


def test_a_status_that_nobody_knows_changes_nothing(world: World) -> None:
    lead = world.live("ringing", ago=600)
    assert not _settle(world, lead, _call("on-hold", 599)).won
    assert world.status(lead) == "ringing"


@pytest.mark.parametrize("state", ["claimed", "unknown", "live", "lost"])
def test_a_twilio_that_cannot_say_changes_nothing_but_when_to_ask(world: World, state: str) -> None:
    lead = getattr(world, state)(ago=7200)
    before = world.row(lead)
    world.twilio.unreachable = True
    assert not _settle(world, lead).won
    after = world.row(lead)
    assert {name for name in after if after[name] != before[name]} == {"due", "write_id"}
    assert after["due"][:5] == before["due"][:5]
    assert _ahead(after) > 0


# -- a call of which no SID is known -----------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["claimed", "unknown", "lost"])
def test_the_single_call_that_fits_is_adopted(world: World, state: str) -> None:
    lead = getattr(world, state)(ago=4000)
    assert _settle(world, lead, _call("completed", 3999)).won
    assert (world.status(lead), world.row(lead)["call_sid"]) == ("completed", SID)


@pytest.mark.parametrize("after_claim", [[], [-100], [100], [1, 2]], ids=["none", "too early", "too late", "two"])
def test_a_claimed_lead_whose_call_is_not_certain_is_unknown_and_never_called_again(
    world: World, after_claim: list[float]
) -> None:
    lead = world.claimed(ago=4000)
    calls = [_call("completed", 4000 - after, f"CA{after}") for after in after_claim]
    assert _settle(world, lead, *calls).won
    row = world.row(lead)
    assert (row["call_status"], row["has_been_called"]) == ("unknown", True)


def test_an_unknown_call_is_asked_about_until_the_bound_and_then_waits_for_a_person(world: World) -> None:
    early, late = TIMING.give_up_after - 10, TIMING.give_up_after + 10
    lead = world.unknown(ago=early)
    assert not _settle(world, lead).won
    assert not leads.can_release(world.row(lead))
    row = world.row(lead) | {"claimed_at": stamp(now() - late)}
    settled = world.repair._not_found(row)
    assert settled.won
    assert settled.row["due"].startswith("lost#")
    assert settled.row["call_status"] == "unknown"
    assert leads.can_release(settled.row)


@pytest.mark.parametrize(("ago", "again_in"), [(5000, 5000), (20_000, 20_000), (10**6, 86_400)])
def test_a_lost_call_is_asked_about_ever_more_rarely(world: World, ago: float, again_in: float) -> None:
    lead = world.lost(ago=ago)
    assert not _settle(world, lead).won
    assert _ahead(world.row(lead)) == again_in
    assert world.row(lead)["due"].startswith("lost#")


def test_a_live_call_that_twilio_has_forgotten_ends_as_failed_past_the_bound(world: World) -> None:
    young = world.live(ago=TIMING.give_up_after - 60)
    assert not _settle(world, young).won
    assert world.status(young) == "ringing"
    row = world.row(young) | {"claimed_at": stamp(now() - TIMING.give_up_after - 1)}
    old = world.repair._not_found(row)
    assert (old.won, old.row["call_status"]) == (True, "failed")


# -- which rows --------------------------------------------------------------------------------------------------------


def test_the_longest_overdue_are_asked_about_first_and_five_at_most(world: World) -> None:
    rows = [{"lead_id": str(age), "due": f"busy#{stamp(now() - age)}"} for age in range(10, 90, 10)]
    rows += [{"lead_id": "lost", "due": f"lost#{stamp(now() - 999)}"}]
    rows += [{"lead_id": "not yet", "due": f"busy#{stamp(now() + 9)}"}]
    assert [row["lead_id"] for row in world.repair.overdue(rows, now())] == ["lost", "80", "70", "60", "50"]


def test_a_row_that_changed_meanwhile_is_left_alone(world: World) -> None:
    lead = world.waiting()[0]
    assert not world.repair.reconcile(LeadKey(AGENT, lead)).won
    assert not world.repair.reconcile(LeadKey(AGENT, "no such lead")).won
    assert world.twilio.asked == []


def test_a_lead_without_a_number_is_not_asked_about_by_it(world: World) -> None:
    """A lead that was deleted while it waited for a person has lost its number."""
    lead = world.unknown(ago=600)
    world.leads._client.update_item(
        TableName="Leads",
        Key={"user_id": {"S": AGENT}, "lead_id": {"S": lead}},
        UpdateExpression="REMOVE phone",
    )
    assert not _settle(world, lead, _call("completed", 599)).won
    assert world.twilio.asked == []


# -- a line that nobody needs any more ---------------------------------------------------------------------------------


def test_an_unknown_call_that_cannot_ring_any_more_and_is_not_listed_holds_no_line(world: World) -> None:
    """It is asked about on, and no person may call again, until the bound."""
    lead = world.unknown(ago=TIMING.rung_out + 1)
    version = world.row(lead)["version"]
    assert not _settle(world, lead).won
    row = world.row(lead)
    assert (row["call_status"], row["due"][:5], row["version"]) == ("unknown", "lost#", version)
    assert _ahead(row) == TIMING.margin
    assert not leads.can_release(row)
    assert not world.leads.release_by_agent(Attempt(AGENT, lead, "mine"), AGENT, now()).won


def test_an_unknown_call_that_may_still_ring_holds_its_line(world: World) -> None:
    lead = world.unknown(ago=TIMING.rung_out - 1)
    _settle(world, lead)
    assert world.row(lead)["due"].startswith("busy#")


def test_a_call_that_twilio_cannot_say_anything_of_holds_its_line(world: World) -> None:
    lead = world.unknown(ago=TIMING.rung_out + 100)
    world.twilio.unreachable = True
    _settle(world, lead)
    assert world.row(lead)["due"].startswith("busy#")


def test_a_call_that_shows_up_after_its_line_was_freed_is_believed(world: World) -> None:
    ago = TIMING.rung_out + 1
    lead = world.unknown(ago=ago)
    _settle(world, lead)
    assert _settle(world, lead, _call("in-progress", ago)).won
    row = world.row(lead)
    assert (row["call_status"], row["due"][:5], "asking" in row) == ("in-progress", "busy#", False)


def test_past_the_bound_a_freed_line_is_a_persons_to_settle(world: World) -> None:
    lead = world.unknown(ago=TIMING.rung_out + 1)
    _settle(world, lead)
    settled = world.repair._not_found(world.row(lead) | {"claimed_at": stamp(now() - TIMING.give_up_after - 1)})
    assert settled.won
    assert leads.can_release(settled.row)
    assert world.leads.release_by_agent(Attempt(AGENT, lead, "mine"), AGENT, now()).won


def test_what_is_asked_about_later_is_told_with_the_moment_of_that(world: World) -> None:
    lead = world.live("ringing", ago=600)
    assert _settle(world, lead, _call("ringing", 599)).row["due"] == world.row(lead)["due"]
