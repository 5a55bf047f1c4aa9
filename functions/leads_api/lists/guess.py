"""Guesses the fields of a list's columns, by their names and their cells, for a person to confirm. Pure.

The page guesses by the same rules (web/src/import/guess.ts), and tests/shared/guess.json checks both. A guess is
certain if a phone column is known by its name, and no other column may be a do-not-call mark.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from functions.leads_api.lists import column_map, phone_numbers, words
from functions.leads_api.lists.column_map import KEEP, MARK_OF, ColumnMap
from functions.leads_api.lists.csv_rows import Row

Use = Literal["leads", "do_not_call", "allow"]
_SAMPLE = 2000
_FEW = 200
_SHARE_NAMED, _SHARE_UNNAMED = 0.2, 0.5
_WORTH_PLAIN, _WORTH_LESS, _WORTH_NUMBER, _WORTH_MAYBE, _WORTH_UNNAMED = 1.0, 0.5, 0.25, 0.2, 0.1
_CALLING_CODE = re.compile(r"(?:\+|00)?[0-9]{1,4}(?:\.0+)?")


@dataclass
class Column:
    """One column of the file: its name, a sample of its cells, and how many of them are valid phone numbers."""

    header: str
    filled: int = 0
    valid: int = 0
    cells: list[str] = field(default_factory=list)
    says_mark: str = ""
    named_mark: str = ""
    only_yes_or_no: bool = True
    target: str = KEEP
    decided: bool = False
    doubt: str = ""

    @property
    def share(self) -> float:
        return self.valid / self.filled if self.filled else 0.0


@dataclass(frozen=True)
class Guess:
    """The guessed field of each column; phone columns come in the order in which they are called."""

    columns: tuple[Column, ...]

    @property
    def mapping(self) -> dict[str, str]:
        return {column.header: column.target for column in self.columns}

    @property
    def doubts(self) -> list[Column]:
        """The columns about which a person must decide."""
        return [column for column in self.columns if column.doubt]

    def column_map(self) -> ColumnMap:
        return ColumnMap(self.mapping)


def guess(headers: Sequence[str], rows: Iterable[Row], region: str, decided: Mapping[str, str], use: Use) -> Guess:
    """Guess the columns of a list for a given use; columns in *decided* keep what was decided."""
    columns = {header: Column(header) for header in headers}
    country_cells = _look(columns, rows)
    exported = words.of_own_export(tuple(headers))
    for column in columns.values():
        if column.header in decided:
            column.target, column.decided = decided[column.header], True
        else:
            column.target = column_map.documented(column.header, exported=exported) or ""
    _count_numbers(columns.values(), region, country_cells)
    _fields(columns, use)
    phones = _phones(columns)
    _marks_of_one_phone(columns, phones)
    for column in columns.values():
        if column.target == "status" and use != "leads" and not column.decided:
            column.target = KEEP
        column.target = column.target or KEEP
        known = exported and column_map.documented(column.header, exported=True)
        if not column.decided and not known:
            column.doubt = column.doubt or _doubt(column, columns, use)
    rest = [column for column in columns.values() if column not in phones]
    return Guess((*phones, *rest))


def _look(columns: Mapping[str, Column], rows: Iterable[Row]) -> list[Mapping[str, str]]:
    """Count the filled cells, keep a few cells of each column, and note the first cell that is itself a mark."""
    sample: list[Mapping[str, str]] = []
    for row in rows:
        if len(sample) < _SAMPLE:
            sample.append(row.cells)
        for header, cell in row.cells.items():
            column = columns.get(header)
            if column is None or not cell.strip():
                continue
            column.filled += 1
            if len(column.cells) < _FEW or (
                column.cells and words.yes_or_no(cell) is None and words.yes_or_no(column.cells[-1]) is not None
            ):
                column.cells.append(cell)
            if not column.named_mark and words.names_mark(cell):
                column.named_mark = cell.strip()[:40]
            if not column.says_mark and words.says_mark(cell):
                column.says_mark = cell.strip()[:40]
    return sample


def _count_numbers(columns: Iterable[Column], region: str, sample: Sequence[Mapping[str, str]]) -> None:
    """Estimate from a sample how many cells of each column are valid phone numbers."""
    by_header = {column.header: column for column in columns}
    countries = [name for name, column in by_header.items() if _place(column) == "country"]
    codes = [name for name, column in by_header.items() if _place(column) == "calling_code"]
    seen: dict[str, int] = {}
    valid: dict[str, int] = {}
    for cells in sample:
        country = next((cells[name] for name in countries if cells.get(name)), "")
        code = next((cells[name] for name in codes if cells.get(name)), "")
        for header, cell in cells.items():
            if header in by_header and sum(letter.isdecimal() for letter in cell[:100]) >= 5:
                valid[header] = valid.get(header, 0) + _is_number(cell, region, country, code)
            seen[header] = seen.get(header, 0) + 1
    for header, column in by_header.items():
        column.valid = round(column.filled * valid.get(header, 0) / max(1, seen.get(header, 0)))


def _is_number(cell: str, region: str, country: str, code: str) -> bool:
    try:
        phone_numbers.parse(cell, region, country, code)
    except phone_numbers.BadNumber as bad:
        return bad.code in ("phone_ambiguous", "phone_contradiction")
    return True


def _place(column: Column) -> str:
    """Whether a column holds countries or calling codes, by its name and its cells."""
    if column.target in column_map.PLACE_FIELDS:
        return column.target
    named = words.field_of(column.header)[0]
    if column.target or named not in column_map.PLACE_FIELDS or not column.cells:
        return ""
    codes = sum(bool(_CALLING_CODE.fullmatch(cell.strip())) for cell in column.cells)
    if codes > len(column.cells) / 2:
        return "calling_code"
    known = sum(words.country_of(cell) is not None for cell in column.cells)
    return "country" if known >= len(column.cells) / 2 else ""


def _fields(columns: Mapping[str, Column], use: Use) -> None:
    """Set the field of every column except phone columns: one column for each field, but any number of marks."""
    best: dict[str, tuple[int, Column]] = {}
    for column in columns.values():
        if column.target:
            continue
        header = column.header
        if words.is_mark(header):
            column.target = "phone" if use != "leads" and column.share > _SHARE_UNNAMED else "do_not_call"
        elif words.is_consent(header) and not column.valid:
            column.target = "may_call"
        elif place_field := _place(column):
            column.target = place_field
        else:
            name, rank = words.field_of(header)
            if (
                name in (*column_map.TEXT_FIELDS, *column_map.NAME_PARTS)
                and rank < best.get(name, (rank + 1, column))[0]
            ):
                best[name] = (rank, column)
    given = {column.target for column in columns.values()}
    parts = best.keys() & set(column_map.NAME_PARTS)
    if parts and ("name" in best or "name" in given):
        noun = "name" in best and words.plain(best["name"][1].header) in words.ONLY_NOUNS
        best = {name: found for name, found in best.items() if name not in ({"name"} if noun else parts)}
    for name, (_, column) in best.items():
        if name not in given:
            column.target = name


def _phones(columns: Mapping[str, Column]) -> list[Column]:
    """The phone columns, ordered by how clear their names are and how many valid numbers they hold."""
    decided = [column for column in columns.values() if column.target == "phone" and column.decided]
    if decided:
        return decided
    worth = {column.header: _worth(column) for column in columns.values() if column.target in ("", "phone")}
    named = [columns[name] for name, score in worth.items() if score >= _WORTH_MAYBE and _may_be(columns[name], score)]
    plain = [column for column in named if worth[column.header] >= _WORTH_LESS and (column.valid or not column.filled)]
    chosen = plain if any(column.valid for column in plain) else named or plain
    if not any(column.valid for column in chosen):
        unnamed = [columns[name] for name in worth if columns[name].share > _SHARE_UNNAMED]
        unnamed = [column for column in unnamed if not words.never_a_phone(column.header)]
        chosen = sorted(unnamed, key=lambda column: -column.valid)[:1] or chosen
        for column in unnamed[:1]:
            column.doubt = "holds phone numbers, though its name does not say so: is it phone?"
    for column in chosen:
        column.target = "phone"
    in_order = sorted(chosen, key=lambda column: -(worth[column.header] * column.valid * column.share))
    return in_order + [column for column in columns.values() if column.target == "phone" and column not in chosen]


def _worth(column: Column) -> float:
    name, rank = words.field_of(column.header)
    if column.target == "phone":
        return _WORTH_PLAIN
    if name == "phone":
        if rank >= words.LEAST_PLAIN:
            return _WORTH_NUMBER
        return _WORTH_PLAIN if rank < words.LESS_PLAIN else _WORTH_LESS
    return _WORTH_MAYBE if words.may_name_a_phone(column.header) and not name else _WORTH_UNNAMED


def _may_be(column: Column, worth: float) -> bool:
    if worth >= _WORTH_LESS:
        return not column.filled or column.share >= _SHARE_NAMED
    return column.share >= _SHARE_NAMED


def _marks_of_one_phone(columns: Mapping[str, Column], phones: Sequence[Column]) -> None:
    """A mark whose name contains the name of one of several phone columns concerns that number only."""
    if len(phones) < 2:
        return
    for column in columns.values():
        if column.target == "do_not_call" and not column.decided and words.plain(column.header) != "do not call":
            name = f" {words.plain(column.header)} "
            beside = [phone for phone in phones if f" {words.plain(phone.header)} " in name]
            longest = sorted(beside, key=lambda phone: -len(words.plain(phone.header)))
            if longest and len(longest[0].header.split()) + len(words.plain(longest[0].header).split()) > 2:
                column.target = MARK_OF + longest[0].header


def _doubt(column: Column, columns: Mapping[str, Column], use: Use) -> str:
    """Why a column may be a mark although the guess says otherwise; "" if it cannot be one.

    For a do-not-call list, a column of yes and no about something else is no doubt: one number too many does no harm.
    """
    if column.target == "do_not_call" and column.share > _SHARE_UNNAMED:
        return "holds phone numbers: must these rows not be called, or is it phone?"
    if column.target in ("name", *column_map.NAME_PARTS) and column.named_mark:
        return f"has the cell {column.named_mark!r}: is it a do-not-call mark?"
    if column.target not in (KEEP, "note", "external_id") or not column.filled or words.is_other_way(column.header):
        return ""
    if column.target == KEEP and words.field_of(column.header)[0] in column_map.PLACE_FIELDS and _national(columns):
        return "names unknown countries, and there are numbers without a country code: is it country?"
    if column.says_mark:
        return f"has the cell {column.says_mark!r}: is it a do-not-call mark?"
    said = {words.yes_or_no(cell) for cell in column.cells if not words.is_blank(cell)}
    in_words = any(not words.said(cell).replace(" ", "").isdecimal() for cell in column.cells)
    if column.target == "external_id" and not in_words:
        return ""
    if use != "do_not_call" and said and None not in said and (True in said or in_words):
        return "has only yes and no in it: is it a do-not-call mark?"
    no_mark = not any("do_not_call" in other.target for other in columns.values())
    if no_mark and words.speaks_of_marks(column.header):
        return "has a name about who must not be called: is it do_not_call?"
    return ""


def _national(columns: Mapping[str, Column]) -> bool:
    """Whether there are numbers without a country code."""
    phones = [column for column in columns.values() if column.target == "phone"]
    return any(not cell.strip().startswith(("+", "00")) for column in phones for cell in column.cells)
