"""Exports the leads as CSV: in one file and in calling order if one response can hold them, otherwise in parts."""

import json
import re
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from autocall.leads import is_lead
from autocall.local_time import UnknownZone, zone
from autocall.timing import now
from functions.leads_api.lead_list import after, cursor, shown
from functions.leads_api.lists import leads_csv
from functions.leads_api.request import Request
from functions.leads_api.response import HttpError, Response
from functions.leads_api.services import Services

_PAGE = 1000
_MOST_BYTES = 5_000_000  # a response may have 6 MB as JSON, and one more page is added to this
_MOST_PARTS = 1_000_000
NEXT = "x-next-cursor"
_PARTS = (*leads_csv.DESCRIBED, "extra", *leads_csv.STATE)
_PART = "THIS IS ONLY A PART of the list (part {part})"


def export_leads(services: Services, request: Request) -> Response:
    """The leads as CSV, in calling order; each of the list's own columns becomes a column of the file.

    A list that is too large for one response comes in parts, in the order of the table, with all own columns in one
    column, `extra`. The file name and the last line say so. With `pieces` the client joins the parts, and nothing is
    added.
    """
    tz = _zone(request)
    begin = after(request)
    leads, onward = _read(services, request, begin)
    part = (request.integer("part", 1, _MOST_PARTS) or 1) if begin else 1
    if not begin and not onward:
        in_order = sorted(leads, key=_calling_order)
        names = leads_csv.columns(in_order)
        return _file("leads.csv", [leads_csv.header(names), *leads_csv.lines(in_order, names, tz)])
    return _one_of_several(leads, part, onward, begin, request.boolean("pieces"), tz)


def _one_of_several(
    leads: Sequence[dict[str, Any]], part: int, onward: str | None, begin: str | None, pieces: bool, tz: ZoneInfo | None
) -> Response:
    texts: list[str] = []
    if not (begin and pieces):
        texts.append(leads_csv.header(_PARTS))
    texts += leads_csv.lines(leads, _PARTS, tz)
    following = {NEXT: onward} if onward else {}
    if pieces:
        return _file("leads.csv", texts, following)
    if onward:
        goes_on = f"the next part: cursor={onward}&part={part + 1}"
        texts.append(leads_csv.note_line((_PART.format(part=part), goes_on), len(_PARTS)))
    return _file(f"leads-part-{part}{'' if onward else '-the-last'}.csv", texts, following)


def _read(services: Services, request: Request, begin: str | None) -> tuple[list[dict[str, Any]], str | None]:
    """The leads after *begin* that fit into one response, and the cursor of the next part."""
    leads: list[dict[str, Any]] = []
    position, size = begin, 0
    while True:
        rows, position = services.leads.page(request.user, position, _PAGE)
        page = [shown(row) for row in rows if is_lead(row)]
        leads += page
        size += sum(_size(lead) for lead in page)
        if not position or size > _MOST_BYTES or now() > request.deadline:
            return leads, cursor(position)


def _size(lead: dict[str, Any]) -> int:
    """The greatest length of a lead's line; nearly all of it comes from the list's own texts."""
    described = [lead.get(name) for name in (*leads_csv.DESCRIBED, "extra", "agent_note")]
    return len(json.dumps(described)) + 450


def _calling_order(lead: dict[str, Any]) -> tuple[str, str]:
    return str(lead.get("imported_at") or ""), str(lead["lead_id"])


def _file(name: str, texts: Sequence[str], headers: dict[str, str] | None = None) -> Response:
    disposition = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(text="".join(texts), headers=disposition | (headers or {}))


def _zone(request: Request) -> ZoneInfo | None:
    name = request.query.get("timezone", "")
    if not name:
        return None
    try:
        if not re.fullmatch(r"[A-Za-z0-9_+/-]{1,64}", name):
            raise UnknownZone(name)
        return zone(name)
    except UnknownZone:
        raise HttpError(400, "bad_timezone", "timezone must be a name such as Europe/Berlin") from None
