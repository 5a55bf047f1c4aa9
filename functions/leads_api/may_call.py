"""May this lead, or this number, be called at a moment, and by which rules? The gates of the dialer, asked by a person.

The answer is about hours, places, consent and do-not-call; whether the lead has been called already, or its agent has
paused, is not in it. A number is told in the body of a request, never in its address.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from autocall import reasons
from autocall.gates import Held, UnknownZone, lead_gate, rules_in_force
from autocall.hours_file import load_json
from autocall.leads import Row, is_lead, lead_id, number_hashes
from autocall.terms import Terms
from autocall.timing import is_far, stamp
from functions.leads_api.request import Request, as_lead_id
from functions.leads_api.response import HttpError, Response, no_such_lead
from functions.leads_api.services import Services

_SAID = ("cite", "url", "read_on", "confidence", "note")


def of_lead(tools: Services, request: Request) -> Response:
    """For a lead of the caller, as its row stands."""
    row = tools.leads.get(request.user, as_lead_id(request.query.get("lead", "")))
    if not is_lead(row):
        raise no_such_lead()
    return _answer(tools, request, row, request.query.get("at"))


def of_number(tools: Services, request: Request) -> Response:
    """For a number and what else a row of a list may say of it; what the caller's own lead of it says stands behind."""
    from functions.leads_api.lists.bad_list import BadList, BadRow
    from functions.leads_api.lists.column_map import ColumnMap
    from functions.leads_api.lists.lead_row import MARKED, merge_into, parse_row  # the data of all telephone numbers

    told = dict(request.json_object())
    at = told.pop("at", None)
    try:
        about = parse_row(told, ColumnMap.of(told), tools.region).lead
    except (BadRow, BadList) as bad:
        raise HttpError(400, "bad_field", str(bad)) from None
    if about is None:
        raise HttpError(400, "bad_field", f"the number {MARKED}")
    row = tools.leads.get(request.user, lead_id(request.user, about["phone"]))
    if is_lead(row):
        about = merge_into(row, about) | {"phone": about["phone"]}
    return _answer(tools, request, {**row, **about}, at)


def gate_view(held: Held | None) -> dict[str, Any]:
    """Why a lead is held, and until when; null, if only a change by a person helps."""
    if held is None:
        return {"reason": None, "until": None}
    until = None if held.until is None else stamp(held.until)
    return {"reason": held.reason, "until": None if until is None or is_far(until) else until}


def _answer(tools: Services, request: Request, row: Row, at: Any) -> Response:
    moment = request.received_at if at is None else _moment(at)
    profile = tools.agents.get_profile(request.user)
    terms = Terms.of(row, recorded=tools.lines is None)
    zones, hours = row.get("zones") or (), tools.hours()
    held: Held | None = Held(reasons.DNC)
    if not row.get("dnc") and not tools.installation_table.is_forbidden(*number_hashes(row["phone"])):
        closed = tools.installation_table.get_installation().closed
        held = lead_gate(zones, profile.get("window"), hours, moment, terms, closed)
    try:
        rules = [] if hours.unrestricted else [name for name, _ in rules_in_force(zones, hours, moment, terms)]
    except UnknownZone:
        rules = []
    name = str(tools.installation["calling_hours"])
    return Response(
        data={"may": held is None, **gate_view(held), "at": stamp(moment), "zones": list(zones)}
        | {"rules": [_rule(name, place) for place in dict.fromkeys(rules)]}
    )


def _rule(name: str, place: str) -> dict[str, Any]:
    """A rule as the file has it, and where it comes from; what an installation's own file does not say is null."""
    rule = _written(load_json(name), place)
    said = {key: rule.get(key) for key in _SAID}
    says = {key: value for key, value in rule.items() if key not in (*_SAID, "states")}
    return {"place": place, **said, "rule": says}


def _written(told: Mapping[str, Any], place: str) -> Mapping[str, Any]:
    country, _, state = place.partition("-")
    rule = told["world"] if place == "world" else told["countries"][country]
    rule = told["countries"][rule] if isinstance(rule, str) else rule
    found: Mapping[str, Any] = rule["states"][state] if state else rule
    return found


def _moment(told: Any) -> float:
    try:
        read = datetime.fromisoformat(told)
        if read.tzinfo and 2000 <= read.year < 2100:
            return read.timestamp()
    except (TypeError, ValueError):
        pass
    raise HttpError(400, "bad_field", "at is a moment with its zone, such as 2026-12-24T09:30:00Z")
