"""The installation's do-not-call list: numbers that no agent's run may call, whoever imports them."""

import csv
import io
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import phonenumbers

from autocall.agent_table import AgentTable
from autocall.leads import number_hash
from autocall.timing import now
from local.importing import read
from ops.installation import Installation, client

_SIDE_BY_SIDE = 10


@dataclass(frozen=True)
class Line:
    """One line of a file: the number in E.164, None if it cannot be read."""

    number: int
    phone: str | None


def numbers(path: Path, region: str) -> Iterator[Line]:
    """Every number of a file: under `phone` where it has a header that says so, else the first on each line."""
    text = read(path)
    rows = csv.reader(io.StringIO(text), delimiter=max(",;\t", key=text.partition("\n")[0].count))
    column = 0
    for row in rows:
        names = [cell.strip().lower() for cell in row]
        if rows.line_num == 1 and "phone" in names:
            column = names.index("phone")
        elif any(names):
            yield Line(rows.line_num, _e164(row[column] if column < len(row) else "", region))


def forbid(installation: Installation, phones: Iterable[str], by: str) -> int:
    """Put them on the list, which keeps only hashes; how many."""
    table = AgentTable(client("dynamodb"), installation["AgentsTable"])
    hashes = [number_hash(phone) for phone in phones]
    with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
        list(pool.map(lambda one: table.forbid([one], by, now()), hashes))
    return len(hashes)


def _e164(text: str, region: str) -> str | None:
    try:
        parsed = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
