"""Parses the body of an import into leads without duplicates, and gives a reason for every refused row. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from autocall.phone_identity import canonical
from functions.leads_api.lists import csv_rows
from functions.leads_api.lists.bad_list import BadList, BadRow
from functions.leads_api.lists.column_map import EXTRA, ColumnMap
from functions.leads_api.lists.lead_row import Notice, merge_into, parse_row

MOST_ROWS = 1000


@dataclass(frozen=True)
class Lead:
    """One lead of the body: the lines that have its number, and the fields to store."""

    lines: tuple[int, ...]
    about: Mapping[str, Any]

    @property
    def phone(self) -> str:
        return str(self.about["phone"])


@dataclass
class Batch:
    """The parsed body: leads, numbers that are marked do-not-call with their lines, refused rows, and warnings."""

    leads: list[Lead] = field(default_factory=list)
    marked: dict[str, list[int]] = field(default_factory=dict)
    refused: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[dict[str, Any]] = field(default_factory=list)


def refusal(line: int, code: str, reason: str, *, detail: Any = None, retry: bool = False) -> dict[str, Any]:
    """Why a row was refused; with *retry* the same row may be sent again."""
    data: dict[str, Any] = {"line": line, "code": code, "reason": reason, "retry": retry}
    if detail is not None:
        data["detail"] = detail
    return data


def parse_csv(body: bytes, region: str, mapping: Mapping[str, str], first_line: int | None = None) -> Batch:
    """Parse a CSV file, or a piece of one; each piece has the header, and its rows begin at line *first_line*."""
    table = csv_rows.table(csv_rows.decoded(body), known=mapping, first_line=first_line)
    columns = columns_of(table.headers, mapping)
    return _batch(((row.line, row.cells) for row in table.rows), columns, region)


def columns_of(headers: Iterable[str], mapping: Mapping[str, str]) -> ColumnMap:
    """The column map of a CSV file, which needs a phone column. Columns without a name must be empty or mapped."""
    names = tuple(headers)
    if any(csv_rows.like_a_number(name) for name in names if not name.startswith(EXTRA)):
        raise BadList("bad_header", "the first line must have the column names, one of them phone")
    named = [name for index, name in enumerate(names, 1) if name != f"column {index}" or name in mapping]
    columns = ColumnMap.of(named, mapping)
    columns.check_phone()
    return columns


def parse_json(leads: Iterable[Any], region: str, mapping: Mapping[str, str], first_line: int) -> Batch:
    """Parse a list of JSON objects; the first one has the line number *first_line*."""
    rows = list(islice(leads, MOST_ROWS + 1))
    names = dict.fromkeys(name for row in rows if isinstance(row, dict) for name in row if name)
    if len(names) > csv_rows.MOST_COLUMNS:
        most = csv_rows.MOST_COLUMNS
        raise BadList("bad_header", f"the rows have {len(names):,} columns: at most {most:,} can be read")
    return _batch(enumerate(rows, first_line), ColumnMap.of(names, mapping), region)


def _batch(rows: Iterable[tuple[int, Any]], columns: ColumnMap, region: str) -> Batch:
    found: dict[str, Lead] = {}
    batch = Batch()
    noticed: dict[tuple[str, str], tuple[int, list[Notice]]] = {}
    for count, (line, raw) in enumerate(rows, 1):
        if count > MOST_ROWS:
            message = f"a request may have at most {MOST_ROWS:,} rows: send the rest in further ones"
            raise BadList("too_many_rows", message)
        try:
            parsed = parse_row(raw, columns, region)
        except BadRow as bad:
            batch.refused.append(refusal(line, bad.code, bad.reason, detail=bad.detail))
            continue
        for phone in parsed.forbidden:
            batch.marked.setdefault(phone, []).append(line)
        for warning in parsed.warnings:
            noticed.setdefault((warning.code, warning.column), (line, []))[1].append(warning)
        if parsed.lead is not None:
            key = canonical(parsed.lead["phone"])
            found[key] = _joined(found.get(key), Lead((line,), parsed.lead))
    _leave_out_marked(batch, found)
    batch.leads = list(found.values())
    batch.warnings = [_warned(line, same) for line, same in noticed.values()]
    return batch


def _leave_out_marked(batch: Batch, found: dict[str, Lead]) -> None:
    for phone, lines in batch.marked.items():
        if forbidden := found.pop(canonical(phone), None):
            reason = f"its number is marked do-not-call in line {lines[0]} of the list"
            batch.refused += [
                refusal(line, "marked_elsewhere", reason, detail={"line": lines[0]})
                for line in forbidden.lines
                if line not in lines
            ]


def _joined(earlier: Lead | None, lead: Lead) -> Lead:
    """Rows with the same number are merged into one lead."""
    if earlier is None:
        return lead
    return Lead(earlier.lines + lead.lines, {**earlier.about, **merge_into(earlier.about, lead.about)})


def _warned(line: int, same: list[Notice]) -> dict[str, Any]:
    first = same[0]
    detail = {"column": first.column, "rows": len(same)}
    return {"line": line, "code": first.code, "detail": detail, "reason": first.reason}
