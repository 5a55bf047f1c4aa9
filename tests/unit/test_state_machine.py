"""docs/state-machine.md has every write of the Leads table, with just what it sets and removes."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autocall import lead_writes
from autocall.lead_table import LeadTable
from autocall.leads import DUE_LINE, DUE_LOST, DUE_WAIT, STATUSES, TERMS, LeadRow
from tests.faults.writes import names
from tests.unit.test_dynamo_expressions import LEAD_CALLS, RecordingClient, _leads, targets

PAGE = (Path(__file__).parents[2] / "docs" / "state-machine.md").read_text()
COLUMNS = ("write", "moves", "who", "condition", "sets", "removes", "history", "due")
DESCRIPTION = set(lead_writes.PERSONAL) - {"held", "due"}
OF_EVERY_WRITE, OF_A_VISIBLE_ONE = {"write_id"}, {"at", "was", "version"}


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def _told() -> dict[str, dict[str, str]]:
    """The rows of the table of writes, by the write."""
    rows = [dict(zip(COLUMNS, _cells(line), strict=True)) for line in PAGE.splitlines() if line.count("|") == 9]
    return {row["write"].strip("`"): row for row in rows[2:]}


def _attributes(cell: str) -> set[str]:
    return set(re.findall(r"`([a-z_]+)`", cell))


def _requests(write: str) -> Iterator[Any]:
    """What the write asks of the table: whatever row is there, won at once and refused at first."""
    for found in ({}, {"call_status": "completed", "dnc": True}, {"history": [{}] * 200}):
        for refused in (False, True):
            for call in LEAD_CALLS[write]:
                client = RecordingClient(found, refused)
                call(_leads(client))
                yield from client.requests


def _written(write: str, *verbs: str) -> set[str]:
    """The attributes that the write sets, removes or adds to."""
    found: set[str] = set()
    for request in _requests(write):
        clauses = re.split(r"\b(SET|REMOVE|ADD)\b ", request["UpdateExpression"])[1:]
        for verb, text in zip(clauses[::2], clauses[1::2], strict=True):
            if verb in verbs:
                found |= set(targets({**request, "UpdateExpression": f"{verb} {text}"}))
    return found


def test_the_page_has_every_write_and_no_other() -> None:
    assert list(_told()) == names(LeadTable)


def test_the_page_has_the_writes_in_the_order_of_their_module() -> None:
    """A write of which there is more than one form has further functions, each after the one of its name."""
    own = [name for name, does in vars(lead_writes).items() if getattr(does, "__module__", "") == lead_writes.__name__]
    public = [name for name in own if not name.startswith("_")]
    assert [name for name in public if name in _told()] == list(_told())
    for index, name in enumerate(public):
        before = [other for other in public[:index] if other in _told()]
        assert name in _told() or name.startswith(f"{before[-1]}_of_"), name


@pytest.mark.parametrize("write", _told())
def test_the_page_says_what_a_write_sets_and_removes(write: str) -> None:
    told = _told()[write]
    sets = _written(write, "SET", "ADD")
    silent = write in ("choose_sender", "add_stray", "reschedule_check", "free_line")
    assert sets >= OF_EVERY_WRITE
    assert bool(sets & OF_A_VISIBLE_ONE) is not silent
    described = "what describes the lead" in told["sets"]
    own = sets - OF_EVERY_WRITE - OF_A_VISIBLE_ONE - {"history"} - (DESCRIPTION if described else set())
    assert own == _attributes(told["sets"])
    assert _written(write, "REMOVE") == _attributes(told["removes"])
    assert ("history" in sets) is told["history"].startswith("yes")


@pytest.mark.parametrize("write", _told())
def test_a_write_that_moves_due_says_where_to(write: str) -> None:
    told = _told()[write]["due"]
    if "due" in _written(write, "SET"):
        assert re.match(rf"`({DUE_WAIT}|{DUE_LINE}|{DUE_LOST})`|the same kind", told)
    else:
        assert told == ("none" if "due" in _written(write, "REMOVE") else "as it was")


def test_a_row_lists_every_attribute_that_is_written_to_it_and_no_other() -> None:
    written = {attribute for write in _told() for attribute in _written(write, "SET", "ADD")}
    as_a_list_has_them = set(TERMS)
    assert set(LeadRow.__annotations__) == written | as_a_list_has_them | {"user_id", "lead_id"}


def test_the_page_knows_every_status_and_every_prefix() -> None:
    first = PAGE.split("## The writes")[0]
    assert set(re.findall(r"`([a-z-]+)`", first)) >= set(STATUSES)
    assert set(re.findall(r"`([a-z]+#)", PAGE)) == {DUE_WAIT, DUE_LINE, DUE_LOST}
