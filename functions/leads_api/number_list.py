"""A list of numbers as people have it: a CSV file with a column for them, or one number a line. Pure."""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass

from functions.leads_api import columns, csv_rows, numbers
from functions.leads_api.answer import Problem


@dataclass(frozen=True)
class Line:
    """One line of a list: its number in E.164, or else why it is none."""

    line: int
    phone: str = ""
    wrong: str = ""


def lines(body: bytes, region: str, first_line: int | None = None) -> Iterator[Line]:
    """Every line of a file that has something on it; Problem if it cannot be told where its numbers are."""
    return (line(place, told, region) for place, told in cells(body, first_line))


def line(place: int, told: object, region: str) -> Line:
    """What stands on one line, as somebody in *region* means it."""
    try:
        if not isinstance(told, str):
            raise numbers.BadNumber("is not a telephone number")
        return Line(place, phone=numbers.read(told, region).e164)
    except numbers.BadNumber as bad:
        return Line(place, wrong=f"the phone number {bad}")


def cells(body: bytes, first_line: int | None = None) -> Iterator[tuple[int, str]]:
    """What stands where each line has its number, and the line."""
    try:
        rows = list(csv_rows.rows(body, first_line))
    except Problem as problem:
        if problem.code != "bad_header":
            raise
        rows = list(csv_rows.rows(b"phone\n" + body.removeprefix(codecs.BOM_UTF8), first_line or 1))
        if any("" in row.cells for row in rows) or not csv_rows.like_a_number(rows[0].cells["phone"]):
            raise
    for row in rows:
        phone = next(header for header, field in columns.fields(tuple(row.cells)).items() if field == "phone")
        yield row.line, row.cells[phone]
