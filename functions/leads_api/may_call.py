"""Whether a lead or a number may be called at a given time, and which rules decide it. Uses the dialer's own gates.

The answer covers hours, jurisdictions, consent, do-not-call, and how often and by whom the number was called. It does
not consider whether the lead has been called already, or whether its agent has paused. A number comes in the request's
body, never in its URL.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from autocall import reasons
from autocall.called import called_gate, per_week
from autocall.gates import Held, UnknownZone, caps_in_force, lead_gate, rules_in_force
from autocall.hours_file import load_json
from autocall.leads import LeadKey, is_lead, lead_id, number_hash, number_hashes
from autocall.terms import Terms
from autocall.timing import is_far, stamp
from functions.leads_api.request import Request, as_lead_id
from functions.leads_api.response import HttpError, Response, no_such_lead
from functions.leads_api.services import Services

_SAID = ("cite", "url", "read_on", "confidence", "note")


def of_lead(services: Services, request: Request) -> Response:
    """For one of the agent's leads, by its stored row."""
    row = services.leads.get(LeadKey(request.user, as_lead_id(request.query.get("lead", ""))))
    if not is_lead(row):
        raise no_such_lead()
    return _answer(services, request, row, request.query.get("at"))


def of_number(services: Services, request: Request) -> Response:
    """For a number and further fields of a list row; missing fields come from the agent's lead of that number."""
    from functions.leads_api.lists.bad_list import BadList, BadRow
    from functions.leads_api.lists.column_map import ColumnMap
    from functions.leads_api.lists.lead_row import MARKED, merge_into, parse_row  # the data of all telephone numbers

    fields = dict(request.json_object())
    at = fields.pop("at", None)
    try:
        about = parse_row(fields, ColumnMap.of(fields), services.region).lead
    except (BadRow, BadList) as bad:
        raise HttpError(400, "bad_field", str(bad)) from None
    if about is None:
        raise HttpError(400, "bad_field", f"the number {MARKED}")
    row = services.leads.get(LeadKey(request.user, lead_id(request.user, about["phone"])))
    if is_lead(row):
        about = merge_into(row, about) | {"phone": about["phone"]}
    return _answer(services, request, {**row, **about}, at)


def gate_view(held: Held | None) -> dict[str, Any]:
    """Why a lead is held, and until when; `until` is null if only a person's change can release it."""
    if held is None:
        return {"reason": None, "until": None}
    until = None if held.until is None else stamp(held.until)
    return {"reason": held.reason, "until": None if until is None or is_far(until) else until}


def _answer(services: Services, request: Request, row: Mapping[str, Any], at: Any) -> Response:
    moment = request.received_at if at is None else _moment(at)
    profile = services.agents.get_profile(request.user)
    terms = Terms.of(row, recorded=services.lines is None)
    zones, hours = row.get("zones") or (), services.hours()
    held: Held | None = Held(reasons.DNC)
    if not row.get("dnc") and not services.installation_table.is_forbidden(*number_hashes(row["phone"])):
        closed = services.installation_table.get_installation().closed
        held = lead_gate(zones, profile.get("window"), hours, moment, terms, closed)
        held = held or _number_gate(services, request.user, row, terms, moment)
    try:
        rules = [] if hours.unrestricted else [name for name, _ in rules_in_force(zones, hours, moment, terms)]
    except UnknownZone:
        rules = []
    name = str(services.installation["calling_hours"])
    return Response(
        data={"may": held is None, **gate_view(held), "at": stamp(moment), "zones": list(zones)}
        | {"rules": [_rule(name, jurisdiction) for jurisdiction in dict.fromkeys(rules)]}
    )


def _number_gate(services: Services, user: str, row: Mapping[str, Any], terms: Terms, moment: float) -> Held | None:
    """Whether a colleague has called the number lately, or all together have called it as often as they may."""
    called = services.called_table.get(number_hash(row["phone"]), moment)
    caps = caps_in_force(row.get("zones") or (), services.hours(), moment, terms)
    caps.add(per_week(services.installation_table.get_settings().again_per_week))
    return called_gate(called, user, caps, services.colleague_days, moment)


def _rule(name: str, jurisdiction: str) -> dict[str, Any]:
    """A rule from the hours file, with its source; fields that an installation's own file omits are null."""
    rule = _written(load_json(name), jurisdiction)
    said = {key: rule.get(key) for key in _SAID}
    says = {key: value for key, value in rule.items() if key not in (*_SAID, "states")}
    return {"place": jurisdiction, **said, "rule": says}


def _written(hours: Mapping[str, Any], jurisdiction: str) -> Mapping[str, Any]:
    country, _, state = jurisdiction.partition("-")
    rule = hours["world"] if jurisdiction == "world" else hours["countries"][country]
    rule = hours["countries"][rule] if isinstance(rule, str) else rule
    found: Mapping[str, Any] = rule["states"][state] if state else rule
    return found


def _moment(value: Any) -> float:
    try:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo and 2000 <= moment.year < 2100:
            return moment.timestamp()
    except (TypeError, ValueError):
        pass
    raise HttpError(400, "bad_field", "at must be a time with its zone, such as 2026-12-24T09:30:00Z")
