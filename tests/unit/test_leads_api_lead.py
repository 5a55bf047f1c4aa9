"""One lead over the HTTP API: seen, deleted, forbidden, allowed; and never somebody else's."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from autocall.dynamo import WriteResult
from autocall.leads import Attempt, LeadKey, lead_id
from tests.unit import leads_api_world
from tests.unit.leads_api_world import AGENT, OTHER, PHONE, World

SHOW, DELETE = "GET /api/leads/{id}", "DELETE /api/leads/{id}"
FORBID, ALLOW = "PUT /api/leads/{id}/do-not-call", "DELETE /api/leads/{id}/do-not-call"
RELEASE = "POST /api/leads/{id}/release"


@pytest.fixture
def world() -> Iterator[World]:
    with leads_api_world.world() as made:
        yield made


def test_a_lead_is_shown_with_all_that_happened_to_it(world: World) -> None:
    lead = world.ended("CA7", name="Ann")
    world.leads.add_stray(Attempt(AGENT, lead, "earlier"), "CA6", "ringing", 1.0)
    told = world.ask(SHOW, lead=lead)
    assert told.status == 200
    assert (told.data["lead_id"], told.data["phone"], told.data["name"]) == (lead, PHONE, "Ann")
    assert [entry["event"] for entry in told.data["history"]] == ["ringing", "completed"]
    assert [stray["call_sid"] for stray in told.data["strays"]] == ["CA6"]


def test_a_lead_to_which_nothing_happened_has_an_empty_history(world: World) -> None:
    told = world.ask(SHOW, lead=world.waiting())
    assert (told.data["history"], told.data["strays"], told.data["dnc_removed"]) == ([], [], None)


def test_a_deleted_lead_leaves_no_personal_data_and_is_not_shown(world: World) -> None:
    lead = world.ended(name="Ann", note="at home")
    assert world.ask(DELETE, lead=lead).status == 204
    assert world.ask(SHOW, lead=lead).status == 404
    assert not {"phone", "name", "note", "zones"} & set(world.row(lead))
    assert world.row(lead)["has_been_called"] is True


def test_a_lead_is_not_deleted_while_its_call_is_in_flight(world: World) -> None:
    lead = world.ringing()
    told = world.ask(DELETE, lead=lead)
    assert (told.status, told.code) == (409, "call_in_flight")
    assert world.row(lead)["phone"] == PHONE


def test_a_lead_is_deleted_once(world: World) -> None:
    lead = world.waiting()
    assert [world.ask(DELETE, lead=lead).status for _ in range(2)] == [204, 404]


def test_deleting_is_recorded_with_who_did_it(world: World) -> None:
    lead = world.waiting()
    world.ask(DELETE, lead=lead)
    assert [(entry["event"], entry["by"]) for entry in world.row(lead)["history"]] == [("deleted", AGENT)]


def test_a_forbidden_lead_is_not_claimed_any_more(world: World) -> None:
    lead = world.waiting()
    told = world.ask(FORBID, lead=lead)
    assert told.data["do_not_call"] is True
    assert told.data["held"] == {"reason": "dnc", "until": None, "needs_person": False}
    assert not world.leads.claim(Attempt(AGENT, lead, "attempt"), "run", 1_900_000_000.0).won


def test_the_answer_to_do_not_call_names_the_call_that_is_in_flight(world: World) -> None:
    told = world.ask(FORBID, lead=world.claimed())
    assert (told.data["call_status"], told.data["attempt_id"]) == ("claimed", "attempt")


@pytest.mark.parametrize("status", ["waiting", "ringing", "ended"])
def test_all_tabs_see_a_do_not_call_as_an_update_and_never_as_a_call_that_starts_or_ends(
    world: World, status: str
) -> None:
    lead = getattr(world, status)()
    world.tab("one")
    world.tab("two")
    world.tab("three", user=OTHER)
    world.ask(FORBID, lead=lead)
    assert [(to, event) for to, event, _ in world.sockets.frames] == [
        ("one", "call:status_updated"),
        ("two", "call:status_updated"),
    ]
    data = world.sockets.frames[0][2]
    assert (data["lead_id"], data["do_not_call"]) == (lead, True)
    assert "phone" not in data


def test_an_allowed_lead_is_due_at_once_and_a_run_is_queued(world: World) -> None:
    lead = world.waiting()
    world.ask(FORBID, lead=lead)
    world.leads.park(LeadKey(AGENT, lead), 1.0)
    told = world.ask(ALLOW, lead=lead)
    assert (told.status, told.data["do_not_call"], told.data["held"]) == (200, False, None)
    assert world.leads.claim(Attempt(AGENT, lead, "attempt"), "run", 1_900_000_000.0).won
    assert world.queue.runs == [(AGENT, "allowed")]


def test_taking_a_number_off_the_list_is_recorded(world: World) -> None:
    lead = world.waiting()
    world.ask(FORBID, lead=lead)
    world.ask(ALLOW, lead=lead)
    assert world.ask(SHOW, lead=lead).data["dnc_removed"]["by"] == AGENT


def test_a_called_lead_that_is_allowed_again_is_not_called_again(world: World) -> None:
    lead = world.ended()
    world.ask(FORBID, lead=lead)
    assert world.ask(ALLOW, lead=lead).data["call_status"] == "completed"
    assert world.queue.runs == []
    assert "due" not in world.row(lead)


def test_allowing_what_was_never_forbidden_changes_nothing(world: World) -> None:
    lead = world.waiting()
    before = world.row(lead)
    assert world.ask(ALLOW, lead=lead).status == 200
    assert world.row(lead) == before
    assert (world.queue.runs, world.sockets.frames) == ([], [])


def test_an_allowed_lead_whose_run_could_not_be_queued_is_made_up_for_by_the_repeat(world: World) -> None:
    lead = world.waiting()
    world.ask(FORBID, lead=lead)
    world.queue.fails = 1
    with pytest.raises(ClientError):
        world.ask(ALLOW, lead=lead)
    before = world.row(lead)
    assert world.ask(ALLOW, lead=lead).data["do_not_call"] is False
    assert world.queue.runs == [(AGENT, "allowed")]
    assert world.row(lead) == before


def test_a_called_lead_that_is_allowed_keeps_its_number(world: World) -> None:
    lead = world.ended()
    world.ask(FORBID, lead=lead)
    assert world.ask(ALLOW, lead=lead).data["phone"] == PHONE


def test_a_number_that_is_no_lead_yet_can_be_allowed_again(world: World) -> None:
    """There is nothing to show of it, and nothing of it is kept but that it was on the list."""
    lead = lead_id(AGENT, PHONE)
    world.leads.add_to_dnc(LeadKey(AGENT, lead), PHONE, AGENT, 1.0)
    told = [world.ask(ALLOW, lead=lead) for _ in range(2)]
    assert [(answer.status, answer.body) for answer in told] == [(204, "")] * 2
    row = world.row(lead)
    assert row["dnc_removed"]["by"] == AGENT
    assert not {"dnc", "phone"} & set(row)
    assert world.queue.runs == []


@pytest.mark.parametrize("status", ["waiting", "ended"])
def test_a_deleted_leads_number_is_kept_no_longer_than_it_is_on_the_list(world: World, status: str) -> None:
    lead = getattr(world, status)()
    world.ask(DELETE, lead=lead)
    assert world.ask("POST /api/do-not-call", {"numbers": [PHONE]}).data["lead_ids"] == [lead]
    assert world.ask(ALLOW, lead=lead).status == 204
    row = world.row(lead)
    assert "deleted_at" in row
    assert not {"dnc", "phone", "due"} & set(row)
    assert (world.queue.runs, world.sockets.frames) == ([], [])


def test_a_deleted_lead_that_was_never_forbidden_cannot_be_allowed(world: World) -> None:
    lead = world.waiting()
    world.ask(DELETE, lead=lead)
    assert world.ask(ALLOW, lead=lead).status == 404


@pytest.mark.parametrize("meanwhile", ["create", "delete"])
def test_a_lead_that_comes_or_goes_while_it_is_allowed_keeps_its_number_only_if_it_is_one(
    world: World, meanwhile: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the two writes that a removal tries."""
    lead = world.ended() if meanwhile == "delete" else lead_id(AGENT, PHONE)
    world.leads.add_to_dnc(LeadKey(AGENT, lead), PHONE, AGENT, 1.0)
    visible = world.leads._apply

    def first(*args: Any, **kwargs: Any) -> WriteResult:
        monkeypatch.setattr(world.leads, "_apply", visible)
        written = visible(*args, **kwargs)
        assert not written.won
        if meanwhile == "delete":
            assert world.leads.delete(LeadKey(AGENT, lead), AGENT, 1.0).won
        else:
            world.waiting()
        return written

    monkeypatch.setattr(world.leads, "_apply", first)
    allowed = world.leads.remove_from_dnc(LeadKey(AGENT, lead), AGENT, 1.0)
    assert (allowed.won, allowed.row.get("dnc")) == (True, None)
    assert allowed.row.get("phone") == (PHONE if meanwhile == "create" else None)


@pytest.mark.parametrize("route", [SHOW, FORBID])
def test_a_number_that_is_no_lead_yet_is_not_shown_as_one(world: World, route: str) -> None:
    lead = lead_id(AGENT, PHONE)
    world.leads.add_to_dnc(LeadKey(AGENT, lead), PHONE, AGENT, 1.0)
    assert world.ask(route, lead=lead).status == 404


@pytest.mark.parametrize("route", [SHOW, DELETE, FORBID, ALLOW, RELEASE])
def test_somebody_elses_lead_is_no_lead(world: World, route: str) -> None:
    """The same answer as for a lead that never was, and nothing is written."""
    lead = world.lost(user=OTHER)
    before = world.row(lead, OTHER)
    told = world.ask(route, {"attempt_id": "attempt"} if route == RELEASE else None, lead=lead)
    assert (told.status, told.code) == (404, "not_found")
    assert told == world.ask(route, {"attempt_id": "attempt"} if route == RELEASE else None, lead="A" * 43)
    assert world.row(lead, OTHER) == before
    assert world.row(lead) == {}


@pytest.mark.parametrize("route", [SHOW, DELETE, FORBID, ALLOW, RELEASE])
@pytest.mark.parametrize("lead", ["", " ", "../other", "a/b", "#installation", "x" * 2000, "lead\n", "é", "a\x00b"])
def test_what_cannot_be_a_leads_id_is_no_lead(world: World, route: str, lead: str) -> None:
    assert world.ask(route, lead=lead).status == 404


def test_a_lead_that_is_deleted_while_it_is_forbidden_is_no_lead_any_more_and_stays_forbidden(world: World) -> None:
    lead = world.ended("CA7")
    world.overtake("add_to_dnc", lambda: world.leads.delete(LeadKey(AGENT, lead), AGENT, 1.0))
    assert world.ask(FORBID, lead=lead).code == "not_found"
    assert world.leads.get(LeadKey(AGENT, lead))["dnc"]["by"] == AGENT
