"""The list of leads as a file: no spreadsheet runs what stands in it, and an import understands it all again."""

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from autocall.leads import LeadKey, lead_id
from functions.leads_api import export_leads
from functions.leads_api.lists import leads_csv
from functions.leads_api.lists.bad_list import BadRow
from functions.leads_api.lists.column_map import ColumnMap
from functions.leads_api.lists.lead_row import parse_row
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
    return list(csv.DictReader(io.StringIO(told.body.removeprefix(leads_csv.BOM), newline="")))


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
    assert told.body.startswith(leads_csv.BOM + "phone,name,")
    [row] = rows(told)
    assert (row["phone"], row["name"], row["note"], row["extra.Colour"]) == ("+1 2015550123", "Ada", "at home", "red")
    assert (row["call_status"], row["duration_s"], row["do_not_call"]) == ("completed", "9", "")


def test_a_list_without_leads_is_a_header(world: World) -> None:
    assert world.ask(EXPORT).body == leads_csv.header(leads_csv.columns([]))


def test_what_is_no_lead_and_what_is_somebody_elses_is_not_in_the_file(world: World) -> None:
    world.leads.add_to_dnc(LeadKey(AGENT, "stub"), "+12015550199", AGENT, 1.0)
    world.leads.delete(LeadKey(AGENT, world.waiting("+12015550198")), AGENT, 1.0)
    world.waiting(user=OTHER)
    assert rows(world.ask(EXPORT)) == []


def test_a_file_is_whole_and_in_calling_order_with_the_columns_of_the_list(world: World) -> None:
    leads = [
        {"phone": f"+1201555{index:04}", "extra": {"Colour": "red"} if index else {"Size": "41"}} for index in range(5)
    ]
    world.ask(IMPORT, leads)
    told = world.ask(EXPORT)
    assert told.headers["content-disposition"] == 'attachment; filename="leads.csv"'
    assert "x-next-cursor" not in told.headers
    assert [row["phone"].replace(" ", "") for row in rows(told)] == [lead["phone"] for lead in leads]
    header = told.body.splitlines()[0].split(",")
    assert header[10:13] == ["do_not_call", "extra.Size", "extra.Colour"]


def parts(world: World, **query: str) -> list[Told]:
    told = [world.ask(EXPORT, query=query)]
    while cursor := told[-1].headers.get("x-next-cursor"):
        part = {"cursor": cursor, "part": str(len(told) + 1)}
        told.append(world.ask(EXPORT, query=query | part))
    return told


@pytest.fixture
def five(world: World, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    monkeypatch.setattr(export_leads, "_PAGE", 2)
    monkeypatch.setattr(export_leads, "_MOST_BYTES", 1)
    phones = {f"+1201555{index:04}" for index in range(5)}
    for phone in phones:
        world.waiting(phone)
    return phones


def test_a_part_of_a_list_says_so_in_itself_and_in_its_name(world: World, five: set[str]) -> None:
    told = parts(world)
    names = [one.headers["content-disposition"].split('"')[1] for one in told]
    assert names == ["leads-part-1.csv", "leads-part-2.csv", "leads-part-3-the-last.csv"]
    for part, one in enumerate(told, 1):
        last = rows(one)[-1]["phone"]
        assert last.startswith(f"THIS IS ONLY A PART of the list (part {part})") == (part < 3)
    phones = [row["phone"].replace(" ", "") for one in told for row in rows(one) if row["phone"].startswith("+")]
    assert phones == sorted(five, key=lambda phone: lead_id(AGENT, phone))


@pytest.mark.usefixtures("five")
def test_a_part_that_is_imported_says_that_it_is_one(world: World) -> None:
    [refused] = world.ask(IMPORT, body=world.ask(EXPORT).body, content_type="text/csv", user=OTHER).data["refused"]
    assert refused["code"] == "phone_letters"


def test_pieces_for_who_joins_them_are_one_file(world: World, five: set[str]) -> None:
    whole = Told(200, {}, "".join(piece.body for piece in parts(world, pieces="true")))
    assert [row["phone"].replace(" ", "") for row in rows(whole)] == sorted(
        five, key=lambda phone: lead_id(AGENT, phone)
    )


def test_a_part_ends_when_its_time_is_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_leads, "_PAGE", 1)
    for index in range(3):
        world.waiting(f"+1201555{index:04}")
    told = world.ask(EXPORT, left_ms=3000)
    assert "x-next-cursor" in told.headers
    assert "leads-part-1.csv" in told.headers["content-disposition"]


def test_moments_are_in_the_agents_local_time_if_it_is_told(world: World) -> None:
    world.ended()
    [utc], [local] = rows(world.ask(EXPORT)), rows(world.ask(EXPORT, query={"timezone": "Asia/Tokyo"}))
    moment = datetime.fromisoformat(utc["at"])
    assert local["at"] == moment.astimezone(ZoneInfo("Asia/Tokyo")).strftime("%Y-%m-%d %H:%M:%S")
    assert world.ask(EXPORT, query={"timezone": "Mars/Base"}).code == "bad_timezone"


def test_a_number_keeps_its_plus_when_a_spreadsheet_saves_the_file(world: World) -> None:
    """It takes `+4792345678` for a number. A file that one of an older release saved is known by its columns."""
    phones = {"+4792345678", "+3612345678", "+6562234567", "+442079460958"}
    for phone in phones:
        world.waiting(phone)
    told = world.ask(EXPORT)
    assert not {cell for row in rows(told) for cell in row.values() if cell.lstrip("+").isdecimal() and len(cell) > 9}
    damaged = told.body.replace("+", "").replace(" 92345678", "92345678")
    world.ask(IMPORT, body=damaged, content_type="text/csv", user=OTHER)
    waiting = {world.row(row["lead_id"], OTHER)["phone"] for page, _ in world.leads.waiting(OTHER, 9) for row in page}
    assert waiting == phones


@pytest.mark.parametrize("separator", [";", "\t", "|", "\n"])
@pytest.mark.parametrize("formula", ["=1+1", " =1+1", "'=1", "+1", "@x"])
def test_no_cell_is_run_by_a_spreadsheet_that_splits_at_another_sign(separator: str, formula: str) -> None:
    text = f"a{separator}{formula}{separator}b"
    split = leads_csv.protected(text).split(separator)
    assert all(cell.lstrip().startswith("'") or cell in "ab" for cell in split)
    assert leads_csv.unprotected(leads_csv.protected(text)) == text


@pytest.mark.parametrize("text", ["00123", "1E5", "123456789012345", "3/4", "10-12"])
def test_digits_that_a_spreadsheet_would_change_are_kept(text: str) -> None:
    assert leads_csv.protected(text) == "'" + text


@pytest.mark.parametrize(
    "told", ["=1+1", "+1+1", "-1", "@SUM(A1)", "\tx", "\rx", "'=1", "\uff1d1", "\uff0bx", "+12 34", " =1", PHONE]
)
def test_no_cell_is_one_that_a_spreadsheet_would_run(told: str) -> None:
    assert leads_csv.protected(told).lstrip(" ") == "'" + told.lstrip(" ")


@pytest.mark.parametrize("told", ["", "Ada", "a=1", "'quoted'", "a, -1", "+1 2015550123", "2026-11-30"])
def test_a_cell_that_no_spreadsheet_runs_stays_as_it_is(told: str) -> None:
    assert leads_csv.protected(told) == told


@given(st.text())
@example("''=1")
def test_protection_is_taken_away_without_a_trace(told: str) -> None:
    assert leads_csv.unprotected(leads_csv.protected(told)) == told


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
    world.ask(IMPORT, [{"phone": PHONE, "name": "=Ada", "extra": {"Colour": "-red"}}])
    before = world.row(lead_id(AGENT, PHONE))
    world.ask(IMPORT, body=world.ask(EXPORT).body, content_type="text/csv")
    assert world.row(lead_id(AGENT, PHONE)) == before


def test_what_came_of_a_call_is_in_the_file_and_an_import_of_it_changes_nothing(world: World) -> None:
    """Not even where the outcome or the agent's note is itself a do-not-call phrase."""
    lead = world.ended(note="of the list")
    said = {"code": "do_not_call", "at": "2026-11-30T10:00:00.000Z", "by": AGENT}
    note = {"text": "=do not call", "at": "2026-11-30T10:00:00.000Z", "by": AGENT, "version": 2}
    world.ask(IMPORT, [{"phone": PHONE}])  # it has its time zones from here on
    world.keeps(lead, outcome=said, agent_note=note, calls=2, answered_by="human")
    before, told = world.row(lead), world.ask(EXPORT)
    [row] = rows(told)
    assert (row["outcome"], row["outcome_at"], row["calls"]) == ("do_not_call", said["at"], "2")
    assert (row["agent_note"], row["note"], row["answered_by"]) == ("'=do not call", "of the list", "human")
    assert world.ask(IMPORT, body=told.body, content_type="text/csv").data["refused"] == []
    assert world.row(lead) == before


def test_a_forbidden_lead_is_forbidden_to_whoever_imports_the_export(world: World) -> None:
    lead = world.waiting()
    world.leads.add_to_dnc(LeadKey(AGENT, lead), PHONE, AGENT, 1.0)
    told = world.ask(IMPORT, body=world.ask(EXPORT).body, content_type="text/csv", user=OTHER)
    assert (told.data["created"], len(told.data["refused"])) == (0, 1)
    assert "dnc" in world.row(lead_id(OTHER, PHONE), OTHER)


@given(name=TEXTS, note=TEXTS, external_id=TEXTS, extra=st.dictionaries(TEXTS, TEXTS, max_size=3))
@example(name="''=1", note="'=1", external_id="'", extra={"'=1": "''=1", "=1": "'=1", "phone": "x"})
@example(name="", note="", external_id="", extra={"2026001": "x"})
def test_whatever_is_imported_comes_back_from_its_export(
    name: str, note: str, external_id: str, extra: dict[str, str]
) -> None:
    sent = {"phone": PHONE, "name": name, "note": note, "external_id": external_id, "extra": extra}
    try:
        parsed = parse_row(sent, ColumnMap.of(sent), "US")
    except BadRow:
        return
    if parsed.warnings:
        return
    with leads_api_world.world() as world:
        assert world.ask(IMPORT, [sent]).data["created"] == 1
        row = world.row(lead_id(AGENT, PHONE))
        assert brought_back(world.ask(EXPORT), world) == {one: row[one] for one in ABOUT if one in row}
