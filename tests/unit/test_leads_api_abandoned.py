"""Administrators see how many of those who answered met no agent, counted from all leads a part at a time."""

import base64
from collections.abc import Iterator

import pytest

from autocall.dynamo import to_dynamo
from autocall.timing import DAY_S, now, stamp
from tests.faults.tables import LEADS
from tests.unit import leads_api_world
from tests.unit.leads_api_world import Told, World

ROUTE = "GET /api/abandoned"


@pytest.fixture
def world() -> Iterator[World]:
    with leads_api_world.world() as made:
        yield made


def put(world: World, number: int, **days_ago: float) -> None:
    row = {name: stamp(now() - days * DAY_S) for name, days in days_ago.items()}
    key = {"user_id": ("agent", "~other")[number % 2], "lead_id": f"lead-{number}"}
    world.client.put_item(TableName=LEADS, Item=to_dynamo(key | row))


def asked(world: World, cursor: str = "") -> Told:
    return world.ask(ROUTE, query={"cursor": cursor} if cursor else {}, groups="[admins]")


def test_the_parts_add_up_to_the_leads_of_all_agents(world: World) -> None:
    for number in range(7):
        put(world, number, joined_at=number)
    put(world, 7, abandoned_at=29)
    put(world, 8, abandoned_at=31)
    put(world, 9, ended_at=1)
    world.client.rows_of_a_scan = 3

    parts = [asked(world).data]
    while parts[-1]["next"]:
        parts.append(asked(world, parts[-1]["next"]).data)

    assert len(parts) == 4
    assert sum(part["joined"] for part in parts) == 7
    assert sum(part["abandoned"] for part in parts) == 1
    assert {part["since"] for part in parts} == {parts[0]["since"]}  # one count of thirty days, however long it takes


def test_nobody_else_sees_it(world: World) -> None:
    answer = world.ask(ROUTE)
    assert (answer.status, answer.code) == (403, "forbidden")


@pytest.mark.parametrize(
    "text", ["x", "after:lead", "2026-11-01T00:00:00.000Z agent", "2026-11-01T00:00:00.000Z a b c", "é"]
)
def test_a_cursor_that_is_none_is_refused(world: World, text: str) -> None:
    for cursor in (text, base64.urlsafe_b64encode(text.encode()).decode()):
        answer = asked(world, cursor)
        assert (answer.status, answer.code) == (400, "bad_cursor")
