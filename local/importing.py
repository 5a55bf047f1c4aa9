"""Send a file of leads to the API in pieces, and say what became of each row."""

import csv
import io
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from functions.leads_api import columns, csv_rows
from functions.leads_api.answer import Problem
from functions.leads_api.csv_rows import SEPARATORS
from local.environments import Say

MOST_ROWS = 500  # half of what a request may have: a piece should be through within seconds
MOST_BYTES = 1_000_000
Send = Callable[[str, int], dict[str, Any]]


class Unreadable(Exception):
    """A file cannot be read as a list; the message says what is wrong with it."""


class NotTaken(Exception):
    """A piece was refused, or nobody answered; the message says what the server said."""


@dataclass(frozen=True)
class Piece:
    """Some rows of a file with its header, and the line of the file at which they start."""

    text: str
    first_line: int
    rows: int


@dataclass(frozen=True)
class Row:
    """One row as it stands in the file; with quotes it may go over several lines."""

    text: str
    line: int


def read(path: Path) -> str:
    """The file's text, whichever of the usual encodings of spreadsheets it has."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise Unreadable(f"{path}: {error.strerror}") from None
    for encoding in ["utf-16"] if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ["utf-8-sig", "cp1252"]:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable(f"{path}: this is not text, or in an encoding of its own: save it as CSV in UTF-8")


def pieces(text: str, lines: Container[int] | None = None) -> Iterator[Piece]:
    """The file, or only the rows that begin on *lines*, in pieces that the API takes, cut between rows."""
    header, *rows = _rows(text)
    rows = [row for row in rows if lines is None or row.line in lines]
    taken: list[Row] = []
    size = _bytes(header)
    for row in rows:
        if taken and (len(taken) == MOST_ROWS or size + _bytes(row) > MOST_BYTES):
            yield _piece(header, taken)
            taken, size = [], _bytes(header)
        taken.append(row)
        size += _bytes(row)
    if taken:
        yield _piece(header, taken)


def _piece(header: Row, rows: list[Row]) -> Piece:
    return Piece(header.text + "".join(row.text for row in rows), rows[0].line, len(rows))


def _bytes(row: Row) -> int:
    return len(row.text.encode())


def _rows(text: str) -> list[Row]:
    """The header, with all that stands above it, and the rows below."""
    lines = list(io.StringIO(text, newline="")) or ["\n"]
    if not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    header = next((place for place, line in enumerate(lines) if not _above_the_header(line)), 0)
    ends = [header]
    reader = csv.reader(lines[header:], delimiter=max(SEPARATORS, key=lines[header].count))
    try:
        ends.extend(header + reader.line_num for _ in reader)  # as far as it can be read
    except csv.Error:
        raise Unreadable(f"line {ends[-1] + 1} cannot be read: is a quote never closed?") from None
    starts = [0, *ends[1:]]
    return [Row("".join(lines[start:end]), start + 1) for start, end in zip(starts, ends[1:], strict=False)]


def _above_the_header(line: str) -> bool:
    """Whether a line is blank, or a spreadsheet's own word about its separator."""
    return not line.strip(SEPARATORS + "\r\n ") or line.startswith("sep=")


def marked(text: str) -> set[int]:
    """The lines of the rows that are marked do-not-call; none where the API will say that the file cannot be read."""
    try:
        return {row.line for row in csv_rows.rows(text.encode()) if _is_marked(row.cells)}
    except Problem:
        return set()


def _is_marked(cells: Mapping[str, str]) -> bool:
    meant = columns.fields(tuple(cells))
    return any(columns.marked(cells[header]) for header, field in meant.items() if field == "do_not_call")


def send_file(path: Path, send: Send, say: Say) -> bool:
    """Send all pieces, say how far it is and which rows were refused; whether all were taken.

    Of a file of several pieces the marks go first: a lead of the first piece may be called before the last is sent.
    """
    created = merged = done = 0
    refused: list[dict[str, Any]] = []
    text = read(path)
    parts = list(pieces(text))
    rows = sum(piece.rows for piece in parts)
    for piece in pieces(text, marked(text)) if len(parts) > 1 else ():
        send(piece.text, piece.first_line)
    for piece in parts:
        try:
            answer = send(piece.text, piece.first_line)
        except NotTaken as error:
            before = f" (after {done:,} of {rows:,} rows, which are in)" if done else ""
            raise NotTaken(f"{path.name}: {error}{before}") from None
        created, merged, done = created + answer["created"], merged + answer["merged"], done + piece.rows
        refused += answer["refused"]
        if len(parts) > 1:
            say(f"{done:,} of {rows:,} rows")
    for row in refused:
        say(f"line {row['line']}: {row['reason']}")
    say(f"{path.name}: {created:,} new leads, {merged:,} merged, {len(refused):,} rows refused")
    return not refused


def to_api(http_url: str, token: str) -> Send:
    """Send a piece to `POST /api/leads` of an installation."""

    def send(text: str, first_line: int) -> dict[str, Any]:
        try:
            answer = requests.post(
                f"{http_url}/api/leads",
                params={"first_line": first_line},
                data=text.encode(),
                headers={"authorization": f"Bearer {token}", "content-type": "text/csv; charset=utf-8"},
                timeout=60,
            )
        except requests.RequestException as error:
            raise NotTaken(f"{http_url} does not answer ({type(error).__name__}); importing again is safe") from None
        if not answer.ok:
            raise NotTaken(_why(answer))
        told: dict[str, Any] = answer.json()
        return told

    return send


def _why(answer: requests.Response) -> str:
    """What the API says was wrong, or the gateway before it; its status if neither says anything."""
    try:
        told = answer.json()
        return str(told["error"]["message"] if "error" in told else told["message"])
    except (ValueError, KeyError, TypeError):
        return f"the server answered {answer.status_code}"
