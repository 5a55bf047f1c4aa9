"""Which writes were won, and which refused: counted, so that a proof can say which of them it has never reached."""

from collections import Counter
from collections.abc import Callable
from functools import cache, update_wrapper
from typing import Any, TypeVar

from autocall.agent_table import AgentTable, Touch
from autocall.called_table import CalledTable
from autocall.caller_id_table import CallerIdTable
from autocall.dynamo import WriteResult
from autocall.installation_table import InstallationTable
from autocall.lead_table import LeadTable
from autocall.queued_run import QueuedRuns
from autocall.session_table import SessionTable
from tests.faults import edges
from tests.faults.expressions import Item

Table = TypeVar("Table", LeadTable, AgentTable, InstallationTable, QueuedRuns, SessionTable, CalledTable, CallerIdTable)
_READS = {
    *("get", "page", "answered", "unsettled", "waiting", "due"),
    *("get_agent", "get_profile", "get_installation", "get_before_call", "connected_users", "is_forbidden"),
    *("has_left", "get_settings"),
}


@cache
def names(table: type) -> list[str]:
    """The writes of a table, by their names."""
    return [name for name, does in vars(table).items() if callable(does) and name[0] != "_" and name not in _READS]


def word(table: type, name: str) -> str:
    """By which a write is counted."""
    return f"won: {table.__name__}.{name}"


Moved = dict[str, tuple[Item, Item]]
"""By the id of a write: the item as it was, and as it became."""


def counted(table: Table, told: Counter[str], moved: Moved) -> Table:
    """The same table; in *told* are counted its writes that were won, those refused, and the edges that were taken."""
    for name in names(type(table)):
        setattr(table, name, _counting(type(table), name, getattr(table, name), told, moved))
    return table


def _counting(table: type, name: str, does: Callable[..., Any], told: Counter[str], moved: Moved) -> Callable[..., Any]:
    of_a_state_machine = table in (LeadTable, SessionTable)
    won, refused = word(table, name), f"refused: {table.__name__}.{name}"

    def write(*args: Any, **kwargs: Any) -> Any:
        answer = does(*args, **kwargs)
        ours = _won(answer)
        told[won] += ours
        if of_a_state_machine:
            told[refused] += not ours
            if ours and (items := moved.pop(answer.row["write_id"], None)):
                if edge := edges.of(table.__name__, name, *items):
                    told[edge] += 1
                told[edges.state(table.__name__, items[1])] += 1
        return answer

    return update_wrapper(write, does, (), ())  # its signature, and no more: a world has a hundred of them


def _won(answer: Any) -> bool:
    match answer:
        case Touch():
            return answer is Touch.NOTED
        case str():  # the id of a mark, if it is a new one
            return bool(answer)
        case WriteResult(ours, _) | (bool(ours), _) | bool(ours):
            return bool(ours)
    return True
