"""A CSV file as rows with the lines they stand on: any of the usual separators, and cells of several lines. Pure."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from functions.leads_api import columns
from functions.leads_api.answer import Problem

SEPARATORS = ",;\t|"
_BEHIND_THE_END = "\0end\0"
_MOST_COLUMNS = 1000
_MOST_NAMED = 50
_DIGITS_OF_A_NUMBER = 7


@dataclass(frozen=True)
class Row:
    """One row: the line that it begins on, and a cell for every header; "" is the header of those that have none."""

    line: int
    cells: dict[str, str]


def rows(body: bytes, first_line: int | None = None) -> Iterator[Row]:
    """The rows of a file that are not blank; *first_line* is the line of the first one, if this is a piece of a file.

    Problem if the file cannot be read as a whole.
    """
    text = _text(body)
    separator, header_line, headers = _header(text)
    moved = None
    for line, cells in _cells(text, separator):
        if line <= header_line:
            continue
        if moved is None:
            moved = first_line - line if first_line else 0
        if any(cell.strip() for cell in cells):
            told = dict.fromkeys(headers, "") | dict(zip(headers, cells, strict=False))
            surplus = "".join(cells[len(headers) :]).strip()
            yield Row(line + moved, told | ({"": surplus} if surplus else {}))


def _text(body: bytes) -> str:
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Problem(400, "bad_encoding", "the file is in UTF-16: save it as CSV in UTF-8")
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise Problem(400, "bad_encoding", f"line {line} is not in UTF-8: save the file as CSV in UTF-8") from None


def _cells(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """The cells of each row and the line that it begins on."""
    behind = "" if text.endswith(("\n", "\r")) else "\n"
    reader = csv.reader(io.StringIO(text + behind + _BEHIND_THE_END, newline=""), delimiter=separator)
    line = 1
    try:
        for cells in reader:
            if cells == [_BEHIND_THE_END]:
                return
            if any(_BEHIND_THE_END in cell for cell in cells):
                raise Problem(400, "bad_csv", f"the quote that opens in line {line} is never closed")
            yield line, cells
            line = reader.line_num + 1
    except csv.Error:
        raise Problem(400, "bad_csv", f"line {line} cannot be read: is a quote never closed?") from None


def _header(text: str) -> tuple[str, int, list[str]]:
    """The separator, and the line and the names of the header: read with whatever makes out a column of numbers."""
    best: tuple[str, int, list[str]] = ("", 0, [])
    for separator in SEPARATORS:
        line, names = _first_row(text, separator)
        if "phone" in columns.fields(tuple(names)).values():
            if len(names) > _MOST_COLUMNS:
                message = f"the file has {len(names):,} columns: at most {_MOST_COLUMNS:,} can be read"
                raise Problem(400, "bad_header", message)
            return separator, line, _unique(names)
        if len(names) > len(best[2]):
            best = (separator, line, names)
    raise _no_phone(best[2])


def _first_row(text: str, separator: str) -> tuple[int, list[str]]:
    for line, cells in _cells(text, separator):
        names = [cell.strip() for cell in cells]
        if any(names) and not names[0].startswith("sep="):
            return line, names
    raise Problem(400, "bad_csv", "there is nothing in the file")


def _unique(names: list[str]) -> list[str]:
    """Names for all columns: one without a name is known by its place, and a second `Phone` is `Phone (2)`.

    Or `Phone (3)`, if another column is called `Phone (2)`: nobody's own name is taken.
    """
    told = [name or f"column {place}" for place, name in enumerate(names, 1)]
    further = {name: _numbered(name) for name in told}
    taken = set(told)
    unique: dict[str, None] = {}
    for name in told:
        free = name if name not in unique else next(other for other in further[name] if other not in taken)
        taken.add(free)
        unique[free] = None
    return list(unique)


def _numbered(name: str) -> Iterator[str]:
    return (f"{name} ({number})" for number in count(2))


def like_a_number(cell: str) -> bool:
    """Whether a cell is no column's name: it has as many digits as a telephone number."""
    return sum(letter.isdecimal() for letter in cell) >= _DIGITS_OF_A_NUMBER


def _no_phone(names: list[str]) -> Problem:
    if any(map(like_a_number, names)):
        return Problem(400, "bad_header", "the first line must name the columns, one of them phone")
    found = [name[:100] for name in names[:_MOST_NAMED]]
    message = f"no column is named phone, or anything like it: there are {', '.join(found)}"
    return Problem(400, "bad_header", message, {"found": found})
