"""The tables in memory answer as DynamoDB's expressions do: every write in every state of a row, beside moto.

Each write in a sixth of the states: another sixth every day, all in `make soak`.
"""

from collections.abc import Iterator
from itertools import count
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest

from autocall.agent_table import AgentTable
from autocall.dynamo import WriteResult, to_dynamo
from autocall.lead_table import LeadTable, Page
from autocall.leads import LeadKey, LeadRow
from autocall.timing import Timing
from tests.faults.tables import AGENTS, LEADS, Tables
from tests.integration.test_write_matrix import NOW, STATES, WRITES, Lead
from tests.rotation import of_today
from tests.unit import moto_tables

assert (LEADS, AGENTS) == (moto_tables.LEADS, moto_tables.AGENTS)
USER = "ada"
IN_STATES = of_today(list(STATES), 6)
pytestmark = pytest.mark.usefixtures("moto_starts_once")


@pytest.fixture(scope="module")
def moto_starts_once() -> Iterator[None]:
    with moto_tables.kept():
        yield


@pytest.fixture
def moto() -> Iterator[Any]:
    with moto_tables.tables() as client:
        yield client


@pytest.fixture(scope="module")
def rows() -> list[LeadRow]:
    """A row in each state, brought there in memory; the states in which there is none are left out."""
    memory: Any = Tables()
    table = LeadTable(memory, LEADS, Timing())
    for state in IN_STATES:
        for step in STATES[state]:
            step(Lead(table, USER, state, since=NOW))
    return [row for state in IN_STATES if (row := table.get(LeadKey(USER, state)))]


def _with_rows(client: Any, rows: list[LeadRow]) -> LeadTable:
    for row in rows:
        client.put_item(TableName=LEADS, Item=to_dynamo(row))
    return LeadTable(client, LEADS, Timing())


def _looked_at(table: LeadTable) -> tuple[list[LeadRow], list[Page]]:
    in_flight, waiting = table.due(USER, 3)
    return in_flight, list(waiting)


def _written(table: LeadTable, write: str) -> dict[str, WriteResult]:
    with patch("autocall.dynamo.uuid", SimpleNamespace(uuid4=count().__next__)):
        return {state: WRITES[write][0](Lead(table, USER, state, since=NOW + 100)) for state in IN_STATES}


@pytest.mark.parametrize("write", WRITES)
def test_a_write_does_the_same_in_memory_as_on_moto(write: str, moto: Any, rows: list[LeadRow]) -> None:
    memory = _with_rows(Tables(), rows)
    real = _with_rows(moto, rows)
    assert _written(memory, write) == _written(real, write)
    assert memory.page(USER, None, 1000) == real.page(USER, None, 1000)
    assert memory.unsettled(USER) == real.unsettled(USER)
    assert list(memory.waiting(USER, 3)) == list(real.waiting(USER, 3))
    assert _looked_at(memory) == _looked_at(real)


def test_who_is_connected_is_the_same_in_memory_as_on_moto(moto: Any) -> None:
    memory: Any = Tables()
    for client in (memory, moto):
        agents = AgentTable(client, AGENTS)
        agents.connect("ada", "one", int(NOW) + 3600, NOW)
        agents.connect("ada", "two", int(NOW) + 3600, NOW)
        agents.connect("bob", "three", int(NOW) + 3600, NOW - 86_400)
        agents.update_profile("eve", {"lines": 2})
    assert AgentTable(memory, AGENTS).connected_users(NOW) == AgentTable(moto, AGENTS).connected_users(NOW) == ["ada"]
