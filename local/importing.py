"""Send a file of leads to the API in pieces, and say what became of each row."""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import requests

from local.environments import Say

MOST_ROWS = 500  # half of what a request may have: a piece should be through within seconds
MOST_BYTES = 1_000_000
Send = Callable[[str, int], dict[str, Any]]


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
    data = path.read_bytes()
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252")


def pieces(text: str) -> Iterator[Piece]:
    """The file in pieces that the API takes, cut between rows."""
    header, *rows = _rows(text)
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
    lines = text.splitlines(keepends=True) or ["\n"]
    if not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    reader = csv.reader(lines, delimiter=_delimiter(lines[0]))
    ends = [0, *(reader.line_num for _ in reader)]
    return [Row("".join(lines[start:end]), start + 1) for start, end in pairwise(ends)]


def _delimiter(header: str) -> str:
    return max(",;\t", key=header.count)


def send_file(path: Path, send: Send, say: Say) -> bool:
    """Send all pieces, say how far it is and which rows were refused; whether all were taken."""
    created = merged = done = 0
    refused: list[dict[str, Any]] = []
    parts = list(pieces(read(path)))
    rows = sum(piece.rows for piece in parts)
    for piece in parts:
        answer = send(piece.text, piece.first_line)
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
        answer = requests.post(
            f"{http_url}/api/leads",
            params={"first_line": first_line},
            data=text.encode(),
            headers={"authorization": f"Bearer {token}", "content-type": "text/csv; charset=utf-8"},
            timeout=60,
        )
        answer.raise_for_status()
        told: dict[str, Any] = answer.json()
        return told

    return send
