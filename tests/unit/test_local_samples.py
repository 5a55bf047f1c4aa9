"""The sample leads look like what agents have: several countries, people twice, and rows that are none."""

import csv
from collections.abc import Iterator

import pytest

from functions.leads_api.lists import phone_numbers as numbers
from local import samples
from local.list_file import read_text
from local.samples import LEADS, import_samples
from tests.unit import leads_api_world
from tests.unit.leads_api_world import World
from tests.unit.list_doors import WorldApi, called


@pytest.fixture
def world() -> Iterator[World]:
    with leads_api_world.world() as made:
        yield made


def rows() -> list[dict[str, str]]:
    return list(csv.DictReader(read_text(LEADS, print).splitlines()))


def test_the_samples_go_out_for_the_first_agent_and_nothing_about_them_is_in_doubt(
    monkeypatch: pytest.MonkeyPatch, world: World
) -> None:
    said: list[str] = []
    made: list[tuple[str, str]] = []

    def api(url: str, token: str) -> WorldApi:
        made.append((url, token))
        return WorldApi(world)

    outputs = {"http_url": "http://api", "users": ["ada", "bob"]}
    monkeypatch.setattr(samples, "Api", api)
    monkeypatch.setattr(samples, "token_of", lambda told: f"token of {told['users'][0]}")
    import_samples(outputs, said.append)
    assert made == [("http://api", "token of ada")]
    assert said[-1].startswith("leads.csv: ")
    assert len(called(world)) > 20


def test_the_samples_hold_several_countries_people_twice_and_rows_that_are_none() -> None:
    good: list[numbers.Number] = []
    bad: list[str] = []
    for row in rows():
        try:
            good.append(numbers.parse(row["Phone"] or "", "US"))
        except numbers.BadNumber:
            bad.append(row["Name"])
    assert {number.country for number in good} >= {"US", "CA", "GB", "FR", "DE", "AU"}
    assert len({number.e164 for number in good}) < len(good)
    assert {"Junk row", "No Number", "Too Short", "Nathan Price"} <= set(bad)
    assert len(good) > 2 * len(bad)


def test_nobody_who_could_be_called_is_in_the_samples_of_north_america() -> None:
    reachable = []
    for row in rows():
        try:
            number = numbers.parse(row["Phone"] or "", "US")
        except numbers.BadNumber:
            continue
        if number.area_code and number.e164[5:10] != "55501":
            reachable.append(row["Name"])
    assert reachable == []
