"""CSV files as people and spreadsheets make them, read as rows with the lines they stand on."""

import csv
import io
import json
import time
import tracemalloc
from contextlib import suppress
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.leads_api.lists import csv_rows, import_body, lead_row, number_list
from functions.leads_api.lists.bad_list import BadList
from functions.leads_api.lists.csv_rows import Row
from functions.leads_api.lists.number_list import Entry
from functions.leads_api.request import MOST_BYTES
from tests.page_modules import exports_of

ROOT = Path(__file__).parents[2]
SEPARATORS = json.loads((ROOT / "tests/shared/separators.json").read_text())
LIMITS = exports_of("import/limits.ts")
ADA = Row(2, {"phone": "+12015550123", "name": "Ada"})


def rows(text: str, first_line: int | None = None) -> list[Row]:
    return list(csv_rows.table(csv_rows.decoded(text.encode()), first_line=first_line).rows)


def headers(*names: str) -> list[str]:
    """What the columns of these names are called."""
    return list(csv_rows.table(",".join(names) + "\n1\n").headers)


def problem(body: bytes) -> BadList:
    with pytest.raises(BadList) as refused:
        list(csv_rows.table(csv_rows.decoded(body)).rows)
    return refused.value


def unread(body: bytes) -> BadList:
    """Why an import of this body is refused."""
    with pytest.raises(BadList) as refused:
        import_body.parse_csv(body, "US", {})
    return refused.value


@pytest.mark.parametrize("separator", csv_rows.SEPARATORS)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("last", [True, False])
def test_a_file_is_read_with_any_of_the_usual_separators_ends_of_line_and_marks(
    separator: str, end: str, mark: str, last: bool
) -> None:
    lines = [f"phone{separator}name", f"+12015550123{separator}Ada"]
    assert rows(mark + end.join(lines) + end * last) == [ADA]


@pytest.mark.parametrize("case", SEPARATORS, ids=lambda case: case["of"])
def test_a_separator_is_the_one_by_which_most_columns_are_known(case: dict[str, Any]) -> None:
    table = csv_rows.table(case["text"], titles=True)
    assert (table.separator, list(table.headers)) == (case["separator"], case["headers"])
    assert len(list(table.rows)) == case["rows"]


def test_what_a_spreadsheet_says_of_its_separator_is_no_row() -> None:
    assert rows("sep=;\r\nphone;name\r\n+12015550123;Ada\r\n") == [Row(3, ADA.cells)]


def test_quotes_hold_separators_quotes_and_lines() -> None:
    assert rows('phone,name\n1,"Ada, ""the"" first\nof Lovelace"\n2,Bob\n') == [
        Row(2, {"phone": "1", "name": 'Ada, "the" first\nof Lovelace'}),
        Row(4, {"phone": "2", "name": "Bob"}),
    ]


def test_rows_stand_on_the_lines_where_they_begin_and_blank_ones_are_none() -> None:
    text = '\n\nphone,"a\nname"\n\n1,"x\ny\nz"\n , \n2,\n'
    assert [row.line for row in rows(text)] == [6, 10]


def test_a_piece_of_a_file_has_the_lines_of_the_file() -> None:
    assert [row.line for row in rows('phone\n1\n"2\n"\n\n3\n', first_line=502)] == [502, 503, 506]


def test_a_short_row_has_only_its_cells_and_a_long_one_is_seen_to_be_too_long() -> None:
    assert [row.cells for row in rows("phone,name,note\n1\n2,Bob\n3,Cy,x,y,z\n4,D,, , \n")] == [
        {"phone": "1"},
        {"phone": "2", "name": "Bob"},
        {"phone": "3", "name": "Cy", "note": "x", "": "y"},
        {"phone": "4", "name": "D"},
    ]


@given(st.lists(st.lists(st.text(st.characters(exclude_characters="\0"), max_size=5), min_size=2, max_size=2)))
def test_whatever_a_cell_holds_comes_out_as_it_was_written(cells: list[list[str]]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows([["phone", "b"], *cells])
    read = [row.cells for row in csv_rows.table(text.getvalue(), known=("phone", "b")).rows]
    filled = [{name: cell for name, cell in zip(("phone", "b"), row, strict=True) if cell.strip()} for row in cells]
    assert read == [row for row in filled if row]


# -- the header --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "called"),
    [
        (["Phone", "Phone"], ["Phone", "Phone (2)"]),
        (["Phone", "Phone", "Phone", "Name"], ["Phone", "Phone (2)", "Phone (3)", "Name"]),
        (["Phone (work)", "Phone", "Name"], ["Phone (work)", "Phone", "Name"]),
        (["Name (legal)", "Name", "Phone"], ["Name (legal)", "Name", "Phone"]),
        (["Phone (2)", "Phone"], ["Phone (2)", "Phone"]),
        (["Phone", "Phone (2)", "Phone"], ["Phone", "Phone (2)", "Phone (3)"]),
        (["Phone", "Phone", "Phone (2)"], ["Phone", "Phone (3)", "Phone (2)"]),
        (["Phone", "Phone (2)", "Phone", "Phone (2)"], ["Phone", "Phone (2)", "Phone (3)", "Phone (2) (2)"]),
        (["", "Phone", "", "column 1"], ["column 1", "Phone", "column 3", "column 1 (2)"]),
        (["{x}", "Phone", "{x}"], ["{x}", "Phone", "{x} (2)"]),
    ],
)
def test_a_column_keeps_its_name_unless_another_has_exactly_the_same(names: list[str], called: list[str]) -> None:
    assert headers(*names) == called


@pytest.mark.parametrize("names", list(product(["Phone", "Phone (2)", "Phone (3)"], repeat=4)))
def test_every_column_has_a_name_of_its_own(names: tuple[str, ...]) -> None:
    assert len(headers(*names, "Mobile")) == 5


@pytest.mark.parametrize("columns", [1001, 16_384])
def test_a_file_of_absurdly_many_columns_is_refused_at_once(columns: int) -> None:
    began = time.process_time()
    refused = problem(b"phone" + b"," * (columns - 1) + b"\n1\n")
    assert (refused.code, refused.message) == (
        "bad_header",
        f"the file has {columns:,} columns: at most 1,000 can be read",
    )
    assert time.process_time() - began < 1


def test_a_file_without_a_column_of_numbers_is_refused_with_what_it_has() -> None:
    refused = unread(b"Name;note\nAda;red\n")
    assert (refused.code, refused.details) == ("bad_header", {"found": ["Name", "note"]})
    assert "Name, note" in refused.message


def test_a_file_without_a_header_is_told_to_have_none() -> None:
    assert unread(b"Ada,+12015550123\n").message == "the first line must have the column names, one of them phone"


@pytest.mark.parametrize("text", ["", "\n\n", " , ,\n", "\ufeff", "sep=;\n"])
def test_an_empty_file_is_refused(text: str) -> None:
    assert problem(text.encode()).message == "the file is empty"


@pytest.mark.parametrize(
    ("text", "line"), [('phone,name\n1,"Ada\n2,Bob\n', 2), ('"phone', 1), ('phone\n1\n"2', 3), ('phone\n1\n"2\n\n', 3)]
)
def test_a_quote_that_is_never_closed_is_named_by_its_line(text: str, line: int) -> None:
    assert problem(text.encode()).message == f"the quote that opens in line {line} is never closed"


def test_a_cell_may_be_as_long_as_a_request() -> None:
    assert len(rows("phone,note\n1," + "x" * 900_000 + "\n")[0].cells["note"]) == 900_000


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_a_file_in_utf_16_is_told_how_to_be_saved(encoding: str) -> None:
    mark = b"" if encoding == "utf-16" else "\ufeff".encode(encoding)
    assert problem(mark + "phone\n1\n".encode(encoding)).message == (
        "the file is in UTF-16, or is not text: save it as CSV in UTF-8"
    )


def test_a_file_in_another_encoding_is_told_so_by_its_line() -> None:
    refused = problem("phone,name\n1,Ada\n2,Zoë\n".encode("latin-1"))
    assert refused.message == "line 3 is not in UTF-8: save the file as CSV in UTF-8"


@pytest.mark.parametrize("body", ["phone,N\ufffdo ligar\n1,sim\n", "phone,name\n1,Zo\ufffd\n"])
def test_a_body_that_lost_letters_on_its_way_is_refused(body: str) -> None:
    """A gateway may decode what it passes on; the column that is lost may be a mark."""
    refused = problem(body.encode())
    assert (refused.code, refused.message.split(",")[0][-16:]) == ("bad_encoding", "has lost letters")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"PK\x03\x04\x14\0", "Excel workbook"),
        (b"\xd0\xcf\x11\xe0\xa1", "old Excel workbook"),
        (b"BEGIN:VCARD\nVERSION:3.0\n", "vCard"),
        (b"%PDF-1.7\n", "PDF"),
        (b"<html><table><tr><td>Phone", "web page"),
        (b"<?xml version='1.0'?><leads/>", "XML"),
        (b'[{"phone": "1"}]', "JSON"),
        (b'{"leads": []}', "JSON"),
    ],
)
def test_a_file_that_is_no_list_is_told_what_it_is_in_one_sentence(body: bytes, kind: str) -> None:
    refused = problem(body)
    assert refused.code == "not_a_list"
    assert kind in refused.message
    assert "\n" not in refused.message


def test_the_worst_megabyte_is_read_in_bounded_memory() -> None:
    """Columns are counted before they are read, and rows are taken one by one."""
    columns = ",".join(["phone", *(f"extra.c{index}" for index in range(999))])
    worst = {
        "all commas": b"phone" + b"," * 1_000_000,
        "many rows of many columns": f"{columns}\n".encode() + (b"+12015550123" + b"," * 999 + b"\n") * 900,
        "many short rows": b"phone\n" + b"1\n" * 500_000,
        "many filled cells": f"{columns}\n".encode() + (b"1" + b",x" * 999 + b"\n") * 490,
        "one long cell": b"phone,name\n1," + b"x" * 1_000_000,
    }
    for name, body in worst.items():
        tracemalloc.start()
        with suppress(BadList):
            import_body.parse_csv(body[:MOST_BYTES], "US", {})
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 100_000_000, name


# -- what is too much: the page must know the same ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "most"),
    {
        "LONGEST_KEPT": lead_row.LONGEST_KEPT,
        "LONGEST_COLUMN_NAME": lead_row.LONGEST_COLUMN_NAME,
        "MOST_COLUMNS": lead_row.MOST_COLUMNS,
        "PIECE_ROWS": import_body.MOST_ROWS,
    }.items(),
)
def test_the_page_knows_what_is_too_much(name: str, most: int) -> None:
    assert LIMITS[name] == most


def test_the_page_knows_how_long_a_field_may_be() -> None:
    assert LIMITS["LONGEST"] == lead_row.LONGEST


def test_what_the_page_sends_is_never_too_large() -> None:
    """Its pieces have room for what stands around the leads."""
    assert LIMITS["PIECE_BYTES"] <= 0.9 * MOST_BYTES
    assert LIMITS["LONGEST_ROW"] <= lead_row.LARGEST_LEAD


# -- lists of numbers --------------------------------------------------------------------------------------------------


def numbers(text: str, first_line: int | None = None) -> list[Entry]:
    return list(number_list.parse_csv(text.encode(), "US", {}, first_line))


MISSING = {"code": "phone_missing", "wrong": "the phone number is missing"}


def test_a_row_that_ends_before_its_number_is_named() -> None:
    assert numbers("name,phone\nAda,+12015550123\nTotal\n") == [
        Entry(2, phones=("+12015550123",)),
        Entry(3, **MISSING),
    ]


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_list_may_be_one_number_a_line_without_a_header(mark: str) -> None:
    assert numbers(f"{mark}+12015550123\n\n(201) 555-0124\nnobody\n") == [
        Entry(1, phones=("+12015550123",)),
        Entry(3, phones=("+12015550124",)),
        Entry(4, code="phone_letters", wrong="the phone number has letters in it"),
    ]


def test_lines_of_a_piece_are_those_of_the_file() -> None:
    assert [entry.line for entry in numbers("phone\n+12015550123\nx\n", 502)] == [502, 503]
    assert [entry.line for entry in numbers("+12015550123\nx\n", 502)] == [502, 503]


@pytest.mark.parametrize("text", ["Ada,+12015550123\n", "nobody\n+12015550123\n", "name\nAda\n"])
def test_a_list_of_which_nobody_can_tell_where_its_numbers_are_is_refused(text: str) -> None:
    with pytest.raises(BadList):
        numbers(text)
