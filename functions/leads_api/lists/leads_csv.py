"""CSV export: safe against formulas in spreadsheets, and importable again without loss. Pure.

A spreadsheet may split the file at another separator than the comma. So an apostrophe is written wherever a cell could
begin, before text that looks like a formula, and before digits that a spreadsheet would change (`00123`).
`unprotected` removes it again. A phone number is written with a space, `+47 92345678`; otherwise a spreadsheet would
remove its plus.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

BOM = "\ufeff"  # without it Excel reads UTF-8 in another encoding
DESCRIBED = (
    *("phone", "name", "timezone", "state", "note", "external_id"),
    *("basis", "consent_at", "consent_source", "consent_until", "do_not_call"),
)
STATE = (
    *("call_status", "reason", "held", "held_until", "call_sid", "duration_s"),
    *("calls", "outcome", "outcome_at", "agent_note", "answered_by", "appointment_at", "imported_at", "at"),
)
_MOMENTS = ("held_until", "outcome_at", "appointment_at", "imported_at", "at")

_BEGINS = r"(?:^|(?<=[;\t|\r\n]))[ \"]*"
_FORMULA = r"[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]"
_CHANGED = r"(?:0[0-9]+|[0-9]{12,}|[0-9]+[eE]\+?[0-9]+|[0-9]{1,2}[/.-][0-9]{1,2})(?![^\s;\t|])"
_TO_PROTECT = re.compile(rf"({_BEGINS})(?='*(?:{_FORMULA}|{_CHANGED}))")
_PROTECTED = re.compile(rf"({_BEGINS})'(?='*(?:{_FORMULA}|{_CHANGED}))")
_CALLING_CODE = re.compile(r"\+(1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|[2-9][0-9]{2})(?=[0-9]{4})")
_SPACED = re.compile(r"\+[0-9]{1,3} [0-9]{4,14}")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z")


def columns(leads: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """The columns of the export: the standard ones, and one for each own column of the list."""
    own: dict[str, None] = {}
    for lead in leads:
        own.update(dict.fromkeys(lead.get("extra") or ()))
    return (*DESCRIBED, *(f"extra.{name}" for name in own), *STATE)


def header(names: Iterable[str]) -> str:
    """The header line, with the mark by which spreadsheets recognise UTF-8."""
    return BOM + _line(protected(name) for name in names)


def lines(leads: Iterable[Mapping[str, Any]], names: Iterable[str], tz: ZoneInfo | None = None) -> Iterator[str]:
    """A line for each lead, with the same data as on the page; times are local if *tz* is given."""
    in_order = tuple(names)
    return (_line(protected(_cell(lead, name, tz)) for name in in_order) for lead in leads)


def note_line(cells: Sequence[str], width: int) -> str:
    """A line with a note about the file, which is not a lead."""
    return _line([*cells, *[""] * (width - len(cells))])


def protected(text: str) -> str:
    """The text with apostrophes, so that no spreadsheet finds a formula in it at whatever separator it splits."""
    return text if _SPACED.fullmatch(text) else _TO_PROTECT.sub(r"\1'", text)


def unprotected(text: str) -> str:
    """The inverse of `protected`; a text that was not protected is unchanged."""
    return _PROTECTED.sub(r"\1", text) if "'" in text else text


def spaced(phone: str) -> str:
    """An E.164 number with a space, so that no spreadsheet treats it as a number."""
    found = _CALLING_CODE.match(phone)
    return f"{found[0]} {phone[found.end() :]}" if found else phone


def _cell(lead: Mapping[str, Any], column: str, tz: ZoneInfo | None) -> str:
    held, outcome = lead.get("held") or {}, lead.get("outcome") or {}
    inner = {"held": held.get("reason"), "held_until": held.get("until"), "outcome": outcome.get("code")}
    inner |= {"outcome_at": outcome.get("at"), "agent_note": (lead.get("agent_note") or {}).get("text")}
    if column.startswith("extra."):
        return str((lead.get("extra") or {}).get(column.removeprefix("extra."), ""))
    if column == "extra":
        return json.dumps(lead["extra"], ensure_ascii=False) if lead.get("extra") else ""
    value = inner[column] if column in inner else lead.get(column)
    if isinstance(value, bool):
        return "yes" if value else ""
    text = "" if value is None else str(value)
    if column == "phone":
        return spaced(text)
    return _local(text, tz) if tz and column in _MOMENTS else text


def _local(moment: str, tz: ZoneInfo) -> str:
    if not _MOMENT.fullmatch(moment):
        return moment
    return datetime.fromisoformat(moment).astimezone(tz).strftime("%Y-%m-%d %H:%M:%S")


def _line(cells: Iterable[str]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()
