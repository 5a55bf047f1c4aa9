"""Many numbers go on a do-not-call list, the agent's own or everybody's, and off it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from autocall.leads import Attempt, lead_id, number_hash, number_hashes
from tests.unit import leads_api_world
from tests.unit.leads_api_world import AGENT, OTHER, PHONE, Told, World

FORBID, ALLOW = "POST /api/do-not-call", "DELETE /api/do-not-call"
SECOND = "+12015550124"
LATER = 1_900_000_000.0


@pytest.fixture
def world() -> Iterator[World]:
    with leads_api_world.world() as made:
        yield made


def forbid(world: World, *numbers: Any, **more: Any) -> Told:
    return world.ask(FORBID, {"numbers": numbers}, **more)


def everybodys(world: World, route: str, *numbers: Any, groups: Any = "[admins]") -> Told:
    return world.ask(route, {"numbers": numbers, "installation": True}, groups=groups)


def forbidden_to_all(world: World, phone: str = PHONE) -> bool:
    return world.installation.is_forbidden(number_hash(phone))


# -- the agent's own ---------------------------------------------------------------------------------------------------


def test_a_lead_whose_number_is_forbidden_is_not_called(world: World) -> None:
    lead = world.waiting()
    told = forbid(world, "(201) 555-0123")
    assert told.data == {"forbidden": 1, "refused": [], "list": "own", "lead_ids": [lead], "in_flight": []}
    assert not world.leads.claim(Attempt(AGENT, lead, "attempt"), "run", LATER).won
    assert world.queue.runs == []


def test_a_number_that_is_no_lead_yet_is_not_called_when_it_becomes_one(world: World) -> None:
    assert forbid(world, PHONE).data["lead_ids"] == [lead_id(AGENT, PHONE)]
    lead = world.waiting()
    assert not world.leads.claim(Attempt(AGENT, lead, "attempt"), "run", LATER).won


def test_the_answer_names_the_leads_that_are_being_called_all_the_same(world: World) -> None:
    lead = world.ringing()
    world.waiting(SECOND)
    assert forbid(world, PHONE, SECOND).data["in_flight"] == [lead]


def test_all_tabs_of_the_agent_see_it_and_nobody_elses(world: World) -> None:
    lead = world.waiting()
    world.waiting(user=OTHER)
    world.tab("one")
    world.tab("two")
    world.tab("three", user=OTHER)
    forbid(world, PHONE, SECOND)
    assert {(to, event, data["lead_id"], data["do_not_call"]) for to, event, data in world.sockets.frames} == {
        ("one", "call:status_updated", lead, True),
        ("two", "call:status_updated", lead, True),
    }
    assert "dnc" not in world.row(lead_id(OTHER, PHONE), OTHER)


def test_a_number_that_is_listed_twice_is_forbidden_once(world: World) -> None:
    assert forbid(world, PHONE, "2015550123", PHONE).data["forbidden"] == 1


@pytest.mark.parametrize("number", ["911", "none", "", None, 2015550123, ["+12015550123"], "1" * 101])
def test_what_is_no_number_is_named_by_its_line_and_the_others_are_forbidden(world: World, number: Any) -> None:
    told = forbid(world, PHONE, number, SECOND)
    assert told.data["forbidden"] == 2
    [refused] = told.data["refused"]
    assert refused["line"] == 2
    assert refused["reason"].startswith("the phone number ")


def test_a_file_is_read_like_a_list_of_leads_and_its_lines_are_named(world: World) -> None:
    body = f"Name;phone\nAda;{PHONE}\nTotal\n;{SECOND}\nBob;12\n"
    told = world.ask(FORBID, body=body, content_type="text/csv", query={"first_line": "502"})
    assert told.data["forbidden"] == 2
    assert [one["line"] for one in told.data["refused"]] == [503, 505]


def test_a_table_that_does_not_answer_costs_that_number_only(world: World) -> None:
    world.client.silent = {lead_id(AGENT, PHONE)}
    told = forbid(world, PHONE, SECOND)
    assert told.data["forbidden"] == 1
    assert told.data["refused"] == [
        {"line": 1, "code": "not_stored", "reason": "not stored: send this number again", "retry": True}
    ]
    assert told.data["lead_ids"] == [lead_id(AGENT, SECOND)]


def test_numbers_whose_turn_had_not_come_in_time_are_to_be_sent_again(world: World) -> None:
    told = forbid(world, PHONE, SECOND, left_ms=3000)
    assert (told.data["forbidden"], [one["line"] for one in told.data["refused"]]) == (0, [1, 2])


def test_a_thousand_numbers_are_taken_and_one_more_is_not(world: World) -> None:
    assert len(forbid(world, *["x"] * 1000).data["refused"]) == 1000
    told = forbid(world, PHONE, *["x"] * 1000)
    assert (told.status, told.code, world.client.writes) == (413, "too_many_rows", [])


@pytest.mark.parametrize("body", [{}, {"numbers": PHONE}, {"leads": [PHONE]}, PHONE, 5])
def test_a_body_that_holds_no_list_is_refused(world: World, body: Any) -> None:
    assert (world.ask(FORBID, body).status, world.client.writes) == (400, [])


# -- everybody's -------------------------------------------------------------------------------------------------------


def test_an_admin_forbids_a_number_to_everybody(world: World) -> None:
    lead = world.waiting()
    assert everybodys(world, FORBID, PHONE, "12").data == {
        "forbidden": 1,
        "list": "installation",
        "refused": [
            {
                "line": 2,
                "code": "phone_too_short",
                "reason": "the phone number is too short: an emergency, short or internal number",
                "retry": False,
            }
        ],
    }
    assert forbidden_to_all(world)
    assert "dnc" not in world.row(lead)


def test_an_admin_takes_a_number_off_everybodys_list(world: World) -> None:
    everybodys(world, FORBID, PHONE)
    told = everybodys(world, ALLOW, SECOND, PHONE)
    assert told.data == {
        "allowed": 1,
        "refused": [{"line": 1, "code": "not_listed", "reason": "this number is not on the list", "retry": False}],
    }
    assert not forbidden_to_all(world)


@pytest.mark.parametrize("route", [FORBID, ALLOW])
@pytest.mark.parametrize("groups", [None, "[agents]", ["not-admins"]])
def test_nobody_else_changes_everybodys_list(world: World, route: str, groups: Any) -> None:
    world.installation.add_to_dnc([number_hash(SECOND)], "admin", 1.0)
    before = list(world.client.writes)
    told = everybodys(world, route, PHONE, SECOND, groups=groups)
    assert (told.status, told.code, world.client.writes) == (403, "forbidden", before)


def test_a_number_comes_off_everybodys_list_only_if_that_is_what_is_said(world: World) -> None:
    everybodys(world, FORBID, PHONE)
    assert world.ask(ALLOW, {"numbers": [PHONE]}, groups="[admins]").status == 400
    assert forbidden_to_all(world)


@pytest.mark.parametrize("said", [True, False])
def test_an_admin_says_whose_list_it_is_and_the_answer_says_whose_it_was(world: World, said: bool) -> None:
    """Without a word an admin would take their own list for everybody's."""
    told = world.ask(FORBID, {"numbers": [PHONE]}, groups="[admins]")
    assert (told.status, told.code, world.client.writes) == (400, "whose_list", [])
    told = world.ask(FORBID, {"numbers": [PHONE], "installation": said}, groups="[admins]")
    assert told.data["list"] == ("installation" if said else "own")
    assert forbidden_to_all(world) == said


def test_every_column_of_numbers_is_listed(world: World) -> None:
    third = "+12015550125"
    columns = {"Home": "phone", "Work": "phone"}
    query = {"columns": json.dumps(columns)}
    told = world.ask(FORBID, body=f"Home,Work\n{PHONE},{SECOND}\n,{third}\n", content_type="text/csv", query=query)
    assert (told.data["forbidden"], told.data["refused"]) == (3, [])


def test_a_column_that_says_who_is_meant_is_heeded_to_list_and_to_take_off(world: World) -> None:
    body = f"phone,do_not_call\n{PHONE},Y\n{SECOND},N\n"
    query = {"installation": "true"}
    told = world.ask(FORBID, body=body, content_type="text/csv", groups="[admins]", query=query)
    assert (told.data["forbidden"], forbidden_to_all(world), forbidden_to_all(world, SECOND)) == (1, True, False)
    everybodys(world, FORBID, SECOND)
    told = world.ask(ALLOW, body=body, content_type="text/csv", groups="[admins]", query=query)
    assert (told.data["allowed"], forbidden_to_all(world), forbidden_to_all(world, SECOND)) == (1, True, False)


def test_a_line_goes_on_everybodys_list_and_off_it_in_any_spelling(world: World) -> None:
    given, canonical = "+5491123456789", "+541123456789"
    everybodys(world, FORBID, given)
    assert world.installation.is_forbidden(*number_hashes(canonical))
    assert everybodys(world, ALLOW, canonical).data["allowed"] == 1
    assert not world.installation.is_forbidden(*number_hashes(given))


def test_the_ftcs_file_of_area_codes_and_numbers_is_read(world: World) -> None:
    told = world.ask(FORBID, body="201,5550123\n201,5550124\n", content_type="text/csv")
    assert (told.data["forbidden"], told.data["refused"]) == (2, [])
