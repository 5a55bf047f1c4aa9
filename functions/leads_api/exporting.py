"""Leads as CSV, such that no spreadsheet runs what stands in them and an import understands it all again.

A cell that a spreadsheet would take for a formula gets an apostrophe in front, which `unprotected` takes away again. A
phone number needs none: a plus and digits are a number and nothing else.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

BOM = "\ufeff"  # without it Excel takes UTF-8 for something else
COLUMNS = (
    *("phone", "name", "timezone", "state", "note", "external_id"),
    *("basis", "consent_at", "consent_source", "consent_until"),
    *("call_status", "reason", "held", "held_until", "do_not_call", "call_sid", "duration_s", "imported_at", "at"),
    "extra",
)

_FORMULA = re.compile(r"'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_NUMBER = re.compile(r"\+[0-9]{5,15}")


def header() -> str:
    """The first line of a list, with the mark by which spreadsheets know UTF-8."""
    return BOM + _line(COLUMNS)


def lines(leads: Iterable[Mapping[str, Any]]) -> str:
    """A line for each lead, as the page is shown it; pieces of a list are simply put behind each other."""
    return "".join(_line([protected(_cell(lead, column)) for column in COLUMNS]) for lead in leads)


def protected(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return "'" + text if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def unprotected(text: str) -> str:
    """The text that was protected; any other stays as it is."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text[1:]) else text


def _cell(lead: Mapping[str, Any], column: str) -> str:
    held = lead.get("held") or {}
    if column == "extra":
        return json.dumps(lead["extra"], ensure_ascii=False) if lead.get("extra") else ""
    told = {"held": held.get("reason"), "held_until": held.get("until")}.get(column, lead.get(column))
    if isinstance(told, bool):
        return "yes" if told else ""
    return "" if told is None else str(told)


def _line(cells: Iterable[str]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()
