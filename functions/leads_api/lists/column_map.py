"""Maps the headers of a list to fields, by the documented names or by a given mapping. Guesses nothing. Pure.

docs/lists.md has the names.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from functions.leads_api.lists import words
from functions.leads_api.lists.bad_list import BadList

TEXT_FIELDS = ("name", "timezone", "state", "note", "external_id")
BASIS_FIELDS = ("basis", "consent_at", "consent_source", "consent_until")
NAME_PARTS = ("first_name", "last_name")
PLACE_FIELDS = ("country", "calling_code")
FIELDS = ("phone", *TEXT_FIELDS, *BASIS_FIELDS, *NAME_PARTS, *PLACE_FIELDS, "do_not_call", "may_call", "status")
KEEP, IGNORE, EXTRA, MARK_OF = "keep", "ignore", "extra.", "do_not_call."
_MOST_NAMED = 50
_LONGEST_NAMED = 100

_BY_PLAIN_NAME = {words.plain(field): field for field in FIELDS}


@dataclass(frozen=True)
class ColumnMap:
    """The field of each header; headers of the same field are in order of precedence."""

    targets: Mapping[str, str]

    @classmethod
    def of(cls, headers: Iterable[str], mapping: Mapping[str, str] | None = None) -> "ColumnMap":
        """The map of these headers; BadList names the unknown ones."""
        names = tuple(headers)
        given = mapping or {}
        exported = words.of_own_export(names)
        in_order = sorted(names, key=lambda name: [*given].index(name) if name in given else len(given))
        targets = {name: given.get(name) or documented(name, exported=exported) for name in in_order}
        unknown = [name for name in names if targets[name] is None]
        if unknown:
            raise _unknown(unknown, given)
        return cls({name: target for name, target in targets.items() if target})

    def headers(self, target: str) -> list[str]:
        """The headers of this field."""
        return self._by_target.get(target, [])

    @cached_property
    def _by_target(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for header, target in self.targets.items():
            found.setdefault(target, []).append(header)
        return found

    def check_phone(self) -> None:
        """BadList unless there is a phone column."""
        if not self.headers("phone"):
            found = [header[:_LONGEST_NAMED] for header in self.targets][:_MOST_NAMED]
            message = f"there is no phone column; the columns are: {', '.join(found) or 'none'}"
            raise BadList("bad_header", message, {"found": found})


def documented(header: str, *, exported: bool = False) -> str | None:
    """The field of a documented header; None if the header is not documented."""
    name = words.plain(header)
    if name in _BY_PLAIN_NAME:
        return _BY_PLAIN_NAME[name]
    if header.startswith(EXTRA) and header != EXTRA:
        return header
    if header.startswith(MARK_OF) and header != MARK_OF:
        return header
    if header == "extra":  # an object that holds all own columns
        return header
    return IGNORE if exported and name in words.WRITTEN_BY_EXPORT else None


def checked_mapping(value: Any) -> dict[str, str]:
    """The mapping of a request, validated; BadList says what is wrong with it."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise BadList("bad_columns", 'columns must be an object such as {"Mobile": "phone"}')
    for header, target in value.items():
        if not isinstance(target, str) or not _is_target(target):
            message = f"columns: {str(header)[:_LONGEST_NAMED]} cannot be {str(target)[:_LONGEST_NAMED]!r}"
            choices = ", ".join((*FIELDS, KEEP, IGNORE))
            raise BadList("bad_columns", f"{message}. Use one of {choices} or extra.<name>")
    return dict(value)


def _is_target(target: str) -> bool:
    return target in (*FIELDS, KEEP, IGNORE, "extra") or any(
        target.startswith(prefix) and target != prefix for prefix in (EXTRA, MARK_OF)
    )


def _unknown(headers: Sequence[str], given: Mapping[str, str]) -> BadList:
    named = [header[:_LONGEST_NAMED] for header in headers[:_MOST_NAMED]]
    needed = dict(given) | {header: likely(header) for header in headers[:_MOST_NAMED]}
    message = f"unknown {'columns' if len(named) > 1 else 'column'}: {_and(named)}"
    return BadList(
        "unknown_columns",
        f"{message}. Map each one in columns, such as {_as_json(needed)}",
        {"unknown": named, "columns": needed},
    )


def likely(header: str) -> str:
    """The probable field of a header, by its words alone: a proposal."""
    if words.is_mark(header):
        return "do_not_call"
    if words.is_consent(header):
        return "may_call"
    return words.field_of(header)[0] or EXTRA + header


def _and(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]


def _as_json(columns: Mapping[str, str]) -> str:
    return json.dumps(dict(list(columns.items())[:10]), ensure_ascii=False)
