"""Imports leads from CSV or JSON, and reports every refused row with its line."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from autocall.leads import LeadRow, is_in_flight
from autocall.messages import Cause
from functions.leads_api.concurrent_map import map_until
from functions.leads_api.do_not_call import DncWriter
from functions.leads_api.lists.import_body import Batch, parse_csv, parse_json, refusal
from functions.leads_api.lists.lead_row import MARKED
from functions.leads_api.number_limits import within
from functions.leads_api.place_terms import missing_terms
from functions.leads_api.request import Request
from functions.leads_api.request_list import column_mapping, first_line, json_rows, reading
from functions.leads_api.response import Response
from functions.leads_api.services import Services
from functions.leads_api.store_leads import CREATED, REZONED, IncomingLead, LeadStore, NotStored, StoreResult

_MOST_ROWS_AFTER = 10_000_000


def import_leads(services: Services, request: Request) -> Response:
    """Store the leads of one request, and queue a run if there may be a lead to call.

    Numbers that are marked do-not-call are stored first, so that none of them is called meanwhile. Known leads queue a
    run too, because the request that created them may have failed before it queued one.
    """
    batch = within(_parse(services, request), services.limits)

    def asks(lead: Mapping[str, Any]) -> str | None:
        return missing_terms(services.hours(), lead, request.received_at)

    incoming = _incoming(batch, request, asks)
    refused = batch.refused + _forbid(services, request, batch.marked)
    stored = LeadStore(services.leads, request.user, request.received_at, asks).all(incoming, request.deadline)
    refused += [refused_row for result in stored for refused_row in _not_stored(result)]
    created = sum(result.became == CREATED for result in stored)
    merged = sum(len(result.lines) for result in stored if isinstance(result.became, str)) - created
    if created or merged:
        rezoned = any(result.became == REZONED for result in stored)
        services.queue.enqueue_run(request.user, Cause.HOURS if rezoned else Cause.IMPORTED, request.correlation_id)
    in_order = sorted(refused, key=lambda refused_row: int(refused_row["line"]))
    data = {"created": created, "merged": merged, "refused": in_order, "warnings": batch.warnings}
    return Response(data=data)


def _parse(services: Services, request: Request) -> Batch:
    mapping = column_mapping(request)
    with reading():
        if request.is_csv:
            return parse_csv(request.body, services.region, mapping, first_line(request))
        return parse_json(json_rows(request, "leads"), services.region, mapping, first_line(request) or 1)


def _not_stored(result: StoreResult) -> list[dict[str, Any]]:
    why = result.became
    if not isinstance(why, NotStored):
        return []
    return [refusal(line, why.code, why.reason, retry=why.retry) for line in result.lines]


def _forbid(services: Services, request: Request, marked: Mapping[str, Sequence[int]]) -> list[dict[str, Any]]:
    """Add the marked numbers to the agent's do-not-call list; returns one refusal for each marked row.

    That includes a row which has another, unmarked number and became a lead with it.
    """
    if not marked:
        return []
    forbidding = DncWriter(services, request, False, services.agents.get_agent(request.user).connections)
    rows = map_until(forbidding.add, list(marked), request.deadline)
    by_line: dict[int, dict[str, Any]] = {}
    for lines, row in zip(marked.values(), rows, strict=True):
        for line in lines:
            refused = _became_of_mark(line, row)
            if line not in by_line or refused["retry"]:
                by_line[line] = refused
    return list(by_line.values())


def _became_of_mark(line: int, row: LeadRow | None) -> dict[str, Any]:
    if row is None:
        reason = f"{MARKED}, which could not be stored: send this row again"
        return refusal(line, "mark_not_stored", reason, retry=True)
    if is_in_flight(row):
        return refusal(line, "marked", f"{MARKED}: this number is never called again, but a call to it is in flight")
    return refusal(line, "marked", f"{MARKED}: this number is never called")


def _incoming(batch: Batch, request: Request, asks: Callable[[Mapping[str, Any]], str | None]) -> list[IncomingLead]:
    """The leads with their due times, which keep the file's order: each row a millisecond later than the one before."""
    behind = len(batch.leads) + (request.integer("rows_after", 0, _MOST_ROWS_AFTER) or 0)
    return [
        IncomingLead(
            lead.lines, lead.phone, lead.about, request.received_at - (behind - index) / 1000, asks(lead.about)
        )
        for index, lead in enumerate(batch.leads, 1)
    ]
