"""The list of leads as a file: no spreadsheet runs what stands in it, and an import understands it all again."""

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from autocall.leads import lead_id
from functions.leads_api import export, exporting, lead_row
from tests.unit import leads_api_world
from tests.unit.leads_api_world import AGENT, OTHER, PHONE, Told, World

EXPORT, IMPORT = "GET /api/leads.csv", "POST /api/leads"
ABOUT = {"name", "timezone", "state", "note", "external_id", "extra", "zones", "phone"}
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@pytest.fixture
def world() -> Iterator[World]:
    with leads_api_world.world() as made:
        yield made


def rows(told: Told) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(told.body.removeprefix(exporting.BOM), newline="")))


def brought_back(told: Told, world: World, user: str = OTHER) -> dict[str, Any]:
    """What is known of the lead that another agent has once the file is imported."""
    answer = world.ask(IMPORT, body=told.body, content_type="text/csv", user=user)
    assert answer.data["refused"] == [], answer.body
    row = world.row(lead_id(user, PHONE), user)
    return {name: row[name] for name in ABOUT if name in row}


def test_the_file_has_what_is_known_of_every_lead(world: World) -> None:
    world.ended(name="Ada", note="at home", extra={"Colour": "red"})
    told = world.ask(EXPORT)
    assert told.headers["content-type"] == "text/csv; charset=utf-8"
    assert told.headers["content-disposition"] == 'attachment; filename="leads.csv"'
    assert told.body.startswith(exporting.BOM + "phone,name,")
    [row] = rows(told)
    assert (row["phone"], row["name"], row["note"], row["extra"]) == (PHONE, "Ada", "at home", '{"Colour": "red"}')
    assert (row["call_status"], row["duration_s"], row["do_not_call"]) == ("completed", "9", "")


def test_a_list_without_leads_is_a_header(world: World) -> None:
    assert world.ask(EXPORT).body == exporting.header()


def test_what_is_no_lead_and_what_is_somebody_elses_is_not_in_the_file(world: World) -> None:
    world.leads.forbid(AGENT, "stub", "+12015550199", AGENT, 1.0)
    world.leads.delete(AGENT, world.waiting("+12015550198"), AGENT, 1.0)
    world.waiting(user=OTHER)
    assert rows(world.ask(EXPORT)) == []


def test_a_long_list_comes_in_pieces_that_are_put_behind_each_other(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "_PAGE", 2)
    monkeypatch.setattr(export, "_ENOUGH_BYTES", 1)
    phones = {f"+1201555{place:04}" for place in range(5)}
    for phone in phones:
        world.waiting(phone)
    pieces = [world.ask(EXPORT)]
    while cursor := pieces[-1].headers.get("x-next-cursor"):
        pieces.append(world.ask(EXPORT, query={"cursor": cursor}))
    assert len(pieces) == 3
    whole = Told(200, {}, "".join(piece.body for piece in pieces))
    assert [row["phone"] for row in rows(whole)] == sorted(phones, key=lambda phone: lead_id(AGENT, phone))


def test_a_piece_ends_when_its_time_is_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "_PAGE", 1)
    for place in range(3):
        world.waiting(f"+1201555{place:04}")
    told = world.ask(EXPORT, left_ms=3000)
    assert (len(rows(told)), "x-next-cursor" in told.headers) == (1, True)


@pytest.mark.parametrize(
    "told", ["=1+1", "+1+1", "-1", "@SUM(A1)", "\tx", "\rx", "'=1", "\uff1d1", "\uff0bx", "+12 34"]
)
def test_no_cell_is_one_that_a_spreadsheet_would_run(told: str) -> None:
    assert exporting.protected(told) == "'" + told


@pytest.mark.parametrize("told", ["", "Ada", "a=1", "'quoted'", " =1", PHONE])
def test_a_cell_that_no_spreadsheet_runs_stays_as_it_is(told: str) -> None:
    assert exporting.protected(told) == told


@given(st.text())
@example("''=1")
def test_protection_is_taken_away_without_a_trace(told: str) -> None:
    assert exporting.unprotected(exporting.protected(told)) == told


def test_a_lead_comes_back_from_its_export_as_it_was(world: World) -> None:
    sent = {
        "phone": PHONE,
        "name": "=Ada, \"the\" first\n'Lovelace'",
        "timezone": "America/Denver",
        "state": "CO",
        "note": "@home; -1",
        "external_id": "0047",
        "extra": {"Colour": "+red", "at": "noon", "reason": "-", "Größe": "1,5"},
    }
    world.ask(IMPORT, [sent])
    known = {name: world.row(lead_id(AGENT, PHONE))[name] for name in ABOUT}
    assert {name: known[name] for name in sent} == sent
    assert brought_back(world.ask(EXPORT), world) == known


def test_an_export_of_ones_own_changes_nothing(world: World) -> None:
    world.ask(IMPORT, [{"phone": PHONE, "name": "=Ada", "Colour": "-red"}])
    before = world.row(lead_id(AGENT, PHONE))
    world.ask(IMPORT, body=world.ask(EXPORT).body, content_type="text/csv")
    assert world.row(lead_id(AGENT, PHONE)) == before


def test_a_forbidden_lead_is_forbidden_to_whoever_imports_the_export(world: World) -> None:
    lead = world.waiting()
    world.leads.forbid(AGENT, lead, PHONE, AGENT, 1.0)
    told = world.ask(IMPORT, body=world.ask(EXPORT).body, content_type="text/csv", user=OTHER)
    assert (told.data["created"], len(told.data["refused"])) == (0, 1)
    assert "dnc" in world.row(lead_id(OTHER, PHONE), OTHER)


@given(name=TEXTS, note=TEXTS, external_id=TEXTS, extra=st.dictionaries(TEXTS, TEXTS, max_size=3))
@example(name="''=1", note="'=1", external_id="'", extra={"'=1": "''=1", "=1": "'=1", "phone": "x"})
def test_whatever_is_imported_comes_back_from_its_export(
    name: str, note: str, external_id: str, extra: dict[str, str]
) -> None:
    sent = {"phone": PHONE, "name": name, "note": note, "external_id": external_id, "extra": extra}
    try:
        lead_row.about(sent, "US")
    except lead_row.BadRow:
        return
    with leads_api_world.world() as world:
        assert world.ask(IMPORT, [sent]).data["created"] == 1
        row = world.row(lead_id(AGENT, PHONE))
        assert brought_back(world.ask(EXPORT), world) == {one: row[one] for one in ABOUT if one in row}
