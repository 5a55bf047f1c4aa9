"""An import's body, read into leads: each number once, and a reason for every row that is none.

Pure: nothing here knows the tables, and nothing is logged.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from functions.leads_api import csv_rows
from functions.leads_api.answer import Problem
from functions.leads_api.lead_row import BadRow, Marked, about, onto

MOST_ROWS = 1000


@dataclass(frozen=True)
class Lead:
    """One lead of the body: the lines where its number stands, and what its row in the table is told."""

    lines: tuple[int, ...]
    about: dict[str, Any]

    @property
    def phone(self) -> str:
        return str(self.about["phone"])


@dataclass
class Batch:
    """What a body holds: leads, the numbers that rows of it mark do-not-call with their lines, and what is neither."""

    leads: list[Lead] = field(default_factory=list)
    marked: dict[str, list[int]] = field(default_factory=dict)
    refused: list[dict[str, Any]] = field(default_factory=list)


def read_csv(body: bytes, region: str, first_line: int | None = None) -> Batch:
    """The leads of a CSV file, or of a piece of one (each begins with the header) whose rows begin at *first_line*."""
    return _batch(((row.line, row.cells) for row in csv_rows.rows(body, first_line)), region)


def read_json(told: Any, region: str) -> Batch:
    """The leads of `[…]`, or of `{"leads": […], "first_line": n}`: the first of them stands on line n, or 1."""
    body = {"leads": told} if isinstance(told, list) else told
    if not isinstance(body, dict) or not isinstance(body.get("leads"), list):
        raise Problem(400, "bad_json", 'the body must be a list of leads, or {"leads": [...]}')
    first = body.get("first_line", 1)
    if type(first) is not int or first < 1:
        raise Problem(400, "bad_json", "first_line is a line of the file: a whole number from 1 on")
    return _batch(enumerate(body["leads"], first), region)


def _batch(rows: Iterable[tuple[int, Any]], region: str) -> Batch:
    found: dict[str, Lead] = {}
    batch = Batch()
    for count, (line, told) in enumerate(rows, 1):
        if count > MOST_ROWS:
            message = f"a request may have at most {MOST_ROWS:,} rows: send the rest in further ones"
            raise Problem(413, "too_many_rows", message)
        try:
            lead = Lead((line,), about(told, region))
        except Marked as marked:
            batch.marked.setdefault(marked.phone, []).append(line)
        except BadRow as refusal:
            batch.refused.append({"line": line, "reason": str(refusal)})
        else:
            found[lead.phone] = _onto(found.get(lead.phone), lead)
    for phone, lines in batch.marked.items():
        if forbidden := found.pop(phone, None):
            reason = f"its number is marked do-not-call in line {lines[0]} of the list"
            batch.refused += [{"line": line, "reason": reason} for line in forbidden.lines]
    batch.leads = list(found.values())
    return batch


def _onto(earlier: Lead | None, lead: Lead) -> Lead:
    """A number that stands in several rows is one lead, of which each row says something."""
    if earlier is None:
        return lead
    return Lead(earlier.lines + lead.lines, earlier.about | onto(earlier.about, lead.about))
