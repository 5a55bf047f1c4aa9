"""Reads a do-not-call list: a CSV file with phone columns, or one number a line. Pure.

Every phone column counts. If a column says who is meant (`do_not_call`, `may_call`), only the numbers that it marks are
added to the list, and only the others are removed from it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from functions.leads_api.lists import csv_rows, phone_numbers
from functions.leads_api.lists.bad_list import BadRow
from functions.leads_api.lists.column_map import ColumnMap
from functions.leads_api.lists.csv_rows import Row
from functions.leads_api.lists.import_body import columns_of
from functions.leads_api.lists.lead_row import numbers_of

_AREA_AND_NUMBER = re.compile(r'"?([2-9][0-9]{2})"?\s*[,;\t|]\s*"?([0-9]{3}-?[0-9]{4})"?')


@dataclass(frozen=True)
class Entry:
    """One line of a list: its E.164 numbers, or an error. It has neither if the file says that it is not meant."""

    line: int
    phones: tuple[str, ...] = ()
    code: str = ""
    wrong: str = ""


def entry(line: int, text: object, region: str) -> Entry:
    """The entry for a single number, as it is written in *region*."""
    try:
        if not isinstance(text, str):
            raise phone_numbers.BadNumber("phone_not_a_number", "is not a phone number")
        return Entry(line, phones=(phone_numbers.parse(text, region).e164,))
    except phone_numbers.BadNumber as bad:
        return Entry(line, code=bad.code, wrong=f"the phone number {bad}")


def parse_csv(
    body: bytes, region: str, mapping: Mapping[str, str], first_line: int | None = None, *, remove: bool = False
) -> Iterator[Entry]:
    """The entries of a file, or of a piece of one; BadList if its phone columns are not known."""
    text = csv_rows.decoded(body)
    if has_no_header(text):
        return without_header(text, region, first_line)
    table = csv_rows.table(text, known=mapping, first_line=first_line)
    return entries(table.rows, columns_of(table.headers, mapping), region, remove=remove)


def entries(rows: Iterable[Row], columns: ColumnMap, region: str, *, remove: bool = False) -> Iterator[Entry]:
    """The entry of each row."""
    for row in rows:
        try:
            yield Entry(row.line, phones=tuple(numbers_of(row.cells, columns, region, remove=remove)))
        except BadRow as bad:
            yield Entry(row.line, code=bad.code, wrong=bad.reason)


def has_no_header(text: str) -> bool:
    """Whether a file has one number a line and no header: its first line is a number, without a second cell."""
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    if not csv_rows.like_a_number(first) or any(letter.isalpha() for letter in first):
        return False
    return bool(_AREA_AND_NUMBER.fullmatch(first)) or not any(sign in first for sign in csv_rows.SEPARATORS)


def without_header(text: str, region: str, first_line: int | None = None) -> Iterator[Entry]:
    """The entries of a file with one number a line, or in the FTC's format, `201,5550123`."""
    for number, line in enumerate(text.splitlines(), first_line or 1):
        cell = line.strip().rstrip("".join(csv_rows.SEPARATORS)).strip()
        if cell:
            found = _AREA_AND_NUMBER.fullmatch(cell)
            yield entry(number, found[1] + found[2] if found else cell, region)
