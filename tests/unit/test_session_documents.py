"""docs/state-machine.md has every write of a session, with just what it sets and removes; and moto agrees with it.

Moto is asked in a third of the states: another third every day, all in `make soak`.
"""

import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest

from autocall.dynamo import to_dynamo
from autocall.session_table import SessionTable
from autocall.timing import Timing
from tests.faults.tables import AGENTS, Tables
from tests.faults.writes import names
from tests.rotation import of_today
from tests.unit import moto_tables
from tests.unit.test_dynamo_expressions import SESSION, SESSION_CALLS, RecordingClient, targets
from tests.unit.test_session_table import STATES, USER, WRITES

PAGE = (
    (Path(__file__).parents[2] / "docs" / "state-machine.md").read_text().partition("# The state machine of a session")
)
COLUMNS = ("write", "moves", "who", "condition", "sets", "removes")


def _told() -> dict[str, dict[str, str]]:
    lines = [line for line in PAGE[2].splitlines() if line.count("|") == 7]
    rows = [dict(zip(COLUMNS, (cell.strip() for cell in line.strip("|").split("|")), strict=True)) for line in lines]
    return {row["write"].strip("`"): row for row in rows[2:]}


def _requests(write: str) -> Iterator[dict[str, Any]]:
    for found in ({}, SESSION, SESSION | {"wrap_up_s": 90}, SESSION | {"call_leg": "attempt"}):
        for refused in (False, True):
            for call in SESSION_CALLS[write]:
                client: Any = RecordingClient(found, refused)
                call(SessionTable(client, AGENTS, Timing()))
                yield from client.requests


def _written(write: str, *verbs: str) -> set[str]:
    found: set[str] = set()
    for request in _requests(write):
        clauses = re.split(r"\b(SET|REMOVE|ADD)\b ", request["UpdateExpression"])[1:]
        for verb, text in zip(clauses[::2], clauses[1::2], strict=True):
            if verb in verbs:
                found |= set(targets({**request, "UpdateExpression": f"{verb} {text}"}))
    return found


def _attributes(cell: str) -> set[str]:
    return set(re.findall(r"`([a-z_]+)`", cell))


def test_the_page_has_every_write_and_no_other() -> None:
    assert list(_told()) == names(SessionTable)


@pytest.mark.parametrize("write", _told())
def test_the_page_says_what_a_write_sets_and_removes(write: str) -> None:
    told = _told()[write]
    assert _written(write, "SET", "ADD") - {"write_id", "version"} == _attributes(told["sets"])
    assert _written(write, "SET", "ADD") >= {"write_id", "version"}
    assert _written(write, "REMOVE") == _attributes(told["removes"])


def test_a_write_does_the_same_in_memory_as_on_moto() -> None:
    with moto_tables.tables() as moto:
        for state, steps in of_today(list(STATES.items()), 3):
            memory: Any = Tables()
            for step in steps:
                step(SessionTable(memory, AGENTS, Timing()))
            item = SessionTable(memory, AGENTS, Timing()).get(USER).item
            for write, (does, _) in WRITES.items():
                answers = []
                for client in (Tables(), moto):
                    store: Any = client
                    store.delete_item(TableName=AGENTS, Key=to_dynamo({"user_id": USER, "item": "session"}))
                    if item:
                        store.put_item(TableName=AGENTS, Item=to_dynamo(item))
                    with patch("autocall.dynamo.uuid", SimpleNamespace(uuid4=count().__next__)):
                        answers.append(does(SessionTable(store, AGENTS, Timing())))
                assert answers[0] == answers[1], f"{write} in {state}"
