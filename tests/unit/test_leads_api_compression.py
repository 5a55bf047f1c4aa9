"""A long answer of the HTTP API is compressed for who accepts that, and says the same."""

from collections.abc import Iterator

import pytest

from functions.leads_api.request import accepts_gzip
from functions.leads_api.response import Response
from tests.unit import leads_api_world
from tests.unit.leads_api_world import World

LIST = "GET /api/leads"
BROWSER = "gzip, deflate, br, zstd"
NOTE = "asked for a call in the morning, ünd again" * 5


@pytest.fixture
def world() -> Iterator[World]:
    with leads_api_world.world() as made:
        yield made


def test_a_long_list_is_compressed_and_says_the_same(world: World) -> None:
    for number in range(20):
        world.waiting(f"+120255501{number:02}", note=NOTE)
    plain, packed = world.ask(LIST), world.ask(LIST, accepts=BROWSER)
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["vary"] == "accept-encoding"
    assert packed.headers["cache-control"] == "no-store"
    assert packed.data == plain.data
    assert len(packed.data["items"]) == 20


def test_a_file_is_compressed_too(world: World) -> None:
    for number in range(20):
        world.waiting(f"+120255501{number:02}", note=NOTE)
    plain, packed = (world.ask("GET /api/leads.csv", accepts=accepts) for accepts in ("", BROWSER))
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["content-disposition"] == plain.headers["content-disposition"]
    assert packed.body == plain.body


def test_a_short_answer_is_as_it_was(world: World) -> None:
    assert "content-encoding" not in world.ask("GET /api/settings", accepts=BROWSER).headers
    assert Response(204).event(gzip_accepted=True)["body"] == ""


def test_compressing_takes_most_of_a_list_away() -> None:
    answer = Response(data=[{"name": f"Person {number}", "note": NOTE} for number in range(1000)])
    assert len(answer.event(gzip_accepted=True)["body"]) < len(answer.event()["body"]) / 5


@pytest.mark.parametrize(
    ("accepted", "compressed"),
    [
        (BROWSER, True),
        ("GZIP", True),
        ("br;q=1.0, gzip;q=0.5", True),
        ("gzip;q=0", False),
        ("gzip; q=0.000", False),
        ("identity", False),
        ("br", False),
        ("", False),
    ],
)
def test_it_is_compressed_for_who_says_gzip(accepted: str, compressed: bool) -> None:
    assert accepts_gzip({"headers": {"accept-encoding": accepted}}) is compressed
