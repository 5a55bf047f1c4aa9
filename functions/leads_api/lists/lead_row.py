"""Parses one row of an import into the fields of a lead, or the reason why the row is refused. Pure."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from autocall.phone_identity import canonical
from functions.leads_api.lists import column_map, lead_terms, phone_numbers, words, zones
from functions.leads_api.lists.bad_list import BadRow
from functions.leads_api.lists.column_map import ColumnMap
from functions.leads_api.lists.leads_csv import unprotected

MOST_COLUMNS = 50
LONGEST = {"name": 200, "timezone": 64, "state": 100, "note": 4000, "external_id": 200}
LONGEST_KEPT, LONGEST_COLUMN_NAME = 2000, 100
LARGEST_LEAD = 30_000
MARKED = "is marked do-not-call in the list"
_LONGEST_CELL = 10_000  # no field holds more; longer cells are cut first of all

_CONTROL = {code: None for code in range(32) if chr(code) not in "\t\n"} | {127: None}


@dataclass(frozen=True)
class Notice:
    """Something in an accepted row that was left out or not understood."""

    code: str
    column: str
    reason: str


@dataclass(frozen=True)
class ParsedRow:
    """A lead, and the numbers that must never be called.

    A row has no lead if it is marked as a whole, or if its only number is marked.
    """

    lead: Mapping[str, Any] | None = None
    forbidden: tuple[str, ...] = ()
    warnings: tuple[Notice, ...] = ()


@dataclass
class _Cells:
    """The cells of a row as text, and the warnings about them."""

    raw: Mapping[str, Any]
    columns: ColumnMap
    warnings: list[Notice] = field(default_factory=list)

    def text(self, header: str) -> str:
        """The cell without the export's protection against formulas; "" if it is empty."""
        return unprotected(clean(header, self.raw.get(header)))

    def of(self, target: str) -> Iterator[tuple[str, str]]:
        """The filled cells of a field, with their headers."""
        for header in self.columns.headers(target):
            if text := self.text(header):
                yield header, text

    def first(self, target: str) -> str:
        return next((text for _, text in self.of(target)), "")


def parse_row(raw: Any, columns: ColumnMap, region: str) -> ParsedRow:
    """Parse a row's cells, by header, into the fields of a lead: phone, zones and whatever else is given."""
    if not isinstance(raw, Mapping):
        raise BadRow("not_an_object", "a lead must be a JSON object")
    cells = _Cells(raw, columns)
    numbers, bad = _numbers(cells, region)
    forbidden = _forbidden(cells, numbers, bad)
    lines = set(map(canonical, forbidden))
    callable_numbers = {header: number for header, number in numbers.items() if canonical(number.e164) not in lines}
    if forbidden and not callable_numbers:
        return ParsedRow(forbidden=forbidden)
    if not callable_numbers:
        raise bad
    if any(header not in columns.targets and str(cell).strip() for header, cell in raw.items()):
        raise BadRow("cell_without_column", "has a cell without a column: is there a separator too many?")
    chosen, chosen_number = next(iter(callable_numbers.items()))
    _reject_unread_marks(cells)
    lead: dict[str, Any] = _described(cells) | {"phone": chosen_number.e164}
    extra = _extra(cells, chosen)
    lead["zones"] = _zones(cells, chosen_number, lead)
    _fit(lead, extra, cells.warnings)
    if extra:
        lead["extra"] = extra
    return ParsedRow(lead, forbidden, tuple(cells.warnings))


def numbers_of(raw: Mapping[str, Any], columns: ColumnMap, region: str, *, remove: bool = False) -> list[str]:
    """The numbers of a row in a do-not-call list: all of them, unless a column marks some.

    With such a column, only marked numbers are added to the list, and only unmarked ones are removed from it. BadRow if
    the row has no valid number.
    """
    cells = _Cells(raw, columns)
    numbers, bad = _numbers(cells, region)
    if not numbers:
        raise bad
    every = list(dict.fromkeys(number.e164 for number in numbers.values()))
    if not any(_is_flag(target) for target in columns.targets.values()):
        return every
    marked = _forbidden(cells, numbers, bad)
    return [phone for phone in every if (phone in marked) != remove]


def merge_into(row: Mapping[str, Any], lead: Mapping[str, Any]) -> dict[str, Any]:
    """The fields to write when a known lead is imported again: the new values; all others stay as they are.

    The zones are computed from old and new fields together, so that a list without time zones does not widen them.
    """
    changes = {name: value for name, value in lead.items() if name not in ("phone", "zones")}
    if "extra" in changes:
        changes["extra"] = dict(list(({**(row.get("extra") or {}), **changes["extra"]}).items())[:MOST_COLUMNS])
    known = {name: changes.get(name) or row.get(name) or "" for name in ("timezone", "state")}
    number = phone_numbers.parse(lead["phone"], "ZZ")
    return changes | {"zones": zones.zones(number, **known)}


def clean(name: str, value: Any) -> str:
    """A value as text, cut to its greatest length; BadRow if it is neither text nor a number."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        value = str(value)
    if not isinstance(value, str):
        raise BadRow("bad_cell", f"{words.plain(name)[:40] or 'a column'} is neither text nor a number")
    if "\ufffd" in value:
        raise BadRow("bad_encoding", f"{words.plain(name)[:40] or 'a column'} has lost letters: it was not in UTF-8")
    return value[:_LONGEST_CELL].replace("\r\n", "\n").translate(_CONTROL).strip()


def _numbers(cells: _Cells, region: str) -> tuple[dict[str, phone_numbers.Number], BadRow]:
    """The valid numbers of a row by header, in calling order; and the error of the first invalid one."""
    country, code = cells.first("country"), cells.first("calling_code")
    found: dict[str, phone_numbers.Number] = {}
    bad: BadRow | None = None
    for header, text in cells.of("phone"):
        if words.is_blank(text):
            continue
        try:
            found[header] = phone_numbers.parse(_as_exported(text, cells.columns), region, country, code)
        except phone_numbers.BadNumber as error:
            bad = bad or BadRow(error.code, f"the phone number {error}", {"column": header})
    return found, bad or BadRow("phone_missing", "the phone number is missing")


def _as_exported(text: str, columns: ColumnMap) -> str:
    """Restore the + that a spreadsheet removed from a number of our own export, where every number has one."""
    bare = text.replace(" ", "")
    if bare.isascii() and bare.isdecimal() and words.of_own_export(tuple(columns.targets)):
        return "+" + bare
    return text


def _is_flag(target: str) -> bool:
    return target in ("do_not_call", "may_call", "status") or target.startswith(column_map.MARK_OF)


def _forbidden(cells: _Cells, numbers: Mapping[str, phone_numbers.Number], bad: BadRow) -> tuple[str, ...]:
    """The numbers of the row that must never be called: all of them, or those whose own column is flagged.

    The mark is checked first, so that another error in the row cannot hide it. BadRow if the row is marked and has no
    valid number.
    """
    marked = any(words.marked(text) for _, text in cells.of("do_not_call"))
    denied = any(words.denies(text) for _, text in cells.of("may_call"))
    said = any(words.says_mark(text) for _, text in cells.of("status"))
    if marked or denied or said:
        if not numbers:
            raise BadRow("marked_without_number", f"{MARKED}, but {bad.reason}", bad.detail)
        return tuple(dict.fromkeys(number.e164 for number in numbers.values()))
    flagged = [
        target.removeprefix(column_map.MARK_OF)
        for header, target in cells.columns.targets.items()
        if target.startswith(column_map.MARK_OF) and words.marked(cells.text(header))
    ]
    return tuple(dict.fromkeys(number.e164 for header, number in numbers.items() if header in flagged))


def _reject_unread_marks(cells: _Cells) -> None:
    """BadRow if a kept cell is itself a do-not-call phrase, unless the mapping says that its column is no mark."""
    if words.of_own_export(tuple(cells.columns.targets)):
        return
    for header, name, text in _kept(cells):
        decided = cells.columns.targets.get(header) == column_map.KEEP or words.is_other_way(name)
        if not decided and words.says_mark(text):
            raise _may_be_mark(header, name, text)
    for header, text in cells.of("note"):
        if words.says_mark(text):
            raise _may_be_mark(header, header, text)


def _may_be_mark(header: str, name: str, text: str) -> BadRow:
    said = f"{name[:LONGEST_COLUMN_NAME]} says {text[:40]!r}"
    reason = f"{said}: map this column to do_not_call, or to keep if it is no mark"
    return BadRow("may_be_mark", reason, {"column": header[:LONGEST_COLUMN_NAME]})


def _kept(cells: _Cells) -> Iterator[tuple[str, str, str]]:
    """The filled cells that are kept under a name of their own: header, name, text."""
    for header, target in cells.columns.targets.items():
        if header not in cells.raw:
            continue
        if target == "extra":
            for name, inner in _unpacked(cells.raw.get(header)):
                if text := clean(name, inner):
                    own = clean("", name) or "column"
                    yield f"{column_map.EXTRA}{own}", own, text
        elif target.startswith(column_map.EXTRA) and (text := cells.text(header)):
            yield header, clean("", target.removeprefix(column_map.EXTRA)) or "column", text
        elif target == column_map.KEEP and (text := cells.text(header)):
            yield header, header.strip().removeprefix(column_map.EXTRA), text
        elif target in (*column_map.PLACE_FIELDS, "status") and (text := cells.text(header)):
            yield header, header.strip(), text


def _unpacked(value: Any) -> Iterator[tuple[str, Any]]:
    """The own columns in one cell: an object, or its JSON text."""
    columns = value
    if isinstance(value, str):
        try:
            columns = json.loads(unprotected(value)) if value.strip() else {}
        except (ValueError, RecursionError):
            columns = None
    if columns is None or columns == "":
        return
    yield from columns.items() if isinstance(columns, dict) else [("extra", value)]


def _described(cells: _Cells) -> dict[str, str]:
    """The text fields of a lead."""
    given = {name: text for name in column_map.TEXT_FIELDS if (text := cells.first(name))}
    parts = [part for name in column_map.NAME_PARTS if (part := cells.first(name))]
    if parts and "name" not in given:
        given["name"] = " ".join(parts)
    given |= _basis(cells)
    for name, longest in LONGEST.items():
        if len(given.get(name, "")) > longest:
            given[name] = given[name][:longest].rstrip()
            cells.warnings.append(Notice("shortened", name, f"{name} was shortened to {longest:,} characters"))
    return given


def _basis(cells: _Cells) -> dict[str, str]:
    try:
        return lead_terms.checked({name: cells.first(name) for name in column_map.BASIS_FIELDS})
    except lead_terms.BadTerms as bad:
        raise BadRow("bad_terms", str(bad)) from None


def _extra(cells: _Cells, chosen: str) -> dict[str, str]:
    """The own columns that are kept with the lead, its other numbers among them; shortened where necessary."""
    extra: dict[str, str] = {}
    others = [(header, header.strip(), text) for header, text in cells.of("phone") if header != chosen]
    for _, name, text in [*others, *_kept(cells)]:
        short = _free_name(name, extra)
        if short != name:
            reason = f"the column's name was shortened to {short[:20]}…"
            cells.warnings.append(Notice("shortened", name[:LONGEST_COLUMN_NAME], reason))
        if len(extra) == MOST_COLUMNS and short not in extra:
            cells.warnings.append(Notice("left_out", short, f"only {MOST_COLUMNS} own columns are kept"))
            continue
        if len(text) > LONGEST_KEPT:
            cells.warnings.append(Notice("shortened", short, f"the cell was shortened to {LONGEST_KEPT:,} characters"))
        extra[short] = text[:LONGEST_KEPT].rstrip()
    return extra


def _free_name(name: str, taken: Mapping[str, str]) -> str:
    """A column's name, shortened if it is too long, and still unique."""
    if len(name) <= LONGEST_COLUMN_NAME:
        return name
    short = name[: LONGEST_COLUMN_NAME - 5].rstrip()
    ending = next(number for number in range(1, MOST_COLUMNS * 2) if f"{short} ({number})" not in taken)
    return f"{short} ({ending})" if short in taken else short


def _zones(cells: _Cells, number: phone_numbers.Number, lead: Mapping[str, Any]) -> list[str]:
    timezone, state = lead.get("timezone", ""), lead.get("state", "")
    if timezone and zones.time_zones(timezone, bool(number.area_code)) is None:
        reason = f"unknown time zone {timezone[:40]!r}: called when all zones of the country are open"
        cells.warnings.append(Notice("not_understood", "timezone", reason))
    if state and number.area_code and not zones.is_understood(state):
        reason = f"unknown state {state[:40]!r}: called when all zones of the country are open"
        cells.warnings.append(Notice("not_understood", "state", reason))
    return zones.zones(number, timezone, state)


def _fit(lead: dict[str, Any], extra: dict[str, str], warnings: list[Notice]) -> None:
    """Leave out own columns, the last one first, until the lead fits into a row."""
    while extra and _size(lead | {"extra": extra}) > LARGEST_LEAD:
        name, _ = extra.popitem()
        warnings.append(Notice("left_out", name, "the row is too long: the column was left out"))


def _size(lead: Mapping[str, Any]) -> int:
    return len(json.dumps(lead, ensure_ascii=False).encode())
