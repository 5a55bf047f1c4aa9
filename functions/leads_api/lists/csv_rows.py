"""A CSV file as a header and rows with their lines: any of the usual separators, cells of several lines. Pure.

There is one rule for the separator: the line `sep=;` says it, else it is the one by which most columns have names that
are known.
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
    """One row: the line that it begins on, and its filled cells by their headers; "" stands for those without any."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True)
class Table:
    """A file that can be read: its separator, the names of its columns, and its rows that are not blank, once."""

    separator: str
    headers: tuple[str, ...]
    rows: Iterator[Row]
    header_line: int


def table(text: str, *, known: Container[str] = (), first_line: int | None = None, titles: bool = False) -> Table:
    """The file as a table; BadList if it cannot be read.

    *known* are the names of columns that somebody has explained. *first_line* is the line of the first row, if this is
    a piece of a file. With *titles*, lines of a report may stand above the header.
    """
    separator, line, names = _header(text, known, titles)
    if len(names) > MOST_COLUMNS:
        raise BadList("bad_header", f"the file has {len(names):,} columns: at most {MOST_COLUMNS:,} can be read")
    headers = tuple(_unique(names))
    return Table(separator, headers, _rows(text, separator, line, headers, first_line), line)


def decoded(body: bytes) -> str:
    """The text of a body that must be CSV in UTF-8; BadList says what it is instead."""
    if kind := other_kind(body):
        raise BadList("not_a_list", kind)
    if body.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in body:
        raise BadList("bad_encoding", "the file is in UTF-16 or no text at all: save it as CSV in UTF-8")
    try:
        text = body.decode("utf-8-sig").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise BadList("bad_encoding", f"line {line} is not in UTF-8: save the file as CSV in UTF-8") from None
    if "\ufffd" in text:
        line = text.count("\n", 0, text.index("\ufffd")) + 1
        message = f"line {line} has lost letters, for it was not in UTF-8: save the file as CSV in UTF-8"
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
    """What a file is that is no list, in one sentence; None if it may be one."""
    return next((sentence for start, sentence in _KIND if start.match(body[:1000])), None)


def like_a_number(cell: str) -> bool:
    """Whether a cell is no column's name: it has as many digits as a telephone number."""
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
    """The cells of each row and the line that it begins on."""
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
    told = _SEPARATOR_LINE.match(text)
    separators = told[1] if told else SEPARATORS
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
        raise broken or BadList("bad_csv", "there is nothing in the file")
    return best[1:]


def _names(text: str, separator: str, known: Container[str], titles: bool) -> tuple[int, list[str]]:
    """The line of the header and its names: the first row, or, below titles, the one with most names that are known."""
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
        raise BadList("bad_csv", "there is nothing in the file")
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
