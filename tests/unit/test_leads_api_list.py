"""The list of leads, a page at a time."""

import base64
from collections.abc import Iterator
from typing import Any

import pytest

from autocall.leads import LeadKey
from functions.leads_api.phone_display import phone_display
from tests.unit import leads_api_world
from tests.unit.leads_api_world import AGENT, OTHER, PHONE, World

LIST = "GET /api/leads"


@pytest.fixture
def world() -> Iterator[World]:
    with leads_api_world.world() as made:
        yield made


def phones(count: int) -> list[str]:
    return [f"+1201555{index:04}" for index in range(count)]


def test_a_lead_is_listed_as_the_page_shows_it(world: World) -> None:
    lead = world.waiting(name="Ann")
    [item] = world.ask(LIST).data["items"]
    assert item["lead_id"] == lead
    assert (item["phone"], item["name"], item["call_status"]) == (PHONE, "Ann", "pending")
    assert (item["do_not_call"], item["held"], item["can_release"]) == (False, None, False)


def test_the_list_says_in_which_order_leads_are_called(world: World) -> None:
    lead = world.waiting()
    [item] = world.ask(LIST).data["items"]
    assert item["imported_at"] == world.row(lead)["imported_at"]


def test_an_empty_list_has_no_next_page(world: World) -> None:
    assert world.ask(LIST).data == {"items": [], "next": None}


def test_pages_hold_every_lead_once(world: World) -> None:
    for phone in phones(7):
        world.waiting(phone)
    seen, cursor, pages = [], None, 0
    while pages == 0 or cursor:
        answer = world.ask(LIST, query={"limit": "3"} | ({"cursor": cursor} if cursor else {})).data
        assert len(answer["items"]) <= 3
        seen += [item["phone"] for item in answer["items"]]
        cursor, pages = answer["next"], pages + 1
    assert sorted(seen) == phones(7)
    assert pages == 3


def test_a_page_costs_one_read_beside_that_of_whether_its_agent_is_in(world: World) -> None:
    world.waiting()
    client: Any = world.leads._client
    client.reads.clear()
    world.ask(LIST)
    assert client.reads == ["get_item", "query"]


def test_numbers_that_only_are_on_the_do_not_call_list_are_no_leads(world: World) -> None:
    world.leads.add_to_dnc(LeadKey(AGENT, "stub"), PHONE, AGENT, 1.0)
    assert world.ask(LIST).data["items"] == []


def test_deleted_leads_are_not_listed(world: World) -> None:
    lead = world.waiting()
    world.leads.delete(LeadKey(AGENT, lead), AGENT, 1.0)
    assert world.ask(LIST).data["items"] == []


def test_nobody_sees_the_leads_of_another(world: World) -> None:
    world.waiting(user=OTHER)
    assert world.ask(LIST).data["items"] == []
    assert len(world.ask(LIST, user=OTHER).data["items"]) == 1


def test_a_cursor_of_another_user_only_names_a_place_in_the_callers_own_list(world: World) -> None:
    for phone in phones(3):
        world.waiting(phone, user=OTHER)
        world.waiting(phone)
    cursor = world.ask(LIST, user=OTHER, query={"limit": "1"}).data["next"]
    mine = {item["lead_id"] for item in world.ask(LIST).data["items"]}
    assert {item["lead_id"] for item in world.ask(LIST, query={"cursor": cursor}).data["items"]} <= mine


def encoded(text: bytes) -> str:
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "!!!",
        "é",
        "A" * 5000,
        encoded(b"after:"),
        encoded(b"after:../../x"),
        encoded(b"after:" + b"x" * 65),
        encoded(b"\xff\xfe"),
        encoded(b'{"user_id":{"S":"other"},"lead_id":{"S":"a"}}'),
        encoded(b"after:a") + "=" * 9,
        encoded(b"after:a\n"),
    ],
)
def test_a_cursor_that_no_page_answered_is_refused(world: World, cursor: str) -> None:
    told = world.ask(LIST, query={"cursor": cursor})
    assert (told.status, told.code) == (400, "bad_cursor")


@pytest.mark.parametrize(
    "limit",
    ["0", "-1", "1001", "ten", "1.5", "", "٣", "9" * 30, "1e3", " 5", "0000000019999", "0" * 8 + "1" + "0" * 5000],
)
def test_a_limit_out_of_bounds_is_refused(world: World, limit: str) -> None:
    told = world.ask(LIST, query={"limit": limit})
    assert (told.status, told.code) == (400, "bad_limit")


@pytest.mark.parametrize(
    ("number", "display"),
    [
        ("+493023125007", "+49 30 23125007"),
        ("+442079460012", "+44 20 7946 0012"),
        ("+12015550123", "+1 201-555-0123"),
    ],
)
def test_a_number_is_shown_as_people_of_its_country_write_it(world: World, number: str, display: str) -> None:
    world.waiting(phone=number)
    assert world.ask(LIST).data["items"][0]["phone_display"] == display


def test_a_stored_text_that_is_no_number_is_shown_as_it_is() -> None:
    assert phone_display("none") == "none"
