"""The installation's do-not-call list: numbers that no agent's run may call, whoever imports them."""

from collections.abc import Sequence
from pathlib import Path

from autocall.agent_table import AgentTable
from autocall.leads import number_hash
from autocall.timing import now
from functions.leads_api import number_list
from functions.leads_api.answer import Problem
from functions.leads_api.many import each
from functions.leads_api.number_list import Line
from local.importing import read
from ops.installation import Installation, NotThere, client

_TO_THE_END = float("inf")


def default_region(installation: Installation) -> str:
    """The country of numbers that are written without one, as the installation reads them itself."""
    told = client("lambda").get_function_configuration(FunctionName=f"{installation.name}-leads_api")
    code: str = told["Environment"]["Variables"]["DEFAULT_REGION"]
    return code


def lines(path: Path, region: str) -> list[Line]:
    """Every line of a file, read as the API reads lists; NotThere if it cannot be told where its numbers are."""
    try:
        return list(number_list.lines(read(path).encode(), region))
    except Problem as problem:
        raise NotThere(f"{path.name}: {problem.message}. Nothing was changed.") from None


def forbid(installation: Installation, phones: Sequence[str], by: str) -> int:
    """Put them on the list, which keeps only hashes; how many numbers they are."""
    table, hashes = _table(installation), _hashes(phones)
    each(lambda one: table.forbid([one], by, now()), hashes, _TO_THE_END)
    return len(hashes)


def allow(installation: Installation, phones: Sequence[str], by: str) -> tuple[int, int]:
    """Take them off the list, which keeps who did; how many were on it, and how many were not."""
    table, hashes = _table(installation), _hashes(phones)
    were = sum(bool(was) for was in each(lambda one: table.allow(one, by, now()), hashes, _TO_THE_END))
    return were, len(hashes) - were


def _hashes(phones: Sequence[str]) -> list[str]:
    """Each number once, however often it is listed."""
    return [number_hash(phone) for phone in dict.fromkeys(phones)]


def _table(installation: Installation) -> AgentTable:
    return AgentTable(client("dynamodb"), installation["AgentsTable"])
