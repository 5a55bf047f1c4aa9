"""The edges of docs/state-machine.md: the matrices take every one of them and no other, and refuse each write."""

from collections import Counter
from typing import Any

from autocall.lead_table import LeadTable
from autocall.session_table import SessionTable
from autocall.timing import Timing
from tests.faults import edges, writes
from tests.faults.tables import AGENTS, LEADS, Tables
from tests.integration import test_write_matrix as of_leads
from tests.unit import test_session_table as of_sessions

USER = "ada"


def _copy(items: dict[str, dict[Any, Any]]) -> Any:
    memory = Tables()
    memory.items = {table: {key: dict(item) for key, item in rows.items()} for table, rows in items.items()}
    return memory


def _taken_by_leads() -> Counter[str]:
    told: Counter[str] = Counter()
    first: Any = Tables()
    table = LeadTable(first, LEADS, Timing())
    for state, steps in of_leads.STATES.items():
        for step in steps:
            step(of_leads.Lead(table, USER, state, since=of_leads.NOW))
    for step, _ in of_leads.WRITES.values():
        memory = _copy(first.items)
        counted = writes.counted(LeadTable(memory, LEADS, Timing()), told, memory.moved)
        for state in of_leads.STATES:
            step(of_leads.Lead(counted, USER, state, since=of_leads.NOW + 100))
    return told


def _taken_by_sessions() -> Counter[str]:
    told: Counter[str] = Counter()
    for steps in of_sessions.STATES.values():
        _, begun = of_sessions._table(steps)
        for step, _ in of_sessions.WRITES.values():
            memory = _copy(begun.items)
            step(writes.counted(SessionTable(memory, AGENTS, Timing()), told, memory.moved))
    return told


def test_the_matrices_take_every_edge_of_the_page_and_refuse_every_write() -> None:
    """A write that takes an edge which the page of a lead does not have fails by itself."""
    told = _taken_by_leads() + _taken_by_sessions()
    assert edges.never_taken(told) == []
    assert edges.never_refused(told) == []


def test_every_write_of_a_session_has_its_edges() -> None:
    assert list(edges.OF_A_SESSION) == writes.names(SessionTable)
    assert list(edges.of_a_lead()) == writes.names(LeadTable)


def test_no_history_takes_an_edge_that_the_matrices_alone_can_take() -> None:
    alone = [edge for edge in edges.every() if edges.is_for_nobody(edge)]
    assert len(alone) == 13
    assert "edge: LeadTable.record_end: pending → busy" in alone
    assert "edge: LeadTable.mark_placed: claimed → queued" not in alone
