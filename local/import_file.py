"""Send a file of leads to the API in pieces, and say what became of each row."""

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

MOST_ROWS = 500  # half of what a request may have: a piece should be through within seconds
MOST_BYTES = 900_000
_TRIES = 5
_PAUSE_S = 1.0


class NotTaken(Exception):
    """A piece was refused, or nobody answered; the message says what the server said."""


@dataclass(frozen=True)
class Api:
    """An installation, as one agent sees it."""

    http_url: str
    token: str

    def region(self) -> str:
        """The country of numbers that are written without one."""
        return str(self._ask("GET", "/api/settings")["installation"]["default_region"])

    def pause(self) -> None:
        """Nobody is called until the agent goes on."""
        self._ask("POST", "/api/autocall/pause", {})

    def send(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """What became of the rows of one request."""
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
            silent = f"{self.http_url} does not answer ({type(error).__name__}); importing again is safe"
            raise NotTaken(silent) from None
        if not answer.ok:
            raise NotTaken(_why(answer))
        data: dict[str, Any] = answer.json()
        return data


@dataclass
class _Import:
    """What has become of the rows so far."""

    api: Api
    columns: Mapping[str, str]
    say: Say
    pause: Callable[[float], None]
    created: int = 0
    merged: int = 0
    refused: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[dict[str, Any]] = field(default_factory=list)

    def send(self, rows: Sequence[Row], after: int) -> None:
        """Send these rows, and once more those for which the server had no time."""
        waiting = list(rows)
        for tried in range(_TRIES):
            if tried:
                self.pause(_PAUSE_S * 2 ** (tried - 1))
            answer = self.api.send(self._body(waiting, after))
            self.created += answer["created"]
            self.merged += answer["merged"]
            lines = dict(enumerate(waiting, 1))
            again = {one["line"] for one in answer["refused"] if one["retry"] and tried < _TRIES - 1}
            self.refused += [
                one | {"line": lines[one["line"]].line} for one in answer["refused"] if one["line"] not in again
            ]
            self.warnings += [one | {"line": lines[one["line"]].line} for one in answer.get("warnings", [])]
            waiting = [row for place, row in lines.items() if place in again]
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
    """Send the whole file, say how far it is and which rows were refused; whether all were taken.

    Of a file of several pieces the marks go first: a lead of the first piece may be called before the last is sent.
    """
    text = read_text(path, say, encoding)
    file = decide(read(path.name, text, api.region(), "leads", decided or {}), say, ask)
    if later:
        api.pause()
        say("Calling is paused: nobody of the list is called until you resume")
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
            before = f" (after {sent:,} of {len(rows):,} rows, which are in)" if sent else ""
            raise NotTaken(f"{path.name}: {error}{before}") from None
        sent += len(piece)
        if len(pieces) > 1:
            say(f"{sent:,} of {len(rows):,} rows")
    for one in sorted([*done.refused, *done.warnings], key=lambda one: int(one["line"])):
        say(f"line {one['line']}: {one['reason']}")
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
    """The rows in pieces that the API takes."""
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
    """What the API says was wrong, or the gateway before it; its status if neither says anything."""
    try:
        data = answer.json()
        return str(data["error"]["message"] if "error" in data else data["message"])
    except (ValueError, KeyError, TypeError):
        return f"the server answered {answer.status_code}"
