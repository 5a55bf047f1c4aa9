"""Sends a file of leads to the API in pieces, and prints the refused rows."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from functions.leads_api.lists import words
from functions.leads_api.lists.column_map import ColumnMap
from functions.leads_api.lists.csv_rows import Row
from local.environments import Say
from local.list_file import Ask, ListFile, decide, read, read_text

MOST_ROWS = 500  # half of the API's limit, so that a piece takes only seconds
MOST_BYTES = 900_000
_TRIES = 5
_PAUSE_S = 1.0


class NotTaken(Exception):
    """A piece was refused, or the server did not answer; the message has its reason."""


@dataclass(frozen=True)
class Api:
    """The HTTP API of an installation, for one agent."""

    http_url: str
    token: str

    def region(self) -> str:
        """The country for numbers without a country code."""
        return str(self._ask("GET", "/api/settings")["installation"]["default_region"])

    def pause(self) -> None:
        """Pause: nobody is called until the agent resumes."""
        self._ask("POST", "/api/autocall/pause", {})

    def send(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Import the rows of one request; returns the response."""
        return self._ask("POST", "/api/leads", body)

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        try:
            answer = requests.request(
                method,
                f"{self.http_url}{path}",
                data=None if body is None else json.dumps(body).encode(),
                headers={"authorization": f"Bearer {self.token}", "content-type": "application/json"},
                timeout=60,
            )
        except requests.RequestException as error:
            silent = f"{self.http_url} did not answer ({type(error).__name__}); it is safe to import again"
            raise NotTaken(silent) from None
        if not answer.ok:
            raise NotTaken(_why(answer))
        data: dict[str, Any] = answer.json()
        return data


@dataclass
class _Import:
    """The state of one import: counts and refused rows so far."""

    api: Api
    columns: Mapping[str, str]
    say: Say
    pause: Callable[[float], None]
    created: int = 0
    merged: int = 0
    refused: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[dict[str, Any]] = field(default_factory=list)

    def send(self, rows: Sequence[Row], after: int) -> None:
        """Send these rows, and send those again that the server asks to retry."""
        waiting = list(rows)
        for tried in range(_TRIES):
            if tried:
                self.pause(_PAUSE_S * 2 ** (tried - 1))
            answer = self.api.send(self._body(waiting, after))
            self.created += answer["created"]
            self.merged += answer["merged"]
            lines = dict(enumerate(waiting, 1))
            again = {
                refused_row["line"] for refused_row in answer["refused"] if refused_row["retry"] and tried < _TRIES - 1
            }
            self.refused += [
                refused_row | {"line": lines[refused_row["line"]].line}
                for refused_row in answer["refused"]
                if refused_row["line"] not in again
            ]
            self.warnings += [
                refused_row | {"line": lines[refused_row["line"]].line} for refused_row in answer.get("warnings", [])
            ]
            waiting = [row for index, row in lines.items() if index in again]
            if not waiting:
                return

    def _body(self, rows: Sequence[Row], after: int) -> dict[str, Any]:
        return {"columns": self.columns, "leads": [row.cells for row in rows], "rows_after": after}


def send_file(
    path: Path,
    api: Api,
    say: Say,
    *,
    decided: Mapping[str, str] | None = None,
    encoding: str = "",
    ask: Ask | None = None,
    later: bool = False,
    pause: Callable[[float], None] = time.sleep,
) -> bool:
    """Send the whole file, print progress and refused rows; returns whether all rows were accepted.

    If there are several pieces, do-not-call marks are sent first: a lead of the first piece may be called before the
    last piece is sent.
    """
    text = read_text(path, say, encoding)
    file = decide(read(path.name, text, api.region(), "leads", decided or {}), say, ask)
    if later:
        api.pause()
        say("Calling is paused: no lead is called until you resume")
    rows = list(file.rows())
    done = _Import(api, file.guess.mapping, say, pause)
    pieces = list(_pieces(rows))
    if len(pieces) > 1:
        _send_marks(file, rows, done)
    sent = 0
    for piece in pieces:
        try:
            done.send(piece, len(rows) - sent - len(piece))
        except NotTaken as error:
            before = f" (after {sent:,} of {len(rows):,} rows, which were imported)" if sent else ""
            raise NotTaken(f"{path.name}: {error}{before}") from None
        sent += len(piece)
        if len(pieces) > 1:
            say(f"{sent:,} of {len(rows):,} rows")
    for notice in sorted([*done.refused, *done.warnings], key=lambda notice: int(notice["line"])):
        say(f"line {notice['line']}: {notice['reason']}")
    say(f"{path.name}: {done.created:,} new leads, {done.merged:,} merged, {len(done.refused):,} rows refused")
    return not done.refused


def _send_marks(file: ListFile, rows: Sequence[Row], done: _Import) -> None:
    columns = file.guess.column_map()
    for piece in _pieces([row for row in rows if _is_marked(row, columns)]):
        done.api.send({"columns": done.columns, "leads": [row.cells for row in piece]})


def _is_marked(row: Row, columns: ColumnMap) -> bool:
    for header, cell in row.cells.items():
        target = columns.targets.get(header, "")
        if target.startswith("do_not_call") and words.marked(cell):
            return True
        if target == "may_call" and words.denies(cell):
            return True
    return False


def _pieces(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Split the rows into pieces that the API accepts."""
    taken: list[Row] = []
    size = 0
    for row in rows:
        more = len(json.dumps(row.cells))
        if taken and (len(taken) == MOST_ROWS or size + more > MOST_BYTES):
            yield taken
            taken, size = [], 0
        taken.append(row)
        size += more
    if taken:
        yield taken


def _why(answer: requests.Response) -> str:
    """The error message of the API or of the gateway; the status if there is no message."""
    try:
        data = answer.json()
        return str(data["error"]["message"] if "error" in data else data["message"])
    except (ValueError, KeyError, TypeError):
        return f"the server answered {answer.status_code}"
