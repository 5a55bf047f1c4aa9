"""What people call columns, and how they mark who must not be called: the page must make the same of it."""

import json
from pathlib import Path

import pytest

from functions.leads_api.lists import words

SHARED = Path(__file__).parents[1] / "shared"
COLUMNS = json.loads((SHARED / "columns.json").read_text())
DO_NOT_CALL = json.loads((SHARED / "do_not_call.json").read_text())
PARTS = {"first_name": "name", "last_name": "name"}


@pytest.mark.parametrize(("header", "field"), COLUMNS["alone"].items())
def test_a_column_is_known_by_its_name(header: str, field: str | None) -> None:
    named = words.field_of(header)[0]
    assert (PARTS.get(named, named) or None) == field


@pytest.mark.parametrize(("header", "is_mark"), DO_NOT_CALL["headers"].items())
def test_a_column_of_marks_is_known_by_its_name(header: str, is_mark: bool) -> None:
    assert words.is_mark(header) == is_mark


@pytest.mark.parametrize(("cell", "marked"), DO_NOT_CALL["cells"].items())
def test_a_cell_marks_whatever_does_not_deny_it(cell: str, marked: bool) -> None:
    assert words.marked(cell) == marked


@pytest.mark.parametrize(("header", "is_consent"), DO_NOT_CALL["consent_headers"].items())
def test_a_column_of_consent_is_known_by_its_name(header: str, is_consent: bool) -> None:
    assert words.is_consent(header) == is_consent


@pytest.mark.parametrize(("cell", "denies"), DO_NOT_CALL["consent_cells"].items())
def test_only_a_denial_of_consent_is_a_mark(cell: str, denies: bool) -> None:
    assert words.denies(cell) == denies


@pytest.mark.parametrize(("cell", "says_mark"), DO_NOT_CALL["phrases"].items())
def test_a_cell_that_is_itself_a_do_not_call_phrase_is_seen(cell: str, says_mark: bool) -> None:
    assert words.says_mark(cell) == says_mark


@pytest.mark.parametrize(
    ("cell", "country"),
    [
        ("GB", "GB"),
        ("uk", "GB"),
        ("United Kingdom", "GB"),
        ("Deutschland", "DE"),
        ("U.S.A.", "US"),
        ("\u65e5\u672c", "JP"),
        ("EMEA", None),
    ],
)
def test_a_country_is_known_by_its_letters_and_in_words(cell: str, country: str | None) -> None:
    assert words.country_of(cell) == country


def test_no_text_takes_long() -> None:
    assert not words.is_mark("do not " * 100_000)
    assert not words.says_mark("no " * 100_000)
