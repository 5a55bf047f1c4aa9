"""The sample leads look like what agents have: several countries, people twice, and rows that are none."""

import csv
from typing import Any

import pytest
from local.importing import pieces, read

from functions.leads_api.lists import phone_numbers as numbers
from local import samples
from local.samples import LEADS, import_samples


def rows() -> list[dict[str, str]]:
    return list(csv.DictReader(read(LEADS).splitlines()))


def test_the_samples_go_out_as_one_piece_for_the_first_agent(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[Any, ...]] = []
    said: list[str] = []

    def to_api(url: str, token: str) -> Any:
        def send(text: str, first_line: int) -> dict[str, Any]:
            sent.append((url, token, text, first_line))
            return {"created": 1, "merged": 2, "refused": [{"line": 9, "reason": "not a number"}]}

        return send

    outputs = {"http_url": "http://api", "users": ["ada", "bob"]}
    monkeypatch.setattr(samples, "to_api", to_api)
    monkeypatch.setattr(samples, "token_of", lambda told: f"token of {told['users'][0]}")
    import_samples(outputs, said.append)
    assert sent == [("http://api", "token of ada", next(pieces(read(LEADS))).text, 2)]
    assert said == ["line 9: not a number", "leads.csv: 1 new leads, 2 merged, 1 rows refused"]


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
