"""One row of an import, as what the Leads table is told of a lead; or the reason why it is none. Pure."""

import json
from collections.abc import Mapping
from typing import Any

from functions.leads_api import columns, lead_terms, numbers, whereabouts
from functions.leads_api.exporting import unprotected

MOST_COLUMNS = 50
LONGEST = {"name": 200, "timezone": 64, "state": 100, "note": 4000, "external_id": 200}
LONGEST_KEPT, LONGEST_COLUMN_NAME = 2000, 100
LARGEST_LEAD = 30_000
MARKED = "is marked do-not-call in the list"

_CONTROL = {code: None for code in range(32) if chr(code) not in "\t\n"} | {127: None}


class BadRow(ValueError):
    """Why a row is no lead, in words for whoever sent it."""


class Marked(BadRow):
    """A row that says never to call its number."""

    def __init__(self, phone: str) -> None:
        super().__init__(MARKED)
        self.phone = phone


def about(told: Any, region: str) -> dict[str, Any]:
    """A row's cells, by their headers, as what the table is told of the lead: phone, zones and what else is given."""
    if not isinstance(told, dict):
        raise BadRow("a lead is a JSON object")
    _heed_mark(told, region)
    given, extra = _sorted(told)
    given.pop("do_not_call", None)
    number = _number(given.get("phone", ""), region)
    given |= _terms(given)
    for name, longest in LONGEST.items():
        if len(given.get(name, "")) > longest:
            raise BadRow(f"the {name} is too long: at most {longest} characters")
    zones = _zones(number, given.get("timezone", ""), given.get("state", ""))
    lead = {**given, "phone": number.e164, "zones": zones, **({"extra": extra} if extra else {})}
    if len(json.dumps(lead, ensure_ascii=False).encode()) > LARGEST_LEAD:
        raise BadRow("is too long for a lead")
    return lead


def onto(row: Mapping[str, Any], lead: Mapping[str, Any]) -> dict[str, Any]:
    """What is written when a lead that is there comes again: what it says anew, the rest staying as it is.

    Its zones follow from all that is known of it then, so that a list without time zones does not widen them again.
    """
    anew = {name: value for name, value in lead.items() if name not in ("phone", "zones")}
    if "extra" in anew:
        anew["extra"] = dict(list(({**(row.get("extra") or {}), **anew["extra"]}).items())[:MOST_COLUMNS])
    known = {name: anew.get(name) or row.get(name) or "" for name in ("timezone", "state")}
    number = numbers.read(lead["phone"], "ZZ")
    try:
        return anew | {"zones": _zones(number, **known)}
    except BadRow:
        return anew | {"zones": lead["zones"]}


def _heed_mark(told: Mapping[str, Any], region: str) -> None:
    """Before anything else in the row can be wrong: a note that is too long does not make its number one to call."""
    cells = [(field, header, told[header]) for header, field in columns.fields(tuple(told)).items()]
    if not any(columns.marked(_text(header, cell)) for field, header, cell in cells if field == "do_not_call"):
        return
    try:
        number = _number(next((_text(header, cell) for field, header, cell in cells if field == "phone"), ""), region)
    except BadRow as bad:
        raise BadRow(f"{MARKED}, but {bad}") from None
    raise Marked(number.e164)


def _terms(given: Mapping[str, str]) -> dict[str, str]:
    try:
        return lead_terms.checked(given)
    except lead_terms.BadTerms as bad:
        raise BadRow(str(bad)) from None


def _number(told: str, region: str) -> numbers.Number:
    try:
        return numbers.read(told, region)
    except numbers.BadNumber as error:
        raise BadRow(f"the phone number {error}") from None


def _zones(number: numbers.Number, timezone: str, state: str) -> list[str]:
    own = whereabouts.time_zones(timezone, bool(number.area_code)) if timezone else None
    if timezone and not own:
        raise BadRow("the timezone is none: it must be a name such as America/New_York")
    return whereabouts.zones(number.country, number.zones, number.area_code, own, state)


def _sorted(told: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    """The fields of a lead, and what is kept with it as it is; blanks are dropped."""
    given: dict[str, str] = {}
    extra: dict[str, str] = {}
    meant = columns.fields(tuple(told))
    for header, value in told.items():
        name = meant.get(header)
        if name == "extra":
            extra |= _kept(value)
        elif name != "" and (text := _text(header, value)):
            (extra if name is None else given)[name or header.strip()] = text
    full_name = " ".join(part for part in (given.pop("first", ""), given.pop("last", "")) if part)
    if full_name:
        given["name"] = full_name
    _check_kept(extra)
    return given, extra


def _kept(value: Any) -> dict[str, str]:
    """The other columns of a lead that we exported: an object, or the text of one."""
    told = value
    if isinstance(value, str):
        try:
            told = json.loads(unprotected(value)) if value.strip() else {}
        except (ValueError, RecursionError):
            told = None
    if not isinstance(told, dict):
        return {"extra": text} if (text := _text("extra", value)) else {}
    return {name: text for name, inner in told.items() if (text := _clean(name, inner))}


def _check_kept(extra: Mapping[str, str]) -> None:
    if len(extra) > MOST_COLUMNS:
        raise BadRow(f"has too many columns: at most {MOST_COLUMNS} besides those of a lead")
    if "" in extra:
        raise BadRow("has a cell without a column: is there a separator too many?")
    for name, value in extra.items():
        if len(name) > LONGEST_COLUMN_NAME:
            raise BadRow(f"a column's name is too long: at most {LONGEST_COLUMN_NAME} characters")
        if len(value) > LONGEST_KEPT:
            raise BadRow(f"a cell is too long: at most {LONGEST_KEPT} characters")


def _text(name: str, value: Any) -> str:
    """A cell as text, without what an export puts in front of a formula."""
    return unprotected(_clean(name, value))


def _clean(name: str, value: Any) -> str:
    """A value as text; what is neither text nor a number is refused."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        value = str(value)
    if not isinstance(value, str):
        raise BadRow(f"{columns.plain(name)[:40] or 'a column'} is neither text nor a number")
    return value.replace("\r\n", "\n").translate(_CONTROL).strip()
