"""CSV files as people and spreadsheets make them, read as rows with the lines they stand on."""

import csv
import io
import json
import re
import time
from collections.abc import Iterable
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.leads_api import columns, csv_rows, importing, lead_row, number_list
from functions.leads_api.answer import Problem
from functions.leads_api.csv_rows import Row
from functions.leads_api.number_list import Line
from functions.leads_api.request import MOST_BYTES

ROOT = Path(__file__).parents[2]
COLUMNS = json.loads((ROOT / "tests/shared/columns.json").read_text())
DO_NOT_CALL = json.loads((ROOT / "tests/shared/do_not_call.json").read_text())
LIMITS = (ROOT / "web/src/import/limits.ts").read_text()
ADA = Row(2, {"phone": "+12015550123", "name": "Ada"})


def rows(text: str, first_line: int | None = None) -> list[Row]:
    return list(csv_rows.rows(text.encode(), first_line))


def headers(*names: str) -> list[str]:
    """What the columns of these names are called."""
    [row] = rows(",".join(names) + "\n" + ",".join("x" for _ in names))
    return list(row.cells)


def problem(body: bytes) -> Problem:
    with pytest.raises(Problem) as refused:
        list(csv_rows.rows(body))
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


def test_a_separator_is_the_one_by_which_a_column_of_numbers_is_there() -> None:
    [row] = rows('name;note, or more;phone\nAda;"a;b, c";1\n')
    assert row.cells == {"name": "Ada", "note, or more": "a;b, c", "phone": "1"}


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


def test_a_short_row_has_empty_cells_and_a_long_one_is_seen_to_be_too_long() -> None:
    assert [row.cells for row in rows("phone,name,note\n1\n2,Bob\n3,Cy,x,y,z\n4,D,, , \n")] == [
        {"phone": "1", "name": "", "note": ""},
        {"phone": "2", "name": "Bob", "note": ""},
        {"phone": "3", "name": "Cy", "note": "x", "": "yz"},
        {"phone": "4", "name": "D", "note": ""},
    ]


@given(st.lists(st.lists(st.text(st.characters(exclude_characters="\0"), max_size=5), min_size=2, max_size=2)))
def test_whatever_a_cell_holds_comes_out_as_it_was_written(cells: list[list[str]]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows([["phone", "b"], *cells])
    read = [list(row.cells.values()) for row in rows(text.getvalue().encode("utf-8", "replace").decode())]
    written = [[cell.encode("utf-8", "replace").decode() for cell in row] for row in cells]
    assert read == [row for row in written if any(cell.strip() for cell in row)]


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
    refused = problem(b"Name;Colour\nAda;red\n")
    assert (refused.status, refused.code, refused.details) == (400, "bad_header", {"found": ["Name", "Colour"]})
    assert "Name, Colour" in refused.message


def test_a_file_without_a_header_is_told_to_have_none() -> None:
    assert problem(b"Ada,+12015550123\n").message == "the first line must name the columns, one of them phone"


@pytest.mark.parametrize("text", ["", "\n\n", " , ,\n", "\ufeff", "sep=;\n"])
def test_an_empty_file_is_refused(text: str) -> None:
    assert problem(text.encode()).message == "there is nothing in the file"


@pytest.mark.parametrize(
    ("text", "line"), [('phone,name\n1,"Ada\n2,Bob\n', 2), ('"phone', 1), ('phone\n1\n"2', 3), ('phone\n1\n"2\n\n', 3)]
)
def test_a_quote_that_is_never_closed_is_named_by_its_line(text: str, line: int) -> None:
    assert problem(text.encode()).message == f"the quote that opens in line {line} is never closed"


def test_a_cell_beyond_all_bounds_is_refused_by_its_line() -> None:
    assert problem(b"phone\n1\n" + b"x" * 200_000).message.startswith("line 3 cannot be read")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_a_file_in_utf_16_is_told_how_to_be_saved(encoding: str) -> None:
    mark = b"" if encoding == "utf-16" else "\ufeff".encode(encoding)
    assert problem(mark + "phone\n1\n".encode(encoding)).message == "the file is in UTF-16: save it as CSV in UTF-8"


def test_a_file_in_another_encoding_is_told_so_by_its_line() -> None:
    refused = problem("phone,name\n1,Ada\n2,Zoë\n".encode("latin-1"))
    assert refused.message == "line 3 is not in UTF-8: save the file as CSV in UTF-8"


# -- what the columns are: the page must say the same, see web/test/import/columns.test.ts -----------------------------


def meant(headers: Iterable[str]) -> dict[str, str | None]:
    """What each column becomes; both parts of a name are the name."""
    fields = columns.fields(tuple(headers))
    parts = {"first": "name", "last": "name"}
    return {header: parts.get(fields.get(header, ""), fields.get(header)) for header in headers}


@pytest.mark.parametrize(("header", "field"), COLUMNS["alone"].items())
def test_a_column_is_known_by_its_name(header: str, field: str | None) -> None:
    beside = [] if field == "phone" else ["Phone"]
    assert meant([header, *beside])[header] == field


@pytest.mark.parametrize("headers", COLUMNS["together"], ids=", ".join)
def test_of_several_columns_the_plainest_counts(headers: dict[str, str | None]) -> None:
    assert meant(headers) == headers


@pytest.mark.parametrize(("header", "is_mark"), DO_NOT_CALL["headers"].items())
def test_a_column_of_marks_is_known_by_its_name(header: str, is_mark: bool) -> None:
    assert (meant([header])[header] == "do_not_call") == is_mark


@pytest.mark.parametrize(("cell", "marked"), DO_NOT_CALL["cells"].items())
def test_a_cell_marks_whatever_does_not_deny_it(cell: str, marked: bool) -> None:
    assert columns.marked(cell) == marked


@pytest.mark.parametrize(
    ("name", "most"),
    {
        "LONGEST_KEPT": lead_row.LONGEST_KEPT,
        "LONGEST_COLUMN_NAME": lead_row.LONGEST_COLUMN_NAME,
        "MOST_COLUMNS": lead_row.MOST_COLUMNS,
        "PIECE_ROWS": importing.MOST_ROWS,
    }.items(),
)
def test_the_page_knows_what_is_too_much(name: str, most: int) -> None:
    assert _of_the_page(name) == str(most)


def test_the_page_knows_how_long_a_field_may_be() -> None:
    assert re.findall(r"(\w+): (\d+)", _of_the_page("LONGEST")) == [
        (n, str(most)) for n, most in lead_row.LONGEST.items()
    ]


def test_what_the_page_sends_is_never_too_large() -> None:
    """Its pieces have room for what stands around the leads."""
    assert int(_of_the_page("PIECE_BYTES")) <= 0.9 * MOST_BYTES
    assert int(_of_the_page("LONGEST_ROW")) <= lead_row.LARGEST_LEAD


def _of_the_page(name: str) -> str:
    [told] = re.findall(rf"^export const {name} = (.+)$", LIMITS, re.MULTILINE)
    return str(told).replace("_", "") if told[0].isdigit() else str(told)


# -- lists of numbers --------------------------------------------------------------------------------------------------


def numbers(text: str, first_line: int | None = None) -> list[Line]:
    return list(number_list.lines(text.encode(), "US", first_line))


def test_a_row_that_ends_before_its_number_is_named() -> None:
    assert numbers("name,phone\nAda,+12015550123\nTotal\n") == [
        Line(2, phone="+12015550123"),
        Line(3, wrong="the phone number is missing"),
    ]


def test_a_short_row_has_no_number_in_another_column_that_could_be_one() -> None:
    assert numbers("number,phone\n2015550199,+12015550123\n2015550198\n") == [
        Line(2, phone="+12015550123"),
        Line(3, wrong="the phone number is missing"),
    ]


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_list_may_be_one_number_a_line_without_a_header(mark: str) -> None:
    assert numbers(f"{mark}+12015550123\n\n(201) 555-0124\nnobody\n") == [
        Line(1, phone="+12015550123"),
        Line(3, phone="+12015550124"),
        Line(4, wrong="the phone number has letters in it"),
    ]


def test_lines_of_a_piece_are_those_of_the_file() -> None:
    assert [line.line for line in numbers("phone\n+12015550123\nx\n", 502)] == [502, 503]
    assert [line.line for line in numbers("+12015550123\nx\n", 502)] == [502, 503]


@pytest.mark.parametrize("text", ["Ada,+12015550123\n", "nobody\n+12015550123\n", "name\nAda\n"])
def test_a_list_of_which_nobody_can_tell_where_its_numbers_are_is_refused(text: str) -> None:
    with pytest.raises(Problem):
        numbers(text)
