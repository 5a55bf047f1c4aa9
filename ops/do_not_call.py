"""The installation's do-not-call list: numbers that no agent may call, whoever imports them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from autocall.installation_table import InstallationTable
from autocall.leads import number_hash, number_hashes
from autocall.phone_identity import canonical
from autocall.timing import now
from functions.leads_api.concurrent_map import map_until
from functions.leads_api.lists import number_list
from functions.leads_api.lists.guess import Use
from local.environments import Say
from local.list_file import Ask, Unreadable, decide, read, read_text
from ops.installation import Installation, OpsError, client

_TO_THE_END = float("inf")


@dataclass
class Numbers:
    """The content of a file: numbers without duplicates, errors with their lines, and the number of rows not meant."""

    phones: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    not_meant: int = 0


def default_region(installation: Installation) -> str:
    """The installation's own default country for numbers without a country code."""
    function = client("lambda").get_function_configuration(FunctionName=f"{installation.name}-leads_api")
    code: str = function["Environment"]["Variables"]["DEFAULT_REGION"]
    return code


def numbers(
    path: Path,
    region: str,
    say: Say,
    *,
    decided: Mapping[str, str] | None = None,
    encoding: str = "",
    ask: Ask | None = None,
    remove: bool = False,
) -> Numbers:
    """The numbers of a file; OpsError if it is unclear which are meant. Every phone column counts.

    If a column says who is meant, only marked numbers are added to the list, and only the others are removed.
    """
    try:
        text = read_text(path, say, encoding)
        if not decided and number_list.has_no_header(text):
            entries = number_list.without_header(text, region)
        else:
            use: Use = "allow" if remove else "do_not_call"
            file = decide(read(path.name, text, region, use, decided or {}), say, ask)
            entries = number_list.entries(file.rows(), file.guess.column_map(), region, remove=remove)
        return _sorted(list(entries))
    except Unreadable as bad:
        raise OpsError(f"{bad}. Nothing was changed.") from None


def forbid(installation: Installation, phones: Sequence[str], by: str) -> int:
    """Add the numbers to the list, which stores only hashes; returns how many there are."""
    table, hashes = _table(installation), [number_hash(phone) for phone in _lines(phones)]
    map_until(lambda number: table.add_to_dnc([number], by, now()), hashes, _TO_THE_END)
    return len(hashes)


def allow(installation: Installation, phones: Sequence[str], by: str) -> tuple[int, int]:
    """Remove the numbers from the list, which records who did; returns how many were on it, and how many were not."""
    table, lines = _table(installation), _lines(phones)

    def remove(phone: str) -> bool:
        were = [table.remove_from_dnc(name, by, now()) for name in number_hashes(phone)]
        return any(were)

    were = sum(bool(was) for was in map_until(remove, lines, _TO_THE_END))
    return were, len(lines) - were


def _sorted(entries: Sequence[number_list.Entry]) -> Numbers:
    listed = Numbers()
    for entry in entries:
        listed.phones += entry.phones
        if entry.wrong:
            listed.wrong.append(f"line {entry.line}: {entry.wrong}")
        elif not entry.phones:
            listed.not_meant += 1
    return listed


def _lines(phones: Sequence[str]) -> list[str]:
    """The numbers without duplicates, however they are spelled."""
    return list({canonical(phone): phone for phone in phones}.values())


def _table(installation: Installation) -> InstallationTable:
    return InstallationTable(client("dynamodb"), installation["AgentsTable"])
