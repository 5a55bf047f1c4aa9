"""Reads a CSV file into a header and rows with line numbers: any usual separator, cells of several lines. Pure.

The separator is the one in a first line such as `sep=;`, otherwise the one that gives most columns a known name.
"""

import csv
import io
import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from itertools import count

from functions.leads_api.lists import words
from functions.leads_api.lists.bad_list import BadList
from functions.leads_api.lists.leads_csv import unprotected

SEPARATORS = ",;\t|"
MOST_COLUMNS = 1000
_BEHIND_THE_END = "\0end\0"
_SEPARATOR_LINE = re.compile(r'"?sep=([,;\t|])', re.IGNORECASE)
_DIGITS_OF_A_NUMBER = 7
_TITLE_LINES = 30
_LONGEST_CELL = 2 * 1024 * 1024

csv.field_size_limit(_LONGEST_CELL)


@dataclass(frozen=True)
class Row:
    """One row: the line on which it begins, and its filled cells by header; "" holds a cell without a column."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True)
class Table:
    """A readable file: separator, column names, and an iterator over the rows that are not blank."""

    separator: str
    headers: tuple[str, ...]
    rows: Iterator[Row]
    header_line: int


def table(text: str, *, known: Container[str] = (), first_line: int | None = None, titles: bool = False) -> Table:
    """The file as a table; BadList if it cannot be read.

    *known* are column names that the caller maps. *first_line* is the line number of the first row, if this is a piece
    of a file. With *titles*, title lines of a report may come above the header.
    """
    separator, line, names = _header(text, known, titles)
    if len(names) > MOST_COLUMNS:
        raise BadList("bad_header", f"the file has {len(names):,} columns: at most {MOST_COLUMNS:,} can be read")
    headers = tuple(_unique(names))
    return Table(separator, headers, _rows(text, separator, line, headers, first_line), line)


def decoded(body: bytes) -> str:
    """The text of a body that must be CSV in UTF-8; otherwise BadList says what it is."""
    if kind := other_kind(body):
        raise BadList("not_a_list", kind)
    if body.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in body:
        raise BadList("bad_encoding", "the file is in UTF-16, or is not text: save it as CSV in UTF-8")
    try:
        text = body.decode("utf-8-sig").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise BadList("bad_encoding", f"line {line} is not in UTF-8: save the file as CSV in UTF-8") from None
    if "\ufffd" in text:
        line = text.count("\n", 0, text.index("\ufffd")) + 1
        message = f"line {line} has lost letters, because it was not in UTF-8: save the file as CSV in UTF-8"
        raise BadList("bad_encoding", message)
    return text


_KINDS = (
    (rb"PK\x03\x04", "this is an Excel workbook or another packed file: save it as CSV in UTF-8"),
    (rb"\xd0\xcf\x11\xe0", "this is an old Excel workbook: save it as CSV in UTF-8"),
    (rb"BEGIN:VCARD", "this is a file of contacts (vCard): export them as CSV instead"),
    (rb"%PDF", "this is a PDF, which holds no rows: get the list as CSV"),
    (rb"<(!doctype html|html|table|body|head|meta|style)\b", "this is a web page (HTML): save it as CSV in UTF-8"),
    (rb"<\?xml|<[A-Za-z]", "this is XML: get the list as CSV in UTF-8"),
    (rb"[\[{]\s*[\[{\"\]}]", "this is JSON: get the list as CSV in UTF-8"),
    (rb"\{\\rtf", "this is a text document (RTF): save it as CSV in UTF-8"),
    (rb"\x89PNG|\xff\xd8\xff|GIF8", "this is a picture: get the list as CSV in UTF-8"),
)
_KIND = [
    (re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:" + start + rb")", re.IGNORECASE), sentence) for start, sentence in _KINDS
]


def other_kind(body: bytes) -> str | None:
    """A sentence that says what kind of file this is, if it is not a list; None if it may be one."""
    return next((sentence for start, sentence in _KIND if start.match(body[:1000])), None)


def like_a_number(cell: str) -> bool:
    """Whether a cell has as many digits as a phone number, and so cannot be a column name."""
    return sum(letter.isdecimal() for letter in cell[:100]) >= _DIGITS_OF_A_NUMBER


def _rows(text: str, separator: str, above: int, headers: tuple[str, ...], first_line: int | None) -> Iterator[Row]:
    moved = None
    for line, cells in _cells(text, separator):
        if line <= above:
            continue
        if moved is None:
            moved = first_line - line if first_line else 0
        filled = {header: cell for header, cell in zip(headers, cells, strict=False) if cell.strip()}
        if surplus := next((cell for cell in cells[len(headers) :] if cell.strip()), ""):
            filled[""] = surplus
        if filled:
            yield Row(line + moved, filled)


def _cells(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """The cells of each row, and the line on which the row begins."""
    behind = "" if text.endswith(("\n", "\r")) else "\n"
    reader = csv.reader(io.StringIO(text + behind + _BEHIND_THE_END, newline=""), delimiter=separator)
    line = 1
    try:
        for cells in reader:
            if cells == [_BEHIND_THE_END]:
                return
            if any(_BEHIND_THE_END in cell for cell in cells):
                raise BadList("bad_csv", f"the quote that opens in line {line} is never closed")
            yield line, cells
            line = reader.line_num + 1
    except csv.Error:
        raise BadList("bad_csv", f"line {line} cannot be read: is a quote never closed?") from None


def _header(text: str, known: Container[str], titles: bool) -> tuple[str, int, list[str]]:
    """The separator, and the line and the names of the header."""
    match = _SEPARATOR_LINE.match(text)
    separators = match[1] if match else SEPARATORS
    best: tuple[tuple[int, int], str, int, list[str]] | None = None
    broken: BadList | None = None
    for separator in separators:
        try:
            line, names = _names(text, separator, known, titles)
        except BadList as bad:
            broken = broken or bad
            continue
        worth = (_known_names(names, known), len(names))
        if best is None or worth > best[0]:
            best = (worth, separator, line, names)
    if best is None:
        raise broken or BadList("bad_csv", "the file is empty")
    return best[1:]


def _names(text: str, separator: str, known: Container[str], titles: bool) -> tuple[int, list[str]]:
    """The line and the names of the header: the first row or, with *titles*, the row with most known names."""
    found: list[tuple[int, list[str]]] = []
    try:
        for line, cells in _cells(text, separator):
            names = [unprotected(cell.strip()) for cell in cells]
            if any(map(_says_something, names)) and not (line == 1 and _SEPARATOR_LINE.match(names[0] + separator)):
                found.append((line, names))
            if len(found) == (_TITLE_LINES if titles else 1):
                break
    except BadList:
        if not found:
            raise
    if not found:
        raise BadList("bad_csv", "the file is empty")
    worths = [_known_names(names, known) for _, names in found]
    return found[worths.index(max(worths))]


def _says_something(name: str) -> bool:
    return bool(name.strip(SEPARATORS + ' "'))


def _known_names(names: list[str], known: Container[str]) -> int:
    few = names[:MOST_COLUMNS]
    return sum(bool(name) and (name in known or _is_known(name)) for name in few)


def _is_known(name: str) -> bool:
    return bool(words.field_of(name)[0] or words.is_mark(name) or words.is_consent(name)) or name.startswith("extra.")


def _unique(names: list[str]) -> list[str]:
    """Unique names for all columns: a column without a name gets its number, and a second `Phone` is `Phone (2)`.

    It is `Phone (3)` if another column is already called `Phone (2)`.
    """
    named = [name or f"column {index}" for index, name in enumerate(names, 1)]
    further = {name: _numbered(name) for name in named}
    taken = set(named)
    unique: dict[str, None] = {}
    for name in named:
        free = name if name not in unique else next(other for other in further[name] if other not in taken)
        taken.add(free)
        unique[free] = None
    return list(unique)


def _numbered(name: str) -> Iterator[str]:
    return (f"{name} ({number})" for number in count(2))
